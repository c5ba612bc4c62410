//! The certificates that Amazon SNS signs with: taken from its own host, kept, and asked for seldom.

use super::sns::Topic;
use crate::http::{Answer, Http, Reply, parse_url};
use crate::{CallbackError, HttpSetupError};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, Url};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Certificates that are kept. SNS changes its certificate about once a year.
const KEPT_MAX: usize = 32;
/// A certificate has about 2 KB.
const PEM_BYTES_MAX: usize = 16 * 1024;
/// Fetches within a minute: a stranger who makes up names of certificates must not make us ask Amazon on and on.
const FETCHES_MAX: u32 = 10;
const FETCHES_WINDOW: SignedDuration = SignedDuration::from_secs(60);

/// The public keys of certificates, by the address of the certificate.
pub(super) struct Certificates {
    http: Http,
    /// In place of Amazon's hosts, for tests.
    instead: Option<Url>,
    kept: Mutex<HashMap<Url, Arc<[u8]>>>,
    /// One fetch at a time; when the minute began and how many there were.
    fetches: tokio::sync::Mutex<(Timestamp, u32)>,
}

impl Certificates {
    /// `http` must allow the hosts of the topics, or the one that stands in their place.
    pub fn new(http: Http, instead: Option<Url>) -> Self {
        Self { http, instead, kept: Mutex::default(), fetches: tokio::sync::Mutex::new((Timestamp::MIN, 0)) }
    }

    /// Reads an address that a message names, if it is on the host of the topic's region and encrypted.
    pub fn pinned(&self, topic: &Topic, address: &str) -> Option<Url> {
        let url = parse_url(address).ok()?;
        let good = match &self.instead {
            Some(instead) => instead.origin() == url.origin(),
            None => url.scheme() == "https" && url.port().is_none() && url.host_str() == Some(topic.host.as_str()),
        };
        good.then_some(url)
    }

    /// The public key in the certificate at a pinned address.
    pub async fn key(&self, url: Url, now: Timestamp) -> Result<Arc<[u8]>, CallbackError> {
        if let Some(key) = self.known(&url) {
            return Ok(key);
        }
        let mut fetches = self.fetches.lock().await;
        if let Some(key) = self.known(&url) {
            return Ok(key);
        }
        if now.duration_since(fetches.0).abs() >= FETCHES_WINDOW {
            *fetches = (now, 0);
        }
        if fetches.1 >= FETCHES_MAX {
            return Err(CallbackError::NotNow);
        }
        fetches.1 += 1;
        let pem = match self.http.call(Method::GET, url.clone(), &[], None).await {
            Reply::Answered(Answer { status: 200, body: Some(body), .. }) => body,
            Reply::Answered(Answer { status: 400..=428 | 430..=499, .. }) => return Err(CallbackError::BadSignature),
            Reply::Answered(_) | Reply::NotSent(_) | Reply::Unclear { .. } => return Err(CallbackError::NotNow),
        };
        let key: Arc<[u8]> = public_key(&pem).ok_or(CallbackError::BadSignature)?.into();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(url, key.clone());
        Ok(key)
    }

    /// Calls a pinned address, and tells whether it answered that all is well.
    pub async fn visit(&self, url: Url) -> bool {
        matches!(self.http.call(Method::GET, url, &[], None).await, Reply::Answered(Answer { status: 200, .. }))
    }

    fn known(&self, url: &Url) -> Option<Arc<[u8]>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned()
    }
}

/// The origins of the hosts on which topics' certificates lie.
pub(super) fn origins(topics: &[Topic]) -> Result<Vec<Url>, HttpSetupError> {
    let mut origins = Vec::new();
    for topic in topics {
        let origin = parse_url(&format!("https://{}", topic.host))?;
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    Ok(origins)
}

/// The public key of a certificate, as X.509 writes it. The certificate came over TLS from the pinned host, so its issuer is not asked again.
fn public_key(pem: &[u8]) -> Option<Vec<u8>> {
    if pem.len() > PEM_BYTES_MAX {
        return None;
    }
    let der = CertificateDer::from_pem_slice(pem).ok()?;
    let certificate = webpki::EndEntityCert::try_from(&der).ok()?;
    Some(certificate.subject_public_key_info().to_vec())
}
