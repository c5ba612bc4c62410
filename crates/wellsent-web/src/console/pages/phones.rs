//! The patients' phones of a demo, and the simulated carrier's moods.

use super::inbox::{key_text, parse_key};
use super::{finish, flash_of, read};
use crate::App;
use crate::access::SignedInStaff;
use crate::console::flash::{Note, back_with};
use crate::console::frame::{Place, calendar, shell};
use crate::console::present::{Calendar, count, names};
use crate::console::view::{
    CarrierPanel, OpenPhone, PhoneBubble, PhoneCard, PhoneGrid, PhoneScreen, Phones, ReceiptTrouble, Section, SubmitMode,
};
use crate::failure::{Asking, Failed, Fields};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use wellsent_carrier::simulator::{Behaviour, Network};
use wellsent_domain::practice::SenderKind;
use wellsent_domain::{Language, Phi, PhoneNumber};
use wellsent_store::numbers::{self, NumberKey};
use wellsent_store::views::owners::{self, Owner};
use wellsent_store::views::{self};
use wellsent_store::{StoreError, Tx, people};

const SHOWN_MAX: usize = 60;
/// How many phones with texts are looked at.
const ACTIVE_MAX: usize = 400;
const QUERY_CHARS_MAX: usize = 80;
const BODY_CHARS_MAX: usize = 640;
/// How long an answer of the slow carrier takes, in milliseconds.
const SLOW_MS: u32 = 6_000;

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
}

/// All phones.
pub(crate) async fn list(
    State(app): State<App>,
    staff: SignedInStaff,
    Asking(asked): Asking<Asked>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    render(&app, &staff, &asked.q, None, &headers).await
}

/// All phones with one opened.
pub(crate) async fn open(
    State(app): State<App>,
    staff: SignedInStaff,
    Path(id): Path<String>,
    Asking(asked): Asking<Asked>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    let key = parse_key(&id).ok_or(Failed::NOT_FOUND)?;
    render(&app, &staff, &asked.q, Some(key), &headers).await
}

/// A phone whose owners are known to the practice.
struct Phone {
    key: NumberKey,
    number: Phi<PhoneNumber>,
    owners: Vec<Owner>,
}

impl Phone {
    fn owner(&self) -> String {
        if self.owners.is_empty() { "Unknown".to_owned() } else { names(&self.owners) }
    }

    fn language(&self) -> Language {
        self.owners.first().map_or(Language::En, |owner| owner.language)
    }
}

fn network(app: &App) -> Result<&Network, Failed> {
    app.engine.demo().map(|demo| demo.network()).ok_or(Failed::NOT_FOUND)
}

/// The phones to show: those that a search finds, or those with the newest texts and then those of the newest patients.
fn load(tx: &mut Tx<'_, '_>, active: &[Phi<PhoneNumber>], query: &str, opened: Option<NumberKey>) -> Result<Vec<Phone>, StoreError> {
    let mut keys: Vec<(NumberKey, Option<Phi<PhoneNumber>>)> = Vec::new();
    let mut add = |key: NumberKey, number: Option<Phi<PhoneNumber>>| {
        if !keys.iter().any(|(known, _)| *known == key) {
            keys.push((key, number));
        }
    };
    for number in active {
        add(numbers::key(tx, *number.expose()), Some(number.clone()));
    }
    if query.is_empty() {
        for key in owners::newest_numbers(tx, SHOWN_MAX as i64)? {
            add(key, None);
        }
    } else {
        let found = people::search(tx, query)?;
        let mut wanted = Vec::new();
        for person in found {
            for contact in people::contacts(tx, person)? {
                wanted.push(contact.number);
                add(contact.number, Some(contact.contact.number));
            }
        }
        keys.retain(|(key, _)| wanted.contains(key) || opened == Some(*key));
    }
    if let Some(key) = opened
        && !keys.iter().any(|(known, _)| *known == key)
    {
        keys.push((key, None));
    }
    let only: Vec<_> = keys.iter().map(|(key, _)| *key).collect();
    let owners = owners::at(tx, &only)?;
    let mut phones = Vec::new();
    for ((key, number), owners) in keys.into_iter().zip(owners) {
        let is_known = !owners.is_empty() || numbers::get(tx, key)?.is_some();
        let number = owners.first().map(|owner| owner.number.clone()).or(number);
        match number {
            Some(number) if is_known => phones.push(Phone { key, number, owners }),
            _ => {}
        }
    }
    Ok(phones)
}

