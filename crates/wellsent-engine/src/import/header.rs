//! Finding the delimiter and the row with the headings.

use super::field::Field;
use super::lines::{Line, Lines};
use super::record::{COLUMNS_MAX, Record, Records, Step};
use super::{ImportError, Kind};
use std::collections::VecDeque;
use std::io::Read;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Among how many lines the headings are looked for; titles and filters of a report may stand before them.
const LINES_LOOKED_AT: usize = 25;
/// A row with fewer known headings than this holds none.
const HEADINGS_MIN: usize = 2;

/// Which column is what.
pub(super) struct Columns {
    /// Headings as they stand in the file.
    pub(super) header: Vec<(String, Option<Field>)>,
    found: Vec<(Field, usize)>,
    raw: Vec<String>,
}

impl Columns {
    fn of(record: &Record, kind: Kind) -> Self {
        let header: Vec<_> = record.fields().map(|heading| (shown(heading), Field::of_heading(heading, kind))).collect();
        let found = header.iter().enumerate().filter_map(|(index, (_, field))| Some(((*field)?, index))).collect();
        Self { header, found, raw: record.fields().map(|heading| heading.trim().to_owned()).collect() }
    }

    /// How many headings there are.
    pub(super) fn len(&self) -> usize {
        self.raw.len()
    }

    /// The columns of a field; a file may have several.
    pub(super) fn of_field(&self, field: Field) -> impl Iterator<Item = usize> {
        self.found.iter().filter(move |(known, _)| *known == field).map(|(_, index)| *index)
    }

    /// Whether the file has the field.
    pub(super) fn has(&self, field: Field) -> bool {
        self.of_field(field).next().is_some()
    }

    /// Whether a row repeats the headings, as printed reports do on every page.
    pub(super) fn repeats(&self, record: &Record) -> bool {
        record.len() == self.raw.len() && record.fields().zip(&self.raw).all(|(field, heading)| field.trim() == heading)
    }

    /// The columns without which nothing can be brought in.
    fn check(&self, kind: Kind) -> Result<(), ImportError> {
        if self.len() > COLUMNS_MAX {
            return Err(ImportError::TooManyColumns);
        }
        let mut missing = Vec::new();
        if !self.has(Field::PatientId) {
            missing.push(Field::PatientId);
        }
        if kind == Kind::Appointments {
            if !self.has(Field::AppointmentId) {
                missing.push(Field::AppointmentId);
            }
            if !self.has(Field::VisitDate) && !self.has(Field::VisitStart) {
                missing.push(Field::VisitDate);
            }
        }
        if kind == Kind::Consents {
            let needed = [Field::Phone, Field::Category, Field::Act, Field::ActDate, Field::Channel];
            missing.extend(needed.into_iter().filter(|field| !self.has(*field)));
        }
        if missing.is_empty() { Ok(()) } else { Err(ImportError::MissingColumns(missing)) }
    }
}

fn shown(heading: &str) -> String {
    heading.chars().filter(|ch| !ch.is_control()).take(80).collect::<String>().trim().to_owned()
}

/// Reads up to the headings. What follows are rows of data.
pub(super) fn open<R: Read>(reader: R, kind: Kind) -> Result<(Records<R>, Columns), ImportError> {
    let mut lines = Lines::new(reader);
    let mut ahead: VecDeque<Line> = VecDeque::new();
    while ahead.len() < LINES_LOOKED_AT {
        let Some(line) = lines.next()? else { break };
        ahead.push_back(line);
    }
    if ahead.iter().all(|line| line.text.trim().is_empty() && !line.too_long) {
        return Err(ImportError::Empty);
    }
    let told = ahead.front().and_then(|line| told_delimiter(&line.text));
    if told.is_some() {
        ahead.pop_front();
    }
    let mut best: Option<(usize, usize, u64, u8)> = None;
    for delimiter in DELIMITERS.into_iter().filter(|delimiter| told.is_none_or(|told| told == *delimiter)) {
        let mut records = Records { lines: Lines::<&[u8]>::of(ahead.clone()), delimiter };
        let mut record = Record::default();
        loop {
            match records.next(&mut record)? {
                Step::Row => {
                    let known = record.fields().filter(|heading| Field::of_heading(heading, kind).is_some()).count();
                    let better = best.is_none_or(|(most, fields, ..)| (known, record.len()) > (most, fields) && known > most);
                    if known >= HEADINGS_MIN && better {
                        best = Some((known, record.len(), record.line, delimiter));
                    }
                }
                Step::Bad(..) => {}
                Step::End => break,
            }
        }
    }
    let (_, _, line, delimiter) = best.ok_or(ImportError::NoHeadings)?;
    lines.put_back(ahead.into_iter());
    let mut records = Records { lines, delimiter };
    let mut record = Record::default();
    loop {
        match records.next(&mut record)? {
            Step::Row if record.line == line => break,
            Step::Row | Step::Bad(..) => {}
            Step::End => return Err(ImportError::NoHeadings),
        }
    }
    let columns = Columns::of(&record, kind);
    columns.check(kind)?;
    Ok((records, columns))
}

/// The line with which Excel is told the delimiter.
fn told_delimiter(line: &str) -> Option<u8> {
    let told = line.trim_matches([' ', '"']).strip_prefix("sep=").or_else(|| line.strip_prefix("SEP="))?;
    match told {
        "\\t" => Some(b'\t'),
        _ => told.bytes().next().filter(|byte| DELIMITERS.contains(byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(text: &str) -> (u8, Vec<Option<Field>>, u64) {
        let (mut records, columns) = open(text.as_bytes(), Kind::Patients).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        let mut record = Record::default();
        let first = match records.next(&mut record).expect("reads") {
            Step::Row => record.line,
            _ => 0,
        };
        (records.delimiter, columns.header.into_iter().map(|(_, field)| field).collect(), first)
    }

    #[test]
    fn the_delimiter_is_the_one_that_makes_headings() {
        let fields = vec![Some(Field::PatientId), Some(Field::FullName), None];
        for (text, delimiter, first) in [
            ("MRN,Name,Email\n1,\"Ruiz; Ana\",x\n", b',', 2),
            ("MRN;Name;Email\n1;Ruiz, Ana;x,y\n", b';', 2),
            ("MRN\tName\tEmail\n1\tRuiz, Ana\tx\n", b'\t', 2),
            ("MRN|Name|Email\n1|Ruiz, Ana|x\n", b'|', 2),
            ("sep=;\r\nMRN;Name;Email\r\n1;Ruiz, Ana;x\r\n", b';', 3),
            ("Patient list, printed 3/10/2027\n\nFilter: all; sorted by name\nMRN;\"Na\nme\";Email\n\n1;a;x\n", b';', 7),
        ] {
            assert_eq!(opened(text), (delimiter, fields.clone(), first), "{text:?}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_understood_says_why() {
        let error = |text: &str, kind| open(text.as_bytes(), kind).err().map(|error| error.code());
        assert_eq!(error("", Kind::Patients), Some("empty"));
        assert_eq!(error("\n\r\n , \n", Kind::Patients), Some("no_headings"));
        assert_eq!(error("1,Ana,Ruiz\n2,Ben,Cole\n", Kind::Patients), Some("no_headings"));
        assert_eq!(error("first,last,dob\nAna,Ruiz,\n", Kind::Patients), Some("missing_columns"));
        assert_eq!(error("mrn,date\n1,3/10/2027\n", Kind::Appointments), Some("missing_columns"));
    }
}
