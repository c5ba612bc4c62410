//! Looks into the carrier's log, and forgetting: a log that does not answer proves nothing, and what was not confirmed was not done.

use crate::case::{Findings, Look, Subject, acts, query};
use crate::released::{now, place, text};
use jiff::Timestamp;
use std::fmt::Debug;
use std::time::Duration;
use wellsent_carrier::{Carrier, ForgetError, LookupError};
use wellsent_peers::scripted::{Act, Closed, Scripted, response};

/// The instant since which logs are asked.
pub fn since() -> Timestamp {
    now() - jiff::SignedDuration::from_hours(1)
}

#[derive(Clone, Copy)]
enum Question {
    Lookup,
    Received,
}

impl Question {
    /// The answer, as text: events and entries are compared as they print, their bodies by digest or by key.
    async fn ask(self, subject: &dyn Subject, adapter: &dyn Carrier) -> Result<usize, LookupError> {
        match self {
            Self::Lookup => adapter.lookup(query(&text(subject.sender()), since())).await.map(|found| found.len()),
            Self::Received => adapter.received(subject.sender(), since()).await.map(|found| found.len()),
        }
    }
}

/// Runs all cases.
pub async fn run(subject: &dyn Subject) -> Findings {
    let mut findings = Findings::about(subject);
    match subject.lookups() {
        Some(looks) => {
            for look in looks {
                let (adapter, peer) = at_peer(subject, &look).await;
                let found = adapter.lookup(query(&text(subject.sender()), since())).await;
                check("lookup", &look, &found, &peer, &mut findings);
            }
            broken_logs(subject, Question::Lookup, "lookup", &mut findings).await;
        }
        None => not_kept(subject, Question::Lookup, &mut findings).await,
    }
    match subject.received() {
        Some(looks) => {
            for look in looks {
                let (adapter, peer) = at_peer(subject, &look).await;
                let found = adapter.received(subject.sender(), since()).await;
                check("received", &look, &found, &peer, &mut findings);
            }
            broken_logs(subject, Question::Received, "received", &mut findings).await;
        }
        None => not_kept(subject, Question::Received, &mut findings).await,
    }
    forgetting(subject, &mut findings).await;
    findings
}

async fn at_peer<T>(subject: &dyn Subject, look: &Look<T>) -> (std::sync::Arc<dyn Carrier>, Scripted) {
    let peer = Scripted::start(acts(&look.answers)).await;
    (subject.adapter(&place(peer.base_url())), peer)
}

fn check<T: PartialEq + Debug>(what: &str, look: &Look<T>, found: &Result<Vec<T>, LookupError>, peer: &Scripted, findings: &mut Findings) {
    let case = format!("{what}: {}", look.name);
    findings.expect(&case, *found == look.result, || format!("{found:?} instead of {:?}", look.result));
    let requests = peer.requests();
    findings.expect(&case, requests.len() == look.answers.len(), || format!("{} requests", requests.len()));
    for request in &requests {
        let said = format!("{}\n{}", request.target, request.text());
        for asked in &look.asks {
            findings.expect(&case, said.contains(asked), || format!("nothing is said about {asked}"));
        }
    }
}

