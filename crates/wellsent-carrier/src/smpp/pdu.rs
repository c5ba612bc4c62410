//! The PDUs that we send, written by the codec.

use super::settings::{Numbering, Settings};
use rusmpp::pdus::{BindReceiver, BindTransceiver, BindTransmitter, DataSmResp, DeliverSmResp, SubmitSm};
use rusmpp::tlvs::MessageSubmissionRequestTlvValue as Tlv;
use rusmpp::tokio_codec::CommandCodec;
use rusmpp::types::{AnyOctetString, COctetString, EmptyOrFullCOctetString, OctetString};
use rusmpp::values::{DataCoding, EsmClass, InterfaceVersion, MessagePayload, Npi, RegisteredDelivery, ServiceType, Ton};
use rusmpp::{Command, CommandStatus, Pdu};
use std::str::FromStr;
use tokio_util::bytes::{Bytes, BytesMut};
use tokio_util::codec::Encoder;

/// What one session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Transceiver,
    Transmitter,
    Receiver,
}

impl Role {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transceiver => "transceiver",
            Self::Transmitter => "transmitter",
            Self::Receiver => "receiver",
        }
    }
}

fn encode(sequence: u32, status: u32, pdu: impl Into<Pdu>) -> Bytes {
    let mut octets = BytesMut::new();
    // The codec writes to memory, which does not fail; no octets would end the session by a missing answer.
    let _ = CommandCodec::new().encode(Command::new(CommandStatus::from(status), sequence, pdu), &mut octets);
    octets.freeze()
}

fn c<const MAX: usize>(text: &str) -> Option<COctetString<1, MAX>> {
    COctetString::from_str(text).ok()
}

/// A bind in the version that is spoken here; the codec's own default is 5.0.
pub(super) fn bind(role: Role, settings: &Settings, sequence: u32) -> Option<Bytes> {
    let (system_id, password, system_type) = (c(&settings.system_id)?, c(&settings.password.0)?, c(&settings.system_type)?);
    let version = InterfaceVersion::Smpp3_4;
    macro_rules! bind {
        ($pdu:ident) => {
            $pdu::builder().system_id(system_id).password(password).system_type(system_type).interface_version(version).build()
        };
    }
    Some(match role {
        Role::Transceiver => encode(sequence, 0, bind!(BindTransceiver)),
        Role::Transmitter => encode(sequence, 0, bind!(BindTransmitter)),
        Role::Receiver => encode(sequence, 0, bind!(BindReceiver)),
    })
}

/// How a part of a text is joined to the others.
pub(super) enum Join {
    Alone,
    Udh { reference: u8, total: u8, number: u8 },
    Sar { reference: u16, total: u8, number: u8 },
    Payload,
}

/// One submission. No `Debug`: it is a number and a text.
pub(super) struct Submission<'a> {
    pub from: &'a str,
    pub to: &'a str,
    pub validity_s: u32,
    pub coding: u8,
    pub octets: &'a [u8],
    pub join: Join,
}

/// A submission as a PDU, but for its sequence number. `None` if something does not fit into its field.
pub(super) fn submit(submission: &Submission<'_>, settings: &Settings) -> Option<SubmitSm> {
    let (from, source) = source(submission.from, settings.source);
    let mut octets = Vec::with_capacity(submission.octets.len() + 6);
    if let Join::Udh { reference, total, number } = submission.join {
        octets.extend([5, 0, 3, reference, total, number]);
    }
    octets.extend_from_slice(submission.octets);
    // The codec's defaults for class and receipts mean something else: both are written out.
    let class = if matches!(submission.join, Join::Udh { .. }) { 0x40 } else { 0x00 };
    let mut pdu = SubmitSm::builder()
        .service_type(ServiceType::new(c(&settings.service_type)?))
        .source_addr_ton(Ton::from(source.ton))
        .source_addr_npi(Npi::from(source.npi))
        .source_addr(c(from)?)
        .dest_addr_ton(Ton::from(settings.destination.ton))
        .dest_addr_npi(Npi::from(settings.destination.npi))
        .destination_addr(c(submission.to.trim_start_matches('+'))?)
        .esm_class(EsmClass::from(class))
        .validity_period(EmptyOrFullCOctetString::from_str(&validity(submission.validity_s)).ok()?)
        .registered_delivery(RegisteredDelivery::from(1))
        .data_coding(DataCoding::from(submission.coding))
        .build();
    match submission.join {
        Join::Payload => pdu.push_tlv(Tlv::MessagePayload(MessagePayload::new(AnyOctetString::from_vec(octets)))),
        _ => pdu.set_short_message(OctetString::from_vec(octets).ok()?),
    }
    if let Join::Sar { reference, total, number } = submission.join {
        pdu.push_tlv(Tlv::SarMsgRefNum(reference));
        pdu.push_tlv(Tlv::SarTotalSegments(total));
        pdu.push_tlv(Tlv::SarSegmentSeqnum(number));
    }
    Some(pdu)
}

