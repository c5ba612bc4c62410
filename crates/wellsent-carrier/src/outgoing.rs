//! What an adapter reads from a released text.

use jiff::Timestamp;
use wellsent_domain::gate::{AttemptToken, Released};

/// What goes over the line for one released text: body and number for the carrier, nothing else about a person (P6). `Debug` is not there,
/// because both are PHI.
pub(crate) struct Outgoing {
    /// The recipient's number, E.164.
    pub to: String,
    /// The text.
    pub body: String,
    /// Our number or service at the carrier.
    pub from: String,
    /// Seconds that it may wait at the carrier.
    pub validity_s: u32,
    /// The attempt.
    pub token: AttemptToken,
    /// Where receipts go. The token in it finds an attempt again whose outcome is unknown; nothing in it speaks of a patient (TW-03).
    pub callback: String,
}

impl Outgoing {
    /// Reads a released text, unless its time is over (TW-10). `carrier` is the account's name, `validity_s_max` the longest wait that it takes.
    pub fn of(released: &Released, carrier: &str, callback_base: &str, validity_s_max: u32, now: Timestamp) -> Option<Self> {
        let token = released.token();
        Some(Self {
            to: released.to().expose().to_e164(),
            body: released.body().expose().clone(),
            from: released.from().to_owned(),
            validity_s: validity_s(released.valid_until(), validity_s_max, now)?,
            callback: format!("{callback_base}/hooks/{carrier}/{}/status?t={}", released.sender(), token.to_hex()),
            token,
        })
    }
}

/// The seconds that a text may wait at the carrier; `None` when its time is over.
fn validity_s(valid_until: Timestamp, longest: u32, now: Timestamp) -> Option<u32> {
    let seconds = u32::try_from(valid_until.duration_since(now).as_secs().min(i64::from(longest))).ok()?;
    (seconds > 0).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_whose_time_is_over_has_no_validity() {
        let now: Timestamp = "2026-03-02T15:00:00Z".parse().unwrap();
        let after = |seconds| now.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap();
        assert_eq!(validity_s(after(-1), 36_000, now), None);
        assert_eq!(validity_s(now, 36_000, now), None);
        assert_eq!(validity_s(after(90), 36_000, now), Some(90));
        assert_eq!(validity_s(after(10_000_000), 36_000, now), Some(36_000));
    }
}
