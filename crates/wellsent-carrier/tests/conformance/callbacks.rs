//! Callbacks: only what the carrier signed is believed, and the same event is the same however often and in whatever order it comes
//! (TW-05, TW-06, TW-07).

use crate::case::{Call, Callbacks, Extra, Findings, Report, Signer, Subject};
use crate::released::{BODY, TO, place, text};
use std::collections::HashSet;
use wellsent_carrier::{CallbackError, CallbackKind, Carrier, Event};
use wellsent_domain::Phi;
use wellsent_domain::carrier_report::DeliveryStatus;
use wellsent_domain::gate::AttemptToken;
use wellsent_peers::scripted::Closed;

/// Runs all cases; a carrier with a line of its own has none.
pub async fn run(subject: &dyn Subject) -> Findings {
    let mut findings = Findings::about(subject);
    let Some(callbacks) = subject.callbacks() else {
        return findings;
    };
    let closed = Closed::new();
    let place = place(closed.base_url());
    let adapter = subject.adapter(&place);
    let base = format!("{}/hooks/{}/0808", place.callback_base, adapter.name());
    let cases = Cases { subject, callbacks, adapter: &*adapter, base };
    cases.events(&mut findings).await;
    cases.signatures(&mut findings).await;
    cases.identities(&mut findings).await;
    cases.hostile(&mut findings).await;
    findings
}

struct Cases<'a> {
    subject: &'a dyn Subject,
    callbacks: &'a dyn Callbacks,
    adapter: &'a dyn Carrier,
    base: String,
}

