//! One-time codes that prove a phone (N-01 to N-04). A code is kept as a keyed digest; guesses are counted by number and across codes, so that
//! a new code gives no new tries.
//!
//! Where a carrier's service makes the code, the digits here never leave and prove nothing. A guess at such a code is counted before the service
//! is asked, so that guesses made at once are not more than the limits let through (TW-20).

use crate::consent_log::{self, ConsentRecord};
use crate::entry::Entry;
use crate::numbers::NumberKey;
use crate::people::{self, StoredContact};
use crate::tasks::{self, NewTask};
use crate::when::{from_micros, micros};
use crate::{StoreError, Tx};
use jiff::Timestamp;
use wellsent_db::{Row, args, statements};
use wellsent_domain::consent::{Act, Channel};
use wellsent_domain::task::TaskKind;
use wellsent_domain::verification::{CODE_LIFE, FAILURES_IN_A_ROW, Guesses, Limit, TRIES_PER_CODE, Tried};
use wellsent_domain::{CodeId, ConsentEventId, ContactPointId, PageId, Phi, PhoneNumber};

statements! {
    GUESSES = sqlite "SELECT hour_began_at, codes_in_hour, failures_in_hour, failures_in_a_row FROM code_guess WHERE practice_id = $1 AND number_idx = $2"
        postgres "SELECT hour_began_at, codes_in_hour, failures_in_hour, failures_in_a_row FROM code_guess WHERE practice_id = $1 AND number_idx = $2 FOR UPDATE";
    BEGIN_GUESSES = "INSERT INTO code_guess (practice_id, number_idx, hour_began_at, codes_in_hour, failures_in_hour, failures_in_a_row) VALUES ($1, $2, 0, 0, 0, 0) ON CONFLICT (practice_id, number_idx) DO NOTHING";
    SET_GUESSES = "UPDATE code_guess SET hour_began_at = $3, codes_in_hour = $4, failures_in_hour = $5, failures_in_a_row = $6 WHERE practice_id = $1 AND number_idx = $2";
    INSERT = "INSERT INTO verification_code (id, practice_id, person_id, contact_point_id, number_idx, page_id, digest, request_id, asked_at, expires_at, tries) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)";
    OPEN_OF_CONTACT = "SELECT id, digest, contact_point_id, service FROM verification_code WHERE practice_id = $1 AND contact_point_id = $2 AND used_at IS NULL AND expires_at > $3 AND tries < $4 ORDER BY asked_at DESC, id DESC LIMIT 1";
    OPEN_OF_NUMBER = "SELECT id, digest, contact_point_id, service FROM verification_code WHERE practice_id = $1 AND number_idx = $2 AND used_at IS NULL AND expires_at > $3 AND tries < $4 ORDER BY asked_at DESC, id DESC LIMIT 10";
    USE = "UPDATE verification_code SET used_at = $3 WHERE practice_id = $1 AND id = $2 AND used_at IS NULL";
    TRIED = "UPDATE verification_code SET tries = tries + 1 WHERE practice_id = $1 AND id = $2";
    UNTRIED = "UPDATE verification_code SET tries = tries - 1 WHERE practice_id = $1 AND id = $2 AND tries > 0";
    SET_SERVICE = "UPDATE verification_code SET service = $3 WHERE practice_id = $1 AND request_id = $2 AND coalesce(service, '') <> coalesce($3, '')";
    DROP_OLDER = "UPDATE verification_code SET used_at = $3 WHERE practice_id = $1 AND contact_point_id = $2 AND used_at IS NULL";
}

/// A code to be kept.
#[derive(Debug, Clone)]
pub struct NewCode<'a> {
    /// The phone.
    pub contact: &'a StoredContact,
    /// The digits.
    pub code: &'a Phi<String>,
    /// By which way it was asked for.
    pub channel: Channel,
    /// For which page, where it opens one.
    pub page: Option<PageId>,
}

/// Keeps a code and counts it, or says why none may be sent. The event that it gives is the basis on which the code goes (T-00). An older code of
/// the phone can no longer be used.
pub fn ask(tx: &mut Tx<'_, '_>, new: &NewCode<'_>, now: Timestamp) -> Result<Result<(CodeId, ConsentEventId), Limit>, StoreError> {
    let (practice, number, contact) = (tx.practice(), new.contact.number, new.contact.contact.id);
    let counted = match guesses(tx, number)?.ask(now) {
        Ok(counted) => counted,
        Err(limit) => {
            tx.record(now, Entry::new("code_refused", now).word("contact_point", contact));
            return Ok(Err(limit));
        }
    };
    set_guesses(tx, number, counted)?;
    tx.execute(DROP_OLDER, &args![practice.bytes(), contact.bytes(), micros(now)])?;
    let id = tx.fresh(now, CodeId::from_uuid);
    let person = new.contact.contact.person;
    let digest = tx.digest("code", &secret(id, new.code.expose()));
    let record =
        ConsentRecord { person, contact_point: contact, channel: new.channel, wording: None, language: None, evidence: None, at: now };
    let event = consent_log::append(tx, record, Act::CodeAsked)?;
    tx.execute(
        INSERT,
        &args![
            id.bytes(),
            practice.bytes(),
            person.bytes(),
            contact.bytes(),
            number.0,
            new.page.map(|page| page.bytes()),
            digest,
            event.bytes(),
            micros(now),
            micros(now + CODE_LIFE),
        ],
    )?;
    Ok(Ok((id, event)))
}

