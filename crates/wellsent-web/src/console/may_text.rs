//! What may be texted to a number at this moment, why not, and the one thing that would change it: the gate itself is asked, so that this page
//! and the gate cannot disagree.
//!
//! What it would release is thrown away; nothing here reaches a carrier, and the real ruling is made again when a message is claimed (P2).

use super::present::Calendar;
use super::view::{MayGo, MayText, MayTextCell, MayTextRow};
use jiff::{SignedDuration, Timestamp};
use wellsent_domain::consent::{Authorization, Category};
use wellsent_domain::gate::*;
use wellsent_domain::message::{Programme, Purpose};
use wellsent_domain::practice::{Agreement, Sender};
use wellsent_domain::{AttemptId, MessageId, Phi, StaffId, Tier};
use wellsent_store::views::frame::Frame;
use wellsent_store::views::person::{Chart, NumberChart};
use wellsent_text::phone::AreaCode;

/// A kind of text that staff ask about.
struct Kind {
    what: &'static str,
    programme: Programme,
    category: Category,
    purpose: Purpose,
    /// Where its details wait when they may not go: a page, or nowhere.
    has_page: bool,
    has_details: bool,
    by_staff: bool,
}

const AUTOMATED: Kind = Kind {
    what: "",
    programme: Programme::Application,
    category: Category::Care,
    purpose: Purpose::Treatment,
    has_page: false,
    has_details: true,
    by_staff: false,
};

const KINDS: &[Kind] = &[
    Kind { what: "Reminders and logistics", programme: Programme::Reminders, category: Category::Appointments, ..AUTOMATED },
    Kind { what: "Care instructions", has_page: true, ..AUTOMATED },
    Kind { what: "Billing", category: Category::Billing, purpose: Purpose::Payment, ..AUTOMATED },
    Kind { what: "Surveys", category: Category::Surveys, purpose: Purpose::Operations, has_details: false, ..AUTOMATED },
    Kind { what: "News and offers", category: Category::Marketing, purpose: Purpose::Marketing, has_details: false, ..AUTOMATED },
    Kind {
        what: "A text that you write",
        programme: Programme::Conversation,
        category: Category::Appointments,
        has_page: true,
        by_staff: true,
        ..AUTOMATED
    },
];

/// The gate's answers for a number, one row a kind of text; none for a practice without a sender.
pub(crate) fn table(chart: &Chart, number: &NumberChart, frame: &Frame, by: StaffId, calendar: &Calendar) -> Option<MayText> {
    let sender = frame.sender.as_ref()?;
    let ask = |kind: &Kind, details: bool| {
        let mut facts = facts(chart, number, frame, sender, kind.category, calendar);
        if kind.by_staff {
            let found = GuardFinding::Needs { tier: Tier::T2, sensitive: false };
            facts.guard = if details { found } else { GuardFinding::Clear };
        }
        let ruling = rule(&intent(chart, number, frame, kind, details, by, calendar.now()), &facts, calendar.now());
        cell(&ruling, chart, number, calendar)
    };
    let rows = KINDS.iter().map(|kind| MayTextRow {
        what: kind.what.to_owned(),
        general: ask(kind, false),
        details: kind.has_details.then(|| ask(kind, true)),
    });
    Some(MayText { number: number.stored.contact.number.expose().national(), rows: rows.collect() })
}

fn cell(ruling: &Ruling, chart: &Chart, number: &NumberChart, calendar: &Calendar) -> MayTextCell {
    let first = ruling.reasons().first().copied();
    let sentence = first.map_or("", |reason| reason.sentence());
    let (may_go, why) = match ruling {
        Ruling::Release(release) => match release.rendering {
            Rendering::Preferred => (MayGo::Now, String::new()),
            Rendering::Neutral => (MayGo::Neutral, sentence.to_owned()),
            Rendering::Notice => (MayGo::OnPage, sentence.to_owned()),
        },
        Ruling::Hold { until, .. } => (MayGo::Later, format!("{sentence} Asked again {}.", calendar.words(*until))),
        Ruling::Review { .. } => (MayGo::AfterReview, sentence.to_owned()),
        Ruling::Refuse { .. } => (MayGo::Never, sentence.to_owned()),
    };
    let mut rules: Vec<_> = ruling.reasons().iter().map(|reason| reason.rule()).collect();
    rules.sort_unstable();
    rules.dedup();
    let (change, action) = change(ruling.reasons(), chart, number);
    MayTextCell { may_go, why, rules: rules.join(", "), change, action }
}

/// Where a reason is mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Consent,
    Warning,
    Verify,
    Requests,
    Authorization,
    Number,
    Nowhere,
}

const fn place(reason: Reason) -> Place {
    match reason {
        Reason::Suppressed
        | Reason::NoConsent
        | Reason::NumberNotGiven
        | Reason::NoWrittenConsent
        | Reason::ConversationOver
        | Reason::WarningNotAccepted => Place::Consent,
        Reason::WarningNotShown => Place::Warning,
        Reason::NumberNotVerified | Reason::VerificationLapsed | Reason::ReassignedCheckDue => Place::Verify,
        Reason::DirectiveNeverText | Reason::DirectiveNotThisNumber | Reason::DirectiveHours | Reason::DirectiveNothingClinical => {
            Place::Requests
        }
        Reason::NoAuthorization => Place::Authorization,
        Reason::NumberDisputed
        | Reason::NumberInvalid
        | Reason::NotTextable
        | Reason::NumberReplaced
        | Reason::NumberReassigned
        | Reason::MinorWithoutProxy
        | Reason::ProxyEnded
        | Reason::SharedNumber => Place::Number,
        _ => Place::Nowhere,
    }
}

