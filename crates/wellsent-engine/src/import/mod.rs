//! Bringing in patients, visits and consents from the CSV files that other programs export.
//!
//! A file is read as a stream: one batch of rows is in memory at a time. Rows are matched by the source's ids, so a file can be brought in again
//! and again. A row that says what it said before writes nothing; a row that cannot be taken is told with its line and a reason, and stops
//! nobody else's. Columns that a file lacks and fields that are blank leave what is stored as it is.

mod consents;
mod date;
mod decode;
mod field;
mod header;
mod lines;
mod moment;
mod patients;
mod record;
mod report;
mod row;
mod value;
mod visits;

#[cfg(test)]
mod tests;

pub use field::Field;
pub use report::{REJECTS_KEPT, Reject, RejectReason, Report, Warning, WarningKind, write_rejects};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use patients::{Outcome, Setting};
use record::{Record, Step};
use row::{Findings, Item, Place};
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io::{self, Read};
use std::sync::Arc;
use wellsent_db::DbError;
use wellsent_store::{Access, Store, StoreError, Tx, imports, practices};
use wellsent_text::fold_letters;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One patient a row.
    Patients,
    /// One visit a row, perhaps with its patient.
    Appointments,
    /// One act of consent a row, with a reference to what shows it.
    Consents,
}

impl Kind {
    /// All kinds.
    pub const ALL: &'static [Self] = &[Self::Patients, Self::Appointments, Self::Consents];

    /// The stable word, as on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Patients => "patients",
            Self::Appointments => "appointments",
            Self::Consents => "consents",
        }
    }

    /// Reads the stable word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }
}

/// What the practice vouches for when the file has no consent columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConsentClaim {
    /// Nothing.
    #[default]
    None,
    /// Every patient with a number in the file agreed to texts about appointments (T-02).
    Appointments {
        /// Their opt-in confirmations went out before (C-02). This holds for consents that the file itself shows, too.
        confirmed: bool,
    },
}

/// How a file is brought in.
#[derive(Debug, Clone)]
pub struct Options {
    /// Do everything and keep nothing.
    pub dry_run: bool,
    /// The zone of the practice: its days are those of dates without a place.
    pub zone: TimeZone,
    /// What the practice vouches for when the file has no consent columns.
    pub consent: ConsentClaim,
    /// Rows in one transaction.
    pub batch: usize,
}

impl Options {
    /// The options of a practice in this zone: 500 rows in one transaction, and nothing vouched for.
    pub fn new(zone: TimeZone) -> Self {
        Self { dry_run: false, zone, consent: ConsentClaim::None, batch: 500 }
    }
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read.
    pub bytes: u64,
    /// Bytes in all, where known.
    pub total_bytes: Option<u64>,
    /// Rows done.
    pub rows: u64,
}

/// Why a file could not be brought in. Batches that were done before stay done: bring the file in again when the cause is removed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("the file cannot be read")]
    Read(#[from] io::Error),
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// No row with headings.
    #[error(
        "no row of headings was found in the first 25 lines; the file needs headings such as patient_id, first_name, last_name, mobile_phone"
    )]
    NoHeadings,
    /// Columns that are needed.
    #[error("the file lacks needed columns: {}", headings(.0))]
    MissingColumns(Vec<Field>),
    /// More than 200 columns.
    #[error("the file has more than 200 columns; export only the columns that are needed")]
    TooManyColumns,
    /// The practice has no location.
    #[error("the practice has no location yet; add one before bringing in visits")]
    NoLocation,
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ImportError {
    /// A stable code for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Read(_) => "read",
            Self::Empty => "empty",
            Self::NoHeadings => "no_headings",
            Self::MissingColumns(_) => "missing_columns",
            Self::TooManyColumns => "too_many_columns",
            Self::NoLocation => "no_location",
            Self::Store(_) => "store",
        }
    }
}

fn headings(fields: &[Field]) -> String {
    fields.iter().map(|field| field.code()).collect::<Vec<_>>().join(", ")
}

/// Ends a batch: with what went wrong, or with what a dry run found.
enum BatchEnd {
    Failed(StoreError),
    DryRun(Vec<Done>),
}

