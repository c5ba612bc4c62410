//! The certificate authority.

use std::fmt;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, NameConstraints,
};
use rustls::pki_types::CertificateDer;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::authority_file::{self, AuthorityError, Stored};

/// The only name below which the authority may sign.
pub(crate) const CONSTRAINED_TO: &str = "twilio.com";
/// For how many days an authority holds: two years.
pub const AUTHORITY_DAYS: i64 = 730;
/// How many days before its end an authority asks for its successor.
pub const RENEW_BEFORE_DAYS: i64 = 60;
/// For how many days a certificate of a host holds.
pub(crate) const LEAF_DAYS: i64 = 30;
/// Clocks of clients may be behind by so much.
const CLOCKS_BEHIND: SignedDuration = SignedDuration::from_hours(1);

/// Issues certificates for Twilio's hosts, to clients that were told to trust it.
///
/// It is a pair of certificates. Clients trust the *root*, whose key is gone as soon as it has signed the *issuer*; the issuer's key lies in the file and
/// signs for the hosts. Both carry critical name constraints: names below `twilio.com` and no IP address, for servers only. A client therefore refuses
/// whatever else is signed with the stored key. The second certificate is what makes this true everywhere: clients need not heed the constraints of a
/// root that they were told to trust, and some do not, but those of an issuer below it they must (RFC 5280, section 6.1).
///
/// Within `twilio.com` a stolen key does impersonate, which is why it lies in a file of mode `0600` beside the other keys and why no whole machine should
/// trust the authority, only the one application.
pub struct Authority {
    root: CertificateDer<'static>,
    root_pem: String,
    issuing: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
    starts: Timestamp,
    ends: Timestamp,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("ends", &self.ends).finish_non_exhaustive()
    }
}

/// Whether an authority still holds. Its `Display` says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It holds.
    Good,
    /// It ends in so many days.
    Ending {
        /// Whole days.
        days: i64,
    },
    /// It has ended, and nothing can be issued.
    Ended,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const RENEW: &str = "move its file away, make another, and give the new certificate to the applications";
        match self {
            Self::Good => f.write_str("the proxy's certificate authority holds"),
            Self::Ending { days } => write!(f, "the proxy's certificate authority ends in {days} days; before then, {RENEW}"),
            Self::Ended => write!(f, "the proxy's certificate authority has ended and applications cannot connect; {RENEW}"),
        }
    }
}

/// A host's certificate with its key, in DER, and when it ends.
pub(crate) struct Leaf {
    /// The host's certificate, then the issuer's: what a server sends.
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key_pkcs8: Zeroizing<Vec<u8>>,
    pub(crate) starts: Timestamp,
    pub(crate) ends: Timestamp,
}

impl Authority {
    /// Makes an authority that holds from `now` for [`AUTHORITY_DAYS`], and writes it with its key to a new file of mode `0600`.
    ///
    /// # Errors
    /// [`AuthorityError::AlreadyExists`] if there is a file: applications trust what is in it, so it is never overwritten. Otherwise what the system says.
    pub fn create(path: &Path, now: Timestamp) -> Result<Self, AuthorityError> {
        let (starts, ends) = (whole_second(now - CLOCKS_BEHIND), whole_second(now + SignedDuration::from_hours(24 * AUTHORITY_DAYS)));
        let made = Made::new(now, starts, ends)?;
        authority_file::write_new(path, &made.root.pem(), &made.issuing.pem(), &Zeroizing::new(made.key.serialize_pem()))?;
        Ok(Self {
            root: made.root.der().clone(),
            root_pem: made.root.pem(),
            issuing: made.issuing.der().clone(),
            issuer: Issuer::new(made.params, made.key),
            starts,
            ends,
        })
    }

    /// Reads the file of an authority.
    ///
    /// # Errors
    /// If the file is not there, can be read by others, is damaged, or holds an authority that is not constrained to `twilio.com` as [`Authority::create`]
    /// makes it.
    pub fn load(path: &Path) -> Result<Self, AuthorityError> {
        let Stored { root, root_pem, issuing, key, starts, ends } = authority_file::read(path)?;
        let issuer = Issuer::from_ca_cert_der(&issuing, key).map_err(|_| AuthorityError::Malformed { path: path.to_owned() })?;
        Ok(Self { root, root_pem, issuing, issuer, starts, ends })
    }

