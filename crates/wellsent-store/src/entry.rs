//! What stands in a ledger entry: canonical JSON lines of opaque ids, stable words and keyed digests, and no PHI (P7).

use crate::StoreError;
use crate::when::micros;
use jiff::Timestamp;
use std::fmt::{Display, Write};
use wellsent_db::{args, statements};
use wellsent_domain::LedgerBatchId;
use wellsent_ledger::tile::push_entry;

statements! {
    LEAVE = "INSERT INTO ledger_batch (id, at, count, entries) VALUES ($1, $2, $3, $4)";
}

/// One entry under construction. Fields stand in the order in which they are added, so that the same act always gives the same bytes.
#[derive(Debug, Clone)]
pub struct Entry {
    json: String,
}

impl Entry {
    /// An entry of a kind ("ruling", "read", "sign_in", ...) at an instant.
    pub fn new(kind: &'static str, now: Timestamp) -> Self {
        let mut json = String::with_capacity(320);
        // Writing to a String cannot fail.
        let _ = write!(json, r#"{{"v":1,"kind":"{kind}","at":{}"#, micros(now));
        Self { json }
    }

    /// Adds an id or a stable word. Characters that JSON would escape do not occur in either; should one slip in, it is left out.
    pub fn word(mut self, name: &'static str, value: impl Display) -> Self {
        let _ = write!(self.json, r#","{name}":""#);
        let start = self.json.len();
        let _ = write!(self.json, "{value}");
        if self.json[start..].contains(['"', '\\']) || self.json[start..].chars().any(char::is_control) {
            let clean: String = self.json[start..].chars().filter(|ch| !matches!(ch, '"' | '\\') && !ch.is_control()).collect();
            self.json.truncate(start);
            self.json.push_str(&clean);
        }
        self.json.push('"');
        self
    }

    /// Adds a word if there is one.
    pub fn word_if(self, name: &'static str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.word(name, value),
            None => self,
        }
    }

    /// Adds a number.
    pub fn number(mut self, name: &'static str, value: i64) -> Self {
        let _ = write!(self.json, r#","{name}":{value}"#);
        self
    }

    /// Adds a digest, in hexadecimal digits.
    pub fn digest(mut self, name: &'static str, digest: &[u8]) -> Self {
        let _ = write!(self.json, r#","{name}":""#);
        for byte in digest {
            let _ = write!(self.json, "{byte:02x}");
        }
        self.json.push('"');
        self
    }

    /// The bytes of the entry.
    pub(crate) fn into_bytes(mut self) -> Vec<u8> {
        self.json.push('}');
        self.json.into_bytes()
    }
}

/// Where an entry will stand: its batch and its place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerSlot {
    /// The batch.
    pub batch: LedgerBatchId,
    /// The place.
    pub slot: i64,
}

/// Leaves the entries of a transaction as one batch.
pub(crate) fn leave(
    raw: &mut wellsent_db::Tx<'_>,
    entries: Vec<Vec<u8>>,
    batch: Option<(LedgerBatchId, Timestamp)>,
) -> Result<(), StoreError> {
    let Some((id, at)) = batch else { return Ok(()) };
    let mut packed = Vec::with_capacity(entries.iter().map(|entry| entry.len() + 2).sum());
    for entry in &entries {
        push_entry(&mut packed, entry).map_err(|_| StoreError::corrupt("ledger_batch", "entries"))?;
    }
    raw.execute(LEAVE, &args![id.bytes(), micros(at), entries.len() as i64, packed])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_one_line_of_json_in_the_order_of_its_fields() {
        let entry = Entry::new("ruling", Timestamp::UNIX_EPOCH).word("message", "msg_1").number("n", 2).digest("facts", &[0xab, 1]);
        assert_eq!(
            String::from_utf8(entry.into_bytes()).unwrap(),
            r#"{"v":1,"kind":"ruling","at":0,"message":"msg_1","n":2,"facts":"ab01"}"#
        );
    }

    #[test]
    fn a_word_cannot_break_out_of_its_place() {
        let entry = Entry::new("x", Timestamp::UNIX_EPOCH).word("a", "b\",\"c\":\"d\n");
        let text = String::from_utf8(entry.into_bytes()).unwrap();
        assert_eq!(text, r#"{"v":1,"kind":"x","at":0,"a":"b,c:d"}"#);
    }
}
