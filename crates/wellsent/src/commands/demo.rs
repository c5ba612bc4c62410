//! `demo`: a sample practice with phones that answer.

use super::{Outcome, link, once};
use crate::config::{Config, Installation};
use crate::demo::{furnish, play, populate, register};
use crate::open::{make_keys, open, private_folder};
use crate::serve::{Running, Setup, engine, interrupted};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;
use wellsent_carrier::simulator::{Behaviour, Network, NetworkSettings, serve};
use wellsent_db::Options;
use wellsent_domain::staff::Role;
use wellsent_engine::{Clock, Demo, Tuning};

/// What `demo` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Serve the console at this port of 127.0.0.1
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Keep the demo in this folder instead of a fresh one that is removed at the end
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Another seed makes other patients
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Without web pages: import these appointments, plan and send what is due, print every message with its ruling
    #[arg(long, value_name = "FILE.csv")]
    once: Option<PathBuf>,
    /// With --once: go on until this time, like 2027-03-10T18:00
    #[arg(long, value_name = "TIME", requires = "once")]
    until: Option<String>,
    /// With --once: print JSON lines
    #[arg(long, requires = "once")]
    json: bool,
}

/// Where a demo lives.
pub struct Place {
    /// Its folders.
    pub installation: Installation,
    // Removed when dropped; kept folders have none.
    _fresh: Option<tempfile::TempDir>,
}

impl Place {
    /// A fresh folder that is removed at the end, or the given one.
    pub fn make(data: Option<&PathBuf>) -> Result<Self, Box<dyn std::error::Error>> {
        let (root, fresh) = match data {
            Some(data) => (data.clone(), None),
            None => {
                let fresh = tempfile::Builder::new().prefix("wellsent-demo-").tempdir()?;
                (fresh.path().to_owned(), Some(fresh))
            }
        };
        let installation = Installation { data: root.join("data"), keys: root.join("keys"), config: Config::default() };
        private_folder(&installation.data)?;
        make_keys(&installation)?;
        Ok(Self { installation, _fresh: fresh })
    }
}

/// Runs `demo`.
pub fn run(args: Args) -> Outcome {
    crate::logging::start(&crate::config::Log { level: "warn".into(), json: false });
    if let Some(file) = &args.once {
        return once::run(file, args.until.as_deref(), args.json, args.data.as_ref());
    }
    super::runtime()?.block_on(show(args))
}

/// The simulated phones of this process, with the engine's clock on their screens.
pub async fn phones(
    secret: wellsent_carrier::CallbackSecret,
    clock: &Clock,
    callback_base: &str,
    behaviour: Behaviour,
) -> Result<(Network, String), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let shown = clock.clone();
    let network = Network::new(NetworkSettings {
        behaviour,
        clock: Arc::new(move || shown.now()),
        callback_base: Some(callback_base.to_owned()),
        ..NetworkSettings::new(secret)
    })?;
    tokio::spawn(serve(network.clone(), listener, std::future::pending()));
    Ok((network, url))
}

async fn show(args: Args) -> Outcome {
    let mut interrupted = pin!(interrupted());
    // Whoever loses patience in the beginning leaves nothing behind either.
    let (running, place) = tokio::select! {
        () = &mut interrupted => return Ok(ExitCode::SUCCESS),
        begun = begin(args) => begun?,
    };
    running.until(interrupted).await;
    drop(place);
    Ok(ExitCode::SUCCESS)
}

async fn begin(args: Args) -> Result<(Running, Place), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind(("127.0.0.1", args.port))
        .await
        .map_err(|error| format!("cannot listen at 127.0.0.1:{}: {error}; choose another port with --port", args.port))?;
    let public_url = format!("http://{}", listener.local_addr()?);
    let bar = ProgressBar::new(1_000).with_style(
        ProgressStyle::with_template("  {msg:32} [{bar:32}] {percent:>3}%")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("=> "),
    );
    bar.set_message("Making a practice");
    let place = Place::make(args.data.as_ref())?;
    let clock = Clock::system();
    let real_now = clock.now();
    let opened = {
        let installation = place.installation.clone();
        tokio::task::spawn_blocking(move || open(&installation, Options::default(), real_now)).await??
    };
    let known = {
        let store = opened.store.clone();
        tokio::task::spawn_blocking(move || {
            store.system_wait(|tx: &mut wellsent_store::SystemTx<'_, '_>| wellsent_store::practices::list(tx))
        })
        .await??
    };
    clock.set_offset_micros(opened.demo_offset);
    let fresh = known.is_empty();
    let zone = TimeZone::get("America/New_York")?;
    let begin = if fresh { days_before(real_now, &zone)? } else { clock.now() };
    if fresh {
        clock.set_offset_micros(begin.as_microsecond() - real_now.as_microsecond());
    }

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
    let mut running = Running::start(engine.clone(), listener, public_url.clone());
    let practice = match known.first() {
        Some((practice, _)) => *practice,
        None => {
            let (today, seed) = (zone.to_datetime(real_now).date(), args.seed);
            bar.set_message("Inviting 200 patients");
            let house = tokio::task::spawn_blocking(move || -> Result<_, wellsent_store::StoreError> {
                let house = furnish(&store, begin)?;
                register(&store, &house, begin)?;
                populate(&store, &house, seed, today, begin)?;
                Ok(house)
            })
            .await??;
            bar.set_position(200);
            bar.set_message("Living through the last days");
            play(&engine, &network, house.practice, Some(args.seed), real_now, |part| bar.set_position(200 + (part * 800.0) as u64))
                .await?;
            // From here on the demo's clock is the real one, until somebody moves it.
            clock.set_offset_micros(0);
            house.practice
        }
    };
    bar.finish_and_clear();
    network.set_behaviour(Behaviour::lifelike());
    running.start_workers();
    println!("Wellsent demo: a sample practice with invented patients and simulated phones.");
    println!();
    println!("  Open  {}", link::make_as(&engine, practice, &public_url, Role::Manager).await?);
    println!();
    println!("That is the manager. Others see and may do less:");
    println!();
    println!("  Front desk  {}", link::make_as(&engine, practice, &public_url, Role::FrontDesk).await?);
    println!("  Clinician   {}", link::make_as(&engine, practice, &public_url, Role::Clinician).await?);
    println!();
    println!(
        "Each link signs in once, within 30 minutes. Ctrl-C ends the demo{}.",
        if args.data.is_none() { " and removes its data" } else { "" }
    );
    Ok((running, place))
}

/// The morning three days ago, from which the demo is played in quick motion.
fn days_before(now: Timestamp, zone: &TimeZone) -> Result<Timestamp, jiff::Error> {
    let day = zone.to_datetime(now).date().checked_sub(Span::new().days(3))?;
    Ok(day.to_datetime(Time::constant(6, 0, 0, 0)).to_zoned_datetime(zone.clone())?.timestamp())
}
