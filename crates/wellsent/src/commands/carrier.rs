//! `carrier`: the carrier accounts in the settings. Nothing is sent by looking at them.

use super::{DataArgs, Outcome};
use crate::carriers::{Shared, connect};
use crate::config::{CarrierSettings, Installation};
use crate::serve::CARRIER_DEADLINE;
use std::process::ExitCode;
use std::sync::Arc;
use wellsent_domain::practice::Service;
use wellsent_engine::Clock;

const HELP: &str = "\
Examples:
  wellsent carrier list
  wellsent carrier check

`check` reads the settings and every secret, and says what is missing. It asks no carrier for anything and sends nothing; whether texts go over
an account is on the carriers' page of the running server, and `wellsent doctor` says what stands against going live.";

/// What `carrier` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    /// List the accounts
    List(More),
    /// Say whether each account can be used as it is set up; leaves with 1 if one cannot
    Check(More),
}

#[derive(Debug, clap::Args)]
struct More {
    #[command(flatten)]
    data: DataArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs `carrier`.
pub fn run(args: Args) -> Outcome {
    match args.act {
        Act::List(more) => {
            let place = Installation::load(&more.data.data)?;
            for settings in &place.config.carriers {
                show(settings, None, more.json)?;
            }
            if place.config.carriers.is_empty() && !more.json {
                say!("None yet. docs/operate/carriers.md says how to connect one.");
            }
            Ok(ExitCode::SUCCESS)
        }
        Act::Check(more) => check(&more),
    }
}

fn check(more: &More) -> Outcome {
    let place = Installation::load(&more.data.data)?;
    let mut good = true;
    for settings in &place.config.carriers {
        let alone =
            Installation { config: crate::config::Config { carriers: vec![settings.clone()], ..place.config.clone() }, ..place.clone() };
        let clock = Clock::system();
        let shared = Shared {
            callback_base: place.config.server.public_url.clone(),
            clock: Arc::new(move || clock.now()),
            deadline: CARRIER_DEADLINE,
            connections: 1,
        };
        let problem = connect(&alone, &shared).err().map(|error| error.to_string());
        good &= problem.is_none();
        show(settings, Some(problem), more.json)?;
    }
    if place.config.carriers.is_empty() && !more.json {
        say!("There is no carrier account in the settings.");
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `problem`: `None` where it was not looked for.
fn show(settings: &CarrierSettings, problem: Option<Option<String>>, json: bool) -> std::io::Result<()> {
    let services: Vec<_> = settings.services().into_iter().map(Service::as_str).collect();
    if json {
        let mut line = serde_json::json!({
            "carrier": settings.name(),
            "kind": settings.kind(),
            "account": settings.account(),
            "features": services,
            "own_address": settings.other_address().is_none(),
        });
        if let Some(problem) = problem {
            line["ok"] = problem.is_none().into();
            line["problem"] = problem.into();
        }
        say!("{line}");
        return Ok(());
    }
    say!("{:<16} {:<8} {}  {}", settings.name(), settings.kind(), settings.account(), services.join(", "));
    if let Some(address) = settings.other_address() {
        say!("    note: it is reached at {address}, which is not the carrier's own address");
    }
    match problem {
        None => {}
        Some(None) => say!("    ok"),
        Some(Some(problem)) => say!("    not usable: {problem}"),
    }
    Ok(())
}
