//! Where a sealed value stands, and how that place is bound to it.

/// The place a value is sealed for: it opens there and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Name of the table.
    pub table: &'static str,
    /// Name of the column.
    pub column: &'static str,
    /// The row's identifier, as stored.
    pub row: &'a [u8],
}

impl Place<'_> {
    /// The bytes that the cipher authenticates beside the value.
    ///
    /// Every part of varying length is preceded by its length, so that no two places give the
    /// same bytes.
    pub(crate) fn associated_data(&self, header: &[u8], practice: &[u8; 16]) -> Vec<u8> {
        let mut data = Vec::with_capacity(header.len() + 16 + self.table.len() + self.column.len() + self.row.len() + 32);
        push(&mut data, header);
        push(&mut data, practice);
        push(&mut data, self.table.as_bytes());
        push(&mut data, self.column.as_bytes());
        push(&mut data, self.row);
        data
    }
}

fn push(data: &mut Vec<u8>, part: &[u8]) {
    data.extend_from_slice(&(part.len() as u64).to_be_bytes());
    data.extend_from_slice(part);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_places_share_their_associated_data() {
        let names = ["", "a", "ab", "abc", "b", "bc", "c"];
        let rows: [&[u8]; 4] = [b"", b"1", b"12", b"2"];
        let practices = [[0; 16], [1; 16]];
        let mut seen = std::collections::HashSet::new();
        for practice in &practices {
            for table in names {
                for column in names {
                    for row in rows {
                        let place = Place { table, column, row };
                        assert!(seen.insert(place.associated_data(b"h", practice)));
                    }
                }
            }
        }
    }
}
