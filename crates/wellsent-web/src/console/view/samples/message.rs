//! Messages with every kind of ruling.

use super::records::ROOT;
use super::{at, shell, when};
use crate::console::view::*;

pub(in crate::console::view) fn rows() -> Vec<MessageRow> {
    let row = |id: &str, said: &str, kind: &str, person: &str, decision, state, note: &str| MessageRow {
        id: id.into(),
        at: at("09:00", said),
        kind: kind.into(),
        person_id: format!("pat_{id}"),
        person: person.into(),
        decision,
        state,
        note: note.into(),
    };
    vec![
        row("m1", "10:41 AM", "Reminder, same day", "Hannah Brooks", Decision::Released, MessageState::Sent, ""),
        row("m2", "10:40 AM", "Reply by Dana Whitfield", "Rosa Delgado Ibarra", Decision::Released, MessageState::Delivered, ""),
        row(
            "m3",
            "9:12 AM",
            "Reminder, 2 days before",
            "Eleanor Vance",
            Decision::Refused,
            MessageState::Refused,
            "No texting consent for appointments",
        ),
        row("m4", "9:00 AM", "Reminder, 2 days before", "Aisha Rahman", Decision::Held, MessageState::Held, "Quiet hours until 8:00 AM"),
        row(
            "m5",
            "8:45 AM",
            "Instructions",
            "Peter Lindqvist",
            Decision::NeedsReview,
            MessageState::NeedsReview,
            "Shared number, free text",
        ),
        row(
            "m6",
            "8:30 AM",
            "Reminder, 2 days before",
            "Wei-Ling Chao",
            Decision::Released,
            MessageState::Unknown,
            "The line dropped before the carrier's answer",
        ),
        row("m7", "8:02 AM", "Reminder, 2 days before", "Noor Haddad", Decision::Released, MessageState::Undelivered, "Phone unreachable"),
        row("m8", "Wed 3:15 PM", "Reminder, same day", "Rosa Delgado Ibarra", Decision::NotYetRuled, MessageState::Planned, ""),
    ]
}

pub(in crate::console::view) fn messages() -> Messages {
    Messages {
        shell: shell(Section::Messages),
        filters: [
            ("", "All", 184),
            ("released", "Released", 151),
            ("held", "Held", 9),
            ("needs-review", "Needs review", 3),
            ("refused", "Refused", 12),
            ("unknown", "Outcome unknown", 1),
            ("planned", "Planned", 8),
        ]
        .iter()
        .map(|(value, label, count)| RowFilter { value: (*value).into(), label: (*label).into(), count: *count, current: value.is_empty() })
        .collect(),
        rows: rows(),
        older: Some("/messages?before=msg_m8".into()),
    }
}

fn proof() -> Proof {
    Proof {
        leaf_index: "48,213".into(),
        leaf_hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        tree_size: "48,640".into(),
        root: ROOT.into(),
        signed_at: Some(at("10:40", "Today 10:40 AM")),
        hashes: (0..9).map(|level| format!("{level}b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcd{level}")).collect(),
        verified: true,
    }
}

