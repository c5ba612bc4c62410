//! Rows of a file and their fields (RFC 4180, and what programs make of it).

use super::lines::{Line, Lines};
use super::report::RejectReason;
use std::io;

/// The longest row, in bytes of UTF-8.
pub(super) const ROW_BYTES_MAX: usize = 64 * 1024;
/// The most columns.
pub(super) const COLUMNS_MAX: usize = 200;
/// The most physical lines of one row. A quote that nobody closed would otherwise swallow much of the file.
const ROW_LINES_MAX: usize = 200;

/// The fields of one row.
#[derive(Default)]
pub(super) struct Record {
    /// The physical line on which the row begins.
    pub(super) line: u64,
    text: String,
    ends: Vec<usize>,
}

impl Record {
    /// How many fields there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A field as it stands in the file; empty where the row has fewer.
    pub(super) fn field(&self, index: usize) -> &str {
        let Some(&end) = self.ends.get(index) else { return "" };
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        &self.text[start..end]
    }

    /// All fields.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.field(index))
    }

    /// Whether nothing stands in any field.
    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    fn clear(&mut self, line: u64) {
        self.line = line;
        self.text.clear();
        self.ends.clear();
    }

    /// Takes in one physical line. `open` says that it begins within quotes; the answer says whether it ends within quotes.
    fn feed(&mut self, line: &str, delimiter: u8, open: bool) -> bool {
        let bytes = line.as_bytes();
        let mut at = 0;
        let mut quoted = open;
        let mut field_start = !open;
        loop {
            if field_start {
                field_start = false;
                let spaces = bytes[at..].iter().take_while(|byte| **byte == b' ').count();
                if bytes.get(at + spaces) == Some(&b'"') {
                    quoted = true;
                    at += spaces + 1;
                }
            }
            if quoted {
                let Some(end) = find(bytes, at, b'"') else {
                    self.text.push_str(&line[at..]);
                    self.text.push('\n');
                    return true;
                };
                self.text.push_str(&line[at..end]);
                if bytes.get(end + 1) == Some(&b'"') {
                    self.text.push('"');
                    at = end + 2;
                } else {
                    quoted = false;
                    at = end + 1;
                }
                continue;
            }
            let end = find(bytes, at, delimiter);
            self.text.push_str(&line[at..end.unwrap_or(bytes.len())]);
            self.ends.push(self.text.len());
            let Some(end) = end else { return false };
            at = end + 1;
            field_start = true;
        }
    }
}

fn find(bytes: &[u8], from: usize, wanted: u8) -> Option<usize> {
    bytes[from..].iter().position(|byte| *byte == wanted).map(|found| from + found)
}

/// What came next.
pub(super) enum Step {
    /// A row, in the record.
    Row,
    /// Something that is no row, on this line.
    Bad(u64, RejectReason),
    /// Nothing.
    End,
}

/// The rows of a file.
pub(super) struct Records<R> {
    pub(super) lines: Lines<R>,
    pub(super) delimiter: u8,
}

impl<R: io::Read> Records<R> {
    /// Reads the next row that is not blank.
    pub(super) fn next(&mut self, record: &mut Record) -> io::Result<Step> {
        loop {
            let Some(first) = self.lines.next()? else { return Ok(Step::End) };
            let number = first.number;
            if first.too_long {
                return Ok(Step::Bad(number, RejectReason::RowTooLong));
            }
            record.clear(number);
            if record.feed(&first.text, self.delimiter, false)
                && let Some(reason) = self.close(record)?
            {
                return Ok(Step::Bad(number, reason));
            }
            if record.is_blank() {
                continue;
            }
            return Ok(if record.text.contains('\0') {
                Step::Bad(number, RejectReason::NulByte)
            } else if record.len() > COLUMNS_MAX {
                Step::Bad(number, RejectReason::TooManyColumns)
            } else {
                Step::Row
            });
        }
    }