/// Remembers which account's service makes a code, or that it goes as a text of ours. That is decided in the transaction that lets the code go.
pub fn set_service(tx: &mut Tx<'_, '_>, request: ConsentEventId, service: Option<&str>) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(SET_SERVICE, &args![practice.bytes(), request.bytes(), service])?;
    Ok(())
}

/// What is tried and for which phone.
#[derive(Debug, Clone, Copy)]
pub enum TryAt {
    /// Typed at the desk, on the check-in screen or on a page: for this phone.
    Contact(ContactPointId),
    /// Texted back: for whoever at the number has asked for one.
    Number(NumberKey),
}

/// Looks at a code. One that is right is used up, and of two who try it at once one gets in. It proves the phone now, and is no proof of who
/// somebody is (N-14). A code that a service made is not looked at; [`count_for_service`] is for that.
pub fn try_code(
    tx: &mut Tx<'_, '_>,
    at: TryAt,
    code: &str,
    channel: Channel,
    now: Timestamp,
) -> Result<(Tried, Option<ContactPointId>), StoreError> {
    let practice = tx.practice();
    let number = match at {
        TryAt::Number(number) => number,
        TryAt::Contact(contact) => people::contact_point(tx, contact)?.number,
    };
    let before = guesses(tx, number)?;
    match before.may_try(now) {
        Ok(()) => {}
        Err(limit) => {
            tx.record(now, Entry::new("code_try", now).word("result", "limit"));
            return Ok((if limit == Limit::Locked { Tried::Locked } else { Tried::TooMany }, None));
        }
    }
    let tries = i64::from(TRIES_PER_CODE);
    let rows = match at {
        TryAt::Contact(contact) => tx.query(OPEN_OF_CONTACT, &args![practice.bytes(), contact.bytes(), micros(now), tries])?,
        TryAt::Number(number) => tx.query(OPEN_OF_NUMBER, &args![practice.bytes(), number.0, micros(now), tries])?,
    };
    let open: Vec<Open> = rows.iter().map(open).collect::<Result<_, _>>()?;
    let (elsewhere, open): (Vec<_>, Vec<_>) = open.into_iter().partition(|open| open.service.is_some());
    if open.is_empty() && !elsewhere.is_empty() {
        return Ok((Tried::Unchecked, None));
    }
    // Every open code is compared, so that the time taken does not tell which one is nearer.
    let right: Vec<&Open> = open.iter().filter(|open| tx.digest_matches("code", &secret(open.id, code), &open.digest)).collect();
    if let Some(found) = right.first()
        && tx.execute(USE, &args![practice.bytes(), found.id.bytes(), micros(now)])? == 1
    {
        set_guesses(tx, number, before.passed(now))?;
        people::set_verified(tx, found.contact, channel, now)?;
        return Ok((Tried::Passed, Some(found.contact)));
    }
    if open.is_empty() && matches!(at, TryAt::Number(_)) {
        // Six digits from a phone that was sent no code are something else.
        return Ok((Tried::NoCode, None));
    }
    let failed: Vec<_> = open.iter().map(|open| args![practice.bytes(), open.id.bytes()]).collect();
    tx.execute_many(TRIED, &failed)?;
    let after = before.failed(now);
    set_guesses(tx, number, after)?;
    let result = if open.is_empty() { Tried::NoCode } else { Tried::Wrong };
    tx.record(
        now,
        Entry::new("code_try", now).word("result", result.as_str()).word_if("contact_point", open.first().map(|open| open.contact)),
    );
    if after.may_try(now).is_err() {
        alarm(tx, number, after, now)?;
    }
    Ok((if elsewhere.is_empty() { result } else { Tried::Unchecked }, None))
}

/// Tells staff that no further guess is looked at for a while.
fn alarm(tx: &mut Tx<'_, '_>, number: NumberKey, after: Guesses, now: Timestamp) -> Result<(), StoreError> {
    let person = people::contacts_at(tx, number)?.first().map(|contact| contact.contact.person);
    let locked = after.failures_in_a_row >= FAILURES_IN_A_ROW;
    tx.record(now, Entry::new("alarm", now).word("what", if locked { "codes_locked" } else { "codes_guessed" }).word_if("person", person));
    tasks::open_once(tx, &NewTask { kind: TaskKind::GuessedCodes, person, ..NewTask::default() }, now)?;
    Ok(())
}

/// A guess that a service has to be asked about; it is counted as failed until the service says otherwise.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The account whose service made the code.
    pub service: String,
    /// The phone.
    pub to: Phi<PhoneNumber>,
    code: CodeId,
    contact: ContactPointId,
    number: NumberKey,
    counted: Guesses,
}

