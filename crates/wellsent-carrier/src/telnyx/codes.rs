//! Telnyx's error codes in our closed list.

use super::wire::Problem;
use wellsent_domain::carrier_report::Failure;

/// The request was not processed because there were too many.
pub(super) const TOO_MANY_REQUESTS: u32 = 10_011;
/// Telnyx's own queue is full and the text is not in it.
pub(super) const QUEUE_FULL: u32 = 40_318;
/// "Unexpected error" and "request timeout" come with several HTTP statuses and say nothing about the text.
pub(super) const UNCLEAR: [u32; 2] = [10_007, 10_008];
/// A block rule holds: that of a STOP, or another one.
const BLOCK_RULE: u32 = 40_300;

/// What a code means in the closed list. An unknown code is [`Failure::Other`]: not retried, and a person looks at it.
///
/// [`Failure::OptedOut`] is not in this table: the code for it, 40300, is used for other block rules too, and only its wording tells them apart.
pub const fn failure_of(code: u32) -> Failure {
    match code {
        10_002 | 10_016 | 40_012 | 40_310 => Failure::InvalidNumber,
        40_001 | 40_301 | 40_319 => Failure::NotTextable,
        40_004 | 40_008 | 40_011 | 40_016 | 40_018 | 40_020 | BLOCK_RULE | 40_315 => Failure::Blocked,
        40_002 | 40_003 | 40_009 | 40_015 | 40_017 | 40_322 => Failure::Filtered,
        40_010 | 40_150 | 40_329 | 40_330 => Failure::SenderNotRegistered,
        40_006 => Failure::Unreachable,
        40_005 | 40_014 => Failure::Expired,
        10_001 | 10_003..=10_006 | 10_009 | 10_010 | 10_015 | 10_017 | 20_000..=20_999 => Failure::Configuration,
        40_013 | 40_100 | 40_151 | 40_155 | 40_302 | 40_304..=40_306 | 40_308 | 40_309 | 40_311..=40_314 => Failure::Configuration,
        40_316 | 40_317 | 40_320 | 40_321 | 40_323 | 40_325 | 40_328 | 40_331 | 40_333 => Failure::Configuration,
        _ => Failure::Other,
    }
}

/// Whether a code is about the account and not about this text: wrong or revoked key, no permission, blocked or unpaid account, spending limit.
pub(super) const fn is_account(code: u32) -> bool {
    matches!(code, 10_009 | 10_010 | 20_002 | 20_006 | 20_012..=20_014 | 20_016 | 20_017 | 20_100 | 40_314 | 40_333)
}

/// What an error means, its wording included where the code leaves it open.
pub(super) fn failure(problem: &Problem) -> Failure {
    match problem.code {
        Some(BLOCK_RULE) if problem.names_stop => Failure::OptedOut,
        // The same code speaks of either number.
        Some(10_002 | 10_016) if problem.about_sender => Failure::Configuration,
        Some(code) => failure_of(code),
        None => Failure::Other,
    }
}

/// What a refusal means when only its HTTP status is known.
pub(super) const fn failure_of_status(status: u16) -> Failure {
    match status {
        404 | 405 | 406 | 415 => Failure::Configuration,
        _ => Failure::Other,
    }
}
