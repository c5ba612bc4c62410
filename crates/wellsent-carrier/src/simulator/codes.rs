//! The simulator's error codes, which are those of the best-known carrier (TW-15, TW-23).

use wellsent_domain::carrier_report::Failure;

pub(super) const INVALID_NUMBER: u32 = 21211;
pub(super) const BAD_CALLBACK: u32 = 21609;
pub(super) const OPTED_OUT: u32 = 21610;
pub(super) const BODY_TOO_LONG: u32 = 21617;
pub(super) const TOO_MANY_REQUESTS: u32 = 20429;
pub(super) const EXPIRED: u32 = 30036;

/// What a code means in the closed list. An unknown code is [`Failure::Other`]: not retried, and a person looks at it.
pub const fn failure_of(code: u32) -> Failure {
    match code {
        INVALID_NUMBER => Failure::InvalidNumber,
        21614 | 21635 | 30006 => Failure::NotTextable,
        OPTED_OUT => Failure::OptedOut,
        30004 => Failure::Blocked,
        30007 => Failure::Filtered,
        30034 => Failure::SenderNotRegistered,
        20003 | 21408 | 21606 | 21608 | BAD_CALLBACK | BODY_TOO_LONG => Failure::Configuration,
        30003 => Failure::Unreachable,
        30005 => Failure::UnknownHandset,
        EXPIRED => Failure::Expired,
        _ => Failure::Other,
    }
}

/// What a refusal means when only its HTTP status is known.
pub(super) const fn failure_of_status(status: u16) -> Failure {
    match status {
        401 | 403 | 404 | 405 | 415 => Failure::Configuration,
        _ => Failure::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_code_is_left_to_a_person() {
        assert_eq!(failure_of(99999), Failure::Other);
        assert!(!failure_of(99999).retry());
    }

    #[test]
    fn the_opt_out_code_is_an_opt_out() {
        assert_eq!(failure_of(21610), Failure::OptedOut);
        assert_eq!(failure_of(21211), Failure::InvalidNumber);
        assert_eq!(failure_of(30036), Failure::Expired);
    }
}
