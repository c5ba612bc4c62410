//! Reads delivery receipts, in text and in TLVs, in the dialects that message centres speak (SMPP 3.4, appendix B, which is no more than an
//! example).

use super::alphabet;
use super::codes::{failure_of_network_error, state, status_of_word};
use super::delivery::{Delivery, MESSAGE_STATE, NETWORK_ERROR_CODE, RECEIPTED_MESSAGE_ID};
use super::frame::is_id;
use super::settings::{Coding0, ReceiptIds};
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};

/// What an arrival is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A person wrote it.
    Text,
    /// The message centre reports about a text of ours.
    Receipt,
}

/// Tells by the class and the TLVs, never by the words: anybody can text `id:1 stat:DELIVRD`. A class that claims an acknowledgement by the
/// phone is none, because none was asked for: some centres set those bits on every text.
pub(super) fn kind(delivery: &Delivery) -> Kind {
    let has = |tag| delivery.tlv(tag).is_some();
    if delivery.class & 0x24 != 0 || (has(RECEIPTED_MESSAGE_ID) && has(MESSAGE_STATE)) { Kind::Receipt } else { Kind::Text }
}

/// A receipt that was understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Receipt {
    /// The ids that it can mean, likeliest first, in the form that [`canonical`] gives.
    pub ids: Vec<String>,
    pub status: DeliveryStatus,
    pub failure: Option<Failure>,
}

/// Reads a receipt; `None` if it names no text or no state.
pub(super) fn read(delivery: &Delivery, alphabet: Coding0, dialect: ReceiptIds) -> Option<Receipt> {
    let text = alphabet::read(delivery.coding, &delivery.octets, alphabet);
    let (written_id, word) = (field(&text, "id:"), field(&text, "stat:"));
    let tlv_id = delivery.tlv_text(RECEIPTED_MESSAGE_ID).map(str::trim);
    let ids = match dialect {
        ReceiptIds::Same => [tlv_id.map(str::to_owned), written_id.map(str::to_owned)].to_vec(),
        _ => vec![
            written_id.and_then(|id| converted(id, dialect)),
            tlv_id.and_then(|id| converted(id, dialect)),
            // Some centres use the other base in the text alone.
            tlv_id.map(|id| canonical(id, dialect)),
            written_id.map(|id| canonical(id, dialect)),
        ],
    };
    let ids: Vec<String> = ids.into_iter().flatten().filter(|id| is_id(id)).collect();
    let by_tlv = delivery.tlv(MESSAGE_STATE).and_then(|value| value.first()).copied().filter(|value| *value <= 9).map(state);
    let (status, mut failure) = by_tlv.or_else(|| word.and_then(status_of_word))?;
    if failure == Some(Failure::Other)
        && let Some(&[network, high, low]) = delivery.tlv(NETWORK_ERROR_CODE)
    {
        failure = Some(failure_of_network_error(network, u16::from_be_bytes([high, low])));
    }
    (!ids.is_empty()).then_some(Receipt { ids, status, failure })
}

/// The value of a field, whatever the case and the order. The text of the message itself may say anything, so what stands before `text:` is
/// believed first, and of what stands after it the last.
fn field<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let lower = text.to_ascii_lowercase();
    let starts = |key: &str| -> Vec<usize> {
        let found = lower.match_indices(key).map(|(at, _)| at);
        found.filter(|&at| lower[..at].chars().next_back().is_none_or(|ch| ch.is_whitespace() || matches!(ch, ';' | ','))).collect()
    };
    let content = starts("text:").first().copied().unwrap_or(lower.len());
    let found = starts(key);
    let at = found.iter().find(|&&at| at < content).or(found.last())?;
    let behind = text.get(at + key.len()..)?;
    let value = behind.trim_start_matches(' ');
    let end = value.find(|ch: char| ch.is_whitespace() || matches!(ch, ';' | ',')).unwrap_or(value.len());
    // Behind a space the next field may begin: this one is empty.
    value.get(..end).filter(|found| !found.is_empty() && (value.len() == behind.len() || !found.contains(':')))
}

/// An id from an answer in the form in which it is compared and stored.
pub(super) fn canonical(id: &str, dialect: ReceiptIds) -> String {
    match dialect {
        ReceiptIds::Same => None,
        ReceiptIds::HexToDec => u128::from_str_radix(id, 16).ok().map(|number| format!("{number:x}")),
        ReceiptIds::DecToHex => id.parse::<u128>().ok().map(|number| number.to_string()),
    }
    .unwrap_or_else(|| id.to_owned())
}

