//! The authority's file, as PEM below lines of comment: the root's certificate, the issuer's, and the issuer's key.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rcgen::{KeyPair, PublicKeyData as _};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use thiserror::Error;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, GeneralSubtree};
use x509_parser::prelude::FromDer as _;
use zeroize::Zeroizing;

use crate::authority::CONSTRAINED_TO;

const COMMENT: &str = "# The certificate authority of this installation's proxy for Twilio's API. Whoever has this file can pretend to be Twilio\n\
                       # to the applications that trust it, and nobody else to anybody. Applications get the certificate alone, never this file.\n";
const CERTIFICATE_BEGINS: &str = "-----BEGIN CERTIFICATE-----";
const KEY_BEGINS: &str = "-----BEGIN PRIVATE KEY-----";
/// A file as it is written is a twentieth of this.
const LONGEST_FILE: u64 = 64 * 1024;

/// Why there is no authority, or no certificate, and what to do about it.
#[derive(Debug, Error)]
pub enum AuthorityError {
    /// There is no such file.
    #[error("there is no certificate authority at {}; make one first", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Others than its owner may read or change the file (H-39).
    #[error("the authority's file {} can be read by others (mode {mode:04o}); run `chmod 600 {}`", path.display(), path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// There is a file already.
    #[error("there is a file at {} already, and applications trust what is in it; move it away first", path.display())]
    AlreadyExists {
        /// The file.
        path: PathBuf,
    },
    /// It is no authority's file, or it was changed.
    #[error("the file {} is not an authority's; restore it from your copy, or move it away and make another", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// The two certificates and the key do not belong together.
    #[error("the certificates and the key in {} do not belong together; restore the file from your copy, or move it away and make another", path.display())]
    WrongKey {
        /// The file.
        path: PathBuf,
    },
    /// A certificate could vouch for more than Twilio.
    #[error("the authority in {} is not limited to twilio.com, and is not used; move the file away and make another", path.display())]
    NotConstrained {
        /// The file.
        path: PathBuf,
    },
    /// The file system said no.
    #[error("the authority's file {} cannot be {deed}: {source}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        deed: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// The authority's two years are over.
    #[error("the certificate authority has ended; move its file away, make another, and give the new certificate to the applications")]
    Ended,
    /// The cryptographic library refused.
    #[error("a certificate could not be signed; start the server again, and report it if it goes on")]
    Signing,
}

/// What the file holds.
pub(crate) struct Stored {
    pub(crate) root: CertificateDer<'static>,
    pub(crate) root_pem: String,
    pub(crate) issuing: CertificateDer<'static>,
    pub(crate) key: KeyPair,
    pub(crate) starts: Timestamp,
    pub(crate) ends: Timestamp,
}

pub(crate) fn write_new(path: &Path, root: &str, issuing: &str, key: &str) -> Result<(), AuthorityError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => AuthorityError::AlreadyExists { path: path.to_owned() },
        _ => AuthorityError::Unusable { path: path.to_owned(), deed: "written", source },
    })?;
    let parts = [COMMENT, root, issuing, key];
    // Sized at once, so that no grown-out copy of the key stays behind in memory.
    let mut text = Zeroizing::new(String::with_capacity(parts.map(str::len).iter().sum()));
    for part in parts {
        text.push_str(part);
    }
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).and_then(|()| sync_folder(path));
    written.map_err(|source| {
        // Half a file would stand in the way of the next try.
        let _ = std::fs::remove_file(path);
        AuthorityError::Unusable { path: path.to_owned(), deed: "written", source }
    })
}

/// Makes the file's name durable, not only its content.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