pub(in crate::console::view) fn message(decision: Decision) -> MessagePage {
    let reason = |sentence: &str, rule: &str, code: &str, against| Reason {
        sentence: sentence.into(),
        rule: rule.into(),
        code: code.into(),
        against,
    };
    let fact = |name: &str, value: &str, decisive| FactRow { name: name.into(), value: value.into(), decisive };
    let consent = reason("Consent for appointments is in force since 14 Oct 2026.", "T-01", "consent_in_force", false);
    let verified = reason("The number was verified 41 days ago.", "H-07", "number_verified", false);
    let (summary, reasons, changes, state) = match decision {
        Decision::Released => (
            "Every condition was met; the plain wording was used because the number is shared.",
            vec![
                consent,
                verified,
                reason("The number is shared, therefore the wording without details went out.", "P11", "degraded_shared_number", false),
            ],
            vec!["A STOP from this number, or a cancelled visit, before 9:30 AM would have stopped it."],
            MessageState::Delivered,
        ),
        Decision::Held => (
            "It is late where Aisha lives. The text waits for the morning.",
            vec![
                reason("It is 9:12 PM in America/Denver; texts go from 8:00 AM to 8:59 PM.", "T-07", "quiet_hours", true),
                consent,
                verified,
            ],
            vec!["It goes by itself at 8:00 AM if nothing else changes.", "It is dropped if the visit begins before then."],
            MessageState::Held,
        ),
        Decision::NeedsReview => (
            "Somebody should read this before it goes.",
            vec![reason("“blood pressure cuff” may say something about health.", "M-01", "guard_health_words", true), consent],
            vec!["Release it after reading, and it goes at once.", "Remove the words, and no review is needed."],
            MessageState::NeedsReview,
        ),
        _ => (
            "Eleanor has not agreed to texts about appointments.",
            vec![
                reason("There is no consent for appointments at this number.", "T-01", "no_consent", true),
                reason("Somebody else answered from this number: it is disputed.", "T-13", "number_disputed", true),
                reason("The visit is still on.", "", "source_active", false),
            ],
            vec!["Take her consent at check-in.", "Verify a number that is hers."],
            MessageState::Refused,
        ),
    };
    let sent = decision == Decision::Released;
    MessagePage {
        shell: shell(Section::Messages),
        id: "msg_01".into(),
        kind: "Reminder, 2 days before".into(),
        person_id: "pat_rosa".into(),
        person: "Rosa Delgado Ibarra".into(),
        number: "212-555-0147".into(),
        sender: "212-555-0100".into(),
        about: "visit Tue 24 Nov, 9:30 AM at Elm Street".into(),
        text: "Riverbend Family Health: tiene una cita el mar 11/24 9:30 AM. Responda C para confirmar, R para cambiar o llame al 212-555-0100. Responda STOP para no recibir mas mensajes.".into(),
        has_text: true,
        lang: "es".into(),
        language: "Spanish".into(),
        tier: "T1, logistics".into(),
        size: "GSM-7, 168 units, 2 parts".into(),
        state,
        due: when("2026-11-22T09:30:00-05:00", "Sun 22 Nov, 9:30 AM"),
        decision,
        until: (decision == Decision::Held).then(|| when("2026-11-25T08:00:00-07:00", "Wed 8:00 AM MST")),
        ruled_at: Some(when("2026-11-22T09:30:00-05:00", "Sun 22 Nov, 9:30:00 AM")),
        summary: summary.into(),
        reasons,
        changes: changes.into_iter().map(Into::into).collect(),
        facts: vec![
            fact("Consent, appointments", "given 14 Oct 2026", sent),
            fact("Suppression", "none", false),
            fact("Number", "verified 41 days ago", false),
            fact("Shared with", "1 other person", sent),
            fact("Template tier", "T1", false),
            fact("Local time", "9:30 AM, America/New_York", decision == Decision::Held),
            fact("Texts in the last 7 days", "1 of 3", false),
            fact("Sender", "registered, 10DLC", false),
            fact("Carrier agreement", "in force until 30 Jun 2027", false),
            fact("Visit", "still on", false),
        ],
        facts_digest: "hm1:4cfe1c0a9d0be1f7a6de7b5f0c2f6f9db55b9d0e2d7a1a5f7d8c3b2a19087f6e".into(),
        attempts: if sent {
            vec![
                Attempt { number: 1, at: at("09:30", "9:30:00 AM"), outcome: AttemptOutcome::NotSubmitted, sentence: "The carrier asked to come back in 2 seconds.".into(), carrier_id: String::new() },
                Attempt { number: 2, at: at("09:30", "9:30:02 AM"), outcome: AttemptOutcome::Accepted, sentence: "Taken in 84 ms, 2 parts.".into(), carrier_id: "SM6b1f0c2e9a".into() },
            ]
        } else {
            vec![]
        },
        receipts: if sent {
            vec![
                Receipt { at: at("09:30", "9:30:03 AM"), state: MessageState::Sent, sentence: String::new() },
                Receipt { at: at("09:30", "9:30:05 AM"), state: MessageState::Delivered, sentence: "Came twice; the second changed nothing.".into() },
            ]
        } else {
            vec![]
        },
        proof: (decision != Decision::NeedsReview).then(proof),
        may_review: decision == Decision::NeedsReview,
        page: sent.then(|| PageBehind {
            text: "Sus resultados están listos.".into(),
            lang: "es".into(),
            state: "Not read yet".into(),
            until: when("2026-12-06", "6 Dec 2026"),
            open: true,
        }),
    }
}
