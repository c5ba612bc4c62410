//! `bench`: how fast the whole program is on this machine, everything switched on: encryption, gate, ledger, full durability.

mod machine;
mod pipeline;
mod pure;

use super::Outcome;
use std::path::PathBuf;
use std::process::ExitCode;

/// What `bench` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Messages to send
    #[arg(long, default_value_t = 20_000)]
    messages: usize,
    /// Finished messages that the database holds before; their number must not make sending slower
    #[arg(long, default_value_t = 0)]
    rows: usize,
    /// Messages a second in the latency part
    #[arg(long, default_value_t = 200)]
    rate: usize,
    /// Appointments to plan
    #[arg(long, default_value_t = 1_000_000)]
    appointments: usize,
    /// Replies from phones
    #[arg(long, default_value_t = 10_000)]
    replies: usize,
    /// Receipts that each text brings: 1 for delivered, 2 for sent and delivered
    #[arg(long, default_value_t = 1)]
    receipts: u8,
    /// An empty PostgreSQL database, instead of the embedded one
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Where the data goes; a fresh folder by default
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Only this part
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

const HELP: &str = "\
The simulated carrier runs as a process of its own on the same cores and answers over HTTP; receipts come back over HTTP.
Every figure is of the whole program at full durability. Compare figures of one machine and one hour only, and look at the fsync line.";

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    Gate,
    Planner,
    Pipeline,
}

/// One line of the result.
pub(crate) struct Figure {
    name: &'static str,
    value: f64,
    unit: &'static str,
}

/// The result, printed as it comes.
pub(crate) struct Figures {
    json: bool,
    all: Vec<Figure>,
}

impl Figures {
    fn add(&mut self, name: &'static str, value: f64, unit: &'static str) {
        if !self.json {
            let shown = if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") };
            println!("{name:<52} {shown:>12} {unit}");
        }
        self.all.push(Figure { name, value, unit });
    }
}

/// Runs `bench`.
pub fn run(args: Args) -> Outcome {
    let mut figures = Figures { json: args.json, all: Vec::new() };
    let machine = machine::describe();
    if !args.json {
        println!("{machine}");
        println!();
    }
    let wanted = |part| args.only.is_none_or(|only| only == part);
    if wanted(Part::Gate) {
        pure::gate(&mut figures);
    }
    if wanted(Part::Planner) {
        pure::planner(args.appointments, &mut figures);
    }
    if wanted(Part::Pipeline) {
        pipeline::run(&args, &mut figures)?;
    }
    if args.json {
        let all: Vec<_> = figures
            .all
            .iter()
            .map(|figure| serde_json::json!({ "name": figure.name, "value": figure.value, "unit": figure.unit }))
            .collect();
        println!("{}", serde_json::json!({ "machine": machine, "version": env!("CARGO_PKG_VERSION"), "figures": all }));
    }
    Ok(ExitCode::SUCCESS)
}
