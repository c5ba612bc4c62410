//! Pages behind a link (H-03). The link, the desk's code and the cookie of an opened page are kept as digests; what a page says is sealed.

use crate::entry::Entry;
use crate::tasks::{self, NewTask};
use crate::when::{from_micros, micros};
use crate::words::word;
use crate::{Actor, StoreError, SystemTx, Tx, people};
use jiff::Timestamp;
use jiff::civil::Date;
use wellsent_db::{Row, args, statements};
use wellsent_domain::secure_page::{BirthDateGuesses, Factor, PageKind, PageState, SESSION_IDLE, SESSION_LIFE};
use wellsent_domain::task::TaskKind;
use wellsent_domain::{ContactPointId, Language, MessageId, PageId, PersonId, Phi, PracticeId};
use wellsent_ledger::leaf_hash;

statements! {
    INSERT = "INSERT INTO secure_page (id, practice_id, person_id, contact_point_id, message_id, kind, factor, language, body_sealed, made_by, made_at, expires_at, tries) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0 FROM contact_point WHERE practice_id = $2 AND person_id = $3 AND id = $4";
    ADD_KEY = "INSERT INTO page_key (digest, kind, practice_id, page_id, made_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $5, $6) ON CONFLICT (digest) DO NOTHING";
    KEY = "SELECT practice_id, page_id, made_at, seen_at, expires_at, ended_at FROM page_key WHERE digest = $1 AND kind = $2";
    DROP_DESK_KEY = "DELETE FROM page_key WHERE digest = $1 AND kind = 'desk' AND (expires_at <= $2 OR ended_at IS NOT NULL)";
    SEEN = "UPDATE page_key SET seen_at = $2 WHERE digest = $1 AND ended_at IS NULL";
    END_KEY = "UPDATE page_key SET ended_at = $2 WHERE digest = $1 AND ended_at IS NULL";
    END_KEYS = "UPDATE page_key SET ended_at = $2 WHERE page_id = $1 AND ended_at IS NULL";
    GET = "SELECT id, person_id, contact_point_id, message_id, kind, factor, language, body_sealed, made_by, made_at, expires_at, revoked_at, read_at, done_at, tries FROM secure_page WHERE practice_id = $1 AND id = $2";
    OF_PERSON = "SELECT id, person_id, contact_point_id, message_id, kind, factor, language, body_sealed, made_by, made_at, expires_at, revoked_at, read_at, done_at, tries FROM secure_page WHERE practice_id = $1 AND person_id = $2 ORDER BY made_at DESC, id DESC LIMIT $3";
    OF_MESSAGE = "SELECT id, person_id, contact_point_id, message_id, kind, factor, language, body_sealed, made_by, made_at, expires_at, revoked_at, read_at, done_at, tries FROM secure_page WHERE practice_id = $1 AND message_id = $2 ORDER BY id DESC LIMIT 1";
    FAILED = "UPDATE secure_page SET tries = tries + 1 WHERE practice_id = $1 AND id = $2";
    PASSED = "UPDATE secure_page SET tries = 0 WHERE practice_id = $1 AND id = $2";
    READ = "UPDATE secure_page SET read_at = $3 WHERE practice_id = $1 AND id = $2 AND read_at IS NULL";
    DONE = "UPDATE secure_page SET done_at = $3 WHERE practice_id = $1 AND id = $2";
    DONE_ONCE = "UPDATE secure_page SET done_at = $3 WHERE practice_id = $1 AND id = $2 AND done_at IS NULL";
    KEEP_DRAFT = "UPDATE secure_page SET body_sealed = $3 WHERE practice_id = $1 AND id = $2 AND kind = 'check_in'";
    SET_CONTACT = "UPDATE secure_page SET contact_point_id = $3 WHERE practice_id = $1 AND id = $2 AND EXISTS (SELECT 1 FROM contact_point WHERE practice_id = $1 AND id = $3)";
    REVOKE = "UPDATE secure_page SET revoked_at = $3 WHERE practice_id = $1 AND id = $2 AND revoked_at IS NULL";
    BEGIN_BIRTH_GUESSES = "INSERT INTO birth_date_guess (practice_id, person_id, failures, last_at) VALUES ($1, $2, 0, 0) ON CONFLICT (practice_id, person_id) DO NOTHING";
    BIRTH_GUESSES = sqlite "SELECT failures, last_at FROM birth_date_guess WHERE practice_id = $1 AND person_id = $2"
        postgres "SELECT failures, last_at FROM birth_date_guess WHERE practice_id = $1 AND person_id = $2 FOR UPDATE";
    SET_BIRTH_GUESSES = "UPDATE birth_date_guess SET failures = $3, last_at = $4 WHERE practice_id = $1 AND person_id = $2";
}

