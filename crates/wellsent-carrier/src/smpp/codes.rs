//! What the message centre's codes mean, in the closed lists (SMPP 3.4, 5.1.3 and 5.2.28; TW-15).

use crate::{NotSubmittedCause, Outcome, UnknownCause};
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};

pub(super) const OK: u32 = 0x00;
pub(super) const INVALID_COMMAND_LENGTH: u32 = 0x02;
pub(super) const INVALID_COMMAND: u32 = 0x03;
pub(super) const INVALID_BIND_STATE: u32 = 0x04;
pub(super) const SYSTEM_ERROR: u32 = 0x08;
pub(super) const THROTTLED: u32 = 0x58;
/// "ESME receiver temporary error": the text comes again.
pub(super) const TEMPORARY: u32 = 0x64;
/// "ESME receiver rejects message": it does not.
pub(super) const REJECTS: u32 = 0x66;

/// What an answer other than success says about the first part of a text.
///
/// A status that is not zero means that the request failed, and is believed, with these exceptions. `ESME_RSYSERR` and `ESME_RUNKNOWNERR`
/// say that all or a part of the centre is unavailable: the part that answers need not be the part that stores, so that is no proof, as
/// with a 5xx of an HTTP carrier (P4). `ESME_RINVBNDSTS` says that no session is bound there, so nothing was taken.
pub fn meaning_of(status: u32) -> Outcome {
    let not_submitted = |cause| Outcome::NotSubmitted { cause, retry_after: None };
    let rejected = |failure| Outcome::Rejected { failure, code: Some(status).filter(|code| (1..1_000_000).contains(code)) };
    match status {
        // ESME_RMSGQFUL: the queue is full.
        0x14 | THROTTLED => not_submitted(NotSubmittedCause::Throttled),
        INVALID_BIND_STATE => not_submitted(NotSubmittedCause::NoConnection),
        status if refuses_account(status) => not_submitted(NotSubmittedCause::AccountRefused),
        SYSTEM_ERROR | 0xFF => Outcome::Unknown { cause: UnknownCause::ServerError },
        // ESME_RINVDSTADR.
        0x0B => rejected(Failure::InvalidNumber),
        // ESME_RINVSRCADR.
        0x0A => rejected(Failure::SenderNotRegistered),
        // ESME_RDELIVERYFAILURE.
        0xFE => rejected(Failure::Unreachable),
        // Lengths, commands, flags, classes, numbering, times, TLVs and rights: the two sides are set up differently.
        0x01..=0x03
        | 0x06
        | 0x07
        | 0x15
        | 0x33
        | 0x40
        | 0x43
        | 0x48
        | 0x49
        | 0x50
        | 0x51
        | 0x53
        | 0x54
        | 0x61..=0x63
        | 0xC0..=0xC4
        | 0x100..=0x106 => rejected(Failure::Configuration),
        _ => rejected(Failure::Other),
    }
}

/// Whether an answer refuses the account itself: wrong password, wrong name, bind refused.
pub(super) const fn refuses_account(status: u32) -> bool {
    matches!(status, 0x0D..=0x0F)
}

/// A state of a text in words (SMPP 3.4, appendix B), in any case, short or spelt out. `None` for a word that is none.
///
/// `ACCEPTD` should mean that an operator accepted it, and is sent by many centres when the next carrier did: it is no delivery.
pub(super) fn status_of_word(word: &str) -> Option<(DeliveryStatus, Option<Failure>)> {
    let word = word.to_ascii_uppercase();
    Some(match word.as_str() {
        "DELIVRD" | "DELIVERED" => state(2),
        "EXPIRED" => state(3),
        "DELETED" => state(4),
        "UNDELIV" | "UNDELIVERABLE" | "UNDELIVERED" | "FAILED" => state(5),
        "ACCEPTD" | "ACCEPTED" => state(6),
        "UNKNOWN" => state(7),
        "REJECTD" | "REJECTED" => state(8),
        "SKIPPED" => state(9),
        "SCHEDULED" => state(0),
        "ENROUTE" | "EN_ROUTE" | "BUFFERED" | "BUFFRED" => state(1),
        _ => return None,
    })
}

/// A state of a text as a number (`message_state`). An unknown one says no more than that the centre has the text.
pub(super) const fn state(state: u8) -> (DeliveryStatus, Option<Failure>) {
    match state {
        2 => (DeliveryStatus::Delivered, None),
        3 => (DeliveryStatus::Undelivered, Some(Failure::Expired)),
        4 | 5 | 9 => (DeliveryStatus::Undelivered, Some(Failure::Other)),
        6 => (DeliveryStatus::Sent, None),
        8 => (DeliveryStatus::Undelivered, Some(Failure::Blocked)),
        _ => (DeliveryStatus::Queued, None),
    }
}

/// The reason in a `network_error_code` TLV, which is the only one with a standard: GSM's codes (3GPP TS 29.002) under network type 3. The
/// digits of `err:` mean something else at every carrier, and are left to a person.
pub const fn failure_of_network_error(network: u8, code: u16) -> Failure {
    match (network, code) {
        (3, 1 | 5 | 9) => Failure::UnknownHandset,
        (3, 6 | 27 | 31 | 32) => Failure::Unreachable,
        (3, 11) => Failure::NotTextable,
        (3, 13) => Failure::Blocked,
        _ => Failure::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_statuses_that_prove_it_say_that_a_text_was_not_taken() {
        let throttled = Outcome::NotSubmitted { cause: NotSubmittedCause::Throttled, retry_after: None };
        assert_eq!(meaning_of(0x58), throttled);
        assert_eq!(meaning_of(0x14), throttled);
        assert_eq!(meaning_of(0x08), Outcome::Unknown { cause: UnknownCause::ServerError });
        assert_eq!(meaning_of(0x0B), Outcome::Rejected { failure: Failure::InvalidNumber, code: Some(0x0B) });
        assert_eq!(meaning_of(0x0A), Outcome::Rejected { failure: Failure::SenderNotRegistered, code: Some(0x0A) });
        for refused in [0x0D, 0x0E, 0x0F] {
            assert_eq!(meaning_of(refused), Outcome::NotSubmitted { cause: NotSubmittedCause::AccountRefused, retry_after: None });
        }
    }

    #[test]
    fn a_status_that_nobody_knows_is_left_to_a_person() {
        assert_eq!(meaning_of(0x0400), Outcome::Rejected { failure: Failure::Other, code: Some(0x0400) });
        assert_eq!(meaning_of(u32::MAX), Outcome::Rejected { failure: Failure::Other, code: None });
    }

    #[test]
    fn nothing_but_delivered_is_a_delivery() {
        let delivered = |word| status_of_word(word).map(|(status, _)| status) == Some(DeliveryStatus::Delivered);
        assert!(delivered("DELIVRD") && delivered("delivered"));
        for word in ["ACCEPTD", "ENROUTE", "UNKNOWN", "UNDELIV", "REJECTD", "EXPIRED", "DELETED"] {
            assert!(!delivered(word), "{word}");
        }
        assert_eq!(status_of_word("DELIVRDX"), None);
        for other in (0..=1).chain(3..=255) {
            assert_ne!(state(other).0, DeliveryStatus::Delivered);
        }
    }
}
