//! Staff, one-time sign-in links and sessions. Links and session secrets are stored as digests only.

use crate::entry::Entry;
use crate::when::{from_micros, micros};
use crate::words::word;
use crate::{Actor, StoreError, SystemTx, Tx};
use jiff::{SignedDuration, Timestamp};
use wellsent_db::{Row, args, statements};
use wellsent_domain::staff::Role;
use wellsent_domain::{PracticeId, SessionId, StaffId};
use wellsent_ledger::leaf_hash;

statements! {
    INSERT_STAFF = "INSERT INTO staff (id, practice_id, name, role, created_at) VALUES ($1, $2, $3, $4, $5)";
    FIRST_STAFF = "SELECT id, name FROM staff WHERE practice_id = $1 AND disabled_at IS NULL ORDER BY id LIMIT 1";
    INSERT_LINK = "INSERT INTO sign_in_link (digest, practice_id, staff_id, expires_at) VALUES ($1, $2, $3, $4)";
    LINK = "SELECT l.practice_id, l.staff_id, l.expires_at, l.used_at, s.name FROM sign_in_link l JOIN staff s ON s.id = l.staff_id WHERE l.digest = $1 AND s.disabled_at IS NULL";
    USE_LINK = "UPDATE sign_in_link SET used_at = $2 WHERE digest = $1 AND used_at IS NULL";
    INSERT_SESSION = "INSERT INTO session (digest, id, practice_id, staff_id, created_at, seen_at) VALUES ($1, $2, $3, $4, $5, $5)";
    SESSION = "SELECT s.id, s.practice_id, s.staff_id, s.created_at, s.seen_at, s.ended_at, t.name, t.disabled_at, p.name, t.role FROM session s JOIN staff t ON t.id = s.staff_id JOIN practice p ON p.id = s.practice_id WHERE s.digest = $1";
    SEEN = "UPDATE session SET seen_at = $2 WHERE digest = $1";
    END = "UPDATE session SET ended_at = $2 WHERE digest = $1 AND ended_at IS NULL";
    STAFF = "SELECT id, name, role, created_at, disabled_at FROM staff WHERE practice_id = $1 ORDER BY id LIMIT $2";
    MEMBER = "SELECT id, name, role, created_at, disabled_at FROM staff WHERE practice_id = $1 AND id = $2";
    DISABLE = "UPDATE staff SET disabled_at = $3 WHERE practice_id = $1 AND id = $2 AND disabled_at IS NULL";
    VOID_LINKS = "UPDATE sign_in_link SET used_at = $3 WHERE practice_id = $1 AND staff_id = $2 AND used_at IS NULL";
    END_ALL = "UPDATE session SET ended_at = $3 WHERE practice_id = $1 AND staff_id = $2 AND ended_at IS NULL";
}

/// After this long without a request of the user's own a session ends (H-24); polling is no request of the user's.
pub const IDLE: SignedDuration = SignedDuration::from_mins(15);
/// After this long a session ends whatever happens (N-08).
pub const ABSOLUTE: SignedDuration = SignedDuration::from_hours(12);

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The session.
    pub session: SessionId,
    /// The practice.
    pub practice: PracticeId,
    /// The name of the practice.
    pub practice_name: String,
    /// Who.
    pub staff: StaffId,
    /// The name of the staff member.
    pub name: String,
    /// What they do.
    pub role: Role,
}

/// Where a sign-in link stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkState {
    /// It can be used.
    Fresh {
        /// For whom.
        name: String,
    },
    /// It was used.
    Used,
    /// Its time has passed, or it never was.
    Expired,
}

fn digest(secret: &str) -> [u8; 32] {
    *leaf_hash(secret.as_bytes()).as_bytes()
}

/// Adds a staff member.
pub fn add_staff(tx: &mut Tx<'_, '_>, name: &str, role: Role, now: Timestamp) -> Result<StaffId, StoreError> {
    let id = tx.fresh(now, StaffId::from_uuid);
    let practice = tx.practice();
    tx.execute(INSERT_STAFF, &args![id.bytes(), practice.bytes(), name, role.as_str(), micros(now)])?;
    tx.record(now, Entry::new("staff_added", now).word("staff", id).word("role", role.as_str()));
    Ok(id)
}

/// A member of staff as the command line lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffMember {
    /// The id.
    pub id: StaffId,
    /// The name.
    pub name: String,
    /// What they do.
    pub role: Role,
    /// Since when they are known.
    pub added_at: Timestamp,
    /// Since when they may not sign in any more.
    pub disabled_at: Option<Timestamp>,
}

/// The staff of the practice, disabled members too, the oldest first; at most `limit`.
pub fn list_staff(tx: &mut Tx<'_, '_>, limit: i64) -> Result<Vec<StaffMember>, StoreError> {
    let practice = tx.practice();
    tx.query(STAFF, &args![practice.bytes(), limit])?.iter().map(member).collect()
}

/// A member of staff.
pub fn get_staff(tx: &mut Tx<'_, '_>, id: StaffId) -> Result<StaffMember, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(MEMBER, &args![practice.bytes(), id.bytes()])?;
    member(&row.ok_or(StoreError::NotFound { what: "staff member" })?)
}

fn member(row: &Row) -> Result<StaffMember, StoreError> {
    Ok(StaffMember {
        id: StaffId::from_bytes(row.id(0)?),
        name: row.text(1)?.to_owned(),
        role: word(Role::parse(row.text(2)?), "staff", "role")?,
        added_at: from_micros(row.int(3)?),
        disabled_at: row.opt_int(4)?.map(from_micros),
    })
}

