//! Writes receipts as different message centres do.

use super::behaviour::{Dialect, Ids};
use rusmpp::pdus::DeliverSm;
use rusmpp::tlvs::MessageDeliveryRequestTlvValue as Tlv;
use rusmpp::types::{AnyOctetString, COctetString, OctetString};
use rusmpp::values::{EsmClass, MessagePayload, MessageState, Npi, Ton};
use std::str::FromStr;

/// A state that is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Enroute,
    Delivered,
    Undelivered,
}

impl State {
    const fn words(self) -> (&'static str, &'static str, u8) {
        match self {
            Self::Enroute => ("ENROUTE", "enroute", 1),
            Self::Delivered => ("DELIVRD", "Delivered", 2),
            Self::Undelivered => ("UNDELIV", "Undeliverable", 5),
        }
    }
}

/// A text's name.
pub(super) fn id(number: u64, ids: Ids) -> String {
    match ids {
        Ids::Hex => format!("{number:08X}"),
        Ids::Dec => number.to_string(),
        Ids::Opaque => format!("mc-{number:x}-{:x}", number.wrapping_mul(0x9E37_79B9)),
    }
}

/// A receipt from a phone about a text of ours. Addresses are digits.
pub(super) fn receipt(dialect: Dialect, id: &str, state: State, phone: &str, sender: &str) -> DeliverSm {
    let (short, spelt, number) = state.words();
    let good = u8::from(state == State::Delivered);
    let text = match dialect {
        Dialect::Standard | Dialect::Payload => format!(
            "id:{id} sub:001 dlvrd:00{good} submit date:2611241000 done date:2611241001 stat:{short} err:000 text:Your appointment is"
        ),
        Dialect::Loud => format!("ID: {id} SUB: 001 STAT: {spelt} ERR: 0"),
        Dialect::Short => format!("stat:{short} id:{id}"),
        Dialect::TextFirst => format!("sub:001 text:id:1 stat:REJECTD id:{id} dlvrd:00{good} stat:{short} err:000"),
        Dialect::Tlv => String::new(),
    };
    let class = if dialect == Dialect::Tlv { 0x00 } else { 0x04 };
    let mut pdu = deliver(phone, sender, class);
    match dialect {
        Dialect::Payload => pdu.push_tlv(Tlv::MessagePayload(MessagePayload::new(AnyOctetString::from_string(text)))),
        _ => pdu.set_short_message(OctetString::from_string(text).unwrap_or_else(|_| OctetString::empty())),
    }
    if matches!(dialect, Dialect::Tlv | Dialect::Payload)
        && let Ok(id) = COctetString::from_str(id)
    {
        pdu.push_tlv(Tlv::ReceiptedMessageId(id));
        pdu.push_tlv(Tlv::MessageState(MessageState::from(number)));
    }
    pdu
}

/// A `deliver_sm` from a phone to a sender. The codec's own default for the class is another one.
pub(super) fn deliver(phone: &str, sender: &str, class: u8) -> DeliverSm {
    let address = |digits: &str| COctetString::from_str(digits).unwrap_or_else(|_| COctetString::empty());
    let ton = |digits: &str| if digits.len() > 8 { Ton::International } else { Ton::NetworkSpecific };
    DeliverSm::builder()
        .source_addr_ton(ton(phone))
        .source_addr_npi(Npi::Isdn)
        .source_addr(address(phone))
        .dest_addr_ton(ton(sender))
        .dest_addr_npi(Npi::Isdn)
        .destination_addr(address(sender))
        .esm_class(EsmClass::from(class))
        .build()
}
