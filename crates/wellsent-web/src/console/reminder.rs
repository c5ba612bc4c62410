//! Where the reminder of a visit stands, in one chip and a few words.
//!
//! What the patient said comes first, then what became of texts, then what is planned. Nothing is guessed: a state that nobody knows says so.

use super::present::{Calendar, capital, contact_trouble, short, spaced};
use super::view::ReminderState;
use wellsent_domain::MessageId;
use wellsent_domain::appointment::{AppointmentStatus, VisitAnswer};
use wellsent_domain::message::MessageState;
use wellsent_domain::person::ContactState;
use wellsent_store::views::day::{DayVisit, Reminder};

/// A state with more about it.
pub(crate) struct Standing {
    pub state: ReminderState,
    pub note: String,
    pub message: Option<MessageId>,
    /// When the text behind the state left.
    pub released_at: Option<jiff::Timestamp>,
}

/// Where the reminder of a visit stands at this moment.
pub(crate) fn standing(visit: &DayVisit, calendar: &Calendar) -> Standing {
    let telling = telling(&visit.reminders);
    let stand = |state, note: String| Standing {
        state,
        note: capital(&note),
        message: telling.map(|reminder| reminder.message),
        released_at: telling.and_then(|reminder| reminder.released_at),
    };
    if visit.status == AppointmentStatus::Cancelled {
        return stand(ReminderState::Cancelled, String::new());
    }
    if let Some((answer, at)) = visit.answer {
        let at = at.map(|at| calendar.words(at)).unwrap_or_default();
        return match answer {
            VisitAnswer::Confirmed => stand(ReminderState::Confirmed, at),
            VisitAnswer::WantsReschedule => stand(ReminderState::WantsReschedule, at),
            VisitAnswer::Declined => stand(ReminderState::WantsReschedule, "does not suit".to_owned()),
        };
    }
    let is_coming = visit.status == AppointmentStatus::Booked && visit.starts_at > calendar.now();
    if is_coming && visit.number.is_some_and(|number| number.stopped_at.is_some()) {
        let trouble = visit.number.map_or("", |number| contact_trouble(number.state));
        return stand(ReminderState::OptedOut, if trouble.is_empty() { "call instead".to_owned() } else { trouble.to_owned() });
    }
    let Some(reminder) = telling else {
        let note = match visit.number {
            None => "no number",
            Some(number) => contact_trouble(number.state),
        };
        return stand(ReminderState::NotPlanned, note.to_owned());
    };
    let first_reason = || reminder.reasons.first().map(|reason| short(*reason)).unwrap_or_default();
    let failure = || reminder.failure.map(|failure| spaced(failure.as_str())).unwrap_or_default();
    let left_at = || reminder.released_at.map(|at| calendar.words(at)).unwrap_or_default();
    match reminder.state {
        MessageState::Planned if reminder.held => {
            let until = calendar.words(reminder.next_at);
            let why = first_reason();
            stand(ReminderState::Held, if why.is_empty() { format!("until {until}") } else { format!("until {until}, {why}") })
        }
        MessageState::Planned => {
            let trouble = visit.number.map_or("no number", |number| match number.state {
                ContactState::Live => "",
                state => contact_trouble(state),
            });
            let planned = format!("for {}", calendar.words(reminder.due_at));
            stand(ReminderState::Planned, if trouble.is_empty() { planned } else { format!("{planned}, {trouble}") })
        }
        MessageState::Review => stand(ReminderState::NeedsReview, first_reason().to_owned()),
        MessageState::Submitting => stand(ReminderState::Sent, "on its way".to_owned()),
        MessageState::Submitted => stand(ReminderState::Sent, left_at()),
        MessageState::Delivered => stand(ReminderState::Delivered, format!("{}, no answer yet", left_at())),
        MessageState::Unknown => stand(ReminderState::Unknown, "the carrier did not answer".to_owned()),
        MessageState::Undelivered | MessageState::Failed => stand(ReminderState::Undelivered, failure()),
        MessageState::Refused => stand(ReminderState::Refused, first_reason().to_owned()),
        MessageState::Withdrawn => stand(ReminderState::NotPlanned, String::new()),
    }
}

