//! How the line to one message centre is set up.

use crate::Clock;
use serde::Deserialize;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The settings of one account.
pub struct Settings {
    /// The account's name.
    pub name: String,
    /// The message centre's host name or address.
    pub host: String,
    /// Its port; usually 2775, with TLS 3550.
    pub port: u16,
    /// How the line is protected.
    pub protection: Protection,
    /// Our name there, at most 15 characters.
    pub system_id: String,
    /// Our password there, at most 8 characters.
    pub password: Password,
    /// The type of system that the carrier gave us, at most 12 characters; mostly empty.
    pub system_type: String,
    /// One session for both directions, or one for each.
    pub bind: Bind,
    /// Texts that may wait for the carrier's answer at once.
    pub window: u16,
    /// How often the line is tested.
    pub enquire_link: Duration,
    /// How long the carrier may take to answer one request.
    pub response_timeout: Duration,
    /// How long handing over one text may take, waiting for the line and every part included; below the lease of a claim.
    pub deadline: Duration,
    /// The shortest and the longest wait before the line is tried again.
    pub backoff: (Duration, Duration),
    /// How the carrier reads coding 0.
    pub coding_0: Coding0,
    /// How texts travel that need several parts.
    pub long_texts: LongTexts,
    /// In which base receipts name texts.
    pub receipt_ids: ReceiptIds,
    /// How our own address is marked; `None` marks numbers, short codes and names each in the usual way.
    pub source: Option<Numbering>,
    /// How a recipient's number is marked.
    pub destination: Numbering,
    /// The service type that the carrier gave us, at most 5 characters; mostly empty.
    pub service_type: String,
    /// The TLV in which the carrier names a reply. The standard's is `receipted_message_id` (0x001E); carriers with one of their own say
    /// so.
    pub text_id_tag: u16,
    /// How long the parts of a long reply wait for each other, unacknowledged; well below the carrier's own timeout.
    pub join_wait: Duration,
    /// The clock by which a text's validity is counted.
    pub clock: Clock,
}

impl Settings {
    /// The usual settings for a line.
    pub fn new(name: &str, host: &str, port: u16, protection: Protection, system_id: &str, password: Password, clock: Clock) -> Self {
        Self {
            name: name.to_owned(),
            host: host.to_owned(),
            port,
            protection,
            system_id: system_id.to_owned(),
            password,
            system_type: String::new(),
            bind: Bind::Transceiver,
            window: 10,
            enquire_link: Duration::from_secs(30),
            response_timeout: Duration::from_secs(10),
            deadline: Duration::from_secs(20),
            backoff: (Duration::from_secs(1), Duration::from_secs(60)),
            coding_0: Coding0::Gsm7,
            long_texts: LongTexts::Udh,
            receipt_ids: ReceiptIds::Same,
            source: None,
            destination: Numbering { ton: 1, npi: 1 },
            service_type: String::new(),
            text_id_tag: 0x001E,
            join_wait: Duration::from_secs(2),
            clock,
        }
    }

    /// Whether a line can be set up like this.
    pub(super) fn check(&self) -> Result<(), SetupError> {
        let field = |ok: bool, name| if ok { Ok(()) } else { Err(SetupError::Field(name)) };
        let fits = |text: &str, longest: usize| text.len() <= longest && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        field(!self.name.is_empty(), "name")?;
        field(!self.host.is_empty() && self.host.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/'), "host")?;
        field(self.port != 0, "port")?;
        field(!self.system_id.is_empty() && fits(&self.system_id, 15), "system_id")?;
        field(fits(&self.password.0, 8), "password")?;
        field(fits(&self.system_type, 12), "system_type")?;
        field(fits(&self.service_type, 5), "service_type")?;
        field((1..=1000).contains(&self.window), "window")?;
        for (wait, name) in [
            (self.enquire_link, "enquire_link"),
            (self.response_timeout, "response_timeout"),
            (self.deadline, "deadline"),
            (self.backoff.0, "backoff"),
        ] {
            field(!wait.is_zero(), name)?;
        }
        field(self.backoff.0 <= self.backoff.1, "backoff")?;
        match self.protection {
            Protection::Loopback if !self.is_loopback() => Err(SetupError::NotEncrypted),
            _ => Ok(()),
        }
    }

    fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

/// Why a line cannot be set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// A setting is missing, too long, or not possible.
    #[error("the SMPP setting {0} is missing, too long or not possible; see the carrier's own sheet")]
    Field(&'static str),
    /// Texts would leave this machine in the clear.
    #[error(
        "the SMPP line must be encrypted, or the settings must say plain_text = \"private_line\" if it runs inside a VPN or a private line"
    )]
    NotEncrypted,
    /// The roots cannot be read, or TLS refused them.
    #[error("no TLS client could be set up; check the file of root certificates, or that this machine has some")]
    Tls,
}

