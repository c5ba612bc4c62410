//! One message: what it says, why it went or did not, and the proof.

use super::{finish, flash_of, read};
use crate::App;
use crate::access::SignedInStaff;
use crate::console::flash::{Note, back_with};
use crate::console::frame::{Place, calendar, shell};
use crate::console::present::*;
use crate::console::view::{Attempt, AttemptOutcome, MessagePage, MessageState, PageBehind, Proof, Reason, Receipt, Section};
use crate::failure::Failed;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use wellsent_domain::carrier_report::DeliveryStatus;
use wellsent_domain::gate::Rendering;
use wellsent_domain::message::{MessageState as Stand, Programme};
use wellsent_domain::practice::Sender;
use wellsent_domain::secure_page::PageKind;
use wellsent_domain::{MessageId, PhoneNumber};
use wellsent_engine::EngineError;
use wellsent_store::pages::StoredPage;
use wellsent_store::views::journal::Shown;
use wellsent_store::views::message::{AttemptLine, Dossier, RulingLine};
use wellsent_store::views::{self};
use wellsent_store::{StoreError, SystemTx, Tx, pages, practices};

/// The page of a message.
pub(crate) async fn page(
    State(app): State<App>,
    staff: SignedInStaff,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    let id: MessageId = id.parse().map_err(|_| Failed::NOT_FOUND)?;
    let now = app.engine.now();
    let load = move |tx: &mut Tx<'_, '_>| {
        let dossier = views::message::load(tx, id)?;
        let about = views::messages::visits(tx, &[id])?.pop().unwrap_or_default();
        tx.record(now, read("message", now).word("message", id).word_if("person", dossier.message.person));
        let behind = pages::of_message(tx, id)?;
        Ok::<_, StoreError>((views::frame::load(tx, now)?, dossier, about, practices::senders(tx)?, behind))
    };
    let (frame, dossier, about, senders, behind) = app.engine.store().write(staff.access, load).await?;
    let shown = match dossier.rulings.first() {
        Some(ruling) => {
            let slot = ruling.slot;
            let prove = move |tx: &mut SystemTx<'_, '_>| views::journal::prove(tx, slot);
            app.engine.store().system_read::<_, StoreError, _>(prove).await?
        }
        None => None,
    };
    let calendar = calendar(&frame, now);
    let message = &dossier.message;
    let ruling = dossier.rulings.first();
    let held = ruling.is_some_and(|ruling| ruling.ruling == "hold");
    let words = MessageWords {
        programme: message.programme,
        template: &message.template,
        staff: dossier.staff.as_deref().filter(|_| message.programme == Programme::Conversation),
        due_at: message.due_at,
        visits: &about,
    };
    let is_over = matches!(message.state, Stand::Refused | Stand::Withdrawn);
    let (text, lang) = text(&dossier, is_over);
    let back = format!("/messages/{id}");
    let flash = flash_of(&staff, &headers);
    let was_shown = flash.is_some();
    let view = MessagePage {
        shell: shell(&app, &staff, &frame, &calendar, Place { section: Section::Messages, back: &back, flash }),
        id: id.to_string(),
        kind: words.kind(),
        person_id: message.person.map(|id| id.to_string()).unwrap_or_default(),
        person: dossier.name.as_ref().map_or_else(|| "Unknown number".to_owned(), |name| name.expose().full()),
        number: dossier.number.expose().national(),
        sender: sender(&dossier, &senders),
        about: words.about(&calendar),
        size: message
            .body
            .as_ref()
            .or(message.text.as_ref())
            .map_or_else(|| if is_over { "no text".to_owned() } else { "measured when it is due".to_owned() }, |text| size(text.expose())),
        has_text: message.body.is_some() || message.text.is_some(),
        text,
        lang,
        language: language(message.language).to_owned(),
        tier: message.tier.map_or(if is_over { "none chosen" } else { "decided when it is due" }, tier).to_owned(),
        state: message_state(message.state, held),
        due: calendar.when(if message.state == Stand::Planned { message.next_at } else { message.due_at }),
        decision: decision(ruling.map(|ruling| ruling.ruling.as_str())),
        until: ruling.and_then(|ruling| ruling.until).map(|at| calendar.when(at)),
        ruled_at: ruling.map(|ruling| calendar.exactly(ruling.at)),
        summary: summary(ruling),
        reasons: ruling.map(reasons).unwrap_or_default(),
        changes: ruling.map(|ruling| ruling.reasons.iter().map(|reason| reason.remedy().to_owned()).collect()).unwrap_or_default(),
        facts: ruling.map(|ruling| facts(&ruling.facts, &ruling.reasons, ruling.basis.as_deref(), &calendar)).unwrap_or_default(),
        facts_digest: ruling.map(|ruling| hex(&ruling.facts_digest)).unwrap_or_default(),
        attempts: dossier.attempts.iter().map(|line| attempt(line, &calendar)).collect(),
        receipts: dossier
            .receipts
            .iter()
            .map(|line| Receipt {
                at: calendar.exactly(line.at),
                state: match line.status {
                    DeliveryStatus::Queued => MessageState::Sending,
                    DeliveryStatus::Sent => MessageState::Sent,
                    DeliveryStatus::Failed => MessageState::Failed,
                    DeliveryStatus::Undelivered => MessageState::Undelivered,
                    DeliveryStatus::Delivered => MessageState::Delivered,
                },
                sentence: line.failure.map(|failure| failure.sentence().to_owned()).unwrap_or_default(),
            })
            .collect(),
        proof: shown.as_ref().map(|shown| proof(shown, &calendar)),
        may_review: message.state == Stand::Review,
        page: behind.as_ref().and_then(|page| page_behind(page, &calendar)),
    };
    finish(&app, &view, was_shown)
}

