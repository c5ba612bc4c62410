//! Small words of the domain as staff read them.

use super::calendar::{Calendar, date};
use crate::console::view::{ReminderState, TaskKind};
use jiff::civil::Date;
use wellsent_domain::consent::{Category, Channel, ConsentAct, Directive};
use wellsent_domain::person::{Authority, ContactState, Obtained, age_on};
use wellsent_domain::task::TaskKind as Kind;
use wellsent_domain::{Language, Tier};
use wellsent_store::views::owners::Owner;
use wellsent_store::views::tasks::OpenTask;

/// `Spanish`.
pub(crate) const fn language(language: Language) -> &'static str {
    match language {
        Language::En => "English",
        Language::Es => "Spanish",
    }
}

/// `T1, logistics`.
pub(crate) const fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::T0 => "T0, service",
        Tier::T1 => "T1, logistics",
        Tier::T2 => "T2, clinical",
        Tier::T3 => "T3, never by text",
    }
}

/// A stable word with spaces: `quiet_hours` becomes `quiet hours`.
pub(crate) fn spaced(word: &str) -> String {
    word.replace('_', " ")
}

/// The first letter made large.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// `May 4, 1961 (65)`.
pub(crate) fn born(birth: Date, today: Date) -> String {
    format!("{} ({})", date(birth), age_on(birth, today))
}

/// The names of everybody on a number: `Rosa and Luis Delgado` where they share the family name.
pub(crate) fn names(owners: &[Owner]) -> String {
    let first_family = owners.first().map(|owner| owner.name.expose().family.clone());
    let same = owners.iter().all(|owner| Some(&owner.name.expose().family) == first_family.as_ref());
    match (owners, same, first_family) {
        ([only], ..) => only.name.expose().full(),
        ([..], true, Some(family)) => {
            let given: Vec<_> = owners.iter().map(|owner| owner.name.expose().given.clone()).collect();
            format!("{} {family}", join(&given)).trim().to_owned()
        }
        _ => join(&owners.iter().map(|owner| owner.name.expose().full()).collect::<Vec<_>>()),
    }
}

/// `a, b and c`.
pub(crate) fn join(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

/// A consent category in words.
pub(crate) const fn category(category: Category) -> &'static str {
    match category {
        Category::Appointments => "Appointments",
        Category::Care => "Care instructions",
        Category::Billing => "Billing",
        Category::Surveys => "Surveys",
        Category::Marketing => "Marketing",
    }
}

/// The way in which something reached the practice.
pub(crate) const fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Paper => "on paper",
        Channel::CheckIn => "at check-in",
        Channel::Portal => "on a secure page",
        Channel::Spoken => "in person or on the phone",
        Channel::Text => "by text",
        Channel::Import => "with an imported file",
        Channel::Carrier => "by the carrier's report",
    }
}

/// What an event of the consent log says.
pub(crate) const fn act(act: ConsentAct) -> &'static str {
    match act {
        ConsentAct::Granted => "Consent given",
        ConsentAct::Revoked => "Consent taken back",
        ConsentAct::Warned => "Warning about unencrypted texts shown",
        ConsentAct::WarningAccepted => "Warning about unencrypted texts accepted",
        ConsentAct::WarningWithdrawn => "Unencrypted texts not accepted",
        ConsentAct::Confirmed => "Confirmation of the consent sent",
        ConsentAct::Authorized => "Marketing authorization signed",
        ConsentAct::AuthorizationEnded => "Marketing authorization ended",
        ConsentAct::Directed => "Request about communication",
        ConsentAct::DirectiveEnded => "Request about communication ended",
        ConsentAct::CodeAsked => "Code sent",
        ConsentAct::Verified => "Phone verified by a code",
        ConsentAct::NumberConfirmed => "Number confirmed by the patient",
        ConsentAct::NumberReplaced => "Number replaced: nothing carries over",
        ConsentAct::Suppressed => "Texts stopped",
        ConsentAct::Resumed => "Texts on again",
    }
}

/// How the practice got a number.
pub(crate) const fn obtained(obtained: Obtained) -> &'static str {
    match obtained {
        Obtained::Patient => "from the patient",
        Obtained::Proxy => "from a proxy",
        Obtained::Record => "from the record system",
        Obtained::ThirdParty => "from a third party",
    }
}

/// Whose ear a number is, where it is not the patient's own.
pub(crate) const fn authority(authority: Authority) -> &'static str {
    match authority {
        Authority::Parent => "a parent's number",
        Authority::Guardian => "a guardian's number",
        Authority::Legal => "a legal representative's number",
        Authority::Agreed => "number of somebody whom the patient named",
    }
}

/// What is wrong with a number; empty for one in use.
pub(crate) const fn contact_trouble(state: ContactState) -> &'static str {
    match state {
        ContactState::Live => "",
        ContactState::Disputed => "wrong number",
        ContactState::Invalid => "number does not exist",
        ContactState::NotTextable => "number cannot get texts",
        ContactState::Replaced => "number replaced",
    }
}

/// A confidential-communication request in a sentence (H-08).
pub(crate) fn directive(directive: &Directive, number: Option<&str>) -> String {
    match directive {
        Directive::NeverText => "Asked never to be texted. Call or write instead.".to_owned(),
        Directive::NotThisNumber => format!("Asked not to be texted at {}.", number.unwrap_or("one of the numbers")),
        Directive::OnlyBetween(window) => {
            let hour = |time: jiff::civil::Time| time.strftime("%-I:%M %p").to_string();
            format!("Asked for texts only between {} and {}.", hour(window.opens()), hour(window.closes()))
        }
        Directive::NothingClinical => "Asked for nothing clinical by text.".to_owned(),
    }
}