/// A log that does not answer, or not as a log, is never taken for an empty one.
async fn broken_logs(subject: &dyn Subject, question: Question, what: &str, findings: &mut Findings) {
    let cases: [(&str, Act, Option<LookupError>); 12] = [
        ("closed unread", Act::CloseUnread, Some(LookupError::NoAnswer)),
        ("reset", Act::AnswerAndReset(Vec::new()), Some(LookupError::NoAnswer)),
        ("silence", Act::Silence, Some(LookupError::NoAnswer)),
        ("throttled", Act::answer(response(429, &[], "{}")), Some(LookupError::NoAnswer)),
        ("error 500", Act::answer(response(500, &[], "{}")), Some(LookupError::NoAnswer)),
        ("error 503", Act::answer(response(503, &[], "[]")), Some(LookupError::NoAnswer)),
        ("wrong credentials", Act::answer(response(401, &[], "{}")), Some(LookupError::Refused(401))),
        ("forbidden", Act::answer(response(403, &[], "{}")), Some(LookupError::Refused(403))),
        ("redirect", Act::answer(response(302, &[("location", "http://127.0.0.1:1/")], "")), Some(LookupError::Unreadable)),
        ("a page", Act::answer(response(200, &[], "<html>")), Some(LookupError::Unreadable)),
        ("nothing", Act::answer(response(200, &[], "")), Some(LookupError::Unreadable)),
        ("other JSON", Act::answer(response(200, &[], r#"{"unheard":[1]}"#)), Some(LookupError::Unreadable)),
    ];
    for (name, act, error) in cases {
        let peer = Scripted::start(vec![act]).await;
        let mut place = place(peer.base_url());
        place.deadline = Duration::from_millis(500);
        let found = question.ask(subject, &*subject.adapter(&place)).await;
        findings.expect(&format!("{what}: {name}"), found.err() == error, || format!("{found:?} instead of {error:?}"));
    }
    let closed = Closed::new();
    let found = question.ask(subject, &*subject.adapter(&place(closed.base_url()))).await;
    findings.expect(&format!("{what}: refused connection"), found == Err(LookupError::NoAnswer), || format!("{found:?}"));
}

async fn not_kept(subject: &dyn Subject, question: Question, findings: &mut Findings) {
    let peer = Scripted::start(vec![Act::answer(response(200, &[], "[]"))]).await;
    let found = question.ask(subject, &*subject.adapter(&place(peer.base_url()))).await;
    findings.expect("no log", found == Err(LookupError::NotKept) && peer.connections() == 0, || format!("{found:?}"));
}

async fn forgetting(subject: &dyn Subject, findings: &mut Findings) {
    let id = subject.message_id();
    let Some(cases) = subject.forgetting() else {
        let peer = Scripted::start(vec![Act::answer(response(204, &[], ""))]).await;
        let adapter = subject.adapter(&place(peer.base_url()));
        findings
            .expect("forget: cannot", !adapter.traits().forgets && adapter.forget(id).await.is_err(), || "it says that it forgets".into());
        return;
    };
    for case in cases {
        let peer = Scripted::start(vec![Act::answer(case.answer)]).await;
        let adapter = subject.adapter(&place(peer.base_url()));
        findings.expect("forget: can", adapter.traits().forgets, || "it says that it does not forget".into());
        let result = adapter.forget(id).await;
        findings.expect(&format!("forget: {}", case.name), result == case.result, || format!("{result:?} instead of {:?}", case.result));
        findings.expect(&format!("forget: {}", case.name), peer.requests().len() == 1, || format!("{} requests", peer.requests().len()));
    }
    let faults = [
        ("closed unread", Act::CloseUnread),
        ("silence", Act::Silence),
        ("throttled", Act::answer(response(429, &[], "{}"))),
        ("error 500", Act::answer(response(500, &[], ""))),
    ];
    for (name, act) in faults {
        let peer = Scripted::start(vec![act]).await;
        let mut place = place(peer.base_url());
        place.deadline = Duration::from_millis(500);
        let result = subject.adapter(&place).forget(id).await;
        findings.expect(&format!("forget: {name}"), result == Err(ForgetError::NoAnswer), || format!("{result:?}"));
    }
    // What a name from a database must not do: leave the path that it was put into.
    for name in ["", "..", "../../2010", "a/b", "SM1?x=1", "SM1#", &"S".repeat(500)] {
        let peer = Scripted::start(vec![Act::answer(response(204, &[], ""))]).await;
        let result = subject.adapter(&place(peer.base_url())).forget(name).await;
        findings.expect("forget: a name that is none", result == Err(ForgetError::Refused) && peer.connections() == 0, || {
            format!("{result:?}")
        });
    }
}
