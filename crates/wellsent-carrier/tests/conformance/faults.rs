//! The matrix of faults: whatever happens on the line, one submission is one request, and the outcome says no more than is known (P4, TW-13).

use crate::case::{Canned, Findings, Subject};
use crate::released::{CANARIES, place, released, text};
use futures_util::future::join_all;
use std::time::Duration;
use wellsent_carrier::{NotSubmittedCause, Outcome, UnknownCause};
use wellsent_peers::scripted::{Act, Closed, Scripted, response};

/// Faults that are tried at one time.
const AT_ONCE: usize = 12;

const fn unknown(cause: UnknownCause) -> Outcome {
    Outcome::Unknown { cause }
}

const fn throttled(retry_after: Option<Duration>) -> Outcome {
    Outcome::NotSubmitted { cause: NotSubmittedCause::Throttled, retry_after }
}

/// One fault.
struct Fault {
    name: String,
    acts: Vec<Act>,
    outcome: Outcome,
    /// How many requests the peer may have seen: none where it does not read.
    requests: usize,
}

impl Fault {
    fn new(name: impl Into<String>, act: Act, outcome: Outcome) -> Self {
        let requests = usize::from(act != Act::CloseUnread);
        Self { name: name.into(), acts: vec![act], outcome, requests }
    }
}

