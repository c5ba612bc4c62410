//! The carrier accounts in the settings: `[[carriers]]`, one block an account.
//!
//! Secrets never stand in the settings: a key that ends in `_file` names a file in the keys' folder that its owner alone can read. What an
//! agreement with a health-care practice cannot cover cannot be switched on (TW-02).

use super::{ConfigError, Installation};
use serde::Deserialize;
use std::fmt;
use std::path::{Path, PathBuf};
use wellsent_carrier::smpp::{Bind, Coding0, LongTexts, ReceiptIds};
use wellsent_domain::practice::Service;

/// A carrier account.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum CarrierSettings {
    /// Twilio, or a gateway that speaks like it.
    Twilio(Twilio),
    /// Telnyx.
    Telnyx(Telnyx),
    /// AWS End User Messaging SMS.
    Aws(Aws),
    /// An SMPP 3.4 link.
    Smpp(Smpp),
}

/// Twilio.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Twilio {
    /// The account's name in Wellsent: it stands in callback addresses, beside senders and agreements.
    pub name: String,
    /// What is used of it.
    #[serde(default = "sms_alone")]
    pub features: Vec<String>,
    /// The account or subaccount, AC…, that was marked for the agreement (TW-01).
    pub account_sid: String,
    /// The API key, SK… (TW-04).
    pub api_key_sid: String,
    /// The file with the API key's secret.
    pub api_secret_file: String,
    /// The file with the account's auth token, which only checks callbacks.
    pub auth_token_file: String,
    /// The file with the token that takes over, while it is being rotated.
    pub next_auth_token_file: Option<String>,
    /// Whether Twilio's own opt-out handling and sticky sender are off, as redaction needs; then STOP is answered here (TW-17, TW-18).
    #[serde(default)]
    pub redaction_ready: bool,
    /// What is asked of Twilio when a text is at rest: to delete the record, or to redact its words (TW-17).
    #[serde(default)]
    pub forget: Forget,
    /// Another address than Twilio's own: a private gateway, or a test.
    pub base_url: Option<String>,
    /// The same for number lookup.
    pub lookups_base_url: Option<String>,
    /// The verification service, VA…, that makes and checks codes; it goes together with the feature `verify` (TW-20).
    pub verify_service_sid: Option<String>,
    /// Another address than Twilio's own for verification.
    pub verify_base_url: Option<String>,
}

/// Telnyx.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telnyx {
    /// The account's name in Wellsent.
    pub name: String,
    /// What is used of it.
    #[serde(default = "sms_alone")]
    pub features: Vec<String>,
    /// The account at Telnyx, as the agreement names it.
    pub account: String,
    /// The file with the API key.
    pub api_key_file: String,
    /// The public keys that callbacks are signed with; two while they are being rotated.
    pub public_keys: Vec<String>,
    /// Another address than the carrier's own.
    pub base_url: Option<String>,
}

/// AWS End User Messaging SMS.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aws {
    /// The account's name in Wellsent.
    pub name: String,
    /// What is used of it.
    #[serde(default = "sms_alone")]
    pub features: Vec<String>,
    /// The AWS account, twelve digits, as the agreement names it.
    pub account_id: String,
    /// The region, like us-east-1.
    pub region: String,
    /// The access key.
    pub access_key_id: String,
    /// The file with the access key's secret.
    pub secret_file: String,
    /// The configuration set that reports deliveries.
    pub configuration_set: Option<String>,
    /// The SNS topics that may call back, by ARN.
    #[serde(default)]
    pub topics: Vec<String>,
    /// Whether the numbers have self-managed opt-outs, so that STOP and HELP are answered here and not by AWS (TW-18).
    #[serde(default)]
    pub self_managed_opt_outs: bool,
    /// Another address than the carrier's own.
    pub base_url: Option<String>,
}