/// An id from a receipt in the form of the answer.
fn converted(id: &str, dialect: ReceiptIds) -> Option<String> {
    match dialect {
        ReceiptIds::Same => Some(id.to_owned()),
        ReceiptIds::HexToDec => id.parse::<u128>().ok().map(|number| format!("{number:x}")),
        ReceiptIds::DecToHex => u128::from_str_radix(id, 16).ok().map(|number| number.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::{DELIVER_SM, Frame};
    use super::*;
    use proptest::prelude::*;

    fn delivery(class: u8, text: &str, tlvs: &[u8]) -> Delivery {
        let length = u8::try_from(text.len()).unwrap();
        let body =
            [b"\0\0\x0012125550123\0\0\x0012125550199\0".as_slice(), &[class, 0, 0, 0, 0, 0, 0, 0, 0, length], text.as_bytes(), tlvs]
                .concat();
        Delivery::read(&Frame { command: DELIVER_SM, status: 0, sequence: 1, body: body.into() }).unwrap()
    }

    fn read_text(text: &str) -> Option<(String, DeliveryStatus)> {
        read(&delivery(4, text, b""), Coding0::Gsm7, ReceiptIds::Same).map(|receipt| (receipt.ids[0].clone(), receipt.status))
    }

    #[test]
    fn the_dialects_of_receipts_say_the_same() {
        let delivered = Some(("0a1f-7".to_owned(), DeliveryStatus::Delivered));
        for text in [
            "id:0a1f-7 sub:001 dlvrd:001 submit date:2611241000 done date:2611241001 stat:DELIVRD err:000 text:Hello there",
            "id:0a1f-7 sub:001 dlvrd:001 submit date:261124100012 done date:261124100112 stat:DELIVRD err:000 Text:",
            "ID:0a1f-7 STAT:DELIVRD",
            "stat:delivrd id:0a1f-7",
            "id: 0a1f-7; stat: DELIVERED; err: 0",
            "err:000\nstat:DELIVRD\nid:0a1f-7\n",
            "sub:001 text:id:9 stat:UNDELIV id:0a1f-7 stat:DELIVRD",
            "id:0a1f-7 stat:DELIVRD text:id:9 stat:UNDELIV",
        ] {
            assert_eq!(read_text(text), delivered, "{text}");
        }
        for text in ["", "id:1", "stat:DELIVRD", "id:1 stat:PERHAPS", "msgid:1 stat:DELIVRD", "id: stat:DELIVRD"] {
            assert_eq!(read_text(text), None, "{text}");
        }
    }

    #[test]
    fn tlvs_alone_are_a_receipt_and_go_before_the_text() {
        let tlvs = b"\0\x1e\0\x03\x37\x37\0\x04\x27\0\x01\x02";
        let receipt = delivery(0, "", tlvs);
        assert_eq!(kind(&receipt), Kind::Receipt);
        let receipt = read(&receipt, Coding0::Gsm7, ReceiptIds::Same).unwrap();
        assert_eq!((receipt.ids, receipt.status), (vec!["77".to_owned()], DeliveryStatus::Delivered));
        let both = read(&delivery(4, "id:9 stat:UNDELIV", tlvs), Coding0::Gsm7, ReceiptIds::Same).unwrap();
        assert_eq!((both.ids[0].as_str(), both.status), ("77", DeliveryStatus::Delivered));
    }

    #[test]
    fn a_person_cannot_write_a_receipt() {
        assert_eq!(kind(&delivery(0, "id:1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:", b"")), Kind::Text);
        assert_eq!(kind(&delivery(0x40, "id:1 stat:DELIVRD", b"")), Kind::Text);
        assert_eq!(kind(&delivery(4, "", b"")), Kind::Receipt);
        assert_eq!(kind(&delivery(0x20, "", b"")), Kind::Receipt);
        assert_eq!(kind(&delivery(0x08, "STOP", b"")), Kind::Text);
        assert_eq!(kind(&delivery(0x10, "STOP", b"")), Kind::Text);
    }

    #[test]
    fn ids_in_another_base_are_those_of_the_answer() {
        let ids = |text: &str, dialect| read(&delivery(4, text, b""), Coding0::Gsm7, dialect).unwrap().ids[0].clone();
        assert_eq!(canonical("00A1F", ReceiptIds::HexToDec), "a1f");
        assert_eq!(ids("id:0000002591 stat:DELIVRD", ReceiptIds::HexToDec), "a1f");
        assert_eq!(canonical("0002591", ReceiptIds::DecToHex), "2591");
        assert_eq!(ids("id:A1F stat:DELIVRD", ReceiptIds::DecToHex), "2591");
        assert_eq!(canonical("not a number", ReceiptIds::DecToHex), "not a number");
    }

    #[test]
    fn a_reason_is_read_where_it_has_a_standard() {
        let absent = delivery(4, "id:1 stat:UNDELIV err:001", b"\x04\x23\0\x03\x03\0\x06");
        assert_eq!(read(&absent, Coding0::Gsm7, ReceiptIds::Same).unwrap().failure, Some(Failure::Unreachable));
        let theirs = delivery(4, "id:1 stat:UNDELIV err:006", b"");
        assert_eq!(read(&theirs, Coding0::Gsm7, ReceiptIds::Same).unwrap().failure, Some(Failure::Other));
    }

    proptest! {
        #[test]
        fn fields_are_found_in_any_order(
            id in "[0-9a-f]{1,32}",
            word in 0..8usize,
            order in Just(vec![0, 1, 2, 3, 4, 5, 6]).prop_shuffle(),
            upper: bool,
            text in "[a-z .!]{0,20}",
        ) {
            let word = ["DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD", "ENROUTE"][word];
            let fields = [
                format!("id:{id}"), "sub:001".into(), "dlvrd:001".into(), "submit date:2611241000".into(),
                format!("stat:{word}"), "err:000".into(), format!("text:{text}"),
            ];
            let mut receipt = order.iter().map(|&at| fields[at].clone()).collect::<Vec<_>>().join(" ");
            if upper {
                receipt = receipt.replace("id:", "ID:").replace("stat:", "Stat:");
            }
            prop_assert_eq!(read_text(&receipt), status_of_word(word).map(|(status, _)| (id, status)));
        }

        #[test]
        fn any_words_are_read_or_refused(text in "(id:|stat:|text:|[ -~é;]){0,40}") {
            let text: String = text.chars().take(100).collect();
            let _ = (field(&text, "id:"), field(&text, "stat:"));
        }
    }
}
