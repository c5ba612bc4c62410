//! The rule itself.

use super::{Basis, Cap, Facts, GuardFinding, Intent, Origin, Reached, Reason, Reassigned, Release, Released, Rendering, Ruling, Wording};
use crate::consent::{Category, Directive, Warning};
use crate::message::{Programme, Purpose};
use crate::person::{ContactState, LineType, Obtained, Standing, age_on};
use crate::practice::{Registration, Sending, Service};
use crate::{Phi, Tier};
use jiff::{SignedDuration, Timestamp};

/// How long the carrier may keep a text in its own queue, where our checks do not reach (TW-10).
pub const CARRIER_VALIDITY: SignedDuration = SignedDuration::from_mins(5);
/// A text that could wait only this long at the carrier waits here instead.
pub const VALIDITY_MIN: SignedDuration = SignedDuration::from_secs(10);
/// The time within which one confirmation of a revocation is presumed fine (T-09).
pub const CONFIRMATION_LIMIT: SignedDuration = SignedDuration::from_mins(5);

const ASK_AGAIN: SignedDuration = SignedDuration::from_mins(15);
const ASK_AGAIN_SOON: SignedDuration = SignedDuration::from_secs(2);

/// Rules on a message. Pure: the same intent, facts and instant give the same ruling.
///
/// Refusals win over reviews, reviews over holds. A hold that would end after the text is of use becomes a refusal (T-07).
pub fn rule(intent: &Intent, facts: &Facts, now: Timestamp) -> Ruling {
    let mut verdict = Verdict::default();
    practice(facts, now, &mut verdict);
    carrier(intent, facts, now, &mut verdict);
    number(facts, now, &mut verdict);
    revocation(intent, facts, now, &mut verdict);
    let basis = consent(intent, facts, now, &mut verdict);
    marketing(intent, facts, now, &mut verdict);
    person(intent, facts, now, &mut verdict);
    directives(intent, facts, now, &mut verdict);
    visits(facts, now, &mut verdict);
    timing(intent, facts, now, &mut verdict);

    let wording = choose(intent, facts, now);
    if let Err(reasons) = &wording {
        match intent.origin {
            Origin::Staff { .. } => verdict.reviews.extend(reasons),
            _ => verdict.refusals.extend(reasons),
        }
    }
    if let (Ok((wording, _)), Some(day)) = (&wording, facts.sender.brand_day)
        && wording.parts > day.parts_left as usize
    {
        verdict.hold(Reason::BrandCap, day.next_at);
    }
    match (verdict.close(intent, now), wording, basis) {
        (Some(ruling), _, _) => ruling,
        (None, Ok((wording, degraded_by)), Some(basis)) => Ruling::Release(Release {
            released: release(intent, facts, wording, now),
            rendering: wording.rendering,
            tier: wording.tier,
            basis,
            degraded_by,
        }),
        // Without a basis or a wording the verdict holds a reason, so that these are never reached; they deny all the same.
        (None, Err(reasons), _) => Ruling::Refuse { reasons },
        (None, Ok(_), None) => Ruling::Refuse { reasons: vec![Reason::NoConsent] },
    }
}

#[derive(Default)]
struct Verdict {
    refusals: Vec<Reason>,
    reviews: Vec<Reason>,
    holds: Vec<(Reason, Timestamp)>,
}

impl Verdict {
    fn refuse(&mut self, reason: Reason) {
        self.refusals.push(reason);
    }

    fn hold(&mut self, reason: Reason, until: Timestamp) {
        self.holds.push((reason, until));
    }

    fn hold_for(&mut self, reason: Reason, now: Timestamp, span: SignedDuration) {
        self.holds.push((reason, now.saturating_add(span).unwrap_or(Timestamp::MAX)));
    }

