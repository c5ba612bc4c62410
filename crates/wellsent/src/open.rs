//! Opening an installation: keys, database, schema.

use crate::config::{ConfigError, Installation};
use jiff::Timestamp;
use std::path::Path;
use wellsent_carrier::CallbackSecret;
use wellsent_db::{Db, DbError, Options};
use wellsent_ledger::{KeyError, SigningKey};
use wellsent_store::{Store, StoreError, SystemTx, installation, migrations};
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

/// Opens an installation that `init` or the demo made.
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
    let simulator_secret = std::fs::read_to_string(place.simulator_secret_file())
        .map_err(|error| OpenError::File { what: "the simulator's secret", reason: error.to_string() })?;
    Ok(Opened {
        store,
        origin,
        signing_key,
        demo_offset: known.demo_offset,
        simulator_secret: simulator_secret.trim().to_owned(),
    })
}

/// Makes the key files in an empty folder. Existing ones are kept.
pub fn make_keys(place: &Installation) -> Result<(), OpenError> {
    private_folder(&place.keys)?;
    if !place.kek_file().exists() {
        Kek::generate().write_new(place.kek_file())?;
    }
    if !place.ledger_key_file().exists() {
        let name = format!("wellsent-ledger-{}", random_token().to_lowercase().replace(['-', '_'], "x"));
        SigningKey::generate(&name)?.write_new(place.ledger_key_file())?;
    }
    if !place.simulator_secret_file().exists() {
        write_private(&place.simulator_secret_file(), &random_token())?;
    }
    Ok(())
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
        writeln!(file, "{text}")?;
        file.sync_all()
    };
    write().map_err(|error| OpenError::File { what: "a key file", reason: format!("{}: {error}", path.display()) })
}
