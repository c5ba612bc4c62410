//! A day of visits, and its tasks.

use super::{at, shell, shell_in_trouble};
use crate::console::view::*;

fn visit(
    id: &str,
    (time, text): (&str, &str),
    (person, visit_type): (&str, &str),
    state: ReminderState,
    note: &str,
    reply: Option<(&str, &str, &str)>,
) -> VisitRow {
    VisitRow {
        id: id.into(),
        at: at(time, text),
        person_id: format!("pat_{id}"),
        person: person.into(),
        visit_type: visit_type.into(),
        state,
        note: note.into(),
        reply: reply.map(|(words, lang, said)| Reply { text: words.into(), lang: lang.into(), at: at("08:00", said) }),
        message_id: (state != ReminderState::NotPlanned && state != ReminderState::OptedOut).then(|| format!("msg_{id}")),
        past: time < "10:42",
        check: matches!(id, "v3" | "v4").then(|| NumberCheck {
            contact: format!("cp_{id}"),
            sentence: "Confirmed 4 months ago".into(),
            confirmable: id == "v3",
            back: "/".into(),
        }),
    }
}

pub(in crate::console::view) fn visit_row() -> VisitRow {
    visit(
        "v3",
        ("09:30", "9:30 AM"),
        ("Rosa Delgado Ibarra", "New patient"),
        ReminderState::WantsReschedule,
        "asked today",
        Some(("¿Puedo cambiar la cita para el jueves por la tarde?", "es", "8:04 AM")),
    )
}

fn groups() -> Vec<LocationGroup> {
    use ReminderState as S;
    let hour = |label: &str, visits: Vec<VisitRow>| HourGroup { label: label.into(), visits };
    vec![
        LocationGroup {
            id: "loc_elm".into(),
            name: "Elm Street".into(),
            zone: String::new(),
            visits: 8,
            hours: vec![
                hour(
                    "9 AM",
                    vec![
                        visit(
                            "v1",
                            ("09:00", "9:00 AM"),
                            ("Maria Okafor", "Follow-up"),
                            S::Confirmed,
                            "yesterday 4:12 PM",
                            Some(("C", "en", "yesterday 4:12 PM")),
                        ),
                        visit("v2", ("09:15", "9:15 AM"), ("Thomas Whitcomb", "Annual visit"), S::Delivered, "no answer yet", None),
                        visit_row(),
                    ],
                ),
                hour(
                    "10 AM",
                    vec![
                        visit("v4", ("10:00", "10:00 AM"), ("Wei-Ling Chao", "Follow-up"), S::Unknown, "carrier did not answer", None),
                        visit(
                            "v5",
                            ("10:45", "10:45 AM"),
                            ("James Albert Fitzgerald-Montgomery III", "Nurse visit"),
                            S::OptedOut,
                            "call instead",
                            Some(("stop texting me please", "en", "19 Nov")),
                        ),
                    ],
                ),
                hour(
                    "11 AM",
                    vec![
                        visit("v6", ("11:15", "11:15 AM"), ("Aisha Rahman", "Follow-up"), S::Held, "until 8:00 AM, quiet hours", None),
                        visit("v7", ("11:30", "11:30 AM"), ("Peter Lindqvist", "Lab draw"), S::NeedsReview, "shared number", None),
                        visit(
                            "v8",
                            ("11:45", "11:45 AM"),
                            ("Guadalupe Nuñez", "Annual visit"),
                            S::Confirmed,
                            "Sunday",
                            Some(("Sí, ahí estaré. Gracias!", "es", "Sun 6:31 PM")),
                        ),
                    ],
                ),
            ],
        },
        LocationGroup {
            id: "loc_harbor".into(),
            name: "Harbor Point".into(),
            zone: String::new(),
            visits: 5,
            hours: vec![
                hour(
                    "1 PM",
                    vec![
                        visit("v9", ("13:00", "1:00 PM"), ("Samuel Osei", "Follow-up"), S::Planned, "for 11:00 AM", None),
                        visit("v10", ("13:20", "1:20 PM"), ("Noor Haddad", "New patient"), S::Undelivered, "phone unreachable", None),
                        visit("v11", ("13:40", "1:40 PM"), ("Eleanor Vance", "Follow-up"), S::Refused, "no consent yet", None),
                    ],
                ),
                hour(
                    "2 PM",
                    vec![
                        visit(
                            "v12",
                            ("14:00", "2:00 PM"),
                            ("Miguel Ángel Torres", "Nurse visit"),
                            S::Cancelled,
                            "by patient",
                            Some(("No puedo ir mañana, cancelen mi cita", "es", "7:40 AM")),
                        ),
                        visit("v13", ("14:30", "2:30 PM"), ("Hannah Brooks", "Annual visit"), S::Sent, "10:41 AM", None),
                    ],
                ),
            ],
        },
        LocationGroup {
            id: "loc_mesa".into(),
            name: "Mesa Clinic".into(),
            zone: "Mountain time".into(),
            visits: 1,
            hours: vec![hour(
                "3 PM",
                vec![visit("v14", ("15:00", "3:00 PM"), ("Gloria Begay", "Follow-up"), S::NotPlanned, "booked just now", None)],
            )],
        },
    ]
}

