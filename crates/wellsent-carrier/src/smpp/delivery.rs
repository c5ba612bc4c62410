//! Reads what the message centre sends us: `deliver_sm` and `data_sm`. Everything in them comes from outside.
//!
//! It is read by position and never refused for a field that nobody needs. An address may be longer than the standard allows, a TLV longer
//! than the PDU, an id without its end.

use super::frame::{DATA_SM, Frame};
use tokio_util::bytes::Bytes;
use wellsent_text::phone::PhoneNumber;

pub(super) const USER_MESSAGE_REFERENCE: u16 = 0x0204;
pub(super) const SAR_REFERENCE: u16 = 0x020C;
pub(super) const SAR_TOTAL: u16 = 0x020E;
pub(super) const SAR_NUMBER: u16 = 0x020F;
pub(super) const MESSAGE_PAYLOAD: u16 = 0x0424;
pub(super) const NETWORK_ERROR_CODE: u16 = 0x0423;
pub(super) const MESSAGE_STATE: u16 = 0x0427;
pub(super) const RECEIPTED_MESSAGE_ID: u16 = 0x001E;

/// An address and how it is marked.
pub(super) struct Address {
    pub ton: u8,
    pub digits: String,
}

impl Address {
    /// The address as senders are named in the settings: numbers in international form with their plus, short codes and names as they are.
    pub fn as_sender(&self) -> String {
        let bare = self.digits.trim_start_matches('+');
        let number = bare.len() >= 10 && bare.bytes().all(|byte| byte.is_ascii_digit());
        match bare.len() {
            10 if number && self.ton != 1 => format!("+1{bare}"),
            _ if number => format!("+{bare}"),
            _ => self.digits.clone(),
        }
    }

    /// The phone, if it is one of the numbering plan that is texted.
    pub fn as_phone(&self) -> Option<PhoneNumber> {
        PhoneNumber::from_e164_exact(&self.as_sender()).ok()
    }
}

/// Where a part of a text belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// The reference and how it came: numbers of different kinds are not the same.
    pub reference: u16,
    pub kind: u8,
    pub total: u8,
    /// From 1.
    pub number: u8,
}

/// What arrived. No `Debug`: it is a number and a text.
pub(super) struct Delivery {
    pub source: Address,
    pub destination: Address,
    pub class: u8,
    pub coding: u8,
    /// The text without its header.
    pub octets: Bytes,
    pub place: Option<Place>,
    tlvs: Vec<(u16, Bytes)>,
}

impl Delivery {
    /// Reads a PDU; `None` if it ends before its text does.
    pub fn read(frame: &Frame) -> Option<Self> {
        let mut rest = frame.body.clone();
        c_string(&mut rest)?;
        let source = address(&mut rest)?;
        let destination = address(&mut rest)?;
        let class = octet(&mut rest)?;
        let (coding, mut octets);
        if frame.command == DATA_SM {
            octet(&mut rest)?;
            coding = octet(&mut rest)?;
            octets = Bytes::new();
        } else {
            octet(&mut rest)?;
            octet(&mut rest)?;
            c_string(&mut rest)?;
            c_string(&mut rest)?;
            octet(&mut rest)?;
            octet(&mut rest)?;
            coding = octet(&mut rest)?;
            octet(&mut rest)?;
            let length = usize::from(octet(&mut rest)?);
            octets = (length <= rest.len()).then(|| rest.split_to(length))?;
        }
        let tlvs = tlvs(rest);
        let find = |tag| tlvs.iter().find(|(found, _)| *found == tag).map(|(_, value)| value.clone());
        if let Some(payload) = find(MESSAGE_PAYLOAD).filter(|payload| !payload.is_empty()) {
            octets = payload;
        }
        let mut place = None;
        if class & 0x40 != 0 {
            (place, octets) = header(octets);
        }
        if place.is_none()
            && let (Some(reference), Some(total), Some(number)) = (find(SAR_REFERENCE), find(SAR_TOTAL), find(SAR_NUMBER))
            && let (Some(reference), Some(&total), Some(&number)) = (number_of(&reference), total.last(), number.last())
        {
            place = Place { reference, kind: 2, total, number }.checked();
        }
        Some(Self { source, destination, class, coding, octets, place, tlvs })
    }

    pub fn tlv(&self, tag: u16) -> Option<&[u8]> {
        self.tlvs.iter().find(|(found, _)| *found == tag).map(|(_, value)| &**value)
    }

