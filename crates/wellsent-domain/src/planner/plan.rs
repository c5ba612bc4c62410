//! The set of reminders that is wanted.

use super::{ReminderRule, slot};
use crate::gate::PlannedVisit;
use crate::{AppointmentId, ContactPointId, Language, LocationId, PersonId, ReminderRuleId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, HashSet};

/// A visit as the planner sees it: with the number that its reminders go to.
#[derive(Debug, Clone)]
pub struct VisitToPlan {
    /// The visit.
    pub appointment: AppointmentId,
    /// Its version.
    pub version: i64,
    /// When it begins.
    pub starts_at: Timestamp,
    /// Where it takes place.
    pub location: LocationId,
    /// The zone there.
    pub zone: TimeZone,
    /// Its neutral type.
    pub visit_type: String,
    /// When its present time became known.
    pub known_at: Timestamp,
    /// Whether it is still to happen.
    pub coming: bool,
    /// The patient.
    pub person: PersonId,
    /// The contact point of the patient that reminders go to.
    pub contact_point: ContactPointId,
    /// The blind index of its number: visits of a household that share a phone share a text.
    pub number: [u8; 16],
    /// The language.
    pub language: Language,
    /// Where the patient reads it.
    pub patient_zone: TimeZone,
    /// Whether the patient may be texted there, as far as consent and revocation go. It decides only which visits share a text: the gate asks
    /// again. A member of a household without consent must not keep the others' reminder back.
    pub permitted: bool,
}

/// What was reminded already: under which rule, of which visit, in which version.
pub type Covered = HashSet<(ReminderRuleId, AppointmentId, i64)>;

/// A reminder that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What makes it this one and no other. Two plans with the same key are the same reminder, so that none goes twice.
    pub key: String,
    /// The rule.
    pub rule: ReminderRuleId,
    /// The patient of the first visit.
    pub person: PersonId,
    /// The contact point of the first visit.
    pub contact_point: ContactPointId,
    /// The language.
    pub language: Language,
    /// The template.
    pub template: String,
    /// The visits, earliest first.
    pub visits: Vec<PlannedVisit>,
    /// From when it may go.
    pub due_at: Timestamp,
    /// After which it is dropped.
    pub useful_until: Timestamp,
}

/// The reminders that these visits want under these rules, as of `now`.
///
/// Visits of one day at one number share one text per rule and language. A reminder that was due before the visit's time was known is not
/// sent late; one that is of no use any more is not wanted. A visit that a text of the rule has `covered` is not told again, whatever becomes
/// of the visits that shared that text.
pub fn plan(visits: &[VisitToPlan], rules: &[ReminderRule], covered: &Covered, now: Timestamp) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    let mut days: BTreeMap<(usize, [u8; 16], Date, &'static str, bool), Vec<&VisitToPlan>> = BTreeMap::new();
    for visit in visits.iter().filter(|visit| visit.coming && visit.starts_at > now) {
        for (index, rule) in rules.iter().enumerate() {
            let told = covered.contains(&(rule.id, visit.appointment, visit.version));
            if !told && rule.applies(visit.location, &visit.visit_type) {
                let day = visit.zone.to_datetime(visit.starts_at).date();
                days.entry((index, visit.number, day, visit.language.as_str(), visit.permitted)).or_default().push(visit);
            }
        }
    }
    for ((index, ..), mut group) in days {
        group.sort_by_key(|visit| (visit.starts_at, visit.appointment));
        wanted.extend(reminder(&rules[index], &group, now));
    }
    wanted.sort_by(|a, b| (a.due_at, &a.key).cmp(&(b.due_at, &b.key)));
    wanted
}

fn reminder(rule: &ReminderRule, mut group: &[&VisitToPlan], now: Timestamp) -> Option<Wanted> {
    // The first visit sets the time. One for which it is too late leaves the text to those after it, and does not take theirs along.
    let (first, slot) = loop {
        let first = group.first()?;
        let known_at = group.iter().map(|visit| visit.known_at).min()?;
        match slot(rule, first.starts_at, &first.zone, &first.patient_zone) {
            Some(slot) if slot.due_at >= known_at && slot.useful_until > now => break (first, slot),
            _ => group = &group[1..],
        }
    };
    let mut key = format!("reminder/{}", rule.id);
    for visit in group {
        key.push_str(&format!("/{}.{}", visit.appointment, visit.version));
    }
    Some(Wanted {
        key,
        rule: rule.id,
        person: first.person,
        contact_point: first.contact_point,
        language: first.language,
        template: if group.len() == 1 { rule.template.clone() } else { rule.template_for_several.clone() },
        visits: group.iter().map(|visit| PlannedVisit { appointment: visit.appointment, version: visit.version }).collect(),
        due_at: slot.due_at,
        useful_until: slot.useful_until,
    })
}
