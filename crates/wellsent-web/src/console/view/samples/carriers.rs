//! The carriers: two accounts, one at rest, an agreement that ended, and a text of which nobody knows whether it went.

use super::{at, shell, when};
use crate::console::view::*;

fn chart(unit: &'static str, counts: &[(&str, u64, u64, u64)], step: usize) -> Chart {
    let bar = |(label, taken, refused, unclear): &(&str, u64, u64, u64)| Bar {
        label: (*label).into(),
        taken: *taken,
        refused: *refused,
        unclear: *unclear,
    };
    let marks = counts.iter().step_by(step).map(|(label, ..)| label.split(',').next().unwrap_or_default().to_owned());
    let most = counts.iter().map(|(_, taken, refused, unclear)| taken + refused + unclear).max().unwrap_or(0).to_string();
    Chart { unit, bars: counts.iter().map(bar).collect(), marks: marks.collect(), most }
}

fn hours() -> Chart {
    const HOURS: [&str; 24] = [
        "11 AM", "12 PM", "1 PM", "2 PM", "3 PM", "4 PM", "5 PM", "6 PM", "7 PM", "8 PM", "9 PM", "10 PM", "11 PM", "12 AM", "1 AM",
        "2 AM", "3 AM", "4 AM", "5 AM", "6 AM", "7 AM", "8 AM", "9 AM", "10 AM",
    ];
    let counts: Vec<_> =
        HOURS.iter().enumerate().map(|(place, label)| (*label, [38, 12, 9, 0][place / 6] * (place as u64 % 4), 0, 0)).collect();
    let mut chart = chart("Hour", &counts, 6);
    chart.bars[22] = Bar { label: "9 AM".into(), taken: 212, refused: 3, unclear: 1 };
    chart.most = "216".into();
    chart
}

fn feature(has: bool, text: &str) -> Feature {
    Feature { has, text: text.into() }
}

fn figure(label: &'static str, value: &str, tone: &'static str) -> Figure {
    Figure { label, value: value.into(), tone }
}

fn accounts() -> Vec<Account> {
    let days = [
        ("Wed, Nov 18", 1_204, 4, 0),
        ("Thu, Nov 19", 1_318, 2, 1),
        ("Fri, Nov 20", 986, 9, 0),
        ("Sat, Nov 21", 143, 0, 0),
        ("Sun, Nov 22", 0, 0, 0),
        ("Mon, Nov 23", 1_422, 31, 2),
        ("Tue, Nov 24", 618, 3, 1),
    ];
    let none = days.map(|(label, ..)| (label, 0, 0, 0));
    vec![
        Account {
            place: 1,
            name: "telnyx-spare".into(),
            what: "Telnyx, account 40017f2e".into(),
            state: AccountState::Resting,
            health: "Resting until 10:51 AM after 5 failures in a row; then one text tries. Nothing is lost meanwhile: texts wait, or go over another sender.".into(),
            last: None,
            figures: vec![figure("Taken, 24 h", "0", ""), figure("Refused, 24 h", "0", ""), figure("Unclear, 24 h", "0", ""), figure("Tries in vain, 24 h", "5", "warn")],
            days: chart("Day", &none, 1),
            hours: chart("Hour", &[("11 AM", 0, 0, 0); 24], 6),
            features: vec![feature(true, "Reports delivery to the phone"), feature(false, "Cannot be asked to forget texts")],
        },
        Account {
            place: 2,
            name: "twilio-main".into(),
            what: "Twilio, account AC00000000000000000000000000000123".into(),
            state: AccountState::Works,
            health: "Texts go.".into(),
            last: Some(at("10:41", "at 10:41 AM")),
            figures: vec![
                figure("Taken, 24 h", "1,308", ""),
                figure("Refused, 24 h", "7", ""),
                figure("Unclear, 24 h", "1", "warn"),
                figure("Half arrive in", "4.2 s", ""),
            ],
            days: chart("Day", &days, 1),
            hours: hours(),
            features: vec![
                feature(true, "Reports delivery to the phone"),
                feature(true, "Its log is searched for unclear texts by number, words and time"),
                feature(true, "Missed texts are fetched from its log: 2 in seven days; read up to 10:40 AM"),
                feature(true, "Forgets texts when asked: 96 waiting, 12,604 done, 0 refused"),
                feature(false, "Leaves the answer to STOP to us"),
            ],
        },
    ]
}

