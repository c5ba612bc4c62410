//! The message centre of the npm package `smpp`, which knows nothing of us: both directions, with receipts, in the clear and encrypted.

use crate::peers::{has, missing, node_modules};
use crate::released::{PHONE, SENDER, SENDER_DIGITS};
use crate::world::{Line, eventually, settings};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use wellsent_carrier::smpp::{Bind, Coding0, LongTexts, Protection, ReceiptIds, Roots, Settings};
use wellsent_carrier::{NotSubmittedCause, Outcome};
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};

/// The centre as a process. It says on its output what it was given, and takes phones' texts on its input.
struct Centre {
    _child: Child,
    input: ChildStdin,
    at: SocketAddr,
    said: Arc<Mutex<Vec<Value>>>,
}

impl Centre {
    async fn start(options: Value) -> Option<Self> {
        let Some(modules) = node_modules() else {
            missing("the npm package smpp (set WELLSENT_NODE_MODULES to the folder that it is in)");
            return None;
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/smpp/centre.js");
        let mut child = Command::new("node")
            .arg(script)
            .arg(options.to_string())
            .env("NODE_PATH", modules)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node starts");
        let input = child.stdin.take().expect("an input");
        let mut lines = BufReader::new(child.stdout.take().expect("an output")).lines();
        let first = lines.next_line().await.expect("a line").expect("a line");
        let port = serde_json::from_str::<Value>(&first).expect("JSON")["port"].as_u64().expect("a port");
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&said);
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                heard.lock().expect("no panic").push(serde_json::from_str(&line).expect("JSON"));
            }
        });
        let at = SocketAddr::from(([127, 0, 0, 1], u16::try_from(port).expect("a port")));
        Some(Self { _child: child, input, at, said })
    }

    async fn ask(&mut self, what: Value) {
        self.input.write_all(format!("{what}\n").as_bytes()).await.expect("node listens");
    }

    /// What was said under a name.
    fn said(&self, name: &str) -> Vec<Value> {
        self.said.lock().expect("no panic").iter().filter_map(|line| line.get(name).cloned()).collect()
    }
}

#[tokio::test]
async fn a_centre_of_others_takes_texts_reports_them_and_sends_replies() {
    let validity_s = crate::released::text(PHONE, "Hello").valid_until().duration_since(crate::released::now()).as_secs();
    for (long_texts, bind) in [(LongTexts::Udh, Bind::Transceiver), (LongTexts::Sar, Bind::Pair), (LongTexts::Payload, Bind::Transceiver)] {
        let Some(mut centre) = Centre::start(json!({})).await else { return };
        let line = Line::new(Settings { long_texts, bind, ..settings(centre.at) });
        let long = "Please bring your card, José [and €20]. ".repeat(8);
        let texts = ["Hello José ¿sí? @ €".to_owned(), "Su cita está confirmada 😀".to_owned(), long, "está ".repeat(40)];
        let mut parts = 0;
        for text in &texts {
            let (id, count) = line.accepted(PHONE, text).await;
            parts += count;
            eventually("it is delivered", || line.sink.status(&id) == Some(DeliveryStatus::Delivered)).await;
        }
        assert_eq!(parts, 1 + 1 + 3 + 3);
        let taken = centre.said("taken");
        let text: String = taken.iter().map(|taken| taken["text"].as_str().expect("a text")).collect();
        assert_eq!(text, texts.concat());
        for taken in &taken {
            assert_eq!((&taken["to"], &taken["from"]), (&json!(PHONE), &json!(SENDER_DIGITS)));
            assert_eq!((&taken["registered_delivery"], &taken["source_ton"], &taken["dest_ton"]), (&json!(1), &json!(1), &json!(1)));
            assert_eq!(taken["validity_s"].as_i64(), Some(validity_s), "{taken}");
        }
        let binds = centre.said("bind");
        assert!(binds.iter().all(|bind| bind["interface_version"] == json!(0x34)), "{binds:?}");

        for text in ["STOP".to_owned(), "¿Mañana? sí 😀".to_owned(), "I will come on Monday. ".repeat(12)] {
            let before = line.sink.replies().len();
            centre.ask(json!({ "text": { "from": PHONE, "to": SENDER_DIGITS, "body": text } })).await;
            eventually("it is stored", || line.sink.replies().len() > before).await;
            let reply = line.sink.replies().pop().expect("a reply");
            assert_eq!((reply.from.as_str(), reply.to.as_str(), reply.body), ("+12125550123", SENDER, text));
        }
        eventually("all is acknowledged", || centre.said("acknowledged").len() == 1 + 1 + 2 + parts_of(&taken)).await;
        assert!(centre.said("acknowledged").iter().all(|status| *status == json!(0)));
    }
}

