//! The whole way: due messages through gate, ledger and carrier, receipts and replies back, all durable.

use super::{Args, Figures, machine};
use crate::config::{Config, Installation};
use crate::demo;
use crate::open::{make_keys, open, private_folder};
use crate::serve::{Running, Setup, engine};
use jiff::{SignedDuration, Timestamp};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use wellsent_db::Options;
use wellsent_domain::consent::{Category, Channel};
use wellsent_domain::gate::{Origin, Reached};
use wellsent_domain::message::{Programme, Purpose};
use wellsent_domain::person::{Name, Obtained, Standing};
use wellsent_domain::practice::{SenderKind, Settings};
use wellsent_domain::quiet::Window;
use wellsent_domain::{ContactPointId, Language, PersonId, Phi, PhoneNumber, PracticeId, SenderId};
use wellsent_engine::{Clock, Engine, Tuning};
use wellsent_store::consents::{self, ConsentRecord};
use wellsent_store::messages::{self, NewMessage};
use wellsent_store::people::{self, ContactData, PersonData};
use wellsent_store::practices::NewPractice;
use wellsent_store::senders::{self, NewSender};
use wellsent_store::{Access, Actor, Store, StoreError, Tx, agreements};
use wellsent_text::phone::AreaCode;

type Failure = Box<dyn std::error::Error>;

/// A process that is ended with this value.
struct Phones {
    child: Child,
    url: String,
}

impl Drop for Phones {
    fn drop(&mut self) {
        // The process may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Phones {
    fn start(secret: &Path, behaviour: &Path) -> Result<Self, Failure> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["simulator", "--port", "0", "--keep", "20000", "--callbacks", "128", "--secret"])
            .arg(secret)
            .arg("--behaviour")
            .arg(behaviour)
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().ok_or("the simulator has no output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let url = line.split_whitespace().last().ok_or("the simulator did not say where it listens")?.to_owned();
        Ok(Self { child, url })
    }
}

/// Runs the pipeline part.
pub fn run(args: &Args, figures: &mut Figures) -> Result<(), Failure> {
    let fresh;
    let root = match &args.folder {
        Some(folder) => folder.clone(),
        None => {
            fresh = tempfile::tempdir()?;
            fresh.path().to_owned()
        }
    };
    let mut config = Config::default();
    config.database.url.clone_from(&args.database);
    let place = Installation { data: root.join("data"), keys: root.join("keys"), config };
    private_folder(&place.data)?;
    make_keys(&place)?;
    figures.add("disk: one synced write, before", machine::fsync_ms(&place.data)?, "ms");
    let runtime = crate::commands::runtime()?;
    runtime.block_on(measure(args, &place, figures))?;
    figures.add("disk: one synced write, after", machine::fsync_ms(&place.data)?, "ms");
    Ok(())
}

