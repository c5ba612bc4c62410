//! Rosa and her neighbours: people and what was said.

use super::message::rows;
use super::{at, shell, shell_in_trouble, when};
use crate::console::view::*;

fn bubble(
    inbound: bool,
    day: Option<&str>,
    (text, lang): (&str, &str),
    said: &str,
    author: &str,
    state: MessageState,
    note: &str,
) -> Bubble {
    Bubble {
        message_id: Some(format!("msg_{}", said.replace([' ', ':'], ""))),
        inbound,
        day: day.map(Into::into),
        text: text.into(),
        lang: lang.into(),
        at: at("08:00", said),
        author: author.into(),
        state,
        note: note.into(),
        on_page: false,
        page: None,
    }
}

pub(in crate::console::view) fn thread() -> Thread {
    Thread {
        person: "Rosa Delgado Ibarra".into(),
        back: "/people/pat_rosa".into(),
        bubbles: vec![
            bubble(
                false,
                Some("Sunday 22 November"),
                (
                    "Riverbend Family Health: tiene una cita el mar 11/24 9:30 AM. Responda C para confirmar, R para cambiar o llame al 212-555-0100. Responda STOP para no recibir mas mensajes.",
                    "es",
                ),
                "9:30 AM",
                "Reminder",
                MessageState::Delivered,
                "",
            ),
            bubble(
                true,
                Some("Today"),
                ("¿Puedo cambiar la cita para el jueves por la tarde?", "es"),
                "8:04 AM",
                "Rosa",
                MessageState::Received,
                "Understood as: wants another time",
            ),
            bubble(
                false,
                None,
                ("Riverbend Family Health: recibimos su mensaje. Le llamaremos hoy para darle otra hora.", "es"),
                "8:04 AM",
                "Automatic answer",
                MessageState::Delivered,
                "",
            ),
            bubble(
                false,
                None,
                ("Tenemos el jueves 11/26 a las 3:15 PM. ¿Le sirve?", "es"),
                "10:40 AM",
                "Dana Whitfield",
                MessageState::Sent,
                "",
            ),
            Bubble {
                page: Some(BubblePage { state: "not read yet".into(), open: true }),
                ..bubble(
                    false,
                    None,
                    ("Riverbend Family Health: tiene un mensaje: https://texts.example.com/s/x1", "es"),
                    "10:41 AM",
                    "Dana Whitfield",
                    MessageState::Delivered,
                    "",
                )
            },
            bubble(true, None, ("Perfecto, muchas gracias 🙏", "es"), "10:41 AM", "Rosa", MessageState::Received, ""),
            bubble(
                false,
                None,
                ("Riverbend Family Health: tiene una cita el jue 11/26 3:15 PM.", "es"),
                "Wed 3:15 PM",
                "Reminder",
                MessageState::Planned,
                "",
            ),
        ],
    }
}

pub(in crate::console::view) fn reply_box() -> ReplyBox {
    ReplyBox {
        person_id: "pat_rosa".into(),
        person: "Rosa Delgado Ibarra".into(),
        contact_point: "cp_1".into(),
        number: "212-555-0147".into(),
        blocked: None,
        draft: String::new(),
        warning: None,
        back: "/people/pat_rosa".into(),
    }
}

pub(in crate::console::view) fn reply_box_warned() -> ReplyBox {
    ReplyBox {
        draft: "Your blood sugar result is ready".into(),
        warning: Some(GuardWarning {
            pieces: vec![
                GuardPiece { text: "Your ".into(), why: String::new() },
                GuardPiece { text: "blood sugar result".into(), why: "names a test or a result".into() },
                GuardPiece { text: " is ready".into(), why: String::new() },
            ],
            lang: "en".into(),
            reasons: vec!["names a test or a result".into()],
            fault: "Choose why it may go as it is.".into(),
            overrides: vec![
                ("not_health", "It says nothing about anybody's health or identity"),
                ("urgent", "Waiting could harm the patient"),
            ],
            who_could: "",
        }),
        ..reply_box()
    }
}

pub(in crate::console::view) fn reply_box_blocked() -> ReplyBox {
    ReplyBox { blocked: Some("Texts to this number are stopped since 19 November. Please call.".into()), ..reply_box() }
}

