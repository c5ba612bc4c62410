//! From what the claim read to the facts and the intent that the gate rules on.

use crate::catalog::Catalog;
use crate::content;
use crate::phrases;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::cell::RefCell;
use std::collections::HashMap;
use wellsent_domain::consent::{Authorization, Warning};
use wellsent_domain::gate::*;
use wellsent_domain::person::{ContactState, Obtained};
use wellsent_domain::practice::Agreement;
use wellsent_domain::{AttemptId, LocationId, Phi, PhoneNumber, Tier};
use wellsent_store::claims::Claimed;
use wellsent_store::practices::{StoredLocation, StoredPractice};
use wellsent_text::phone::AreaCode;
use wellsent_text::sms;
use wellsent_text::template::Variable;
use wellsent_vault::random_token;

/// What is the same for every message of a claim.
pub struct Setting<'a> {
    /// The practice.
    pub practice: &'a StoredPractice,
    /// Its templates.
    pub catalog: &'a Catalog,
    /// Its locations.
    pub locations: &'a [StoredLocation],
    /// The sender that the text would leave from.
    pub sender: SenderFacts,
    /// The agreement with its carrier that counts.
    pub agreement: Option<Agreement>,
    /// The hosts of the practice's own links.
    pub own_hosts: &'a [String],
    /// What the links of pages begin with.
    pub link_base: &'a str,
    /// The present instant.
    pub now: Timestamp,
}

/// The template of the notice that a page waits.
const NOTICE: &str = "secure_notice";
/// The neutral template that says nothing but "please call".
const CALL_US: &str = "neutral_notice";

/// The facts of a claimed message.
pub fn facts_of(claimed: &Claimed, setting: &Setting<'_>) -> Facts {
    let message = &claimed.message;
    let contact = claimed.contact.as_ref();
    Facts {
        settings: setting.practice.practice.settings.clone(),
        practice_zone: setting.practice.practice.zone.clone(),
        part2: setting.practice.part2,
        person: contact.map(|contact| PersonFacts {
            standing: contact.standing,
            birth_date: contact.birth_date.clone(),
            sensitive: contact.sensitive,
            reached: contact.stored.reached,
        }),
        contact: ContactFacts {
            number: claimed.to.clone(),
            state: contact.map_or(ContactState::Live, |contact| contact.stored.contact.state),
            obtained: contact.map_or(Obtained::ThirdParty, |contact| contact.stored.contact.obtained),
            verified_at: contact.and_then(|contact| contact.stored.contact.verified_at),
            confirmed_at: contact.and_then(|contact| contact.stored.contact.confirmed_at),
            line: claimed.number.line,
            shared: claimed.number.people > 1,
            reassigned: claimed.number.reassigned,
        },
        consent: claimed.consent,
        suppression: claimed.suppression,
        warning: contact.map_or(Warning::NotShown, |contact| contact.stored.warning),
        authorization: authorization(&claimed.authorizations, setting),
        directives: claimed.directives.clone(),
        visits: claimed
            .visits
            .iter()
            .map(|visit| VisitFacts {
                planned_version: visit.planned_version,
                version: Some(visit.version),
                coming: visit.coming,
                starts_at: visit.starts_at,
                sensitive: visit.sensitive,
                permitted: visit.permitted,
            })
            .collect(),
        guard: match &message.text {
            None => GuardFinding::NotFreeText,
            Some(text) => {
                content::finding(text.expose(), &content::known(&setting.practice.practice, setting.own_hosts, claimed.about.as_ref()))
            }
        },
        frequency: Frequency::new(claimed.sent.clone()),
        zones: zones(&claimed.to, contact.and_then(|contact| contact.zone.as_ref()), &setting.practice.practice.zone),
        last_inbound_at: claimed.number.last_inbound_at,
        unrouted_inbound: claimed.number.unrouted_inbound,
        auto_replies_last_hour: claimed.number.auto_replies_within_hour(setting.now),
        sender: setting.sender.clone(),
        agreement: setting.agreement.clone(),
    }
}

/// The authorization that holds today, or else the newest.
fn authorization(held: &[Authorization], setting: &Setting<'_>) -> Option<Authorization> {
    let today = setting.practice.practice.zone.to_datetime(setting.now).date();
    held.iter().rev().find(|held| held.holds(today)).or(held.last()).copied()
}

/// A page that is made if the notice of it is what the gate releases.
#[derive(Debug, Clone)]
pub struct PendingPage {
    /// The secret of its link.
    pub secret: String,
    /// What it says: the wording that may not go by text.
    pub body: Phi<String>,
}

