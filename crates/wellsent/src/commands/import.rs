//! `import`: patients, appointments or consents from a CSV file.

use super::{Outcome, Usage, practice_of};
use crate::config::Installation;
use crate::open::open_finished;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::tz::TimeZone;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use wellsent_db::Options as DbOptions;
use wellsent_engine::Clock;
use wellsent_engine::import::{self, ConsentClaim, ImportError, Kind, Options, Report, write_rejects};
use wellsent_store::{Access, Actor, StoreError, Tx, practices};

/// What `import` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// What the file holds
    #[arg(value_enum)]
    kind: What,
    /// The CSV file; "-" reads standard input
    file: PathBuf,
    #[command(flatten)]
    data: super::DataArgs,
    /// Do everything and keep nothing
    #[arg(long)]
    dry_run: bool,
    /// The practice vouches that everybody with a number in the file agreed to appointment texts, where the file itself does not say
    #[arg(long)]
    vouch_consent: bool,
    /// The opt-in confirmations of these consents went out earlier, from another system
    #[arg(long)]
    opt_in_confirmed: bool,
    /// Write every rejected row with its reason here
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// The practice, where the installation has several
    #[arg(long, value_name = "ID")]
    practice: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

const HELP: &str = "\
Headings are understood in many spellings, in English and Spanish; the report says which column was taken for what.
Patients need an id, a name and best a mobile number; appointments need an id, the patient's id, a date and a time.
Consents need the patient's id, the phone, a category, an act (granted, revoked, accepted, declined), its date and the channel; written
ones a reference to what shows them. docs/operate/consents.md tells more.
Rows are matched by their ids: bringing the same file in again changes nothing.

Example, first without keeping anything:
  wellsent import appointments visits.csv --dry-run --rejects rejects.csv";

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum What {
    /// One patient a row
    Patients,
    /// One visit a row, perhaps with its patient
    Appointments,
    /// One act of consent a row, with a reference to what shows it
    Consents,
}

/// The options for a file of which the practice vouches that its patients agreed to appointment texts and know them.
pub fn consent_of_file(zone: TimeZone, vouch: bool) -> Options {
    let consent = if vouch { ConsentClaim::Appointments { confirmed: true } } else { ConsentClaim::None };
    Options { consent, ..Options::new(zone) }
}

/// What is wrong with a file, with its name.
pub(super) fn about_file(file: &Path, error: ImportError) -> Box<dyn std::error::Error + Send + Sync> {
    match error {
        ImportError::Store(error) => error.into(),
        ImportError::Read(cause) => format!("{}: {cause}", file.display()).into(),
        error => format!("{}: {error}", file.display()).into(),
    }
}

/// Runs `import`.
pub fn run(args: Args) -> Outcome {
    if matches!(args.kind, What::Consents) && args.vouch_consent {
        return Err(Usage("--vouch-consent: a file of consents says itself who agreed to what".into()).into());
    }
    let place = Installation::load(&args.data.data)?;
    let now = Clock::system().now();
    let opened = open_finished(&place, DbOptions::default(), now)?;
    let store = opened.store;
    let practice = practice_of(&store, args.practice.as_deref())?;
    let access = Access { practice, actor: Actor::Operator };
    let zone = store.read_wait(access, |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> { Ok(practices::get(tx)?.practice.zone) })?;
    let consent = match (args.vouch_consent, args.opt_in_confirmed) {
        (true, confirmed) => ConsentClaim::Appointments { confirmed },
        (false, true) if matches!(args.kind, What::Consents) => ConsentClaim::Appointments { confirmed: true },
        (false, _) => ConsentClaim::None,
    };
    let options = Options { dry_run: args.dry_run, consent, ..Options::new(zone) };
    let kind = match args.kind {
        What::Patients => Kind::Patients,
        What::Appointments => Kind::Appointments,
        What::Consents => Kind::Consents,
    };
    let (reader, bytes): (Box<dyn std::io::Read>, Option<u64>) = if args.file.as_os_str() == "-" {
        (Box::new(std::io::stdin()), None)
    } else {
        let file = std::fs::File::open(&args.file).map_err(|error| format!("{}: {error}", args.file.display()))?;
        let bytes = file.metadata()?.len();
        (Box::new(file), Some(bytes))
    };
    // Before anything is brought in, so that no run ends without the list that was asked for.
    let rejects = match &args.rejects {
        None => None,
        Some(path) => Some(std::fs::File::create(path).map_err(|error| format!("--rejects {}: {error}", path.display()))?),
    };
    let bar = ProgressBar::new(bytes.unwrap_or(0)).with_style(
        ProgressStyle::with_template("  {msg} [{bar:32}] {percent:>3}%")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("=> "),
    );
    let report = import::run(&store, access, kind, reader, bytes, &options, now, &mut |progress| {
        bar.set_position(progress.bytes);
        bar.set_message(format!("{} rows", progress.rows));
    })
    .map_err(|error| -> Box<dyn std::error::Error> { about_file(&args.file, error) })?;
    bar.finish_and_clear();
    if let Some(file) = rejects {
        write_rejects(&report, file)?;
    }
    if args.json {
        print_json(&report, args.dry_run)?;
    } else {
        print(&report)?;
        if args.dry_run {
            say!("This was a dry run: nothing was kept.");
        }
    }
    store.db().close();
    Ok(ExitCode::SUCCESS)
}

fn print_json(report: &Report, dry_run: bool) -> std::io::Result<()> {
    let rejects: Vec<_> = report
        .rejects
        .iter()
        .map(|reject| {
            serde_json::json!({ "line": reject.line, "field": reject.field.map(|field| field.label()), "code": reject.reason.code(), "reason": reject.reason.sentence() })
        })
        .collect();
    let report = serde_json::json!({
        "dry_run": dry_run, "rows": report.rows, "added": report.added, "changed": report.changed, "unchanged": report.unchanged,
        "rejected": report.rejected, "rejects": rejects,
    });
    say!("{report}");
    Ok(())
}

/// Prints what an import did.
pub fn print(report: &Report) -> std::io::Result<()> {
    say!(
        "{} rows: {} added, {} changed, {} unchanged, {} rejected.",
        report.rows,
        report.added,
        report.changed,
        report.unchanged,
        report.rejected
    );
    let ignored: Vec<_> = report.header.iter().filter(|(_, field)| field.is_none()).map(|(heading, _)| heading.as_str()).collect();
    if !ignored.is_empty() {
        say!("Columns not used: {}.", ignored.join(", "));
    }
    for warning in &report.warnings {
        say!("Note: {} ({} times, first in line {})", warning.kind.sentence(), warning.count, warning.first_line);
    }
    for reject in report.rejects.iter().take(20) {
        let field = reject.field.map(|field| format!(", {}", field.label())).unwrap_or_default();
        say!("  line {}{field}: {}", reject.line, reject.reason.sentence());
    }
    if report.rejects_total > 20 {
        say!("  … and {} more; write all of them with --rejects FILE", report.rejects_total - 20);
    }
    Ok(())
}