    fn close(mut self, intent: &Intent, now: Timestamp) -> Option<Ruling> {
        if !self.refusals.is_empty() {
            let mut seen = Vec::with_capacity(self.refusals.len());
            self.refusals.retain(|reason| {
                let new = !seen.contains(reason);
                seen.push(*reason);
                new
            });
            return Some(Ruling::Refuse { reasons: self.refusals });
        }
        if !self.reviews.is_empty() {
            return Some(Ruling::Review { reasons: self.reviews });
        }
        let until = self.holds.iter().map(|(_, until)| *until).max()?;
        let mut reasons: Vec<_> = self.holds.into_iter().map(|(reason, _)| reason).collect();
        // Being asked again is not waiting: a switch that is off now may be on in time.
        let asked_again = until <= now.saturating_add(ASK_AGAIN).unwrap_or(Timestamp::MAX);
        if until > intent.useful_until && !asked_again {
            reasons.push(Reason::TooLateAfterHold);
            return Some(Ruling::Refuse { reasons });
        }
        Some(Ruling::Hold { until, reasons })
    }
}

fn practice(facts: &Facts, now: Timestamp, verdict: &mut Verdict) {
    match facts.settings.sending {
        Sending::On => {}
        Sending::Off => verdict.hold_for(Reason::SendingOff, now, ASK_AGAIN),
        Sending::RestoredNotReconciled => verdict.hold_for(Reason::RestoreNotReconciled, now, ASK_AGAIN),
    }
}

fn carrier(intent: &Intent, facts: &Facts, now: Timestamp, verdict: &mut Verdict) {
    if facts.sender.registration != Registration::Approved {
        verdict.hold_for(Reason::SenderNotApproved, now, ASK_AGAIN);
    }
    let in_force = facts.agreement.as_ref().filter(|agreement| agreement.in_force(now, &facts.practice_zone));
    match in_force {
        None => verdict.hold_for(Reason::NoAgreement, now, ASK_AGAIN),
        Some(agreement) if needed(intent, facts).iter().all(|service| agreement.covers(*service, facts.sender.account.as_deref())) => {}
        Some(_) => verdict.hold_for(Reason::NotEligible, now, ASK_AGAIN),
    }
    if let Some(until) = facts.sender.unavailable_until.filter(|until| *until > now) {
        verdict.hold(Reason::CarrierUnavailable, until);
    }
    if facts.sender.free_at > now {
        verdict.hold(Reason::SenderBusy, facts.sender.free_at);
    }
}

/// What the agreement must cover for a text: a code that the carrier makes and checks is also a matter of its verification service (TW-02, TW-20).
fn needed(intent: &Intent, facts: &Facts) -> &'static [Service] {
    if facts.sender.makes_codes && matches!(intent.origin, Origin::Code { .. }) {
        &[Service::Sms, Service::Verify]
    } else {
        &[Service::Sms]
    }
}

fn number(facts: &Facts, now: Timestamp, verdict: &mut Verdict) {
    match facts.contact.state {
        ContactState::Live if matches!(facts.contact.line, LineType::Landline | LineType::TollFree) => verdict.refuse(Reason::NotTextable),
        ContactState::Live => {}
        ContactState::Disputed => verdict.refuse(Reason::NumberDisputed),
        ContactState::Invalid => verdict.refuse(Reason::NumberInvalid),
        ContactState::NotTextable => verdict.refuse(Reason::NotTextable),
        ContactState::Replaced => verdict.refuse(Reason::NumberReplaced),
    }
    let checked = match facts.contact.reassigned {
        Reassigned::Yes => {
            verdict.reviews.push(Reason::NumberReassigned);
            return;
        }
        Reassigned::No { checked_at } => Some(checked_at),
        Reassigned::Unchecked | Reassigned::NoData => None,
    };
    if let Some(days) = facts.settings.reassigned_check_days {
        let fresh = checked.is_some_and(|at| now.duration_since(at) <= SignedDuration::from_hours(24 * days));
        if !fresh {
            verdict.hold_for(Reason::ReassignedCheckDue, now, ASK_AGAIN);
        }
    }
}