async fn render(app: &App, staff: &SignedInStaff, query: &str, opened: Option<NumberKey>, headers: &HeaderMap) -> Result<Response, Failed> {
    let network = network(app)?;
    let now = app.engine.now();
    let query: String = query.trim().chars().take(QUERY_CHARS_MAX).collect();
    let active: Vec<_> = network.phones(ACTIVE_MAX).into_iter().map(|phone| phone.number).collect();
    let wanted = query.clone();
    let load = move |tx: &mut Tx<'_, '_>| {
        let phones = load(tx, &active, &wanted, opened)?;
        tx.record(now, read("phones", now).number("count", phones.len() as i64));
        Ok::<_, StoreError>((views::frame::load(tx, now)?, phones))
    };
    let (frame, phones) = app.engine.store().write(staff.access, load).await?;
    let calendar = calendar(&frame, now);
    let open = match opened {
        None => None,
        Some(key) => {
            let phone = phones.iter().find(|phone| phone.key == key).ok_or(Failed::NOT_FOUND)?;
            Some(OpenPhone {
                id: key_text(key),
                owner: phone.owner(),
                screen: screen(network, phone, &frame.practice.practice.text_name, &calendar),
            })
        }
    };
    let back = opened.map_or_else(|| "/phones".to_owned(), |key| format!("/phones/{}", key_text(key)));
    let flash = flash_of(staff, headers);
    let was_shown = flash.is_some();
    let stats = network.stats();
    let small = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let behaviour = network.behaviour();
    let view = Phones {
        shell: shell(app, staff, &frame, &calendar, Place { section: Section::Phones, back: &back, flash }),
        grid: PhoneGrid { query, phones: phones.iter().take(SHOWN_MAX).map(|phone| card(network, phone, opened, &calendar)).collect() },
        open,
        carrier: CarrierPanel {
            mode: mode(&behaviour),
            receipts: troubles(&behaviour),
            delivered: small(stats.got),
            submitted: small(stats.accepted + stats.refused + stats.throttled),
            back,
        },
    };
    finish(app, &view, was_shown)
}

fn card(network: &Network, phone: &Phone, opened: Option<NumberKey>, calendar: &Calendar) -> PhoneCard {
    let lines = network.conversation(phone.number.expose());
    let unread = lines.iter().rev().take_while(|line| !line.from_phone).count();
    PhoneCard {
        id: key_text(phone.key),
        owner: phone.owner(),
        number: phone.number.expose().national(),
        last: lines.last().map(|line| line.body.expose().to_string()).unwrap_or_default(),
        lang: phone.language().as_str().to_owned(),
        at: lines.last().map(|line| calendar.when(line.at)),
        unread: count(unread as i64),
        current: opened == Some(phone.key),
    }
}

fn screen(network: &Network, phone: &Phone, sender: &str, calendar: &Calendar) -> PhoneScreen {
    let bubbles = network.conversation(phone.number.expose()).into_iter().map(|line| PhoneBubble {
        mine: line.from_phone,
        text: line.body.expose().to_string(),
        lang: phone.language().as_str().to_owned(),
        at: calendar.when(line.at),
    });
    let time = calendar.time(calendar.now());
    PhoneScreen { sender: sender.to_owned(), time: time.split(' ').next().unwrap_or_default().to_owned(), bubbles: bubbles.collect() }
}

#[derive(Deserialize)]
pub(crate) struct Texting {
    body: String,
}

