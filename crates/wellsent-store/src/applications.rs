//! The register of applications: what each may do, and by which secrets it is known.
//!
//! The token of an account is kept sealed, because calls to the application are signed with it (TW-05); two are good while it is being changed
//! (TW-04). Of the secret of an API key only a keyed digest is kept. Nothing of either stands on the ledger.

use crate::entry::Entry;
use crate::senders;
use crate::when::{from_micros, micros};
use crate::words::word;
use crate::{StoreError, SystemTx, Tx};
use jiff::Timestamp;
use wellsent_db::{Row, args, statements};
use wellsent_domain::consent::Category;
use wellsent_domain::message::Purpose;
use wellsent_domain::sender::Sender;
use wellsent_domain::{ApplicationId, CredentialId, Phi, PracticeId, SenderId};

statements! {
    INSERT = "INSERT INTO application (id, practice_id, name, account_sid, service_sid, category, purpose, inbound_url, status_url, requests_per_minute, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    GET = "SELECT id, name, account_sid, service_sid, category, purpose, inbound_url, status_url, requests_per_minute, created_at, disabled_at FROM application WHERE practice_id = $1 AND id = $2";
    LIST = "SELECT id, name, account_sid, service_sid, category, purpose, inbound_url, status_url, requests_per_minute, created_at, disabled_at FROM application WHERE practice_id = $1 ORDER BY id LIMIT $2";
    OF_SENDER = "SELECT a.id FROM application a JOIN application_sender s ON s.application_id = a.id WHERE a.practice_id = $1 AND s.sender_id = $2 AND a.disabled_at IS NULL ORDER BY a.id";
    ANY = "SELECT EXISTS (SELECT 1 FROM application WHERE practice_id = $1)";
    CHANGE = "UPDATE application SET name = $3, inbound_url = $4, status_url = $5, requests_per_minute = $6 WHERE practice_id = $1 AND id = $2";
    DROP_HOSTS = "DELETE FROM application_host WHERE practice_id = $1 AND application_id = $2";
    DROP_SENDERS = "DELETE FROM application_sender WHERE practice_id = $1 AND application_id = $2";
    DISABLE = "UPDATE application SET disabled_at = $3 WHERE practice_id = $1 AND id = $2 AND disabled_at IS NULL";
    INSERT_HOST = "INSERT INTO application_host (application_id, host, practice_id) VALUES ($1, $2, $3)";
    HOSTS = "SELECT host FROM application_host WHERE practice_id = $1 AND application_id = $2 ORDER BY host";
    INSERT_SENDER = "INSERT INTO application_sender (application_id, sender_id, practice_id) VALUES ($1, $2, $3)";
    SENDERS = "SELECT sender_id FROM application_sender WHERE practice_id = $1 AND application_id = $2";
    NAME = "INSERT INTO application_name (name, practice_id, application_id) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING";
    BY_NAME = "SELECT practice_id, application_id FROM application_name WHERE name = $1";
    INSERT_SECRET = "INSERT INTO application_secret (id, practice_id, application_id, kind, name, digest, token_sealed, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    BY_SECRET_NAME = "SELECT id, digest FROM application_secret WHERE practice_id = $1 AND application_id = $2 AND name = $3 AND ended_at IS NULL ORDER BY id";
    TOKENS = "SELECT id, kind, token_sealed FROM application_secret WHERE practice_id = $1 AND application_id = $2 AND kind <> 'key' AND ended_at IS NULL ORDER BY id";
    KEYS = "SELECT name, made_at FROM application_secret WHERE practice_id = $1 AND application_id = $2 AND kind = 'key' AND ended_at IS NULL ORDER BY id";
    END_KEY = "UPDATE application_secret SET ended_at = $4 WHERE practice_id = $1 AND application_id = $2 AND name = $3 AND kind = 'key' AND ended_at IS NULL";
    END_TOKEN = "UPDATE application_secret SET ended_at = $4, token_sealed = NULL WHERE practice_id = $1 AND application_id = $2 AND kind = $3 AND ended_at IS NULL";
    PROMOTE = "UPDATE application_secret SET kind = 'token' WHERE practice_id = $1 AND application_id = $2 AND kind = 'next_token' AND ended_at IS NULL";
}