/// Ends the access of a member of staff: their links are void, their sessions end at once (H-24). `false` if that was done before.
pub fn disable_staff(tx: &mut Tx<'_, '_>, id: StaffId, now: Timestamp) -> Result<bool, StoreError> {
    get_staff(tx, id)?;
    let practice = tx.practice();
    if tx.execute(DISABLE, &args![practice.bytes(), id.bytes(), micros(now)])? == 0 {
        return Ok(false);
    }
    end_access(tx, id, now)?;
    tx.record(now, Entry::new("staff_disabled", now).word("staff", id));
    Ok(true)
}

/// Begins the access of a member of staff anew: what they held before, links and sessions, ends; the new link is the one way in.
pub fn reset_staff(tx: &mut Tx<'_, '_>, id: StaffId, secret: &str, expires_at: Timestamp, now: Timestamp) -> Result<(), StoreError> {
    if get_staff(tx, id)?.disabled_at.is_some() {
        return Err(StoreError::Stale { what: "staff member" });
    }
    end_access(tx, id, now)?;
    tx.record(now, Entry::new("staff_reset", now).word("staff", id));
    add_link(tx, id, secret, expires_at, now)
}

fn end_access(tx: &mut Tx<'_, '_>, id: StaffId, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(VOID_LINKS, &args![practice.bytes(), id.bytes(), micros(now)])?;
    tx.execute(END_ALL, &args![practice.bytes(), id.bytes(), micros(now)])?;
    Ok(())
}

/// The first staff member, for whom the command line prints a link.
pub fn first_staff(tx: &mut Tx<'_, '_>) -> Result<Option<(StaffId, String)>, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(FIRST_STAFF, &args![practice.bytes()])?;
    row.map(|row| Ok((StaffId::from_bytes(row.id(0)?), row.text(1)?.to_owned()))).transpose()
}

/// Keeps a one-time link. The secret itself is not stored.
pub fn add_link(tx: &mut Tx<'_, '_>, staff: StaffId, secret: &str, expires_at: Timestamp, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(INSERT_LINK, &args![digest(secret), practice.bytes(), staff.bytes(), micros(expires_at)])?;
    tx.record(now, Entry::new("sign_in_link", now).word("staff", staff));
    Ok(())
}

/// Where a link stands. Looking does not use it.
pub fn link_state(tx: &mut SystemTx<'_, '_>, secret: &str, now: Timestamp) -> Result<LinkState, StoreError> {
    let Some(row) = tx.raw.query_opt(LINK, &args![digest(secret)])? else { return Ok(LinkState::Expired) };
    if row.opt_int(3)?.is_some() {
        return Ok(LinkState::Used);
    }
    if from_micros(row.int(2)?) <= now {
        return Ok(LinkState::Expired);
    }
    Ok(LinkState::Fresh { name: row.text(4)?.to_owned() })
}

/// Uses a link: once. The session's secret is the caller's; its digest is kept.
pub fn sign_in(
    tx: &mut SystemTx<'_, '_>,
    link: &str,
    session_secret: &str,
    now: Timestamp,
) -> Result<Result<SessionId, LinkState>, StoreError> {
    match link_state(tx, link, now)? {
        LinkState::Fresh { .. } => {}
        other => {
            tx.record(now, Actor::System, Entry::new("sign_in_refused", now));
            return Ok(Err(other));
        }
    }
    let row = tx.raw.query_one(LINK, &args![digest(link)])?;
    let (practice, staff) = (PracticeId::from_bytes(row.id(0)?), StaffId::from_bytes(row.id(1)?));
    if tx.raw.execute(USE_LINK, &args![digest(link), micros(now)])? == 0 {
        return Ok(Err(LinkState::Used));
    }
    let id = tx.fresh(now, SessionId::from_uuid);
    tx.raw.execute(INSERT_SESSION, &args![digest(session_secret), id.bytes(), practice.bytes(), staff.bytes(), micros(now)])?;
    let entry = Entry::new("sign_in", now).word("session", id).word("practice", practice);
    tx.record(now, Actor::Staff(staff, id), entry);
    Ok(Ok(id))
}

/// Who a session's secret belongs to, if the session lives. Does not count as a request of the user's.
pub fn find(tx: &mut SystemTx<'_, '_>, secret: &str, now: Timestamp) -> Result<Option<SignedIn>, StoreError> {
    let Some(row) = tx.raw.query_opt(SESSION, &args![digest(secret)])? else { return Ok(None) };
    let (created_at, seen_at) = (from_micros(row.int(3)?), from_micros(row.int(4)?));
    let ended = row.opt_int(5)?.is_some() || row.opt_int(7)?.is_some();
    if ended || now.duration_since(seen_at) > IDLE || now.duration_since(created_at) > ABSOLUTE {
        return Ok(None);
    }
    Ok(Some(SignedIn {
        session: SessionId::from_bytes(row.id(0)?),
        practice: PracticeId::from_bytes(row.id(1)?),
        staff: StaffId::from_bytes(row.id(2)?),
        name: row.text(6)?.to_owned(),
        practice_name: row.text(8)?.to_owned(),
        role: word(Role::parse(row.text(9)?), "staff", "role")?,
    }))
}

/// Notes a request of the user's own.
pub fn seen(tx: &mut SystemTx<'_, '_>, secret: &str, now: Timestamp) -> Result<(), StoreError> {
    tx.raw.execute(SEEN, &args![digest(secret), micros(now)])?;
    Ok(())
}

/// Ends a session.
pub fn sign_out(tx: &mut SystemTx<'_, '_>, secret: &str, now: Timestamp) -> Result<(), StoreError> {
    let who = find(tx, secret, now)?;
    tx.raw.execute(END, &args![digest(secret), micros(now)])?;
    if let Some(who) = who {
        tx.record(now, Actor::Staff(who.staff, who.session), Entry::new("sign_out", now).word("practice", who.practice));
    }
    Ok(())
}