/// The page behind a notice, for one that says something.
fn page_behind(page: &StoredPage, calendar: &Calendar) -> Option<PageBehind> {
    let text = page.body.as_ref().filter(|_| page.kind == PageKind::Message)?;
    Some(PageBehind {
        text: text.expose().clone(),
        lang: page.language.as_str().to_owned(),
        state: capital(&page_state(page.read_at, page.state.revoked_at, page.state.expires_at, calendar)),
        until: calendar.when(page.state.expires_at),
        open: page_is_open(page.state.revoked_at, page.state.expires_at, calendar),
    })
}

/// Sends a message in review after all. The gate looks at it once more.
pub(crate) async fn release(State(app): State<App>, staff: SignedInStaff, Path(id): Path<String>) -> Result<Response, Failed> {
    decide(&app, &staff, &id, true).await
}

/// Does not send it.
pub(crate) async fn withdraw(State(app): State<App>, staff: SignedInStaff, Path(id): Path<String>) -> Result<Response, Failed> {
    decide(&app, &staff, &id, false).await
}

async fn decide(app: &App, staff: &SignedInStaff, id: &str, send: bool) -> Result<Response, Failed> {
    let id: MessageId = id.parse().map_err(|_| Failed::NOT_FOUND)?;
    let note = match app.engine.decide(staff.access, id, send).await {
        Ok(()) if send => Note::Released,
        Ok(()) => Note::Withdrawn,
        Err(EngineError::Store(StoreError::Stale { .. })) => Note::Stale,
        Err(error) => return Err(error.into()),
    };
    Ok(back_with(app, &format!("/messages/{id}"), note))
}

/// What went, or what was written, or what will be made when it is due; for one that `is_over` without words, that there are none.
fn text(dossier: &Dossier, is_over: bool) -> (String, String) {
    let message = &dossier.message;
    match message.body.as_ref().or(message.text.as_ref()) {
        Some(text) => (text.expose().clone(), message.language.as_str().to_owned()),
        None => {
            let title = template(&message.template).to_lowercase();
            let words = match is_over {
                true => format!("It never got words. They would have come from the template for: {title}."),
                false => format!("Its words are made when it is due, from the template for: {title}."),
            };
            (words, "en".to_owned())
        }
    }
}

fn sender(dossier: &Dossier, senders: &[Sender]) -> String {
    let used = dossier.attempts.last().and_then(|attempt| senders.iter().find(|sender| sender.id == attempt.sender));
    let Some(sender) = used.or(senders.first()) else { return "no sender".to_owned() };
    PhoneNumber::parse(&sender.address).map_or_else(|_| sender.address.clone(), |number| number.national())
}