/// How the line is protected (H-28c).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Protection {
    /// TLS 1.2 or later; the carrier's certificate must be good for the host's name.
    Tls(Roots),
    /// Not at all, to this machine only.
    Loopback,
    /// Not by us: the settings say that the line runs inside a VPN or is private (`plain_text = "private_line"`).
    PrivateLine,
}

/// Whose word on certificates counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roots {
    /// The operating system's.
    Platform,
    /// The certificates in this file, PEM, and no other.
    File(PathBuf),
}

/// A password; `Debug` shows nothing of it.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Password(pub(super) String);

impl Password {
    /// Takes the password as the carrier gave it.
    pub fn new(password: &str) -> Self {
        Self(password.to_owned())
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(..)")
    }
}

/// How we bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bind {
    /// One session for both directions.
    Transceiver,
    /// A transmitter and a receiver, for carriers that do not offer the former.
    Pair,
}

/// How the carrier reads texts of coding 0, its default alphabet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coding0 {
    /// The GSM 7-bit default alphabet, one character an octet.
    Gsm7,
    /// ISO 8859-1. Characters that only GSM has (`€` among them) make the text UCS-2, which may take more parts than were counted.
    Latin1,
    /// ASCII. The same holds for all accents.
    Ascii,
}

/// How texts travel that need several parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LongTexts {
    /// In parts, joined by a header before each.
    Udh,
    /// In parts, joined by `sar_*` TLVs.
    Sar,
    /// Whole, in `message_payload`; the carrier cuts. No text can be left with half its parts.
    Payload,
}

/// In which base receipts name texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptIds {
    /// As the answer did.
    Same,
    /// The answer in hexadecimal, the receipt in decimal digits.
    HexToDec,
    /// The answer in decimal, the receipt in hexadecimal digits.
    DecToHex,
}

/// How an address is marked: type of number and numbering plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Numbering {
    /// Type of number: 0 unknown, 1 international, 2 national, 3 network's own, 5 alphanumeric.
    pub ton: u8,
    /// Numbering plan: 0 unknown, 1 telephone numbers.
    pub npi: u8,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn settings(host: &str, protection: Protection) -> Settings {
        Settings::new("smpp", host, 2775, protection, "wellsent", Password::new("secret08"), Arc::new(|| jiff::Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn an_open_line_leaves_this_machine_only_where_the_settings_say_that_it_is_private() {
        for host in ["127.0.0.1", "::1", "localhost"] {
            assert_eq!(settings(host, Protection::Loopback).check(), Ok(()), "{host}");
        }
        for host in ["10.0.0.1", "smsc.example", "localhost.example"] {
            assert_eq!(settings(host, Protection::Loopback).check(), Err(SetupError::NotEncrypted), "{host}");
            assert_eq!(settings(host, Protection::PrivateLine).check(), Ok(()), "{host}");
            assert_eq!(settings(host, Protection::Tls(Roots::Platform)).check(), Ok(()), "{host}");
        }
    }

    #[test]
    fn what_does_not_fit_into_a_bind_is_refused_at_set_up() {
        let with = |change: fn(&mut Settings)| {
            let mut settings = settings("127.0.0.1", Protection::Loopback);
            change(&mut settings);
            settings.check()
        };
        assert_eq!(with(|s| s.password = Password::new("ninechars")), Err(SetupError::Field("password")));
        assert_eq!(with(|s| s.system_id = "sixteen_letters_".into()), Err(SetupError::Field("system_id")));
        assert_eq!(with(|s| s.window = 0), Err(SetupError::Field("window")));
        assert_eq!(with(|s| s.host = String::new()), Err(SetupError::Field("host")));
    }

    #[test]
    fn a_password_does_not_print() {
        assert_eq!(format!("{:?}", Password::new("secret08")), "Password(..)");
    }
}