    /// Takes in lines until the quotes close. If they do not, just the first line is lost: the others are read again as rows of their own.
    fn close(&mut self, record: &mut Record) -> io::Result<Option<RejectReason>> {
        let mut held: Vec<Line> = Vec::new();
        let reason = loop {
            let Some(line) = self.lines.next()? else { break RejectReason::QuoteNotClosed };
            let too_long = line.too_long || record.text.len() + line.text.len() > ROW_BYTES_MAX;
            let open = too_long || record.feed(&line.text, self.delimiter, true);
            if !open {
                return Ok(None);
            }
            held.push(line);
            if too_long || held.len() >= ROW_LINES_MAX {
                break RejectReason::QuoteNotClosed;
            }
        };
        self.lines.put_back(held.into_iter());
        Ok(Some(reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Read = Result<(u64, Vec<String>), (u64, &'static str)>;

    fn rows(text: &str, delimiter: u8) -> Vec<Read> {
        let mut records = Records { lines: Lines::new(text.as_bytes()), delimiter };
        let mut record = Record::default();
        let mut found = Vec::new();
        loop {
            match records.next(&mut record).expect("reads") {
                Step::Row => found.push(Ok((record.line, record.fields().map(str::to_owned).collect()))),
                Step::Bad(line, reason) => found.push(Err((line, reason.code()))),
                Step::End => return found,
            }
        }
    }

    fn row(line: u64, fields: &[&str]) -> Read {
        Ok((line, fields.iter().map(|field| (*field).to_owned()).collect()))
    }

    #[test]
    fn quotes_hold_delimiters_quotes_and_line_ends() {
        let text = "a,\"b,\"\"c\"\"\",d\n\n1, \"two\r\nlines\" ,3\n,,\nx,5\" pipe,\"\"\n";
        let expected = [row(1, &["a", "b,\"c\"", "d"]), row(3, &["1", "two\nlines ", "3"]), row(6, &["x", "5\" pipe", ""])];
        assert_eq!(rows(text, b','), expected);
        assert_eq!(rows("a;\"b;c\"\td\n", b';'), [row(1, &["a", "b;c\td"])]);
    }

    #[test]
    fn a_quote_that_nobody_closed_costs_one_row() {
        let text = "1,\"Ana\n2,Ben\n3,Cal\n";
        assert_eq!(rows(text, b','), [Err((1, "quote_not_closed")), row(2, &["2", "Ben"]), row(3, &["3", "Cal"])]);
        let many: String = (0..1000).map(|line| format!("{line},x\n")).collect();
        let found = rows(&format!("0,\"open\n{many}"), b',');
        assert_eq!((found.len(), &found[0]), (1001, &Err((1, "quote_not_closed"))));
    }

    #[test]
    fn rows_that_no_program_writes_are_told_with_their_line() {
        assert_eq!(rows("a,b\n1,\0\n2,x\n", b','), [row(1, &["a", "b"]), Err((2, "nul_byte")), row(3, &["2", "x"])]);
        assert_eq!(rows(&format!("{}\n", "x,".repeat(300)), b','), [Err((1, "too_many_columns"))]);
        assert_eq!(rows(&format!("{}\na\n", "x".repeat(70_000)), b','), [Err((1, "row_too_long")), row(2, &["a"])]);
    }

    proptest! {
        #[test]
        fn what_a_careful_program_writes_reads_back(
            table in proptest::collection::vec(proptest::collection::vec("[a-z\",;\n ]{0,8}", 3), 1..6)
        ) {
            let quote = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let text: String =
                table.iter().map(|fields| fields.iter().map(quote).collect::<Vec<_>>().join(",") + "\r\n").collect();
            let found: Vec<Vec<String>> = rows(&text, b',').into_iter().map(|row| row.expect("a row").1).collect();
            let wanted: Vec<_> =
                table.into_iter().filter(|fields| fields.iter().any(|field| !field.trim().is_empty())).collect();
            prop_assert_eq!(found, wanted);
        }
    }
}
