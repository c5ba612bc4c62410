//! The register of agreements (BAA) with carriers (H-19).

use crate::entry::Entry;
use crate::{StoreError, Tx, micros};
use jiff::Timestamp;
use jiff::civil::Date;
use wellsent_db::{args, statements};
use wellsent_domain::AgreementId;
use wellsent_domain::practice::Agreement;

statements! {
    INSERT = "INSERT INTO agreement (id, practice_id, carrier, party, from_day, until_day, file_digest, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    OF_CARRIER = "SELECT from_day, until_day FROM agreement WHERE practice_id = $1 AND carrier = $2 ORDER BY from_day DESC, recorded_at DESC";
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
    let until = agreement.until.map(|day| day.to_string());
    tx.execute(INSERT, &args![id.bytes(), practice.bytes(), carrier, party, agreement.from.to_string(), until, file_digest, micros(now)])?;
    tx.record(now, Entry::new("agreement_recorded", now).word("agreement", id).word("carrier", carrier));
    Ok(id)
}

/// The agreements with a carrier, the newest first.
pub fn of_carrier(tx: &mut Tx<'_, '_>, carrier: &str) -> Result<Vec<Agreement>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(OF_CARRIER, &args![practice.bytes(), carrier])?;
    rows.iter().map(|row| Ok(Agreement { from: day(row.text(0)?)?, until: row.opt_text(1)?.map(day).transpose()? })).collect()
}

fn day(text: &str) -> Result<Date, StoreError> {
    text.parse().map_err(|_| StoreError::corrupt("agreement", "day"))
}