/// A page to be made.
#[derive(Debug, Clone)]
pub struct NewPage {
    /// Whose.
    pub person: PersonId,
    /// The phone that proves it.
    pub contact_point: ContactPointId,
    /// The text that brings the link.
    pub message: Option<MessageId>,
    /// What it is for.
    pub kind: PageKind,
    /// What opens it.
    pub factor: Factor,
    /// In which language.
    pub language: Language,
    /// What it says, for a message.
    pub body: Option<Phi<String>>,
}

/// A page.
#[derive(Debug, Clone)]
pub struct StoredPage {
    /// Its id.
    pub id: PageId,
    /// Whose.
    pub person: PersonId,
    /// The phone that proves it.
    pub contact_point: ContactPointId,
    /// The text that brought the link.
    pub message: Option<MessageId>,
    /// What it is for.
    pub kind: PageKind,
    /// What opens it.
    pub factor: Factor,
    /// In which language.
    pub language: Language,
    /// What it says.
    pub body: Option<Phi<String>>,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// Whether and until when it opens.
    pub state: PageState,
    /// When it was first read.
    pub read_at: Option<Timestamp>,
    /// When what it asks was done.
    pub done_at: Option<Timestamp>,
}

/// How a page is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// The link in the text.
    Link,
    /// The code that staff read out.
    Desk,
    /// The cookie of an opened page.
    Session,
}

impl KeyKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Desk => "desk",
            Self::Session => "session",
        }
    }
}

/// The page that a key leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The practice.
    pub practice: PracticeId,
    /// The page.
    pub page: PageId,
}

fn digest(kind: KeyKind, secret: &str) -> [u8; 32] {
    *leaf_hash(format!("{}/{secret}", kind.as_str()).as_bytes()).as_bytes()
}

/// Makes a page.
pub fn make(tx: &mut Tx<'_, '_>, new: &NewPage, now: Timestamp) -> Result<PageId, StoreError> {
    let id = tx.fresh(now, PageId::from_uuid);
    let (practice, actor) = (tx.practice(), tx.actor().to_string());
    let body_sealed = new.body.as_ref().map(|body| tx.seal("secure_page", "body", &id.bytes(), body.expose().as_bytes()));
    let made = tx.execute(
        INSERT,
        &args![
            id.bytes(),
            practice.bytes(),
            new.person.bytes(),
            new.contact_point.bytes(),
            new.message.map(|id| id.bytes()),
            new.kind.as_str(),
            new.factor.as_str(),
            new.language.as_str(),
            body_sealed,
            actor,
            micros(now),
            micros(now + new.kind.life()),
        ],
    )?;
    if made == 0 {
        return Err(StoreError::NotFound { what: "contact point" });
    }
    let entry = Entry::new("page_made", now).word("page", id).word("person", new.person).word("kind", new.kind.as_str());
    tx.record(now, entry.word("factor", new.factor.as_str()).word_if("message", new.message));
    Ok(id)
}

/// Gives a page a key: a link, or a code at the desk. `false` if the key is taken by another page, which only a short code can be.
pub fn add_key(tx: &mut Tx<'_, '_>, page: PageId, kind: KeyKind, secret: &str, now: Timestamp) -> Result<bool, StoreError> {
    let practice = tx.practice();
    let expires_at = match kind {
        KeyKind::Session => now + SESSION_LIFE,
        KeyKind::Link | KeyKind::Desk => get(tx, page)?.state.expires_at,
    };
    let digest = digest(kind, secret);
    tx.execute(DROP_DESK_KEY, &args![digest, micros(now)])?;
    let args = args![digest, kind.as_str(), practice.bytes(), page.bytes(), micros(now), micros(expires_at)];
    Ok(tx.execute(ADD_KEY, &args)? == 1)
}

/// The page that a link or a desk's code leads to, if it leads anywhere now. Looking at it changes nothing.
pub fn find(tx: &mut SystemTx<'_, '_>, kind: KeyKind, secret: &str, now: Timestamp) -> Result<Option<Place>, StoreError> {
    let Some(row) = tx.raw.query_opt(KEY, &args![digest(kind, secret), kind.as_str()])? else { return Ok(None) };
    let (seen_at, expires_at) = (from_micros(row.int(3)?), from_micros(row.int(4)?));
    let idle = kind == KeyKind::Session && now.duration_since(seen_at) > SESSION_IDLE;
    if row.opt_int(5)?.is_some() || now >= expires_at || idle {
        return Ok(None);
    }
    Ok(Some(Place { practice: PracticeId::from_bytes(row.id(0)?), page: PageId::from_bytes(row.id(1)?) }))
}

