//! What an import did, and why rows were not taken. Nothing here holds a value from the file, save the headings of its columns.

use super::field::Field;
use std::io::{self, Write};
use wellsent_text::phone::PhoneError;

/// The most rejects that a report keeps.
pub const REJECTS_KEPT: usize = 1_000;

/// What an import did.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Rows of data. Each is counted in one of the next four.
    pub rows: u64,
    /// Rows that brought something new.
    pub added: u64,
    /// Rows that changed something known.
    pub changed: u64,
    /// Rows that said nothing new.
    pub unchanged: u64,
    /// Rows that were not taken.
    pub rejected: u64,
    /// Why, the first [`REJECTS_KEPT`] reasons. A row may have several.
    pub rejects: Vec<Reject>,
    /// How many reasons there were in all.
    pub rejects_total: u64,
    /// The headings of the file, and what each was understood as.
    pub header: Vec<(String, Option<Field>)>,
    /// What deserves a look although its row was taken.
    pub warnings: Vec<Warning>,
}

/// One reason for which a row was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reject {
    /// The physical line on which the row begins, counted from 1.
    pub line: u64,
    /// What is wrong, where it is one field.
    pub field: Option<Field>,
    /// Why.
    pub reason: RejectReason,
}

/// Something that deserves a look, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Warning {
    /// What.
    pub kind: WarningKind,
    /// How many rows.
    pub count: u64,
    /// The line of the first of them; 0 where it is about the whole file.
    pub first_line: u64,
}

/// Declares an enum whose variants have a code for programs and a sentence for staff.
macro_rules! sentences {
    ($(#[$meta:meta])* pub enum $name:ident { $([$(#[$more:meta])* $inner:ident($type:ty)])? $($(#[$doc:meta])* $variant:ident = $code:literal, $sentence:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)+ $($(#[$more])* $inner($type),)? }

        impl $name {
            /// A stable code for programs.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ $(Self::$inner(error) => error.code(),)? }
            }

            /// What is wrong and what to do, for staff.
            pub fn sentence(self) -> String {
                match self { $(Self::$variant => $sentence.to_owned(),)+ $(Self::$inner(error) => error.to_string(),)? }
            }
        }
    };
}

sentences! {
    /// Why a row was not taken. No variant carries a value.
    pub enum RejectReason {
        [/// The number cannot be texted.
        Phone(PhoneError)]
        /// Longer than 64 KiB.
        RowTooLong = "row_too_long", "the row is longer than 64 KiB; look for a missing line end or a quote that is not closed";
        /// More than 200 columns.
        TooManyColumns = "too_many_columns", "the row has more than 200 columns; export only the columns that are needed";
        /// A NUL byte.
        NulByte = "nul_byte", "the row contains a NUL byte; export the file again as text";
        /// An open quote.
        QuoteNotClosed = "quote_not_closed", "a quote on this line is never closed; remove it or double it";
        /// More fields than headings.
        Misaligned = "misaligned", "the row has more fields than there are headings; put fields that contain the delimiter in quotes";
        /// A required field is blank.
        Blank = "blank", "the field is needed and is blank";
        /// A spreadsheet rounded the id.
        IdRounded = "id_rounded", "a spreadsheet has rounded the id; format the column as text and export the file again";
        /// Too long.
        TooLong = "too_long", "the field is longer than such a field can be; check that the columns are in order";
        /// No date.
        DateUnreadable = "date_unreadable", "this is not a date that can be read; write it as 2027-03-10 or 3/10/2027";
        /// A date that the calendar does not have.
        DateImpossible = "date_impossible", "there is no such date; dates are read as month/day/year";
        /// Day and month cannot be told apart.
        DateAmbiguous = "date_ambiguous", "day and month cannot be told apart; write the date as 2027-03-10 or 3/10/2027";
        /// Far away.
        DateOutOfRange = "date_out_of_range", "the date is too far away to be true; check the year";
        /// In the future.
        DateInFuture = "date_in_future", "the date is in the future";
        /// A day without a time.
        TimeMissing = "time_missing", "the visit has a date and no time";
        /// No time of day.
        TimeUnreadable = "time_unreadable", "this is not a time that can be read; write it as 2:15 PM or 14:15";
        /// A time that the change to summer time skips.
        NonexistentTime = "nonexistent_time", "clocks skip this time on that day at the location; check the time";
        /// An unknown status.
        StatusUnknown = "status_unknown", "the status is not known; use booked, arrived, completed, cancelled, no show, active, inactive or deceased";
        /// An unknown location.
        LocationUnknown = "location_unknown", "there is no such location; add it in the settings or correct the row";
        /// No such patient.
        PatientUnknown = "patient_unknown", "no patient has this record number; import the patients first or add name columns";
        /// Neither yes nor no.
        AnswerUnclear = "answer_unclear", "the answer is neither yes, no nor a date";
        /// An unknown relation.
        RelationUnknown = "relation_unknown", "the relation is not known; use self, parent, guardian or power of attorney";
        /// An unknown category.
        CategoryUnknown = "category_unknown", "the category is not known; use appointments, care, billing, surveys, marketing or warning";
        /// An unknown way.
        ChannelUnknown = "channel_unknown", "the channel is not known; use paper, check_in, portal or spoken";
        /// Another's number, or an old one.
        PhoneNotTheirs = "phone_not_theirs", "the patient is not reached at this number now; a consent holds for one number, so correct the number or ask anew";
        /// Spoken words are not writing.
        SpokenNotWritten = "spoken_not_written", "what was spoken is not written consent; say written = no, or give the channel of the form";
        /// Nothing shows it.
        EvidenceMissing = "evidence_missing", "written consent needs a reference to what shows it, such as a file number";
    }
}