/// An application to be added.
#[derive(Debug, Clone)]
pub struct NewApplication {
    /// Its name, for staff.
    pub name: String,
    /// `AC` and 32 hexadecimal digits.
    pub account_sid: String,
    /// `MG` and 32 hexadecimal digits: stands for the practice's choice among the senders.
    pub service_sid: String,
    /// The token by which it is known and by which calls to it are signed.
    pub token: Phi<String>,
    /// Which consent its texts need.
    pub category: Category,
    /// Why health information is used in them.
    pub purpose: Purpose,
    /// The hosts at which it may be called, each with a port where that is not the usual one.
    pub hosts: Vec<String>,
    /// Where patients' texts are told.
    pub inbound_url: Option<String>,
    /// Where steps of its texts are told that name no address of their own.
    pub status_url: Option<String>,
    /// The senders that it may use.
    pub senders: Vec<SenderId>,
    /// Requests that it may make in a minute.
    pub requests_per_minute: i64,
}

/// An application.
#[derive(Debug, Clone)]
pub struct Application {
    /// Its id.
    pub id: ApplicationId,
    /// Its name, for staff.
    pub name: String,
    /// Its account.
    pub account_sid: String,
    /// What stands for the practice's choice among its senders.
    pub service_sid: String,
    /// Which consent its texts need.
    pub category: Category,
    /// Why health information is used in them.
    pub purpose: Purpose,
    /// The hosts at which it may be called.
    pub hosts: Vec<String>,
    /// Where patients' texts are told.
    pub inbound_url: Option<String>,
    /// Where steps of texts are told that name no address of their own.
    pub status_url: Option<String>,
    /// The senders that it may use, the practice's first choice first.
    pub senders: Vec<Sender>,
    /// Requests that it may make in a minute.
    pub requests_per_minute: i64,
    /// Since when it exists.
    pub created_at: Timestamp,
    /// Since when it is refused.
    pub disabled_at: Option<Timestamp>,
}

/// Adds an application. The account must not be known here yet.
pub fn add(tx: &mut Tx<'_, '_>, new: &NewApplication, now: Timestamp) -> Result<ApplicationId, StoreError> {
    let (id, practice) = (tx.fresh(now, ApplicationId::from_uuid), tx.practice());
    take_name(tx, &new.account_sid, id)?;
    tx.execute(
        INSERT,
        &args![
            id.bytes(),
            practice.bytes(),
            &new.name,
            &new.account_sid,
            &new.service_sid,
            new.category.as_str(),
            new.purpose.as_str(),
            new.inbound_url.as_deref(),
            new.status_url.as_deref(),
            new.requests_per_minute,
            micros(now),
        ],
    )?;
    add_hosts(tx, id, &new.hosts)?;
    add_senders(tx, id, &new.senders)?;
    add_token(tx, id, "token", &new.account_sid, &new.token, now)?;
    let entry = Entry::new("application_added", now).word("application", id).word("category", new.category.as_str());
    tx.record(now, entry.word("purpose", new.purpose.as_str()).number("senders", new.senders.len() as i64));
    Ok(id)
}

fn add_hosts(tx: &mut Tx<'_, '_>, id: ApplicationId, hosts: &[String]) -> Result<(), StoreError> {
    let practice = tx.practice();
    for host in hosts {
        tx.execute(INSERT_HOST, &args![id.bytes(), host, practice.bytes()])?;
    }
    Ok(())
}

fn add_senders(tx: &mut Tx<'_, '_>, id: ApplicationId, wanted: &[SenderId]) -> Result<(), StoreError> {
    let (practice, known) = (tx.practice(), senders::list(tx)?);
    for sender in wanted {
        if !known.iter().any(|known| known.id == *sender) {
            return Err(StoreError::NotFound { what: "sender" });
        }
        tx.execute(INSERT_SENDER, &args![id.bytes(), sender.bytes(), practice.bytes()])?;
    }
    Ok(())
}

/// Sets what an application may do and where it is called: its name, hosts, addresses, senders and rate. The rest of it never changes.
pub fn change(tx: &mut Tx<'_, '_>, changed: &Application, now: Timestamp) -> Result<(), StoreError> {
    let (id, practice) = (changed.id, tx.practice());
    let key = args![practice.bytes(), id.bytes()];
    let row = args![
        practice.bytes(),
        id.bytes(),
        &changed.name,
        changed.inbound_url.as_deref(),
        changed.status_url.as_deref(),
        changed.requests_per_minute,
    ];
    if tx.execute(CHANGE, &row)? == 0 {
        return Err(StoreError::NotFound { what: "application" });
    }
    tx.execute(DROP_HOSTS, &key)?;
    add_hosts(tx, id, &changed.hosts)?;
    tx.execute(DROP_SENDERS, &key)?;
    let senders: Vec<_> = changed.senders.iter().map(|sender| sender.id).collect();
    add_senders(tx, id, &senders)?;
    let entry = Entry::new("application_changed", now).word("application", id).number("senders", senders.len() as i64);
    tx.record(now, entry.number("hosts", changed.hosts.len() as i64));
    Ok(())
}

