//! Reads Twilio's callbacks. Nothing in them counts before the signature was checked (TW-05), and parameters that nobody has heard of are
//! normal (TW-08).

use super::codes::failure_of;
use super::settings::AuthToken;
use super::sid::is_message;
use super::signature::{HEADER, Parameters, check};
use crate::digest::sha256;
use crate::{Callback, CallbackError, CallbackKind, CarrierOptOut, Event};
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::gate::AttemptToken;
use wellsent_domain::{Phi, PhoneNumber};

/// The largest body that is looked at: a text of 1,600 characters, each in four bytes and escaped, and ten addresses of media are far less.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Checks and reads a callback.
pub(super) fn read(tokens: &[&AuthToken], account_sid: &str, callback: &Callback<'_>) -> Result<Vec<Event>, CallbackError> {
    if callback.body.len() > BODY_BYTES_MAX {
        return Err(CallbackError::TooLarge);
    }
    let signature = callback.header(HEADER).ok_or(CallbackError::BadSignature)?;
    let parameters = check(tokens, callback.public_url, callback.body, signature).ok_or(CallbackError::BadSignature)?;
    let parameters = Named(parameters);
    // The token signs for every account that shares it; only ours may tell us anything.
    if parameters.one("AccountSid")? != Some(account_sid) {
        return Err(CallbackError::Malformed("AccountSid"));
    }
    match callback.kind {
        CallbackKind::Status => receipt(&parameters, callback.public_url),
        CallbackKind::Inbound => inbound(&parameters),
    }
}

/// The parameters, by name.
struct Named(Parameters);

impl Named {
    /// The value of a parameter; one that comes with several values says nothing.
    fn one(&self, name: &'static str) -> Result<Option<&str>, CallbackError> {
        let mut values = self.0.iter().filter(|(known, _)| known == name.as_bytes()).map(|(_, value)| value);
        let Some(first) = values.next() else {
            return Ok(None);
        };
        if values.any(|value| value != first) {
            return Err(CallbackError::Malformed(name));
        }
        std::str::from_utf8(first).map(Some).map_err(|_| CallbackError::Malformed(name))
    }

    fn message_sid(&self) -> Result<&str, CallbackError> {
        let sid = match self.one("MessageSid")? {
            Some(sid) => sid,
            None => self.one("SmsSid")?.unwrap_or_default(),
        };
        is_message(sid).then_some(sid).ok_or(CallbackError::Malformed("MessageSid"))
    }
}

/// How far a text has come; `None` for words that say nothing about a text of ours, or that came up since (TW-12).
pub(super) fn status(word: &str) -> Option<DeliveryStatus> {
    Some(match word {
        "accepted" | "scheduled" | "queued" | "sending" => DeliveryStatus::Queued,
        "sent" => DeliveryStatus::Sent,
        "delivered" | "read" => DeliveryStatus::Delivered,
        "undelivered" => DeliveryStatus::Undelivered,
        "failed" | "canceled" => DeliveryStatus::Failed,
        _ => return None,
    })
}

/// Why a text did not arrive, if it did not.
pub(super) fn failure(status: DeliveryStatus, code: Option<u32>) -> Option<Failure> {
    matches!(status, DeliveryStatus::Failed | DeliveryStatus::Undelivered).then(|| code.map_or(Failure::Other, failure_of))
}

fn receipt(parameters: &Named, public_url: &str) -> Result<Vec<Event>, CallbackError> {
    let sid = parameters.message_sid()?;
    let word = match parameters.one("MessageStatus")? {
        Some(word) => word,
        None => parameters.one("SmsStatus")?.ok_or(CallbackError::Malformed("MessageStatus"))?,
    };
    let token = token(public_url)?;
    let Some(status) = status(word) else {
        // Acknowledged and left: a status of the future must not make Twilio repeat the callback.
        return Ok(Vec::new());
    };
    let code = parameters.one("ErrorCode")?.and_then(|code| code.parse().ok()).filter(|code| *code > 0);
    Ok(vec![Event::Receipt {
        token,
        carrier_message_id: sid.to_owned(),
        status,
        failure: failure(status, code),
        key: sha256(&[b"twilio\0receipt\0", sid.as_bytes(), b"\0", word.as_bytes()]),
    }])
}

fn inbound(parameters: &Named) -> Result<Vec<Event>, CallbackError> {
    let sid = parameters.message_sid()?;
    let from = parameters.one("From")?.ok_or(CallbackError::Malformed("From"))?;
    let to = parameters.one("To")?.filter(|to| !to.is_empty()).ok_or(CallbackError::Malformed("To"))?;
    let opt_out = parameters.one("OptOutType")?.and_then(opt_out);
    // A picture without words has an empty body, or none. Pictures are not fetched.
    let body = parameters.one("Body")?.unwrap_or_default();
    Ok(inbound_event(sid, from, to, body, opt_out).into_iter().collect())
}

