//! From the carrier accounts in the settings to the adapters that serve them.

use crate::config::carriers::{Forget, PlainText, Secret};
use crate::config::{CarrierSettings, ConfigError, Installation, carriers};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use wellsent_carrier::{Carrier, Clock, HttpSetupError, NumberLookup, VerifyService, aws, smpp, telnyx, twilio};
use wellsent_domain::practice::Service;

/// Why a carrier account cannot be connected.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Its settings or secrets.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The adapter cannot work with them.
    #[error("the carrier account {name:?}: {problem}")]
    Account {
        /// The account.
        name: String,
        /// What is wrong, and what to do.
        problem: String,
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

/// The accounts, connected.
#[derive(Clone, Default)]
pub struct Connected {
    /// Their adapters.
    pub carriers: Vec<Arc<dyn Carrier>>,
    /// The service that looks numbers up, where an account is used for it; the first such account.
    pub lookup: Option<Arc<dyn NumberLookup>>,
    /// The services that make and check codes, by the name of their account (TW-20).
    pub verify: HashMap<String, Arc<dyn VerifyService>>,
}

/// Makes the adapter of every account in the settings. Nothing is sent by that; secrets are read.
///
/// # Errors
/// When a secret cannot be read, or an adapter cannot work with its settings.
pub fn connect(place: &Installation, shared: &Shared) -> Result<Connected, ConnectError> {
    let mut connected = Connected::default();
    for settings in &place.config.carriers {
        let account = |problem: String| ConnectError::Account { name: settings.name().to_owned(), problem };
        let secret = |key, file: &str| place.secret(settings, key, file);
        match settings {
            CarrierSettings::Twilio(of) => {
                let next = of.next_auth_token_file.as_deref().map(|file| secret("next_auth_token_file", file)).transpose()?;
                let (key, token) = (secret("api_secret_file", &of.api_secret_file)?, secret("auth_token_file", &of.auth_token_file)?);
                let settings = twilio_settings(of, shared, &key, &token, next.as_ref()).map_err(|error| account(error.to_string()))?;
                if of.features.iter().any(|feature| feature == Service::Lookup.as_str()) && connected.lookup.is_none() {
                    let lookup = twilio::TwilioLookup::new(&settings).map_err(|error| account(error.to_string()))?;
                    connected.lookup = Some(Arc::new(lookup));
                }
                if let Some(service) = &of.verify_service_sid {
                    let service = twilio::TwilioVerify::new(&settings, service).map_err(|error| account(error.to_string()))?;
                    connected.verify.insert(of.name.clone(), Arc::new(service));
                }
                let carrier = twilio::Twilio::new(settings).map_err(|error| account(error.to_string()))?;
                connected.carriers.push(Arc::new(carrier));
            }
            CarrierSettings::Telnyx(of) => {
                let key = secret("api_key_file", &of.api_key_file)?;
                connected.carriers.push(Arc::new(telnyx_carrier(of, shared, &key).map_err(account)?));
            }
            CarrierSettings::Aws(of) => {
                let key = secret("secret_file", &of.secret_file)?;
                connected.carriers.push(Arc::new(aws_carrier(of, shared, &key).map_err(|error| account(error.to_string()))?));
            }
            CarrierSettings::Smpp(of) => {
                let password = secret("password_file", &of.password_file)?;
                connected.carriers.push(Arc::new(smpp_carrier(of, shared, &password).map_err(|error| account(error.to_string()))?));
            }
        }
    }
    Ok(connected)
}

fn twilio_settings(
    of: &carriers::Twilio,
    shared: &Shared,
    key: &Secret,
    token: &Secret,
    next: Option<&Secret>,
) -> Result<twilio::Settings, twilio::SettingsError> {
    Ok(twilio::Settings {
        name: of.name.clone(),
        account_sid: of.account_sid.clone(),
        api_key: twilio::ApiKey::new(&of.api_key_sid, key.expose())?,
        auth_token: twilio::AuthToken::new(token.expose()),
        next_auth_token: next.map(|token| twilio::AuthToken::new(token.expose())),
        redaction_ready: of.redaction_ready,
        forgetting: match of.forget {
            Forget::Delete => twilio::Forgetting::Delete,
            Forget::Redact => twilio::Forgetting::Redact,
        },
        base_url: of.base_url.clone(),
        lookups_base_url: of.lookups_base_url.clone(),
        verify_base_url: of.verify_base_url.clone(),
        callback_base: shared.callback_base.clone(),
        clock: shared.clock.clone(),
        deadline: shared.deadline,
        connections: shared.connections,
    })
}

fn telnyx_carrier(of: &carriers::Telnyx, shared: &Shared, key: &Secret) -> Result<telnyx::TelnyxCarrier, String> {
    let said = |error: &dyn std::fmt::Display| error.to_string();
    let (current, next) = match of.public_keys.as_slice() {
        [current] => (current, None),
        [current, next] => (current, Some(next.as_str())),
        _ => return Err("public_keys holds one key, or two while they are being rotated".into()),
    };
    telnyx::TelnyxCarrier::new(telnyx::Settings {
        name: of.name.clone(),
        account: Some(of.account.clone()),
        api_key: telnyx::ApiKey::new(key.expose()).map_err(|error| said(&error))?,
        public_keys: telnyx::PublicKeys::new(current, next).map_err(|error| said(&error))?,
        base_url: of.base_url.clone(),
        callback_base: shared.callback_base.clone(),
        clock: shared.clock.clone(),
        deadline: shared.deadline,
        connections: shared.connections,
    })
    .map_err(|error: HttpSetupError| said(&error))
}

fn aws_carrier(of: &carriers::Aws, shared: &Shared, key: &Secret) -> Result<aws::AwsCarrier, aws::SetupError> {
    aws::AwsCarrier::new(aws::Settings {
        name: of.name.clone(),
        account: Some(of.account_id.clone()),
        region: of.region.clone(),
        credentials: aws::Credentials::new(&of.access_key_id, key.expose(), None),
        configuration_set: of.configuration_set.clone(),
        topics: of.topics.clone(),
        answers_stop: !of.self_managed_opt_outs,
        base_url: of.base_url.clone(),
        certificates_url: None,
        callback_base: shared.callback_base.clone(),
        clock: shared.clock.clone(),
        deadline: shared.deadline,
        connections: shared.connections,
    })
}

fn smpp_carrier(of: &carriers::Smpp, shared: &Shared, password: &Secret) -> Result<smpp::SmppCarrier, smpp::SetupError> {
    let protection = match (of.plain_text, &of.ca_file) {
        (Some(PlainText::ThisMachine), _) => smpp::Protection::Loopback,
        (Some(PlainText::PrivateLine), _) => smpp::Protection::PrivateLine,
        (None, Some(file)) => smpp::Protection::Tls(smpp::Roots::File(file.clone())),
        (None, None) => smpp::Protection::Tls(smpp::Roots::Platform),
    };
    let password = smpp::Password::new(password.expose());
    smpp::SmppCarrier::new(smpp::Settings {
        system_type: of.system_type.clone(),
        bind: of.bind,
        window: of.window,
        enquire_link: Duration::from_secs(of.enquire_link_s),
        deadline: shared.deadline,
        coding_0: of.coding_0,
        long_texts: of.long_texts,
        receipt_ids: of.receipt_ids,
        service_type: of.service_type.clone(),
        ..smpp::Settings::new(&of.name, &of.host, of.port, protection, &of.system_id, password, shared.clock.clone())
    })
}
