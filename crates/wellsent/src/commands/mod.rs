//! The command line: exit 0 good, 1 failed, 2 wrong usage.

/// Prints a line on standard output. Unlike `println!` it returns an error where nobody reads any more, as behind `| head`.
macro_rules! say {
    ($($words:tt)*) => {
        std::io::Write::write_fmt(&mut std::io::stdout().lock(), format_args!("{}\n", format_args!($($words)*)))?
    };
}

pub mod agreement;
pub mod app;
pub mod audit;
pub mod bench;
pub mod carrier;
pub mod demo;
pub mod doctor;
pub mod import;
pub mod init;
mod link;
mod on_practice;
pub mod once;
pub mod phi;
pub mod sender;
pub mod serve;
pub mod simulator;
pub mod sms;
pub mod staff;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;
use wellsent_domain::PracticeId;
use wellsent_store::{Store, SystemTx, practices};

/// Texts patients from your own server. Every text passes one gate, and the gate writes down why.
#[derive(Debug, Parser)]
#[command(name = "wellsent", version, about, after_help = EXAMPLES, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Try it, with invented patients and simulated phones:
  wellsent demo

Set up a practice:
  wellsent init --data ./wellsent-data --practice \"Elm Street Family Practice\" --text-name \"Elm St Clinic\" \\
                --phone 212-555-0100 --zone America/New_York
  wellsent import patients patients.csv --data ./wellsent-data --dry-run
  wellsent serve --data ./wellsent-data

Every command explains itself: wellsent help COMMAND";

#[derive(Debug, Subcommand)]
enum Command {
    /// Show a sample practice with phones that answer; needs nothing
    Demo(demo::Args),
    /// Make a data folder, keys and a practice
    Init(init::Args),
    /// Run the server of a practice
    Serve(serve::Args),
    /// Bring in patients, appointments or consents from a CSV file
    Import(import::Args),
    /// Say who may sign in, and print one-time links
    Staff(staff::Args),
    /// Say which programs may send texts through the API
    App(app::Args),
    /// Say which numbers and services texts leave from, and what they may carry
    Sender(sender::Args),
    /// Record and end agreements (BAA) with carriers
    Agreement(agreement::Args),
    /// Look at the carrier accounts in the settings
    Carrier(carrier::Args),
    /// Look for health content and identifiers in a text
    Phi(phi::Args),
    /// Look at a text as the carriers see it
    Sms(sms::Args),
    /// Prove that the ledger is whole, export it, or sign a checkpoint to keep elsewhere
    Audit(audit::Args),
    /// Say whether this installation is safe to go live
    Doctor(doctor::Args),
    /// Measure how fast the whole program is on this machine
    Bench(bench::Args),
    /// Run simulated phones beside a server, for trying things out
    Simulator(simulator::Args),
}

/// The data folder of an installation.
#[derive(Debug, Clone, clap::Args)]
pub struct DataArgs {
    /// The data folder
    #[arg(long, value_name = "FOLDER", default_value = "wellsent-data")]
    pub data: PathBuf,
}

/// What a command ends with.
pub type Outcome = Result<ExitCode, Box<dyn std::error::Error>>;

/// A use of the command line that cannot be meant: the process ends with 2, as for an option that does not exist.
#[derive(Debug, thiserror::Error)]
#[error("{0}; see `wellsent help`")]
pub struct Usage(pub String);

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let usage = error.use_stderr();
            // Nothing is left to do when even the terminal is gone.
            let _ = error.print();
            return if usage { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let outcome = match cli.command {
        Command::Demo(args) => demo::run(args),
        Command::Init(args) => init::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Import(args) => import::run(args),
        Command::Staff(args) => staff::run(args),
        Command::App(args) => app::run(args),
        Command::Sender(args) => sender::run(args),
        Command::Agreement(args) => agreement::run(args),
        Command::Carrier(args) => carrier::run(args),
        Command::Phi(args) => phi::run(args),
        Command::Sms(args) => sms::run(args),
        Command::Audit(args) => audit::run(args),
        Command::Doctor(args) => doctor::run(args),
        Command::Bench(args) => bench::run(args),
        Command::Simulator(args) => simulator::run(args),
    };
    outcome.unwrap_or_else(|error| {
        if error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe) {
            // The reader has seen what it wanted and needs no words. It is no success either: a verdict may not have been told.
            return ExitCode::FAILURE;
        }
        eprintln!("wellsent: {error}");
        let mut source = error.source();
        while let Some(cause) = source {
            eprintln!("  because: {cause}");
            source = cause.source();
        }
        if error.is::<Usage>() { ExitCode::from(2) } else { ExitCode::FAILURE }
    })
}

/// The practice that a command means: the one that is named, or the only one.
pub(crate) fn practice_of(store: &Store, named: Option<&str>) -> Result<PracticeId, Box<dyn std::error::Error>> {
    let known = store.system_wait(|tx: &mut SystemTx<'_, '_>| practices::list(tx))?;
    let listed = || {
        let names: Vec<_> = known.iter().map(|(id, name)| format!("{id} ({name})")).collect();
        names.join(", ")
    };
    match (named, &known[..]) {
        (Some(id), _) => {
            let id = PracticeId::from_str(id).map_err(|error| Usage(format!("--practice: {error}")))?;
            if !known.iter().any(|(practice, _)| *practice == id) {
                return Err(format!("there is no practice {id} here; known are: {}", listed()).into());
            }
            Ok(id)
        }
        (None, [(only, _)]) => Ok(*only),
        (None, []) => Err("there is no practice yet; run `wellsent init` first".into()),
        (None, _) => Err(format!("name the practice with --practice: {}", listed()).into()),
    }
}

/// A runtime for commands that need one.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

/// An HTTP client for this machine's own simulator.
pub(crate) fn plain_http() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().no_proxy().timeout(std::time::Duration::from_secs(30)).build()
}
