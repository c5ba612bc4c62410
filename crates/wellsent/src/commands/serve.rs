//! `serve`: the server of a practice.

use super::{Outcome, link};
use crate::config::Installation;
use crate::open::open;
use crate::serve::{Running, Setup, engine, interrupted};
use crate::logging;
use std::process::ExitCode;
use tokio::net::TcpListener;
use wellsent_db::Options;
use wellsent_engine::{Clock, Tuning};

/// What `serve` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: super::DataArgs,
    /// Listen at this port instead of the one in the settings
    #[arg(long)]
    port: Option<u16>,
}

/// Runs `serve`.
pub fn run(args: Args) -> Outcome {
    let mut place = Installation::load(&args.data.data)?;
    if let Some(port) = args.port {
        place.config.server.listen.set_port(port);
        place.config.server.public_url = format!("http://{}", place.config.server.listen);
    }
    logging::start(&place.config.log);
    super::runtime()?.block_on(serve(place))
}

async fn serve(place: Installation) -> Outcome {
    let clock = Clock::system();
    let now = clock.now();
    let opened = {
        let place = place.clone();
        tokio::task::spawn_blocking(move || open(&place, Options::default(), now)).await??
    };
    let listener = TcpListener::bind(place.config.server.listen).await.map_err(|error| {
        format!("cannot listen at {}: {error}; is another server running? choose another with --port", place.config.server.listen)
    })?;
    let public_url = place.config.server.public_url.clone();
    let setup = Setup {
        clock,
        public_url: public_url.clone(),
        simulator_url: place.config.simulator.as_ref().map(|simulator| simulator.url.clone()),
        demo: None,
        tuning: Tuning::default(),
    };
    let engine = engine(opened, &setup)?;
    let mut running = Running::start(engine.clone(), listener, public_url.clone());
    running.start_workers();
    for practice in engine.practices().await? {
        println!("Sign in (once, within 30 minutes): {}", link::make(&engine, practice, &public_url).await?);
    }
    println!("Listening at {}. Ctrl-C ends the server.", place.config.server.listen);
    running.until(interrupted()).await;
    Ok(ExitCode::SUCCESS)
}