/// The phone's owner texts. It comes back to us the way every patient's text does: by the carrier's callback.
pub(crate) async fn reply(
    State(app): State<App>,
    staff: SignedInStaff,
    Path(id): Path<String>,
    Fields(form): Fields<Texting>,
) -> Result<Response, Failed> {
    let key = parse_key(&id).ok_or(Failed::NOT_FOUND)?;
    let network = network(&app)?;
    let now = app.engine.now();
    let active: Vec<_> = network.phones(ACTIVE_MAX).into_iter().map(|phone| phone.number).collect();
    let load = move |tx: &mut Tx<'_, '_>| {
        let phones = load(tx, &active, "", Some(key))?;
        tx.record(now, read("phone", now).number("count", 1));
        Ok::<_, StoreError>((views::frame::load(tx, now)?.sender, phones))
    };
    let (sender, phones) = app.engine.store().write(staff.access, load).await?;
    let phone = phones.iter().find(|phone| phone.key == key).ok_or(Failed::NOT_FOUND)?;
    let back = format!("/phones/{id}");
    let body: String = form.body.trim().chars().take(BODY_CHARS_MAX).collect();
    if body.is_empty() {
        return Ok(back_with(&app, &back, Note::BadText));
    }
    let number = phone.number.expose();
    // A phone that got a text answers it; another one texts to the practice's own sender.
    let to = match network.conversation(number).is_empty() {
        true => sender.filter(|sender| sender.kind == SenderKind::Simulated).map(|sender| sender.id.to_string()),
        false => None,
    };
    match network.text(number, to.as_deref(), &body) {
        Ok(_) => Ok(axum::response::IntoResponse::into_response(axum::response::Redirect::to(&back))),
        Err(_) => Ok(back_with(&app, &back, Note::NotTexted)),
    }
}

/// Sets how the simulated carrier behaves.
pub(crate) async fn carrier(
    State(app): State<App>,
    _staff: SignedInStaff,
    Fields(form): Fields<Vec<(String, String)>>,
) -> Result<Response, Failed> {
    let network = network(&app)?;
    let value = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let mode = value("mode").and_then(SubmitMode::parse).ok_or(Failed::BAD_REQUEST)?;
    let chosen = form.iter().filter(|(key, _)| key == "receipts");
    let troubles: Vec<_> = chosen.filter_map(|(_, value)| ReceiptTrouble::parse(value)).collect();
    network.set_behaviour(behave(network.behaviour(), mode, &troubles));
    Ok(back_with(&app, value("back").unwrap_or("/phones"), Note::CarrierSet))
}

fn behave(mut behaviour: Behaviour, mode: SubmitMode, troubles: &[ReceiptTrouble]) -> Behaviour {
    let share = |is_on: bool| if is_on { 1.0 } else { 0.0 };
    behaviour.slow = share(mode == SubmitMode::Slow);
    behaviour.slow_ms = SLOW_MS;
    behaviour.throttle_per_s = (mode == SubmitMode::Throttle).then_some(0);
    behaviour.refuse = share(mode == SubmitMode::Refuse);
    behaviour.drop_after_accept = share(mode == SubmitMode::DropLine);
    behaviour.receipts.lose = share(troubles.contains(&ReceiptTrouble::Lose));
    behaviour.receipts.duplicate = share(troubles.contains(&ReceiptTrouble::Duplicate));
    behaviour.receipts.reorder = share(troubles.contains(&ReceiptTrouble::Reorder));
    behaviour
}

fn mode(behaviour: &Behaviour) -> SubmitMode {
    match behaviour {
        Behaviour { throttle_per_s: Some(_), .. } => SubmitMode::Throttle,
        behaviour if behaviour.refuse > 0.0 => SubmitMode::Refuse,
        behaviour if behaviour.drop_after_accept > 0.0 => SubmitMode::DropLine,
        behaviour if behaviour.slow > 0.0 => SubmitMode::Slow,
        _ => SubmitMode::Normal,
    }
}

fn troubles(behaviour: &Behaviour) -> Vec<ReceiptTrouble> {
    let receipts = &behaviour.receipts;
    let each = [
        (ReceiptTrouble::Lose, receipts.lose),
        (ReceiptTrouble::Duplicate, receipts.duplicate),
        (ReceiptTrouble::Reorder, receipts.reorder),
    ];
    each.into_iter().filter(|(_, share)| *share > 0.0).map(|(trouble, _)| trouble).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mood_that_is_set_reads_back() {
        for chosen in SubmitMode::ALL {
            let set = behave(Behaviour::lifelike(), *chosen, &[ReceiptTrouble::Duplicate]);
            assert_eq!(mode(&set), *chosen);
            assert_eq!(troubles(&set), [ReceiptTrouble::Duplicate]);
            assert_eq!(mode(&behave(set, SubmitMode::Normal, &[])), SubmitMode::Normal);
        }
    }
}
