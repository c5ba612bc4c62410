//! The keys that sign and verify checkpoints, in the text forms of the note format.
//!
//! A verifying key is `name+id+base64`, a signing key `PRIVATE+KEY+name+id+base64`, where the id
//! is 8 hexadecimal digits computed from the name and the public key.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use aws_lc_rs::rand;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::hash::sha256;

const PRIVATE: &str = "PRIVATE+KEY+";
/// The signature type of Ed25519.
const ED25519_TYPE: u8 = 0x01;
const KEY_LEN: usize = 32;
const LONGEST_FILE: u64 = 4 * 1024;

type KeyBytes = Zeroizing<[u8; KEY_LEN]>;

/// Why a key could not be had, and what to do about it. No variant holds key material.
#[derive(Debug, Error)]
pub enum KeyError {
    /// A key's name is not usable.
    #[error("the name of a ledger key must not be empty nor hold spaces or `+`; choose another")]
    BadName,
    /// The text is not a key, or its parts do not belong together.
    #[error("this is not a {0} of a ledger, or it was changed; copy its whole line again")]
    Malformed(&'static str),
    /// There is no such file.
    #[error("there is no ledger key at {}; run `wellsent init`, or put the key there", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Others than its owner may read or change the file.
    #[error(
        "the ledger key {} can be read by others (mode {mode:04o}); run `chmod 600 {}`",
        path.display(), path.display()
    )]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// There is a file already.
    #[error("there is a file at {} already and a key is never overwritten; choose another path", path.display())]
    AlreadyExists {
        /// The file.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("the ledger key {} could not be {action}; check the path and who may use it", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What was tried: `read`, `written`.
        action: &'static str,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
}

/// Checks signatures. It is no secret, and belongs where the kept checkpoints are.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    name: String,
    id: [u8; 4],
    public: [u8; KEY_LEN],
}

impl VerifyingKey {
    fn new(name: &str, public: [u8; KEY_LEN]) -> Result<VerifyingKey, KeyError> {
        let usable = !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+');
        if !usable {
            return Err(KeyError::BadName);
        }
        let mut input = format!("{name}\n").into_bytes();
        input.push(ED25519_TYPE);
        input.extend_from_slice(&public);
        let mut id = [0; 4];
        id.copy_from_slice(&sha256(&input).as_bytes()[..4]);
        Ok(VerifyingKey { name: name.to_owned(), id, public })
    }

    /// The key's name, which is the ledger's origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn id(&self) -> [u8; 4] {
        self.id
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.public).verify(message, signature).is_ok()
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}+{:08x}+{}", self.name, u32::from_be_bytes(self.id), encode(&self.public).as_str())
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "VerifyingKey({self})")
    }
}

impl FromStr for VerifyingKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<VerifyingKey, KeyError> {
        let malformed = || KeyError::Malformed("verifying key");
        let (name, id, public) = split(text.trim_end()).ok_or_else(malformed)?;
        let key = VerifyingKey::new(name, *public)?;
        (key.id == id).then_some(key).ok_or_else(malformed)
    }
}

/// Signs checkpoints. Whoever has it can sign a rewritten ledger, so checkpoints are kept where
/// this key is not.
pub struct SigningKey {
    verifying: VerifyingKey,
    pair: Ed25519KeyPair,
    seed: KeyBytes,
}

impl SigningKey {
    /// A new random key. The name is the ledger's origin, such as `texts.example.com/ledger`.
    ///
    /// # Errors
    /// [`KeyError::BadName`].
    ///
    /// # Panics
    /// When the operating system gives no randomness.
    pub fn generate(name: &str) -> Result<SigningKey, KeyError> {
        let mut seed = Zeroizing::new([0; KEY_LEN]);
        assert!(rand::fill(seed.as_mut_slice()).is_ok(), "the operating system gave no random bytes");
        SigningKey::from_seed(name, seed)
    }

    /// Reads a key's text form.
    ///
    /// # Errors
    /// [`KeyError::Malformed`].
    pub fn parse(text: &str) -> Result<SigningKey, KeyError> {
        let malformed = || KeyError::Malformed("signing key");
        let rest = text.trim_end().strip_prefix(PRIVATE);
        let (name, id, seed) = rest.and_then(split).ok_or_else(malformed)?;
        let key = SigningKey::from_seed(name, seed)?;
        (key.verifying.id == id).then_some(key).ok_or_else(malformed)
    }