async fn measure(args: &Args, place: &Installation, figures: &mut Figures) -> Result<(), Failure> {
    let behaviour = place.keys.join("behaviour.json");
    std::fs::write(&behaviour, serde_json::json!({ "receipts": { "report_sent": args.receipts > 1 } }).to_string())?;
    let phones = Phones::start(&place.simulator_secret_file(), &behaviour)?;
    let (clock, begun) = (Clock::system(), Instant::now());
    let now = clock.now();
    let opened = {
        let place = place.clone();
        tokio::task::spawn_blocking(move || open(&place, Options::default(), now)).await??
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let public_url = format!("http://{}", listener.local_addr()?);
    let tuning = Tuning::default();
    let setup = Setup {
        clock,
        public_url: public_url.clone(),
        simulator_url: Some(phones.url.clone()),
        carriers: Vec::new(),
        lookup: None,
        verify: Default::default(),
        demo: None,
        tuning,
    };
    let store = opened.store.clone();
    let engine = engine(opened, &setup)?;
    let mut running = Running::start(engine.clone(), listener, public_url);
    figures.add("start: until it listens", begun.elapsed().as_secs_f64() * 1_000.0, "ms");
    figures.add("memory: idle", machine::memory_mib().0, "MiB");

    let people = args.messages.clamp(2_000, numbers_max());
    let house = {
        let store = store.clone();
        tokio::task::spawn_blocking(move || furnish(&store, people, now)).await??
    };
    if args.rows > 0 {
        let (store, house, rows) = (store.clone(), house.clone(), args.rows);
        tokio::task::spawn_blocking(move || preload(&store, &house, rows)).await??;
    }
    throughput(args, &engine, &house, &phones, &mut running, figures).await?;
    latency(args, &engine, &house, figures).await?;
    replies(args, &engine, &house, &phones, figures).await?;
    figures.add("memory: under load, highest", machine::memory_mib().1, "MiB");
    running.until(std::future::ready(())).await;
    Ok(())
}

#[derive(Clone)]
struct House {
    practice: PracticeId,
    sender: SenderId,
    people: Vec<(PersonId, ContactPointId, PhoneNumber)>,
}

impl House {
    fn access(&self) -> Access {
        Access { practice: self.practice, actor: Actor::System }
    }
}

fn furnish(store: &Store, people: usize, now: Timestamp) -> Result<House, StoreError> {
    let all_day = Window::new(jiff::civil::Time::MIN, jiff::civil::Time::MAX);
    let settings = Settings { texts_per_day_max: 1_000_000, texts_per_week_max: 1_000_000, texting_window: all_day, ..Settings::default() };
    let call_back = PhoneNumber::parse("212-555-0100").map_err(|_| StoreError::NotFound { what: "number" })?;
    let practice = store.create_practice(
        NewPractice {
            name: "Bench Practice".into(),
            text_name: "Elm St Clinic".into(),
            call_back,
            zone: "America/New_York".into(),
            part2: false,
            settings,
        },
        now,
    )?;
    let access = Access { practice, actor: Actor::System };
    let sender = store.write_wait(access, move |tx: &mut Tx<'_, '_>| -> Result<SenderId, StoreError> {
        let agreement = wellsent_domain::practice::Agreement::for_texts(jiff::civil::date(2026, 1, 1), None);
        agreements::add(tx, "simulator", "Simulated carrier", agreement, None, now)?;
        senders::add(tx, &NewSender::approved("simulator", demo::SIMULATED_SENDER, SenderKind::Simulated, 60_000_000), now)
    })?;
    let mut made = Vec::with_capacity(people);
    for chunk in (0..people).collect::<Vec<_>>().chunks(500) {
        let chunk = chunk.to_vec();
        made.extend(store.write_wait(access, move |tx: &mut Tx<'_, '_>| -> Result<Vec<_>, StoreError> {
            chunk.iter().map(|n| patient(tx, *n, now)).collect()
        })?);
    }
    Ok(House { practice, sender, people: made })
}

/// How many numbers are kept for invented people: a hundred in each area code.
fn numbers_max() -> usize {
    AreaCode::all().filter(|area| AreaCode::country(*area).is_some()).count() * 100
}

/// The number of a patient, from the range that is kept for invented people.
fn number(n: usize) -> Result<PhoneNumber, StoreError> {
    let area = AreaCode::all().filter(|area| AreaCode::country(*area).is_some()).nth(n / 100).unwrap_or(212);
    PhoneNumber::from_e164_exact(&format!("+1{area}55501{:02}", n % 100)).map_err(|_| StoreError::NotFound { what: "number" })
}

fn patient(tx: &mut Tx<'_, '_>, n: usize, now: Timestamp) -> Result<(PersonId, ContactPointId, PhoneNumber), StoreError> {
    let number = number(n)?;
    let person = PersonData {
        record_number: Some(Phi::new(format!("B{n}"))),
        name: Phi::new(Name { given: format!("Given{n}"), family: "Bench".into() }),
        birth_date: None,
        language: Language::En,
        zone: Some("America/New_York".into()),
        standing: Standing::Active,
        sensitive: false,
    };
    let person = people::add(tx, &person, None, now)?;
    let contact = ContactData { number: Phi::new(number), obtained: Obtained::Patient, verified_at: Some(now), reached: Reached::Own };
    let contact = people::set_number(tx, person, &contact, now)?;
    let record =
        ConsentRecord { person, contact_point: contact, channel: Channel::Paper, wording: None, evidence: None, language: None, at: now };
    consents::grant(tx, record, Category::Appointments, true, true)?;
    Ok((person, contact, number))
}

fn add_due(tx: &mut Tx<'_, '_>, who: (PersonId, ContactPointId, PhoneNumber), key: String, now: Timestamp) -> Result<(), StoreError> {
    let message = NewMessage {
        occurrence: key,
        person: Some(who.0),
        contact_point: Some(who.1),
        number: Phi::new(who.2),
        programme: Programme::Application,
        category: Category::Appointments,
        purpose: Purpose::Treatment,
        origin: Origin::Automated,
        template: "neutral_notice".into(),
        language: Language::En,
        text: None,
        values: Vec::new(),
        visits: Vec::new(),
        prompt: None,
        due_at: now,
        useful_until: now + SignedDuration::from_hours(24),
        urgent: false,
    };
    messages::add(tx, &message, now)?;
    Ok(())
}

fn enqueue(store: &Store, house: &House, count: usize, run: &str, now: Timestamp) -> Result<(), StoreError> {
    let people: Vec<_> = house.people.iter().copied().cycle().take(count).enumerate().collect();
    for chunk in people.chunks(1_000) {
        let (chunk, run) = (chunk.to_vec(), run.to_owned());
        store.write_wait(house.access(), move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> {
            chunk.iter().try_for_each(|(n, who)| add_due(tx, *who, format!("{run}/{n}"), now))
        })?;
    }
    Ok(())
}

/// Finished messages of earlier weeks, so that the tables are as large as after years.
fn preload(store: &Store, house: &House, rows: usize) -> Result<(), StoreError> {
    let past = Timestamp::constant(1_780_000_000, 0);
    let mut done = 0;
    while done < rows {
        let count = (rows - done).min(5_000);
        enqueue(store, house, count, &format!("preload/{done}"), past)?;
        store.write_wait(house.access(), move |tx: &mut Tx<'_, '_>| messages::retire_planned(tx, past))?;
        done += count;
    }
    Ok(())
}

/// What the phones have counted.
#[derive(serde::Deserialize)]
struct Counted {
    got: u64,
    waiting: u64,
}

impl Phones {
    async fn counted(&self, http: &reqwest::Client) -> Result<Counted, Failure> {
        Ok(http.get(format!("{}/stats", self.url)).send().await?.json().await?)
    }
}

async fn throughput(
    args: &Args,
    engine: &Engine,
    house: &House,
    phones: &Phones,
    running: &mut Running,
    figures: &mut Figures,
) -> Result<(), Failure> {
    let (store, copy, count, now) = (engine.store().clone(), house.clone(), args.messages, engine.now());
    let begun = Instant::now();
    tokio::task::spawn_blocking(move || enqueue(&store, &copy, count, "throughput", now)).await??;
    figures.add("queue: messages added", count as f64 / begun.elapsed().as_secs_f64(), "/s");
    let http = super::super::plain_http()?;
    let got = phones.counted(&http).await?.got;
    let (cpu, cpu_phones) = (machine::cpu_seconds(std::process::id()), machine::cpu_seconds(phones.child.id()));
    let stats = engine.store().db().stats();
    let begun = Instant::now();
    running.start_workers();
    let mut submitted_after = None;
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let waiting = engine.store().read(house.access(), |tx: &mut Tx<'_, '_>| messages::count_waiting(tx)).await?;
        if submitted_after.is_none() && waiting == 0 {
            submitted_after = Some(begun.elapsed());
        }
        let counted = phones.counted(&http).await?;
        if waiting == 0 && counted.got - got >= count as u64 && counted.waiting == 0 {
            break;
        }
        if begun.elapsed() > Duration::from_secs(900) {
            return Err(format!("only {} of {count} messages were delivered in fifteen minutes", counted.got - got).into());
        }
    }
    let delivered_after = begun.elapsed().as_secs_f64();
    let submitted_after = submitted_after.map_or(delivered_after, |after| after.as_secs_f64());
    let (own, theirs) = (machine::cpu_seconds(std::process::id()) - cpu, machine::cpu_seconds(phones.child.id()) - cpu_phones);
    let after = engine.store().db().stats();
    figures.add("send: planned to submitted", count as f64 / submitted_after, "/s");
    figures.add("send: planned to delivered, receipt stored", count as f64 / delivered_after, "/s");
    figures.add("send: processor time a message, this program", own / count as f64 * 1e6, "µs");
    figures.add("send: processor time a message, the phones", theirs / count as f64 * 1e6, "µs");
    figures.add("send: commits", (after.commits - stats.commits) as f64, "");
    figures.add("send: jobs a commit", (after.jobs - stats.jobs) as f64 / (after.commits - stats.commits).max(1) as f64, "");
    Ok(())
}