pub(crate) fn read(path: &Path) -> Result<Stored, AuthorityError> {
    let unusable = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => AuthorityError::Missing { path: path.to_owned() },
        _ => AuthorityError::Unusable { path: path.to_owned(), deed: "read", source },
    };
    let malformed = || AuthorityError::Malformed { path: path.to_owned() };
    let file = File::open(path).map_err(unusable)?;
    refuse_open(path, &file.metadata().map_err(unusable)?)?;
    let mut text = Zeroizing::new(String::new());
    file.take(LONGEST_FILE).read_to_string(&mut text).map_err(|source| match source.kind() {
        io::ErrorKind::InvalidData => malformed(),
        _ => unusable(source),
    })?;

    let (public, secret) = text.find(KEY_BEGINS).map(|at| text.split_at(at)).ok_or_else(malformed)?;
    let key = KeyPair::from_pem(secret).map_err(|_| malformed())?;
    let (at, between) = match public.match_indices(CERTIFICATE_BEGINS).map(|(at, _)| at).collect::<Vec<_>>()[..] {
        [at, between] => (at, between),
        _ => return Err(malformed()),
    };
    let (root_pem, issuing_pem) = (&public[at..between], &public[between..]);
    let root = CertificateDer::from_pem_slice(root_pem.as_bytes()).map_err(|_| malformed())?;
    let issuing = CertificateDer::from_pem_slice(issuing_pem.as_bytes()).map_err(|_| malformed())?;
    let (starts, ends) = {
        let above = parse(&root).ok_or_else(malformed)?;
        let below = parse(&issuing).ok_or_else(malformed)?;
        let signed = below.issuer() == above.subject() && below.verify_signature(Some(above.public_key())).is_ok();
        if !signed || below.public_key().raw != key.subject_public_key_info() {
            return Err(AuthorityError::WrongKey { path: path.to_owned() });
        }
        if !is_constrained(&above, 1) || !is_constrained(&below, 0) {
            return Err(AuthorityError::NotConstrained { path: path.to_owned() });
        }
        (below.validity().not_before.timestamp(), below.validity().not_after.timestamp())
    };
    let starts = Timestamp::from_second(starts).map_err(|_| malformed())?;
    let ends = Timestamp::from_second(ends).map_err(|_| malformed())?;
    Ok(Stored { root, root_pem: root_pem.to_owned(), issuing, key, starts, ends })
}

/// A certificate with nothing behind it.
fn parse<'a>(certificate: &'a CertificateDer<'_>) -> Option<X509Certificate<'a>> {
    match X509Certificate::from_der(certificate) {
        Ok(([], parsed)) => Some(parsed),
        _ => None,
    }
}

fn refuse_open(path: &Path, metadata: &std::fs::Metadata) -> Result<(), AuthorityError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let mode = metadata.mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(AuthorityError::TooOpen { path: path.to_owned(), mode });
        }
    }
    #[cfg(not(unix))]
    let _ = (path, metadata);
    Ok(())
}

/// Whether a certificate can vouch for nothing but names below `twilio.com`: exactly that name permitted, every address excluded, critical, and so many
/// authorities below it.
fn is_constrained(certificate: &X509Certificate<'_>, authorities_below: u32) -> bool {
    let depth = match certificate.basic_constraints() {
        Ok(Some(basic)) => basic.value.ca && basic.value.path_len_constraint == Some(authorities_below),
        _ => false,
    };
    let names = match certificate.name_constraints() {
        Ok(Some(names)) => {
            names.critical
                && permits_twilio_only(names.value.permitted_subtrees.as_deref())
                && excludes_addresses(names.value.excluded_subtrees.as_deref())
        }
        _ => false,
    };
    depth && names
}

fn permits_twilio_only(permitted: Option<&[GeneralSubtree<'_>]>) -> bool {
    matches!(permitted, Some([GeneralSubtree { base: GeneralName::DNSName(CONSTRAINED_TO) }]))
}

fn excludes_addresses(excluded: Option<&[GeneralSubtree<'_>]>) -> bool {
    let whole = |length: usize| {
        excluded.unwrap_or_default().iter().any(
            |subtree| matches!(subtree.base, GeneralName::IPAddress(range) if range.len() == length && range.iter().all(|byte| *byte == 0)),
        )
    };
    whole(8) && whole(32)
}
