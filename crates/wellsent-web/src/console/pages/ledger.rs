//! The log that proves what happened. It holds no PHI, so looking at it leaves no entry.

use super::{finish, flash_of};
use crate::App;
use crate::access::SignedInStaff;
use crate::console::frame::{Place, calendar, shell};
use crate::console::present::{Calendar, capital, count, spaced, thousands};
use crate::console::view::{Ledger, LedgerEntry, Section};
use crate::failure::{Asking, Failed};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value};
use wellsent_domain::StaffId;
use wellsent_store::views::journal::Listed;
use wellsent_store::views::{self};
use wellsent_store::{StoreError, SystemTx, Tx, from_micros, ledger};

const SHOWN_MAX: usize = 60;

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    before: Option<u64>,
}

/// The page of the ledger.
pub(crate) async fn page(
    State(app): State<App>,
    staff: SignedInStaff,
    Asking(asked): Asking<Asked>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    let (now, practice, before) = (app.engine.now(), staff.access.practice, asked.before);
    let store = app.engine.store();
    let load = move |tx: &mut SystemTx<'_, '_>| views::journal::page(tx, practice, before, SHOWN_MAX);
    let journal = store.system_read::<_, StoreError, _>(load).await?;
    let frame = store.read::<_, StoreError, _>(staff.access, move |tx: &mut Tx<'_, '_>| views::frame::load(tx, now)).await?;
    let calendar = calendar(&frame, now);
    let signed = journal.checkpoint.as_ref();
    let since = journal.size - signed.map_or(0, |checkpoint| checkpoint.size.min(journal.size)) + journal.pending;
    let key = app.engine.verifying_key();
    // Its text form is name, hash and key; the first two are what stands beside a signature.
    let hash: String = key.to_string().chars().skip(key.name().chars().count() + 1).take(8).collect();
    let note = signed.map(|checkpoint| checkpoint.note.clone()).unwrap_or_default();
    let flash = flash_of(&staff, &headers);
    let was_shown = flash.is_some();
    let view = Ledger {
        shell: shell(&app, &staff, &frame, &calendar, Place { section: Section::Ledger, back: "/ledger", flash }),
        origin: app.engine.origin().to_owned(),
        size: thousands(signed.map_or(0, |checkpoint| checkpoint.size)),
        pending: count(i64::try_from(since).unwrap_or(i64::MAX)),
        root: note.lines().nth(2).unwrap_or_default().to_owned(),
        signed_at: signed.map(|checkpoint| calendar.when(checkpoint.at)),
        key: format!("{}+{hash}", key.name()),
        note,
        check: None,
        entries: journal.entries.iter().map(|entry| entry_row(entry, &journal.staff, &calendar)).collect(),
        older: journal.older.map(|before| format!("/ledger?before={before}")),
    };
    finish(&app, &view, was_shown)
}

/// The latest checkpoint as a file, to be kept elsewhere.
pub(crate) async fn checkpoint(State(app): State<App>, _staff: SignedInStaff) -> Result<Response, Failed> {
    let load = |tx: &mut SystemTx<'_, '_>| ledger::latest_checkpoint(tx);
    let found = app.engine.store().system_read::<_, StoreError, _>(load).await?.ok_or(Failed::NOT_FOUND)?;
    let name = format!("attachment; filename=\"checkpoint-{}.txt\"", found.size);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment"))),
    ];
    Ok((headers, found.note).into_response())
}

/// The fields that name what an entry is about, in the order in which one is chosen, with the page of it.
const SUBJECTS: &[(&str, &str)] = &[
    ("message", "/messages/"),
    ("person", "/people/"),
    ("attempt", ""),
    ("inbound", ""),
    ("appointment", ""),
    ("task", ""),
    ("contact_point", ""),
    ("staff", ""),
    ("session", ""),
    ("import", ""),
    ("template", ""),
    ("rule", ""),
    ("location", ""),
    ("sender", ""),
];