/// Receipts that the centre sent: one for each submission.
fn parts_of(taken: &[Value]) -> usize {
    taken.len()
}

#[tokio::test]
async fn a_centre_of_others_refuses_throttles_and_cuts() {
    let Some(mut centre) = Centre::start(json!({ "decimal_receipts": true })).await else { return };
    let line = Line::new(Settings { receipt_ids: ReceiptIds::HexToDec, ..settings(centre.at) });
    let rejected = Outcome::Rejected { failure: Failure::InvalidNumber, code: Some(0x0B) };
    assert_eq!(line.submit("12125550111", "Hello").await, rejected);
    let throttled = Outcome::NotSubmitted { cause: NotSubmittedCause::Throttled, retry_after: None };
    assert_eq!(line.submit("12125550158", "Hello").await, throttled);
    assert!(matches!(line.submit("12125550199", "Hello").await, Outcome::Unknown { .. }), "it cuts the line after taking it");
    let (id, _) = line.accepted(PHONE, "Hello").await;
    eventually("it is delivered under an id in another base", || line.sink.status(&id) == Some(DeliveryStatus::Delivered)).await;
    // What is not stored is sent again by this centre when it is put off.
    line.sink.refuse.store(1, std::sync::atomic::Ordering::SeqCst);
    centre.ask(json!({ "text": { "from": PHONE, "to": SENDER_DIGITS, "body": "STOP" } })).await;
    eventually("it is stored", || line.sink.bodies() == ["STOP"]).await;
    assert_eq!(centre.said("taken").len(), 2, "the one that was cut off, and the last");
}

#[tokio::test]
async fn a_wrong_password_is_refused_by_a_centre_of_others() {
    let Some(centre) = Centre::start(json!({ "password": "another" })).await else { return };
    let line = Line::new(settings(centre.at));
    let refused = Outcome::NotSubmitted { cause: NotSubmittedCause::AccountRefused, retry_after: None };
    assert_eq!(line.submit(PHONE, "Hello").await, refused);
}

#[tokio::test]
async fn an_encrypted_line_is_for_the_right_certificate_only() {
    if !has("openssl", "version") {
        return missing("openssl");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let make = |key: &str, certificate: &str, name: &str| {
        let name = format!("subjectAltName={name}");
        let arguments = [
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=centre",
            "-addext",
            &name,
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-keyout",
            key,
            "-out",
            certificate,
        ];
        let made = std::process::Command::new("openssl").args(arguments).stderr(Stdio::null()).status().expect("openssl runs");
        assert!(made.success());
    };
    make(&path("key.pem"), &path("good.pem"), "IP:127.0.0.1");
    make(&path("other-key.pem"), &path("other.pem"), "IP:127.0.0.1");
    let options = json!({ "key": path("key.pem"), "cert": path("good.pem") });
    let Some(centre) = Centre::start(options).await else { return };
    let with = |roots: &str| Settings {
        protection: Protection::Tls(Roots::File(path(roots).into())),
        deadline: std::time::Duration::from_secs(2),
        coding_0: Coding0::Gsm7,
        ..settings(centre.at)
    };
    let line = Line::new(with("good.pem"));
    let (id, _) = line.accepted(PHONE, "Hello").await;
    eventually("it is delivered", || line.sink.status(&id) == Some(DeliveryStatus::Delivered)).await;
    let stranger = Line::new(with("other.pem"));
    let none = Outcome::NotSubmitted { cause: NotSubmittedCause::NoConnection, retry_after: None };
    assert_eq!(stranger.submit(PHONE, "Hello").await, none);
    let platform = Line::new(Settings { protection: Protection::Tls(Roots::Platform), ..with("good.pem") });
    assert_eq!(platform.submit(PHONE, "Hello").await, none);
    assert_eq!(centre.said("taken").len(), 1);
}