/// The reminder that says most: of those that left the last, then of those that were ruled on the last, then the next that is planned.
fn telling(reminders: &[Reminder]) -> Option<&Reminder> {
    let left = reminders.iter().filter(|reminder| reminder.released_at.is_some()).max_by_key(|reminder| reminder.released_at);
    let ruled = || {
        let ruled = |reminder: &&Reminder| reminder.held || !matches!(reminder.state, MessageState::Planned);
        reminders.iter().filter(ruled).max_by_key(|reminder| reminder.state_at)
    };
    left.or_else(ruled).or_else(|| reminders.iter().min_by_key(|reminder| reminder.due_at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use jiff::tz::TimeZone;
    use wellsent_domain::gate::Reason;
    use wellsent_domain::person::Name;
    use wellsent_domain::{AppointmentId, Language, LocationId, PersonId, Phi};
    use wellsent_store::views::day::NumberNow;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn calendar() -> Calendar {
        Calendar::new(at("2026-11-24T15:00:00Z"), TimeZone::UTC)
    }

    fn number_now(stopped_at: Option<Timestamp>) -> NumberNow {
        let contact = wellsent_domain::ContactPointId::from_bytes([4; 16]);
        NumberNow { state: ContactState::Live, stopped_at, contact, verified_at: None, confirmed_at: None }
    }

    fn visit(reminders: Vec<Reminder>) -> DayVisit {
        DayVisit {
            id: AppointmentId::from_bytes([1; 16]),
            person: PersonId::from_bytes([2; 16]),
            name: Phi::new(Name { given: "Rosa".into(), family: "Delgado".into() }),
            language: Language::En,
            location: LocationId::from_bytes([3; 16]),
            visit_type: "Follow-up".into(),
            starts_at: at("2026-11-25T15:00:00Z"),
            zone: "UTC".into(),
            status: AppointmentStatus::Booked,
            answer: None,
            reminders,
            number: Some(number_now(None)),
            reply: None,
        }
    }

    fn reminder(id: u8, state: MessageState, released: Option<&str>) -> Reminder {
        Reminder {
            message: MessageId::from_bytes([id; 16]),
            state,
            state_at: at("2026-11-24T10:00:00Z"),
            due_at: at("2026-11-24T20:00:00Z"),
            next_at: at("2026-11-25T08:00:00Z"),
            released_at: released.map(at),
            held: false,
            reasons: vec![],
            failure: None,
        }
    }

    #[test]
    fn what_the_patient_said_counts_more_than_what_was_sent() {
        let mut confirmed = visit(vec![reminder(1, MessageState::Undelivered, Some("2026-11-24T10:00:00Z"))]);
        confirmed.answer = Some((VisitAnswer::Confirmed, Some(at("2026-11-24T14:00:00Z"))));
        let standing = standing(&confirmed, &calendar());
        assert_eq!(standing.state, ReminderState::Confirmed);
        assert_eq!(standing.note, "2:00 PM");
    }

    #[test]
    fn a_stop_is_shown_even_if_a_text_was_delivered_before() {
        let mut stopped = visit(vec![reminder(1, MessageState::Delivered, Some("2026-11-24T10:00:00Z"))]);
        stopped.number = Some(number_now(Some(at("2026-11-24T11:00:00Z"))));
        assert_eq!(standing(&stopped, &calendar()).state, ReminderState::OptedOut);
    }

    #[test]
    fn an_unknown_outcome_is_never_called_sent() {
        let unknown =
            visit(vec![reminder(1, MessageState::Unknown, Some("2026-11-24T10:00:00Z")), reminder(2, MessageState::Planned, None)]);
        let standing = standing(&unknown, &calendar());
        assert_eq!(standing.state, ReminderState::Unknown);
        assert_eq!(standing.message, Some(MessageId::from_bytes([1; 16])));
    }

    #[test]
    fn a_hold_says_until_when_and_why() {
        let held = Reminder { held: true, reasons: vec![Reason::OutsideHours], ..reminder(1, MessageState::Planned, None) };
        let standing = standing(&visit(vec![held]), &calendar());
        assert_eq!(standing.state, ReminderState::Held);
        assert_eq!(standing.note, "Until tomorrow at 8:00 AM, outside texting hours");
    }

    #[test]
    fn a_refusal_is_shown_before_a_later_plan() {
        let refused = Reminder { reasons: vec![Reason::NoConsent], ..reminder(1, MessageState::Refused, None) };
        let standing = standing(&visit(vec![refused, reminder(2, MessageState::Planned, None)]), &calendar());
        assert_eq!((standing.state, standing.note.as_str()), (ReminderState::Refused, "No consent on record"));
    }

    #[test]
    fn a_visit_without_a_number_says_so() {
        let mut bare = visit(vec![]);
        bare.number = None;
        let standing = standing(&bare, &calendar());
        assert_eq!((standing.state, standing.note.as_str()), (ReminderState::NotPlanned, "No number"));
    }
}