fn entry_row(entry: &Listed, staff: &[(StaffId, String)], calendar: &Calendar) -> LedgerEntry {
    let fields: Map<String, Value> = serde_json::from_str(&entry.json).unwrap_or_default();
    let word = |name: &str| fields.get(name).and_then(Value::as_str);
    let subject = SUBJECTS.iter().find_map(|(name, page)| Some((word(name)?, *page)));
    let actor = word("actor").unwrap_or("system");
    let hash = entry.hash.to_string();
    LedgerEntry {
        index: thousands(entry.index),
        at: calendar.exactly(from_micros(fields.get("at").and_then(Value::as_i64).unwrap_or_default())),
        what: what(word("kind").unwrap_or("entry"), &word),
        subject: subject.map(|(id, _)| id.to_owned()).unwrap_or_default(),
        href: subject.filter(|(_, page)| !page.is_empty()).map(|(id, page)| format!("{page}{id}")),
        actor: staff.iter().find(|(id, _)| id.to_string() == actor).map_or_else(|| actor.to_owned(), |(_, name)| name.clone()),
        hash: format!("{}…{}", &hash[..8], &hash[hash.len() - 5..]),
    }
}

/// What happened, in words: the kind of entry, and the word that says most about it.
fn what<'a>(kind: &str, word: &impl Fn(&str) -> Option<&'a str>) -> String {
    let (words, more) = match kind {
        "ruling" => ("Ruling".to_owned(), word("ruling")),
        "outcome" => ("Outcome".to_owned(), word("outcome")),
        "read" => ("Record read".to_owned(), word("what")),
        "inbound" => ("Text received".to_owned(), None),
        "routed" => ("Text understood".to_owned(), word("meaning")),
        "revocation" => ("Texts stopped".to_owned(), word("channel")),
        "resumed" => ("Texts resumed".to_owned(), word("channel")),
        "consent" => ("Consent".to_owned(), word("act")),
        "task" => ("Task opened".to_owned(), word("task_kind")),
        "task_done" => ("Task done".to_owned(), None),
        "sign_in" => ("Signed in".to_owned(), None),
        "sign_out" => ("Signed out".to_owned(), None),
        "sign_in_link" => ("Sign-in link made".to_owned(), None),
        "settings" => ("Setting changed".to_owned(), word("sending")),
        "import" => ("File imported".to_owned(), word("what")),
        "export" => ("Exported".to_owned(), word("what")),
        other => (capital(&spaced(other)), None),
    };
    match more {
        Some(more) => format!("{words}: {}", spaced(more)),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use wellsent_domain::MessageId;

    #[test]
    fn an_entry_says_what_about_what_and_by_whom() {
        let (message, by) = (MessageId::from_bytes([5; 16]), StaffId::from_bytes([6; 16]));
        let json = format!(r#"{{"v":1,"kind":"ruling","at":0,"message":"{message}","ruling":"release","actor":"{by}"}}"#);
        let listed = Listed { index: 1234, json, hash: wellsent_ledger::leaf_hash(b"x") };
        let calendar = Calendar::new("2026-11-24T15:42:00Z".parse().unwrap(), TimeZone::UTC);
        let row = entry_row(&listed, &[(by, "Dana Whitfield".to_owned())], &calendar);
        assert_eq!((row.index.as_str(), row.what.as_str(), row.actor.as_str()), ("1,234", "Ruling: release", "Dana Whitfield"));
        assert_eq!(row.href, Some(format!("/messages/{message}")));
    }

    #[test]
    fn an_entry_that_is_not_understood_is_shown_all_the_same() {
        let listed = Listed { index: 0, json: "not json".into(), hash: wellsent_ledger::leaf_hash(b"x") };
        let calendar = Calendar::new("2026-11-24T15:42:00Z".parse().unwrap(), TimeZone::UTC);
        assert_eq!(entry_row(&listed, &[], &calendar).what, "Entry");
    }
}
