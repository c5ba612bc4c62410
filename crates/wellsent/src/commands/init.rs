//! `init`: a data folder, keys beside it, and a practice.

use super::{Outcome, Usage};
use crate::config::{DEFAULT_FILE, Installation};
use crate::demo;
use crate::open::{make_keys, open, private_folder, write_settings};
use jiff::Timestamp;
use std::path::PathBuf;
use std::process::ExitCode;
use wellsent_db::Options;
use wellsent_domain::practice::{SenderKind, Settings};
use wellsent_domain::staff::Role;
use wellsent_domain::{PhoneNumber, PracticeId};
use wellsent_engine::{Clock, reveals};
use wellsent_store::practices::{self, NewPractice};
use wellsent_store::senders::{self, NewSender};
use wellsent_store::{Access, Actor, Store, StoreError, SystemTx, Tx, agreements, rules, sessions};
use wellsent_text::sms::{Encoding, measure, normalise};

/// A longer name of a location does not fit into a text beside everything else.
const LOCATION_CHARS: usize = 24;

const HELP: &str = "\
Example:
  wellsent init --data ./wellsent-data --practice \"Elm Street Family Practice\" --text-name \"Elm St Clinic\" \\
                --phone 212-555-0100 --zone America/New_York --simulator http://127.0.0.1:4010

An init that was interrupted can be run again as it was.";

/// What `init` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    data: super::DataArgs,
    /// The folder for the keys; best on another disk than the data
    #[arg(long, value_name = "FOLDER")]
    keys: Option<PathBuf>,
    /// The practice's name, for staff
    #[arg(long)]
    practice: String,
    /// The name that stands in texts, at most 20 characters; it must not tell a specialty
    #[arg(long, value_name = "NAME")]
    text_name: String,
    /// The number for patients to call back
    #[arg(long, value_name = "NUMBER")]
    phone: String,
    /// The practice's time zone, like America/New_York
    #[arg(long, value_name = "ZONE")]
    zone: String,
    /// A location: id in your files and name, like main="Main Street"; repeat for more
    #[arg(long, value_name = "ID=NAME")]
    location: Vec<String>,
    /// Use the simulator carrier that listens at this address, to try things out
    #[arg(long, value_name = "URL")]
    simulator: Option<String>,
    /// A PostgreSQL address, instead of the embedded database
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

/// Runs `init`.
pub fn run(args: Args) -> Outcome {
    let data = args.data.data.clone();
    let mut file = DEFAULT_FILE.to_owned();
    let keys = match &args.keys {
        // The settings mean paths from the data folder; here the user meant one from where they are.
        Some(keys) => std::path::absolute(keys)?,
        None => data.join("../wellsent-keys"),
    };
    if args.keys.is_some() {
        file = file.replace("folder = \"../wellsent-keys\"", &format!("folder = {}", toml::Value::from(keys.display().to_string())));
    }
    if let Some(url) = &args.simulator {
        file.push_str(&format!("\n[simulator]\nurl = {}\n", toml::Value::from(url.clone())));
    }
    if let Some(url) = &args.database {
        file = file.replace("# url = \"postgres://wellsent@127.0.0.1/wellsent\"", &format!("url = {}", toml::Value::from(url.clone())));
    }
    let place = Installation { data: data.clone(), keys, config: toml::from_str(&file)? };
    if place.settings_file().exists() {
        return Err(format!("{} is an installation already; nothing was changed", data.display()).into());
    }
    let wanted = Wanted::of(&args)?;

    private_folder(&data)?;
    make_keys(&place)?;
    let now = Clock::system().now();
    let opened = open(&place, Options::default(), now)?;
    let unnamed: Vec<_> = wanted.locations.iter().filter_map(|location| Some((location.name.clone(), location.told?))).collect();
    let begun = furnish(&opened.store, wanted, place.config.database.url.is_none(), now)?;
    let store = opened.store.clone();
    // So that the ledger can be verified from its first day.
    super::audit::sign(opened, now)?;
    store.db().close();
    // The settings file comes last: what stops before it is not an installation, and can be run again.
    write_settings(&place, &file)?;
    if begun == Begun::Earlier {
        say!("An earlier init had stopped half-way. Its practice was kept as it was given then.");
    }
    say!("A practice is ready in {}.", data.display());
    say!("Its keys are in {}. Keep a copy of them apart from every backup of the data.", place.keys.display());
    for (name, why) in unnamed {
        say!("Note: texts will not name the location {name:?}, since anybody can read them and {why}.");
    }
    if measure(&normalise(args.text_name.trim())).encoding == Encoding::Ucs2 {
        say!("Note: {:?} has a letter that makes every text about twice as long. `wellsent sms parts` shows which.", args.text_name.trim());
    }
    say!("Next: wellsent doctor --data {}", data.display());
    Ok(ExitCode::SUCCESS)
}

/// What the practice is to be.
struct Wanted {
    practice: NewPractice,
    locations: Vec<WantedLocation>,
    simulated: bool,
}

