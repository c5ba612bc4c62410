//! Signature Version 4 for requests with a body and without a query.

use crate::digest::{sha256, to_hex};
use aws_lc_rs::hmac;
use jiff::Timestamp;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The keys of an AWS identity. `Debug` shows nothing of them.
#[derive(Clone)]
pub struct Credentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

impl Credentials {
    /// Takes the keys as AWS gave them. A session token comes with keys that are valid for some hours only.
    pub fn new(access_key_id: &str, secret_access_key: &str, session_token: Option<&str>) -> Self {
        Self {
            access_key_id: access_key_id.to_owned(),
            secret_access_key: secret_access_key.to_owned(),
            session_token: session_token.map(str::to_owned),
        }
    }

    pub(super) fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(..)")
    }
}

/// What is signed.
pub(super) struct Request<'a> {
    pub method: &'a str,
    /// The path, as it stands in the request line.
    pub path: &'a str,
    /// The headers that are signed, in lower case; `host` and `x-amz-date` among them.
    pub headers: &'a [(&'a str, &'a str)],
    pub body: &'a [u8],
}

/// The time as it stands in `x-amz-date`.
pub(super) fn date(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The value of the `Authorization` header. `date` is that of `x-amz-date`.
pub(super) fn authorization(credentials: &Credentials, region: &str, service: &str, date: &str, request: &Request<'_>) -> String {
    let day = date.get(..8).unwrap_or_default();
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let mut headers: Vec<_> = request.headers.to_vec();
    headers.sort_unstable();
    let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let to_sign = format!("{ALGORITHM}\n{date}\n{scope}\n{}", to_hex(&sha256(&[canonical(request, &headers, &names).as_bytes()])));
    let mut key = format!("AWS4{}", credentials.secret_access_key).into_bytes();
    for part in [day, region, service, "aws4_request"] {
        key = mac(&key, part);
    }
    let signature = to_hex(&mac(&key, &to_sign));
    format!("{ALGORITHM} Credential={}/{scope}, SignedHeaders={names}, Signature={signature}", credentials.access_key_id)
}

fn canonical(request: &Request<'_>, headers: &[(&str, &str)], names: &str) -> String {
    let mut text = format!("{}\n{}\n\n", request.method, request.path);
    for (name, value) in headers {
        text.push_str(&format!("{name}:{}\n", value.trim()));
    }
    text.push_str(&format!("\n{names}\n{}", to_hex(&sha256(&[request.body]))));
    text
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}
