//! The recorded facts of a ruling as a table.

use super::calendar::date;
use super::{Calendar, capital, spaced};
use crate::console::view::FactRow;
use jiff::civil::Date;
use wellsent_domain::gate::Reason;

/// The lines `name=value` that the gate recorded, in words. A fact is decisive if one of the reasons is about it, or what a release rests on.
pub(crate) fn facts(record: &str, reasons: &[Reason], basis: Option<&str>, calendar: &Calendar) -> Vec<FactRow> {
    record
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| FactRow {
            name: title(name),
            value: words(value, calendar),
            decisive: rests_on(basis, name) || !is_well(name, value) && reasons.iter().any(|reason| subjects(*reason).contains(&name)),
        })
        .collect()
}

/// Whether a fact is as it should be, so that no reason can be about it: of several visits, those that may be told.
fn is_well(name: &str, value: &str) -> bool {
    matches!((name, value), ("visit.permitted" | "visit.coming", "true"))
}

/// Whether a release with this basis rests on a fact.
fn rests_on(basis: Option<&str>, name: &str) -> bool {
    match basis {
        Some("consent") => name == "consent" || name.starts_with("consent."),
        Some("inbound" | "conversation") => name == "inbound.last_at",
        _ => false,
    }
}

/// The name of a fact in words.
fn title(name: &str) -> String {
    let known = match name {
        "now" => "At that moment",
        "practice.sending" => "Sending",
        "practice.part2" => "Practice under 42 CFR Part 2",
        "practice.clinical_texts" => "Practice texts clinical content",
        "person.standing" => "Person",
        "person.birth_date_known" => "Birth date known",
        "person.sensitive" => "Person specially protected",
        "person.reached" => "Whose number it is",
        "number.state" => "Number",
        "number.obtained" => "Where the number is from",
        "number.verified_at" => "Number verified",
        "number.shared" => "Number shared",
        "number.reassigned" => "Number given to somebody else",
        "consent" => "Consent record",
        "consent.at" => "Consent given",
        "consent.written" => "Consent in writing",
        "consent.confirmed" => "Opt-in confirmed",
        "suppression" => "Texts stopped",
        "suppression.at" => "Stopped since",
        "warning" => "Warning about unencrypted texts",
        "authorization" => "Marketing authorization",
        "directive" => "Request of the patient",
        "visit.version_planned" => "Visit, version planned for",
        "visit.version_now" => "Visit, version now",
        "visit.coming" => "Visit is still on",
        "visit.starts_at" => "Visit begins",
        "visit.sensitive" => "Visit specially protected",
        "visit.permitted" => "Visit may be told here",
        "guard" => "Guard of free text",
        "frequency.last_seven_days" => "Texts in the last seven days",
        "zone" => "Possible time zone",
        "inbound.unrouted" => "Texts still being read",
        "inbound.last_at" => "Patient's last text",
        "sender" => "Sender record",
        "sender.registration" => "Sender's registration",
        "sender.free_at" => "Sender has room",
        other => return capital(&other.replace(['.', '_'], " ")),
    };
    known.to_owned()
}

fn words(value: &str, calendar: &Calendar) -> String {
    match value {
        "true" => "yes".to_owned(),
        "false" => "no".to_owned(),
        _ => match value.parse() {
            Ok(at) => capital(&calendar.words(at)),
            Err(_) if value.parse::<Date>().is_ok() => value.parse().map(date).unwrap_or_default(),
            Err(_) if value.contains(['/', '-']) || value.contains("_0") => value.to_owned(),
            Err(_) => spaced(value),
        },
    }
}

