//! Checks Signature Version 4, from the reference's five steps.

use crate::loopback::Incoming;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use std::fmt::Write as _;

/// One identity that may call.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The access key's id.
    pub id: String,
    /// The secret.
    pub secret: String,
    /// The session's token, for keys of a session.
    pub session_token: Option<String>,
}

/// How far the time of a request may be from the server's, in seconds.
const SKEW_MAX: i64 = 300;

/// Checks a request and names the exception if it is not signed by one of the keys.
pub(super) fn check(request: &Incoming, identities: &[Keys], region: &str, service: &str, now: i64) -> Result<(), &'static str> {
    let header = request.header("authorization").ok_or("MissingAuthenticationTokenException")?;
    let fields = header.strip_prefix("AWS4-HMAC-SHA256 ").ok_or("IncompleteSignatureException")?;
    let field = |name: &str| {
        let found = fields.split(',').map(str::trim).find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
        found.ok_or("IncompleteSignatureException")
    };
    let (credential, names, signature) = (field("Credential")?, field("SignedHeaders")?, field("Signature")?);
    let [id, day, named_region, named_service, "aws4_request"] = credential.split('/').collect::<Vec<_>>()[..] else {
        return Err("IncompleteSignatureException");
    };
    let identity = identities.iter().find(|keys| keys.id == id).ok_or("UnrecognizedClientException")?;
    if identity.session_token.as_deref() != request.header("x-amz-security-token") {
        return Err("UnrecognizedClientException");
    }
    let date = request.header("x-amz-date").ok_or("IncompleteSignatureException")?;
    let seconds = seconds(date).ok_or("IncompleteSignatureException")?;
    if (now - seconds).abs() > SKEW_MAX || !date.starts_with(day) || named_region != region || named_service != service {
        return Err("InvalidSignatureException");
    }
    let listed: Vec<&str> = names.split(';').collect();
    if !listed.contains(&"host") || listed.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err("InvalidSignatureException");
    }
    // Every header of AWS itself must be signed, or it could be changed on the way.
    if request.headers.keys().any(|name| name.as_str().starts_with("x-amz-") && !listed.contains(&name.as_str())) {
        return Err("InvalidSignatureException");
    }
    let mut canonical = format!("{}\n{}\n{}\n", request.method, request.path, request.query);
    for name in &listed {
        let value = request.header(name).ok_or("InvalidSignatureException")?;
        let _ = writeln!(canonical, "{name}:{}", value.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    let _ = write!(canonical, "\n{names}\n{}", hex(digest(&SHA256, &request.body).as_ref()));
    let hashed = hex(digest(&SHA256, canonical.as_bytes()).as_ref());
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{day}/{region}/{service}/aws4_request\n{hashed}");
    let key = [region, service, "aws4_request"]
        .iter()
        .fold(sign(format!("AWS4{}", identity.secret).as_bytes(), day), |key, part| sign(key.as_ref(), part));
    match hex(sign(key.as_ref(), &to_sign).as_ref()) == signature {
        true => Ok(()),
        false => Err("InvalidSignatureException"),
    }
}

fn sign(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `20150830T123600Z` in seconds since 1970.
fn seconds(date: &str) -> Option<i64> {
    let at = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok()?;
    Some(jiff::tz::TimeZone::UTC.to_timestamp(at).ok()?.as_second())
}
