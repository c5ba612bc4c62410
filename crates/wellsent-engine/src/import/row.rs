//! From a row of fields to what it means, before anything is looked up.

use super::ConsentClaim;
use super::consents::ConsentRow;
use super::date::Century;
use super::field::Field;
use super::header::Columns;
use super::moment::{self, Moment};
use super::record::Record;
use super::report::{Reject, RejectReason, WarningKind};
use super::{Kind, Options, value};
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Span, Timestamp};
use std::borrow::Cow;
use std::fmt::Write;
use wellsent_domain::appointment::AppointmentStatus;
use wellsent_domain::person::{Authority, Name, Standing};
use wellsent_domain::{Language, LocationId, PhoneNumber};
use wellsent_text::fold_letters;

/// What a row says of a patient. `None` is what the file does not say; what is stored stays.
#[derive(Default)]
pub(super) struct PatientRow {
    pub(super) record: String,
    pub(super) name: Option<Name>,
    pub(super) birth: Option<Date>,
    pub(super) number: Option<PhoneNumber>,
    pub(super) language: Option<Language>,
    pub(super) zone: Option<String>,
    pub(super) standing: Option<Standing>,
    pub(super) sensitive: Option<bool>,
    /// Whose the number is, where the file has a column for it.
    pub(super) reached: Option<Option<Authority>>,
    pub(super) consent: Option<Said>,
    pub(super) warning: Option<Said>,
    pub(super) verified_at: Option<Timestamp>,
}

/// An answer, and when it was given where the file tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Yes(Option<Timestamp>),
    No,
}

impl PatientRow {
    /// Whether the row says nothing but the record number.
    pub(super) fn is_reference(&self) -> bool {
        self.name.is_none()
            && self.birth.is_none()
            && self.number.is_none()
            && self.language.is_none()
            && self.zone.is_none()
            && self.standing.is_none()
            && self.sensitive.is_none()
            && self.reached.is_none()
            && self.consent.is_none()
            && self.warning.is_none()
            && self.verified_at.is_none()
    }

    /// The row in one notation, whatever the file's, for its digest.
    pub(super) fn canonical(&self, confirmed: bool) -> String {
        let mut out = String::with_capacity(160);
        let name = self.name.as_ref().map_or(("", ""), |name| (&*name.given, &*name.family));
        let said = |said: Option<Said>| match said {
            None => (0, None),
            Some(Said::No) => (1, None),
            Some(Said::Yes(at)) => (2, at.map(Timestamp::as_microsecond)),
        };
        let _ = write!(
            out,
            "1\n{}\n{}\n{}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{confirmed}",
            self.record,
            name.0,
            name.1,
            self.birth,
            self.number.map(PhoneNumber::to_u64),
            self.language,
            self.zone,
            self.standing,
            self.sensitive,
            self.reached,
            said(self.consent),
            said(self.warning),
            self.verified_at.map(Timestamp::as_microsecond),
        );
        out
    }
}

/// What a row says of a visit.
pub(super) struct VisitRow {
    pub(super) source_id: String,
    pub(super) location: LocationId,
    pub(super) zone: String,
    pub(super) starts_at: Timestamp,
    pub(super) starts_local: DateTime,
    /// Empty for the plain visit.
    pub(super) visit_type: String,
    pub(super) status: AppointmentStatus,
}

/// A row that can be taken.
pub(super) struct Item {
    pub(super) line: u64,
    pub(super) patient: PatientRow,
    pub(super) visit: Option<VisitRow>,
    pub(super) consent: Option<ConsentRow>,
}

/// A location as files name it.
pub(super) struct Place {
    pub(super) id: LocationId,
    /// Id and names, folded.
    pub(super) names: Vec<String>,
    pub(super) zone: TimeZone,
    pub(super) zone_name: String,
}

/// Reads rows.
pub(super) struct Reader<'a> {
    pub(super) kind: Kind,
    pub(super) columns: &'a Columns,
    pub(super) options: &'a Options,
    pub(super) places: &'a [Place],
    pub(super) today: Date,
}

/// What was found out about one row.
pub(super) struct Findings {
    line: u64,
    pub(super) rejects: Vec<Reject>,
    pub(super) warnings: Vec<WarningKind>,
}

impl Findings {
    pub(super) fn new(line: u64) -> Self {
        Self { line, rejects: Vec::new(), warnings: Vec::new() }
    }

    pub(super) fn reject(&mut self, field: Field, reason: RejectReason) {
        self.rejects.push(Reject { line: self.line, field: Some(field), reason });
    }