/// Our address as it is written and marked: an international number without its plus, a short code, or a name.
fn source(address: &str, marked: Option<Numbering>) -> (&str, Numbering) {
    let (address, usual) = match address.strip_prefix('+') {
        Some(digits) => (digits, Numbering { ton: 1, npi: 1 }),
        None if address.bytes().all(|byte| byte.is_ascii_digit()) => (address, Numbering { ton: 3, npi: 0 }),
        None => (address, Numbering { ton: 5, npi: 0 }),
    };
    (address, marked.unwrap_or(usual))
}

/// A validity in the relative form, `YYMMDDhhmmsstnnR`.
fn validity(seconds: u32) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    format!("0000{:02}{:02}{:02}{:02}000R", days.min(99), rest / 3600, rest % 3600 / 60, rest % 60)
}

pub(super) fn submission(sequence: u32, pdu: SubmitSm) -> Bytes {
    encode(sequence, 0, pdu)
}

pub(super) fn enquire_link(sequence: u32) -> Bytes {
    encode(sequence, 0, Pdu::EnquireLink)
}

pub(super) fn enquire_link_resp(sequence: u32) -> Bytes {
    encode(sequence, 0, Pdu::EnquireLinkResp)
}

pub(super) fn unbind_resp(sequence: u32) -> Bytes {
    encode(sequence, 0, Pdu::UnbindResp)
}

pub(super) fn generic_nack(sequence: u32, status: u32) -> Bytes {
    encode(sequence, status, Pdu::GenericNack)
}

/// The answer to a `deliver_sm` or a `data_sm`.
pub(super) fn taken(command: u32, sequence: u32, status: u32) -> Bytes {
    if command == super::frame::DATA_SM {
        encode(sequence, status, DataSmResp::default())
    } else {
        encode(sequence, status, DeliverSmResp::default())
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::{Password, Protection};
    use super::*;
    use std::sync::Arc;

    fn settings() -> Settings {
        Settings::new(
            "smpp",
            "127.0.0.1",
            2775,
            Protection::Loopback,
            "wellsent",
            Password::new("secret08"),
            Arc::new(|| jiff::Timestamp::UNIX_EPOCH),
        )
    }

    #[test]
    fn a_bind_speaks_version_3_4() {
        let octets = bind(Role::Transceiver, &settings(), 7).unwrap();
        assert_eq!(&octets[..16], [0, 0, 0, 39, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 7]);
        assert_eq!(&octets[16..], b"wellsent\0secret08\0\0\x34\0\0\0");
    }

    #[test]
    fn a_submission_is_octet_for_octet_what_the_standard_says() {
        let submission = Submission {
            from: "+12125550199",
            to: "+12125550123",
            validity_s: 93_784,
            coding: 0,
            octets: b"Hello",
            join: Join::Udh { reference: 0xA7, total: 2, number: 1 },
        };
        let octets = super::submission(9, submit(&submission, &settings()).unwrap());
        let expected = [
            b"\0\x01\x0112125550199\0\x01\x0112125550123\0".as_slice(),
            // Class with header, protocol, priority, no schedule.
            b"\x40\0\0\0",
            b"000001020304000R\0",
            // Receipt wanted, no replacement, coding 0, no stored text, eleven octets.
            b"\x01\0\0\0\x0b\x05\0\x03\xa7\x02\x01Hello",
        ]
        .concat();
        assert_eq!(&octets[16..], expected);
        assert_eq!(&octets[4..16], [0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 9]);
    }

    #[test]
    fn short_codes_and_names_are_marked_as_such() {
        assert_eq!(source("12345", None), ("12345", Numbering { ton: 3, npi: 0 }));
        assert_eq!(source("Clinic", None), ("Clinic", Numbering { ton: 5, npi: 0 }));
        assert_eq!(source("+12125550199", Some(Numbering { ton: 2, npi: 8 })), ("12125550199", Numbering { ton: 2, npi: 8 }));
    }

    #[test]
    fn a_long_payload_goes_into_its_tlv() {
        let text = vec![b'a'; 400];
        let submission = Submission { from: "12345", to: "+12125550123", validity_s: 60, coding: 0, octets: &text, join: Join::Payload };
        let octets = super::submission(1, submit(&submission, &settings()).unwrap());
        let tlv = [&[0x04, 0x24, 0x01, 0x90], text.as_slice()].concat();
        assert!(octets.ends_with(&tlv));
        assert_eq!(octets[octets.len() - tlv.len() - 1], 0, "short_message is empty");
    }
}