/// An SMPP 3.4 link.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smpp {
    /// The account's name in Wellsent.
    pub name: String,
    /// What is used of it.
    #[serde(default = "sms_alone")]
    pub features: Vec<String>,
    /// The carrier's host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Without this the link is encrypted (H-28c). `this_machine` leaves the encryption out to an address of this machine, `private_line` to a
    /// link inside a VPN.
    pub plain_text: Option<PlainText>,
    /// The user of the link; it is also the account that the agreement names.
    pub system_id: String,
    /// The file with the link's password.
    pub password_file: String,
    /// The kind of client, where the carrier wants one named.
    #[serde(default)]
    pub system_type: String,
    /// Texts that may wait for an answer at one time.
    #[serde(default = "window")]
    pub window: u16,
    /// Seconds between two signs of life.
    #[serde(default = "enquire_link_s")]
    pub enquire_link_s: u64,
    /// The file with the certificate of the carrier's own authority, where it has one.
    pub ca_file: Option<PathBuf>,
    /// One session for both directions, or a pair.
    #[serde(default = "transceiver")]
    pub bind: Bind,
    /// How the carrier reads texts of coding 0.
    #[serde(default = "gsm7")]
    pub coding_0: Coding0,
    /// How texts travel that need several parts.
    #[serde(default = "udh")]
    pub long_texts: LongTexts,
    /// In which base receipts name texts.
    #[serde(default = "same")]
    pub receipt_ids: ReceiptIds,
    /// The service type that the carrier gave us.
    #[serde(default)]
    pub service_type: String,
}

/// Where a link may go unencrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlainText {
    /// To an address of this machine.
    ThisMachine,
    /// Inside a VPN or a private line.
    PrivateLine,
}

/// What forgetting a text means at Twilio (TW-17).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forget {
    /// The whole record goes.
    #[default]
    Delete,
    /// Only the words go.
    Redact,
}

fn sms_alone() -> Vec<String> {
    vec![Service::Sms.as_str().to_owned()]
}

const fn transceiver() -> Bind {
    Bind::Transceiver
}

const fn gsm7() -> Coding0 {
    Coding0::Gsm7
}

const fn udh() -> LongTexts {
    LongTexts::Udh
}

const fn same() -> ReceiptIds {
    ReceiptIds::Same
}

const fn window() -> u16 {
    10
}

const fn enquire_link_s() -> u64 {
    30
}

/// A secret out of a file. It is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl CarrierSettings {
    /// The account's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Twilio(of) => &of.name,
            Self::Telnyx(of) => &of.name,
            Self::Aws(of) => &of.name,
            Self::Smpp(of) => &of.name,
        }
    }

    /// The kind of carrier.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Twilio(_) => "twilio",
            Self::Telnyx(_) => "telnyx",
            Self::Aws(_) => "aws",
            Self::Smpp(_) => "smpp",
        }
    }

    /// The account at the carrier, as the agreement must name it (TW-01).
    pub fn account(&self) -> &str {
        match self {
            Self::Twilio(of) => &of.account_sid,
            Self::Telnyx(of) => &of.account,
            Self::Aws(of) => &of.account_id,
            Self::Smpp(of) => &of.system_id,
        }
    }

    /// The files with its secrets, by key.
    pub fn secret_files(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Twilio(of) => {
                let mut files = vec![("api_secret_file", of.api_secret_file.as_str()), ("auth_token_file", of.auth_token_file.as_str())];
                files.extend(of.next_auth_token_file.as_deref().map(|file| ("next_auth_token_file", file)));
                files
            }
            Self::Telnyx(of) => vec![("api_key_file", of.api_key_file.as_str())],
            Self::Aws(of) => vec![("secret_file", of.secret_file.as_str())],
            Self::Smpp(of) => vec![("password_file", of.password_file.as_str())],
        }
    }

    /// The address that is used instead of the carrier's own, if one is.
    pub fn other_address(&self) -> Option<&str> {
        match self {
            Self::Twilio(of) => of.base_url.as_deref().or(of.lookups_base_url.as_deref()).or(of.verify_base_url.as_deref()),
            Self::Telnyx(of) => of.base_url.as_deref(),
            Self::Aws(of) => of.base_url.as_deref(),
            Self::Smpp(_) => None,
        }
    }

    /// The services that are used of it; they are checked when the settings are read.
    pub fn services(&self) -> Vec<Service> {
        self.features().iter().filter_map(|feature| Service::parse(feature)).collect()
    }

    fn features(&self) -> &[String] {
        match self {
            Self::Twilio(of) => &of.features,
            Self::Telnyx(of) => &of.features,
            Self::Aws(of) => &of.features,
            Self::Smpp(of) => &of.features,
        }
    }
}

