//! The carriers that a run can stand beside: the simulator's phones, Twilio, an SMPP centre. What differs between them by nature is said here.

use serde::{Deserialize, Serialize};
use serde_json::json;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use wellsent::config::CarrierSettings;
use wellsent_carrier::body_digest;
use wellsent_domain::practice::SenderKind;

/// The account at Twilio.
pub const ACCOUNT_SID: &str = "AC00000000000000000000000000000055";
/// The key that requests are made with, and its secret.
pub const API_KEY: (&str, &str) = ("SK00000000000000000000000000000055", "secret of the crash test's key");
/// What callbacks are signed with.
pub const AUTH_TOKEN: &str = "token of the crash test";
/// The user and password of the SMPP line.
pub const SYSTEM_ID: &str = "wellsent";
pub const PASSWORD: &str = "secret08";

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

/// What carries the texts of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Beside {
    /// The phones of this program's own simulator. Their log shows the token of an attempt.
    Simulator,
    /// Twilio. Its log shows no token: an attempt is found there by number and words, and two texts of the same words to one phone can be
    /// taken for each other.
    Twilio,
    /// An SMPP centre. It has no log and hears no token: what is unclear becomes a task for staff and never goes again, and a text is known
    /// there by the centre's id or else by number and words.
    Smpp,
}

/// Where its process listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listens {
    /// For testers, and for the server where it speaks HTTP.
    pub http: SocketAddr,
    /// The SMPP line.
    pub line: Option<SocketAddr>,
}

impl Beside {
    /// The account's name in the settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Simulator => "simulator",
            Self::Twilio => "twilio-main",
            Self::Smpp => "smpp-main",
        }
    }

    /// The account as the agreement names it.
    pub const fn account(self) -> Option<&'static str> {
        match self {
            Self::Simulator => None,
            Self::Twilio => Some(ACCOUNT_SID),
            Self::Smpp => Some(SYSTEM_ID),
        }
    }

    /// The kind of the practice's sender.
    pub const fn sender_kind(self) -> SenderKind {
        match self {
            Self::Simulator => SenderKind::Simulated,
            Self::Twilio => SenderKind::LongCode,
            Self::Smpp => SenderKind::Smpp,
        }
    }

    /// Whether the network hears the token of an attempt.
    pub const fn hears_tokens(self) -> bool {
        !matches!(self, Self::Smpp)
    }

    /// Whether the log that attempts are looked up in names them by their words only.
    pub const fn known_by_words(self) -> bool {
        matches!(self, Self::Twilio)
    }

    /// Whether there is a log at all.
    pub const fn keeps_log(self) -> bool {
        !matches!(self, Self::Smpp)
    }

    /// Writes the account's secrets into the folder of keys.
    pub fn write_secrets(self, keys: &Path) {
        let secrets: &[(&str, &str)] = match self {
            Self::Simulator => &[],
            Self::Twilio => &[("api-secret", API_KEY.1), ("auth-token", AUTH_TOKEN)],
            Self::Smpp => &[("password", PASSWORD)],
        };
        for (file, secret) in secrets {
            write_private(&keys.join(file), secret).expect("a secret");
        }
    }

    /// The account as it stands in the settings of the server.
    pub fn settings(self, at: Listens) -> Option<CarrierSettings> {
        let settings = match self {
            Self::Simulator => return None,
            Self::Twilio => json!({
                "kind": "twilio",
                "name": self.name(),
                "account_sid": ACCOUNT_SID,
                "api_key_sid": API_KEY.0,
                "api_secret_file": "api-secret",
                "auth_token_file": "auth-token",
                "base_url": format!("http://{}", at.http),
            }),
            Self::Smpp => {
                let line = at.line.expect("an SMPP centre has a line");
                json!({
                    "kind": "smpp",
                    "name": self.name(),
                    "host": line.ip().to_string(),
                    "port": line.port(),
                    "plain_text": "this_machine",
                    "system_id": SYSTEM_ID,
                    "password_file": "password",
                })
            }
        };
        Some(serde_json::from_value(settings).expect("settings"))
    }

    /// The key under which the server stores a text of a phone. `event` is what the journal calls it.
    pub fn event_key(self, event: &str) -> Vec<u8> {
        let key = match self {
            Self::Simulator => format!("simulator\0text\0{event}"),
            Self::Twilio => format!("twilio\0inbound\0{event}"),
            // The centre names each part of a text; those of this test have one.
            Self::Smpp => format!("smpp named\0{}\0mo-{event}-1", self.name()),
        };
        body_digest(&key).to_vec()
    }
}
