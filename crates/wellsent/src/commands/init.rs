//! `init`: a data folder, keys beside it, and a practice.

use super::Outcome;
use crate::config::{DEFAULT_FILE, Installation};
use crate::demo;
use crate::open::{make_keys, open, private_folder};
use jiff::Timestamp;
use std::path::PathBuf;
use std::process::ExitCode;
use wellsent_db::Options;
use wellsent_domain::PhoneNumber;
use wellsent_domain::practice::{Registration, SenderKind, Settings};
use wellsent_engine::Clock;
use wellsent_store::practices::{self, NewPractice};
use wellsent_store::{Access, Actor, StoreError, Tx, agreements, rules, sessions};

/// What `init` takes.
#[derive(Debug, clap::Args)]
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
    if data.join("wellsent.toml").exists() {
        return Err(format!("{} is an installation already; nothing was changed", data.display()).into());
    }
    let call_back = PhoneNumber::parse(&args.phone).map_err(|error| format!("--phone: {error}"))?;
    jiff::tz::TimeZone::get(&args.zone).map_err(|_| format!("--zone: {:?} is not a time zone; use a name like America/New_York", args.zone))?;
    if args.text_name.trim().is_empty() || args.text_name.chars().count() > 20 {
        return Err("--text-name: use 1 to 20 characters, so that reminders fit one part".into());
    }
    let mut locations = Vec::new();
    for given in &args.location {
        let (id, name) = given.split_once('=').ok_or_else(|| format!("--location {given:?}: write it as ID=NAME"))?;
        locations.push((id.trim().to_owned(), name.trim().to_owned()));
    }
    if locations.is_empty() {
        locations.push(("main".to_owned(), args.practice.clone()));
    }

    private_folder(&data)?;
    let mut file = DEFAULT_FILE.to_owned();
    let keys = match &args.keys {
        Some(keys) => keys.clone(),
        None => data.join("../wellsent-keys"),
    };
    if let Some(keys) = &args.keys {
        file = file.replace("folder = \"../wellsent-keys\"", &format!("folder = {}", toml::Value::from(keys.display().to_string())));
    }
    if let Some(url) = &args.simulator {
        file.push_str(&format!("\n[simulator]\nurl = {}\n", toml::Value::from(url.clone())));
    }
    if let Some(url) = &args.database {
        file = file.replace("# url = \"postgres://wellsent@127.0.0.1/wellsent\"", &format!("url = {}", toml::Value::from(url.clone())));
    }
    let config = toml::from_str(&file)?;
    let place = Installation { data: data.clone(), keys, config };
    make_keys(&place)?;
    let now = Clock::system().now();
    let opened = open(&place, Options::default(), now)?;
    furnish(&opened.store, &args, call_back, locations, now)?;
    opened.store.db().close();
    // The settings file comes last: what stops before it is not an installation, and can be run again.
    std::fs::write(data.join("wellsent.toml"), file)?;
    println!("A practice is ready in {}.", data.display());
    println!("Its keys are in {}. Keep a copy of them apart from every backup of the data.", place.keys.display());
    println!("Next: wellsent doctor --data {}", data.display());
    Ok(ExitCode::SUCCESS)
}

fn furnish(
    store: &wellsent_store::Store,
    args: &Args,
    call_back: PhoneNumber,
    locations: Vec<(String, String)>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let new = NewPractice {
        name: args.practice.clone(),
        text_name: args.text_name.trim().to_owned(),
        call_back,
        zone: args.zone.clone(),
        part2: false,
        settings: Settings::default(),
    };
    let practice = store.create_practice(new, now)?;
    let access = Access { practice, actor: Actor::Operator };
    let (zone, simulated) = (args.zone.clone(), args.simulator.is_some());
    store.write_wait(access, move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> {
        for (source_id, name) in &locations {
            practices::add_location(tx, source_id, name, None, &zone, now)?;
        }
        for rule in demo::reminder_rules() {
            rules::add(tx, &rule, now)?;
        }
        if simulated {
            practices::add_sender(tx, "simulator", &call_back.to_e164(), SenderKind::Simulated, Registration::Approved, 60_000, now)?;
            let today = now.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
            let agreement = wellsent_domain::practice::Agreement { from: today.yesterday().unwrap_or(today), until: None };
            agreements::add(tx, "simulator", "Simulated carrier", agreement, None, now)?;
        }
        sessions::add_staff(tx, "Front desk", now)?;
        Ok(())
    })
}
