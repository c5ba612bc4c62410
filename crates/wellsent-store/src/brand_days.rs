//! How many parts a brand has sent on a day of the carriers, counted in the transaction that claims (C-09).

use crate::{StoreError, Tx};
use jiff::civil::Date;
use wellsent_db::{args, statements};
use wellsent_domain::SenderId;

statements! {
    ENSURE = "INSERT INTO brand_day (practice_id, brand, day, parts) VALUES ($1, $2, $3, 0) ON CONFLICT (practice_id, brand, day) DO NOTHING";
    USED = "SELECT parts FROM brand_day WHERE practice_id = $1 AND brand = $2 AND day = $3";
    USED_FOR_CLAIM = sqlite "SELECT parts FROM brand_day WHERE practice_id = $1 AND brand = $2 AND day = $3"
        postgres "SELECT parts FROM brand_day WHERE practice_id = $1 AND brand = $2 AND day = $3 FOR UPDATE";
    TAKE = "UPDATE brand_day SET parts = parts + $4 WHERE practice_id = $1 AND brand = $2 AND day = $3";
    GIVE_BACK = "UPDATE brand_day SET parts = parts - $4 WHERE practice_id = $1 AND day = $3 AND brand = (SELECT brand FROM sender WHERE id = $2) AND parts >= $4";
}

/// Parts of the day so far, for a page.
pub fn used(tx: &mut Tx<'_, '_>, brand: &str, day: Date) -> Result<u32, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(USED, &args![practice.bytes(), brand, day.to_string()])?;
    Ok(row.map(|row| row.int(0)).transpose()?.map_or(0, |parts| u32::try_from(parts).unwrap_or(u32::MAX)))
}

/// Parts of the day so far; no other claim can count until this transaction ends, so that two never share the last parts.
pub fn used_for_claim(tx: &mut Tx<'_, '_>, brand: &str, day: Date) -> Result<u32, StoreError> {
    let practice = tx.practice();
    tx.execute(ENSURE, &args![practice.bytes(), brand, day.to_string()])?;
    let row = tx.query_opt(USED_FOR_CLAIM, &args![practice.bytes(), brand, day.to_string()])?;
    Ok(row.map(|row| row.int(0)).transpose()?.map_or(0, |parts| u32::try_from(parts).unwrap_or(u32::MAX)))
}

/// Counts parts that were released.
pub fn take(tx: &mut Tx<'_, '_>, brand: &str, day: Date, parts: u32) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(TAKE, &args![practice.bytes(), brand, day.to_string(), parts])?;
    Ok(())
}

/// Takes back the count of parts that the carrier surely does not have.
pub(crate) fn give_back(tx: &mut Tx<'_, '_>, sender: SenderId, day: &str, parts: i64) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(GIVE_BACK, &args![practice.bytes(), sender.bytes(), day, parts])?;
    Ok(())
}
