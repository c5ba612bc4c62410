//! Physical lines, whatever ends them, with their numbers.

use super::decode::Decoder;
use super::record::ROW_BYTES_MAX;
use std::collections::VecDeque;
use std::io::{self, Read};

/// A physical line without its end.
#[derive(Clone)]
pub(super) struct Line {
    /// Counted from 1.
    pub(super) number: u64,
    pub(super) text: String,
    /// The line is longer than a row may be; its text is left out.
    pub(super) too_long: bool,
}

/// The lines of a file. Lines can be given back, to be read again.
pub(super) struct Lines<R> {
    decoder: Option<Decoder<R>>,
    buffer: String,
    at: usize,
    /// Whether the last line ended with a carriage return at the edge of the buffer: a line feed right after it belongs to it.
    after_return: bool,
    number: u64,
    back: VecDeque<Line>,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { decoder: Some(Decoder::new(reader)), ..Self::of(VecDeque::new()) }
    }

    /// Lines that were read before, and nothing after them.
    pub(super) fn of(lines: VecDeque<Line>) -> Self {
        Self { decoder: None, buffer: String::new(), at: 0, after_return: false, number: 0, back: lines }
    }

    /// Bytes of the file that were read so far.
    pub(super) fn bytes(&self) -> u64 {
        self.decoder.as_ref().map_or(0, Decoder::bytes)
    }

    /// Whether the file is not wholly UTF-8 or UTF-16.
    pub(super) fn legacy(&self) -> bool {
        self.decoder.as_ref().is_some_and(Decoder::legacy)
    }

    /// Puts lines back before all others.
    pub(super) fn put_back(&mut self, lines: impl DoubleEndedIterator<Item = Line>) {
        for line in lines.rev() {
            self.back.push_front(line);
        }
    }

    /// The next line, or `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        if let Some(line) = self.back.pop_front() {
            return Ok(Some(line));
        }
        let mut searched = 0;
        let mut too_long = false;
        loop {
            if self.after_return && self.at < self.buffer.len() {
                self.after_return = false;
                if self.buffer.as_bytes()[self.at] == b'\n' {
                    self.at += 1;
                }
            }
            let rest = &self.buffer.as_bytes()[self.at..];
            if let Some(found) = rest[searched..].iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
                let length = searched + found;
                self.after_return = rest[length] == b'\r';
                too_long |= length > ROW_BYTES_MAX;
                let line = self.line(length, too_long);
                self.at += length + 1;
                return Ok(Some(line));
            }
            searched = rest.len();
            if searched > ROW_BYTES_MAX {
                too_long = true;
                self.at = self.buffer.len();
                searched = 0;
            }
            self.buffer.drain(..self.at);
            self.at = 0;
            let more = match &mut self.decoder {
                Some(decoder) => decoder.fill(&mut self.buffer)?,
                None => false,
            };
            if !more {
                if self.buffer.is_empty() && !too_long {
                    return Ok(None);
                }
                let line = self.line(self.buffer.len(), too_long);
                self.at = self.buffer.len();
                return Ok(Some(line));
            }
        }
    }

    fn line(&mut self, length: usize, too_long: bool) -> Line {
        self.number += 1;
        let text = if too_long { String::new() } else { self.buffer[self.at..self.at + length].to_owned() };
        Line { number: self.number, text, too_long }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> Vec<(u64, String)> {
        let mut lines = Lines::new(text);
        let mut found = Vec::new();
        while let Some(line) = lines.next().expect("reads") {
            found.push((line.number, if line.too_long { "too long".to_owned() } else { line.text }));
        }
        found
    }

    fn numbered(lines: &[&str]) -> Vec<(u64, String)> {
        (1..).zip(lines.iter().map(|line| (*line).to_owned())).collect()
    }

    #[test]
    fn lines_end_with_any_of_the_three_ends() {
        for text in ["a\nb\n\nc", "a\r\nb\r\n\r\nc\r\n", "a\rb\r\rc\r", "a\nb\r\n\rc\n"] {
            assert_eq!(lines(text.as_bytes()), numbered(&["a", "b", "", "c"]), "{text:?}");
        }
        assert!(lines(b"").is_empty());
    }

    #[test]
    fn a_line_end_that_two_chunks_share_is_one_end() {
        let long = "x".repeat(64 * 1024 - 1);
        let text = format!("{long}\r\nb");
        assert_eq!(lines(text.as_bytes()), numbered(&[&long, "b"]));
    }

    #[test]
    fn an_endless_line_is_told_and_not_kept() {
        let text = format!("a\n{}\nb\n", "x".repeat(3_000_000));
        assert_eq!(lines(text.as_bytes()), numbered(&["a", "too long", "b"]));
        let text = "y".repeat(1_000_000);
        assert_eq!(lines(text.as_bytes()), numbered(&["too long"]));
    }
}