fn agreements() -> Vec<AgreementRow> {
    let row = |id: &str, party: &str, (carrier, account): (&str, &str), days: &str, state, note: &str, digest: &str| AgreementRow {
        id: id.into(),
        party: party.into(),
        carrier: carrier.into(),
        account: account.into(),
        services: "Texts and looking numbers up".into(),
        days: days.into(),
        state,
        note: note.into(),
        digest: digest.into(),
        digest_whole: digest.repeat(5),
        may_end: state != AgreementState::Over,
    };
    vec![
        row(
            "agr_1",
            "Telnyx LLC",
            ("telnyx-spare", "40017f2e"),
            "Jan 1, 2026 to Nov 23, 2026",
            AgreementState::Over,
            "ended 1 day ago",
            "",
        ),
        row(
            "agr_2",
            "Twilio Inc.",
            ("twilio-main", "AC00000000000000000000000000000123"),
            "Dec 8, 2025 to Dec 7, 2026",
            AgreementState::EndsSoon,
            "ends in 13 days",
            "9f86d081884c",
        ),
    ]
}

fn senders() -> Vec<SenderRow> {
    let gauge = |used: &str, of: &str, note: &str, part, whole, tone| Gauge {
        used: used.into(),
        of: of.into(),
        note: note.into(),
        share: Share::of(part, whole),
        tone,
    };
    let form = |registration: &str, rank: &str| SenderForm {
        registration: registration.into(),
        campaign: "CQ8X2P1".into(),
        brand: "B7QKM2".into(),
        per_minute: "240".into(),
        per_day: "10000".into(),
        rank: rank.into(),
        ..SenderForm::default()
    };
    vec![
        SenderRow {
            id: "snd_1".into(),
            address: "212-555-0199".into(),
            what: "Ten-digit number at twilio-main".into(),
            under: "Campaign CQ8X2P1, brand B7QKM2".into(),
            registration: RegistrationState::Approved,
            registration_note: "",
            rank: "1".into(),
            minute: gauge("231", "of 240 parts in the last minute", "shared with another sender of its campaign", 231, 240, "warn"),
            day: Some(gauge(
                "1,318",
                "of 10,000 parts of its brand today",
                "begins anew tomorrow at 3:00 AM (midnight Pacific)",
                1_318,
                10_000,
                "info",
            )),
            calls_at: "https://texts.example.com/hooks/twilio-main/snd_1".into(),
            form: form("approved", "1"),
        },
        SenderRow {
            id: "snd_2".into(),
            address: "888-555-0142".into(),
            what: "Toll-free number at telnyx-spare".into(),
            under: String::new(),
            registration: RegistrationState::Pending,
            registration_note: "Nothing leaves from it until the carriers approve it",
            rank: "2".into(),
            minute: gauge("0", "of 180 parts in the last minute", "", 0, 180, "info"),
            day: None,
            calls_at: String::new(),
            form: SenderForm {
                is_open: true,
                faults: vec![("per_minute", "Give a whole number from 1 to 600,000.")],
                ..form("pending", "2")
            },
        },
    ]
}

fn unclear(id: &str, given_up: bool) -> UnclearRow {
    UnclearRow {
        id: id.into(),
        message_id: "msg_9".into(),
        person: Some(("per_1".into(), "Rosa Delgado".into())),
        at: at("09:12", "at 9:12 AM"),
        sender: "212-555-0199".into(),
        given_up,
        lost: "The line broke before the answer.",
        log: "Nothing found in the carrier's log after 3 looks, the last at 9:14 AM. That makes it likely that it did not go.".into(),
        may_ask: true,
        may_resend: true,
        useful_until: when("2026-11-25T10:00:00-05:00", "tomorrow at 10:00 AM"),
        answer: None,
        carrier_id: String::new(),
        fault: "",
    }
}