fn revocation(intent: &Intent, facts: &Facts, now: Timestamp, verdict: &mut Verdict) {
    match (facts.suppression, intent.origin) {
        (_, Origin::StopConfirmation { received_at, .. }) => {
            let in_time = now.duration_since(received_at) <= CONFIRMATION_LIMIT;
            if facts.suppression.is_none() || !in_time {
                verdict.refuse(Reason::ConfirmationTooLate);
            }
        }
        (_, Origin::Help { .. }) | (None, _) => {}
        (Some(_), _) => verdict.refuse(Reason::Suppressed),
    }
    if facts.unrouted_inbound > 0 {
        verdict.hold_for(Reason::InboundNotRouted, now, ASK_AGAIN_SOON);
    }
}

/// What promotes needs written consent and a live authorization, whoever set it off and whatever category it was given (H-12, T-03).
fn marketing(intent: &Intent, facts: &Facts, now: Timestamp, verdict: &mut Verdict) {
    let promotes = intent.category == Category::Marketing || intent.purpose == Purpose::Marketing;
    if !promotes || intent.origin.is_answer() {
        return;
    }
    if facts.consent.is_some_and(|standing| !standing.written) {
        verdict.refuse(Reason::NoWrittenConsent);
    }
    let today = facts.practice_zone.to_datetime(now).date();
    match facts.consent {
        None => verdict.refuse(Reason::NoConsent),
        Some(_) if facts.authorization.is_some_and(|held| held.holds(today)) => {}
        Some(_) => verdict.refuse(Reason::NoAuthorization),
    }
}

fn consent(intent: &Intent, facts: &Facts, now: Timestamp, verdict: &mut Verdict) -> Option<Basis> {
    match intent.origin {
        Origin::StopConfirmation { answers, .. } => Some(Basis::Inbound(answers)),
        // Help is owed to a person (C-04), not to a machine that asks for it again and again (C-03).
        Origin::Answer { answers } | Origin::Help { answers } => {
            if facts.auto_replies_last_hour >= facts.settings.auto_replies_per_hour_max {
                verdict.refuse(Reason::AutoReplyLoop);
            }
            Some(Basis::Inbound(answers))
        }
        Origin::Code { request } => Some(Basis::Consent(request)),
        Origin::Emergency { approver, until } => {
            if until < now {
                verdict.refuse(Reason::EmergencyApprovalOver);
            }
            Some(Basis::Emergency(approver))
        }
        Origin::Staff { .. } => {
            if let Some(standing) = facts.consent {
                return Some(Basis::Consent(standing.event));
            }
            let span = SignedDuration::from_hours(facts.settings.conversation_hours);
            if facts.last_inbound_at.is_some_and(|at| now.duration_since(at) <= span) {
                return Some(Basis::Conversation);
            }
            verdict.refuse(Reason::ConversationOver);
            None
        }
        Origin::Automated => {
            let Some(standing) = facts.consent else {
                verdict.refuse(match facts.contact.obtained {
                    Obtained::ThirdParty => Reason::NumberNotGiven,
                    _ => Reason::NoConsent,
                });
                return None;
            };
            if facts.settings.confirm_opt_in && !standing.confirmed && intent.programme != Programme::OptIn {
                verdict.hold_for(Reason::OptInNotConfirmed, now, ASK_AGAIN);
            }
            Some(Basis::Consent(standing.event))
        }
    }
}

fn person(intent: &Intent, facts: &Facts, now: Timestamp, verdict: &mut Verdict) {
    let Some(person) = &facts.person else {
        // A number that nobody here has gets the answers that are owed to it, and nothing else.
        if !intent.origin.is_answer() {
            verdict.refuse(Reason::NoConsent);
        }
        return;
    };
    match person.standing {
        Standing::Active => {}
        Standing::Inactive if intent.origin.is_answer() => {}
        Standing::Inactive => verdict.refuse(Reason::NotActive),
        Standing::Deceased => verdict.refuse(Reason::Deceased),
    }
    if matches!(intent.origin, Origin::StopConfirmation { .. } | Origin::Help { .. }) {
        return;
    }
    let today = facts.practice_zone.to_datetime(now).date();
    let birth = person.birth_date.as_ref().map(|date| *date.expose());
    match person.reached {
        Reached::Own => {
            if birth.is_some_and(|birth| age_on(birth, today) < facts.settings.majority_years) {
                verdict.refuse(Reason::MinorWithoutProxy);
            }
        }
        Reached::MatureMinor => {}
        Reached::Proxy(proxy) => {
            if !proxy.holds(birth, today, facts.settings.majority_years) {
                verdict.refuse(Reason::ProxyEnded);
            }
        }
    }
}