fn take_name(tx: &mut Tx<'_, '_>, name: &str, id: ApplicationId) -> Result<(), StoreError> {
    let practice = tx.practice();
    match tx.execute(NAME, &args![name, practice.bytes(), id.bytes()])? {
        0 => Err(StoreError::Stale { what: "account" }),
        _ => Ok(()),
    }
}

fn add_token(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
    kind: &'static str,
    name: &str,
    token: &Phi<String>,
    now: Timestamp,
) -> Result<CredentialId, StoreError> {
    let (id, practice) = (tx.fresh(now, CredentialId::from_uuid), tx.practice());
    let (digest, sealed) = (digest(tx, token.expose()), tx.seal("application_secret", "token", &id.bytes(), token.expose().as_bytes()));
    tx.execute(INSERT_SECRET, &args![id.bytes(), practice.bytes(), application.bytes(), kind, name, digest, sealed, micros(now)])?;
    Ok(id)
}

const DIGEST: &str = "application secret";

fn digest(tx: &Tx<'_, '_>, secret: &str) -> [u8; 32] {
    tx.digest(DIGEST, secret.as_bytes())
}

/// An application.
pub fn get(tx: &mut Tx<'_, '_>, id: ApplicationId) -> Result<Application, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(GET, &args![practice.bytes(), id.bytes()])?.ok_or(StoreError::NotFound { what: "application" })?;
    application(tx, &row)
}

/// The applications, disabled ones too, the oldest first.
pub fn list(tx: &mut Tx<'_, '_>, limit: i64) -> Result<Vec<Application>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(LIST, &args![practice.bytes(), limit])?;
    rows.iter().map(|row| application(tx, row)).collect()
}

/// Whether the practice has any application. Most have none, and their texts are not looked up one by one.
pub(crate) fn any(tx: &mut Tx<'_, '_>) -> Result<bool, StoreError> {
    let practice = tx.practice();
    Ok(tx.query_opt(ANY, &args![practice.bytes()])?.map(|row| row.bool(0)).transpose()?.unwrap_or(false))
}

/// The applications that use a sender and are not disabled.
pub(crate) fn of_sender(tx: &mut Tx<'_, '_>, sender: SenderId) -> Result<Vec<ApplicationId>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(OF_SENDER, &args![practice.bytes(), sender.bytes()])?;
    rows.iter().map(|row| Ok(ApplicationId::from_bytes(row.id(0)?))).collect()
}

/// Refuses an application from the next request on. `false` if it was disabled before.
pub fn disable(tx: &mut Tx<'_, '_>, id: ApplicationId, now: Timestamp) -> Result<bool, StoreError> {
    get(tx, id)?;
    let practice = tx.practice();
    let changed = tx.execute(DISABLE, &args![practice.bytes(), id.bytes(), micros(now)])? > 0;
    if changed {
        tx.record(now, Entry::new("application_disabled", now).word("application", id));
    }
    Ok(changed)
}

/// Begins to change the token: both are good from now on, and calls are still signed with the old one. A change that was begun before is begun anew.
pub fn begin_rotation(tx: &mut Tx<'_, '_>, id: ApplicationId, token: &Phi<String>, now: Timestamp) -> Result<(), StoreError> {
    let (application, practice) = (get(tx, id)?, tx.practice());
    tx.execute(END_TOKEN, &args![practice.bytes(), id.bytes(), "next_token", micros(now)])?;
    let credential = add_token(tx, id, "next_token", &application.account_sid, token, now)?;
    tx.record(now, Entry::new("application_token_added", now).word("application", id).word("credential", credential));
    Ok(())
}

/// Ends the change: from now on only the new token is good, and calls are signed with it.
pub fn finish_rotation(tx: &mut Tx<'_, '_>, id: ApplicationId, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    let held = tx.query(TOKENS, &args![practice.bytes(), id.bytes()])?;
    if !held.iter().any(|row| matches!(row.text(1), Ok("next_token"))) {
        return Err(StoreError::Stale { what: "token" });
    }
    tx.execute(END_TOKEN, &args![practice.bytes(), id.bytes(), "token", micros(now)])?;
    tx.execute(PROMOTE, &args![practice.bytes(), id.bytes()])?;
    tx.record(now, Entry::new("application_token_changed", now).word("application", id));
    Ok(())
}