sentences! {
    /// What deserves a look.
    pub enum WarningKind {
        /// Windows-1252.
        LegacyEncoding = "legacy_encoding", "the file is not in UTF-8; its accents were read as Windows-1252, so check a few names";
        /// The same id again with other content.
        Repeated = "repeated", "the id appeared before in this file with other content; the later row was taken";
        /// No consent by this file.
        ConsentNotTaken = "consent_not_taken", "texts to the number were revoked, and the file does not show a consent later than that; no consent was recorded";
        /// Consent without a number.
        ConsentWithoutNumber = "consent_without_number", "the row vouches for consent and there is no number to which it could apply";
        /// A language without templates.
        LanguageUnknown = "language_unknown", "the language has no templates; texts go out in English";
        /// A zone that nobody knows.
        ZoneUnknown = "zone_unknown", "the time zone is not known; the zones of the area code are used";
        /// A death is not undone.
        DeceasedKept = "deceased_kept", "the patient is marked deceased, which an import does not undo";
        /// A mark is not taken away.
        SensitiveKept = "sensitive_kept", "the patient is marked sensitive, which an import does not undo";
        /// Whose number it is.
        ReachedKept = "reached_kept", "the file says otherwise whose number it is; correct it on the patient's page";
        /// The only location.
        OnlyLocation = "only_location", "the location is not known; the only one of the practice was taken";
        /// Too early for a visit.
        UnusualHour = "unusual_hour", "the visit begins between midnight and 5 in the morning; check whether AM and PM are missing";
        /// Not a type.
        VisitTypeNotTaken = "visit_type_not_taken", "the visit type reads like a note or there are too many types; it was taken as \"Visit\"";
        /// A yes before a STOP.
        ConsentBeforeStop = "consent_before_stop", "texts to the number were stopped after this consent; it is recorded and brings nobody back";
        /// A yes before a no.
        ConsentOvertaken = "consent_overtaken", "the patient said otherwise later, or had another number in between; the consent is recorded and changes nothing";
        /// A language that this program does not write.
        LanguageNotKept = "language_not_kept", "the language has no templates; the consent is recorded without it";
    }
}

impl Report {
    pub(super) fn reject(&mut self, reject: Reject) {
        self.rejects_total += 1;
        if self.rejects.len() < REJECTS_KEPT {
            self.rejects.push(reject);
        }
    }

    pub(super) fn warn(&mut self, kind: WarningKind, line: u64) {
        match self.warnings.iter_mut().find(|warning| warning.kind == kind) {
            Some(warning) => warning.count += 1,
            None => self.warnings.push(Warning { kind, count: 1, first_line: line }),
        }
    }
}

/// Writes the rejects as CSV: line, field, code, reason. It holds no value from the file.
pub fn write_rejects(report: &Report, out: impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(["line", "field", "code", "reason"])?;
    for reject in &report.rejects {
        let field = reject.field.map_or("", Field::code);
        csv.write_record([&reject.line.to_string(), field, reject.reason.code(), &reject.reason.sentence()])?;
    }
    let more = report.rejects_total - report.rejects.len() as u64;
    if more > 0 {
        csv.write_record(["", "", "more", &format!("{more} more reasons are not listed")])?;
    }
    csv.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_rejects_names_line_field_and_reason() {
        let mut report = Report::default();
        report.reject(Reject { line: 7, field: Some(Field::MobilePhone), reason: RejectReason::Phone(PhoneError::LostDigits) });
        report.reject(Reject { line: 9, field: None, reason: RejectReason::NulByte });
        report.rejects_total = 5;
        let mut out = Vec::new();
        write_rejects(&report, &mut out).expect("writes");
        let text = String::from_utf8(out).expect("text");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "line,field,code,reason");
        assert!(lines[1].starts_with("7,mobile_phone,phone_lost_digits,"));
        assert!(lines[2].starts_with("9,,nul_byte,"));
        assert_eq!(lines[3], ",,more,3 more reasons are not listed");
    }
}