    /// A TLV's text up to NUL or the end.
    pub fn tlv_text(&self, tag: u16) -> Option<&str> {
        let value = self.tlv(tag)?;
        let end = value.iter().position(|&octet| octet == 0).unwrap_or(value.len());
        std::str::from_utf8(value.get(..end)?).ok()
    }

    /// Everything that makes two arrivals the same text: who, to whom, what, which part, and every TLV, because a carrier may have put an
    /// identity into one of them.
    pub fn digest(&self) -> [u8; 32] {
        let mut bytes = Vec::with_capacity(self.octets.len() + 64);
        for field in [self.source.digits.as_bytes(), self.destination.digits.as_bytes(), &[self.coding], &self.octets] {
            bytes.extend_from_slice(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
            bytes.extend_from_slice(field);
        }
        if let Some(place) = self.place {
            bytes.extend_from_slice(&place.reference.to_be_bytes());
            bytes.extend_from_slice(&[place.kind, place.total, place.number]);
        }
        for (tag, value) in
            self.tlvs.iter().filter(|(tag, _)| *tag == USER_MESSAGE_REFERENCE || *tag == RECEIPTED_MESSAGE_ID || *tag >= 0x1400)
        {
            bytes.extend_from_slice(&tag.to_be_bytes());
            bytes.extend_from_slice(value);
        }
        crate::digest::sha256(&[b"smpp text\0", &bytes])
    }
}

impl Place {
    /// A place that a part can have; a text of one part has none.
    fn checked(self) -> Option<Self> {
        (self.total > 1 && (1..=self.total).contains(&self.number)).then_some(self)
    }
}

fn octet(rest: &mut Bytes) -> Option<u8> {
    (!rest.is_empty()).then(|| rest.split_to(1)[0])
}

/// A text up to NUL; what is not ASCII becomes a question mark, because no address has any.
fn c_string(rest: &mut Bytes) -> Option<String> {
    let end = rest.iter().position(|&octet| octet == 0)?;
    let text = rest.split_to(end);
    let _ = rest.split_to(1);
    Some(text.iter().map(|&octet| if octet.is_ascii_graphic() || octet == b' ' { char::from(octet) } else { '?' }).collect())
}

fn address(rest: &mut Bytes) -> Option<Address> {
    let ton = octet(rest)?;
    octet(rest)?;
    let digits = c_string(rest)?;
    Some(Address { ton, digits: digits.trim().chars().take(64).collect() })
}

/// The TLVs; what is cut off at the end is left out.
fn tlvs(mut rest: Bytes) -> Vec<(u16, Bytes)> {
    let mut tlvs = Vec::new();
    while let Some(&[t0, t1, l0, l1]) = rest.first_chunk() {
        let _ = rest.split_to(4);
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        if length > rest.len() || tlvs.len() == 64 {
            break;
        }
        tlvs.push((u16::from_be_bytes([t0, t1]), rest.split_to(length)));
    }
    tlvs
}

/// A number of one or two octets.
fn number_of(value: &[u8]) -> Option<u16> {
    match value {
        [low] => Some(u16::from(*low)),
        [high, low] => Some(u16::from_be_bytes([*high, *low])),
        _ => None,
    }
}

/// The place that a header gives, and the text after it. A header that does not fit is taken for text.
fn header(octets: Bytes) -> (Option<Place>, Bytes) {
    let Some(end) = octets.first().map(|&length| 1 + usize::from(length)).filter(|&end| end <= octets.len()) else {
        return (None, octets);
    };
    let (mut elements, mut place) = (&octets[1..end], None);
    while let [id, length, rest @ ..] = elements {
        let Some((value, next)) = rest.split_at_checked(usize::from(*length)) else { break };
        let found = match (id, value) {
            (0x00, &[reference, total, number]) => Place { reference: u16::from(reference), kind: 0, total, number }.checked(),
            (0x08, &[high, low, total, number]) => Place { reference: u16::from_be_bytes([high, low]), kind: 1, total, number }.checked(),
            _ => None,
        };
        place = place.or(found);
        elements = next;
    }
    (place, octets.slice(end..))
}

#[cfg(test)]
mod tests {
    use super::super::frame::DELIVER_SM;
    use super::*;
    use proptest::prelude::*;

