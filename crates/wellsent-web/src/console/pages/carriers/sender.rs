//! Adding senders, their limits and order (C-09), and their registration (C-08, C-10).

use super::{Entered, HERE, managers_only, render};
use crate::App;
use crate::access::SignedInStaff;
use crate::console::flash::{Note, back_with};
use crate::console::view::SenderForm;
use crate::failure::{Failed, Fields};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use wellsent_domain::practice::{Registration, Sender, SenderKind};
use wellsent_domain::{PhoneNumber, SenderId};
use wellsent_engine::Change;
use wellsent_store::senders::{self, NewSender};
use wellsent_store::{StoreError, Tx};

const CHARS_MAX: usize = 100;
/// The highest rate that a form takes; no carrier allows more.
const PER_MINUTE_MAX: u32 = 600_000;
const RANK_MAX: i64 = 1_000;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    carrier: String,
    address: String,
    kind: String,
    registration: String,
    campaign: String,
    brand: String,
    per_minute: String,
    per_day: String,
    rank: String,
}

impl Typed {
    fn form(self) -> SenderForm {
        let short = |text: String| text.trim().chars().take(CHARS_MAX).collect::<String>();
        SenderForm {
            is_open: true,
            is_registration_open: false,
            carriers: Vec::new(),
            carrier: short(self.carrier),
            address: short(self.address),
            kind: short(self.kind),
            registration: short(self.registration),
            campaign: short(self.campaign),
            brand: short(self.brand),
            per_minute: short(self.per_minute),
            per_day: short(self.per_day),
            rank: short(self.rank),
            faults: Vec::new(),
        }
    }
}

/// The limits that were entered; what is wrong with them goes into the form.
struct Limits {
    campaign: Option<String>,
    brand: Option<String>,
    per_minute: u32,
    per_day: Option<u32>,
}

fn whole(text: &str) -> Option<u32> {
    text.replace([',', ' '], "").parse().ok()
}

fn limits(form: &mut SenderForm) -> Limits {
    let named = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let (per_minute, per_day) = (whole(&form.per_minute), whole(&form.per_day));
    if !per_minute.is_some_and(|rate| (1..=PER_MINUTE_MAX).contains(&rate)) {
        form.faults.push(("per_minute", "Give a whole number from 1 to 600,000."));
    }
    if per_day.is_none() && !form.per_day.is_empty() {
        form.faults.push(("per_day", "Give a whole number, or leave it empty."));
    }
    if per_day.is_some() && form.brand.is_empty() {
        form.faults.push(("brand", "The parts of a day are the brand's: give its name."));
    }
    Limits { campaign: named(&form.campaign), brand: named(&form.brand), per_minute: per_minute.unwrap_or(1), per_day }
}

/// The address as it is stored, or what is wrong with it.
fn address(kind: SenderKind, typed: &str) -> Result<String, &'static str> {
    match kind {
        SenderKind::LongCode | SenderKind::TollFree | SenderKind::Simulated => match PhoneNumber::parse(typed) {
            Ok(number) => Ok(AsRef::<str>::as_ref(&number.as_e164()).to_owned()),
            Err(_) => Err("That is not a number of the United States or Canada with its area code."),
        },
        SenderKind::ShortCode if (5..=6).contains(&typed.len()) && typed.bytes().all(|byte| byte.is_ascii_digit()) => Ok(typed.to_owned()),
        SenderKind::ShortCode => Err("A short code has five or six digits."),
        SenderKind::MessagingService | SenderKind::Smpp => match typed.bytes().all(|byte| byte.is_ascii_graphic()) && !typed.is_empty() {
            true => Ok(typed.to_owned()),
            false => Err("Give it as the carrier writes it, without spaces."),
        },
    }
}

/// Adds a sender.
pub(super) async fn add(
    State(app): State<App>,
    staff: SignedInStaff,
    headers: HeaderMap,
    Fields(typed): Fields<Typed>,
) -> Result<Response, Failed> {
    managers_only(&staff)?;
    let mut form = typed.form();
    let kind = SenderKind::parse(&form.kind).ok_or(Failed::BAD_REQUEST)?;
    let registration = Registration::parse(&form.registration).ok_or(Failed::BAD_REQUEST)?;
    let health = app.engine.carriers().into_iter().find(|health| health.name == form.carrier).ok_or(Failed::BAD_REQUEST)?;
    let address = address(kind, &form.address).unwrap_or_else(|fault| {
        form.faults.push(("address", fault));
        String::new()
    });
    if (kind == SenderKind::Simulated) != health.traits.simulated {
        form.faults.push(("address", "Only the simulator has simulated numbers, and it has no others."));
    }
    let Limits { campaign, brand, per_minute, per_day } = limits(&mut form);
    if form.faults.is_empty() {
        let new = NewSender {
            carrier: form.carrier.clone(),
            address,
            kind,
            registration,
            campaign,
            brand,
            parts_per_minute: per_minute,
            parts_per_day_max: per_day,
        };
        let now = app.engine.now();
        match app.engine.store().write(staff.access, move |tx: &mut Tx<'_, '_>| senders::add_unless_taken(tx, &new, now)).await? {
            Some(_) => {
                app.engine.announce(Change::Messages(staff.access.practice));
                return Ok(back_with(&app, &format!("{HERE}#senders"), Note::SenderAdded));
            }
            None => form.faults.push(("address", "This carrier account has a sender of this name already.")),
        }
    }
    render(&app, &staff, Entered { new_sender: Some(form), ..Entered::default() }, &headers).await
}

