//! The peer itself: octet by octet where it matters.

use super::alphabet::{read, write};
use super::dialect::{State, receipt};
use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

async fn exchange(stream: &mut TcpStream, octets: &[u8]) -> Vec<u8> {
    stream.write_all(octets).await.unwrap();
    let length = stream.read_u32().await.unwrap();
    let mut answer = vec![0; length as usize - 4];
    stream.read_exact(&mut answer).await.unwrap();
    answer
}

const BIND: &[u8] = b"\0\0\0\x27\0\0\0\x09\0\0\0\0\0\0\0\x01wellsent\0secret08\0\0\x34\0\0\0";

#[tokio::test]
async fn a_text_that_is_written_by_hand_reaches_its_phone() {
    let smsc = Smsc::start(Behaviour::default(), None).await.unwrap();
    let mut stream = TcpStream::connect(smsc.at()).await.unwrap();
    assert_eq!(&exchange(&mut stream, BIND).await[..12], b"\x80\0\0\x09\0\0\0\0\0\0\0\x01");
    let mut submit =
        b"\0\0\0\0\0\0\0\x04\0\0\0\0\0\0\0\x02\0\x01\x0112125550199\0\x01\x0112125550123\0\0\0\0\0\0\x01\0\0\0\x05Hello".to_vec();
    submit[3] = u8::try_from(submit.len()).unwrap();
    let answer = exchange(&mut stream, &submit).await;
    assert_eq!(&answer[..12], b"\x80\0\0\x04\0\0\0\0\0\0\0\x02");
    assert_eq!(&answer[12..], b"000A1001\0");
    // The receipt.
    let length = stream.read_u32().await.unwrap();
    let mut receipt = vec![0; length as usize - 4];
    stream.read_exact(&mut receipt).await.unwrap();
    assert_eq!(receipt[3], 5);
    assert!(String::from_utf8_lossy(&receipt).contains("id:000A1001 sub:001 dlvrd:001"));
    assert_eq!(smsc.got("12125550123"), [Got { from: "12125550199".into(), body: "Hello".into() }]);
    assert_eq!(smsc.stats().waiting, 1, "the receipt is not acknowledged");
}

#[tokio::test]
async fn a_wrong_password_is_refused() {
    let smsc = Smsc::start(Behaviour { password: "other".into(), ..Behaviour::default() }, None).await.unwrap();
    let mut stream = TcpStream::connect(smsc.at()).await.unwrap();
    assert_eq!(&exchange(&mut stream, BIND).await[..12], b"\x80\0\0\x09\0\0\0\x0e\0\0\0\x01");
    assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0);
}

#[test]
fn texts_of_phones_read_back() {
    let long = "a€".repeat(120);
    for text in ["", "Hi @ €[]", "¿Mañana?", "sí 😀", long.as_str()] {
        for coding_0 in [Coding0::Gsm7, Coding0::Latin1, Coding0::Ascii] {
            let (coding, parts) = write(text, coding_0);
            assert_eq!(parts.iter().map(|part| read(coding, part, coding_0)).collect::<String>(), text);
        }
    }
    assert_eq!(write(&long, Coding0::Gsm7).1.len(), 3);
}

#[test]
fn a_receipt_of_tlvs_has_the_class_of_a_text() {
    let pdu = receipt(Dialect::Tlv, "7", State::Delivered, "12125550123", "12345");
    assert_eq!((u8::from(pdu.esm_class), pdu.tlvs().len(), pdu.sm_length()), (0, 2, 0));
}

#[test]
fn a_document_with_one_setting_leaves_the_rest_at_its_default() {
    let behaviour: Behaviour = serde_json::from_str(r#"{"receipts":{"dialect":"tlv"},"numbers":{"12125550123":{"refuse":11}}}"#).unwrap();
    assert_eq!(behaviour.receipts.dialect, Dialect::Tlv);
    assert_eq!(behaviour.numbers["12125550123"], Quirk::Refuse(11));
    assert!(serde_json::from_str::<Behaviour>(r#"{"lose":1}"#).is_err());
}

#[tokio::test]
async fn a_centre_of_its_own_is_asked_over_http_and_writes_its_journal() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal.jsonl");
    let (smpp, http) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let (line, port) = (smpp.local_addr().unwrap(), http.local_addr().unwrap());
    let file = journal.clone();
    tokio::spawn(async move { run(smpp, http, Behaviour::default(), Some(&file)).await });
    let ask = async |method: &str, path: &str, json: &str| {
        let mut stream = TcpStream::connect(port).await.unwrap();
        let length = json.len();
        let head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n");
        stream.write_all(format!("{head}content-length: {length}\r\n\r\n{json}").as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let behaviour = serde_json::to_string(&Behaviour { refuse_bind: Some(13), ..Behaviour::default() }).unwrap();
    assert!(ask("PUT", "/behaviour", &behaviour).await.starts_with("HTTP/1.1 204"));
    let mut stream = TcpStream::connect(line).await.unwrap();
    assert_eq!(exchange(&mut stream, BIND).await[7], 13);
    let text = ask("POST", "/phones/12125550123/texts", r#"{"to":"12125550199","body":"STOP"}"#).await;
    assert!(text.starts_with("HTTP/1.1 201"));
    let stats = ask("GET", "/stats", "").await;
    let stats: Stats = serde_json::from_str(stats.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!((stats.texts, stats.waiting, stats.at_rest()), (1, 1, false));
    let kept = std::fs::read_to_string(&journal).unwrap();
    assert!(ask("GET", "/journal?after=0", "").await.ends_with(&kept));
    assert!(kept.contains(r#""kind":"bind_refused""#) && kept.contains(r#""kind":"text""#) && kept.lines().count() == 2);
}
