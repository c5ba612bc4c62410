//! Requests to one of Twilio's hosts.

use super::form;
use super::settings::{Settings, SettingsError, base};
use crate::HttpSetupError;
use crate::http::{Allow, Http, NotSent, Reply, Settings as HttpSettings, parse_url};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Url};

/// A client of one host, and of no other.
pub(super) struct Rest {
    http: Http,
    base: String,
    authorization: HeaderValue,
}

impl Rest {
    pub fn new(settings: &Settings, set: Option<&str>, real: &'static str) -> Result<Self, SettingsError> {
        let base = base(set, real)?;
        let http = Http::new(HttpSettings {
            allow: Allow::Origins(vec![parse_url(&base)?]),
            deadline: settings.deadline,
            connect_deadline: settings.deadline / 2,
            idle_connections: settings.connections,
        })?;
        Ok(Self { http, base, authorization: settings.api_key.header() })
    }

    /// The address of a path and query, which must begin with a slash.
    pub fn url(&self, path: &str) -> Result<Url, HttpSetupError> {
        parse_url(&format!("{}{path}", self.base))
    }

    /// Sends a form.
    pub async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> Reply {
        self.call(Method::POST, path, Some(form::encode(pairs).into_bytes())).await
    }

    /// Asks.
    pub async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, None).await
    }

    /// Deletes.
    pub async fn delete(&self, path: &str) -> Reply {
        self.call(Method::DELETE, path, None).await
    }

    async fn call(&self, method: Method, path: &str, form: Option<Vec<u8>>) -> Reply {
        let Ok(url) = self.url(path) else {
            return Reply::NotSent(NotSent::AddressNotAllowed);
        };
        let mut headers: Vec<(HeaderName, HeaderValue)> =
            vec![(AUTHORIZATION, self.authorization.clone()), (ACCEPT, HeaderValue::from_static("application/json"))];
        if form.is_some() {
            headers.push((CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded")));
        }
        self.http.call(method, url, &headers, form).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::{ApiKey, AuthToken, Forgetting};
    use std::sync::Arc;
    use std::time::Duration;

    fn rest(set: Option<&str>) -> Rest {
        let settings = Settings {
            name: "twilio-main".into(),
            account_sid: "AC0123456789abcdef0123456789abcdef".into(),
            api_key: ApiKey::new("SK0123456789abcdef0123456789abcdef", "secret").unwrap(),
            auth_token: AuthToken::new("token"),
            next_auth_token: None,
            redaction_ready: false,
            forgetting: Forgetting::Delete,
            base_url: None,
            lookups_base_url: None,
            verify_base_url: None,
            callback_base: "https://texts.practice.example".into(),
            clock: Arc::new(|| jiff::Timestamp::UNIX_EPOCH),
            deadline: Duration::from_millis(200),
            connections: 1,
        };
        Rest::new(&settings, set, "https://api.twilio.com").unwrap()
    }

    #[tokio::test]
    async fn no_host_but_the_one_in_the_settings_is_called() {
        let rest = rest(Some("http://127.0.0.1:9"));
        for path in ["@127.0.0.1:10/x", ".evil.example/x", "0/x"] {
            assert_eq!(rest.get(path).await, Reply::NotSent(NotSent::AddressNotAllowed), "{path}");
        }
    }

    #[test]
    fn the_real_hosts_are_the_only_ones_when_nothing_is_set() {
        let rest = rest(None);
        assert!(rest.http.allows(&rest.url("/2010-04-01/Accounts").unwrap()));
        for other in [
            "https://verify.twilio.com/",
            "https://api.twilio.com.evil.example/",
            "http://api.twilio.com/",
            "https://api.twilio.com:8443/",
            "https://api.sydney.au1.twilio.com/",
            "http://127.0.0.1/",
            "http://169.254.169.254/latest/",
        ] {
            assert!(!rest.http.allows(&parse_url(other).unwrap()), "{other}");
        }
    }
}
