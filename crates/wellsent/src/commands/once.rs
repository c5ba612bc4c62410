//! `demo --once`: import, plan, send what is due, print every message with its ruling, leave.

use super::demo::{Place, phones};
use super::import::consent_of_file;
use super::{Outcome, Usage};
use crate::demo::{furnish, play};
use crate::open::open;
use crate::serve::{Running, Setup, engine, interrupted};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio::net::TcpListener;
use wellsent_carrier::simulator::Behaviour;
use wellsent_db::Options;
use wellsent_domain::PracticeId;
use wellsent_engine::import::{self, Kind};
use wellsent_engine::{Clock, Demo, Engine, Tuning};
use wellsent_store::views::message::{self, Dossier};
use wellsent_store::views::messages::{self, Filter, MessageLine};
use wellsent_store::{Access, Actor, StoreError, Tx};
use wellsent_text::sms::measure;

/// Runs `demo --once`: brings the file in, sends what is due until `until`, prints every message with its ruling.
pub fn run(file: &Path, until: Option<&str>, json: bool, data: Option<&PathBuf>) -> Outcome {
    let zone = TimeZone::get("America/New_York")?;
    let until = until.map(|text| instant(text, &zone)).transpose()?;
    let rows = std::fs::File::open(file).map_err(|error| format!("{}: {error}", file.display()))?;
    super::runtime()?.block_on(async {
        let interrupted = interrupted();
        tokio::select! {
            () = interrupted => Err("interrupted".into()),
            done = once(file.to_owned(), rows, until, json, data) => done,
        }
    })
}

fn instant(text: &str, zone: &TimeZone) -> Result<Timestamp, Usage> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let local = text.parse::<DateTime>().map_err(|_| Usage(format!("--until {text:?}: write a time like 2027-03-10T18:00")))?;
    let zoned = local.to_zoned_datetime(zone.clone()).map_err(|_| Usage(format!("--until {text:?}: there is no such time")))?;
    Ok(zoned.timestamp())
}

async fn once(file: PathBuf, rows: std::fs::File, until: Option<Timestamp>, json: bool, data: Option<&PathBuf>) -> Outcome {
    let bytes = rows.metadata()?.len();
    let place = Place::make(data)?;
    let system_now = Clock::system().now();
    let clock = Clock::standing_at(system_now);
    let opened = {
        let installation = place.installation.clone();
        tokio::task::spawn_blocking(move || open(&installation, Options::default(), system_now)).await??
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let public_url = format!("http://{}", listener.local_addr()?);
    let (network, simulator_url) = phones(opened.callback_secret(), &clock, &public_url, Behaviour::default()).await?;
    let setup = Setup {
        clock: clock.clone(),
        public_url: public_url.clone(),
        simulator_url: Some(simulator_url),
        demo: Some(Demo::new(network.clone())),
        tuning: Tuning::default(),
        carriers: Vec::new(),
        lookup: None,
        verify: Default::default(),
    };
    let store = opened.store.clone();
    let engine = engine(opened, &setup)?;
    let running = Running::start(engine.clone(), listener, public_url);

    let (practice, report) = tokio::task::spawn_blocking(move || -> Result<_, Box<dyn std::error::Error + Send + Sync>> {
        let house = furnish(&store, system_now)?;
        let access = Access { practice: house.practice, actor: Actor::Operator };
        let options = consent_of_file(TimeZone::get("America/New_York")?, true);
        let report = import::run(&store, access, Kind::Appointments, rows, Some(bytes), &options, system_now, &mut |_| {})
            .map_err(|error| super::import::about_file(&file, error))?;
        Ok((house.practice, report))
    })
    .await?
    .map_err(|error| error.to_string())?;
    if !json {
        super::import::print(&report)?;
        say!("");
    }
    let moved = until.is_some();
    let until = until.unwrap_or(system_now).max(system_now);
    play(&engine, &network, practice, None, until, |_| {}).await?;
    let printed = print(&engine, practice, json).await?;
    if !json && printed == 0 {
        say!("No message is wanted yet.");
    }
    if !json && !moved {
        say!("Move on with --until TIME.");
    }
    running.until(std::future::ready(())).await;
    Ok(ExitCode::SUCCESS)
}

async fn print(engine: &Engine, practice: PracticeId, json: bool) -> Result<usize, Box<dyn std::error::Error>> {
    let access = Access { practice, actor: Actor::Operator };
    let mut lines: Vec<(MessageLine, Dossier)> = engine
        .store()
        .write(access, |tx: &mut Tx<'_, '_>| -> Result<Vec<_>, StoreError> {
            let mut all = Vec::new();
            for filter in [Filter::Latest, Filter::Planned] {
                let mut after = None;
                loop {
                    let page = messages::list(tx, filter, after, 200)?;
                    let Some(last) = page.last() else { break };
                    let sorted_by = if filter == Filter::Planned { last.next_at } else { last.state_at };
                    after = Some((sorted_by, last.id));
                    for line in page {
                        let dossier = message::load(tx, line.id)?;
                        all.push((line, dossier));
                    }
                }
            }
            Ok(all)
        })
        .await?;
    lines.sort_by_key(|(line, _)| (line.due_at, line.id));
    let zone = TimeZone::get("America/New_York")?;
    if !json && !lines.is_empty() {
        say!("{:<16} {:<22} {:<8} {:<14} {:<11} {:<5} why, or the text", "due", "patient", "phone", "template", "state", "parts");
        say!("{}", "-".repeat(120));
    }
    for (line, dossier) in &lines {
        let due = zone.to_datetime(line.due_at).strftime("%Y-%m-%d %H:%M").to_string();
        let patient = line.person.as_ref().map(|(_, name)| name.expose().full()).unwrap_or_default();
        let phone = format!("…{}", dossier.number.expose().last_two());
        let body = dossier.message.body.as_ref().map(|body| body.expose().as_str());
        let ruling = line.ruling.as_deref().unwrap_or("not yet");
        let reasons: Vec<_> = line.reasons.iter().map(|reason| reason.code()).collect();
        if json {
            let parts = body.map(|body| measure(body).parts);
            say!(
                "{}",
                serde_json::json!({
                    "message": line.id.to_string(), "due": line.due_at.to_string(), "template": line.template, "state": line.state.as_str(),
                    "ruling": ruling, "reasons": reasons, "parts": parts, "text": body,
                })
            );
            continue;
        }
        let why = match body {
            Some(body) => body.to_owned(),
            None => {
                let sentences: Vec<_> = line.reasons.iter().map(|reason| format!("{} ({})", reason.sentence(), reason.rule())).collect();
                if sentences.is_empty() { "its time has not come".to_owned() } else { sentences.join(" ") }
            }
        };
        let parts = body.map(|body| measure(body).parts.to_string()).unwrap_or_default();
        say!("{due:<16} {patient:<22} {phone:<8} {:<14} {:<11} {parts:<5} {ruling}: {why}", line.template, line.state.as_str());
    }
    Ok(lines.len())
}
