//! Opening an installation: keys, database, schema.

use crate::config::{ConfigError, Installation};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use wellsent_carrier::CallbackSecret;
use wellsent_db::{Db, DbError, Options};
use wellsent_ledger::{KeyError, SigningKey};
use wellsent_store::{Access, Actor, Store, StoreError, SystemTx, Tx, installation, migrations, practices};
use wellsent_vault::{Kek, KeyFileError, random_token};

/// Why an installation cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The key-encryption key.
    #[error(transparent)]
    Kek(#[from] KeyFileError),
    /// The ledger's key.
    #[error("the ledger's signing key: {0}")]
    LedgerKey(#[from] KeyError),
    /// The ledger's key belongs to another installation.
    #[error("the ledger's signing key belongs to another installation; use the key folder that was made together with this database")]
    OtherLedgerKey,
    /// The data folder holds settings and no database.
    #[error("there is no database at {}; it may lie on a disk that is not mounted. Put it back, or restore a backup", .0.display())]
    NoDatabase(PathBuf),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file.
    #[error("{what} cannot be read or written: {reason}")]
    File {
        /// Which, in words.
        what: &'static str,
        /// Why.
        reason: String,
    },
}

/// An open installation.
pub struct Opened {
    /// The store.
    pub store: Store,
    /// The key that signs checkpoints.
    pub signing_key: SigningKey,
    /// The name of the ledger.
    pub origin: String,
    /// By how much the demo's clock is ahead.
    pub demo_offset: i64,
    /// The secret of the simulator's callbacks.
    pub simulator_secret: String,
}

impl Opened {
    /// The secret of the simulator's callbacks.
    pub fn callback_secret(&self) -> CallbackSecret {
        CallbackSecret::new(self.simulator_secret.as_bytes())
    }
}

/// Opens an installation that was finished: its database must be there, and the key must open every practice of it.
pub fn open_finished(place: &Installation, options: Options, now: Timestamp) -> Result<Opened, OpenError> {
    // An embedded database that is missing would be made anew, and an empty practice would look like a healthy one.
    if place.config.database.url.is_none() && !place.database_file().exists() {
        return Err(OpenError::NoDatabase(place.database_file()));
    }
    let opened = open(place, options, now)?;
    let listed = opened.store.system_read_wait(|tx: &mut SystemTx<'_, '_>| practices::list(tx))?;
    for (practice, _) in listed {
        let access = Access { practice, actor: Actor::Operator };
        opened.store.read_wait(access, |_: &mut Tx<'_, '_>| Ok::<_, StoreError>(()))?;
    }
    Ok(opened)
}

/// Opens an installation, or begins one in an empty data folder.
pub fn open(place: &Installation, options: Options, now: Timestamp) -> Result<Opened, OpenError> {
    let kek = Kek::load(place.kek_file())?;
    let signing_key = SigningKey::load(place.ledger_key_file())?;
    let db = match &place.config.database.url {
        Some(url) => Db::open_postgres(url, options)?,
        None => Db::open_sqlite(place.database_file(), options)?,
    };
    db.migrate(migrations())?;
    let store = Store::new(db, kek);
    let origin = signing_key.verifying_key().name().to_owned();
    let name = origin.clone();
    let known = store.system_wait(move |tx: &mut SystemTx<'_, '_>| installation::ensure(tx, &name, now))?;
    if known.origin != origin {
        return Err(OpenError::OtherLedgerKey);
    }
    let simulator_secret = std::fs::read_to_string(place.simulator_secret_file()).map_err(|error| OpenError::File {
        what: "the simulator's secret",
        reason: format!("{}: {error}", place.simulator_secret_file().display()),
    })?;
    Ok(Opened { store, origin, signing_key, demo_offset: known.demo_offset, simulator_secret: simulator_secret.trim().to_owned() })
}

/// Makes the key files in an empty folder. Existing ones are kept.
pub fn make_keys(place: &Installation) -> Result<(), OpenError> {
    private_folder(&place.keys)?;
    whole(&place.kek_file(), |path| Ok(Kek::generate().write_new(path)?))?;
    whole(&place.ledger_key_file(), |path| {
        let name = format!("wellsent-ledger-{}", random_token().to_lowercase().replace(['-', '_'], "x"));
        Ok(SigningKey::generate(&name)?.write_new(path)?)
    })?;
    whole(&place.simulator_secret_file(), |path| write_private(path, &format!("{}\n", random_token())))
}

/// Writes the settings, readable for this user only: they may hold a database's password. There must be none yet.
pub fn write_settings(place: &Installation, text: &str) -> Result<(), OpenError> {
    whole(&place.settings_file(), |path| write_private(path, text))
}

/// Makes a file under another name and then gives it its own: after a crash it is there whole or not at all. One that is there is kept.
fn whole(path: &Path, write: impl FnOnce(&Path) -> Result<(), OpenError>) -> Result<(), OpenError> {
    if path.exists() {
        return Ok(());
    }
    let fail = |error: std::io::Error| OpenError::File { what: "a file", reason: format!("{}: {error}", path.display()) };
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let beside = PathBuf::from(name);
    match std::fs::remove_file(&beside) {
        // A crash left it, and it was never in use.
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(fail(error)),
    }
    write(&beside)?;
    std::fs::rename(&beside, path).map_err(fail)?;
    match path.parent() {
        Some(folder) => std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(fail),
        None => Ok(()),
    }
}

/// Makes a folder that only this user can open.
pub fn private_folder(path: &Path) -> Result<(), OpenError> {
    let fail = |error: std::io::Error| OpenError::File { what: "a folder", reason: format!("{}: {error}", path.display()) };
    std::fs::create_dir_all(path).map_err(fail)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).map_err(fail)?;
    }
    Ok(())
}

fn write_private(path: &Path, text: &str) -> Result<(), OpenError> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let write = || -> std::io::Result<()> {
        let mut file = options.open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|error| OpenError::File { what: "a file", reason: format!("{}: {error}", path.display()) })
}