/// From the moment a message is accepted (durable) until the carrier has it, at a steady rate.
async fn latency(args: &Args, engine: &Engine, house: &House, figures: &mut Figures) -> Result<(), Failure> {
    let seconds = 10;
    let spacing = Duration::from_secs_f64(1.0 / args.rate.max(1) as f64);
    let mut ticks = tokio::time::interval(spacing);
    let first = engine.now();
    let mut pending = Vec::new();
    for n in 0..args.rate * seconds {
        ticks.tick().await;
        let (engine, house) = (engine.clone(), house.clone());
        pending.push(tokio::spawn(async move {
            let (who, now) = (house.people[n % house.people.len()], engine.now());
            let add = move |tx: &mut Tx<'_, '_>| add_due(tx, who, format!("latency/{n}"), now);
            engine.store().write(house.access(), add).await?;
            engine.announce(wellsent_engine::Change::Messages(house.practice));
            Ok::<_, StoreError>(())
        }));
    }
    for task in pending {
        task.await??;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut times = engine.store().read(house.access(), move |tx: &mut Tx<'_, '_>| messages::submission_times(tx, first)).await?;
    times.sort_unstable();
    if let (Some(median), Some(high)) = (times.get(times.len() / 2), times.get(times.len() * 99 / 100)) {
        figures.add("latency: accepted to the carrier's answer, median", *median as f64 / 1_000.0, "ms");
        figures.add("latency: accepted to the carrier's answer, p99", *high as f64 / 1_000.0, "ms");
    }
    Ok(())
}

/// Texts from phones: received, verified, stored, acknowledged, routed.
async fn replies(args: &Args, engine: &Engine, house: &House, phones: &Phones, figures: &mut Figures) -> Result<(), Failure> {
    let http = std::sync::Arc::new(super::super::plain_http()?);
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..args.replies {
        if tasks.len() >= 64 {
            tasks.join_next().await;
        }
        let (http, url) = (http.clone(), format!("{}/phones/{}/texts", phones.url, house.people[n % house.people.len()].2.to_e164()));
        let body = serde_json::json!({ "to_sender": house.sender.to_string(), "body": "Is there parking near the office?" });
        tasks.spawn(async move { http.post(url).json(&body).send().await.is_ok() });
    }
    while tasks.join_next().await.is_some() {}
    loop {
        let waiting = engine.store().read(house.access(), |tx: &mut Tx<'_, '_>| wellsent_store::inbound::count_routed(tx)).await?;
        if waiting as usize >= args.replies || begun.elapsed() > Duration::from_secs(120) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    figures.add("replies: received, stored and routed", args.replies as f64 / begun.elapsed().as_secs_f64(), "/s");
    Ok(())
}
