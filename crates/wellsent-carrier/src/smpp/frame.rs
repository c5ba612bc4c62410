//! Cuts what arrives into PDUs, with a limit.
//!
//! Arriving PDUs are read here and in [`delivery`](super::delivery) instead of by the codec that writes ours: that one refuses a whole PDU
//! for a TLV whose length is off or an id without its final NUL, which real message centres send, and a refused reply may be a STOP.

use std::io::{Error, ErrorKind};
use tokio_util::bytes::{Buf, Bytes, BytesMut};
use tokio_util::codec::Decoder;

/// The largest PDU: a `message_payload` of the longest possible length with everything around it.
pub(super) const FRAME_BYTES_MAX: usize = 70_000;
const HEADER: usize = 16;

pub(super) const SUBMIT_SM: u32 = 0x04;
pub(super) const DELIVER_SM: u32 = 0x05;
pub(super) const UNBIND: u32 = 0x06;
pub(super) const ENQUIRE_LINK: u32 = 0x15;
pub(super) const OUTBIND: u32 = 0x0B;
pub(super) const ALERT_NOTIFICATION: u32 = 0x102;
pub(super) const DATA_SM: u32 = 0x103;
pub(super) const RESPONSE: u32 = 0x8000_0000;
pub(super) const SUBMIT_SM_RESP: u32 = RESPONSE | SUBMIT_SM;

/// One PDU. No `Debug`: a number and a text may be in its body.
pub(super) struct Frame {
    pub command: u32,
    pub status: u32,
    pub sequence: u32,
    pub body: Bytes,
}

impl Frame {
    /// The id in an answer to a submission: everything up to NUL or the end.
    pub fn message_id(&self) -> Option<&str> {
        let end = self.body.iter().position(|&octet| octet == 0).unwrap_or(self.body.len());
        let id = std::str::from_utf8(self.body.get(..end)?).ok()?.trim();
        is_id(id).then_some(id)
    }
}

/// Whether a text can be the carrier's name for something: it goes to the database and to pages.
pub(super) fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The reader. A length that no PDU has ends the line: where the next one begins is not known any more.
pub(super) struct Frames;

impl Decoder for Frames {
    type Item = Frame;
    type Error = Error;

    fn decode(&mut self, octets: &mut BytesMut) -> Result<Option<Frame>, Error> {
        let Some(length) = octets.first_chunk().map(|length| u32::from_be_bytes(*length)) else {
            return Ok(None);
        };
        let length = usize::try_from(length).ok().filter(|length| (HEADER..=FRAME_BYTES_MAX).contains(length));
        let length = length.ok_or(ErrorKind::InvalidData)?;
        if octets.len() < length {
            octets.reserve(length - octets.len());
            return Ok(None);
        }
        let mut frame = octets.split_to(length).freeze();
        frame.advance(4);
        Ok(Some(Frame { command: frame.get_u32(), status: frame.get_u32(), sequence: frame.get_u32(), body: frame }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode_all(octets: &[u8]) -> Result<Vec<Frame>, Error> {
        let mut octets = BytesMut::from(octets);
        let mut frames = Vec::new();
        while let Some(frame) = Frames.decode(&mut octets)? {
            frames.push(frame);
        }
        Ok(frames)
    }

    #[test]
    fn lengths_that_no_pdu_has_end_the_line() {
        for length in [0u32, 15, 70_001, u32::MAX] {
            assert!(decode_all(&length.to_be_bytes()).is_err(), "{length}");
        }
        assert!(decode_all(&16u32.to_be_bytes()).is_ok_and(|frames| frames.is_empty()));
    }

    #[test]
    fn an_id_is_read_with_and_without_its_end() {
        let id = |body: &'static [u8]| {
            let frame = Frame { command: SUBMIT_SM_RESP, status: 0, sequence: 1, body: Bytes::from_static(body) };
            frame.message_id().map(str::to_owned)
        };
        assert_eq!(id(b"0a1f\0").as_deref(), Some("0a1f"));
        assert_eq!(id(b"0a1f").as_deref(), Some("0a1f"));
        assert_eq!(id(b"0a1f\0\x04\x25\0\x01\0").as_deref(), Some("0a1f"));
        for none in [b"\0".as_slice(), b"", b"\xff\0", b"two words\0"] {
            assert_eq!(id(none), None);
        }
    }

    proptest! {
        #[test]
        fn any_octets_are_frames_or_an_end(octets in proptest::collection::vec(any::<u8>(), 0..2000)) {
            if let Ok(frames) = decode_all(&octets) {
                let read: usize = frames.iter().map(|frame| 16 + frame.body.len()).sum();
                prop_assert!(read <= octets.len());
            }
        }
    }
}
