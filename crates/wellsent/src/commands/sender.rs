//! `sender`: the numbers and services that texts leave from.

use super::on_practice::OnPractice;
use super::{Outcome, Usage};
use crate::config::{CarrierSettings, Installation};
use std::process::ExitCode;
use std::str::FromStr;
use wellsent_domain::practice::{Registration, Sender, SenderKind};
use wellsent_domain::{PhoneNumber, SenderId};
use wellsent_store::StoreError;
use wellsent_store::senders::{self, NewSender};

const HELP: &str = "\
Examples:
  wellsent sender add --carrier twilio-main --address +12125550199 --kind long-code --parts-per-minute 240 \\
                      --campaign C123 --brand B123 --parts-per-day 2000
  wellsent sender list
  wellsent sender set snd_0198c3f2a8b97def8123456789abcdef --registration approved

A sender sends only while its registration is approved and an agreement with its carrier is in force. The senders of a campaign share its
parts a minute, those of a brand its parts a day (midnight to midnight, Pacific time). Beside a server that runs on the embedded database,
stop the server first.";

/// What `sender` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    /// Add a sender, behind those that are there
    Add {
        /// The carrier account, by its name in the settings
        #[arg(long, value_name = "NAME")]
        carrier: String,
        /// The number, or the id of the service at the carrier
        #[arg(long)]
        address: String,
        /// What it is
        #[arg(long, value_enum)]
        kind: KindArg,
        /// How far its registration is
        #[arg(long, value_enum, default_value = "pending")]
        registration: RegistrationArg,
        /// Parts a minute that the campaign is allowed
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        parts_per_minute: u32,
        /// The campaign that it is registered under
        #[arg(long, value_name = "ID")]
        campaign: Option<String>,
        /// The brand behind the campaign
        #[arg(long, value_name = "ID")]
        brand: Option<String>,
        /// Parts a day that the brand is allowed
        #[arg(long, value_name = "N", requires = "brand")]
        parts_per_day: Option<u32>,
        #[command(flatten)]
        more: OnPractice,
    },
    /// List the senders, in the order in which they are chosen
    List(OnPractice),
    /// Change a sender; what is not named stays
    Set {
        /// The sender, as `sender list` names it
        id: String,
        /// How far its registration is
        #[arg(long, value_enum)]
        registration: Option<RegistrationArg>,
        /// Parts a minute that the campaign is allowed; all its senders get the same
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        parts_per_minute: Option<u32>,
        /// The campaign that it is registered under
        #[arg(long, value_name = "ID")]
        campaign: Option<String>,
        /// The brand behind the campaign
        #[arg(long, value_name = "ID")]
        brand: Option<String>,
        /// Parts a day that the brand is allowed; all its senders get the same
        #[arg(long, value_name = "N")]
        parts_per_day: Option<u32>,
        /// Its place in the order, the lowest first
        #[arg(long, value_name = "N")]
        rank: Option<i64>,
        #[command(flatten)]
        more: OnPractice,
    },
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum KindArg {
    /// A ten-digit number
    LongCode,
    /// A toll-free number
    TollFree,
    /// A short code
    ShortCode,
    /// A service that sends from one of several numbers
    MessagingService,
    /// An address on an SMPP link
    Smpp,
    /// The simulator
    Simulated,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum RegistrationArg {
    /// Texts may leave from it
    Approved,
    /// The carriers are looking at it
    Pending,
    /// Refused, withdrawn or never made
    Unregistered,
}

impl From<KindArg> for SenderKind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::LongCode => Self::LongCode,
            KindArg::TollFree => Self::TollFree,
            KindArg::ShortCode => Self::ShortCode,
            KindArg::MessagingService => Self::MessagingService,
            KindArg::Smpp => Self::Smpp,
            KindArg::Simulated => Self::Simulated,
        }
    }
}

