//! New ids: UUIDv7 from a given instant and the vault's random numbers.

use jiff::Timestamp;
use uuid::Uuid;
use wellsent_vault::random_bytes;

/// A fresh UUIDv7 for `now`. Ids made within one millisecond are in random order.
pub(crate) fn fresh(now: Timestamp) -> Uuid {
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random_bytes::<10>()).into_uuid()
}
