//! Leases: which node does the work that only one may do. They run by the database's clock, so that a node with a wrong clock harms nobody (I8).

use crate::{StoreError, SystemTx};
use wellsent_db::{args, statements};

statements! {
    TAKE = sqlite "INSERT INTO lease (name, holder, fence, until_at) VALUES ($1, $2, 1, CAST(unixepoch('subsec') * 1000000 AS INTEGER) + $3) ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, fence = lease.fence + CASE WHEN lease.holder = excluded.holder THEN 0 ELSE 1 END, until_at = excluded.until_at WHERE lease.holder = excluded.holder OR lease.until_at < CAST(unixepoch('subsec') * 1000000 AS INTEGER) RETURNING fence"
        postgres "INSERT INTO lease (name, holder, fence, until_at) VALUES ($1, $2, 1, CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT) + $3) ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, fence = lease.fence + CASE WHEN lease.holder = excluded.holder THEN 0 ELSE 1 END, until_at = excluded.until_at WHERE lease.holder = excluded.holder OR lease.until_at < CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT) RETURNING fence";
    GIVE_BACK = "DELETE FROM lease WHERE name = $1 AND holder = $2";
}

/// Takes or renews a lease for this long; the fence number if it is held now. It grows with every new holder.
pub fn take(tx: &mut SystemTx<'_, '_>, name: &str, holder: [u8; 16], millis: i64) -> Result<Option<i64>, StoreError> {
    let row = tx.raw.query_opt(TAKE, &args![name, holder, millis * 1_000])?;
    Ok(row.map(|row| row.int(0)).transpose()?)
}

/// Gives a lease back, at a clean shutdown.
pub fn give_back(tx: &mut SystemTx<'_, '_>, name: &str, holder: [u8; 16]) -> Result<(), StoreError> {
    tx.raw.execute(GIVE_BACK, &args![name, holder])?;
    Ok(())
}