    /// A `deliver_sm` by hand.
    fn delivery(class: u8, coding: u8, text: &[u8], tlvs: &[u8]) -> Option<Delivery> {
        let body = [
            b"\0\x01\x0112125550123\0\x01\x0112125550199\0".as_slice(),
            &[class, 0, 0, 0, 0, 0, 0, coding, 0, u8::try_from(text.len()).unwrap()],
            text,
            tlvs,
        ]
        .concat();
        Delivery::read(&Frame { command: DELIVER_SM, status: 0, sequence: 1, body: body.into() })
    }

    #[test]
    fn numbers_are_read_in_the_forms_that_carriers_write() {
        let phone = |ton, digits: &str| Address { ton, digits: digits.into() }.as_phone().map(|phone| phone.to_e164());
        for (ton, digits) in [(1, "12125550123"), (0, "12125550123"), (2, "2125550123"), (0, "2125550123"), (1, "+12125550123")] {
            assert_eq!(phone(ton, digits).as_deref(), Some("+12125550123"), "{ton} {digits}");
        }
        for (ton, digits) in [(5, "Clinic"), (3, "12345"), (1, "447700900123"), (0, ""), (1, "2125550123")] {
            assert_eq!(phone(ton, digits), None, "{ton} {digits}");
        }
        assert_eq!(Address { ton: 3, digits: "12345".into() }.as_sender(), "12345");
    }

    #[test]
    fn parts_are_placed_by_either_header_and_by_tlvs() {
        let place =
            |class, text: &[u8], tlvs: &[u8]| delivery(class, 0, text, tlvs).map(|delivery| (delivery.place, delivery.octets.to_vec()));
        let at = |reference, kind| Some(Place { reference, kind, total: 3, number: 2 });
        assert_eq!(place(0x40, b"\x05\0\x03\x07\x03\x02STOP", b""), Some((at(7, 0), b"STOP".to_vec())));
        assert_eq!(place(0x40, b"\x06\x08\x04\x01\x07\x03\x02STOP", b""), Some((at(0x107, 1), b"STOP".to_vec())));
        let sar = b"\x02\x0c\0\x02\x01\x07\x02\x0e\0\x01\x03\x02\x0f\0\x01\x02";
        assert_eq!(place(0, b"STOP", sar), Some((at(0x107, 2), b"STOP".to_vec())));
        assert_eq!(place(0x40, b"\x0a\x05\x04\0\0\0\0\x00\x03\x07\x03\x02STOP"[..].split_at(0).1, b"").map(|(place, _)| place), Some(None));
    }

    #[test]
    fn a_header_that_does_not_fit_or_a_place_that_cannot_be_is_no_reason_to_lose_the_text() {
        assert_eq!(delivery(0x40, 0, b"STOP", b"").unwrap().octets, b"STOP".as_slice());
        for header in [b"\x05\0\x03\x07\x00\x00", b"\x05\0\x03\x07\x02\x03", b"\x05\0\x03\x07\x01\x01", b"\x05\0\x09\x07\x01\x01"] {
            let read = delivery(0x40, 0, &[header.as_slice(), b"STOP"].concat(), b"").unwrap();
            assert_eq!((read.place, &*read.octets), (None, b"STOP".as_slice()));
        }
    }

    #[test]
    fn a_payload_goes_before_the_short_message_and_a_cut_tlv_is_left_out() {
        let read = delivery(0, 0, b"", b"\x04\x24\0\x04STOP\x04\x27\0\x63\x02").unwrap();
        assert_eq!(read.octets, b"STOP".as_slice());
        assert_eq!(read.tlv(MESSAGE_STATE), None);
        assert_eq!(delivery(0, 0, b"STOP", b"\x04\x24\0\0").unwrap().octets, b"STOP".as_slice());
    }

    proptest! {
        #[test]
        fn any_octets_are_read_or_refused(class: u8, data: bool, body in proptest::collection::vec(any::<u8>(), 0..400)) {
            let command = if data { DATA_SM } else { DELIVER_SM };
            let _ = Delivery::read(&Frame { command, status: 0, sequence: 1, body: body.into() });
            let _ = class;
        }

        #[test]
        fn any_octets_behind_good_addresses_are_read(class: u8, coding: u8, text in proptest::collection::vec(any::<u8>(), 0..255), rest in proptest::collection::vec(any::<u8>(), 0..100)) {
            let read = delivery(class, coding, &text, &rest).expect("nothing is refused");
            let _ = (read.digest(), read.source.as_phone(), read.tlv_text(RECEIPTED_MESSAGE_ID));
        }
    }
}