pub(in crate::console::view) fn summary() -> Summary {
    let counts = [2, 2, 1, 2, 4, 3];
    Summary {
        scope: "visits at 3 locations".into(),
        slices: SliceKind::ALL.iter().zip(counts).map(|(kind, count)| Slice { kind: *kind, count }).collect(),
        by_location: vec![
            SummaryRow { location: "Elm Street".into(), counts: vec![2, 1, 1, 1, 2, 1] },
            SummaryRow { location: "Harbor Point".into(), counts: vec![0, 1, 0, 1, 2, 1] },
            SummaryRow { location: "Mesa Clinic".into(), counts: vec![0, 0, 0, 0, 0, 1] },
        ],
    }
}

fn task(id: &str, kind: TaskKind, person: Option<&str>, sentence: &str, quote: Option<(&str, &str)>, said: &str) -> Task {
    Task {
        id: id.into(),
        kind,
        sentence: sentence.into(),
        quote: quote.map(|(words, _)| words.into()),
        quote_lang: quote.map_or("en", |(_, lang)| lang).into(),
        person: person.map(|name| (format!("pat_{id}"), name.into())),
        message_id: (kind == TaskKind::UnknownOutcome || kind == TaskKind::Undelivered).then(|| format!("msg_{id}")),
        at: at("10:38", said),
    }
}

fn tasks() -> Vec<Task> {
    vec![
        task(
            "t1",
            TaskKind::Distress,
            Some("Walter Hayes"),
            "Call now. The automatic answer told him to call 911.",
            Some(("chest hurts really bad since this morning", "en")),
            "4 min ago",
        ),
        task(
            "t2",
            TaskKind::WrongNumber,
            Some("Eleanor Vance"),
            "Texts to this number have stopped. Ask for her number at the visit.",
            Some(("who is this? wrong person", "en")),
            "22 min ago",
        ),
        task(
            "t3",
            TaskKind::MaybeStop,
            Some("Miguel Ángel Torres"),
            "Texts have stopped. He may have meant the visit: call to ask.",
            Some(("Cancelar", "es")),
            "1 h ago",
        ),
        task(
            "t4",
            TaskKind::UnclearReply,
            Some("Thomas Whitcomb"),
            "The reply fits two visits.",
            Some(("yes but which one, the morning?", "en")),
            "1 h ago",
        ),
        task(
            "t5",
            TaskKind::UnknownOutcome,
            Some("Wei-Ling Chao"),
            "The line dropped while sending. The text may or may not have arrived, so it was not sent again.",
            None,
            "2 h ago",
        ),
    ]
}

pub(in crate::console::view) fn tasks_panel() -> TasksPanel {
    TasksPanel { tasks: tasks(), more: 2, back: "/?day=2026-11-24".into() }
}

pub(in crate::console::view) fn today() -> Today {
    let days =
        [("23", "Mon", 31), ("24", "Tue", 17), ("25", "Wed", 22), ("26", "Thu", 0), ("27", "Fri", 9), ("28", "Sat", 4), ("29", "Sun", 0)];
    Today {
        shell: shell(Section::Today),
        day: DayBar {
            heading: "Tuesday 24 November".into(),
            relative: "Today".into(),
            value: "2026-11-24".into(),
            previous: "2026-11-23".into(),
            next: "2026-11-25".into(),
            days: days
                .iter()
                .map(|(number, weekday, visits)| DayLink {
                    value: format!("2026-11-{number}"),
                    weekday: (*weekday).into(),
                    number: (*number).into(),
                    month: "November".into(),
                    visits: *visits,
                    current: *number == "24",
                    today: *number == "24",
                })
                .collect(),
            location: String::new(),
        },
        locations: [
            ("", "All locations", 14),
            ("loc_elm", "Elm Street", 8),
            ("loc_harbor", "Harbor Point", 5),
            ("loc_mesa", "Mesa Clinic", 1),
        ]
        .iter()
        .map(|(id, name, visits)| LocationFilter { id: (*id).into(), name: (*name).into(), visits: *visits, current: id.is_empty() })
        .collect(),
        summary: summary(),
        tasks: tasks_panel(),
        groups: groups(),
    }
}

pub(in crate::console::view) fn today_empty() -> Today {
    Today {
        shell: shell_in_trouble(Section::Today),
        groups: Vec::new(),
        tasks: TasksPanel { tasks: Vec::new(), more: 0, back: "/".into() },
        ..today()
    }
}

pub(in crate::console::view) fn tasks_page() -> TasksPage {
    let filter = |kind, count, current| TaskFilter { kind, count, current };
    TasksPage {
        shell: shell_in_trouble(Section::Tasks),
        filters: vec![
            filter(None, 5, true),
            filter(Some(TaskKind::Distress), 1, false),
            filter(Some(TaskKind::WrongNumber), 1, false),
            filter(Some(TaskKind::MaybeStop), 1, false),
            filter(Some(TaskKind::UnclearReply), 1, false),
            filter(Some(TaskKind::UnknownOutcome), 1, false),
        ],
        tasks: tasks(),
        done: vec![
            DoneTask {
                kind: TaskKind::Reschedule,
                person: "Rosa Delgado Ibarra".into(),
                by: "Dana Whitfield".into(),
                at: at("10:05", "10:05 AM"),
            },
            DoneTask { kind: TaskKind::Undelivered, person: "Noor Haddad".into(), by: "Luis Ortega".into(), at: at("09:12", "9:12 AM") },
        ],
        back: "/tasks".into(),
    }
}
