//! Nothing about a patient leaves but words and number, in their places (P6).
//!
//! A busy day is played with every carrier, through the adapters as the server makes them, with number lookup and an application; a wire in
//! front of each of them remembers every byte. Then each request and PDU is taken apart: what stands where words and number belong, and the
//! rest, in which no canary may be found in any spelling. The logs of the day and its metrics are looked through too. What TLS shows of a line
//! besides is the name of the host, which stands in the settings. Not on a wire are two requests to AWS, whose addresses AWS itself names:
//! the certificate, and the confirmation of a subscription.

mod day;
mod left;
mod peers;
mod planted;
mod tap;

use day::{Day, Practice};
use futures_util::future::BoxFuture;
use left::{Left, Whom, http, smpp};
use peers::{KINDS, Kind, Peers};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use wellsent_carrier::{
    Acknowledgement, Callback, CallbackError, CallbackKind, Carrier, Event, LogEntry, LookupError, LookupQuery, Outcome, Traits,
};
use wellsent_domain::gate::Released;
use wellsent_testkit::canary::{Canary, LogBuffer, Scanner};

fn scanner(practices: &[Practice]) -> Scanner {
    let canaries: Vec<Canary> =
        practices.iter().flat_map(|practice| &practice.patients).flat_map(|(patient, ..)| patient.canaries()).collect();
    Scanner::new(canaries)
}

/// Everything that left, taken apart.
fn left(day: &Day) -> Vec<Left> {
    let peers = &day.peers;
    let mut left = Vec::new();
    for (whom, wire) in [
        (Whom::Twilio, &peers.twilio_wire),
        (Whom::Lookup, &peers.lookup_wire),
        (Whom::Telnyx, &peers.telnyx_wire),
        (Whom::Aws, &peers.aws_wire),
        (Whom::Application, &day.application_wire),
    ] {
        left.extend(wire.there().iter().flat_map(|line| http(whom, line)));
    }
    left.extend(peers.smpp_wire.there().iter().flat_map(|line| smpp(line)));
    left
}

