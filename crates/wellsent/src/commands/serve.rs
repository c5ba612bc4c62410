//! `serve`: the server of a practice.

use super::{Outcome, link};
use crate::carriers::{Connected, Shared, connect};
use crate::config::Installation;
use crate::logging;
use crate::metrics;
use crate::open::open_finished;
use crate::serve::{CARRIER_DEADLINE, Running, Setup, engine, interrupted};
use crate::twilio_proxy::Front;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;
use wellsent_db::Options;
use wellsent_engine::{Clock, Tuning};

/// What `serve` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: super::DataArgs,
    /// Listen at this port instead of the one in the settings; 0 takes any that is free
    #[arg(long)]
    port: Option<u16>,
}

/// Runs `serve`.
pub fn run(args: Args) -> Outcome {
    let mut place = Installation::load(&args.data.data)?;
    let server = &mut place.config.server;
    // Behind a proxy the public address is the proxy's, and stays when the port behind it changes.
    let direct = server.public_url == format!("http://{}", server.listen);
    if let Some(port) = args.port {
        server.listen.set_port(port);
    }
    logging::start(&place.config.log);
    super::runtime()?.block_on(serve(place, direct))
}

async fn serve(place: Installation, direct: bool) -> Outcome {
    let interrupted = interrupted();
    let clock = Clock::system();
    let now = clock.now();
    let opened = {
        let place = place.clone();
        tokio::task::spawn_blocking(move || open_finished(&place, Options::default(), now)).await??
    };
    let listener = TcpListener::bind(place.config.server.listen).await.map_err(|error| {
        format!("cannot listen at {}: {error}; is another server running? choose another with --port", place.config.server.listen)
    })?;
    let metrics = match place.config.server.metrics {
        None => None,
        Some(address) => {
            let listener = TcpListener::bind(address).await.map_err(|error| {
                format!("cannot listen at {address} for metrics: {error}; choose another server.metrics, or take the line away")
            })?;
            println!("Metrics at http://{}/metrics", listener.local_addr()?);
            Some((listener, metrics::install()?))
        }
    };
    let front = match &place.config.twilio_proxy {
        None => None,
        Some(settings) => Some(Front::open(&place, settings, now).await?),
    };
    let at = listener.local_addr()?;
    let public_url = if direct { format!("http://{at}") } else { place.config.server.public_url.clone() };
    let tuning = Tuning::default();
    let shared = Shared {
        callback_base: public_url.clone(),
        clock: {
            let clock = clock.clone();
            Arc::new(move || clock.now())
        },
        deadline: CARRIER_DEADLINE,
        connections: tuning.in_flight_max,
    };
    let Connected { carriers, lookup, verify } = connect(&place, &shared)?;
    let setup = Setup {
        clock,
        public_url: public_url.clone(),
        simulator_url: place.config.simulator.as_ref().map(|simulator| simulator.url.clone()),
        carriers,
        lookup,
        verify,
        demo: None,
        tuning,
    };
    let engine = engine(opened, &setup)?;
    let mut running = Running::start(engine.clone(), listener, public_url.clone());
    if let Some((listener, handle)) = metrics {
        running.serve_metrics(listener, handle);
    }
    if let Some(front) = front {
        println!("The proxy for applications that know only Twilio's address: http://{}", front.local_addr());
        running.serve_proxy(front, public_url.clone());
    }
    running.start_workers();
    for practice in engine.practices().await? {
        println!("Sign in (once, within 30 minutes): {}", link::make(&engine, practice, &public_url).await?);
    }
    println!("Listening at {at}. Ctrl-C ends the server.");
    running.until(interrupted).await;
    Ok(ExitCode::SUCCESS)
}