impl From<RegistrationArg> for Registration {
    fn from(registration: RegistrationArg) -> Self {
        match registration {
            RegistrationArg::Approved => Self::Approved,
            RegistrationArg::Pending => Self::Pending,
            RegistrationArg::Unregistered => Self::Unregistered,
        }
    }
}

/// What `set` changes.
#[derive(Clone)]
struct Change {
    registration: Option<Registration>,
    parts_per_minute: Option<u32>,
    campaign: Option<String>,
    brand: Option<String>,
    parts_per_day: Option<u32>,
    rank: Option<i64>,
}

const TAKEN: &str = "a sender of this carrier account has that address already; see `wellsent sender list`";
const UNKNOWN: &str = "the practice has no sender with this id; see `wellsent sender list`";

/// Runs `sender`.
pub fn run(args: Args) -> Outcome {
    match args.act {
        Act::Add { carrier, address, kind, registration, parts_per_minute, campaign, brand, parts_per_day, more } => {
            let kind = SenderKind::from(kind);
            let new = NewSender {
                carrier: word("--carrier", &carrier)?,
                address: address_of(kind, &address)?,
                kind,
                registration: registration.into(),
                campaign: campaign.map(|campaign| word("--campaign", &campaign)).transpose()?,
                brand: brand.map(|brand| word("--brand", &brand)).transpose()?,
                parts_per_minute,
                parts_per_day_max: parts_per_day,
            };
            add(new, &more)
        }
        Act::List(more) => {
            let (listed, place) = more.with(UNKNOWN, UNKNOWN, |tx, _| senders::list(tx))?;
            listed.iter().try_for_each(|sender| show(sender, &place, more.json))?;
            if listed.is_empty() && !more.json {
                say!("None yet. Add one with `wellsent sender add`.");
            }
            Ok(ExitCode::SUCCESS)
        }
        Act::Set { id, registration, parts_per_minute, campaign, brand, parts_per_day, rank, more } => {
            let id = SenderId::from_str(&id).map_err(|error| Usage(format!("{error}; `wellsent sender list` names the senders")))?;
            let change = Change {
                registration: registration.map(Registration::from),
                parts_per_minute,
                campaign: campaign.map(|campaign| word("--campaign", &campaign)).transpose()?,
                brand: brand.map(|brand| word("--brand", &brand)).transpose()?,
                parts_per_day,
                rank,
            };
            set(id, change, &more)
        }
    }
}

fn add(new: NewSender, more: &OnPractice) -> Outcome {
    let carrier = new.carrier.clone();
    let (sender, place) = more.with(UNKNOWN, TAKEN, move |tx, now| {
        let id = senders::add(tx, &new, now)?;
        senders::list(tx)?.into_iter().find(|sender| sender.id == id).ok_or(StoreError::NotFound { what: "sender" })
    })?;
    show(&sender, &place, more.json)?;
    let known = carrier == "simulator" || place.config.carriers.iter().any(|account| account.name() == carrier);
    if !known && !more.json {
        say!("Note: the settings have no carrier account named {carrier:?}; texts from this sender wait until they do.");
    }
    Ok(ExitCode::SUCCESS)
}

fn set(id: SenderId, change: Change, more: &OnPractice) -> Outcome {
    let (sender, place) = more.with(UNKNOWN, UNKNOWN, move |tx, now| {
        let listed = senders::list(tx)?;
        let mut sender = listed.iter().find(|sender| sender.id == id).cloned().ok_or(StoreError::NotFound { what: "sender" })?;
        sender.campaign = change.campaign.clone().or(sender.campaign);
        sender.brand = change.brand.clone().or(sender.brand);
        sender.rank = change.rank.unwrap_or(sender.rank);
        sender.parts_per_minute = change.parts_per_minute.unwrap_or(sender.parts_per_minute);
        sender.parts_per_day_max = change.parts_per_day.or(sender.parts_per_day_max);
        senders::change(tx, &sender, now)?;
        // What is shared is changed for all that share it: it is one limit of the carriers.
        for other in listed.into_iter().filter(|other| other.id != id) {
            let mut changed = other.clone();
            if other.campaign.is_some() && other.campaign == sender.campaign && other.carrier == sender.carrier {
                changed.parts_per_minute = change.parts_per_minute.unwrap_or(other.parts_per_minute);
            }
            if other.brand.is_some() && other.brand == sender.brand {
                changed.parts_per_day_max = change.parts_per_day.or(other.parts_per_day_max);
            }
            if changed != other {
                senders::change(tx, &changed, now)?;
            }
        }
        if let Some(registration) = change.registration {
            senders::set_registration(tx, id, registration, now)?;
            sender.registration = registration;
        }
        Ok(sender)
    })?;
    show(&sender, &place, more.json)?;
    Ok(ExitCode::SUCCESS)
}

