//! Instants in the database: microseconds since the epoch, UTC.

use jiff::Timestamp;

/// The instant as stored.
pub fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The stored instant. A value outside of jiff's range can only come from an altered row; it is clamped, so that it is never "now".
pub fn from_micros(stored: i64) -> Timestamp {
    Timestamp::from_microsecond(stored).unwrap_or(if stored < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// An instant that may be missing, as stored.
pub(crate) fn opt_micros(at: Option<Timestamp>) -> Option<i64> {
    at.map(micros)
}