/// The page that a link led to once, whatever became of it: so that a dead link can look as it did when it was alive.
pub fn find_dead(tx: &mut SystemTx<'_, '_>, link: &str) -> Result<Option<Place>, StoreError> {
    let row = tx.raw.query_opt(KEY, &args![digest(KeyKind::Link, link), KeyKind::Link.as_str()])?;
    row.map(|row| Ok(Place { practice: PracticeId::from_bytes(row.id(0)?), page: PageId::from_bytes(row.id(1)?) })).transpose()
}

/// Notes an act of whoever opened the page.
pub fn seen(tx: &mut Tx<'_, '_>, session: &str, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(SEEN, &args![digest(KeyKind::Session, session), micros(now)])?;
    Ok(())
}

/// Ends one key: closes an opened page, or uses up a desk's code. `false` if it was over already: of two who use a code at once, one gets in.
pub fn end_key(tx: &mut Tx<'_, '_>, kind: KeyKind, secret: &str, now: Timestamp) -> Result<bool, StoreError> {
    Ok(tx.execute(END_KEY, &args![digest(kind, secret), micros(now)])? == 1)
}

/// Records that somebody tried an address that leads nowhere: a mistyped link, a preview, or a guess.
pub fn record_probe(tx: &mut SystemTx<'_, '_>, tries: i64, alarm: bool, now: Timestamp) {
    let kind = if alarm { "alarm" } else { "page_probe" };
    tx.record(now, Actor::System, Entry::new(kind, now).word("what", "page_links_guessed").number("tries", tries));
}

/// A page.
pub fn get(tx: &mut Tx<'_, '_>, id: PageId) -> Result<StoredPage, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(GET, &args![practice.bytes(), id.bytes()])?.ok_or(StoreError::NotFound { what: "page" })?;
    page(tx, &row)
}

/// The pages of a person, the newest first.
pub fn of_person(tx: &mut Tx<'_, '_>, person: PersonId, limit: i64) -> Result<Vec<StoredPage>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(OF_PERSON, &args![practice.bytes(), person.bytes(), limit])?;
    rows.iter().map(|row| page(tx, row)).collect()
}

/// The page whose link a message brings.
pub fn of_message(tx: &mut Tx<'_, '_>, message: MessageId) -> Result<Option<StoredPage>, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(OF_MESSAGE, &args![practice.bytes(), message.bytes()])?;
    row.map(|row| page(tx, &row)).transpose()
}

/// Counts a failed try at the second fact, and alarms where it was the last.
pub fn failed(tx: &mut Tx<'_, '_>, id: PageId, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(FAILED, &args![practice.bytes(), id.bytes()])?;
    let page = get(tx, id)?;
    tx.record(now, Entry::new("page_try", now).word("page", id).word("result", "failed").number("tries", i64::from(page.state.tries)));
    if !page.state.may_try(now) {
        tx.record(now, Entry::new("alarm", now).word("what", "page_guessed").word("page", id));
        let task = NewTask { kind: TaskKind::GuessedCodes, person: Some(page.person), ..NewTask::default() };
        tasks::open_once(tx, &task, now)?;
    }
    Ok(())
}

/// Opens a page to whoever gave the second fact: the key of the session is theirs.
pub fn open(tx: &mut Tx<'_, '_>, id: PageId, session: &str, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(PASSED, &args![practice.bytes(), id.bytes()])?;
    add_key(tx, id, KeyKind::Session, session, now)?;
    tx.record(now, Entry::new("page_opened", now).word("page", id));
    Ok(())
}