/// What stands where it does not belong.
fn misplaced(scanner: &Scanner, left: &[Left]) -> BTreeSet<String> {
    left.iter()
        .flat_map(|left| scanner.scan(&left.what, &left.rest))
        .map(|hit| format!("{} in {} in {}", hit.what, hit.spelling, hit.place))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_and_numbers_leave_in_their_places_and_nothing_else_about_anybody_does() {
    let log = LogBuffer::listen();
    let metrics = wellsent::metrics::install().expect("metrics");
    let day = Day::play(&KINDS, Some(metrics), |carrier, _| carrier).await;
    let scanner = scanner(&day.practices);
    let left = left(&day);
    let found = misplaced(&scanner, &left);
    assert!(found.is_empty(), "{} in the wrong place: {found:#?}", found.len());

    // They went, and through these wires.
    let mut by: BTreeMap<(Whom, &str), (usize, usize)> = BTreeMap::new();
    for left in &left {
        let (requests, canaries) = by.entry((left.whom, left.what.as_str())).or_default();
        (*requests, *canaries) = (*requests + 1, *canaries + scanner.scan("", &left.belongs).len());
    }
    println!("requests, and canaries in their places: {by:?}");
    let in_place = |whom: Whom, what: &str| by.get(&(whom, what)).map_or(0, |(_, canaries)| *canaries);
    for (whom, what, least) in [
        (Whom::Twilio, "POST Messages.json", 7),
        (Whom::Twilio, "GET Messages.json", 1),
        (Whom::Lookup, "GET ", 5),
        (Whom::Telnyx, "POST messages", 7),
        (Whom::Telnyx, "GET detail_records", 1),
        (Whom::Aws, "POST ", 7),
        (Whom::Smpp, "submit_sm", 7),
        (Whom::Application, "POST in", 8),
        (Whom::Application, "POST status", 4),
    ] {
        assert!(in_place(whom, what) >= least, "{whom:?} {what}: {} canaries", in_place(whom, what));
    }
    let forgotten = left.iter().filter(|left| left.whom == Whom::Twilio && left.what.starts_with("DELETE ")).count();
    assert!(forgotten > 0, "Twilio was asked to forget");

    // What callbacks were answered, what the API answered to the application apart.
    let answered: Vec<_> = day.hooks_wire.there().into_iter().zip(day.hooks_wire.back()).collect();
    let to_carriers: Vec<_> = answered.iter().filter(|(asked, _)| asked.starts_with(b"POST /hooks/")).collect();
    assert!(to_carriers.len() > 40, "{} callbacks", to_carriers.len());
    for (_, answer) in to_carriers {
        assert_eq!(scanner.scan("an answer to a callback", answer), BTreeSet::new());
    }

    // Logs at every level, and the metrics.
    let logged = log.bytes();
    assert!(logged.len() > 10_000 && String::from_utf8_lossy(&logged).contains("DEBUG"), "{} bytes of log", logged.len());
    assert_eq!(scanner.scan("the log", &logged), BTreeSet::new());
    assert!(day.metrics.contains("wellsent_smpp_bound") && day.metrics.contains("wellsent_db_commits_total"), "{}", day.metrics);
    assert_eq!(scanner.scan("the metrics", day.metrics.as_bytes()), BTreeSet::new());
    println!("{:?} canaries and spellings, {} bytes of log, {} of metrics", scanner.size(), logged.len(), day.metrics.len());

    control(&scanner, &day);
}

/// The control: the same bytes with a number or a word slipped into a header, a tag, an address or a field, one at a time.
fn control(scanner: &Scanner, day: &Day) {
    let number = &day.practices[0].patients[0].0.number;
    let national = &number[2..];
    let text = |line: &[u8]| String::from_utf8(line.to_vec()).expect("text");
    let peers = &day.peers;
    let mut tried = 0;
    for (whom, wire) in [
        (Whom::Twilio, &peers.twilio_wire),
        (Whom::Lookup, &peers.lookup_wire),
        (Whom::Telnyx, &peers.telnyx_wire),
        (Whom::Aws, &peers.aws_wire),
        (Whom::Application, &day.application_wire),
    ] {
        for line in wire.there() {
            let line = text(&line);
            // A line that was opened and not used.
            let Some(head) = line.find("\r\n") else { continue };
            let leaks = [
                format!("{}\r\nx-recipient: {national}{}", &line[..head], &line[head..]),
                line.replacen(" HTTP/1.1", &format!("?ref=%2B1{national} HTTP/1.1"), 1),
                line.replacen("user-agent: ", &format!("user-agent: {national} "), 1),
            ];
            for leak in leaks.iter().filter(|leak| **leak != line) {
                assert!(!misplaced(scanner, &http(whom, leak.as_bytes())).is_empty(), "a leak to {whom:?} goes unseen");
                tried += 1;
            }
            // A tag of the same length in place of a value that says nothing keeps the length of the body.
            for (value, tag) in
                [("\"type\":\"SMS\"", "\"t\":\""), ("\"MessageType\":\"TRANSACTIONAL\"", "\"Tag\":\""), ("ValidityPeriod=", "Tag=")]
            {
                let Some(at) = line.find(value) else { continue };
                let mut leak = line.clone();
                let word = &day.practices[0].patients[0].0.symptom;
                let with = format!("{tag}{word}{}", if tag.ends_with('"') { "\"" } else { "&" });
                leak.insert_str(at, &if tag.ends_with('"') { format!("{with},") } else { with });
                let leak = lengthened(&line, &leak);
                assert!(!misplaced(scanner, &http(whom, leak.as_bytes())).is_empty(), "a tag to {whom:?} goes unseen");
                tried += 1;
            }
        }
    }
    for line in peers.smpp_wire.there() {
        for pdu in smpp(&line).iter().filter(|left| left.what == "submit_sm") {
            let mut leak = pdu.clone();
            leak.rest.extend_from_slice(national.as_bytes());
            assert!(!misplaced(scanner, &[leak]).is_empty());
        }
        let mut leak = line.clone();
        // The first submission, with a TLV of a carrier's own that says the number.
        let Some((at, length)) = first_submission(&line) else { continue };
        let tlv = [&[0x14, 0x01, 0, 10], national.as_bytes()].concat();
        leak.splice(at + length..at + length, tlv.iter().copied());
        leak[at..at + 4].copy_from_slice(&u32::try_from(length + tlv.len()).expect("a short PDU").to_be_bytes());
        assert!(!misplaced(scanner, &smpp(&leak)).is_empty(), "a tag over SMPP goes unseen");
        tried += 1;
    }
    assert!(tried > 50, "{tried} leaks tried");
    println!("{tried} leaks of the control found");
}

/// A request that was made longer, with the length that it has now.
fn lengthened(before: &str, after: &str) -> String {
    let name = "content-length: ";
    let more = after.len() - before.len();
    // The request that holds the change is the last whose head begins before it.
    let changed = before.bytes().zip(after.bytes()).position(|(a, b)| a != b).unwrap_or_default();
    let at = after[..changed].rfind(name).expect("a length") + name.len();
    let end = at + after[at..].find("\r\n").expect("the end of the header");
    let size: usize = after[at..end].parse().expect("a number");
    format!("{}{}{}", &after[..at], size + more, &after[end..])
}

fn first_submission(line: &[u8]) -> Option<(usize, usize)> {
    let mut at = 0;
    loop {
        let head = line.get(at..at + 8)?;
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        if head[4..8] == [0, 0, 0, 4] {
            return Some((at, length));
        }
        at += length;
    }
}

/// An adapter that tells the number in a header of a request of its own.
struct Chatty {
    carrier: Arc<dyn Carrier>,
    at: SocketAddr,
}

impl Carrier for Chatty {
    fn name(&self) -> &str {
        self.carrier.name()
    }

    fn account(&self) -> Option<&str> {
        self.carrier.account()
    }

    fn submit<'a>(&'a self, released: Released) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let number = released.to().expose().to_e164();
            if let Ok(mut line) = tokio::net::TcpStream::connect(self.at).await {
                let _ = line.write_all(format!("GET /ping HTTP/1.1\r\nhost: x\r\nx-tag: for {number}\r\n\r\n").as_bytes()).await;
                let _ = line.readable().await;
            }
            self.carrier.submit(released).await
        })
    }

    fn read_callback<'a>(&'a self, callback: Callback<'a>) -> BoxFuture<'a, Result<Vec<Event>, CallbackError>> {
        self.carrier.read_callback(callback)
    }

    fn acknowledgement(&self, kind: CallbackKind) -> Acknowledgement {
        self.carrier.acknowledgement(kind)
    }

    fn lookup<'a>(&'a self, query: LookupQuery) -> BoxFuture<'a, Result<Vec<LogEntry>, LookupError>> {
        self.carrier.lookup(query)
    }

    fn traits(&self) -> Traits {
        self.carrier.traits()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_an_adapter_that_puts_the_number_into_a_header_is_found() {
    let wrap = |carrier: Arc<dyn Carrier>, peers: &Peers| -> Arc<dyn Carrier> { Arc::new(Chatty { carrier, at: peers.twilio_wire.at }) };
    let day = Day::play(&[Kind::Twilio], None, wrap).await;
    let found = misplaced(&scanner(&day.practices), &left(&day));
    assert!(
        found.len() >= 4 && found.iter().all(|found| found.starts_with("number of patient") && found.ends_with("GET ping")),
        "{found:#?}"
    );
}