pub(in crate::console::view) fn person() -> Person {
    let cell = |category: &str, state, note: &str| ConsentCell { category: category.into(), state, note: note.into() };
    let answer = |may_go, why: &str, rules: &str| MayTextCell {
        may_go,
        why: why.into(),
        rules: rules.into(),
        change: String::new(),
        action: (may_go == MayGo::Never).then(|| ("/people/pat_rosa/numbers/cp_1?open=consent#consent".into(), "Ask for consent now")),
    };
    let may = |what: &str, general, details| MayTextRow { what: what.into(), general, details };
    let event = |at, tone, icon, what: &str, detail: &str| ConsentEvent {
        at,
        tone,
        icon,
        what: what.into(),
        detail: detail.into(),
        evidence: (icon == "check").then(|| "/people/pat_rosa/evidence/evd_1".into()),
    };
    let stay =
        |at, visit_type: &str, location: &str, state| PersonVisit { at, visit_type: visit_type.into(), location: location.into(), state };
    Person {
        shell: shell(Section::People),
        id: "pat_rosa".into(),
        name: "Rosa Delgado Ibarra".into(),
        born: "4 May 1961 (65)".into(),
        language: "Spanish".into(),
        record: "RB-10482".into(),
        location: "Elm Street".into(),
        texting: TextingState::May,
        notices: vec!["Asked on 3 March not to be texted at the home number about visits.".into()],
        contact_points: vec![
            ContactPoint {
                id: "cp_1".into(),
                number: "212-555-0147".into(),
                label: "Mobile, preferred".into(),
                live: true,
                confirm_due: false,
                verification: Verification::Verified,
                verified: "41 days ago by code".into(),
                shared_with: vec![SharedWith { id: "pat_luis".into(), name: "Luis Delgado".into() }],
                suppression: None,
                warning: None,
                consents: vec![
                    cell("Appointments", ConsentState::Given, "at check-in, 14 Oct 2026"),
                    cell("Care instructions", ConsentState::Given, "at check-in, 14 Oct 2026"),
                    cell("Billing", ConsentState::NotAsked, ""),
                    cell("Surveys", ConsentState::Lapsed, "older than 18 months"),
                    cell("Marketing", ConsentState::NotAsked, "needs a signature"),
                ],
            },
            ContactPoint {
                id: "cp_2".into(),
                number: "212-555-0166".into(),
                label: "Home".into(),
                live: true,
                confirm_due: false,
                verification: Verification::Stale,
                verified: "3 years ago".into(),
                shared_with: vec![],
                suppression: Some(Suppression {
                    since: when("2026-03-03", "3 Mar 2026"),
                    why: "She wrote “ya no me manden mensajes”.".into(),
                }),
                warning: Some(when("2025-01-08", "8 Jan 2025")),
                consents: vec![
                    cell("Appointments", ConsentState::Revoked, "by text, 3 Mar 2026"),
                    cell("Care instructions", ConsentState::Revoked, "by text, 3 Mar 2026"),
                    cell("Billing", ConsentState::Revoked, "by text, 3 Mar 2026"),
                ],
            },
        ],
        may_text: vec![MayText {
            number: "212-555-0147".into(),
            rows: vec![
                may(
                    "Reminders and logistics",
                    answer(MayGo::Now, "", ""),
                    Some(answer(MayGo::Neutral, "Several people are reached at this number.", "H-07")),
                ),
                may(
                    "Care instructions",
                    answer(MayGo::Now, "", ""),
                    Some(answer(MayGo::OnPage, "The patient was never warned.", "H-04, P11")),
                ),
                may("Billing", answer(MayGo::Never, "Consent for billing was never given.", "T-01"), None),
                may("A text that you write", answer(MayGo::Later, "Quiet hours begin at 9:00 PM.", "T-07"), None),
            ],
        }],
        history: vec![
            event(when("2026-10-14", "14 Oct 2026"), Tone::Good, "shield-check", "Number verified", "212-555-0147, by a code sent by text"),
            event(
                when("2026-10-14", "14 Oct 2026"),
                Tone::Good,
                "check",
                "Consent given: appointments, care instructions",
                "At check-in, taken by Luis Ortega, wording 4 in Spanish",
            ),
            event(
                when("2026-03-03", "3 Mar 2026"),
                Tone::Off,
                "bell-off",
                "Texts to 212-555-0166 stopped",
                "“ya no me manden mensajes”, understood as stop (T-08)",
            ),
            event(
                when("2025-01-08", "8 Jan 2025"),
                Tone::Info,
                "info",
                "Warning about unencrypted texts accepted",
                "212-555-0166, on paper",
            ),
        ],
        upcoming: vec![stay(when("2026-11-26T15:15:00-05:00", "Thu 26 Nov, 3:15 PM"), "New patient", "Elm Street", ReminderState::Planned)],
        past: vec![
            stay(when("2026-11-24T09:30:00-05:00", "Tue 24 Nov, 9:30 AM"), "New patient", "Elm Street", ReminderState::WantsReschedule),
            stay(when("2026-10-14T10:00:00-04:00", "Wed 14 Oct, 10:00 AM"), "Nurse visit", "Harbor Point", ReminderState::Confirmed),
        ],
        thread: thread(),
        reply: Some(reply_box()),
        planned: vec![PlannedRow {
            id: "msg_p1".into(),
            due: when("2026-11-25T15:15:00-05:00", "Wed 25 Nov, 3:15 PM"),
            kind: "Reminder, 1 day before".into(),
            about: "Thu 26 Nov, 3:15 PM at Elm Street".into(),
        }],
        messages: rows().into_iter().filter(|row| row.person.starts_with("Rosa")).collect(),
        phone: Some("ph_1".into()),
    }
}

