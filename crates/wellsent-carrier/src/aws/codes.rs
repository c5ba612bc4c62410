//! The exceptions, reasons and events of AWS in our closed list.

use super::wire::Refused;
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};

/// What an exception that is about this text means, by its name and reason. An unknown one is [`Failure::Other`]: not retried, and a person looks
/// at it.
pub fn failure_of(exception: &str, reason: &str) -> Failure {
    match (exception, reason) {
        ("ConflictException", "DESTINATION_PHONE_NUMBER_OPTED_OUT") => Failure::OptedOut,
        ("ConflictException", "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE") => Failure::Blocked,
        ("ConflictException", "REGISTRATION_NOT_COMPLETE") => Failure::SenderNotRegistered,
        ("ValidationException", "SENDER_ID_NOT_REGISTERED" | "SENDER_ID_REQUIRES_REGISTRATION") => Failure::SenderNotRegistered,
        ("ValidationException", "OTHER" | "") | ("ConflictException", "") => Failure::Other,
        ("ConflictException" | "ValidationException" | "ResourceNotFoundException" | "ServiceQuotaExceededException", _) => {
            Failure::Configuration
        }
        ("UnknownOperationException" | "SerializationException", _) => Failure::Configuration,
        _ => Failure::Other,
    }
}

/// What an event says about a text: how far it has come and why not further. `None` for events that are not about texts.
///
/// An event of texts that is not known claims only that AWS has the text (TW-12).
pub fn failure_of_event(event: &str) -> Option<(DeliveryStatus, Option<Failure>)> {
    use DeliveryStatus::{Delivered, Failed, Queued, Sent, Undelivered};
    Some(match event {
        "TEXT_DELIVERED" => (Delivered, None),
        // "Accepted by the recipient's carrier": not yet on the phone (C-14).
        "TEXT_SUCCESSFUL" | "TEXT_SENT" => (Sent, None),
        "TEXT_INVALID" => (Failed, Some(Failure::InvalidNumber)),
        "TEXT_INVALID_MESSAGE" => (Failed, Some(Failure::Other)),
        "TEXT_UNREACHABLE" | "TEXT_CARRIER_UNREACHABLE" => (Undelivered, Some(Failure::Unreachable)),
        "TEXT_BLOCKED" | "TEXT_CARRIER_BLOCKED" => (Undelivered, Some(Failure::Blocked)),
        "TEXT_SPAM" => (Undelivered, Some(Failure::Filtered)),
        "TEXT_TTL_EXPIRED" => (Failed, Some(Failure::Expired)),
        "TEXT_PROTECT_BLOCKED" => (Failed, Some(Failure::Configuration)),
        "TEXT_UNKNOWN" => (Undelivered, Some(Failure::Other)),
        _ if event.starts_with("TEXT_") => (Queued, None),
        _ => return None,
    })
}

/// What a refusal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// The request was not processed; there were too many.
    Throttled,
    /// The account, its keys or its spending limit: nothing goes until somebody mends that.
    Account,
    /// Nobody knows what became of it.
    Unclear,
    /// This text will not be taken.
    Text(Failure),
}

/// The class of an answer of 4xx.
pub(super) fn class(status: u16, refused: &Refused) -> Class {
    match refused.exception.as_str() {
        "ThrottlingException" | "Throttling" | "TooManyRequestsException" | "RequestThrottled" | "RequestThrottledException" => {
            Class::Throttled
        }
        "AccessDeniedException" | "AccessDenied" | "UnrecognizedClientException" | "InvalidClientTokenId" | "InvalidAccessKeyId" => {
            Class::Account
        }
        "ExpiredTokenException" | "ExpiredToken" | "InvalidSignatureException" | "SignatureDoesNotMatch" | "IncompleteSignature" => {
            Class::Account
        }
        "IncompleteSignatureException" | "MissingAuthenticationToken" | "MissingAuthenticationTokenException" | "RequestExpired" => {
            Class::Account
        }
        "OptInRequired" | "NotAuthorized" | "SubscriptionRequiredException" => Class::Account,
        "ServiceQuotaExceededException" if refused.reason.starts_with("MONTHLY_SPEND_LIMIT_REACHED") => Class::Account,
        "InternalServerException" | "InternalFailure" | "InternalServerError" | "ServiceUnavailable" => Class::Unclear,
        "ValidationException" if refused.about_recipient => Class::Text(Failure::InvalidNumber),
        "" => match status {
            401 | 403 => Class::Account,
            408 => Class::Unclear,
            429 => Class::Throttled,
            404 | 405 | 413 | 415 => Class::Text(Failure::Configuration),
            _ => Class::Text(Failure::Other),
        },
        _ if status == 429 => Class::Throttled,
        name => Class::Text(failure_of(name, &refused.reason)),
    }
}
