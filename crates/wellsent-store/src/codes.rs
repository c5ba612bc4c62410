//! One-time codes that prove a phone (N-01 to N-04). A code is kept as a keyed digest; guesses are counted by number and across codes, so that
//! a new code gives no new tries.

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
use wellsent_domain::{CodeId, ConsentEventId, ContactPointId, PageId, Phi};

statements! {
    GUESSES = sqlite "SELECT hour_began_at, codes_in_hour, failures_in_hour, failures_in_a_row FROM code_guess WHERE practice_id = $1 AND number_idx = $2"
        postgres "SELECT hour_began_at, codes_in_hour, failures_in_hour, failures_in_a_row FROM code_guess WHERE practice_id = $1 AND number_idx = $2 FOR UPDATE";
    BEGIN_GUESSES = "INSERT INTO code_guess (practice_id, number_idx, hour_began_at, codes_in_hour, failures_in_hour, failures_in_a_row) VALUES ($1, $2, 0, 0, 0, 0) ON CONFLICT (practice_id, number_idx) DO NOTHING";
    SET_GUESSES = "UPDATE code_guess SET hour_began_at = $3, codes_in_hour = $4, failures_in_hour = $5, failures_in_a_row = $6 WHERE practice_id = $1 AND number_idx = $2";
    INSERT = "INSERT INTO verification_code (id, practice_id, person_id, contact_point_id, number_idx, page_id, digest, asked_at, expires_at, tries) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)";
    OPEN_OF_CONTACT = "SELECT id, digest, contact_point_id FROM verification_code WHERE practice_id = $1 AND contact_point_id = $2 AND used_at IS NULL AND expires_at > $3 AND tries < $4 ORDER BY asked_at DESC, id DESC LIMIT 1";
    OPEN_OF_NUMBER = "SELECT id, digest, contact_point_id FROM verification_code WHERE practice_id = $1 AND number_idx = $2 AND used_at IS NULL AND expires_at > $3 AND tries < $4 ORDER BY asked_at DESC, id DESC LIMIT 10";
    USE = "UPDATE verification_code SET used_at = $3 WHERE practice_id = $1 AND id = $2 AND used_at IS NULL";
    TRIED = "UPDATE verification_code SET tries = tries + 1 WHERE practice_id = $1 AND id = $2";
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
            micros(now),
            micros(now + CODE_LIFE),
        ],
    )?;
    let record =
        ConsentRecord { person, contact_point: contact, channel: new.channel, wording: None, language: None, evidence: None, at: now };
    let event = consent_log::append(tx, record, Act::CodeAsked)?;
    Ok(Ok((id, event)))
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
/// somebody is (N-14).
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
        let person = people::contacts_at(tx, number)?.first().map(|contact| contact.contact.person);
        let locked = after.failures_in_a_row >= FAILURES_IN_A_ROW;
        tx.record(
            now,
            Entry::new("alarm", now).word("what", if locked { "codes_locked" } else { "codes_guessed" }).word_if("person", person),
        );
        tasks::open_once(tx, &NewTask { kind: TaskKind::GuessedCodes, person, ..NewTask::default() }, now)?;
    }
    Ok((result, None))
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
}

fn open(row: &Row) -> Result<Open, StoreError> {
    Ok(Open { id: CodeId::from_bytes(row.id(0)?), digest: row.blob(1)?.to_vec(), contact: ContactPointId::from_bytes(row.id(2)?) })
}

/// What is digested: the code together with its id, so that equal codes do not show as equal.
fn secret(id: CodeId, code: &str) -> Vec<u8> {
    let mut bytes = id.bytes().to_vec();
    bytes.extend_from_slice(code.as_bytes());
    bytes
}
