//! `simulator`: the simulated phones as a process of their own.

use super::Outcome;
use crate::serve::interrupted;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::net::TcpListener;
use wellsent_carrier::CallbackSecret;
use wellsent_carrier::simulator::{Behaviour, Network, NetworkSettings, serve};

/// What `simulator` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Listen at this port of 127.0.0.1; 0 takes any that is free
    #[arg(long, default_value_t = 4010)]
    port: u16,
    /// The file with the secret that callbacks are signed with, as `init` makes it in the key folder
    #[arg(long, value_name = "FILE")]
    secret: PathBuf,
    /// A JSON file that says how the phones behave
    #[arg(long, value_name = "FILE")]
    behaviour: Option<PathBuf>,
    /// Write down here what each phone really got
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// How many callbacks are under way at once
    #[arg(long, default_value_t = 64)]
    callbacks: usize,
    /// How many texts are kept in memory
    #[arg(long, default_value_t = 100_000)]
    keep: usize,
}

/// Runs `simulator`.
pub fn run(args: Args) -> Outcome {
    let secret = std::fs::read_to_string(&args.secret).map_err(|error| format!("{}: {error}", args.secret.display()))?;
    let behaviour = match &args.behaviour {
        None => Behaviour::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?
        }
    };
    let settings = NetworkSettings {
        behaviour,
        journal: args.journal.clone(),
        kept_max: args.keep,
        callback_workers: args.callbacks,
        ..NetworkSettings::new(CallbackSecret::new(secret.trim().as_bytes()))
    };
    let network = Network::new(settings)?;
    super::runtime()?.block_on(async move {
        let interrupted = interrupted();
        let listener = TcpListener::bind(("127.0.0.1", args.port)).await?;
        println!("Simulated phones at http://{}", listener.local_addr()?);
        serve(network, listener, interrupted).await?;
        Ok(ExitCode::SUCCESS)
    })
}