/// A person's text, the same by callback and from the log. `None` when no phone of the numbering plan sent it: another country, a short code,
/// or a channel that is no text's (TW-02). Nobody whom we text can be behind it.
pub(super) fn inbound_event(sid: &str, from: &str, to: &str, body: &str, opt_out: Option<CarrierOptOut>) -> Option<Event> {
    let Ok(from) = PhoneNumber::from_e164_exact(from) else {
        tracing::warn!("a text at Twilio came from an address that is no phone number of North America; it was left aside");
        return None;
    };
    Some(Event::Inbound {
        carrier_message_id: sid.to_owned(),
        from: Phi::new(from),
        to_sender: to.to_owned(),
        body: Phi::new(body.to_owned()),
        key: sha256(&[b"twilio\0inbound\0", sid.as_bytes()]),
        opt_out,
    })
}

/// What Twilio says that it did already, its answer to the person included (TW-18).
fn opt_out(word: &str) -> Option<CarrierOptOut> {
    match word {
        "STOP" => Some(CarrierOptOut::Stop),
        "START" => Some(CarrierOptOut::Start),
        "HELP" => Some(CarrierOptOut::Help),
        _ => None,
    }
}

/// What Twilio did about a text that is one of its words and nothing else, whatever its case (TW-18). YES is left out: it lifts a block only where
/// there is one, and is an answer to us otherwise.
pub(super) fn answered_by_itself(body: &str) -> Option<CarrierOptOut> {
    match body.trim().to_ascii_uppercase().as_str() {
        "STOP" | "STOPALL" | "UNSUBSCRIBE" | "END" | "QUIT" | "REVOKE" | "OPTOUT" | "CANCEL" => Some(CarrierOptOut::Stop),
        "START" | "UNSTOP" => Some(CarrierOptOut::Start),
        "HELP" | "INFO" => Some(CarrierOptOut::Help),
        _ => None,
    }
}

/// The attempt's token in the address that was called.
fn token(public_url: &str) -> Result<Option<AttemptToken>, CallbackError> {
    let query = public_url.split('#').next().and_then(|url| url.split_once('?')).map(|(_, query)| query);
    match query.and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("t="))) {
        Some(token) => AttemptToken::from_hex(token).map(Some).ok_or(CallbackError::Malformed("t")),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::super::form;
    use super::super::signature::sign;
    use super::*;
    use proptest::prelude::*;

    const ACCOUNT: &str = "AC00000000000000000000000000000001";
    const URL: &str = "https://texts.practice.example/hooks/twilio/snd_1/status?t=00112233445566778899aabbccddeeff";

    fn read_signed(kind: CallbackKind, body: &[u8]) -> Result<Vec<Event>, CallbackError> {
        let token = AuthToken::new("token");
        let signature = sign(&token, URL, body);
        let headers = |name: &str| (name == HEADER).then_some(signature.as_str());
        read(&[&token], ACCOUNT, &Callback { kind, public_url: URL, headers: &headers, body })
    }

    #[test]
    fn only_a_word_that_is_the_whole_text_was_answered_by_twilio() {
        for (text, answered) in [
            ("stop", Some(CarrierOptOut::Stop)),
            (" Cancel\n", Some(CarrierOptOut::Stop)),
            ("Help", Some(CarrierOptOut::Help)),
            ("UNSTOP", Some(CarrierOptOut::Start)),
            ("STOP PLEASE", None),
            ("opt out", None),
            ("YES", None),
            ("", None),
        ] {
            assert_eq!(answered_by_itself(text), answered, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_signed_is_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..300)) {
            for kind in [CallbackKind::Inbound, CallbackKind::Status] {
                prop_assert!(read_signed(kind, &body).is_err());
            }
        }

        #[test]
        fn values_of_any_form_are_read_or_refused(
            values in prop::collection::vec((prop::sample::select(vec!["MessageSid", "SmsSid", "From", "To", "Body", "MessageStatus", "SmsStatus",
                "ErrorCode", "OptOutType", "NumMedia"]), ".{0,20}"), 0..12)
        ) {
            let pairs: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).chain([("AccountSid", ACCOUNT)]).collect();
            for kind in [CallbackKind::Inbound, CallbackKind::Status] {
                let read = read_signed(kind, form::encode(&pairs).as_bytes());
                prop_assert!(read.is_err(), "no made-up name is a text's name");
            }
        }

        #[test]
        fn codes_of_any_form_leave_a_failure(code in ".{0,12}") {
            let sid = "SM00000000000000000000000000000001";
            let pairs = [("AccountSid", ACCOUNT), ("MessageSid", sid), ("MessageStatus", "failed"), ("ErrorCode", &code)];
            let read = read_signed(CallbackKind::Status, form::encode(&pairs).as_bytes()).unwrap();
            let failed = matches!(&read[..], [Event::Receipt { status: DeliveryStatus::Failed, failure: Some(_), .. }]);
            prop_assert!(failed);
        }
    }
}
