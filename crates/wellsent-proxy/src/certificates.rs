//! The TLS settings of each host, with a certificate that is renewed in memory.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, crypto::aws_lc_rs};

use crate::authority::{Authority, Standing};
use crate::authority_file::AuthorityError;
use crate::hosts::{HOSTS, Host};
use crate::proxy::Clock;

/// A certificate is renewed when it has less than this left.
const RENEW_BEFORE: SignedDuration = SignedDuration::from_hours(24 * 10);

pub(crate) struct Certificates {
    authority: Authority,
    clock: Clock,
    issued: Mutex<BTreeMap<&'static str, Issued>>,
}

struct Issued {
    config: Arc<ServerConfig>,
    starts: Timestamp,
    ends: Timestamp,
}

impl Certificates {
    /// Issues a certificate for each listed host, so that an authority that has ended is found at the start.
    pub(crate) fn new(authority: Authority, clock: Clock) -> Result<Self, AuthorityError> {
        let certificates = Self { authority, clock, issued: Mutex::default() };
        for host in HOSTS {
            certificates.settings(host)?;
        }
        certificates.warn();
        Ok(certificates)
    }

    /// The settings for a connection that asked for this host.
    pub(crate) fn settings(&self, host: &Host) -> Result<Arc<ServerConfig>, AuthorityError> {
        let now = (self.clock)();
        // The map is whole between any two statements, so a panic elsewhere leaves nothing half done.
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = issued.get(host.name) {
            let lasts = known.ends.duration_since(now) > RENEW_BEFORE || (known.ends == self.authority.ends() && now < known.ends);
            if known.starts <= now && lasts {
                return Ok(Arc::clone(&known.config));
            }
            self.warn();
        }
        let leaf = self.authority.issue(host.name, now)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(leaf.key_pkcs8.as_slice()));
        let signing = aws_lc_rs::sign::any_supported_type(&key).map_err(|_| AuthorityError::Signing)?;
        let certified = CertifiedKey::new(leaf.chain, signing);
        let config = Arc::new(tls_settings(OneName { name: host.name, key: Arc::new(certified) })?);
        issued.insert(host.name, Issued { config: Arc::clone(&config), starts: leaf.starts, ends: leaf.ends });
        Ok(config)
    }

    fn warn(&self) {
        match self.authority.standing((self.clock)()) {
            Standing::Good => {}
            standing => tracing::warn!("{standing}"),
        }
    }
}

fn tls_settings(name: OneName) -> Result<ServerConfig, AuthorityError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|_| AuthorityError::Signing)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(name));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // Nothing of a session outlives its connection: handshakes on this machine are cheap.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// Has a certificate for one name only; a client that asks for another inside the tunnel gets an alert.
struct OneName {
    name: &'static str,
    key: Arc<CertifiedKey>,
}

impl fmt::Debug for OneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OneName").field(&self.name).finish()
    }
}

impl ResolvesServerCert for OneName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let asked = hello.server_name()?;
        asked.eq_ignore_ascii_case(self.name).then(|| Arc::clone(&self.key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    const DAY: i64 = 24 * 60 * 60;

    fn house() -> (Certificates, Arc<AtomicI64>, tempfile::TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let start: Timestamp = "2026-11-24T10:00:00Z".parse().expect("an instant");
        let seconds = Arc::new(AtomicI64::new(start.as_second()));
        let authority = Authority::create(&folder.path().join("authority"), start).expect("an authority");
        let clock = {
            let seconds = Arc::clone(&seconds);
            Arc::new(move || Timestamp::from_second(seconds.load(Ordering::Relaxed)).expect("an instant"))
        };
        (Certificates::new(authority, clock).expect("certificates"), seconds, folder)
    }

    fn at(certificates: &Certificates) -> Arc<ServerConfig> {
        certificates.settings(&HOSTS[0]).expect("settings")
    }

    #[test]
    fn a_certificate_is_kept_for_twenty_days_and_then_renewed() {
        let (certificates, seconds, _folder) = house();
        let first = at(&certificates);
        seconds.fetch_add(20 * DAY - 60, Ordering::Relaxed);
        assert!(Arc::ptr_eq(&first, &at(&certificates)));
        seconds.fetch_add(60, Ordering::Relaxed);
        let second = at(&certificates);
        assert!(!Arc::ptr_eq(&first, &second));
        assert!(Arc::ptr_eq(&second, &at(&certificates)));
    }

    #[test]
    fn a_clock_that_was_set_back_gets_a_certificate_that_holds() {
        let (certificates, seconds, _folder) = house();
        let first = at(&certificates);
        seconds.fetch_sub(60 * 60 - 1, Ordering::Relaxed);
        assert!(Arc::ptr_eq(&first, &at(&certificates)), "an hour is allowed for");
        seconds.fetch_add(60 * 60 + 20 * DAY, Ordering::Relaxed);
        let second = at(&certificates);
        seconds.fetch_sub(10 * DAY, Ordering::Relaxed);
        assert!(!Arc::ptr_eq(&second, &at(&certificates)));
    }

    #[test]
    fn in_the_authority_s_last_days_one_certificate_serves_to_the_end() {
        let (certificates, seconds, _folder) = house();
        seconds.fetch_add(728 * DAY, Ordering::Relaxed);
        let last = at(&certificates);
        seconds.fetch_add(DAY, Ordering::Relaxed);
        assert!(Arc::ptr_eq(&last, &at(&certificates)));
        seconds.fetch_add(DAY, Ordering::Relaxed);
        assert!(matches!(certificates.settings(&HOSTS[0]), Err(AuthorityError::Ended)));
    }
}