impl From<StoreError> for BatchEnd {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl From<DbError> for BatchEnd {
    fn from(error: DbError) -> Self {
        Self::Failed(error.into())
    }
}

/// What became of one row that was readable.
struct Done {
    outcome: Result<Outcome, RejectReason>,
    warnings: Vec<WarningKind>,
}

/// Brings in a file. It blocks: call it from a thread of its own.
///
/// # Errors
///
/// [`ImportError`] when the file as a whole cannot be taken or the store fails. What single rows lack stands in the [`Report`].
#[expect(clippy::too_many_arguments, reason = "one call a file, and each argument is a thing of its own")]
pub fn run(
    store: &Store,
    access: Access,
    kind: Kind,
    reader: impl Read,
    total_bytes: Option<u64>,
    options: &Options,
    now: Timestamp,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, ImportError> {
    let (mut records, columns) = header::open(reader, kind)?;
    let places = match kind {
        Kind::Patients | Kind::Consents => Vec::new(),
        Kind::Appointments => places(store, access)?,
    };
    if kind == Kind::Appointments && places.is_empty() {
        return Err(ImportError::NoLocation);
    }
    let today = options.zone.to_datetime(now).date();
    let confirmed = options.consent == ConsentClaim::Appointments { confirmed: true };
    let mut import = Import {
        store,
        access,
        setting: Setting { now, today, confirmed },
        dry_run: options.dry_run,
        report: Report { header: columns.header.clone(), ..Report::default() },
        batch: Vec::new(),
        seen: Seen::default(),
    };
    let reading = row::Reader { kind, columns: &columns, options, places: &places, today };
    let mut record = Record::default();
    let outcome = loop {
        let step = match records.next(&mut record) {
            Ok(step) => step,
            Err(error) => break Err(ImportError::Read(error)),
        };
        match step {
            Step::End => break import.flush(),
            Step::Bad(line, reason) => {
                import.report.rows += 1;
                import.reject(&[Reject { line, field: None, reason }]);
            }
            Step::Row if columns.repeats(&record) || is_footer(&record) => continue,
            Step::Row => import.row(&reading, &record),
        }
        if import.batch.len() >= options.batch.max(1) {
            if let Err(error) = import.flush() {
                break Err(error);
            }
            progress(Progress { bytes: records.lines.bytes(), total_bytes, rows: import.report.rows });
        }
    };
    if records.lines.legacy() {
        import.report.warn(WarningKind::LegacyEncoding, 0);
    }
    // What was done before an error is kept as well: it is in the store.
    import.close(kind, outcome)?;
    progress(Progress { bytes: records.lines.bytes(), total_bytes, rows: import.report.rows });
    Ok(import.report)
}

fn places(store: &Store, access: Access) -> Result<Vec<Place>, StoreError> {
    store.read_wait(access, |tx| {
        let places = practices::locations(tx)?.into_iter().map(|stored| {
            let names = [Some(&stored.source_id), Some(&stored.location.name), stored.location.text_name.as_ref()];
            let zone_name = stored.location.zone.iana_name().unwrap_or("UTC").to_owned();
            Place {
                id: stored.location.id,
                names: names.into_iter().flatten().map(|name| fold_letters(name)).filter(|name| !name.is_empty()).collect(),
                zone: stored.location.zone,
                zone_name,
            }
        });
        Ok(places.collect())
    })
}

/// Whether a row is the end of a printed report: "Total: 12", "*** End of report ***".
fn is_footer(record: &Record) -> bool {
    let mut filled = record.fields().map(str::trim).filter(|field| !field.is_empty());
    let (Some(first), rest) = (filled.next(), filled.count()) else { return false };
    let folded = fold_letters(first);
    let begins = |beginning: &str| folded.strip_prefix(beginning).is_some_and(|rest| !rest.starts_with(char::is_alphabetic));
    rest <= 2
        && [
            "total",
            "totals",
            "grand total",
            "subtotal",
            "record count",
            "records",
            "total records",
            "number of records",
            "row count",
            "end of",
        ]
        .into_iter()
        .any(begins)
        || rest == 0 && (folded.is_empty() || begins("page") || begins("printed") || begins("generated"))
}

/// An import under way.
struct Import<'a> {
    store: &'a Store,
    access: Access,
    setting: Setting,
    dry_run: bool,
    report: Report,
    batch: Vec<(Item, Option<Repeat>)>,
    seen: Seen,
}

impl Import<'_> {
    fn row(&mut self, reading: &row::Reader<'_>, record: &Record) {
        self.report.rows += 1;
        let mut findings = Findings::new(record.line);
        let item = reading.read(record, &mut findings);
        match item {
            Some(item) if findings.rejects.is_empty() => {
                // A patient occurs once for each act.
                let repeat = if item.consent.is_some() { None } else { self.seen.again(&item, self.setting.confirmed) };
                if repeat == Some(Repeat::Different) {
                    findings.warnings.push(WarningKind::Repeated);
                }
                self.batch.push((item, repeat));
            }
            _ => self.reject(&findings.rejects),
        }
        for warning in findings.warnings {
            self.report.warn(warning, record.line);
        }
    }

    fn reject(&mut self, rejects: &[Reject]) {
        self.report.rejected += 1;
        for reject in rejects {
            self.report.reject(*reject);
        }
    }