/// Checks what the types cannot: names, features, and names of files.
///
/// # Errors
/// At the first account that cannot be used, with what to do about it.
pub fn check(carriers: &[CarrierSettings]) -> Result<(), ConfigError> {
    for (position, carrier) in carriers.iter().enumerate() {
        let name = carrier.name().to_owned();
        let plain = |ch: char| ch.is_ascii_lowercase() || ch.is_ascii_digit() || ch == '-';
        if name.is_empty() || name.len() > 40 || !name.chars().all(plain) || name.starts_with('-') || name == "simulator" {
            return Err(ConfigError::CarrierName(name));
        }
        if carriers[..position].iter().any(|other| other.name() == name) {
            return Err(ConfigError::CarrierTwice(name));
        }
        for feature in carrier.features() {
            if Service::parse(feature).is_none() {
                return Err(ConfigError::NotEligible { carrier: name, feature: feature.clone() });
            }
        }
        match (carrier, carrier.services().contains(&Service::Verify)) {
            (CarrierSettings::Twilio(of), verify) => {
                let named = of.verify_service_sid.as_deref();
                if named.is_some() != verify || named.is_some_and(|sid| !is_verify_service(sid)) {
                    return Err(ConfigError::VerifyService(name));
                }
            }
            (_, true) => return Err(ConfigError::NotBuilt { carrier: name, feature: "verify", instead: "codes go as texts of your own" }),
            (_, false) => {}
        }
        if carrier.services().contains(&Service::Lookup) && !matches!(carrier, CarrierSettings::Twilio(_)) {
            return Err(ConfigError::NotBuilt { carrier: name, feature: "lookup", instead: "numbers are looked up at Twilio only" });
        }
        if !carrier.services().contains(&Service::Sms) {
            return Err(ConfigError::NoTexts(name));
        }
        for (key, file) in carrier.secret_files() {
            if file.is_empty() || file.starts_with('.') || file.contains(['/', '\\']) {
                return Err(ConfigError::SecretFile {
                    carrier: name,
                    key,
                    problem: "give the name of a file in the keys' folder, without a path",
                });
            }
        }
    }
    Ok(())
}

