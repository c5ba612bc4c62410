//! The settings of an installation: one file, every key explained in it, unknown keys refused.

pub mod carriers;

pub use carriers::CarrierSettings;

use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The settings file as `init` writes it. A test holds it against the defaults.
pub const DEFAULT_FILE: &str = include_str!("../../config/wellsent.default.toml");

const SETTINGS: &str = "wellsent.toml";

/// The settings.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The web server.
    pub server: Server,
    /// The database.
    pub database: Database,
    /// Where the keys are.
    pub keys: Keys,
    /// The simulator carrier; absent where real carriers are used.
    pub simulator: Option<Simulator>,
    /// The carrier accounts.
    pub carriers: Vec<CarrierSettings>,
    /// The proxy for applications that know only Twilio's address; absent: none.
    pub twilio_proxy: Option<TwilioProxy>,
    /// What is logged.
    pub log: Log,
}

/// The web server.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Where it listens. Until accounts exist this must be the loopback interface.
    pub listen: SocketAddr,
    /// Its address as carriers and patients see it.
    pub public_url: String,
    /// Where metrics are served; loopback only. Absent: nowhere.
    pub metrics: Option<SocketAddr>,
}

/// The database.
#[derive(Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// A `postgres://` address; absent for the embedded database in the data folder.
    pub url: Option<String>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address may hold a password.
        f.write_str(if self.url.is_some() { "Database(postgres)" } else { "Database(sqlite)" })
    }
}

/// Where the keys are.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// The folder with the key files. It must not lie in the data folder (H-39).
    pub folder: PathBuf,
}

/// The simulator carrier.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Simulator {
    /// Where it listens.
    pub url: String,
}

/// The proxy for applications that know only Twilio's address.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwilioProxy {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Whether it may listen at an address that other machines reach.
    #[serde(default)]
    pub other_machines: bool,
}

/// What is logged.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// The least level: error, warn, info, debug or trace.
    pub level: String,
    /// One JSON object a line instead of text.
    pub json: bool,
}

impl Default for Server {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 8080)), public_url: "http://127.0.0.1:8080".into(), metrics: None }
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self { folder: PathBuf::from("../wellsent-keys") }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".into(), json: false }
    }
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there.
    #[error("there is no settings file at {0}; run `wellsent init --data {1}` first, or name the data folder with --data")]
    Missing(PathBuf, PathBuf),
    /// The file cannot be read.
    #[error("the settings file {path} cannot be read: {reason}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file is not understood.
    #[error("the settings file {path} is not understood: {reason}")]
    Malformed {
        /// Which.
        path: PathBuf,
        /// Why, with the line.
        reason: String,
    },
    /// Listening to others is not safe yet.
    #[error("server.listen is {0}, which others can reach; until staff accounts exist only 127.0.0.1 or [::1] is allowed")]
    NotLoopback(SocketAddr),
    /// Metrics are for this machine.
    #[error("server.metrics is {0}, which others can reach; only 127.0.0.1 or [::1] is allowed")]
    MetricsNotLoopback(SocketAddr),
    /// A name that cannot stand in addresses.
    #[error("carriers.name is {0:?}; use small letters, digits and hyphens, at most 40, and not \"simulator\"")]
    CarrierName(String),
    /// Two accounts of one name.
    #[error("the carrier account {0:?} stands twice in the settings; give each a name of its own")]
    CarrierTwice(String),
    /// Something that no agreement with a health-care practice covers (TW-02).
    #[error(
        "the carrier account {carrier:?} is to be used for {feature:?}, which no agreement for health care covers; eligible are: sms, lookup, verify"
    )]
    NotEligible {
        /// The account.
        carrier: String,
        /// What was wanted of it.
        feature: String,
    },
    /// Something that is covered and that this program does not do.
    #[error("the carrier account {carrier:?} is to be used for {feature:?}, which is not built in: {instead}; take it out of the features")]
    NotBuilt {
        /// The account.
        carrier: String,
        /// What was wanted of it.
        feature: &'static str,
        /// What happens instead.
        instead: &'static str,
    },
    /// The verification service and the feature do not go together.
    #[error(
        "the carrier account {0:?}: the feature \"verify\" and the key verify_service_sid (VA and 32 digits, from Twilio's console) go together; give both or neither"
    )]
    VerifyService(String),
    /// An account that is not used for texts.
    #[error("the carrier account {0:?} is not used for sms; add \"sms\" to its features, or take the account out")]
    NoTexts(String),
    /// A secret cannot be had.
    #[error("the carrier account {carrier:?}, {key}: {problem}")]
    SecretFile {
        /// The account.
        carrier: String,
        /// The key that names the file.
        key: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A level that would silently log nothing.
    #[error("log.level is {0:?}; use error, warn, info, debug or trace")]
    UnknownLevel(String),
}