fn summary(ruling: Option<&RulingLine>) -> String {
    let Some(ruling) = ruling else { return "The gate rules on it at the moment it is due, not before.".to_owned() };
    let first = ruling.reasons.first().map_or("", |reason| reason.sentence());
    match (ruling.ruling.as_str(), ruling.rendering) {
        ("release", Some(Rendering::Preferred) | None) => "Nothing was against it.".to_owned(),
        ("release", Some(Rendering::Notice)) => format!("It went as a notice with a link to a secure page. {first}"),
        ("release", Some(Rendering::Neutral)) => format!("It went in neutral words. {first}"),
        _ => first.to_owned(),
    }
}

fn reasons(ruling: &RulingLine) -> Vec<Reason> {
    let is_release = ruling.ruling == "release";
    let basis = ruling.basis.as_deref().map(|basis| {
        let (sentence, rule) = match basis {
            "consent" => ("A recorded consent allows it.", "T-01"),
            "inbound" => ("It answers what came from this number.", "C-01"),
            "conversation" => ("It goes on with a conversation that the patient began.", "C-01"),
            _ => ("A named approver let this safety notice go.", "T-06"),
        };
        Reason { sentence: sentence.to_owned(), rule: rule.to_owned(), code: basis.to_owned(), against: false }
    });
    let against = ruling.reasons.iter().map(|reason| Reason {
        sentence: if is_release { format!("Against the full wording: {}", reason.sentence()) } else { reason.sentence().to_owned() },
        rule: reason.rule().to_owned(),
        code: reason.code().to_owned(),
        against: true,
    });
    basis.into_iter().chain(against).collect()
}

fn attempt(line: &AttemptLine, calendar: &Calendar) -> Attempt {
    let (outcome, mut sentence) = match line.state.as_str() {
        "open" => (AttemptOutcome::Open, "The carrier has not answered yet.".to_owned()),
        "accepted" => {
            let took = line.closed_at.map(|at| at.duration_since(line.started_at).as_millis()).unwrap_or_default();
            (AttemptOutcome::Accepted, format!("Taken after {} ms.", thousands(u64::try_from(took).unwrap_or(0))))
        }
        "rejected" => {
            let code = line.code.as_ref().map(|code| format!(" Its code: {code}.")).unwrap_or_default();
            let why = line.failure.map_or("The carrier refused it.", |failure| failure.sentence());
            (AttemptOutcome::Rejected, format!("{why}{code}"))
        }
        "not_submitted" => (AttemptOutcome::NotSubmitted, "The carrier surely does not have it, so it is tried again.".to_owned()),
        "absent" => (AttemptOutcome::Unknown, "No answer came, and the carrier's own log does not show it.".to_owned()),
        _ => (AttemptOutcome::Unknown, "No answer came. The carrier may have it or not; its log is asked.".to_owned()),
    };
    if line.may_be_second {
        sentence.push_str(" The text is marked urgent: twice is better than never.");
    }
    Attempt {
        number: count(line.n),
        at: calendar.exactly(line.started_at),
        outcome,
        sentence,
        carrier_id: line.carrier_message_id.clone().unwrap_or_default(),
    }
}

fn proof(shown: &Shown, calendar: &Calendar) -> Proof {
    Proof {
        leaf_index: thousands(shown.proof.index),
        leaf_hash: shown.leaf.to_string(),
        tree_size: thousands(shown.proof.size),
        // A signed root is shown in the form of its note, so that the two can be compared by eye.
        root: signed_root(shown).unwrap_or_else(|| shown.root.to_string()),
        signed_at: shown.checkpoint.as_ref().map(|checkpoint| calendar.when(checkpoint.at)),
        hashes: shown.proof.path.iter().map(ToString::to_string).collect(),
        verified: shown.holds,
    }
}

fn signed_root(shown: &Shown) -> Option<String> {
    shown.checkpoint.as_ref()?.note.lines().nth(2).map(str::to_owned)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
