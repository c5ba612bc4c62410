//! Where the key-encryption key comes from.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::kek::Kek;
use crate::key_file::{self, Access, KeyFileError};

/// A place that gives the key-encryption key when the server starts.
pub trait KekSource: Send + Sync {
    /// Reads the key.
    ///
    /// # Errors
    /// [`KeyFileError`] says what is wrong and what to do.
    fn load(&self) -> Result<Kek, KeyFileError>;

    /// The file that the key stands in, for the check that it is not beside the data (H-39).
    /// `None` when it is in no file that stays.
    fn path(&self) -> Option<&Path>;

    /// One line for `doctor` and the start-up log. It holds no secret.
    fn describe(&self) -> String;
}

/// A key file with mode `0600`.
#[derive(Debug, Clone)]
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// The key file at this path.
    pub fn new(path: impl Into<PathBuf>) -> KeyFile {
        KeyFile { path: path.into() }
    }
}

impl KekSource for KeyFile {
    fn load(&self) -> Result<Kek, KeyFileError> {
        Kek::load(&self.path)
    }

    fn path(&self) -> Option<&Path> {
        Some(&self.path)
    }

    fn describe(&self) -> String {
        format!("key file {}", self.path.display())
    }
}

/// A credential that systemd hands to the service (`LoadCredential=` or
/// `LoadCredentialEncrypted=`). It lives in memory only, and systemd alone decides who may read
/// it.
#[derive(Debug, Clone)]
pub struct CredentialDirectory {
    path: PathBuf,
}

impl CredentialDirectory {
    /// The variable that systemd sets to the directory of a service's credentials.
    pub const VARIABLE: &'static str = "CREDENTIALS_DIRECTORY";

    /// The credential `name` of this service. `None` when systemd gave no credentials.
    #[must_use]
    pub fn from_environment(name: &str) -> Option<CredentialDirectory> {
        CredentialDirectory::from_value(std::env::var_os(Self::VARIABLE), name)
    }

    /// The credential `name` in a directory.
    #[must_use]
    pub fn new(directory: &Path, name: &str) -> CredentialDirectory {
        CredentialDirectory { path: directory.join(name) }
    }

    fn from_value(directory: Option<OsString>, name: &str) -> Option<CredentialDirectory> {
        directory.filter(|directory| !directory.is_empty()).map(|directory| CredentialDirectory::new(Path::new(&directory), name))
    }
}

impl KekSource for CredentialDirectory {
    fn load(&self) -> Result<Kek, KeyFileError> {
        key_file::load(&self.path, Access::OwnerOrAccessList)
    }

    fn path(&self) -> Option<&Path> {
        None
    }

    fn describe(&self) -> String {
        format!("systemd credential {}", self.path.display())
    }
}

/// The text of a key file in an environment variable, for containers that have no secret files.
/// A file or a credential is better: a variable is inherited by child processes and shows in
/// process listings of the same user.
#[derive(Debug, Clone)]
pub struct KeyVariable {
    name: String,
}

impl KeyVariable {
    /// The variable of this name.
    pub fn new(name: impl Into<String>) -> KeyVariable {
        KeyVariable { name: name.into() }
    }

    fn parse(&self, text: Option<String>) -> Result<Kek, KeyFileError> {
        let text = Zeroizing::new(text.ok_or_else(|| KeyFileError::NotSet { name: self.name.clone() })?);
        key_file::parse(&text, Path::new(&format!("${}", self.name)))
    }
}

impl KekSource for KeyVariable {
    fn load(&self) -> Result<Kek, KeyFileError> {
        self.parse(std::env::var(&self.name).ok())
    }

    fn path(&self) -> Option<&Path> {
        None
    }

    fn describe(&self) -> String {
        format!("environment variable {}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_and_a_credential_give_the_same_key() {
        let folder = tempfile::tempdir().unwrap();
        let kek = Kek::generate();
        kek.write_new(folder.path().join("wellsent.key")).unwrap();
        let sources: [Box<dyn KekSource>; 2] =
            [Box::new(KeyFile::new(folder.path().join("wellsent.key"))), Box::new(CredentialDirectory::new(folder.path(), "wellsent.key"))];
        for source in sources {
            assert_eq!(source.load().unwrap().ids(), kek.ids());
            assert!(source.describe().contains("wellsent.key"));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_credential_may_show_an_access_list_as_group_mode_but_not_be_world_readable() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        Kek::generate().write_new(&path).unwrap();
        let source = CredentialDirectory::new(folder.path(), "key");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o440)).unwrap();
        assert!(source.load().is_ok());
        assert!(KeyFile::new(&path).load().is_err());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
        assert!(matches!(source.load(), Err(KeyFileError::TooOpen { mode: 0o444, .. })));
    }

    #[test]
    fn without_systemd_there_is_no_credential() {
        assert!(CredentialDirectory::from_value(None, "key").is_none());
        assert!(CredentialDirectory::from_value(Some(OsString::new()), "key").is_none());
        let given = CredentialDirectory::from_value(Some(OsString::from("/run/c")), "key");
        assert_eq!(given.unwrap().path, Path::new("/run/c/key"));
    }

    #[test]
    fn a_variable_holds_the_text_of_a_key_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let kek = Kek::generate();
        kek.write_new(&path).unwrap();
        let variable = KeyVariable::new("WELLSENT_KEY");
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(variable.parse(Some(text)).unwrap().ids(), kek.ids());
        let error = variable.parse(None).unwrap_err();
        assert!(error.to_string().contains("WELLSENT_KEY"));
    }
}