    /// The root's certificate for applications to trust, as PEM. It is no secret.
    pub fn certificate_pem(&self) -> &str {
        &self.root_pem
    }

    /// The root's certificate for applications to trust, as DER.
    pub fn certificate_der(&self) -> &[u8] {
        &self.root
    }

    /// When it ends.
    pub fn ends(&self) -> Timestamp {
        self.ends
    }

    /// Whether it holds at `now`, and if not for long, what to do.
    pub fn standing(&self, now: Timestamp) -> Standing {
        let left = self.ends.duration_since(now);
        let days = left.as_hours() / 24;
        if left.is_negative() || left.is_zero() {
            Standing::Ended
        } else if days < RENEW_BEFORE_DAYS {
            Standing::Ending { days }
        } else {
            Standing::Good
        }
    }

    /// A new key and certificate for one host.
    pub(crate) fn issue(&self, host: &str, now: Timestamp) -> Result<Leaf, AuthorityError> {
        if now >= self.ends {
            return Err(AuthorityError::Ended);
        }
        let starts = whole_second(now - CLOCKS_BEHIND).max(self.starts);
        let ends = whole_second(now + SignedDuration::from_hours(24 * LEAF_DAYS)).min(self.ends);
        let key = KeyPair::generate().map_err(|_| AuthorityError::Signing)?;
        let certificate = sign(host, starts, ends, &key, &self.issuer)?;
        let key_pkcs8 = Zeroizing::new(key.serialize_der());
        Ok(Leaf { chain: vec![certificate.der().clone(), self.issuing.clone()], key_pkcs8, starts, ends })
    }
}

/// A new authority, before it is written.
struct Made {
    root: Certificate,
    issuing: Certificate,
    /// Of the issuer.
    params: CertificateParams,
    key: KeyPair,
}

impl Made {
    fn new(now: Timestamp, starts: Timestamp, ends: Timestamp) -> Result<Self, AuthorityError> {
        Self::shaped(now, starts, ends, |_, _| {})
    }

    /// `shape` may change the root's and the issuer's parameters, for tests of what is refused.
    fn shaped(
        now: Timestamp,
        starts: Timestamp,
        ends: Timestamp,
        shape: impl FnOnce(&mut CertificateParams, &mut CertificateParams),
    ) -> Result<Self, AuthorityError> {
        // The date tells an authority from its successor in a list of certificates.
        let date = now.strftime("%Y-%m-%d");
        let mut above = authority_params(&format!("Wellsent proxy for twilio.com, {date}"), 1, starts, ends);
        let mut params = authority_params(&format!("Wellsent proxy for twilio.com, issuer, {date}"), 0, starts, ends);
        params.use_authority_key_identifier_extension = true;
        shape(&mut above, &mut params);
        // This key ends with this function: nothing is ever signed with it again.
        let root_key = KeyPair::generate().map_err(|_| AuthorityError::Signing)?;
        let root = above.self_signed(&root_key).map_err(|_| AuthorityError::Signing)?;
        let key = KeyPair::generate().map_err(|_| AuthorityError::Signing)?;
        let issuing = params.signed_by(&key, &Issuer::new(above, root_key)).map_err(|_| AuthorityError::Signing)?;
        Ok(Self { root, issuing, params, key })
    }
}

fn authority_params(name: &str, authorities_below: u8, starts: Timestamp, ends: Timestamp) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = instant(starts);
    params.not_after = instant(ends);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.distinguished_name.push(DnType::OrganizationName, "Wellsent, this installation");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(authorities_below));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName(CONSTRAINED_TO.to_owned())],
        // A list of permitted names says nothing about addresses, so those are excluded as a whole.
        excluded_subtrees: vec![
            GeneralSubtree::IpAddress(CidrSubnet::V4([0; 4], [0; 4])),
            GeneralSubtree::IpAddress(CidrSubnet::V6([0; 16], [0; 16])),
        ],
    });
    params
}