/// The token that calls to an application are signed with.
pub fn token(tx: &mut Tx<'_, '_>, id: ApplicationId) -> Result<Phi<String>, StoreError> {
    let practice = tx.practice();
    for row in tx.query(TOKENS, &args![practice.bytes(), id.bytes()])? {
        if let ("token", Some(sealed)) = (row.text(1)?, row.opt_blob(2)?) {
            return tx.open("application_secret", "token", &row.id(0)?, sealed);
        }
    }
    Err(StoreError::NotFound { what: "token" })
}

/// Gives an application an API key. Its name is `SK` and 32 hexadecimal digits.
pub fn add_key(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
    name: &str,
    secret: &Phi<String>,
    now: Timestamp,
) -> Result<(), StoreError> {
    get(tx, application)?;
    take_name(tx, name, application)?;
    let (id, practice) = (tx.fresh(now, CredentialId::from_uuid), tx.practice());
    let digest = digest(tx, secret.expose());
    let none = None::<Vec<u8>>;
    tx.execute(INSERT_SECRET, &args![id.bytes(), practice.bytes(), application.bytes(), "key", name, digest, none, micros(now)])?;
    tx.record(now, Entry::new("application_key_added", now).word("application", application).word("key", name));
    Ok(())
}

/// The API keys of an application: their names and since when.
pub fn keys(tx: &mut Tx<'_, '_>, application: ApplicationId) -> Result<Vec<(String, Timestamp)>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(KEYS, &args![practice.bytes(), application.bytes()])?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), from_micros(row.int(1)?)))).collect()
}

/// Ends an API key.
pub fn revoke_key(tx: &mut Tx<'_, '_>, application: ApplicationId, name: &str, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    if tx.execute(END_KEY, &args![practice.bytes(), application.bytes(), name, micros(now)])? == 0 {
        return Err(StoreError::NotFound { what: "API key" });
    }
    tx.record(now, Entry::new("application_key_revoked", now).word("application", application).word("key", name));
    Ok(())
}

/// Whose credentials bear this name: an account or an API key.
pub fn by_name(tx: &mut SystemTx<'_, '_>, name: &str) -> Result<Option<(PracticeId, ApplicationId)>, StoreError> {
    let row = tx.raw.query_opt(BY_NAME, &args![name])?;
    row.map(|row| Ok((PracticeId::from_bytes(row.id(0)?), ApplicationId::from_bytes(row.id(1)?)))).transpose()
}

/// Whether the secret belongs to the name, compared in a time that tells nothing. Every secret of the name is looked at.
pub fn knows(tx: &mut Tx<'_, '_>, application: ApplicationId, name: &str, secret: &Phi<String>) -> Result<bool, StoreError> {
    let practice = tx.practice();
    let mut good = false;
    for row in tx.query(BY_SECRET_NAME, &args![practice.bytes(), application.bytes(), name])? {
        good |= tx.digest_matches(DIGEST, secret.expose().as_bytes(), row.blob(1)?);
    }
    Ok(good)
}

fn application(tx: &mut Tx<'_, '_>, row: &Row) -> Result<Application, StoreError> {
    let (practice, id) = (tx.practice(), row.id(0)?);
    let hosts = tx.query(HOSTS, &args![practice.bytes(), id])?;
    let allowed = tx.query(SENDERS, &args![practice.bytes(), id])?;
    let allowed: Vec<_> = allowed.iter().map(|row| Ok(SenderId::from_bytes(row.id(0)?))).collect::<Result<_, StoreError>>()?;
    let mut senders = senders::list(tx)?;
    senders.retain(|sender| allowed.contains(&sender.id));
    Ok(Application {
        id: ApplicationId::from_bytes(id),
        name: row.text(1)?.to_owned(),
        account_sid: row.text(2)?.to_owned(),
        service_sid: row.text(3)?.to_owned(),
        category: word(Category::parse(row.text(4)?), "application", "category")?,
        purpose: word(Purpose::parse(row.text(5)?), "application", "purpose")?,
        hosts: hosts.iter().map(|row| Ok(row.text(0)?.to_owned())).collect::<Result<_, StoreError>>()?,
        inbound_url: row.opt_text(6)?.map(str::to_owned),
        status_url: row.opt_text(7)?.map(str::to_owned),
        senders,
        requests_per_minute: row.int(8)?,
        created_at: from_micros(row.int(9)?),
        disabled_at: row.opt_int(10)?.map(from_micros),
    })
}