    /// Writes the batch in one transaction.
    fn flush(&mut self) -> Result<(), ImportError> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let batch: Arc<Vec<_>> = Arc::new(std::mem::take(&mut self.batch));
        let (job_batch, setting, dry_run) = (Arc::clone(&batch), self.setting, self.dry_run);
        let written = self.store.write_wait(self.access, move |tx: &mut Tx<'_, '_>| {
            let done = write(tx, &job_batch, setting)?;
            if dry_run { Err(BatchEnd::DryRun(done)) } else { Ok(done) }
        });
        let done = match written {
            Ok(done) | Err(BatchEnd::DryRun(done)) => done,
            Err(BatchEnd::Failed(error)) => {
                // These rows were not done; the counts tell only of rows that were.
                self.report.rows -= batch.len() as u64;
                return Err(error.into());
            }
        };
        for ((item, repeat), done) in batch.iter().zip(done) {
            // A dry run keeps nothing from batch to batch, so it must remember what the first row would have left.
            let outcome = match (done.outcome, *repeat) {
                (Ok(Outcome::Added), Some(Repeat::Same)) if self.dry_run => Ok(Outcome::Unchanged),
                (Ok(Outcome::Added), Some(Repeat::Different)) if self.dry_run => Ok(Outcome::Changed),
                (outcome, _) => outcome,
            };
            match outcome {
                Ok(Outcome::Added) => self.report.added += 1,
                Ok(Outcome::Changed) => self.report.changed += 1,
                Ok(Outcome::Unchanged) => self.report.unchanged += 1,
                Err(reason) => {
                    let field = if reason == RejectReason::PhoneNotTheirs { Field::Phone } else { Field::PatientId };
                    self.reject(&[Reject { line: item.line, field: Some(field), reason }]);
                }
            }
            for warning in done.warnings {
                self.report.warn(warning, item.line);
            }
        }
        Ok(())
    }

    /// Keeps the counts of the import, in the ledger too.
    fn close(&mut self, kind: Kind, outcome: Result<(), ImportError>) -> Result<(), ImportError> {
        // Rows that wait when the file breaks off were not done.
        self.report.rows -= self.batch.len() as u64;
        if self.dry_run || (outcome.is_err() && self.report.rows == 0) {
            return outcome;
        }
        let count = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
        let Report { rows, added, changed, unchanged, rejected, .. } = self.report;
        let counts = imports::Counts {
            rows: count(rows),
            added: count(added),
            changed: count(changed),
            unchanged: count(unchanged),
            rejected: count(rejected),
        };
        let now = self.setting.now;
        let kept: Result<(), StoreError> =
            self.store.write_wait(self.access, move |tx: &mut Tx<'_, '_>| imports::record(tx, kind.as_str(), counts, now).map(drop));
        outcome.and(kept.map_err(ImportError::from))
    }
}

fn write(tx: &mut Tx<'_, '_>, batch: &[(Item, Option<Repeat>)], setting: Setting) -> Result<Vec<Done>, StoreError> {
    let mut types = visits::Types::default();
    let mut all = Vec::with_capacity(batch.len());
    for (item, _) in batch {
        let mut warnings = Vec::new();
        if let Some(consent) = &item.consent {
            let outcome = consents::record(tx, &item.patient.record, consent, setting, &mut warnings)?;
            all.push(Done { outcome, warnings });
            continue;
        }
        let outcome = match patients::upsert(tx, &item.patient, setting, &mut warnings)? {
            Err(reason) => Err(reason),
            Ok((person, patient)) => Ok(match &item.visit {
                None => patient,
                Some(visit) => match visits::upsert(tx, &mut types, person, visit, setting.now, &mut warnings)? {
                    Outcome::Added => Outcome::Added,
                    Outcome::Unchanged if patient == Outcome::Unchanged => Outcome::Unchanged,
                    Outcome::Changed | Outcome::Unchanged => Outcome::Changed,
                },
            }),
        };
        all.push(Done { outcome, warnings });
    }
    Ok(all)
}

/// How a row repeats an earlier one of the same file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repeat {
    Same,
    Different,
}

/// The ids that occurred, as hashes, to tell of ids that occur again.
#[derive(Default)]
struct Seen {
    hasher: RandomState,
    contents: HashMap<u64, u64>,
}

impl Seen {
    /// After this many ids, repeats are no longer told, so that memory stays bounded. They are still taken one after the other.
    const IDS_MAX: usize = 1_000_000;

    fn again(&mut self, item: &Item, confirmed: bool) -> Option<Repeat> {
        let visit = item.visit.as_ref();
        let id = self.hasher.hash_one(visit.map_or(&item.patient.record, |visit| &visit.source_id));
        let details = visit.map(|visit| (visit.location.bytes(), visit.starts_at, &visit.visit_type, visit.status));
        let content = self.hasher.hash_one((item.patient.canonical(confirmed), details));
        if self.contents.len() >= Self::IDS_MAX && !self.contents.contains_key(&id) {
            return None;
        }
        self.contents.insert(id, content).map(|before| if before == content { Repeat::Same } else { Repeat::Different })
    }
}