/// Where the carrier calls back about a sender; none for carriers with a line of their own.
fn hook(sender: &Sender, place: &Installation, about: &str) -> Option<String> {
    let account = place.config.carriers.iter().find(|account| account.name() == sender.carrier)?;
    let base = place.config.server.public_url.trim_end_matches('/');
    (!matches!(account, CarrierSettings::Smpp(_))).then(|| format!("{base}/hooks/{}/{}/{about}", sender.carrier, sender.id))
}

fn show(sender: &Sender, place: &Installation, json: bool) -> std::io::Result<()> {
    if json {
        say!(
            "{}",
            serde_json::json!({
                "sender": sender.id.to_string(),
                "carrier": sender.carrier,
                "address": sender.address,
                "kind": sender.kind.as_str(),
                "registration": sender.registration.as_str(),
                "campaign": sender.campaign,
                "brand": sender.brand,
                "parts_per_minute": sender.parts_per_minute,
                "parts_per_day": sender.parts_per_day_max,
                "rank": sender.rank,
                "inbound_url": hook(sender, place, "inbound"),
                "status_url": hook(sender, place, "status"),
            })
        );
    } else {
        let a_day = sender.parts_per_day_max.map(|parts| format!(", {parts} a day")).unwrap_or_default();
        say!(
            "{}  {:<14} over {:<14} {:<12} {} parts a minute{a_day}",
            sender.id,
            sender.address,
            sender.carrier,
            sender.registration.as_str(),
            sender.parts_per_minute
        );
        if let Some(url) = hook(sender, place, "inbound") {
            say!("    texts from patients come in at {url}");
        }
    }
    Ok(())
}

/// A name that goes on the ledger and into addresses.
fn word(option: &str, text: &str) -> Result<String, Usage> {
    let fits = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '-' | '_' | '.' | ':' | '/');
    match text.trim() {
        text if !text.is_empty() && text.len() <= 200 && text.chars().all(fits) => Ok(text.to_owned()),
        _ => Err(Usage(format!("{option} {text:?}: use letters, digits and - _ . : /"))),
    }
}

/// The address as the carrier names it: a number in international form, a short code's digits, or a service's id. Only texts are sent (TW-02).
fn address_of(kind: SenderKind, text: &str) -> Result<String, Usage> {
    match kind {
        SenderKind::LongCode | SenderKind::TollFree => {
            PhoneNumber::parse(text).map(|number| number.to_e164()).map_err(|error| Usage(format!("--address: {error}")))
        }
        SenderKind::ShortCode if (5..=6).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit()) => Ok(text.to_owned()),
        SenderKind::ShortCode => Err(Usage(format!("--address {text:?}: a short code has five or six digits"))),
        SenderKind::MessagingService | SenderKind::Smpp | SenderKind::Simulated => match text.strip_prefix('+') {
            Some(digits) => word("--address", digits).map(|digits| format!("+{digits}")),
            None if text.contains(':') && !text.starts_with("arn:") => {
                Err(Usage(format!("--address {text:?}: only texts are sent, no other channel")))
            }
            None => word("--address", text),
        },
    }
}
