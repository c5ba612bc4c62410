//! Senders: the numbers and services that texts leave from, the order in which they are chosen, and their registration, whose history is on the
//! ledger (C-08 to C-10).

use crate::entry::Entry;
use crate::when::{from_micros, micros};
use crate::words::word;
use crate::{StoreError, SystemTx, Tx};
use jiff::Timestamp;
use wellsent_db::{Row, args, statements};
use wellsent_domain::practice::{Registration, Sender, SenderKind};
use wellsent_domain::{PracticeId, SenderId};

statements! {
    INSERT = "INSERT INTO sender (id, practice_id, carrier, address, kind, registration, campaign, brand, parts_per_minute, parts_per_day_max, rank) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, (SELECT coalesce(max(other.rank), 0) + 1 FROM sender other WHERE other.practice_id = $2)) ON CONFLICT (carrier, address) DO NOTHING";
    LIST = "SELECT id, practice_id, carrier, address, kind, registration, campaign, brand, parts_per_minute, parts_per_day_max, rank FROM sender WHERE practice_id = $1 ORDER BY rank, id";
    OF_ID = "SELECT id, practice_id, carrier, address, kind, registration, campaign, brand, parts_per_minute, parts_per_day_max, rank FROM sender WHERE id = $1";
    OF_ADDRESS = "SELECT id, practice_id, carrier, address, kind, registration, campaign, brand, parts_per_minute, parts_per_day_max, rank FROM sender WHERE carrier = $1 AND address = $2";
    SET_REGISTRATION = "UPDATE sender SET registration = $3 WHERE practice_id = $1 AND id = $2";
    CHANGE = "UPDATE sender SET campaign = $3, brand = $4, parts_per_minute = $5, parts_per_day_max = $6, rank = $7 WHERE practice_id = $1 AND id = $2";
    RECEIVED_UNTIL = "SELECT received_until FROM sender WHERE practice_id = $1 AND id = $2";
    SET_RECEIVED_UNTIL = "UPDATE sender SET received_until = $3 WHERE practice_id = $1 AND id = $2 AND (received_until IS NULL OR received_until < $3)";
}

/// A sender to be added.
#[derive(Debug, Clone)]
pub struct NewSender {
    /// The carrier account, by its name in the settings.
    pub carrier: String,
    /// The number or service id at the carrier.
    pub address: String,
    /// Its kind.
    pub kind: SenderKind,
    /// Its registration.
    pub registration: Registration,
    /// The campaign that it is registered under.
    pub campaign: Option<String>,
    /// The brand behind the campaign.
    pub brand: Option<String>,
    /// Parts a minute (C-09).
    pub parts_per_minute: u32,
    /// Parts that the brand is allowed a day.
    pub parts_per_day_max: Option<u32>,
}

impl NewSender {
    /// One that is approved, with a throughput and nothing else.
    pub fn approved(carrier: &str, address: &str, kind: SenderKind, parts_per_minute: u32) -> Self {
        Self {
            carrier: carrier.to_owned(),
            address: address.to_owned(),
            kind,
            registration: Registration::Approved,
            campaign: None,
            brand: None,
            parts_per_minute,
            parts_per_day_max: None,
        }
    }
}

/// Adds a sender, behind those that are there. It is [`StoreError::Stale`] where the carrier account has one of this address already.
pub fn add(tx: &mut Tx<'_, '_>, new: &NewSender, now: Timestamp) -> Result<SenderId, StoreError> {
    add_unless_taken(tx, new, now)?.ok_or(StoreError::Stale { what: "sender" })
}

/// Adds a sender, unless the carrier account has one of this address already, whoever owns it; then `None`. The insertion itself finds that out,
/// because rows of other practices are not seen from here (P8).
pub fn add_unless_taken(tx: &mut Tx<'_, '_>, new: &NewSender, now: Timestamp) -> Result<Option<SenderId>, StoreError> {
    let id = tx.fresh(now, SenderId::from_uuid);
    let practice = tx.practice();
    let added = tx.execute(
        INSERT,
        &args![
            id.bytes(),
            practice.bytes(),
            &new.carrier,
            &new.address,
            new.kind.as_str(),
            new.registration.as_str(),
            new.campaign.as_deref(),
            new.brand.as_deref(),
            new.parts_per_minute,
            new.parts_per_day_max.map(i64::from),
        ],
    )?;
    if added == 0 {
        return Ok(None);
    }
    let entry = Entry::new("sender_added", now).word("sender", id).word("carrier", &new.carrier);
    tx.record(now, entry.word("registration", new.registration.as_str()));
    Ok(Some(id))
}

