//! Reminder rules of a practice.

use crate::entry::Entry;
use crate::{StoreError, Tx};
use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};
use wellsent_db::{args, statements};
use wellsent_domain::planner::{Lead, ReminderRule};
use wellsent_domain::{LocationId, ReminderRuleId, VisitTypeId};

statements! {
    INSERT = "INSERT INTO reminder_rule (id, practice_id, location_id, visit_type_id, lead_kind, lead_days, lead_minutes, template, template_for_several, useful_minutes, not_within_minutes, enabled) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, TRUE)";
    LIST = "SELECT r.id, r.location_id, t.name, r.lead_kind, r.lead_days, r.lead_minutes, r.template, r.template_for_several, r.useful_minutes, r.not_within_minutes FROM reminder_rule r LEFT JOIN visit_type t ON t.id = r.visit_type_id WHERE r.practice_id = $1 AND r.enabled ORDER BY r.id";
    DISABLE = "UPDATE reminder_rule SET enabled = FALSE WHERE practice_id = $1 AND id = $2";
}

/// A rule to be added.
#[derive(Debug, Clone)]
pub struct NewRule {
    /// Only at this place.
    pub location: Option<LocationId>,
    /// Only for this kind of visit.
    pub visit_type: Option<VisitTypeId>,
    /// When.
    pub lead: Lead,
    /// The template for one visit.
    pub template: String,
    /// The template for several visits of one day.
    pub template_for_several: String,
    /// For how long it is of use.
    pub useful_for: SignedDuration,
    /// The last moment before the visit.
    pub not_within: SignedDuration,
}

/// Adds a rule. Visits that are planned already get it when they are planned again.
pub fn add(tx: &mut Tx<'_, '_>, rule: &NewRule, now: Timestamp) -> Result<ReminderRuleId, StoreError> {
    let id = tx.fresh(now, ReminderRuleId::from_uuid);
    let practice = tx.practice();
    let (kind, days, minutes) = match rule.lead {
        Lead::DaysAt { days, at } => ("days_at", i64::from(days), i64::from(at.hour()) * 60 + i64::from(at.minute())),
        Lead::Days(days) => ("days", i64::from(days), 0),
        Lead::Minutes(minutes) => ("minutes", 0, minutes),
    };
    tx.execute(
        INSERT,
        &args![
            id.bytes(),
            practice.bytes(),
            rule.location.map(|id| id.bytes()),
            rule.visit_type.map(|id| id.bytes()),
            kind,
            days,
            minutes,
            &rule.template,
            &rule.template_for_several,
            rule.useful_for.as_mins(),
            rule.not_within.as_mins(),
        ],
    )?;
    tx.record(now, Entry::new("reminder_rule_added", now).word("rule", id));
    Ok(id)
}

/// The rules in force.
pub fn list(tx: &mut Tx<'_, '_>) -> Result<Vec<ReminderRule>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(LIST, &args![practice.bytes()])?;
    rows.iter()
        .map(|row| {
            let (days, minutes) = (row.int(4)?, row.int(5)?);
            let days = i32::try_from(days).map_err(|_| StoreError::corrupt("reminder_rule", "lead_days"))?;
            let lead = match row.text(3)? {
                "days_at" => Lead::DaysAt { days, at: Time::constant((minutes / 60 % 24) as i8, (minutes % 60) as i8, 0, 0) },
                "days" => Lead::Days(days),
                "minutes" => Lead::Minutes(minutes),
                _ => return Err(StoreError::corrupt("reminder_rule", "lead_kind")),
            };
            Ok(ReminderRule {
                id: ReminderRuleId::from_bytes(row.id(0)?),
                location: row.opt_id(1)?.map(LocationId::from_bytes),
                visit_type: row.opt_text(2)?.map(str::to_owned),
                lead,
                template: row.text(6)?.to_owned(),
                template_for_several: row.text(7)?.to_owned(),
                useful_for: SignedDuration::from_mins(row.int(8)?),
                not_within: SignedDuration::from_mins(row.int(9)?),
            })
        })
        .collect()
}

/// Ends a rule. Its unsent reminders are withdrawn when their numbers are planned again.
pub fn disable(tx: &mut Tx<'_, '_>, id: ReminderRuleId, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    if tx.execute(DISABLE, &args![practice.bytes(), id.bytes()])? == 0 {
        return Err(StoreError::NotFound { what: "reminder rule" });
    }
    tx.record(now, Entry::new("reminder_rule_ended", now).word("rule", id));
    Ok(())
}