    pub(super) fn take<T: Default>(&mut self, field: Field, read: Result<T, RejectReason>) -> T {
        read.unwrap_or_else(|reason| {
            self.reject(field, reason);
            T::default()
        })
    }
}

impl Reader<'_> {
    /// Reads a row; `None` when there are rejects.
    pub(super) fn read(&self, record: &Record, findings: &mut Findings) -> Option<Item> {
        if (self.columns.len()..record.len()).any(|index| !record.field(index).trim().is_empty()) {
            findings.rejects.push(Reject { line: record.line, field: None, reason: RejectReason::Misaligned });
            return None;
        }
        let fields = Fields { record, columns: self.columns };
        if self.kind == Kind::Consents {
            return self.consent_row(record, &fields, findings);
        }
        let mut patient = self.patient(&fields, findings);
        patient.consent = self.consent(&fields, &patient, findings);
        let visit = match self.kind {
            Kind::Patients | Kind::Consents => None,
            Kind::Appointments => Some(self.visit(&fields, findings)?),
        };
        findings.rejects.is_empty().then_some(Item { line: record.line, patient, visit, consent: None })
    }

    fn patient(&self, fields: &Fields<'_>, findings: &mut Findings) -> PatientRow {
        let mut patient = PatientRow::default();
        match findings.take(Field::PatientId, value::id(&fields.get(Field::PatientId)).map(Some)) {
            Some(Some(record)) => patient.record = record,
            Some(None) => findings.reject(Field::PatientId, RejectReason::Blank),
            None => {}
        }
        let (first, last) = (fields.get(Field::FirstName), fields.get(Field::LastName));
        patient.name = findings.take(Field::LastName, value::name(&first, &last));
        if patient.name.is_none() {
            patient.name = findings.take(Field::FullName, value::full_name(&fields.get(Field::FullName)));
        }
        patient.birth = self.birth(fields, findings);
        patient.number = number(fields, findings);
        let language = fields.get(Field::Language);
        if !value::is_blank(&language) {
            match value::language(&language) {
                Ok(language) => patient.language = Some(language),
                Err(()) => findings.warnings.push(WarningKind::LanguageUnknown),
            }
        }
        let zone = fields.get(Field::Zone);
        if !value::is_blank(&zone) {
            patient.zone = value::zone(&zone);
            if patient.zone.is_none() {
                findings.warnings.push(WarningKind::ZoneUnknown);
            }
        }
        patient.standing = findings.take(Field::PatientStatus, value::standing(&fields.get(Field::PatientStatus)));
        if self.said(fields, Field::Deceased, None, findings).is_some_and(|said| said != Said::No) {
            patient.standing = Some(Standing::Deceased);
        }
        patient.sensitive = findings.take(Field::Sensitive, value::yes_no(&fields.get(Field::Sensitive)));
        patient.reached = reached(fields, findings);
        patient.warning = self.said(fields, Field::WarningAccepted, Some(Field::WarningDate), findings);
        // A verification ages (H-07), so a bare yes is worth nothing.
        if value::yes_no(&fields.get(Field::VerifiedDate)).is_err() {
            patient.verified_at = self.past_day(fields, Field::VerifiedDate, findings);
        }
        patient
    }

    fn birth(&self, fields: &Fields<'_>, findings: &mut Findings) -> Option<Date> {
        let text = fields.get(Field::BirthDate);
        if is_no_date(&text) {
            return None;
        }
        let birth = match moment::parse(&text.to_lowercase(), self.today, Century::Past) {
            Ok(Moment::Day(day)) => day,
            Ok(Moment::Local(local)) => local.date(),
            // The day as written: a birth has no zone.
            Ok(Moment::Instant(instant)) => TimeZone::UTC.to_datetime(instant).date(),
            Err(reason) => {
                findings.reject(Field::BirthDate, reason);
                return None;
            }
        };
        // The first day of 1900 is what programs write for an unknown one.
        if birth == Date::constant(1900, 1, 1) {
            return None;
        }
        if birth > self.today {
            findings.reject(Field::BirthDate, RejectReason::DateInFuture);
        } else if self.today.year() - birth.year() > 125 {
            findings.reject(Field::BirthDate, RejectReason::DateOutOfRange);
        }
        Some(birth)
    }

    /// Consent as the columns tell it, or as the practice vouches for the whole file (T-02, C-01).
    fn consent(&self, fields: &Fields<'_>, patient: &PatientRow, findings: &mut Findings) -> Option<Said> {
        let has = |field| self.columns.has(field);
        let refused = findings.take(Field::TextingRefused, value::yes_no(&fields.get(Field::TextingRefused)));
        let said = match has(Field::TextingConsent) {
            true => self.said(fields, Field::TextingConsent, Some(Field::ConsentDate), findings),
            false => self.past_day(fields, Field::ConsentDate, findings).map(|at| Said::Yes(Some(at))),
        };
        if refused == Some(true) {
            return Some(Said::No);
        }
        if has(Field::TextingConsent) || has(Field::ConsentDate) {
            return said;
        }
        match self.options.consent {
            ConsentClaim::Appointments { .. } if patient.number.is_some() => Some(Said::Yes(None)),
            _ => None,
        }
    }

    /// A field that holds yes, no, or the day of a yes, and the column with its day.
    fn said(&self, fields: &Fields<'_>, field: Field, day: Option<Field>, findings: &mut Findings) -> Option<Said> {
        let text = fields.get(field);
        if value::is_blank(&text) || is_no_date(&text) {
            return match value::yes_no(&text) {
                Ok(Some(false)) => Some(Said::No),
                _ => None,
            };
        }
        let at = day.and_then(|day| self.past_day(fields, day, findings));
        match value::yes_no(&text) {
            Ok(Some(true)) => Some(Said::Yes(at)),
            Ok(Some(false)) => Some(Said::No),
            Ok(None) => None,
            Err(unclear) => match self.day(&text) {
                Ok(at) => Some(Said::Yes(Some(at))),
                Err(RejectReason::DateInFuture) => {
                    findings.reject(field, RejectReason::DateInFuture);
                    None
                }
                Err(_) => {
                    findings.reject(field, unclear);
                    None
                }
            },
        }
    }

    fn past_day(&self, fields: &Fields<'_>, field: Field, findings: &mut Findings) -> Option<Timestamp> {
        let text = fields.get(field);
        if is_no_date(&text) {
            return None;
        }
        findings.take(field, self.day(&text).map(Some))
    }

    /// The beginning of a day that is not in the future. An act is known to the day; its beginning is the instant that claims the least.
    pub(super) fn day(&self, text: &str) -> Result<Timestamp, RejectReason> {
        let zone = &self.options.zone;
        let day = match moment::parse(&text.to_lowercase(), self.today, Century::Past)? {
            Moment::Day(day) => day,
            Moment::Local(local) => local.date(),
            Moment::Instant(instant) => zone.to_datetime(instant).date(),
        };
        if day > self.today {
            return Err(RejectReason::DateInFuture);
        }
        if day.year() < 1990 {
            return Err(RejectReason::DateOutOfRange);
        }
        zone.to_ambiguous_timestamp(day.at(0, 0, 0, 0)).compatible().map_err(|_| RejectReason::DateImpossible)
    }

    fn visit(&self, fields: &Fields<'_>, findings: &mut Findings) -> Option<VisitRow> {
        let source_id = match findings.take(Field::AppointmentId, value::id(&fields.get(Field::AppointmentId)).map(Some)) {
            Some(None) => {
                findings.reject(Field::AppointmentId, RejectReason::Blank);
                None
            }
            read => read.flatten(),
        };
        let status =
            value::visit_status(&fields.get(Field::VisitStatus)).map_err(|reason| findings.reject(Field::VisitStatus, reason)).ok();
        let place = self.place(&fields.get(Field::Location), findings);
        let moment = self.start(fields, findings);
        let place = place?;
        let (starts_at, starts_local) = match moment? {
            Moment::Instant(instant) => (instant, place.zone.to_datetime(instant)),
            Moment::Local(local) => {
                (first_instant(local, &place.zone).map_err(|reason| findings.reject(Field::VisitTime, reason)).ok()?, local)
            }
            Moment::Day(_) => {
                findings.reject(Field::VisitTime, RejectReason::TimeMissing);
                return None;
            }
        };
        let day = starts_local.date();
        let near = |years: i64| self.today.saturating_add(Span::new().years(years));
        if day < near(-30) || day > near(10) {
            findings.reject(Field::VisitDate, RejectReason::DateOutOfRange);
        }
        if starts_local.hour() < 5 {
            findings.warnings.push(WarningKind::UnusualHour);
        }
        let visit_type = fields.get(Field::VisitType);
        let visit_type = if value::is_blank(&visit_type) { String::new() } else { value::one_line(&visit_type) };
        Some(VisitRow {
            source_id: source_id?,
            location: place.id,
            zone: place.zone_name.clone(),
            starts_at,
            starts_local,
            visit_type,
            status: status?,
        })
    }

    fn start(&self, fields: &Fields<'_>, findings: &mut Findings) -> Option<Moment> {
        let (field, text) = match fields.get(Field::VisitStart) {
            text if value::is_blank(&text) => (Field::VisitDate, fields.get(Field::VisitDate)),
            text => (Field::VisitStart, text),
        };
        if is_no_date(&text) {
            findings.reject(field, RejectReason::Blank);
            return None;
        }
        let moment = match moment::parse(&text.to_lowercase(), self.today, Century::Near) {
            Ok(moment) => moment,
            Err(reason) => {
                findings.reject(field, reason);
                return None;
            }
        };
        let time = fields.get(Field::VisitTime);
        if field == Field::VisitStart || value::is_blank(&time) {
            return Some(moment);
        }
        let day = match moment {
            Moment::Day(day) => day,
            Moment::Local(local) => local.date(),
            Moment::Instant(instant) => TimeZone::UTC.to_datetime(instant).date(),
        };
        match moment::clock(&time.to_lowercase()) {
            Ok(time) => Some(Moment::Local(day.to_datetime(time))),
            Err(reason) => {
                findings.reject(Field::VisitTime, reason);
                None
            }
        }
    }

    fn place(&self, text: &str, findings: &mut Findings) -> Option<&Place> {
        let wanted = fold_letters(text);
        let known = self.places.iter().find(|place| !wanted.is_empty() && place.names.contains(&wanted));
        match (known, self.places) {
            (Some(place), _) => Some(place),
            (None, [only]) => {
                if !value::is_blank(text) {
                    findings.warnings.push(WarningKind::OnlyLocation);
                }
                Some(only)
            }
            (None, _) => {
                findings.reject(Field::Location, if value::is_blank(text) { RejectReason::Blank } else { RejectReason::LocationUnknown });
                None
            }
        }
    }
}