fn applications() -> Vec<ApplicationRow> {
    let row = |id: &str, name: &str, calls: &str, fails, disabled| ApplicationRow {
        id: id.into(),
        name: name.into(),
        account: "AC0123456789abcdef0123456789abcdef".into(),
        disabled,
        what: "Appointments, for treatment".into(),
        keys: "Keys SK…1f2b and SK…90aa".into(),
        hosts: "called at portal.example.com".into(),
        texts: "182 sent, 37 received".into(),
        calls: calls.into(),
        fails,
    };
    vec![
        row("app_1", "Patient portal", "one callback to come", false, None),
        row("app_2", "Recall service", "4 callbacks to come, 12 given up in 7 days", true, None),
        row("app_3", "Old recall", "", false, Some(when("2026-10-02T09:00:00-04:00", "Fri, Oct 2 at 9:00 AM"))),
    ]
}

/// The page with something to do in every part.
pub(in crate::console::view) fn carriers() -> Carriers {
    let alarm = |is_bad, text: &str, href, link| Alarm { is_bad, text: text.into(), href, link };
    let names = vec![
        ("telnyx-spare".to_owned(), "40017f2e".to_owned()),
        ("twilio-main".to_owned(), "AC00000000000000000000000000000123".to_owned()),
    ];
    let asked = UnclearRow {
        answer: Some(LogAnswer {
            text: "it is there. It went.".into(),
            lines: vec![
                LogRow {
                    at: at("09:12", "9:12:04 AM"),
                    carrier_id: "SM0000000000000000000000000000000a".into(),
                    status: "delivered".into(),
                    fits: true,
                },
                LogRow {
                    at: at("09:20", "9:20:31 AM"),
                    carrier_id: "SM0000000000000000000000000000000b".into(),
                    status: "sent on".into(),
                    fits: false,
                },
            ],
        }),
        carrier_id: "SM0000000000000000000000000000000a".into(),
        ..unclear("att_1", true)
    };
    Carriers {
        shell: Shell { live: None, role: "Manager".into(), ..shell(Section::Carriers) },
        alarms: vec![
            alarm(
                true,
                "Nothing goes through telnyx-spare: its agreement ended on Nov 23, 2026.",
                "#record-agreement",
                "Record an agreement",
            ),
            alarm(
                false,
                "The agreement for twilio-main ends in 13 days, and no other follows it.",
                "#record-agreement",
                "Record the next one",
            ),
        ],
        accounts: accounts(),
        agreements: agreements(),
        agreement_form: AgreementForm {
            is_open: true,
            carriers: names.clone(),
            carrier: "twilio-main".into(),
            party: String::new(),
            services: vec![
                ("sms", "Texts", true),
                ("lookup", "Looking numbers up", false),
                ("verify", "Codes that the carrier makes and checks", false),
            ],
            from: "2026-12-08".into(),
            until: "2026-12-07".into(),
            faults: vec![
                ("account", "This carrier has accounts. Give the one that the agreement names."),
                ("party", "Give the name of the other party, as it signed."),
                ("until", "It ends before it begins."),
                ("services", "Tick at least one service that it covers."),
                ("file", "The file did not come through, or it is larger than 60 MB. Choose it again, or leave it out."),
            ],
            ..AgreementForm::default()
        },
        queue: Queue {
            waiting: 412,
            text: "412 texts are due and have not gone since 10:38 AM. All will have gone about 10:44 AM, at one part each.".into(),
        },
        senders: senders(),
        sender_form: SenderForm {
            carriers: names.into_iter().map(|(name, _)| name).collect(),
            kind: "long_code".into(),
            registration: "pending".into(),
            per_minute: "60".into(),
            ..SenderForm::default()
        },
        unclear: vec![asked, UnclearRow { person: None, may_resend: false, fault: "Say how you know.", ..unclear("att_2", false) }],
        unclear_more: true,
        settled_by: vec![("carrier_log", "I looked into the carrier's own log"), ("patient", "The patient said so")],
        applications: applications(),
    }
}

/// The page of a server without a carrier.
pub(in crate::console::view) fn carriers_none() -> Carriers {
    Carriers {
        alarms: vec![],
        accounts: vec![],
        agreements: vec![],
        agreement_form: AgreementForm::default(),
        queue: Queue { waiting: 0, text: "Nothing waits: every text that was due has gone.".into() },
        senders: vec![],
        sender_form: SenderForm::default(),
        unclear: vec![],
        unclear_more: false,
        applications: vec![],
        ..carriers()
    }
}
