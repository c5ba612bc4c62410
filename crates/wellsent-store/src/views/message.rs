//! One message with its rulings, attempts and receipts.

use super::day::reasons;
use crate::messages::{self, StoredMessage};
use crate::when::from_micros;
use crate::words::word;
use crate::{LedgerSlot, StoreError, Tx, people};
use jiff::Timestamp;
use wellsent_db::{args, statements};
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::gate::{Origin, Reason, Rendering};
use wellsent_domain::person::Name;
use wellsent_domain::{LedgerBatchId, MessageId, Phi, PhoneNumber, SenderId, Tier};

statements! {
    NUMBER = "SELECT c.id, c.number_sealed, m.number_sealed FROM message m LEFT JOIN contact_point c ON c.id = m.contact_point_id WHERE m.practice_id = $1 AND m.id = $2";
    RULINGS = "SELECT id, at, ruling, until, reasons, rendering, tier, basis, facts_sealed, facts_digest, ledger_batch, ledger_slot FROM ruling WHERE practice_id = $1 AND message_id = $2 ORDER BY at DESC, id DESC LIMIT $3";
    ATTEMPTS = "SELECT n, state, started_at, closed_at, carrier_message_id, failure, code, dup_risk, sender_id FROM attempt WHERE practice_id = $1 AND message_id = $2 ORDER BY n LIMIT 50";
    RECEIPTS = "SELECT r.status, r.failure, r.received_at FROM receipt r JOIN attempt a ON a.id = r.attempt_id WHERE a.practice_id = $1 AND a.message_id = $2 ORDER BY r.received_at, CASE r.status WHEN 'queued' THEN 0 WHEN 'sent' THEN 1 ELSE 2 END LIMIT 100";
    STAFF = "SELECT name FROM staff WHERE practice_id = $1 AND id = $2";
}

/// A message with everything that became of it.
#[derive(Debug, Clone)]
pub struct Dossier {
    /// The message.
    pub message: StoredMessage,
    /// The name of the person.
    pub name: Option<Phi<Name>>,
    /// The number.
    pub number: Phi<PhoneNumber>,
    /// The member of staff who wrote it.
    pub staff: Option<String>,
    /// The rulings, the latest first; at most twenty.
    pub rulings: Vec<RulingLine>,
    /// The attempts, the first first.
    pub attempts: Vec<AttemptLine>,
    /// The receipts, in the order in which they came.
    pub receipts: Vec<ReceiptLine>,
}

/// A ruling as stored.
#[derive(Debug, Clone)]
pub struct RulingLine {
    /// When.
    pub at: Timestamp,
    /// What, by its stable word.
    pub ruling: String,
    /// For a hold: until when.
    pub until: Option<Timestamp>,
    /// Why.
    pub reasons: Vec<Reason>,
    /// For a release: which wording.
    pub rendering: Option<Rendering>,
    /// For a release: of which tier.
    pub tier: Option<Tier>,
    /// For a release: what allows it, by its stable word.
    pub basis: Option<String>,
    /// The facts, one line each: `name=value`.
    pub facts: String,
    /// Their keyed digest, as it stands on the ledger.
    pub facts_digest: [u8; 32],
    /// Where its entry stands.
    pub slot: LedgerSlot,
}

/// An attempt as stored.
#[derive(Debug, Clone)]
pub struct AttemptLine {
    /// Counted from 1.
    pub n: i64,
    /// Where it stands, by its stable word.
    pub state: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// The carrier's id.
    pub carrier_message_id: Option<String>,
    /// Why the carrier refused it.
    pub failure: Option<Failure>,
    /// The carrier's own code.
    pub code: Option<String>,
    /// Whether an earlier attempt may have gone as well.
    pub may_be_second: bool,
    /// The sender that it left from.
    pub sender: SenderId,
}

/// A receipt as stored.
#[derive(Debug, Clone)]
pub struct ReceiptLine {
    /// What it says.
    pub status: DeliveryStatus,
    /// Why it did not arrive.
    pub failure: Option<Failure>,
    /// When it came.
    pub at: Timestamp,
}

/// Reads a message with everything that became of it.
pub fn load(tx: &mut Tx<'_, '_>, id: MessageId) -> Result<Dossier, StoreError> {
    let practice = tx.practice();
    let message = messages::get(tx, id)?;
    let key = args![practice.bytes(), id.bytes()];
    let name = match message.person {
        Some(person) => Some(people::get(tx, person)?.name),
        None => None,
    };
    let staff = match message.origin {
        Origin::Staff { by, .. } => {
            tx.query_opt(STAFF, &args![practice.bytes(), by.bytes()])?.map(|row| row.text(0).map(str::to_owned)).transpose()?
        }
        _ => None,
    };
    let row = tx.query_opt(NUMBER, &key)?.ok_or(StoreError::NotFound { what: "message" })?;
    let number = match (row.opt_id(0)?, row.opt_blob(1)?, row.opt_blob(2)?) {
        (Some(contact), Some(sealed), _) => people::phone(&tx.open("contact_point", "number", &contact, sealed)?)?,
        (_, _, Some(sealed)) => people::phone(&tx.open("message", "number", &id.bytes(), sealed)?)?,
        _ => return Err(StoreError::corrupt("message", "number_sealed")),
    };
    let rulings = tx.query(RULINGS, &args![practice.bytes(), id.bytes(), 20_i64])?;
    let rulings = rulings
        .iter()
        .map(|row| {
            let ruling = row.id(0)?;
            Ok(RulingLine {
                at: from_micros(row.int(1)?),
                ruling: row.text(2)?.to_owned(),
                until: row.opt_int(3)?.map(from_micros),
                reasons: reasons(row.opt_text(4)?),
                rendering: row.opt_text(5)?.map(|text| word(Rendering::parse(text), "ruling", "rendering")).transpose()?,
                tier: row.opt_text(6)?.map(|text| word(Tier::parse(text), "ruling", "tier")).transpose()?,
                basis: row.opt_text(7)?.map(str::to_owned),
                facts: tx.open("ruling", "facts", &ruling, row.blob(8)?)?.into_exposed(),
                facts_digest: row.bytes(9)?,
                slot: LedgerSlot { batch: LedgerBatchId::from_bytes(row.id(10)?), slot: row.int(11)? },
            })
        })
        .collect::<Result<_, StoreError>>()?;
    let attempts = tx.query(ATTEMPTS, &key)?;
    let attempts = attempts
        .iter()
        .map(|row| {
            Ok(AttemptLine {
                n: row.int(0)?,
                state: row.text(1)?.to_owned(),
                started_at: from_micros(row.int(2)?),
                closed_at: row.opt_int(3)?.map(from_micros),
                carrier_message_id: row.opt_text(4)?.map(str::to_owned),
                failure: row.opt_text(5)?.and_then(Failure::parse),
                code: row.opt_text(6)?.map(str::to_owned),
                may_be_second: row.bool(7)?,
                sender: SenderId::from_bytes(row.id(8)?),
            })
        })
        .collect::<Result<_, StoreError>>()?;
    let receipts = tx.query(RECEIPTS, &key)?;
    let receipts = receipts
        .iter()
        .map(|row| {
            Ok(ReceiptLine {
                status: word(DeliveryStatus::parse(row.text(0)?), "receipt", "status")?,
                failure: row.opt_text(1)?.and_then(Failure::parse),
                at: from_micros(row.int(2)?),
            })
        })
        .collect::<Result<_, StoreError>>()?;
    Ok(Dossier { message, name, number, staff, rulings, attempts, receipts })
}