fn sign(
    host: &str,
    starts: Timestamp,
    ends: Timestamp,
    key: &KeyPair,
    issuer: &Issuer<'_, KeyPair>,
) -> Result<Certificate, AuthorityError> {
    let mut params = CertificateParams::new(vec![host.to_owned()]).map_err(|_| AuthorityError::Signing)?;
    params.not_before = instant(starts);
    params.not_after = instant(ends);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, host);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // Python from 3.13 on refuses a chain without it.
    params.use_authority_key_identifier_extension = true;
    params.signed_by(key, issuer).map_err(|_| AuthorityError::Signing)
}

/// Certificates know seconds.
fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

fn instant(at: Timestamp) -> OffsetDateTime {
    // Every jiff timestamp is within the years that `time` knows; the fallback would end a certificate, not prolong it.
    OffsetDateTime::from_unix_timestamp(at.as_second()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::ServerCertVerifier as _;
    use rustls::pki_types::{ServerName, UnixTime};
    use rustls::{CertificateError, Error, RootCertStore, crypto::aws_lc_rs};
    use std::sync::Arc;
    use std::time::Duration;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    fn made(now: Timestamp) -> (tempfile::TempDir, std::path::PathBuf, Authority) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("proxy-authority.pem");
        let authority = Authority::create(&path, now).expect("an authority");
        (folder, path, authority)
    }

    /// What a client says that trusts the authority and nothing else.
    fn judged(authority: &Authority, leaf: &Leaf, host: &str, now: Timestamp) -> Result<(), Error> {
        judged_below(&authority.root, &leaf.chain, host, now)
    }

    fn judged_below(root: &CertificateDer<'static>, chain: &[CertificateDer<'_>], host: &str, now: Timestamp) -> Result<(), Error> {
        let mut roots = RootCertStore::empty();
        roots.add(root.clone()).expect("a root");
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(aws_lc_rs::default_provider()))
            .build()
            .expect("a verifier");
        let name = ServerName::try_from(host.to_owned()).expect("a name");
        let seconds = u64::try_from(now.as_second()).expect("after 1970");
        verifier
            .verify_server_cert(&chain[0], &chain[1..], &name, &[], UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
            .map(|_| ())
    }

    #[test]
    fn a_client_that_trusts_the_authority_takes_twilio_s_host_and_nothing_else() {
        let now = at("2026-11-24T10:00:00Z");
        let (_folder, _path, authority) = made(now);
        let leaf = authority.issue("api.twilio.com", now).expect("a certificate");
        judged(&authority, &leaf, "api.twilio.com", now).expect("taken");
        // The same key signs for somebody else: a thief's use of it.
        for other in ["example.com", "nottwilio.com", "twilio.com.example.com", "127.0.0.1", "::1"] {
            let stolen = authority.issue(other, now).expect("a signature is always possible");
            let refused = judged(&authority, &stolen, other, now).expect_err(other);
            assert!(refused.to_string().contains("NameConstraintViolation"), "{other}: {refused}");
        }
    }

    #[test]
    fn a_host_s_certificate_holds_thirty_days_and_never_longer_than_the_authority() {
        let now = at("2026-11-24T10:00:00Z");
        let (_folder, _path, authority) = made(now);
        let leaf = authority.issue("api.twilio.com", now).expect("a certificate");
        assert_eq!(leaf.ends, at("2026-12-24T10:00:00Z"));
        let late = judged(&authority, &leaf, "api.twilio.com", leaf.ends + SignedDuration::from_secs(1)).expect_err("late");
        assert!(matches!(late, Error::InvalidCertificate(CertificateError::ExpiredContext { .. })), "{late}");

        let last_days = authority.ends() - SignedDuration::from_hours(48);
        assert_eq!(authority.issue("api.twilio.com", last_days).expect("a certificate").ends, authority.ends());
        assert!(matches!(authority.issue("api.twilio.com", authority.ends()), Err(AuthorityError::Ended)));
    }

    #[test]
    fn an_authority_says_in_time_that_it_ends() {
        let now = at("2026-11-24T10:00:00Z");
        let (_folder, _path, authority) = made(now);
        assert_eq!(authority.ends(), at("2028-11-23T10:00:00Z"));
        assert_eq!(authority.standing(now), Standing::Good);
        assert_eq!(authority.standing(authority.ends() - SignedDuration::from_hours(24 * 30)), Standing::Ending { days: 30 });
        assert_eq!(authority.standing(authority.ends()), Standing::Ended);
        assert!(Standing::Ending { days: 30 }.to_string().contains("in 30 days"));
    }

    #[test]
    fn what_was_written_is_read_and_signs_as_before() {
        let now = at("2026-11-24T10:00:00Z");
        let (_folder, path, authority) = made(now);
        let read = Authority::load(&path).expect("the authority");
        assert_eq!(read.certificate_pem(), authority.certificate_pem());
        assert_eq!((read.starts, read.ends()), (authority.starts, authority.ends()));
        let leaf = read.issue("api.twilio.com", now).expect("a certificate");
        judged(&authority, &leaf, "api.twilio.com", now).expect("taken by who trusts the first");
    }

    #[test]
    fn the_public_part_holds_no_key_and_debug_shows_none() {
        let (_folder, path, authority) = made(at("2026-11-24T10:00:00Z"));
        assert!(!authority.certificate_pem().contains("PRIVATE"));
        assert!(std::fs::read_to_string(path).expect("the file").contains("PRIVATE"));
        assert_eq!(format!("{authority:?}"), "Authority { ends: 2028-11-23T10:00:00Z, .. }");
    }

    #[test]
    fn an_authority_is_never_overwritten() {
        let now = at("2026-11-24T10:00:00Z");
        let (_folder, path, authority) = made(now);
        assert!(matches!(Authority::create(&path, now), Err(AuthorityError::AlreadyExists { .. })));
        assert_eq!(Authority::load(&path).expect("the first").certificate_pem(), authority.certificate_pem());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, path, _authority) = made(at("2026-11-24T10:00:00Z"));
        let mode = std::fs::metadata(&path).expect("the file").permissions().mode() & 0o7777;
        assert_eq!(mode, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("changed");
        assert!(matches!(Authority::load(&path), Err(AuthorityError::TooOpen { mode: 0o640, .. })));
    }

    fn rewrite(path: &Path, text: &str) {
        std::fs::write(path, text).expect("written");
    }

    /// What a thief of the stored key meets where the client ignores the constraints of its roots.
    #[test]
    fn the_stored_key_is_constrained_even_for_a_client_that_ignores_what_its_roots_say() {
        let now = at("2026-11-24T10:00:00Z");
        let ends = now + SignedDuration::from_hours(24);
        let made = Made::shaped(now, now, ends, |root, _| root.name_constraints = None).expect("an authority");
        let issuer = Issuer::new(made.params, made.key);
        for (host, taken) in [("api.twilio.com", true), ("example.com", false), ("127.0.0.1", false)] {
            let key = KeyPair::generate().expect("a key");
            let leaf = sign(host, now, ends, &key, &issuer).expect("a signature");
            let judged = judged_below(made.root.der(), &[leaf.der().clone(), made.issuing.der().clone()], host, now);
            assert_eq!(judged.is_ok(), taken, "{host}: {judged:?}");
        }
    }

    #[test]
    fn each_certificate_names_the_key_above_it_as_strict_clients_ask() {
        use x509_parser::extensions::ParsedExtension;
        use x509_parser::prelude::{FromDer as _, X509Certificate};
        let now = at("2026-11-24T10:00:00Z");
        let (_folder, _path, authority) = made(now);
        let leaf = authority.issue("api.twilio.com", now).expect("a certificate");
        let keys = |der: &[u8]| {
            let (_, parsed) = X509Certificate::from_der(der).expect("a certificate");
            let (mut own, mut above) = (None, None);
            for extension in parsed.extensions() {
                match extension.parsed_extension() {
                    ParsedExtension::SubjectKeyIdentifier(key) => own = Some(key.0.to_vec()),
                    ParsedExtension::AuthorityKeyIdentifier(key) => above = key.key_identifier.as_ref().map(|key| key.0.to_vec()),
                    _ => {}
                }
            }
            (own, above)
        };
        let (root, issuing, host) = (keys(&authority.root), keys(&leaf.chain[1]), keys(&leaf.chain[0]));
        assert!(root.0.is_some() && issuing.0.is_some());
        assert_eq!(issuing.1, root.0);
        assert_eq!(host.1, issuing.0);
    }

    #[test]
    fn the_stored_key_is_not_the_root_s() {
        use rcgen::PublicKeyData as _;
        let (_folder, path, authority) = made(at("2026-11-24T10:00:00Z"));
        let text = std::fs::read_to_string(path).expect("the file");
        assert_eq!(text.matches("PRIVATE KEY-----").count(), 2, "one key, with its beginning and its end");
        let stored = authority.issuer.key().subject_public_key_info();
        let holds = |certificate: &[u8]| certificate.windows(stored.len()).any(|part| part == stored);
        assert!(holds(&authority.issuing));
        assert!(!holds(&authority.root));
    }

    #[test]
    fn an_authority_without_limits_is_not_used() {
        type Loosen = fn(&mut CertificateParams);
        let now = at("2026-11-24T10:00:00Z");
        let loosenings: [Loosen; 6] = [
            |params| params.name_constraints = None,
            |params| params.name_constraints.as_mut().expect("constraints").excluded_subtrees.clear(),
            |params| {
                params.name_constraints.as_mut().expect("constraints").excluded_subtrees.pop();
            },
            |params| {
                params
                    .name_constraints
                    .as_mut()
                    .expect("constraints")
                    .permitted_subtrees
                    .push(GeneralSubtree::DnsName("example.com".to_owned()))
            },
            |params| {
                params.name_constraints.as_mut().expect("constraints").permitted_subtrees = vec![GeneralSubtree::DnsName("com".to_owned())]
            },
            |params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
        ];
        let (_folder, path, authority) = made(now);
        let read = |made: &Made| {
            rewrite(&path, &format!("{}{}{}", made.root.pem(), made.issuing.pem(), made.key.serialize_pem()));
            Authority::load(&path)
        };
        let sound = Made::new(now, now, authority.ends()).expect("an authority");
        read(&sound).expect("the same, not loosened, is used");
        for (index, loosen) in loosenings.into_iter().enumerate() {
            let root = Made::shaped(now, now, authority.ends(), |root, _| loosen(root)).expect("an authority");
            assert!(matches!(read(&root), Err(AuthorityError::NotConstrained { .. })), "root, loosening {index}");
            let issuing = Made::shaped(now, now, authority.ends(), |_, issuing| loosen(issuing)).expect("an authority");
            assert!(matches!(read(&issuing), Err(AuthorityError::NotConstrained { .. })), "issuer, loosening {index}");
        }
        let other = Made::new(now, now, authority.ends()).expect("an authority");
        let mixed = Made { root: other.root, ..sound };
        assert!(matches!(read(&mixed), Err(AuthorityError::WrongKey { .. })), "the root of another authority");
    }

    #[test]
    fn damaged_and_foreign_files_say_what_they_are() {
        let now = at("2026-11-24T10:00:00Z");
        let (_folder, path, authority) = made(now);
        let whole = std::fs::read_to_string(&path).expect("the file");
        let other_key = KeyPair::generate().expect("a key").serialize_pem();
        let (certificates, _) = whole.split_once("-----BEGIN PRIVATE").expect("a key");
        rewrite(&path, &format!("{certificates}{other_key}"));
        assert!(matches!(Authority::load(&path), Err(AuthorityError::WrongKey { .. })));
        for damaged in [
            "",
            "no certificate",
            &other_key,
            authority.certificate_pem(),
            &whole[..whole.len() / 2],
            &whole.replacen("MII", "MIX", 1),
            certificates,
            &format!("{}{other_key}", authority.certificate_pem()),
        ] {
            rewrite(&path, damaged);
            assert!(matches!(Authority::load(&path), Err(AuthorityError::Malformed { .. })), "{}", damaged.len());
        }
        std::fs::write(&path, [0xff; 100]).expect("written");
        assert!(matches!(Authority::load(&path), Err(AuthorityError::Malformed { .. })));
        std::fs::remove_file(&path).expect("removed");
        assert!(matches!(Authority::load(&path), Err(AuthorityError::Missing { .. })));
    }
}