fn faults(accepted: &Canned, elsewhere: &str) -> Vec<Fault> {
    let mut faults = vec![
        Fault::new("line closed before a byte was read", Act::CloseUnread, unknown(UnknownCause::LineLost)),
        Fault::new("line reset within the request", Act::ResetAfter(40), unknown(UnknownCause::LineLost)),
        Fault::new("line reset after the request", Act::AnswerAndReset(Vec::new()), unknown(UnknownCause::LineLost)),
        Fault::new("line closed after the request", Act::AnswerAndClose(Vec::new()), unknown(UnknownCause::LineLost)),
        Fault::new("silence", Act::Silence, unknown(UnknownCause::Deadline)),
        Fault::new("answer cut in its status line", Act::AnswerAndClose(b"HTTP/1.1 20".to_vec()), unknown(UnknownCause::LineLost)),
        Fault::new(
            "an answer that is not HTTP",
            Act::AnswerAndClose(b"\x00\x01SMTP 220\r\n\r\n".to_vec()),
            unknown(UnknownCause::LineLost),
        ),
        Fault::new("success without a body", Act::answer(response(200, &[], "")), unknown(UnknownCause::Unreadable)),
        Fault::new(
            "success with a page",
            Act::answer(response(201, &[("content-type", "text/html")], "<html>please log in to the hotel's network</html>")),
            unknown(UnknownCause::Unreadable),
        ),
        Fault::new("success with other JSON", Act::answer(response(201, &[], r#"{"ok":true}"#)), unknown(UnknownCause::Unreadable)),
        Fault::new("success with a list", Act::answer(response(200, &[], "[]")), unknown(UnknownCause::Unreadable)),
        Fault::new("a huge answer", Act::AnswerAndClose(response(201, &[], &" ".repeat(8 << 20))), unknown(UnknownCause::Unreadable)),
        Fault::new("throttled", Act::answer(response(429, &[], "")), throttled(None)),
        Fault::new(
            "throttled with a wait",
            Act::answer(response(429, &[("retry-after", "7")], "{}")),
            throttled(Some(Duration::from_secs(7))),
        ),
        Fault::new(
            "throttled with a wait of years",
            Act::answer(response(429, &[("retry-after", "99999999")], "{}")),
            throttled(Some(Duration::from_secs(3600))),
        ),
        Fault::new("throttled with a wait that is none", Act::answer(response(429, &[("retry-after", "-3")], "{}")), throttled(None)),
    ];
    for status in [500, 502, 503, 504, 599] {
        let answer = response(status, &[("retry-after", "1")], r#"{"message":"try again"}"#);
        faults.push(Fault::new(format!("error {status}"), Act::answer(answer), unknown(UnknownCause::ServerError)));
    }
    for status in [301, 302, 303, 307, 308] {
        let answer = response(status, &[("location", elsewhere)], "");
        faults.push(Fault::new(format!("redirect {status}"), Act::answer(answer), unknown(UnknownCause::Unreadable)));
    }
    let whole = &accepted.bytes;
    let body = whole.windows(4).position(|window| window == b"\r\n\r\n").map_or(whole.len(), |at| at + 4);
    faults.extend([
        Fault::new("success cut in its head", Act::AnswerAndReset(whole[..body - 6].to_vec()), unknown(UnknownCause::LineLost)),
        Fault::new("success cut in its body", Act::AnswerAndClose(whole[..whole.len() - 3].to_vec()), unknown(UnknownCause::Unreadable)),
        Fault::new("success that stalls in its head", Act::AnswerAndStall(whole[..body - 6].to_vec()), unknown(UnknownCause::Deadline)),
        Fault::new(
            "success that stalls in its body",
            Act::AnswerAndStall(whole[..whole.len() - 3].to_vec()),
            unknown(UnknownCause::Unreadable),
        ),
        Fault::new(
            "success that is slow, within the deadline",
            Act::Answer { after: Duration::from_millis(150), bytes: whole.clone() },
            accepted.outcome.clone(),
        ),
        Fault::new(
            "success beyond the deadline",
            Act::Answer { after: Duration::from_secs(20), bytes: whole.clone() },
            unknown(UnknownCause::Deadline),
        ),
    ]);
    faults
}

/// What came of one.
struct Tried {
    outcome: Outcome,
    requests: usize,
    connections: usize,
}

async fn try_fault(subject: &dyn Subject, fault: &Fault) -> Tried {
    let peer = Scripted::start(fault.acts.clone()).await;
    let mut place = place(peer.base_url());
    place.deadline = Duration::from_millis(800);
    let adapter = subject.adapter(&place);
    let outcome = adapter.submit(released(&text(subject.sender()), place.now)).await;
    // Long enough for a second try that somebody makes behind the adapter's back.
    tokio::time::sleep(Duration::from_millis(100)).await;
    Tried { outcome, requests: peer.requests().len(), connections: peer.connections() }
}

/// Runs the matrix.
pub async fn run(subject: &dyn Subject) -> Findings {
    let mut findings = Findings::about(subject);
    let elsewhere = Scripted::start(vec![Act::answer(subject.accepted().bytes)]).await;
    let faults = faults(&subject.accepted(), &format!("{}/elsewhere", elsewhere.base_url()));
    for together in faults.chunks(AT_ONCE) {
        for (fault, tried) in together.iter().zip(join_all(together.iter().map(|fault| try_fault(subject, fault))).await) {
            let Tried { outcome, requests, connections } = tried;
            findings.expect(&fault.name, outcome == fault.outcome, || format!("{outcome:?} instead of {:?}", fault.outcome));
            findings.expect(&fault.name, requests == fault.requests && connections == 1, || {
                format!("{requests} requests over {connections} connections for one submission")
            });
        }
    }
    findings.expect("redirects", elsewhere.connections() == 0, || "a redirect was followed to another host".into());
    refused_connection(subject, &mut findings).await;
    idle_line(subject, &mut findings).await;
    findings
}

async fn refused_connection(subject: &dyn Subject, findings: &mut Findings) {
    let closed = Closed::new();
    let place = place(closed.base_url());
    let outcome = subject.adapter(&place).submit(released(&text(subject.sender()), place.now)).await;
    let right = Outcome::NotSubmitted { cause: NotSubmittedCause::NoConnection, retry_after: None };
    findings.expect("refused connection", outcome == right, || format!("{outcome:?} instead of {right:?}"));
}

/// A line that was kept after a first text and that the carrier closed meanwhile: the second text goes at most once, and nothing is claimed
/// that is not known.
async fn idle_line(subject: &dyn Subject, findings: &mut Findings) {
    let accepted = subject.accepted();
    let peer = Scripted::start(vec![Act::AnswerAndClose(accepted.bytes.clone()), Act::answer(accepted.bytes)]).await;
    let place = place(peer.base_url());
    let adapter = subject.adapter(&place);
    for nth in 1..=2 {
        let outcome = adapter.submit(released(&text(subject.sender()), place.now)).await;
        let right = matches!(outcome, Outcome::Accepted { .. }) || (nth == 2 && outcome == unknown(UnknownCause::LineLost));
        findings.expect("a kept line that was closed", right, || format!("text {nth}: {outcome:?}"));
        findings.expect("a kept line that was closed", peer.requests().len() <= nth, || format!("{} requests", peer.requests().len()));
    }
}

/// What is said to the carrier and what is made of its answers.
pub async fn submissions(subject: &dyn Subject) -> Findings {
    let mut findings = Findings::about(subject);
    let mut answers = subject.answers();
    answers.push(subject.accepted());
    for canned in answers {
        let peer = Scripted::start(vec![Act::answer(canned.bytes)]).await;
        let place = place(peer.base_url());
        let text = text(subject.sender());
        let outcome = subject.adapter(&place).submit(released(&text, place.now)).await;
        findings.expect(&canned.name, outcome == canned.outcome, || format!("{outcome:?} instead of {:?}", canned.outcome));
        let requests = peer.requests();
        findings.expect(&canned.name, requests.len() == 1, || format!("{} requests", requests.len()));
        let Some(request) = requests.first() else { continue };
        let checked = subject.check_request(request, &text);
        findings.expect("the request", checked.is_ok(), || checked.unwrap_err());
        let head = request.head();
        for canary in CANARIES {
            findings.expect("the request's head", !head.contains(canary), || "it carries the number or the text".into());
        }
    }
    past_validity(subject, &mut findings).await;
    findings
}

/// A text whose time ended between the gate and the line does not leave (TW-10).
async fn past_validity(subject: &dyn Subject, findings: &mut Findings) {
    let peer = Scripted::start(vec![Act::answer(subject.accepted().bytes)]).await;
    let mut place = place(peer.base_url());
    let released = released(&text(subject.sender()), place.now);
    place.now += jiff::SignedDuration::from_hours(2);
    let outcome = subject.adapter(&place).submit(released).await;
    let right = Outcome::NotSubmitted { cause: NotSubmittedCause::PastValidity, retry_after: None };
    findings.expect("past its validity", outcome == right, || format!("{outcome:?} instead of {right:?}"));
    findings.expect("past its validity", peer.connections() == 0, || "a connection was made".into());
}
