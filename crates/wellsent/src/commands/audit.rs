//! `audit`: prove that the ledger is whole, export it, sign a checkpoint.

use super::Outcome;
use crate::config::Installation;
use crate::open::{OpenError, Opened, open_finished};
use clap::Subcommand;
use jiff::Timestamp;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use wellsent_db::{Db, DbError, Options};
use wellsent_engine::Clock;
use wellsent_ledger::{SigningKey, VerifyingKey};
use wellsent_store::{Store, StoreError, SystemTx, audit, ledger, migrations, practices};
use wellsent_vault::Kek;

/// What `audit` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Audit,
}

#[derive(Debug, Subcommand)]
enum Audit {
    /// Check every entry of the ledger against signed checkpoints, without the server
    Verify {
        #[command(flatten)]
        data: super::DataArgs,
        /// A checkpoint that was kept elsewhere; repeat for several. Without one, a rollback cannot be seen
        #[arg(long, value_name = "FILE")]
        checkpoint: Vec<PathBuf>,
        /// The public key that signs checkpoints, as `audit checkpoint` prints it; by default it is taken from the key folder
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
        /// Print the report as JSON
        #[arg(long)]
        json: bool,
    },
    /// Write every entry, a JSON line each, with its place
    Export {
        #[command(flatten)]
        data: super::DataArgs,
        /// Begin at this place
        #[arg(long, default_value_t = 0)]
        from: u64,
    },
    /// Sign a checkpoint of everything so far and print it: keep it on another machine
    Checkpoint {
        #[command(flatten)]
        data: super::DataArgs,
        /// Print the public key as well, on standard error
        #[arg(long)]
        key: bool,
    },
}

/// Runs `audit`.
pub fn run(args: Args) -> Outcome {
    match args.command {
        Audit::Verify { data, checkpoint, key, json } => verify(&Installation::load(&data.data)?, &checkpoint, key.as_deref(), json),
        Audit::Export { data, from } => export(&Installation::load(&data.data)?, from),
        Audit::Checkpoint { data, key } => checkpoint(&Installation::load(&data.data)?, key),
    }
}

/// The database for reading only, so that it can be looked at while the server runs, or on a copy.
fn read_only(place: &Installation) -> Result<Store, Box<dyn std::error::Error>> {
    let db = match &place.config.database.url {
        Some(url) => Db::open_postgres(url, Options::default())?,
        None => Db::open_sqlite_read_only(place.database_file(), Options::default())?,
    };
    db.schema_version(migrations())?;
    // Nothing that is read here is sealed, so a key of its own does.
    Ok(Store::new(db, Kek::generate()))
}

fn verify(place: &Installation, kept: &[PathBuf], key: Option<&str>, json: bool) -> Outcome {
    let key: VerifyingKey = match key {
        Some(text) => text.parse()?,
        None => SigningKey::load(place.ledger_key_file())?.verifying_key().clone(),
    };
    let mut earlier = Vec::new();
    for path in kept {
        earlier.push(std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?);
    }
    let store = read_only(place)?;
    let origin = key.name().to_owned();
    let keys = vec![key];
    let report = store.system_read_wait(move |tx: &mut SystemTx<'_, '_>| audit::verify(tx, &keys, &origin, &earlier))?;
    let mut findings: Vec<String> = report.ledger.findings.iter().map(ToString::to_string).collect();
    findings.extend(report.findings.iter().map(ToString::to_string));
    let mut sound = report.is_sound();
    let listed = store.system_read_wait(|tx: &mut SystemTx<'_, '_>| practices::list(tx))?;
    let mut rulings = 0;
    for (practice, _) in listed {
        let crossed = store.system_read_wait(move |tx: &mut SystemTx<'_, '_>| audit::cross_check(tx, practice))?;
        sound &= crossed.is_sound();
        rulings += crossed.rulings;
        findings.extend(crossed.findings.iter().map(ToString::to_string));
    }
    let ledger = &report.ledger;
    if json {
        let out = serde_json::json!({
            "sound": sound, "size": ledger.size, "covered": ledger.covered, "kept_elsewhere": ledger.kept_elsewhere, "rulings": rulings,
            "findings": findings, "caveat": ledger.caveat(),
        });
        say!("{out}");
    } else {
        let covered = ledger.covered.unwrap_or(0);
        say!("{} entries, {covered} of them covered by a signed checkpoint; {rulings} rulings held against their entries.", ledger.size);
        for finding in &findings {
            say!("  FOUND: {finding}");
        }
        say!("{}", if sound { "The ledger is whole." } else { "The ledger is NOT whole." });
        say!("{}", ledger.caveat());
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn export(place: &Installation, from: u64) -> Outcome {
    const PAGE: usize = 4_096;
    let store = read_only(place)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut next = from;
    loop {
        let page = store.system_read_wait(move |tx: &mut SystemTx<'_, '_>| ledger::entries(tx, next, PAGE))?;
        for placed in &page {
            write!(out, "{{\"index\":{},\"entry\":", placed.index)?;
            out.write_all(&placed.entry)?;
            writeln!(out, "}}")?;
        }
        match page.last() {
            Some(last) => next = last.index + 1,
            None => break,
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Signs a checkpoint of everything so far; none where there is nothing yet.
pub(super) fn sign(opened: Opened, now: Timestamp) -> Result<Option<ledger::StoredCheckpoint>, StoreError> {
    let (origin, key) = (opened.origin, opened.signing_key);
    opened.store.system_wait(move |tx: &mut SystemTx<'_, '_>| {
        while ledger::sequence(tx, 1_000)? > 0 {}
        ledger::checkpoint(tx, &origin, &key, now)
    })
}

fn checkpoint(place: &Installation, print_key: bool) -> Outcome {
    let now = Clock::system().now();
    // While the server runs it signs; its latest checkpoint is printed then.
    let signed = match open_finished(place, Options::default(), now) {
        Ok(opened) => {
            let store = opened.store.clone();
            let signed = sign(opened, now)?;
            store.db().close();
            signed
        }
        Err(OpenError::Db(DbError::InUse { .. })) => {
            read_only(place)?.system_read_wait(|tx: &mut SystemTx<'_, '_>| ledger::latest_checkpoint(tx))?
        }
        Err(error) => return Err(error.into()),
    };
    let Some(signed) = signed else { return Err("the ledger is empty; there is nothing to sign yet".into()) };
    std::io::stdout().lock().write_all(signed.note.as_bytes())?;
    if print_key {
        eprintln!("{}", SigningKey::load(place.ledger_key_file())?.verifying_key());
    }
    Ok(ExitCode::SUCCESS)
}
