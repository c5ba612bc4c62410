//! From the bytes of a file to text, a piece at a time: UTF-8, UTF-16, and Windows-1252 for what is neither.

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::io::{self, Read};

const CHUNK: usize = 64 * 1024;

enum Mode {
    /// Nothing read yet.
    Unknown,
    Utf8,
    Utf16(Box<encoding_rs::Decoder>),
}

/// Decodes as it reads. A byte sequence that is not UTF-8 is read as Windows-1252, sequence by sequence: files of old systems are that, and
/// files that were glued together are both.
pub(super) struct Decoder<R> {
    reader: R,
    mode: Mode,
    /// Bytes of a character that the last chunk cut in two.
    carry: Vec<u8>,
    chunk: Vec<u8>,
    bytes: u64,
    legacy: bool,
    ended: bool,
}

impl<R: Read> Decoder<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, mode: Mode::Unknown, carry: Vec::new(), chunk: vec![0; CHUNK], bytes: 0, legacy: false, ended: false }
    }

    /// Bytes read so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether anything had to be read as Windows-1252.
    pub(super) fn legacy(&self) -> bool {
        self.legacy
    }

    /// Appends some text. `false` at the end of the file.
    pub(super) fn fill(&mut self, out: &mut String) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        let mut got = self.read_chunk()?;
        let mut start = 0;
        if matches!(self.mode, Mode::Unknown) {
            // The mark at the beginning may come in pieces.
            while got > 0 && got < 4 {
                let more = self.read_at(got)?;
                if more == 0 {
                    break;
                }
                got += more;
            }
            start = self.detect(got);
        }
        self.ended = got == 0;
        match &mut self.mode {
            Mode::Utf16(decoder) => {
                let bytes = &self.chunk[start..got];
                out.reserve(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len() * 3 + 16));
                let _ = decoder.decode_to_string(bytes, out, self.ended);
            }
            Mode::Utf8 | Mode::Unknown => self.decode_utf8(start, got, out),
        }
        Ok(true)
    }

    fn read_chunk(&mut self) -> io::Result<usize> {
        self.read_at(0)
    }

    fn read_at(&mut self, at: usize) -> io::Result<usize> {
        loop {
            match self.reader.read(&mut self.chunk[at..]) {
                Ok(got) => {
                    self.bytes += got as u64;
                    return Ok(got);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Finds out what the file is; returns how many bytes the mark has.
    fn detect(&mut self, got: usize) -> usize {
        let (encoding, mark) = match &self.chunk[..got] {
            [0xEF, 0xBB, 0xBF, ..] => (None, 3),
            [0xFF, 0xFE, ..] => (Some(UTF_16LE), 2),
            [0xFE, 0xFF, ..] => (Some(UTF_16BE), 2),
            // No mark, yet every other byte of the heading is zero.
            [1..=0xFF, 0, 1..=0xFF, 0, ..] => (Some(UTF_16LE), 0),
            [0, 1..=0xFF, 0, 1..=0xFF, ..] => (Some(UTF_16BE), 0),
            _ => (None, 0),
        };
        self.mode = match encoding {
            Some(encoding) => Mode::Utf16(Box::new(encoding.new_decoder_without_bom_handling())),
            None => Mode::Utf8,
        };
        mark
    }

    fn decode_utf8(&mut self, start: usize, got: usize, out: &mut String) {
        let joined: Vec<u8>;
        let mut bytes: &[u8] = if self.carry.is_empty() {
            &self.chunk[start..got]
        } else {
            let mut all = std::mem::take(&mut self.carry);
            all.extend_from_slice(&self.chunk[start..got]);
            joined = all;
            &joined
        };
        loop {
            let error = match std::str::from_utf8(bytes) {
                Ok(text) => {
                    out.push_str(text);
                    return;
                }
                Err(error) => error,
            };
            let (valid, rest) = bytes.split_at(error.valid_up_to());
            out.push_str(std::str::from_utf8(valid).unwrap_or_default());
            let bad = match error.error_len() {
                Some(length) => length,
                None if self.ended => rest.len(),
                None => {
                    self.carry = rest.to_vec();
                    return;
                }
            };
            self.legacy = true;
            out.push_str(&WINDOWS_1252.decode_without_bom_handling(&rest[..bad]).0);
            bytes = &rest[bad..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes in pieces of one length.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(self.0.len()).min(out.len());
            let (now, later) = self.0.split_at(length);
            out[..length].copy_from_slice(now);
            self.0 = later;
            Ok(length)
        }
    }

    fn decode(bytes: &[u8], piece: usize) -> String {
        let mut decoder = Decoder::new(Pieces(bytes, piece));
        let mut out = String::new();
        while decoder.fill(&mut out).expect("reads") {}
        assert_eq!(decoder.bytes(), bytes.len() as u64);
        out
    }

    fn utf16(text: &str, little: bool, mark: bool) -> Vec<u8> {
        let unit = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
        mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16()).flat_map(unit).collect()
    }

    #[test]
    fn every_encoding_of_a_name_gives_the_same_name_however_the_bytes_arrive() {
        let text = "Name,José Peña 👋";
        let bmp = "Name,José Peña";
        for piece in [1, 2, 3, 7, 4096] {
            assert_eq!(decode(text.as_bytes(), piece), text);
            assert_eq!(decode(format!("\u{FEFF}{text}").as_bytes(), piece), text);
            for little in [true, false] {
                for mark in [true, false] {
                    assert_eq!(decode(&utf16(text, little, mark), piece), text, "{little} {mark} {piece}");
                }
            }
            assert_eq!(decode(b"Name,Jos\xE9 Pe\xF1a", piece), bmp);
        }
    }

    #[test]
    fn a_file_glued_together_from_two_encodings_reads_right() {
        let mut bytes = "Peña\n".as_bytes().to_vec();
        bytes.extend_from_slice(b"Pe\xF1a\n");
        bytes.extend_from_slice("Peña\n".as_bytes());
        assert_eq!(decode(&bytes, 4), "Peña\nPeña\nPeña\n");
        assert_eq!(decode(b"curly \x92 and cut \xE2\x80", 5), "curly ’ and cut â€");
    }
}