fn is_verify_service(sid: &str) -> bool {
    sid.strip_prefix("VA").is_some_and(|digits| digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

impl Installation {
    /// Reads a secret of a carrier account from its file in the keys' folder.
    ///
    /// # Errors
    /// When the file is not there, is empty, or others can read it.
    pub fn secret(&self, carrier: &CarrierSettings, key: &'static str, file: &str) -> Result<Secret, ConfigError> {
        let fail = |problem| ConfigError::SecretFile { carrier: carrier.name().to_owned(), key, problem };
        let path = self.keys.join(file);
        if open_to_others(&path).map_err(|_| fail("the file is not there or cannot be read"))? {
            return Err(fail("others can read the file; run `chmod 600` on it, and replace the secret if it may have been seen"));
        }
        let text = std::fs::read_to_string(&path).map_err(|_| fail("the file is not there or cannot be read"))?;
        match text.trim() {
            "" => Err(fail("the file is empty")),
            secret if secret.lines().count() > 1 => Err(fail("the file holds more than one line")),
            secret => Ok(Secret(secret.to_owned())),
        }
    }
}

#[cfg(unix)]
fn open_to_others(path: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn open_to_others(path: &Path) -> std::io::Result<bool> {
    std::fs::metadata(path).map(|_| false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    const TWILIO: &str = "[[carriers]]\nkind = \"twilio\"\nname = \"main\"\naccount_sid = \"AC1\"\napi_key_sid = \"SK1\"\napi_secret_file = \"main.secret\"\nauth_token_file = \"main.token\"\n";

    fn read(text: &str) -> Result<Vec<CarrierSettings>, String> {
        let config: Config = toml::from_str(text).map_err(|error| error.to_string())?;
        check(&config.carriers).map_err(|error| error.to_string())?;
        Ok(config.carriers)
    }

    #[test]
    fn every_kind_is_read_and_texts_alone_are_used_unless_more_is_said() {
        let all = format!(
            "{TWILIO}\n[[carriers]]\nkind = \"telnyx\"\nname = \"second\"\naccount = \"T1\"\napi_key_file = \"t.key\"\npublic_keys = [\"k\"]\n\
             [[carriers]]\nkind = \"aws\"\nname = \"third\"\naccount_id = \"123456789012\"\nregion = \"us-east-1\"\naccess_key_id = \"AKIA\"\nsecret_file = \"a.secret\"\n\
             [[carriers]]\nkind = \"smpp\"\nname = \"line\"\nhost = \"smpp.example.com\"\nport = 3550\nsystem_id = \"elm\"\npassword_file = \"l.secret\"\n"
        );
        let carriers = read(&all).unwrap();
        assert_eq!(carriers.iter().map(CarrierSettings::kind).collect::<Vec<_>>(), ["twilio", "telnyx", "aws", "smpp"]);
        assert_eq!(carriers[0].services(), [Service::Sms]);
        assert_eq!(carriers[2].services(), [Service::Sms]);
        assert!(matches!(&carriers[3], CarrierSettings::Smpp(line) if line.plain_text.is_none()));
        assert_eq!(carriers.iter().map(CarrierSettings::account).collect::<Vec<_>>(), ["AC1", "T1", "123456789012", "elm"]);
    }

    #[test]
    fn what_no_agreement_covers_refuses_the_start_by_name() {
        for feature in ["whatsapp", "rcs", "email", "fraud_guard", "SMS", ""] {
            let said = read(&format!("{TWILIO}features = [\"sms\", \"{feature}\"]\n")).unwrap_err();
            assert!(said.contains(&format!("{feature:?}")) && said.contains("sms, lookup, verify"), "{said}");
        }
        assert!(read(&format!("{TWILIO}features = [\"lookup\"]\n")).unwrap_err().contains("sms"));
        assert!(read(&format!("{TWILIO}features = [\"sms\", \"lookup\"]\n")).is_ok());
    }

    #[test]
    fn codes_by_a_verification_service_need_the_feature_and_the_service_together() {
        let (feature, sid) = ("features = [\"sms\", \"verify\"]\n", "verify_service_sid = \"VA0123456789abcdef0123456789abcdef\"\n");
        assert!(read(&format!("{TWILIO}{feature}{sid}")).is_ok());
        let short = sid.replace("0123456789abcdef\"", "\"");
        for half in [feature.to_owned(), sid.to_owned(), format!("{feature}{short}"), format!("{feature}{}", sid.replace("VA", "MG"))] {
            assert!(read(&format!("{TWILIO}{half}")).unwrap_err().contains("verify_service_sid"), "{half}");
        }
        let telnyx =
            "[[carriers]]\nkind = \"telnyx\"\nname = \"second\"\naccount = \"T1\"\napi_key_file = \"t.key\"\npublic_keys = [\"k\"]\n";
        assert!(read(&format!("{telnyx}{feature}")).unwrap_err().contains("not built in"));
    }

    #[test]
    fn an_unknown_key_an_unknown_kind_and_a_bad_name_are_refused() {
        assert!(read(&format!("{TWILIO}auth_token = \"x\"\n")).unwrap_err().contains("auth_token"));
        assert!(read(&TWILIO.replace("\"twilio\"", "\"whatsapp\"")).is_err());
        for name in ["", "Main", "a b", "simulator", "-x", "../x"] {
            assert!(read(&TWILIO.replace("\"main\"", &format!("{name:?}"))).is_err(), "{name:?}");
        }
        assert!(read(&format!("{TWILIO}{TWILIO}")).unwrap_err().contains("twice"));
        for file in ["", "../secret", "/etc/secret", ".secret"] {
            assert!(read(&TWILIO.replace("\"main.secret\"", &format!("{file:?}"))).is_err(), "{file:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_that_others_can_read_is_refused_and_no_error_repeats_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let place = Installation { data: folder.path().into(), keys: folder.path().into(), config: Config::default() };
        let carrier = read(TWILIO).unwrap().remove(0);
        let path = folder.path().join("main.secret");
        let secret = || place.secret(&carrier, "api_secret_file", "main.secret");
        assert!(secret().unwrap_err().to_string().contains("api_secret_file"));
        std::fs::write(&path, "s3cr3t\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let said = secret().unwrap_err().to_string();
        assert!(said.contains("chmod 600") && !said.contains("s3cr3t"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(secret().unwrap().expose(), "s3cr3t");
        assert_eq!(format!("{:?}", secret().unwrap()), "Secret(..)");
        std::fs::write(&path, "\n").unwrap();
        assert!(secret().unwrap_err().to_string().contains("empty"));
    }
}