/// The intent of a claimed message, every wording rendered from what the claim read; with the page behind its notice, where it has one.
pub fn intent_of(claimed: &Claimed, setting: &Setting<'_>, attempt: AttemptId, token: AttemptToken) -> (Intent, Option<PendingPage>) {
    let message = &claimed.message;
    let (mut wordings, paged) = match &message.text {
        Some(text) => (vec![free_text(text)], true),
        None => wordings(claimed, setting),
    };
    let page = if paged { notice(claimed, setting, &mut wordings) } else { None };
    let intent = Intent {
        practice: setting.practice.practice.id,
        message: message.id,
        person: message.person,
        contact_point: message.contact_point,
        programme: message.programme,
        category: message.category,
        purpose: message.purpose,
        origin: message.origin,
        wordings,
        due_at: message.due_at,
        useful_until: message.useful_until,
        attempt,
        token,
    };
    (intent, page)
}

/// Puts the notice of a page after the wording that it stands for: where that may not go by text, the patient gets a link (H-03, H-42).
fn notice(claimed: &Claimed, setting: &Setting<'_>, wordings: &mut Vec<Wording>) -> Option<PendingPage> {
    claimed.contact.as_ref()?;
    let body = wordings.first().filter(|wording| wording.rendering == Rendering::Preferred)?.body.clone();
    let secret = random_token();
    let link = format!("{}/s/{secret}", setting.link_base);
    let values = phrases::values(&setting.practice.practice, &[], None, claimed.message.language).with(Variable::Link, link);
    let rendered = setting.catalog.get(NOTICE)?.template.render(claimed.message.language, &values).ok()?;
    let notice = Wording {
        rendering: Rendering::Notice,
        tier: rendered.tier,
        parts: rendered.measure.parts,
        body: Phi::new(rendered.text),
        sensitive: false,
    };
    wordings.insert(1, notice);
    Some(PendingPage { secret, body })
}

fn free_text(text: &Phi<String>) -> Wording {
    let body = sms::normalise(text.expose());
    let parts = sms::measure(&body).parts;
    Wording { rendering: Rendering::Preferred, tier: Tier::T1, body: Phi::new(body), parts, sensitive: false }
}

/// The wordings of a template, and whether its details belong on a page where they may not go: its neutral twin would only say "please call".
fn wordings(claimed: &Claimed, setting: &Setting<'_>) -> (Vec<Wording>, bool) {
    let message = &claimed.message;
    // A text that numbers two visits cannot name more.
    let template = match (message.template.as_str(), claimed.visits.len()) {
        ("reminder_day", 3..) => "reminder_many",
        (name, _) => name,
    };
    let location = claimed.visits.first().and_then(|visit| neutral_name(setting.locations, visit.location));
    let mut values = phrases::values(&setting.practice.practice, &claimed.visits, location, message.language);
    for (variable, value) in &message.values {
        values.set(*variable, value.expose());
    }
    let paged =
        setting.catalog.get(template).is_some_and(|entry| entry.template.tier() >= Tier::T2 && entry.twin.as_deref() == Some(CALL_US));
    let mut wordings = Vec::with_capacity(2);
    for (position, template) in setting.catalog.chain(template).enumerate() {
        // A wording whose values are not known, or that lacks the language, gives way to the next.
        if let Ok(rendered) = template.render(message.language, &values) {
            wordings.push(Wording {
                rendering: if position == 0 { Rendering::Preferred } else { Rendering::Neutral },
                tier: rendered.tier,
                parts: rendered.measure.parts,
                body: Phi::new(rendered.text),
                sensitive: false,
            });
        }
    }
    (wordings, paged)
}

fn neutral_name(locations: &[StoredLocation], id: LocationId) -> Option<&str> {
    locations.iter().find(|known| known.location.id == id)?.location.text_name.as_deref()
}

/// All zones in which the phone may be: the home address and the area code; the practice's where neither is known (T-07).
fn zones(number: &Phi<PhoneNumber>, home: Option<&TimeZone>, practice: &TimeZone) -> Vec<TimeZone> {
    thread_local! {
        static BY_AREA: RefCell<HashMap<u16, Vec<TimeZone>>> = RefCell::default();
    }
    let area = number.expose().area_code();
    let mut zones: Vec<TimeZone> = home.into_iter().cloned().collect();
    BY_AREA.with_borrow_mut(|known| {
        let of_area = known.entry(area).or_insert_with(|| {
            let names = AreaCode::zones(area).unwrap_or_default();
            names.iter().filter_map(|name| TimeZone::get(name).ok()).collect()
        });
        for zone in of_area.iter() {
            if !zones.contains(zone) {
                zones.push(zone.clone());
            }
        }
    });
    if zones.is_empty() {
        zones.push(practice.clone());
    }
    zones
}