/// The recorded facts that a reason is about.
const fn subjects(reason: Reason) -> &'static [&'static str] {
    match reason {
        Reason::SendingOff | Reason::RestoreNotReconciled => &["practice.sending"],
        Reason::Suppressed => &["suppression", "suppression.at"],
        Reason::ConfirmationTooLate | Reason::ConversationOver => &["inbound.last_at"],
        Reason::InboundNotRouted => &["inbound.unrouted"],
        Reason::NoConsent => &["consent", "person"],
        Reason::NumberNotGiven => &["number.obtained"],
        Reason::OptInNotConfirmed => &["consent.confirmed"],
        Reason::NoWrittenConsent => &["consent.written"],
        Reason::NoAuthorization => &["authorization"],
        Reason::DirectiveNeverText | Reason::DirectiveNotThisNumber | Reason::DirectiveHours | Reason::DirectiveNothingClinical => {
            &["directive"]
        }
        Reason::Deceased | Reason::NotActive => &["person.standing"],
        Reason::MinorWithoutProxy | Reason::ProxyEnded | Reason::ProxyNotClinical => &["person.reached"],
        Reason::NumberDisputed | Reason::NumberInvalid | Reason::NotTextable | Reason::NumberReplaced => &["number.state"],
        Reason::NumberReassigned | Reason::ReassignedCheckDue => &["number.reassigned"],
        Reason::VisitCancelled => &["visit.coming"],
        Reason::VisitMoved => &["visit.version_planned", "visit.version_now"],
        Reason::VisitPassed => &["visit.starts_at", "now"],
        Reason::VisitNotPermitted => &["visit.permitted"],
        Reason::TooLate | Reason::TooLateAfterHold => &["now"],
        Reason::OutsideHours | Reason::NoCommonHour => &["now", "zone"],
        Reason::DailyCap | Reason::WeeklyCap => &["frequency.last_seven_days"],
        Reason::AutoReplyLoop | Reason::EmergencyApprovalOver | Reason::TooManyParts | Reason::NoWording | Reason::NeverByText => &[],
        Reason::WarningNotShown | Reason::WarningNotAccepted => &["warning"],
        Reason::NumberNotVerified | Reason::VerificationLapsed => &["number.verified_at"],
        Reason::SharedNumber => &["number.shared"],
        Reason::Sensitive => &["visit.sensitive", "person.sensitive"],
        Reason::PartTwo => &["practice.part2"],
        Reason::ClinicalTextsOff => &["practice.clinical_texts"],
        Reason::GuardFound => &["guard"],
        Reason::SenderNotApproved => &["sender.registration"],
        Reason::SenderBusy => &["sender.free_at"],
        Reason::NoAgreement => &["agreement", "agreement.from", "agreement.until"],
        Reason::NotEligible => &["agreement", "agreement.covers", "sender.makes_codes", "agreement.covers_codes"],
        Reason::BrandCap => &["sender.parts_left_today"],
        Reason::CarrierUnavailable => &["carrier.unavailable_until"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    const RECORD: &str = "consent=none\nnumber.shared=true\nzone=America/New_York\nnow=2026-11-24T12:00:00Z\n";

    #[test]
    fn of_several_visits_only_the_one_that_may_not_be_told_decides() {
        let calendar = Calendar::new("2026-11-24T15:42:00Z".parse().unwrap(), TimeZone::UTC);
        let rows = facts("visit.permitted=true\nvisit.permitted=false\n", &[Reason::VisitNotPermitted], None, &calendar);
        assert_eq!(rows.iter().map(|row| row.decisive).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn a_release_marks_what_it_rests_on() {
        let calendar = Calendar::new("2026-11-24T15:42:00Z".parse().unwrap(), TimeZone::UTC);
        let rows = facts("consent=cns_1\nconsent.written=true\nnumber.shared=true\n", &[], Some("consent"), &calendar);
        assert_eq!(rows.iter().map(|row| row.decisive).collect::<Vec<_>>(), [true, true, false]);
    }

    #[test]
    fn the_facts_behind_a_reason_are_marked() {
        let calendar = Calendar::new("2026-11-24T15:42:00Z".parse().unwrap(), TimeZone::UTC);
        let rows = facts(RECORD, &[Reason::NoConsent], None, &calendar);
        let shown: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.value.as_str(), row.decisive)).collect();
        assert_eq!(
            shown,
            [
                ("Consent record", "none", true),
                ("Number shared", "yes", false),
                ("Possible time zone", "America/New_York", false),
                ("At that moment", "12:00 PM", false)
            ]
        );
    }
}