/// The chip of a task.
pub(crate) const fn task_kind(kind: Kind) -> TaskKind {
    match kind {
        Kind::Distress => TaskKind::Distress,
        Kind::WrongNumber => TaskKind::WrongNumber,
        Kind::CarrierStopped => TaskKind::CarrierStopped,
        Kind::AgreementEnds => TaskKind::AgreementEnds,
        Kind::NotForgotten => TaskKind::NotForgotten,
        Kind::UnknownOutcome => TaskKind::UnknownOutcome,
        Kind::Reschedule => TaskKind::Reschedule,
        Kind::CancelVisit => TaskKind::CancelVisit,
        Kind::UnclearAnswer => TaskKind::UnclearReply,
        Kind::CheckRevocation => TaskKind::MaybeStop,
        Kind::Resubscribe => TaskKind::Resubscribe,
        Kind::Review => TaskKind::NeedsReview,
        Kind::NotDelivered => TaskKind::Undelivered,
        Kind::CallInstead => TaskKind::CallInstead,
        Kind::UnknownSender => TaskKind::UnknownSender,
        Kind::GuessedCodes => TaskKind::GuessedCodes,
        Kind::AutoReplyLoop => TaskKind::AutoReplyLoop,
        Kind::Reply => TaskKind::Reply,
    }
}

/// What happened and what to do, in a sentence.
pub(crate) fn task_sentence(task: &OpenTask, calendar: &Calendar) -> String {
    let about = match &task.visit {
        Some((at, zone)) => format!(" The visit is on {}.", calendar.in_zone(zone).day_and_time(*at)),
        None => String::new(),
    };
    let sentence = match task.kind {
        Kind::Distress => "This may be an emergency. Call the patient now.",
        Kind::WrongNumber => {
            "Somebody else has this number. Texts to it are stopped; find the right number, and check what was sent to it."
        }
        Kind::CarrierStopped => {
            "The carrier refused the account: the credentials are wrong, or the account was suspended. No text goes over it until that is mended."
        }
        Kind::AgreementEnds => {
            "The agreement with a carrier ends within thirty days or is over. Sign the next one and record it; without one, texts wait."
        }
        Kind::NotForgotten => "The carrier was asked to forget texts and still has them. Ask its support, or delete them in its console.",
        Kind::UnknownOutcome => "The carrier never said whether it has this text, and its log does not show it. Call if it matters.",
        Kind::Reschedule => "Asks for another time. Call to find one.",
        Kind::CancelVisit => "May want to cancel. The visit stays as it is until you decide.",
        Kind::UnclearAnswer => "The reply fits no visit, or several. Read it and do what it asks.",
        Kind::CheckRevocation => "Texts to this number are stopped. Please check the wording and tell everybody whom it concerns.",
        Kind::Resubscribe => "Wants texts again at a number that several people share. Record fresh consent for the one who asked.",
        Kind::Review => "The gate wants somebody to read this text before it goes.",
        Kind::NotDelivered => "A text did not arrive. Call if the visit is near.",
        Kind::CallInstead => "Call instead of texting.",
        Kind::UnknownSender => "A text came from a number that nobody here has.",
        Kind::GuessedCodes => {
            "Wrong codes or birth dates were tried again and again. Call the patient, and find out whether it was they who tried."
        }
        Kind::AutoReplyLoop => "Automatic answers went round in a circle and were stopped. The other side may be a machine.",
        Kind::Reply => "Wrote something that wants an answer.",
    };
    format!("{sentence}{about}")
}

/// How a reply was understood; empty where there is nothing to say.
pub(crate) fn understood(meaning: Option<&str>) -> String {
    match meaning {
        None => "Being read".to_owned(),
        Some("message") => String::new(),
        Some("revocation") => "Understood as: stop".to_owned(),
        Some("wrong_number") => "Understood as: wrong number".to_owned(),
        Some("distress") => "May be an emergency".to_owned(),
        Some("automatic") => "Looks like an automatic reply".to_owned(),
        Some("answer") => "Understood as an answer".to_owned(),
        Some(word) => format!("Understood as: {}", spaced(word)),
    }
}

/// `GSM-7, 137 units, 1 part`.
pub(crate) fn size(text: &str) -> String {
    let measure = wellsent_text::sms::measure(text);
    let parts = if measure.parts == 1 { "1 part".to_owned() } else { format!("{} parts", measure.parts) };
    format!("{}, {} units, {parts}", measure.encoding.as_str(), measure.units)
}

/// A number grouped in thousands.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A stored count on a page.
pub(crate) fn count(stored: i64) -> u32 {
    u32::try_from(stored.max(0)).unwrap_or(u32::MAX)
}

/// Whether a reminder's state means that the patient has been reached by text.
pub(crate) const fn is_texted(state: ReminderState) -> bool {
    matches!(state, ReminderState::Sent | ReminderState::Delivered | ReminderState::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_in_thousands() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(48_640), "48,640");
        assert_eq!(thousands(1_234_567), "1,234,567");
    }

    #[test]
    fn names_are_joined_as_one_says_them() {
        let parts: Vec<String> = ["a", "b", "c"].map(String::from).into();
        assert_eq!(join(&parts), "a, b and c");
        assert_eq!(join(&parts[..1]), "a");
        assert_eq!(capital("quiet hours"), "Quiet hours");
    }

    #[test]
    fn every_kind_of_task_has_a_chip_and_a_sentence_of_its_own() {
        let chips: Vec<_> = Kind::ALL.iter().map(|kind| task_kind(*kind).as_str()).collect();
        let mut distinct = chips.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(chips.len(), distinct.len());
    }
}
