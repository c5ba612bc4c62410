//! `doctor`: is this installation safe to go live?

mod carriers;

use super::Outcome;
use crate::config::Installation;
use crate::open::OpenError;
use jiff::Timestamp;
use std::process::ExitCode;
use wellsent_db::{Db, Options};
use wellsent_domain::practice::Sending;
use wellsent_engine::Clock;
use wellsent_ledger::SigningKey;
use wellsent_store::{Access, Actor, Store, StoreError, SystemTx, Tx, installation, ledger, migrations, practices};
use wellsent_vault::{Kek, is_inside, same_device};

/// What `doctor` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: super::DataArgs,
    /// Print JSON lines
    #[arg(long)]
    json: bool,
}

/// How a finding is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grade {
    Good,
    Warning,
    Bad,
}

struct Finding {
    grade: Grade,
    what: &'static str,
    says: String,
    rule: &'static str,
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, grade: Grade, what: &'static str, rule: &'static str, says: impl Into<String>) {
        self.0.push(Finding { grade, what, says: says.into(), rule });
    }
}

/// Runs `doctor`.
pub fn run(args: Args) -> Outcome {
    let place = Installation::load(&args.data.data)?;
    let now = Clock::system().now();
    let mut findings = Findings::default();
    keys(&place, &mut findings);
    settings(&place, &mut findings);
    server(&place, &mut findings);
    carriers::accounts(&place, &mut findings);
    clock(now, &mut findings);
    database(&place, now, &mut findings);
    let worst = findings.0.iter().any(|finding| finding.grade == Grade::Bad);
    for finding in &findings.0 {
        let word = match finding.grade {
            Grade::Good => "ok",
            Grade::Warning => "warning",
            Grade::Bad => "not safe",
        };
        if args.json {
            say!("{}", serde_json::json!({ "grade": word, "what": finding.what, "says": finding.says, "rule": finding.rule }));
        } else {
            say!("{word:<9} {:<14} {} ({})", finding.what, finding.says, finding.rule);
        }
    }
    if !args.json {
        say!("");
        say!("{}", if worst { "Not safe to go live yet." } else { "Nothing stands against going live, as far as this program can see." });
        say!("It cannot see whether your agreements are signed, your staff are trained, or your risk analysis is done.");
    }
    Ok(if worst { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn keys(place: &Installation, findings: &mut Findings) {
    match Kek::load(place.kek_file()) {
        Ok(_) => findings.add(Grade::Good, "key file", "H-25", "present, readable by its owner only"),
        Err(error) => findings.add(Grade::Bad, "key file", "H-25", error.to_string()),
    }
    if let Err(error) = SigningKey::load(place.ledger_key_file()) {
        findings.add(Grade::Bad, "ledger key", "H-27", error.to_string());
    }
    match is_inside(&place.keys, &place.data) {
        Ok(true) => findings.add(Grade::Bad, "keys apart", "H-39", "the keys lie inside the data folder; move them elsewhere"),
        Ok(false) => match same_device(&place.keys, &place.data) {
            Ok(true) => findings.add(
                Grade::Warning,
                "keys apart",
                "H-39",
                "keys and data are on the same disk: if it is stolen, the encryption safe harbour is not available",
            ),
            Ok(false) => findings.add(Grade::Good, "keys apart", "H-39", "keys and data are on different disks"),
            Err(_) => findings.add(Grade::Warning, "keys apart", "H-39", "cannot tell whether keys and data are on different disks"),
        },
        Err(_) => findings.add(Grade::Warning, "keys apart", "H-39", "cannot tell where the keys lie"),
    }
}

/// The settings may hold the database's password.
#[cfg(unix)]
fn settings(place: &Installation, findings: &mut Findings) {
    use std::os::unix::fs::PermissionsExt;
    let path = place.settings_file();
    let Ok(about) = std::fs::metadata(&path) else { return };
    if about.permissions().mode() & 0o077 != 0 {
        let grade = if place.config.database.url.is_some() { Grade::Bad } else { Grade::Warning };
        findings.add(grade, "settings", "H-25", format!("others can read them; run `chmod 600 {}`", path.display()));
    }
}

#[cfg(not(unix))]
fn settings(_: &Installation, _: &mut Findings) {}

fn server(place: &Installation, findings: &mut Findings) {
    let tls = place.config.server.public_url.starts_with("https://");
    let local = place.config.server.public_url.contains("127.0.0.1") || place.config.server.public_url.contains("localhost");
    match (tls, local) {
        (true, _) => findings.add(Grade::Good, "TLS", "H-28c", "browsers and carriers reach the server by TLS"),
        (false, true) => {
            findings.add(Grade::Warning, "TLS", "H-28c", "the server is reached on this machine only; carriers cannot call back")
        }
        (false, false) => findings.add(Grade::Bad, "TLS", "H-28c", "server.public_url does not begin with https://"),
    }
}

fn clock(now: Timestamp, findings: &mut Findings) {
    // A machine whose clock was never set begins in 1970; one before this program was written is wrong for sure.
    let written: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH);
    if now < written {
        findings.add(Grade::Bad, "clock", "T-07", "the machine's clock is wrong; quiet hours depend on it");
    } else {
        findings.add(Grade::Good, "clock", "T-07", format!("the machine says {now}"));
    }
}

fn database(place: &Installation, now: Timestamp, findings: &mut Findings) {
    let opened = match &place.config.database.url {
        Some(url) => Db::open_postgres(url, Options::default()),
        None => Db::open_sqlite_read_only(place.database_file(), Options::default()),
    };
    let db = match opened {
        Ok(db) => db,
        Err(error) => return findings.add(Grade::Bad, "database", "P5", error.to_string()),
    };
    if let Err(error) = db.schema_version(migrations()) {
        return findings.add(Grade::Bad, "database", "P5", error.to_string());
    }
    findings.add(Grade::Good, "database", "P5", "opens, and its version is known");
    let Ok(kek) = Kek::load(place.kek_file()) else { return };
    let store = Store::new(db, kek);
    if let Ok(key) = SigningKey::load(place.ledger_key_file()) {
        match store.system_read_wait(|tx: &mut SystemTx<'_, '_>| installation::get(tx)) {
            Ok(Some(known)) if known.origin != key.verifying_key().name() => {
                findings.add(Grade::Bad, "ledger key", "H-27", OpenError::OtherLedgerKey.to_string());
            }
            Ok(_) => {}
            Err(error) => findings.add(Grade::Bad, "ledger key", "H-27", error.to_string()),
        }
    }
    if let Err(error) = practices_of(place, &store, now, findings) {
        findings.add(Grade::Bad, "database", "P5", error.to_string());
    }
}

fn practices_of(place: &Installation, store: &Store, now: Timestamp, findings: &mut Findings) -> Result<(), StoreError> {
    let listed = store.system_read_wait(|tx: &mut SystemTx<'_, '_>| practices::list(tx))?;
    let checkpoint = store.system_read_wait(|tx: &mut SystemTx<'_, '_>| ledger::latest_checkpoint(tx))?;
    match checkpoint {
        Some(latest) => findings.add(
            Grade::Good,
            "ledger",
            "H-27",
            format!("{} entries signed at {}; keep checkpoints elsewhere", latest.size, latest.at),
        ),
        None => findings.add(Grade::Warning, "ledger", "H-27", "no checkpoint is signed yet"),
    }
    for (practice, _) in listed {
        let access = Access { practice, actor: Actor::Operator };
        let look = move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> {
            let stored = practices::get(tx)?;
            let held = carriers::read(tx, now)?;
            Ok((stored, held))
        };
        let (stored, held) = store.read_wait(access, look)?;
        carriers::judge(place, &held, &stored.practice.zone, now, findings);
        let settings = &stored.practice.settings;
        match settings.sending {
            Sending::On => findings.add(Grade::Good, "sending", "H-28d", "switched on"),
            Sending::Off => findings.add(Grade::Warning, "sending", "H-28d", "switched off"),
            Sending::RestoredNotReconciled => findings.add(Grade::Bad, "sending", "H-28k", "a restore is not reconciled: nothing is sent"),
        }
        let window = settings.texting_window;
        findings.add(Grade::Good, "quiet hours", "T-07", format!("automated texts from {} to {}", window.opens(), window.closes()));
        if settings.texts_per_day_max > 1 || settings.texts_per_week_max > 3 {
            findings.add(
                Grade::Warning,
                "caps",
                "T-04",
                format!(
                    "{} a day and {} a week; the exemption's measure is 1 and 3",
                    settings.texts_per_day_max, settings.texts_per_week_max
                ),
            );
        }
        if !settings.confirm_opt_in {
            findings.add(Grade::Warning, "opt-in", "C-02", "the opt-in confirmation is switched off");
        }
        if settings.reassigned_check_days.is_none() {
            findings.add(Grade::Warning, "reassigned", "T-14", "numbers are not checked for having changed hands");
        }
    }
    Ok(())
}