/// The one thing that would change an answer, and where it is done. Several things that a check-in asks for are one: the check-in.
fn change(reasons: &[Reason], chart: &Chart, number: &NumberChart) -> (String, Option<(String, &'static str)>) {
    let Some(first) = reasons.first() else { return (String::new(), None) };
    let person = chart.person.id;
    let here = format!("/people/{person}/numbers/{}", number.stored.contact.id);
    let at_check_in = |reason: &&Reason| matches!(place(**reason), Place::Consent | Place::Warning | Place::Verify);
    let asked: Vec<_> = reasons.iter().filter(at_check_in).collect();
    if asked.len() > 1 && asked.len() == reasons.len() {
        return ("Check the patient in: the tablet asks for all of it.".to_owned(), Some((here, "Check in")));
    }
    let part = |part: &str, words| Some((format!("{here}?open={part}#{part}"), words));
    let action = match place(*first) {
        Place::Consent => part("consent", "Ask for consent now"),
        Place::Warning => part("ask", "Text the warning"),
        Place::Verify => part("verify", "Verify now"),
        Place::Requests => part("requests", "See the request"),
        Place::Authorization => part("authorization", "Record an authorization"),
        Place::Number => Some((format!("/people/{person}/number"), "Change the number")),
        Place::Nowhere => None,
    };
    (first.remedy().to_owned(), action)
}

fn intent(chart: &Chart, number: &NumberChart, frame: &Frame, kind: &Kind, details: bool, by: StaffId, now: Timestamp) -> Intent {
    let wording = |rendering, tier| Wording { rendering, tier, body: Phi::new(String::new()), parts: 1, sensitive: false };
    // What staff write is general by itself: the guard says what it takes.
    let tier = if details && !kind.by_staff { Tier::T2 } else { Tier::T1 };
    let mut wordings = vec![wording(Rendering::Preferred, tier)];
    if details && kind.has_page {
        wordings.push(wording(Rendering::Notice, Tier::T1));
    }
    if details && !kind.by_staff {
        wordings.push(wording(Rendering::Neutral, Tier::T1));
    }
    Intent {
        practice: frame.practice.practice.id,
        message: MessageId::from_bytes([0; 16]),
        person: Some(chart.person.id),
        contact_point: Some(number.stored.contact.id),
        programme: kind.programme,
        category: kind.category,
        purpose: kind.purpose,
        origin: if kind.by_staff { Origin::Staff { by, overridden: false } } else { Origin::Automated },
        wordings,
        due_at: now,
        useful_until: now.saturating_add(SignedDuration::from_hours(7 * 24)).unwrap_or(Timestamp::MAX),
        attempt: AttemptId::from_bytes([0; 16]),
        token: AttemptToken([0; 16]),
    }
}

fn facts(chart: &Chart, number: &NumberChart, frame: &Frame, sender: &Sender, category: Category, calendar: &Calendar) -> Facts {
    let (person, contact, now) = (&chart.person, &number.stored.contact, calendar.now());
    let binding = chart.directives.iter().filter(|held| held.contact_point.is_none_or(|at| at == contact.id));
    let area = contact.number.expose().area_code();
    let mut zones: Vec<_> = person.zone.iter().cloned().collect();
    for name in AreaCode::zones(area).unwrap_or_default() {
        if let Ok(zone) = jiff::tz::TimeZone::get(name)
            && !zones.contains(&zone)
        {
            zones.push(zone);
        }
    }
    if zones.is_empty() {
        zones.push(calendar.zone().clone());
    }
    Facts {
        settings: frame.practice.practice.settings.clone(),
        practice_zone: calendar.zone().clone(),
        part2: frame.practice.part2,
        person: Some(PersonFacts {
            standing: person.standing,
            birth_date: person.birth_date.clone(),
            sensitive: person.sensitive,
            reached: number.stored.reached,
        }),
        contact: ContactFacts {
            number: contact.number.clone(),
            state: contact.state,
            obtained: contact.obtained,
            verified_at: contact.verified_at,
            confirmed_at: contact.confirmed_at,
            line: number.state.line,
            shared: number.state.people > 1,
            reassigned: number.state.reassigned,
        },
        consent: number.consents.iter().find(|(known, _)| *known == category).map(|(_, standing)| *standing),
        suppression: number.stopped.as_ref().map(|stopped| stopped.suppression),
        warning: number.stored.warning,
        authorization: authorization(chart, calendar),
        directives: binding.map(|held| held.directive).collect(),
        visits: Vec::new(),
        guard: GuardFinding::NotFreeText,
        frequency: Frequency::new(number.sent.clone()),
        zones,
        last_inbound_at: number.state.last_inbound_at,
        unrouted_inbound: number.state.unrouted_inbound,
        auto_replies_last_hour: number.state.auto_replies_within_hour(now),
        sender: SenderFacts {
            id: sender.id,
            address: sender.address.clone(),
            registration: sender.registration,
            account: agreement(&frame.agreements, calendar).and_then(|agreement| agreement.account),
            free_at: now,
            brand_day: None,
            unavailable_until: None,
            makes_codes: false,
        },
        agreement: agreement(&frame.agreements, calendar),
    }
}

/// The authorization that holds today, or else the newest.
fn authorization(chart: &Chart, calendar: &Calendar) -> Option<Authorization> {
    let today = calendar.zone().to_datetime(calendar.now()).date();
    chart.authorizations.iter().rev().find(|held| held.holds(today)).or(chart.authorizations.last()).copied()
}

/// The agreement that is in force, or else the newest.
fn agreement(agreements: &[Agreement], calendar: &Calendar) -> Option<Agreement> {
    let in_force = agreements.iter().find(|agreement| agreement.in_force(calendar.now(), calendar.zone()));
    in_force.or(agreements.first()).cloned()
}