impl Cases<'_> {
    fn url(&self, kind: CallbackKind) -> String {
        match kind {
            CallbackKind::Inbound => format!("{}/inbound", self.base),
            CallbackKind::Status => format!("{}/status?t={}", self.base, "5a".repeat(16)),
        }
    }

    fn call(&self, report: &Report) -> Call {
        self.callbacks.call(&self.url(report.kind()), report, Signer::Current, Extra::None)
    }

    fn receipt(&self) -> Report {
        let word = self.callbacks.words().into_iter().find(|(_, status)| *status == Some(DeliveryStatus::Delivered));
        Report::Receipt { id: self.subject.message_id(), word: word.expect("a word for delivered").0 }
    }

    fn inbound(&self) -> Report {
        Report::Inbound { id: self.subject.message_id(), from: TO, body: BODY }
    }

    async fn events(&self, findings: &mut Findings) {
        for (word, meaning) in self.callbacks.words() {
            let read = self.call(&Report::Receipt { id: self.subject.message_id(), word }).read_by(self.adapter).await;
            let case = format!("receipt {word}");
            let right = match (&read, meaning) {
                (Ok(events), None) => events.is_empty(),
                (Ok(events), Some(meaning)) => matches!(&events[..], [Event::Receipt { token, carrier_message_id, status, failure, .. }]
                    if *token == Some(AttemptToken(text(self.subject.sender()).token)) && carrier_message_id == self.subject.message_id()
                        && *status == meaning
                        && (failure.is_some() == matches!(meaning, DeliveryStatus::Failed | DeliveryStatus::Undelivered))),
                (Err(_), _) => false,
            };
            findings.expect(&case, right, || format!("{read:?} instead of {meaning:?}"));
        }
        for body in [BODY, "STOP", "  two  spaces  ", "\u{202e}zero\u{200b}width\n\u{1f98a}", "a=b&c=d+e%20f", "1"] {
            let report = Report::Inbound { id: self.subject.message_id(), from: TO, body };
            let read = self.call(&report).read_by(self.adapter).await;
            let right = matches!(&read.as_deref(), Ok([Event::Inbound { carrier_message_id, from, to_sender, body: read, .. }])
                if carrier_message_id == self.subject.message_id() && from.expose().to_e164() == TO
                    && to_sender == self.subject.receives_at() && *read == Phi::new(body.to_owned()));
            findings.expect("inbound text", right, || format!("{read:?}"));
        }
    }

    async fn signatures(&self, findings: &mut Findings) {
        for report in [self.receipt(), self.inbound()] {
            let url = self.url(report.kind());
            for (signer, taken) in [(Signer::Current, true), (Signer::Next, self.callbacks.takes_next_secret()), (Signer::Stranger, false)]
            {
                let read = self.callbacks.call(&url, &report, signer, Extra::None).read_by(self.adapter).await;
                let right =
                    if taken { read.as_ref().is_ok_and(|events| events.len() == 1) } else { read == Err(CallbackError::BadSignature) };
                findings.expect(&format!("signed by {signer:?}"), right, || format!("{read:?}"));
            }
            self.changed(&report, findings).await;
        }
    }

    async fn changed(&self, report: &Report, findings: &mut Findings) {
        let call = self.call(report);
        let honest = call.read_by(self.adapter).await;
        for at in 0..call.body.len() {
            let mut changed = call.clone();
            changed.body[at] ^= 1;
            let read = changed.read_by(self.adapter).await;
            let right = if self.callbacks.signs_whole_body() { read.is_err() } else { read.is_err() || read == honest };
            findings.expect("a changed byte of the body", right, || format!("byte {at}: {read:?}"));
        }
        let mut longer = call.clone();
        longer.body.extend_from_slice(b"&Body=more");
        let read = longer.read_by(self.adapter).await;
        findings.expect("a longer body", read.is_err(), || format!("{read:?}"));
        for name in &call.signature_headers {
            let index = call.headers.iter().position(|(known, _)| known == name).expect("the header is there");
            let mut forms = vec![None, Some(String::new()), Some("A".repeat(10_000))];
            let value = &call.headers[index].1;
            forms.push(Some(value.chars().take(value.chars().count() / 2).collect()));
            for at in (0..value.len()).filter(|at| value.is_char_boundary(*at) && value.is_char_boundary(at + 1)) {
                let other = if value[at..].starts_with('7') { "8" } else { "7" };
                let changed = format!("{}{other}{}", &value[..at], &value[at + 1..]);
                forms.push(Some(changed));
            }
            for form in forms {
                let mut changed = call.clone();
                match form {
                    Some(value) => changed.headers[index].1 = value,
                    None => drop(changed.headers.remove(index)),
                }
                let read = changed.read_by(self.adapter).await;
                findings.expect(&format!("a changed {name}"), read.is_err(), || format!("{read:?}"));
            }
        }
        if self.callbacks.signs_address() {
            for (from, to) in
                [("https://", "http://"), ("practice", "practise"), ("/0808/", "/0809/"), ("bound", "bound/"), ("t=5a", "t=5b")]
            {
                let mut changed = call.clone();
                changed.url = changed.url.replace(from, to);
                if changed.url != call.url {
                    let read = changed.read_by(self.adapter).await;
                    findings.expect("another address", read.is_err(), || format!("{from} as {to}: {read:?}"));
                }
            }
        }
    }

    async fn identities(&self, findings: &mut Findings) {
        let mut keys = HashSet::new();
        let mut reports = vec![self.inbound()];
        for (word, meaning) in self.callbacks.words() {
            if meaning.is_some() {
                reports.push(Report::Receipt { id: self.subject.message_id(), word });
            }
        }
        for report in &reports {
            let first = self.call(report).read_by(self.adapter).await;
            let url = self.url(report.kind());
            let again = self.callbacks.call(&url, report, Signer::Current, Extra::UnknownFields).read_by(self.adapter).await;
            findings
                .expect("the same event again, with unknown fields", first.is_ok() && first == again, || format!("{first:?}, {again:?}"));
            for event in first.iter().flatten() {
                findings.expect("different events", keys.insert(*event.key()), || format!("the key of {event:?} is another event's too"));
            }
        }
    }

    async fn hostile(&self, findings: &mut Findings) {
        for kind in [CallbackKind::Inbound, CallbackKind::Status] {
            for (name, call) in self.callbacks.hostile(&self.url(kind)) {
                let call = Call { kind, ..call };
                let read = call.read_by(self.adapter).await;
                findings.expect(&format!("hostile: {name}"), read.as_ref().map_or(true, Vec::is_empty), || format!("{read:?}"));
            }
        }
        let huge = Call { body: vec![b'a'; 4 << 20], ..self.call(&self.inbound()) };
        let read = huge.read_by(self.adapter).await;
        findings.expect("hostile: a huge body", read.is_err(), || format!("{read:?}"));
    }
}