/// The folders and settings of an installation.
#[derive(Debug, Clone)]
pub struct Installation {
    /// The data folder.
    pub data: PathBuf,
    /// The folder with the keys.
    pub keys: PathBuf,
    /// The settings.
    pub config: Config,
}

impl Installation {
    /// Reads `wellsent.toml` in the data folder.
    pub fn load(data: &Path) -> Result<Self, ConfigError> {
        let path = data.join(SETTINGS);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(ConfigError::Missing(path, data.to_owned())),
            Err(error) => return Err(ConfigError::Unreadable { path, reason: error.to_string() }),
        };
        let config: Config = toml::from_str(&text).map_err(|error| ConfigError::Malformed { path, reason: reason(&text, &error) })?;
        if !config.server.listen.ip().is_loopback() {
            return Err(ConfigError::NotLoopback(config.server.listen));
        }
        if let Some(address) = config.server.metrics.filter(|address| !address.ip().is_loopback()) {
            return Err(ConfigError::MetricsNotLoopback(address));
        }
        if !["error", "warn", "info", "debug", "trace"].contains(&config.log.level.as_str()) {
            return Err(ConfigError::UnknownLevel(config.log.level));
        }
        carriers::check(&config.carriers)?;
        let keys = if config.keys.folder.is_absolute() { config.keys.folder.clone() } else { data.join(&config.keys.folder) };
        Ok(Self { data: data.to_owned(), keys, config })
    }

    /// The file with the settings.
    pub fn settings_file(&self) -> PathBuf {
        self.data.join(SETTINGS)
    }

    /// The embedded database's file.
    pub fn database_file(&self) -> PathBuf {
        self.data.join("wellsent.db")
    }

    /// The file of the key-encryption key.
    pub fn kek_file(&self) -> PathBuf {
        self.keys.join("kek.key")
    }

    /// The file of the key that signs checkpoints.
    pub fn ledger_key_file(&self) -> PathBuf {
        self.keys.join("ledger.key")
    }

    /// The file of the secret that the simulator signs callbacks with.
    pub fn simulator_secret_file(&self) -> PathBuf {
        self.keys.join("simulator.secret")
    }
}

/// What is wrong, and where: the line and its key. What stands behind the key may be a password, so no value is repeated.
fn reason(text: &str, error: &toml::de::Error) -> String {
    let mut said = String::new();
    for (number, part) in error.message().split('"').enumerate() {
        said.push_str(if number % 2 == 0 { part } else { "\"…\"" });
    }
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else { return said };
    let line = before.matches('\n').count();
    let key = text.lines().nth(line).and_then(|line| line.split_once('=')).map(|(key, _)| format!(", {}", key.trim())).unwrap_or_default();
    format!("line {}{key}: {said}", line + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_file_says_exactly_the_defaults() {
        let config: Config = toml::from_str(DEFAULT_FILE).unwrap();
        assert_eq!(config, Config::default());
    }

    #[test]
    fn a_misspelt_key_is_refused_with_its_name() {
        let error = toml::from_str::<Config>("[server]\nlisten_on = \"127.0.0.1:1\"\n").unwrap_err();
        assert!(error.to_string().contains("listen_on"));
    }

    #[test]
    fn an_address_that_others_can_reach_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("wellsent.toml"), "[server]\nlisten = \"0.0.0.0:8080\"\n").unwrap();
        assert!(matches!(Installation::load(folder.path()), Err(ConfigError::NotLoopback(_))));
    }
}