pub(in crate::console::view) fn person_bare() -> Person {
    Person {
        shell: shell_in_trouble(Section::People),
        contact_points: vec![],
        may_text: vec![],
        notices: vec![],
        history: vec![],
        upcoming: vec![],
        past: vec![],
        planned: vec![],
        messages: vec![],
        thread: Thread { person: "Gloria Begay".into(), bubbles: vec![], back: "/people".into() },
        reply: None,
        phone: None,
        texting: TextingState::NoNumber,
        ..person()
    }
}

pub(in crate::console::view) fn people(query: &str) -> People {
    let row = |id: &str, name: &str, born: &str, number: &str, language: &str, next: &str, texting| PersonRow {
        id: id.into(),
        name: name.into(),
        born: born.into(),
        record: format!("RB-{id}"),
        number: number.into(),
        language: language.into(),
        next_visit: next.into(),
        texting,
    };
    People {
        shell: shell(Section::People),
        query: query.into(),
        results: if query == "zzz" {
            vec![]
        } else {
            vec![
                row("10482", "Rosa Delgado Ibarra", "4 May 1961", "212-555-0147", "Spanish", "Thu 26 Nov, 3:15 PM", TextingState::May),
                row("10483", "Luis Delgado", "19 Aug 1990", "212-555-0147", "Spanish", "", TextingState::May),
                row("11877", "Carmen Delgadillo", "2 Feb 1948", "", "English", "Mon 30 Nov, 8:45 AM", TextingState::NoNumber),
                row(
                    "12001",
                    "James Albert Fitzgerald-Montgomery III",
                    "30 Sep 1975",
                    "646-555-0119",
                    "English",
                    "Tue 24 Nov, 10:45 AM",
                    TextingState::OptedOut,
                ),
                row("12044", "Eleanor Vance", "11 Jan 1988", "917-555-0130", "English", "", TextingState::Disputed),
            ]
        },
        more: !query.is_empty() && query != "zzz",
    }
}

