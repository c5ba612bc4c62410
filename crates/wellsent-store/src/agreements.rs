//! The register of agreements (BAA) with carriers (H-19): who, what, on which account, from when to when. Of the signed file its digest is kept.

use crate::entry::Entry;
use crate::tasks;
use crate::when::{from_micros, micros};
use crate::words::word;
use crate::{StoreError, Tx};
use jiff::Timestamp;
use jiff::civil::Date;
use wellsent_db::{Row, args, statements};
use wellsent_domain::AgreementId;
use wellsent_domain::practice::{Agreement, EndStage, Services};
use wellsent_domain::task::TaskKind;

statements! {
    INSERT = "INSERT INTO agreement (id, practice_id, carrier, party, from_day, until_day, services, account, file_digest, recorded_at, told) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)";
    OF_CARRIER = "SELECT id, carrier, party, from_day, until_day, ended_at, services, account, file_digest, recorded_at, told FROM agreement WHERE practice_id = $1 AND carrier = $2 ORDER BY from_day DESC, recorded_at DESC";
    LIST = "SELECT id, carrier, party, from_day, until_day, ended_at, services, account, file_digest, recorded_at, told FROM agreement WHERE practice_id = $1 ORDER BY carrier, from_day DESC, recorded_at DESC";
    END = "UPDATE agreement SET ended_at = $3 WHERE practice_id = $1 AND id = $2 AND ended_at IS NULL";
    TOLD = "UPDATE agreement SET told = $3 WHERE practice_id = $1 AND id = $2 AND told < $3";
}

/// An agreement as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAgreement {
    /// Its id.
    pub id: AgreementId,
    /// The carrier account, by its name in the settings.
    pub carrier: String,
    /// The other party, as it signed.
    pub party: String,
    /// What it says.
    pub agreement: Agreement,
    /// SHA-256 of the signed file.
    pub file_digest: Option<[u8; 32]>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// How near its end staff was last told that it is.
    pub told: EndStage,
}

/// Records a signed agreement.
pub fn add(
    tx: &mut Tx<'_, '_>,
    carrier: &str,
    party: &str,
    agreement: Agreement,
    file_digest: Option<[u8; 32]>,
    now: Timestamp,
) -> Result<AgreementId, StoreError> {
    let id = tx.fresh(now, AgreementId::from_uuid);
    let practice = tx.practice();
    tx.execute(
        INSERT,
        &args![
            id.bytes(),
            practice.bytes(),
            carrier,
            party,
            agreement.from.to_string(),
            agreement.until.map(|day| day.to_string()),
            agreement.services.to_words(),
            agreement.account.as_deref(),
            file_digest,
            micros(now),
        ],
    )?;
    let mut entry = Entry::new("agreement_recorded", now).word("agreement", id).word("carrier", carrier);
    entry = entry.word("from", agreement.from).word_if("until", agreement.until).word("services", agreement.services.to_words());
    entry = entry.word_if("account", agreement.account);
    if let Some(digest) = file_digest {
        entry = entry.digest("file", &digest);
    }
    tx.record(now, entry);
    Ok(id)
}

/// The agreements with a carrier, the newest first.
pub fn of_carrier(tx: &mut Tx<'_, '_>, carrier: &str) -> Result<Vec<Agreement>, StoreError> {
    let practice = tx.practice();
    tx.query(OF_CARRIER, &args![practice.bytes(), carrier])?.iter().map(|row| Ok(stored(row)?.agreement)).collect()
}

/// All agreements, by carrier, the newest first.
pub fn list(tx: &mut Tx<'_, '_>) -> Result<Vec<StoredAgreement>, StoreError> {
    let practice = tx.practice();
    tx.query(LIST, &args![practice.bytes()])?.iter().map(stored).collect()
}

/// Ends an agreement at once, whatever its days say: from this commit on it covers nothing.
pub fn end(tx: &mut Tx<'_, '_>, id: AgreementId, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    if tx.execute(END, &args![practice.bytes(), id.bytes(), micros(now)])? == 0 {
        let known = list(tx)?.iter().any(|known| known.id == id);
        return Err(if known { StoreError::Stale { what: "agreement" } } else { StoreError::NotFound { what: "agreement" } });
    }
    tx.record(now, Entry::new("agreement_ended", now).word("agreement", id));
    Ok(())
}

/// Tells staff how near the end of an agreement is, once for each stage. `false` if they were told before.
pub fn tell_end(tx: &mut Tx<'_, '_>, id: AgreementId, stage: EndStage, now: Timestamp) -> Result<bool, StoreError> {
    let practice = tx.practice();
    if tx.execute(TOLD, &args![practice.bytes(), id.bytes(), stage as i64])? == 0 {
        return Ok(false);
    }
    let words = if stage == EndStage::Over { "over" } else { "soon" };
    tx.record(now, Entry::new("agreement_ends", now).word("agreement", id).word("stage", words));
    tasks::open(tx, &tasks::NewTask { kind: TaskKind::AgreementEnds, ..Default::default() }, now)?;
    Ok(true)
}

fn stored(row: &Row) -> Result<StoredAgreement, StoreError> {
    let digest = row.opt_blob(8)?.map(<[u8; 32]>::try_from).transpose().map_err(|_| StoreError::corrupt("agreement", "file_digest"))?;
    Ok(StoredAgreement {
        id: AgreementId::from_bytes(row.id(0)?),
        carrier: row.text(1)?.to_owned(),
        party: row.text(2)?.to_owned(),
        agreement: Agreement {
            from: day(row.text(3)?)?,
            until: row.opt_text(4)?.map(day).transpose()?,
            ended_at: row.opt_int(5)?.map(from_micros),
            services: word(Services::parse(row.text(6)?), "agreement", "services")?,
            account: row.opt_text(7)?.map(str::to_owned),
        },
        file_digest: digest,
        recorded_at: from_micros(row.int(9)?),
        told: match row.int(10)? {
            0 => EndStage::Far,
            1 => EndStage::Soon,
            _ => EndStage::Over,
        },
    })
}

fn day(text: &str) -> Result<Date, StoreError> {
    text.parse().map_err(|_| StoreError::corrupt("agreement", "day"))
}