/// Whether a birth date opens a page of a person. It is a confirmation and not a secret: five wrong ones in a row, whatever the number of pages,
/// and none is looked at for a day.
pub fn birth_date_opens(tx: &mut Tx<'_, '_>, person: PersonId, given: Option<Date>, now: Timestamp) -> Result<bool, StoreError> {
    let practice = tx.practice();
    // Who guesses at once from many places waits here for each other.
    tx.execute(BEGIN_BIRTH_GUESSES, &args![practice.bytes(), person.bytes()])?;
    let row = tx.query_opt(BIRTH_GUESSES, &args![practice.bytes(), person.bytes()])?.ok_or(StoreError::NotFound { what: "patient" })?;
    let before = BirthDateGuesses { failures: u32::try_from(row.int(0)?).unwrap_or(u32::MAX), last_at: from_micros(row.int(1)?) };
    if !before.may_try(now) {
        return Ok(false);
    }
    let known = people::get(tx, person)?.birth_date;
    let right = given.is_some() && known.is_some_and(|known| Some(*known.expose()) == given);
    let after = if right { BirthDateGuesses { failures: 0, last_at: now } } else { before.failed(now) };
    tx.execute(SET_BIRTH_GUESSES, &args![practice.bytes(), person.bytes(), after.failures, micros(after.last_at)])?;
    if !right && !after.may_try(now) {
        tx.record(now, Entry::new("alarm", now).word("what", "birth_date_guessed").word("person", person));
        let task = NewTask { kind: TaskKind::GuessedCodes, person: Some(person), ..NewTask::default() };
        tasks::open_once(tx, &task, now)?;
    }
    Ok(right)
}

/// Notes that a page was read: the receipt that staff see.
pub fn read(tx: &mut Tx<'_, '_>, id: PageId, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(READ, &args![practice.bytes(), id.bytes(), micros(now)])?;
    tx.record(now, Entry::new("read", now).word("what", "secure_page").word("page", id));
    Ok(())
}

/// Notes that what a page asks was done.
pub fn done(tx: &mut Tx<'_, '_>, id: PageId, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(DONE, &args![practice.bytes(), id.bytes(), micros(now)])?;
    tx.record(now, Entry::new("page_done", now).word("page", id));
    Ok(())
}

/// The same for what is done once only, such as a signature. `false` if it was done already: a form that was sent twice.
pub fn done_once(tx: &mut Tx<'_, '_>, id: PageId, now: Timestamp) -> Result<bool, StoreError> {
    let practice = tx.practice();
    if tx.execute(DONE_ONCE, &args![practice.bytes(), id.bytes(), micros(now)])? == 0 {
        return Ok(false);
    }
    tx.record(now, Entry::new("page_done", now).word("page", id));
    Ok(true)
}

/// Has a page belong to another phone of its person: the one that was given on it.
pub fn set_contact(tx: &mut Tx<'_, '_>, id: PageId, contact: ContactPointId, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(SET_CONTACT, &args![practice.bytes(), id.bytes(), contact.bytes()])?;
    tx.record(now, Entry::new("page_phone", now).word("page", id).word("contact_point", contact));
    Ok(())
}

/// Keeps what has been filled in so far: the check-in screen goes from step to step.
pub fn keep_draft(tx: &mut Tx<'_, '_>, id: PageId, draft: &Phi<String>) -> Result<(), StoreError> {
    let practice = tx.practice();
    let sealed = tx.seal("secure_page", "body", &id.bytes(), draft.expose().as_bytes());
    tx.execute(KEEP_DRAFT, &args![practice.bytes(), id.bytes(), sealed])?;
    Ok(())
}

/// Takes a page back: its link and whoever has it open are shut out at once.
pub fn revoke(tx: &mut Tx<'_, '_>, id: PageId, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    if tx.execute(REVOKE, &args![practice.bytes(), id.bytes(), micros(now)])? == 0 {
        return Err(StoreError::Stale { what: "page" });
    }
    tx.execute(END_KEYS, &args![id.bytes(), micros(now)])?;
    tx.record(now, Entry::new("page_revoked", now).word("page", id));
    Ok(())
}

fn page(tx: &Tx<'_, '_>, row: &Row) -> Result<StoredPage, StoreError> {
    let id = row.id(0)?;
    Ok(StoredPage {
        id: PageId::from_bytes(id),
        person: PersonId::from_bytes(row.id(1)?),
        contact_point: ContactPointId::from_bytes(row.id(2)?),
        message: row.opt_id(3)?.map(MessageId::from_bytes),
        kind: word(PageKind::parse(row.text(4)?), "secure_page", "kind")?,
        factor: word(Factor::parse(row.text(5)?), "secure_page", "factor")?,
        language: word(Language::parse(row.text(6)?), "secure_page", "language")?,
        body: row.opt_blob(7)?.map(|sealed| tx.open("secure_page", "body", &id, sealed)).transpose()?,
        made_by: row.text(8)?.to_owned(),
        made_at: from_micros(row.int(9)?),
        state: PageState {
            expires_at: from_micros(row.int(10)?),
            revoked_at: row.opt_int(11)?.map(from_micros),
            tries: u32::try_from(row.int(14)?).unwrap_or(u32::MAX),
        },
        read_at: row.opt_int(12)?.map(from_micros),
        done_at: row.opt_int(13)?.map(from_micros),
    })
}