pub(in crate::console::view) fn inbox(open: bool) -> Inbox {
    let row = |id: &str, person: &str, excerpt: &str, lang: &str, ours, said: &str, unread, task| ThreadRow {
        id: id.into(),
        person: person.into(),
        excerpt: excerpt.into(),
        lang: lang.into(),
        ours,
        at: at("10:00", said),
        unread,
        task,
        current: open && id == "rosa",
    };
    Inbox {
        shell: shell(Section::Inbox),
        filters: [("", "All", 23), ("unread", "Unread", 4), ("tasks", "With a task", 5)]
            .iter()
            .map(|(value, label, count)| InboxFilter {
                value: (*value).into(),
                label: (*label).into(),
                count: *count,
                current: value.is_empty(),
            })
            .collect(),
        list: ThreadList {
            rows: vec![
                row("rosa", "Rosa Delgado Ibarra", "Perfecto, muchas gracias 🙏", "es", false, "10:41 AM", 1, None),
                row(
                    "walter",
                    "Walter Hayes",
                    "chest hurts really bad since this morning",
                    "en",
                    false,
                    "10:38 AM",
                    1,
                    Some(TaskKind::Distress),
                ),
                row("eleanor", "Eleanor Vance", "who is this? wrong person", "en", false, "10:20 AM", 1, Some(TaskKind::WrongNumber)),
                row(
                    "thomas",
                    "Thomas Whitcomb",
                    "yes but which one, the morning?",
                    "en",
                    false,
                    "9:40 AM",
                    1,
                    Some(TaskKind::UnclearReply),
                ),
                row("maria", "Maria Okafor", "See you at 9:00 AM.", "en", true, "yesterday", 0, None),
                row("unknown", "917-555-0182", "hi do you take new patients", "en", false, "yesterday", 0, None),
            ],
        },
        open: open.then(|| OpenThread {
            person_id: Some("pat_rosa".into()),
            person: "Rosa Delgado Ibarra".into(),
            line: "212-555-0147 · Spanish · next visit Thu 26 Nov, 3:15 PM".into(),
            thread: thread(),
            reply: reply_box_warned(),
        }),
    }
}

pub(in crate::console::view) fn number(open: NumberPart) -> NumberPage {
    let of = person();
    let contact = of.contact_points.into_iter().next().expect("the sample has a number");
    let topic = |name: &str, title: &str, answer: &str| Topic {
        name: name.into(),
        title: title.into(),
        wording: "I agree that Riverbend Family Health may text this phone. Reply STOP to end.".into(),
        answer: answer.into(),
    };
    let mended = open == NumberPart::Authorization;
    NumberPage {
        shell: of.shell,
        person_id: "pat_rosa".into(),
        person: of.name,
        id: "cp_1".into(),
        number: contact.number,
        label: contact.label,
        live: true,
        verification: contact.verification,
        proven: "Verified 41 days ago".into(),
        confirm_due: true,
        shared_with: contact.shared_with,
        suppression: None,
        consents: contact.consents,
        open,
        consent: ConsentForm {
            lang: "en".into(),
            topics: vec![topic("appointments", "Appointments", "yes"), topic("warning", "Details in unencrypted texts", "")],
            on_paper: true,
            date: "2026-11-30".into(),
            today: "2026-11-24".into(),
            reference: "binder 3".into(),
            fault: Some("The date on the form is still to come.".into()),
        },
        code_limit: (open == NumberPart::Verify).then(|| "Too many codes were tried at this number. Again at 3:10 PM.".into()),
        may_unlock: true,
        requests: vec![RequestRow {
            id: "cev_1".into(),
            what: "Asked for nothing clinical by text.".into(),
            since: when("2026-11-02", "2 Nov 2026"),
        }],
        request: RequestForm {
            kind: "only_between".into(),
            fault: Some("The hours end before they begin.".into()),
            ..RequestForm::default()
        },
        authorizations: vec![AuthorizationRow {
            id: "cev_2".into(),
            until: "Until 31 Dec 2027".into(),
            holds: true,
            lines: vec!["Information: name and phone number".into(), "Signed: 2026-11-02".into()],
        }],
        authorization: AuthorizationForm {
            information: "Name".into(),
            faults: match mended {
                true => ["discloser", "expiry", "signed_on", "states_revocation", "scan"].map(|field| (field, "Say it.".to_owned())).into(),
                false => vec![],
            },
            ..AuthorizationForm::default()
        },
    }
}

pub(in crate::console::view) fn change_number() -> ChangeNumber {
    ChangeNumber {
        shell: shell(Section::People),
        person_id: "pat_rosa".into(),
        person: "Rosa Delgado Ibarra".into(),
        present: "212-555-0147".into(),
        entered: "212-55".into(),
        fault: Some("A number has ten digits.".into()),
    }
}

pub(in crate::console::view) fn check_in_started() -> CheckInStarted {
    CheckInStarted {
        shell: shell(Section::People),
        person_id: "pat_rosa".into(),
        person: "Rosa Delgado Ibarra".into(),
        id: "cp_1".into(),
        number: "212-555-0147".into(),
        code: "482 913".into(),
        address: "https://texts.example.com/check-in".into(),
        until: at("11:12", "11:12 AM"),
        back: "/".into(),
    }
}