    /// Reads a key file, which only its owner may be able to read.
    ///
    /// # Errors
    /// [`KeyError`] says what is wrong with the file and what to do.
    pub fn load(path: impl AsRef<Path>) -> Result<SigningKey, KeyError> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => KeyError::Missing { path: path.to_owned() },
            _ => unusable(path, "read", source),
        })?;
        check_mode(&file, path)?;
        let mut text = Zeroizing::new(String::new());
        file.take(LONGEST_FILE).read_to_string(&mut text).map_err(|source| unusable(path, "read", source))?;
        SigningKey::parse(&text)
    }

    /// Writes the key to a new file, readable for its owner only, and syncs it.
    ///
    /// # Errors
    /// [`KeyError::AlreadyExists`] when there is a file; [`KeyError::Unusable`].
    pub fn write_new(&self, path: impl AsRef<Path>) -> Result<(), KeyError> {
        let path = path.as_ref();
        self.write(path).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => KeyError::AlreadyExists { path: path.to_owned() },
            _ => unusable(path, "written", source),
        })
    }

    /// The key that checks what this one signs.
    #[must_use]
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        signature.copy_from_slice(self.pair.sign(message).as_ref());
        signature
    }

    fn from_seed(name: &str, seed: KeyBytes) -> Result<SigningKey, KeyError> {
        let malformed = || KeyError::Malformed("signing key");
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).map_err(|_| malformed())?;
        let public = pair.public_key().as_ref();
        let public = public.try_into().map_err(|_| malformed())?;
        Ok(SigningKey { verifying: VerifyingKey::new(name, public)?, pair, seed })
    }

    fn write(&self, path: &Path) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let mut file = options.open(path)?;
        let VerifyingKey { name, id, .. } = &self.verifying;
        let id = u32::from_be_bytes(*id);
        write!(file, "{PRIVATE}{name}+{id:08x}+")?;
        file.write_all(encode(&self.seed).as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        sync_folder(path)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKey({}, ..)", self.verifying.name)
    }
}

/// Splits `name+id+base64`. The base64 part may hold `+` itself.
fn split(text: &str) -> Option<(&str, [u8; 4], KeyBytes)> {
    let (name, rest) = text.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    if id.len() != 8 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let id = u32::from_str_radix(id, 16).ok()?.to_be_bytes();
    let bytes = Zeroizing::new(STANDARD.decode(key).ok()?);
    let (kind, key) = bytes.split_first()?;
    let mut out = Zeroizing::new([0; KEY_LEN]);
    if *kind != ED25519_TYPE || key.len() != KEY_LEN {
        return None;
    }
    out.copy_from_slice(key);
    Some((name, id, out))
}

fn encode(key: &[u8; KEY_LEN]) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([ED25519_TYPE; KEY_LEN + 1]);
    bytes[1..].copy_from_slice(key);
    Zeroizing::new(STANDARD.encode(bytes.as_slice()))
}

fn check_mode(file: &File, path: &Path) -> Result<(), KeyError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = file.metadata().map_err(|source| unusable(path, "read", source))?;
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(KeyError::TooOpen { path: path.to_owned(), mode });
        }
    }
    #[cfg(not(unix))]
    let _ = (file, path);
    Ok(())
}

/// Makes the file's name durable, not only its content.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn unusable(path: &Path, action: &'static str, source: io::Error) -> KeyError {
    KeyError::Unusable { path: path.to_owned(), action, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "texts.example.com/ledger";

    #[test]
    fn a_written_key_loads_and_signs_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.key");
        let key = SigningKey::generate(NAME).unwrap();
        key.write_new(&path).unwrap();
        let again = SigningKey::load(&path).unwrap();
        assert_eq!(again.verifying_key(), key.verifying_key());
        assert_eq!(again.sign(b"x"), key.sign(b"x"));
        assert!(key.verifying_key().verify(b"x", &again.sign(b"x")));
        assert!(matches!(key.write_new(&path), Err(KeyError::AlreadyExists { .. })));
        assert!(matches!(SigningKey::load(folder.path().join("none")), Err(KeyError::Missing { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.key");
        SigningKey::generate(NAME).unwrap().write_new(&path).unwrap();
        for mode in [0o640, 0o604, 0o620] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let error = SigningKey::load(&path).unwrap_err();
            assert!(matches!(error, KeyError::TooOpen { mode: found, .. } if found == mode));
        }
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o400)).unwrap();
        assert!(SigningKey::load(&path).is_ok());
    }

    #[test]
    fn a_verifying_key_reads_back_and_any_changed_character_is_refused() {
        let key = SigningKey::generate(NAME).unwrap();
        let text = key.verifying_key().to_string();
        assert_eq!(&text.parse::<VerifyingKey>().unwrap(), key.verifying_key());
        for position in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[position] = if bytes[position] == b'x' { b'y' } else { b'x' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(changed.parse::<VerifyingKey>().is_err(), "{position}");
        }
    }

    #[test]
    fn names_with_spaces_or_plus_are_refused() {
        for name in ["", "a b", "a+b", "a\u{a0}b", "a\nb", "a\u{7}b"] {
            assert!(matches!(SigningKey::generate(name), Err(KeyError::BadName)));
        }
    }

    #[test]
    fn debug_output_and_errors_show_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.key");
        let key = SigningKey::generate(NAME).unwrap();
        key.write_new(&path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let secret = text.trim_end().splitn(5, '+').last().unwrap();
        let printed = format!("{key:?}");
        assert_eq!(printed, "SigningKey(texts.example.com/ledger, ..)");
        let error = SigningKey::parse(&text.replace(NAME, "other")).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(&secret[..12]));
    }
}
