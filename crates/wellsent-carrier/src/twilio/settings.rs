//! How an account is set up.

use super::sid::is_sid;
use crate::http::parse_url;
use crate::{Clock, HttpSetupError};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use reqwest::header::HeaderValue;
use std::sync::Arc;
use std::time::Duration;

/// One account, or subaccount, at Twilio.
#[derive(Clone)]
pub struct Settings {
    /// The account's name here; it stands in callback addresses, so letters, digits and `-` only.
    pub name: String,
    /// `AC` and 32 digits.
    pub account_sid: String,
    /// What requests are made with (TW-04).
    pub api_key: ApiKey,
    /// What callbacks are signed with.
    pub auth_token: AuthToken,
    /// The token that takes its place: both count until the old one is taken out (TW-04).
    pub next_auth_token: Option<AuthToken>,
    /// Whether Message Redaction is on at the account. It needs Twilio's own handling of STOP to be off, so we answer STOP, START and HELP; and
    /// the log then shows no words, so that an unclear attempt is left to a person and a lost callback is lost (TW-17).
    pub redaction_ready: bool,
    /// What forgetting a text means.
    pub forgetting: Forgetting,
    /// Where the API is; none for the real one.
    pub base_url: Option<String>,
    /// Where number lookup is; none for the real one.
    pub lookups_base_url: Option<String>,
    /// Where verification is; none for the real one.
    pub verify_base_url: Option<String>,
    /// Our own public address; the hooks lie under it. Its host has no underscore (TW-09).
    pub callback_base: String,
    /// The clock by which a text's validity is counted.
    pub clock: Clock,
    /// From the first look at the address to the last byte of the answer; below the lease of a claim.
    pub deadline: Duration,
    /// Idle connections that are kept; as many as submissions run at once.
    pub connections: usize,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What forgetting a text means (TW-17).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Forgetting {
    /// The whole record goes, number and media included.
    #[default]
    Delete,
    /// Only the words go; the record stays, for those who settle bills by it.
    Redact,
}

/// Why an account cannot be used as it is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// An address.
    #[error("an address of the Twilio account: {0}")]
    Http(#[from] HttpSetupError),
    /// The name cannot stand in an address.
    #[error("a carrier account's name has 1 to 40 letters, digits and hyphens")]
    Name,
    /// Not an account's SID.
    #[error("the Twilio account is named by AC and 32 hexadecimal digits; copy the Account SID from the console")]
    AccountSid,
    /// Not an API key's SID.
    #[error(
        "requests are made with an API key, named by SK and 32 hexadecimal digits; create one in the console instead of using the auth token"
    )]
    ApiKey,
    /// Not a verification service's SID.
    #[error("a Twilio Verify service is named by VA and 32 hexadecimal digits; copy the Service SID from the console")]
    VerifyService,
    /// The host of our own address.
    #[error("Twilio calls no host with an underscore in its name; give this installation another public address")]
    CallbackHost,
}

/// An API key with its secret. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct ApiKey(HeaderValue);

impl ApiKey {
    /// Takes a key as Twilio's console shows it.
    ///
    /// # Errors
    /// When it is not one: the auth token must not be used for requests (TW-04).
    pub fn new(sid: &str, secret: &str) -> Result<Self, SettingsError> {
        if !is_sid(sid, &["SK"]) || secret.is_empty() {
            return Err(SettingsError::ApiKey);
        }
        let mut header =
            HeaderValue::try_from(format!("Basic {}", STANDARD.encode(format!("{sid}:{secret}")))).map_err(|_| SettingsError::ApiKey)?;
        header.set_sensitive(true);
        Ok(Self(header))
    }

    /// The header that carries it.
    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApiKey(..)")
    }
}

/// An auth token, which signs callbacks and is used for nothing else (TW-04). `Debug` shows nothing of it.
#[derive(Clone)]
pub struct AuthToken(Arc<hmac::Key>);

impl AuthToken {
    /// Takes a token as Twilio's console shows it.
    pub fn new(token: &str) -> Self {
        Self(Arc::new(hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes())))
    }

    pub(super) fn key(&self) -> &hmac::Key {
        &self.0
    }
}

impl std::fmt::Debug for AuthToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuthToken(..)")
    }
}

impl Settings {
    /// Checks what does not depend on the network, and gives back our own address without a slash at its end.
    pub(super) fn check(&self) -> Result<String, SettingsError> {
        let name_fits = (1..=40).contains(&self.name.len()) && self.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !name_fits {
            return Err(SettingsError::Name);
        }
        if !is_sid(&self.account_sid, &["AC"]) {
            return Err(SettingsError::AccountSid);
        }
        let base = self.callback_base.trim_end_matches('/').to_owned();
        let url = parse_url(&base)?;
        if url.host_str().is_none_or(|host| host.contains('_')) {
            return Err(SettingsError::CallbackHost);
        }
        Ok(base)
    }
}

/// The address in the settings, or the real one, without a slash at its end.
pub(super) fn base(set: Option<&str>, real: &'static str) -> Result<String, SettingsError> {
    let base = set.unwrap_or(real).trim_end_matches('/').to_owned();
    let url: Url = parse_url(&base)?;
    if url.query().is_some() {
        return Err(SettingsError::Http(HttpSetupError::Address));
    }
    Ok(base)
}