fn directives(intent: &Intent, facts: &Facts, now: Timestamp, verdict: &mut Verdict) {
    if intent.origin.is_answer() {
        return;
    }
    for directive in &facts.directives {
        match directive {
            Directive::NeverText => verdict.refuse(Reason::DirectiveNeverText),
            Directive::NotThisNumber => verdict.refuse(Reason::DirectiveNotThisNumber),
            Directive::NothingClinical => {}
            Directive::OnlyBetween(window) => match window.next_open(now, &facts.zones) {
                Some(at) if at <= now => {}
                Some(at) => verdict.hold(Reason::DirectiveHours, at),
                None => verdict.refuse(Reason::DirectiveHours),
            },
        }
    }
}

fn visits(facts: &Facts, now: Timestamp, verdict: &mut Verdict) {
    if facts.visits.is_empty() {
        return;
    }
    // A visit that changed in any way is planned anew together with its neighbours, so a text that still tells the old plan never goes.
    if facts.visits.iter().any(|visit| visit.version.is_some_and(|version| version != visit.planned_version) && visit.coming) {
        verdict.refuse(Reason::VisitMoved);
    }
    if facts.visits.iter().any(|visit| visit.version.is_none() || !visit.coming) {
        verdict.refuse(Reason::VisitCancelled);
    }
    if facts.visits.iter().any(|visit| visit.starts_at <= now) {
        verdict.refuse(Reason::VisitPassed);
    }
    if facts.visits.iter().any(|visit| !visit.permitted) {
        verdict.refuse(Reason::VisitNotPermitted);
    }
}

fn timing(intent: &Intent, facts: &Facts, now: Timestamp, verdict: &mut Verdict) {
    if now >= intent.useful_until {
        verdict.refuse(Reason::TooLate);
    }
    if intent.due_at > now {
        verdict.hold(Reason::OutsideHours, intent.due_at);
    }
    if intent.origin.is_answer() || matches!(intent.origin, Origin::Emergency { .. } | Origin::Staff { .. }) {
        return;
    }
    let window = &facts.settings.texting_window;
    match window.next_open(now, &facts.zones) {
        None => verdict.reviews.push(Reason::NoCommonHour),
        Some(at) if at > now => verdict.hold(Reason::OutsideHours, at),
        Some(_) => {
            let closes = window.closes_at(now, &facts.zones).unwrap_or(Timestamp::MAX);
            if closes.duration_since(now) < VALIDITY_MIN {
                match window.next_open(closes, &facts.zones) {
                    Some(at) => verdict.hold(Reason::OutsideHours, at),
                    None => verdict.reviews.push(Reason::NoCommonHour),
                }
            }
        }
    }
    if intent.programme != Programme::OptIn {
        let zone = facts.zones.first().unwrap_or(&facts.practice_zone);
        if let Some(reached) = facts.frequency.cap_reached(now, &facts.settings, zone) {
            let reason = match reached.cap {
                Cap::Day => Reason::DailyCap,
                Cap::Week => Reason::WeeklyCap,
            };
            verdict.hold(reason, reached.free_at);
        }
    }
}

/// The first wording that may go, with the reasons against those before it; or the reasons against the last.
fn choose<'i>(intent: &'i Intent, facts: &Facts, now: Timestamp) -> Result<(&'i Wording, Vec<Reason>), Vec<Reason>> {
    let mut against = Vec::new();
    for wording in &intent.wordings {
        let reasons = content(intent, wording, facts, now);
        if reasons.is_empty() {
            return Ok((wording, against));
        }
        against.extend(reasons);
    }
    against.sort_unstable();
    against.dedup();
    if against.is_empty() {
        against.push(Reason::NoWording);
    }
    Err(against)
}