/// The sender of an address, if it is one of the practice (P8).
async fn sender_of(app: &App, staff: &SignedInStaff, id: &str) -> Result<Sender, Failed> {
    let id: SenderId = id.parse().map_err(|_| Failed::NOT_FOUND)?;
    let known = app.engine.store().read(staff.access, |tx: &mut Tx<'_, '_>| senders::list(tx)).await?;
    known.into_iter().find(|sender| sender.id == id).ok_or(Failed::NOT_FOUND)
}

/// Saves limits, campaign, brand and place in the order.
pub(super) async fn change(
    State(app): State<App>,
    staff: SignedInStaff,
    Path(id): Path<String>,
    headers: HeaderMap,
    Fields(typed): Fields<Typed>,
) -> Result<Response, Failed> {
    managers_only(&staff)?;
    let sender = sender_of(&app, &staff, &id).await?;
    let mut form = typed.form();
    form.registration = sender.registration.as_str().to_owned();
    let Limits { campaign, brand, per_minute, per_day } = limits(&mut form);
    let rank = form.rank.parse::<i64>().ok().filter(|rank| (0..=RANK_MAX).contains(rank));
    if rank.is_none() {
        form.faults.push(("rank", "Give a whole number from 0 to 1,000. The lowest is chosen first."));
    }
    match rank {
        Some(rank) if form.faults.is_empty() => {
            let changed = Sender { campaign, brand, parts_per_minute: per_minute, parts_per_day_max: per_day, rank, ..sender };
            let now = app.engine.now();
            app.engine.store().write(staff.access, move |tx: &mut Tx<'_, '_>| senders::change(tx, &changed, now)).await?;
            app.engine.announce(Change::Messages(staff.access.practice));
            Ok(back_with(&app, &format!("{HERE}#senders"), Note::SenderChanged))
        }
        _ => render(&app, &staff, Entered { sender: Some((sender.id, form)), ..Entered::default() }, &headers).await,
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Registered {
    registration: String,
    sure: String,
}

/// Sets how far the registration is. It is asked twice, because texts stop or begin by it.
pub(super) async fn register(
    State(app): State<App>,
    staff: SignedInStaff,
    Path(id): Path<String>,
    headers: HeaderMap,
    Fields(typed): Fields<Registered>,
) -> Result<Response, Failed> {
    managers_only(&staff)?;
    let sender = sender_of(&app, &staff, &id).await?;
    let registration = Registration::parse(&typed.registration).ok_or(Failed::BAD_REQUEST)?;
    if typed.sure != "yes" {
        let form = SenderForm {
            is_registration_open: true,
            registration: typed.registration,
            campaign: sender.campaign.unwrap_or_default(),
            brand: sender.brand.unwrap_or_default(),
            per_minute: sender.parts_per_minute.to_string(),
            per_day: sender.parts_per_day_max.map(|parts| parts.to_string()).unwrap_or_default(),
            rank: sender.rank.to_string(),
            faults: vec![("sure", "Look it up at the carrier first, and tick this.")],
            ..SenderForm::default()
        };
        return render(&app, &staff, Entered { sender: Some((sender.id, form)), ..Entered::default() }, &headers).await;
    }
    let (id, now) = (sender.id, app.engine.now());
    let set = move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> { senders::set_registration(tx, id, registration, now) };
    app.engine.store().write(staff.access, set).await?;
    app.engine.announce(Change::Messages(staff.access.practice));
    Ok(back_with(&app, &format!("{HERE}#senders"), Note::SenderChanged))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_as_carriers_write_it() {
        assert_eq!(address(SenderKind::LongCode, "(212) 555-0123").as_deref(), Ok("+12125550123"));
        assert_eq!(address(SenderKind::ShortCode, "24851").as_deref(), Ok("24851"));
        assert_eq!(address(SenderKind::MessagingService, "MG00000000000000000000000000000001").map(|text| text.len()), Ok(34));
        for (kind, typed) in [
            (SenderKind::TollFree, "12"),
            (SenderKind::ShortCode, "+12125550123"),
            (SenderKind::ShortCode, "1234"),
            (SenderKind::Smpp, "two words"),
            (SenderKind::MessagingService, ""),
        ] {
            assert!(address(kind, typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn parts_of_a_day_need_a_brand_and_a_rate_of_nothing_is_none() {
        let form = |per_minute: &str, per_day: &str, brand: &str| {
            let typed = Typed { per_minute: per_minute.into(), per_day: per_day.into(), brand: brand.into(), ..Typed::default() };
            let mut form = typed.form();
            limits(&mut form);
            form.faults.into_iter().map(|(field, _)| field).collect::<Vec<_>>()
        };
        assert_eq!(form("4,500", "2,000", "B1"), [""; 0]);
        assert_eq!(form("60", "2000", ""), ["brand"]);
        assert_eq!(form("0", "many", "B1"), ["per_minute", "per_day"]);
        assert_eq!(form("-1", "", ""), ["per_minute"]);
    }
}
