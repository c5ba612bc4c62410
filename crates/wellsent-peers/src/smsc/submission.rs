//! Reads submissions as a phone's network would.

use super::alphabet;
use super::behaviour::Coding0;
use rusmpp::pdus::SubmitSm;
use rusmpp::tlvs::TlvValue;

/// A part that was submitted.
#[derive(Clone)]
pub(super) struct Part {
    pub from: String,
    pub to: String,
    pub body: String,
    /// Kind of reference, reference, total.
    pub whole: (u8, u16, u8),
    /// From 1.
    pub number: u8,
}

impl Part {
    /// Its number, where the text has others.
    pub fn of_several(&self) -> Option<u8> {
        (self.whole.2 > 1).then_some(self.number)
    }
}

/// Reads a submission; the status that refuses it otherwise.
pub(super) fn read(pdu: &SubmitSm, coding_0: Coding0) -> Result<Part, u32> {
    let class = u8::from(pdu.esm_class);
    if class & 0x3C != 0 {
        // ESME_RINVESMCLASS: it calls itself a receipt or an acknowledgement.
        return Err(0x43);
    }
    if u8::from(pdu.registered_delivery) & 0x1C != 0 {
        return Err(0x07);
    }
    let to = pdu.destination_addr.as_str();
    if !(10..=15).contains(&to.len()) || !to.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(0x0B);
    }
    if pdu.source_addr.as_str().is_empty() {
        return Err(0x0A);
    }
    let (mut sar, mut payload) = ((None, None, None), None);
    for tlv in pdu.tlvs() {
        match tlv.value() {
            Some(TlvValue::SarMsgRefNum(value)) => sar.0 = Some(*value),
            Some(TlvValue::SarTotalSegments(value)) => sar.1 = Some(*value),
            Some(TlvValue::SarSegmentSeqnum(value)) => sar.2 = Some(*value),
            Some(TlvValue::MessagePayload(value)) => payload = Some(value.value.as_ref().to_vec()),
            _ => {}
        }
    }
    let short = pdu.short_message().as_ref().to_vec();
    if payload.is_some() && !short.is_empty() {
        // ESME_RINVMSGLEN: one of the two.
        return Err(0x01);
    }
    let whole_in_payload = payload.is_some();
    let mut octets = payload.unwrap_or(short);
    let (mut whole, mut number) = ((0, 0, 1), 1);
    if class & 0x40 != 0 {
        let header = usize::from(*octets.first().ok_or(0x01u32)?) + 1;
        match octets.get(1..header).ok_or(0x01u32)? {
            [0, 3, reference, total, part] => (whole, number) = ((1, u16::from(*reference), *total), *part),
            [8, 4, high, low, total, part] => (whole, number) = ((2, u16::from_be_bytes([*high, *low]), *total), *part),
            _ => return Err(0x43),
        }
        octets.drain(..header);
    } else if let (Some(reference), Some(total), Some(part)) = sar {
        (whole, number) = ((3, reference, total), part);
    }
    if number == 0 || number > whole.2 {
        return Err(0x43);
    }
    let coding = u8::from(pdu.data_coding);
    let limit = match (whole.2 > 1, coding) {
        (false, 8) => 140,
        (true, 8) => 134,
        (false, _) => 160,
        (true, _) => 153,
    };
    if !whole_in_payload && octets.len() > limit {
        return Err(0x01);
    }
    let body = alphabet::read(coding, &octets, coding_0);
    Ok(Part { from: pdu.source_addr.as_str().to_owned(), to: to.to_owned(), body, whole, number })
}