fn content(intent: &Intent, wording: &Wording, facts: &Facts, now: Timestamp) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut tier = wording.tier;
    // The notice that goes instead of a text tells nothing of it.
    let found = match facts.guard {
        GuardFinding::Needs { tier, sensitive } if wording.rendering == Rendering::Preferred => Some((tier, sensitive)),
        _ => None,
    };
    let overridden = matches!(intent.origin, Origin::Staff { overridden: true, .. });
    if let Some((needed, sensitive)) = found {
        // An override is a confirmation that details may go, not that what never goes by text may (M-01, H-41, H-42).
        let confirmed = overridden && needed < Tier::T3 && !sensitive && !facts.part2;
        if !confirmed {
            tier = tier.max(needed);
        }
    }
    let sensitive = wording.sensitive || found.is_some_and(|(_, sensitive)| sensitive);
    if wording.parts > facts.settings.parts_max && !matches!(intent.origin, Origin::Staff { .. }) {
        reasons.push(Reason::TooManyParts);
    }
    if tier >= Tier::T3 {
        reasons.push(Reason::NeverByText);
    }
    if tier >= Tier::T2 {
        clinical(sensitive, facts, now, &mut reasons);
    }
    if tier > wording.tier && !reasons.is_empty() {
        reasons.push(Reason::GuardFound);
    }
    reasons
}

/// What has to be true before clinical content may go (tier T2 in docs/RULES.md).
fn clinical(sensitive: bool, facts: &Facts, now: Timestamp, reasons: &mut Vec<Reason>) {
    if !facts.settings.clinical_texts {
        reasons.push(Reason::ClinicalTextsOff);
    }
    if facts.part2 {
        reasons.push(Reason::PartTwo);
    }
    let person_sensitive = facts.person.as_ref().is_none_or(|person| person.sensitive);
    if sensitive || person_sensitive || facts.visits.iter().any(|visit| visit.sensitive) {
        reasons.push(Reason::Sensitive);
    }
    match facts.warning {
        Warning::Accepted => {}
        Warning::NotShown => reasons.push(Reason::WarningNotShown),
        Warning::Shown | Warning::Withdrawn => reasons.push(Reason::WarningNotAccepted),
    }
    let fresh_at = facts.contact.verified_at.map(|at| facts.contact.confirmed_at.map_or(at, |confirmed| confirmed.max(at)));
    match fresh_at {
        None => reasons.push(Reason::NumberNotVerified),
        Some(at) if now.duration_since(at) > SignedDuration::from_hours(24 * facts.settings.verification_days) => {
            reasons.push(Reason::VerificationLapsed);
        }
        Some(_) => {}
    }
    if facts.contact.shared {
        reasons.push(Reason::SharedNumber);
    }
    if let Some(Reached::Proxy(proxy)) = facts.person.as_ref().map(|person| person.reached)
        && !proxy.clinical
    {
        reasons.push(Reason::ProxyNotClinical);
    }
    if facts.directives.contains(&Directive::NothingClinical) {
        reasons.push(Reason::DirectiveNothingClinical);
    }
}

fn release(intent: &Intent, facts: &Facts, wording: &Wording, now: Timestamp) -> Released {
    let mut valid_until = intent.useful_until.min(now.saturating_add(CARRIER_VALIDITY).unwrap_or(Timestamp::MAX));
    if matches!(intent.origin, Origin::Automated)
        && let Some(closes) = facts.settings.texting_window.closes_at(now, &facts.zones)
    {
        valid_until = valid_until.min(closes);
    }
    Released {
        practice: intent.practice,
        message: intent.message,
        attempt: intent.attempt,
        token: intent.token,
        to: Phi::new(*facts.contact.number.expose()),
        sender: facts.sender.id,
        from: facts.sender.address.clone(),
        body: wording.body.clone(),
        parts: u32::try_from(wording.parts).unwrap_or(u32::MAX),
        valid_until,
    }
}
