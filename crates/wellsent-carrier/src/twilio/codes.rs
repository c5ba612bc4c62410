//! Twilio's error codes (TW-15). Its messages are for people and change; only codes are read, and an unknown code is left to a person.

use wellsent_domain::carrier_report::Failure;

/// What a code says about a submission that was answered with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// This text, number or sender is refused.
    Refused(Failure),
    /// The account is: nothing goes until somebody mends it.
    Account,
    /// Not now.
    Throttled,
}

/// The text is kept until it is at rest (TW-17).
pub(super) const NOT_AT_REST: u32 = 20009;
/// The same code was checked too often (TW-20).
pub(super) const CHECKS_USED_UP: u32 = 60202;
/// A code was sent too often (TW-20).
pub(super) const SENDS_USED_UP: u32 = 60203;
/// A landline cannot get a code by text.
pub(super) const NO_CODE_TO_LANDLINE: u32 = 60205;

/// What a code means for a submission; `None` when it is not in the table.
pub(super) const fn meaning(code: u32) -> Option<Meaning> {
    Some(match code {
        // Credentials, an account that is not active, one that was suspended.
        20003 | 20005 | 30002 => Meaning::Account,
        // Too many requests, and a queue of this sender that is full.
        20429 | 21611 => Meaning::Throttled,
        code => match known(code) {
            Some(failure) => Meaning::Refused(failure),
            None => return None,
        },
    })
}

/// What a code in a receipt or in the log means.
pub const fn failure_of(code: u32) -> Failure {
    match known(code) {
        Some(failure) => failure,
        None => match code {
            20003 | 20005 | 30002 => Failure::Configuration,
            // 30001, 30008, 21611, 21612 and whatever comes next: a person looks.
            _ => Failure::Other,
        },
    }
}

const fn known(code: u32) -> Option<Failure> {
    Some(match code {
        21211 | 21217 => Failure::InvalidNumber,
        21614 | 21635 | 30006 => Failure::NotTextable,
        21610 => Failure::OptedOut,
        // Blocked, stopped by the guard against pumping, held by the compliance toolkit, which must be off (TW-22).
        30004 | 30450 | 30610 => Failure::Blocked,
        30007 => Failure::Filtered,
        // Long codes without a campaign, and toll-free numbers without verification.
        30034 | 30032 => Failure::SenderNotRegistered,
        // Region not permitted, sender not ours or not for texts, number not verified, missing or wrong parameters, body too long, settings of
        // retention and redaction that exclude each other, webhooks that do not answer.
        21408 | 21601..=21609 | 21617 | 21659 | 21701 | 30029 | 30400 | 23002 | 23005 | 23006 | 57012 | 11200 | 11205 | 12100 => {
            Failure::Configuration
        }
        30003 => Failure::Unreachable,
        30005 => Failure::UnknownHandset,
        30036 => Failure::Expired,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_codes_is_kept_whole() {
        use Failure::*;
        for (code, failure) in [
            (21211, InvalidNumber),
            (21408, Configuration),
            (21606, Configuration),
            (21601, Configuration),
            (21608, Configuration),
            (21610, OptedOut),
            (21612, Other),
            (21614, NotTextable),
            (21617, Configuration),
            (21635, NotTextable),
            (30003, Unreachable),
            (30004, Blocked),
            (30005, UnknownHandset),
            (30006, NotTextable),
            (30007, Filtered),
            (30008, Other),
            (30029, Configuration),
            (30034, SenderNotRegistered),
            (30036, Expired),
            (30400, Configuration),
            (30450, Blocked),
            (30610, Blocked),
            (23002, Configuration),
            (57012, Configuration),
        ] {
            assert_eq!(failure_of(code), failure, "{code}");
        }
        assert_eq!(meaning(20003), Some(Meaning::Account));
        assert_eq!(meaning(30002), Some(Meaning::Account));
        assert_eq!(meaning(20429), Some(Meaning::Throttled));
        assert_eq!(meaning(21611), Some(Meaning::Throttled));
    }

    #[test]
    fn an_unknown_code_is_left_to_a_person() {
        assert_eq!(meaning(99_999), None);
        assert_eq!(failure_of(99_999), Failure::Other);
        assert!(!failure_of(99_999).retry());
    }

    #[test]
    fn only_an_unreachable_handset_is_tried_again() {
        for code in 20_000..64_000 {
            assert_eq!(failure_of(code).retry(), code == 30_003, "{code}");
        }
    }
}
