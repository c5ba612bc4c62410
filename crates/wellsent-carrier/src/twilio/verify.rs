//! Twilio Verify, by text only (TW-02, TW-20).

use super::codes::{CHECKS_USED_UP, NO_CODE_TO_LANDLINE, SENDS_USED_UP};
use super::rest::Rest;
use super::settings::{Settings, SettingsError};
use super::sid::is_sid;
use super::wire::code;
use crate::http::{Answer, Reply};
use crate::{Checked, Started, VerifyError, VerifyService};
use futures_util::future::BoxFuture;
use serde::Deserialize;
use wellsent_domain::{Phi, PhoneNumber};

/// One verification service of an account. Its friendly name must say nothing about anybody, and its guard against fraud must be off, because
/// that is not covered by the agreement (TW-02).
pub struct TwilioVerify {
    rest: Rest,
    service: String,
}

#[derive(Deserialize)]
struct Verification {
    status: String,
}

impl TwilioVerify {
    /// Sets the client up; no connection is made yet. `service_sid` is `VA` and 32 digits.
    ///
    /// # Errors
    /// When something in the settings cannot be right.
    pub fn new(settings: &Settings, service_sid: &str) -> Result<Self, SettingsError> {
        if !is_sid(service_sid, &["VA"]) {
            return Err(SettingsError::VerifyService);
        }
        let rest = Rest::new(settings, settings.verify_base_url.as_deref(), "https://verify.twilio.com")?;
        Ok(Self { rest, service: format!("/v2/Services/{service_sid}") })
    }

    async fn ask_for_code(&self, number: Phi<PhoneNumber>) -> Result<Started, VerifyError> {
        let to = number.expose().to_e164();
        let answer = answered(self.rest.post(&format!("{}/Verifications", self.service), &[("To", &to), ("Channel", "sms")]).await)?;
        match (answer.status, code(answer.body.as_deref())) {
            (200..=299, _) => match status(&answer)?.as_str() {
                "max_attempts_reached" => Ok(Started::SendsUsedUp),
                _ => Ok(Started::Sent),
            },
            (_, Some(SENDS_USED_UP)) => Ok(Started::SendsUsedUp),
            (_, Some(NO_CODE_TO_LANDLINE | 21_211 | 21_614)) => Ok(Started::NotTextable),
            (429, _) => Ok(Started::Throttled),
            (400..=499, _) => Err(VerifyError::Refused),
            _ => Err(VerifyError::Unavailable),
        }
    }

    async fn check_code(&self, number: Phi<PhoneNumber>, typed: &str) -> Result<Checked, VerifyError> {
        if !(4..=10).contains(&typed.len()) || !typed.bytes().all(|byte| byte.is_ascii_digit()) {
            // It cannot be right, and need not cost one of five checks.
            return Ok(Checked::Wrong);
        }
        let to = number.expose().to_e164();
        let answer = answered(self.rest.post(&format!("{}/VerificationCheck", self.service), &[("To", &to), ("Code", typed)]).await)?;
        match (answer.status, code(answer.body.as_deref())) {
            // Only this word proves anything; the older field `valid` is not read.
            (200..=299, _) => match status(&answer)?.as_str() {
                "approved" => Ok(Checked::Approved),
                "max_attempts_reached" => Ok(Checked::ChecksUsedUp),
                "canceled" | "expired" | "deleted" => Ok(Checked::Gone),
                _ => Ok(Checked::Wrong),
            },
            (_, Some(CHECKS_USED_UP)) => Ok(Checked::ChecksUsedUp),
            (429, _) => Ok(Checked::Throttled),
            (404, _) => Ok(Checked::Gone),
            (400..=499, _) => Err(VerifyError::Refused),
            _ => Err(VerifyError::Unavailable),
        }
    }
}

fn answered(reply: Reply) -> Result<Answer, VerifyError> {
    match reply {
        Reply::Answered(answer) => Ok(answer),
        Reply::NotSent(_) | Reply::Unclear { .. } => Err(VerifyError::Unavailable),
    }
}

fn status(answer: &Answer) -> Result<String, VerifyError> {
    let body = answer.body.as_deref().ok_or(VerifyError::Unavailable)?;
    serde_json::from_slice::<Verification>(body).map(|verification| verification.status).map_err(|_| VerifyError::Unavailable)
}

impl VerifyService for TwilioVerify {
    fn name(&self) -> &'static str {
        "twilio"
    }

    fn start<'a>(&'a self, number: Phi<PhoneNumber>) -> BoxFuture<'a, Result<Started, VerifyError>> {
        Box::pin(self.ask_for_code(number))
    }

    fn check<'a>(&'a self, number: Phi<PhoneNumber>, code: &'a str) -> BoxFuture<'a, Result<Checked, VerifyError>> {
        Box::pin(self.check_code(number, code))
    }
}