/// A location.
struct WantedLocation {
    source_id: String,
    name: String,
    /// What texts may call it.
    text_name: Option<String>,
    /// Why texts may not call it by its name, to be read after "and".
    told: Option<&'static str>,
}

impl WantedLocation {
    /// A place that tells what care is given there is not named in texts (H-41, M-01).
    fn of(source_id: String, name: String) -> Self {
        let told = reveals(&name);
        let is_short = name.chars().count() <= LOCATION_CHARS;
        let text_name = (told.is_none() && is_short && !name.contains(char::is_control)).then(|| name.clone());
        Self { source_id, name, text_name, told }
    }
}

impl Wanted {
    fn of(args: &Args) -> Result<Self, Usage> {
        let call_back = PhoneNumber::parse(&args.phone).map_err(|error| Usage(format!("--phone: {error}")))?;
        if jiff::tz::TimeZone::get(&args.zone).is_err() {
            return Err(Usage(format!("--zone: {:?} is not a time zone; use a name like America/New_York", args.zone)));
        }
        let (name, text_name) = (args.practice.trim(), args.text_name.trim());
        if name.is_empty() || name.contains(char::is_control) {
            return Err(Usage("--practice: give the practice a name, on one line".into()));
        }
        if text_name.is_empty() || text_name.chars().count() > 20 || text_name.contains(char::is_control) {
            return Err(Usage("--text-name: use 1 to 20 characters, so that reminders fit one part".into()));
        }
        if let Some(why) = reveals(text_name) {
            return Err(Usage(format!(
                "--text-name {text_name:?}: it would stand in every text, where anybody can read it, and {why}; use a neutral name, like \"Elm St Clinic\""
            )));
        }
        let mut locations = Vec::new();
        for given in &args.location {
            match given.split_once('=').map(|(id, name)| (id.trim().to_owned(), name.trim().to_owned())) {
                Some((id, _)) if locations.iter().any(|known: &WantedLocation| known.source_id == id) => {
                    return Err(Usage(format!("--location {given:?}: there is a location with this id already")));
                }
                Some((id, name)) if !id.is_empty() && !name.is_empty() => locations.push(WantedLocation::of(id, name)),
                _ => return Err(Usage(format!("--location {given:?}: write it as ID=NAME, like main=\"Main Street\""))),
            }
        }
        if locations.is_empty() {
            // The one place of a practice needs no name beside the practice's own.
            locations.push(WantedLocation { source_id: "main".to_owned(), name: name.to_owned(), text_name: None, told: None });
        }
        let practice = NewPractice {
            name: name.to_owned(),
            text_name: text_name.to_owned(),
            call_back,
            zone: args.zone.clone(),
            part2: false,
            settings: Settings::default(),
        };
        Ok(Self { practice, locations, simulated: args.simulator.is_some() })
    }
}

/// Which run made the practice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begun {
    Now,
    Earlier,
}

/// Makes the practice, or completes the one that an interrupted run began. `alone`: whether the database is this installation's only.
fn furnish(store: &Store, wanted: Wanted, alone: bool, now: Timestamp) -> Result<Begun, Box<dyn std::error::Error>> {
    let known = store.system_read_wait(|tx: &mut SystemTx<'_, '_>| practices::list(tx))?;
    let same = known.iter().find(|(_, name)| *name == wanted.practice.name).map(|(id, _)| *id);
    if same.is_none() && alone && !known.is_empty() {
        return Err("the data folder holds the practice of an init that stopped half-way, under another name; run it again as it was, or name another folder with --data".into());
    }
    let (practice, begun) = match same {
        Some(practice) => (practice, Begun::Earlier),
        None => (store.create_practice(wanted.practice.clone(), now)?, Begun::Now),
    };
    complete(store, practice, wanted, now)?;
    Ok(begun)
}

/// Everything besides the practice itself, in one transaction; nothing if that was done before.
fn complete(store: &Store, practice: PracticeId, wanted: Wanted, now: Timestamp) -> Result<(), StoreError> {
    let access = Access { practice, actor: Actor::Operator };
    store.write_wait(access, move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> {
        if sessions::first_staff(tx)?.is_some() {
            return Ok(());
        }
        for location in &wanted.locations {
            let text_name = location.text_name.as_deref();
            practices::add_location(tx, &location.source_id, &location.name, text_name, &wanted.practice.zone, now)?;
        }
        for rule in demo::reminder_rules() {
            rules::add(tx, &rule, now)?;
        }
        if wanted.simulated {
            let sender = wanted.practice.call_back.to_e164();
            senders::add(tx, &NewSender::approved("simulator", &sender, SenderKind::Simulated, 60_000), now)?;
            let today = now.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
            let agreement = wellsent_domain::practice::Agreement::for_texts(today.yesterday().unwrap_or(today), None);
            agreements::add(tx, "simulator", "Simulated carrier", agreement, None, now)?;
        }
        sessions::add_staff(tx, "Front desk", Role::Manager, now)?;
        Ok(())
    })
}