/// What a service says about a guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// It is the code.
    Right,
    /// It is not.
    Wrong,
    /// No code waits there any more.
    Gone,
    /// Nothing.
    Nothing,
}

/// Counts a guess at a code that a service made (N-04). `None` where the phone's newest code is our own, none waits, or no guess is allowed:
/// then [`try_code`] says what there is to say.
pub fn count_for_service(tx: &mut Tx<'_, '_>, contact: ContactPointId, now: Timestamp) -> Result<Option<Asked>, StoreError> {
    let (practice, stored) = (tx.practice(), people::contact_point(tx, contact)?);
    let number = stored.number;
    // Guesses at a number take turns here.
    let before = guesses(tx, number)?;
    if before.may_try(now).is_err() {
        return Ok(None);
    }
    let tries = i64::from(TRIES_PER_CODE);
    let newest = tx.query_opt(OPEN_OF_CONTACT, &args![practice.bytes(), contact.bytes(), micros(now), tries])?;
    let Some(Open { id: code, service: Some(service), .. }) = newest.as_ref().map(open).transpose()? else { return Ok(None) };
    tx.execute(TRIED, &args![practice.bytes(), code.bytes()])?;
    let counted = before.failed(now);
    set_guesses(tx, number, counted)?;
    Ok(Some(Asked { service, to: stored.contact.number, code, contact, number, counted }))
}

/// Records what the service said about a guess. A right one proves the phone once; a guess that it did not look at is given back.
pub fn record_said(tx: &mut Tx<'_, '_>, asked: &Asked, said: Said, channel: Channel, now: Timestamp) -> Result<Tried, StoreError> {
    let practice = tx.practice();
    let before = guesses(tx, asked.number)?;
    let tried = match said {
        Said::Right if tx.execute(USE, &args![practice.bytes(), asked.code.bytes(), micros(now)])? == 1 => {
            set_guesses(tx, asked.number, before.passed(now))?;
            people::set_verified(tx, asked.contact, channel, now)?;
            return Ok(Tried::Passed);
        }
        Said::Right | Said::Gone => Tried::NoCode,
        Said::Wrong => Tried::Wrong,
        Said::Nothing => {
            tx.execute(UNTRIED, &args![practice.bytes(), asked.code.bytes()])?;
            set_guesses(tx, asked.number, before.given_back(asked.counted.hour_began_at))?;
            Tried::Unchecked
        }
    };
    let entry = Entry::new("code_try", now).word("result", tried.as_str()).word("service", &asked.service);
    tx.record(now, entry.word("contact_point", asked.contact));
    if tried != Tried::Unchecked && asked.counted.may_try(now).is_err() {
        alarm(tx, asked.number, asked.counted, now)?;
    }
    Ok(tried)
}

/// Lets codes be tried again at a number that too many failures locked (N-04).
pub fn unlock(tx: &mut Tx<'_, '_>, contact: ContactPointId, now: Timestamp) -> Result<(), StoreError> {
    let number = people::contact_point(tx, contact)?.number;
    let passed = guesses(tx, number)?.passed(now);
    set_guesses(tx, number, passed)?;
    tx.record(now, Entry::new("codes_unlocked", now).word("contact_point", contact));
    Ok(())
}

/// What was tried at a number.
pub fn guesses(tx: &mut Tx<'_, '_>, number: NumberKey) -> Result<Guesses, StoreError> {
    let practice = tx.practice();
    tx.execute(BEGIN_GUESSES, &args![practice.bytes(), number.0])?;
    let row = tx.query_opt(GUESSES, &args![practice.bytes(), number.0])?.ok_or(StoreError::NotFound { what: "number" })?;
    let count = |column| Ok::<_, StoreError>(u32::try_from(row.int(column)?).unwrap_or(u32::MAX));
    Ok(Guesses {
        hour_began_at: from_micros(row.int(0)?),
        codes_in_hour: count(1)?,
        failures_in_hour: count(2)?,
        failures_in_a_row: count(3)?,
    })
}

fn set_guesses(tx: &mut Tx<'_, '_>, number: NumberKey, counted: Guesses) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(
        SET_GUESSES,
        &args![
            practice.bytes(),
            number.0,
            micros(counted.hour_began_at),
            counted.codes_in_hour,
            counted.failures_in_hour,
            counted.failures_in_a_row,
        ],
    )?;
    Ok(())
}

struct Open {
    id: CodeId,
    digest: Vec<u8>,
    contact: ContactPointId,
    service: Option<String>,
}

fn open(row: &Row) -> Result<Open, StoreError> {
    Ok(Open {
        id: CodeId::from_bytes(row.id(0)?),
        digest: row.blob(1)?.to_vec(),
        contact: ContactPointId::from_bytes(row.id(2)?),
        service: row.opt_text(3)?.map(str::to_owned),
    })
}

/// What is digested: the code together with its id, so that equal codes do not show as equal.
fn secret(id: CodeId, code: &str) -> Vec<u8> {
    let mut bytes = id.bytes().to_vec();
    bytes.extend_from_slice(code.as_bytes());
    bytes
}