/// The first instant at which the clock of a place shows a time (the clock shows some twice, and some never).
fn first_instant(local: DateTime, zone: &TimeZone) -> Result<Timestamp, RejectReason> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    if matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. }) {
        return Err(RejectReason::NonexistentTime);
    }
    ambiguous.earlier().map_err(|_| RejectReason::DateOutOfRange)
}

/// The number at which the patient is reached: a mobile one before another, one at home last.
fn number(fields: &Fields<'_>, findings: &mut Findings) -> Option<PhoneNumber> {
    for field in [Field::MobilePhone, Field::Phone, Field::HomePhone] {
        let text = fields.get(field);
        if !value::is_no_number(&text) {
            return findings.take(field, PhoneNumber::parse(&text).map(Some).map_err(RejectReason::Phone));
        }
    }
    None
}

/// Whose the number is. With a column that says whether it is the proxy's, that column decides; otherwise the relation does.
fn reached(fields: &Fields<'_>, findings: &mut Findings) -> Option<Option<Authority>> {
    let has = |field| fields.columns.has(field);
    if !has(Field::ProxyRelation) && !has(Field::ProxyPhone) {
        return None;
    }
    let flag = findings.take(Field::ProxyPhone, value::yes_no(&fields.get(Field::ProxyPhone)));
    if has(Field::ProxyPhone) && flag != Some(true) {
        return Some(None);
    }
    let relation = match value::relation(&fields.get(Field::ProxyRelation)) {
        // The number is somebody else's, and the file does not say whose.
        Ok(None) if flag == Some(true) => Err(RejectReason::RelationUnknown),
        read => read,
    };
    let relation = findings.take(Field::ProxyRelation, relation);
    Some(relation)
}

fn is_no_date(text: &str) -> bool {
    value::is_blank(text) || text.bytes().all(|byte| matches!(byte, b'0' | b'/' | b'-' | b':' | b' '))
}

/// The fields of a row by what they mean.
pub(super) struct Fields<'a> {
    record: &'a Record,
    columns: &'a Columns,
}

impl<'a> Fields<'a> {
    /// The first column of the field in which something stands.
    pub(super) fn get(&self, field: Field) -> Cow<'a, str> {
        let record = self.record;
        self.columns
            .of_field(field)
            .map(|index| value::clean(record.field(index)))
            .find(|text| !text.is_empty())
            .unwrap_or(Cow::Borrowed(""))
    }
}