/// The senders, in the order in which they are chosen.
pub fn list(tx: &mut Tx<'_, '_>) -> Result<Vec<Sender>, StoreError> {
    let practice = tx.practice();
    tx.query(LIST, &args![practice.bytes()])?.iter().map(sender).collect()
}

/// The sender of an id, whoever owns it: a callback names only the sender.
pub fn of_id(tx: &mut SystemTx<'_, '_>, id: SenderId) -> Result<Option<Sender>, StoreError> {
    tx.raw.query_opt(OF_ID, &args![id.bytes()])?.as_ref().map(sender).transpose()
}

/// The sender with this address at a carrier account, whoever owns it: a line of a carrier names only the address.
pub fn of_address(tx: &mut SystemTx<'_, '_>, carrier: &str, address: &str) -> Result<Option<Sender>, StoreError> {
    tx.raw.query_opt(OF_ADDRESS, &args![carrier, address])?.as_ref().map(sender).transpose()
}

/// Sets how far a sender's registration is. The ledger keeps its history.
pub fn set_registration(tx: &mut Tx<'_, '_>, id: SenderId, registration: Registration, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    if tx.execute(SET_REGISTRATION, &args![practice.bytes(), id.bytes(), registration.as_str()])? == 0 {
        return Err(StoreError::NotFound { what: "sender" });
    }
    tx.record(now, Entry::new("sender_registration", now).word("sender", id).word("registration", registration.as_str()));
    Ok(())
}

/// Saves campaign, brand, throughput and rank of a sender.
pub fn change(tx: &mut Tx<'_, '_>, sender: &Sender, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    let changed = tx.execute(
        CHANGE,
        &args![
            practice.bytes(),
            sender.id.bytes(),
            sender.campaign.as_deref(),
            sender.brand.as_deref(),
            sender.parts_per_minute,
            sender.parts_per_day_max.map(i64::from),
            sender.rank,
        ],
    )?;
    if changed == 0 {
        return Err(StoreError::NotFound { what: "sender" });
    }
    let entry = Entry::new("sender_changed", now).word("sender", sender.id).number("parts_per_minute", sender.parts_per_minute.into());
    tx.record(now, entry.number("rank", sender.rank));
    Ok(())
}

/// Up to when the carrier's log of received texts was read; `None` if never (TW-07).
pub fn received_until(tx: &mut Tx<'_, '_>, id: SenderId) -> Result<Option<Timestamp>, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(RECEIVED_UNTIL, &args![practice.bytes(), id.bytes()])?;
    Ok(row.map(|row| row.opt_int(0)).transpose()?.flatten().map(from_micros))
}

/// Notes up to when the carrier's log of received texts was read and everything in it stored. It never goes back.
pub fn set_received_until(tx: &mut Tx<'_, '_>, id: SenderId, until: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(SET_RECEIVED_UNTIL, &args![practice.bytes(), id.bytes(), micros(until)])?;
    Ok(())
}

fn sender(row: &Row) -> Result<Sender, StoreError> {
    let count = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
    Ok(Sender {
        id: SenderId::from_bytes(row.id(0)?),
        practice: PracticeId::from_bytes(row.id(1)?),
        carrier: row.text(2)?.to_owned(),
        address: row.text(3)?.to_owned(),
        kind: word(SenderKind::parse(row.text(4)?), "sender", "kind")?,
        registration: word(Registration::parse(row.text(5)?), "sender", "registration")?,
        campaign: row.opt_text(6)?.map(str::to_owned),
        brand: row.opt_text(7)?.map(str::to_owned),
        parts_per_minute: count(row.int(8)?),
        parts_per_day_max: row.opt_int(9)?.map(count),
        rank: row.int(10)?,
    })
}
