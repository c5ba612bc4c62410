//! From the carrier accounts in the settings to the adapters that serve them.

use crate::config::{CarrierSettings, ConfigError, Installation};
use std::sync::Arc;
use std::time::Duration;
use wellsent_carrier::{Carrier, Clock};

/// Why a carrier account cannot be connected.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Its settings or secrets.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No adapter for its kind.
    #[error("the carrier account {name:?} is of the kind {kind:?}, which this program is not built for; take it out of the settings")]
    NotBuiltIn {
        /// The account.
        name: String,
        /// Its kind.
        kind: &'static str,
    },
}

/// What every adapter shares.
#[derive(Clone)]
pub struct Shared {
    /// Our own address as carriers see it, without a slash at the end.
    pub callback_base: String,
    /// The clock.
    pub clock: Clock,
    /// How long a carrier may take to answer.
    pub deadline: Duration,
    /// Connections of one account at one time.
    pub connections: usize,
}

/// Makes the adapter of every account in the settings. Nothing is sent by that; secrets are read.
///
/// # Errors
/// When a secret cannot be read, or an account is of a kind that is not built in.
pub fn connect(place: &Installation, shared: &Shared) -> Result<Vec<Arc<dyn Carrier>>, ConnectError> {
    place.config.carriers.iter().map(|settings| one(place, settings, shared)).collect()
}

fn one(place: &Installation, settings: &CarrierSettings, _shared: &Shared) -> Result<Arc<dyn Carrier>, ConnectError> {
    for (key, file) in settings.secret_files() {
        place.secret(settings, key, file)?;
    }
    match settings {
        CarrierSettings::Twilio(_) | CarrierSettings::Telnyx(_) | CarrierSettings::Aws(_) | CarrierSettings::Smpp(_) => {
            Err(ConnectError::NotBuiltIn { name: settings.name().to_owned(), kind: settings.kind() })
        }
    }
}
