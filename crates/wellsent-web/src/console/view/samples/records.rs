//! The ledger, an import, and the phones.

use super::{at, shell};
use crate::console::view::*;

pub(in crate::console::view) const ROOT: &str = "q7d2Zk3nYyI0m5r8b1Vt9XWc4uLhJfEoPsAaGxNwTz0=";

pub(in crate::console::view) fn ledger() -> Ledger {
    let entry = |index: &str, said: &str, what: &str, subject: &str, href: Option<&str>, actor: &str| LedgerEntry {
        index: index.into(),
        at: at("10:40", said),
        what: what.into(),
        subject: subject.into(),
        href: href.map(Into::into),
        actor: actor.into(),
        hash: "9f86d081…00a08".into(),
    };
    Ledger {
        shell: shell(Section::Ledger),
        origin: "riverbend.example/wellsent".into(),
        size: "48,640".into(),
        pending: 12,
        root: ROOT.into(),
        signed_at: Some(at("10:40", "Today 10:40 AM")),
        key: "riverbend.example/wellsent+3f1c9a02".into(),
        note: format!("riverbend.example/wellsent\n48640\n{ROOT}\n\n\u{2014} riverbend.example/wellsent PxyaAk4l0mV7c9Y2b6r1Qd8w"),
        check: Some(LedgerCheck {
            good: true,
            at: at("04:00", "Today 4:00 AM"),
            sentence: "All 48,512 entries agreed with 36 checkpoints.".into(),
        }),
        entries: vec![
            entry("48,651", "10:41:20 AM", "Message submitted", "msg_01jd8e6m1", Some("/messages/msg_01jd8e6m1"), "system"),
            entry("48,650", "10:41:20 AM", "Ruling: released", "msg_01jd8e6m1", Some("/messages/msg_01jd8e6m1"), "system"),
            entry("48,649", "10:41:02 AM", "Record read", "pat_01jc44ab2", Some("/people/pat_01jc44ab2"), "Dana Whitfield"),
            entry("48,648", "10:40:40 AM", "Reply written", "msg_01jd8e6m0", Some("/messages/msg_01jd8e6m0"), "Dana Whitfield"),
            entry("48,647", "10:38:11 AM", "Text received", "msg_01jd8e6kz", None, "carrier"),
            entry("48,646", "10:02:00 AM", "Signed in", "stf_01j9aa", None, "Dana Whitfield"),
            entry("48,645", "9:58:31 AM", "Setting changed: quiet window", "", None, "Priya Raman"),
        ],
        older: Some("/ledger?before=48645".into()),
    }
}

pub(in crate::console::view) fn import(report: bool) -> Import {
    let row = |line, field: &str, reason: &str| Rejected { line, field: field.into(), reason: reason.into() };
    Import {
        shell: shell(Section::Import),
        kind: ImportedKind::Appointments,
        failure: (!report).then(|| "The file has no column `starts_at`. The first line must name the columns.".into()),
        report: report.then(|| ImportReport {
            file: "week-48.csv".into(),
            at: at("10:30", "today 10:30 AM"),
            accepted: 124,
            changed: 7,
            unchanged: 41,
            effect: "248 texts are planned, 7 were moved, and 2 withdrawn.".into(),
            rejected: vec![
                row(18, "mobile", "It has nine digits; a number has ten. Complete it and import the line again."),
                row(52, "starts_at", "2026-03-08 02:30 does not exist in America/New_York: clocks skip that hour."),
                row(77, "", "The line has 6 columns, the heading has 8. A comma inside quotation marks may be missing them."),
            ],
            rejected_more: 2,
        }),
    }
}

pub(in crate::console::view) fn phones(open: bool) -> Phones {
    let card = |id: &str, owner: &str, number: &str, last: &str, lang: &str, said: &str, unread| PhoneCard {
        id: id.into(),
        owner: owner.into(),
        number: number.into(),
        last: last.into(),
        lang: lang.into(),
        at: (!said.is_empty()).then(|| at("10:00", said)),
        unread,
        current: open && id == "1",
    };
    let text =
        |mine, words: &str, lang: &str, said: &str| PhoneBubble { mine, text: words.into(), lang: lang.into(), at: at("09:30", said) };
    Phones {
        shell: shell(Section::Phones),
        grid: PhoneGrid {
            query: String::new(),
            phones: vec![
                card("1", "Rosa and Luis Delgado", "212-555-0147", "Tenemos el jueves 11/26 a las 3:15 PM. ¿Le sirve?", "es", "10:40 AM", 1),
                card("2", "Hannah Brooks", "646-555-0110", "Riverbend Family Health: you have an appointment today 2:30 PM. Reply C to confirm", "en", "10:41 AM", 1),
                card("3", "Maria Okafor", "212-555-0102", "C", "en", "yesterday", 0),
                card("4", "Thomas Whitcomb", "917-555-0155", "yes but which one, the morning?", "en", "9:40 AM", 0),
                card("5", "Gloria Begay", "602-555-0171", "", "", "", 0),
                card("6", "James Albert Fitzgerald-Montgomery III", "646-555-0119", "Riverbend Family Health: you are unsubscribed and will get no more texts.", "en", "19 Nov", 0),
            ],
        },
        open: open.then(|| OpenPhone {
            id: "1".into(),
            owner: "Rosa and Luis Delgado".into(),
            screen: PhoneScreen {
                sender: "Riverbend Family Health".into(),
                time: "10:42".into(),
                bubbles: vec![
                    text(false, "Riverbend Family Health: tiene una cita el mar 11/24 9:30 AM. Responda C para confirmar, R para cambiar o llame al 212-555-0100. Responda STOP para no recibir mas mensajes.", "es", "Sun 9:30 AM"),
                    text(true, "¿Puedo cambiar la cita para el jueves por la tarde?", "es", "8:04 AM"),
                    text(false, "Riverbend Family Health: recibimos su mensaje. Le llamaremos hoy para darle otra hora.", "es", "8:04 AM"),
                    text(false, "Tenemos el jueves 11/26 a las 3:15 PM. ¿Le sirve?", "es", "10:40 AM"),
                    text(true, "Perfecto, muchas gracias 🙏", "es", "10:41 AM"),
                ],
            },
        }),
        carrier: CarrierPanel {
            mode: SubmitMode::Normal,
            receipts: vec![ReceiptTrouble::Duplicate],
            delivered: 151,
            submitted: 153,
            back: "/phones/1".into(),
        },
    }
}
