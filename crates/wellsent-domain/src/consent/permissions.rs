//! What stands at an instant, computed from the log and from nothing else.

use super::{Act, Authorization, Category, Directive, Event, Standing, Warning};
use crate::{ConsentEventId, ContactPointId};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The permissions of one person at one number at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permissions {
    /// Texting consents that stand.
    pub consents: BTreeMap<Category, Standing>,
    /// The warning about unencrypted texts.
    pub warning: Warning,
    /// The directives that bind, with the event that recorded each.
    pub directives: Vec<(ConsentEventId, Directive)>,
    /// The marketing authorizations that have not been ended, oldest first. Whether the last day of one has passed is asked of it.
    pub authorizations: Vec<Authorization>,
    /// When a code last came back from the number.
    pub verified_at: Option<Timestamp>,
    /// When the patient last confirmed the number in person.
    pub confirmed_at: Option<Timestamp>,
    /// Since when texts to the number are stopped for this person.
    pub suppressed_at: Option<Timestamp>,
}

impl Permissions {
    /// Nothing was ever said.
    pub const fn none() -> Self {
        Self {
            consents: BTreeMap::new(),
            warning: Warning::NotShown,
            directives: Vec::new(),
            authorizations: Vec::new(),
            verified_at: None,
            confirmed_at: None,
            suppressed_at: None,
        }
    }

    /// What stood at `instant` for a number of the person whose log this is. Acts count in the order of when they were done; those of one
    /// instant in the order in which they were recorded.
    pub fn at(log: &[Event], contact: ContactPointId, instant: Timestamp) -> Self {
        let mut acts: Vec<&Event> =
            log.iter().filter(|event| event.at <= instant && event.contact_point.is_none_or(|point| point == contact)).collect();
        acts.sort_by_key(|event| (event.at, event.id));
        let mut standing = Self::none();
        for event in acts {
            standing.apply(event);
        }
        standing
    }

    fn apply(&mut self, event: &Event) {
        match event.act {
            Act::Granted { category, written, confirmed } => {
                // A consent that is renewed needs no second confirmation.
                let confirmed = confirmed || self.consents.get(&category).is_some_and(|held| held.confirmed);
                self.consents.insert(category, Standing { event: event.id, at: event.at, written, confirmed });
            }
            Act::Revoked(category) => {
                self.consents.remove(&category);
            }
            Act::Confirmed(category) => {
                if let Some(held) = self.consents.get_mut(&category) {
                    held.confirmed = true;
                }
            }
            // A warning that is shown again, for example in a new version, takes back no acceptance (H-04).
            Act::Warned if self.warning == Warning::Accepted => {}
            Act::Warned => self.warning = Warning::Shown,
            Act::WarningAccepted => self.warning = Warning::Accepted,
            Act::WarningWithdrawn => self.warning = Warning::Withdrawn,
            Act::Authorized { until } => self.authorizations.push(Authorization { event: event.id, until }),
            Act::AuthorizationEnded(which) => self.authorizations.retain(|held| held.event != which),
            Act::Directed(directive) => self.directives.push((event.id, directive)),
            Act::DirectiveEnded(which) => self.directives.retain(|(id, _)| *id != which),
            Act::CodeAsked => {}
            Act::Verified => self.verified_at = Some(event.at),
            Act::NumberConfirmed => self.confirmed_at = Some(event.at),
            Act::NumberReplaced => {
                // What was said for a number is said for no other, and does not come back with it either (H-04). Authorizations and requests
                // that are about the person stay.
                self.consents.clear();
                self.warning = Warning::NotShown;
                self.verified_at = None;
                self.confirmed_at = None;
            }
            Act::Suppressed => self.suppressed_at = Some(event.at),
            Act::Resumed => self.suppressed_at = None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: ContactPointId = ContactPointId::from_bytes([1; 16]);
    const WORK: ContactPointId = ContactPointId::from_bytes([2; 16]);

    fn event(n: u8, at: i64, contact_point: Option<ContactPointId>, act: Act) -> Event {
        let at = Timestamp::from_second(at).expect("an instant");
        Event { id: ConsentEventId::from_bytes([n; 16]), contact_point, act, at }
    }

    fn granted(category: Category) -> Act {
        Act::Granted { category, written: false, confirmed: false }
    }

    fn at(log: &[Event], contact: ContactPointId, second: i64) -> Permissions {
        Permissions::at(log, contact, Timestamp::from_second(second).expect("an instant"))
    }

    #[test]
    fn nothing_is_allowed_where_nothing_was_said() {
        assert_eq!(at(&[], HOME, 9), Permissions::none());
    }

    #[test]
    fn the_state_of_the_past_is_not_touched_by_what_came_later() {
        let log = [event(1, 1, Some(HOME), granted(Category::Care)), event(2, 5, Some(HOME), Act::Revoked(Category::Care))];
        assert!(at(&log, HOME, 4).consents.contains_key(&Category::Care));
        assert!(at(&log, HOME, 5).consents.is_empty());
    }

    #[test]
    fn a_form_that_is_entered_late_does_not_undo_a_later_withdrawal() {
        let log = [event(1, 5, Some(HOME), Act::Revoked(Category::Care)), event(2, 1, Some(HOME), granted(Category::Care))];
        assert!(at(&log, HOME, 9).consents.is_empty());
    }

    #[test]
    fn consent_to_one_category_or_number_is_none_to_another() {
        let log = [event(1, 1, Some(HOME), granted(Category::Appointments)), event(2, 1, Some(HOME), Act::WarningAccepted)];
        assert!(!at(&log, HOME, 9).consents.contains_key(&Category::Care));
        assert_eq!(at(&log, WORK, 9), Permissions::none());
    }

    #[test]
    fn a_replaced_number_keeps_nothing_but_what_is_about_the_person() {
        let log = [
            event(1, 1, Some(HOME), granted(Category::Appointments)),
            event(2, 1, Some(HOME), Act::WarningAccepted),
            event(3, 1, Some(HOME), Act::Verified),
            event(4, 1, None, Act::Directed(Directive::NothingClinical)),
            event(5, 2, Some(HOME), Act::NumberReplaced),
        ];
        let standing = at(&log, HOME, 9);
        assert!(standing.consents.is_empty());
        assert_eq!((standing.warning, standing.verified_at), (Warning::NotShown, None));
        assert_eq!(standing.directives.len(), 1);
    }

    #[test]
    fn a_directive_ends_only_by_the_act_that_names_it() {
        let log = [
            event(1, 1, None, Act::Directed(Directive::NeverText)),
            event(2, 2, Some(HOME), Act::Directed(Directive::NothingClinical)),
            event(3, 3, None, Act::DirectiveEnded(ConsentEventId::from_bytes([1; 16]))),
        ];
        assert_eq!(at(&log, HOME, 2).directives.len(), 2);
        assert_eq!(at(&log, HOME, 3).directives, [(ConsentEventId::from_bytes([2; 16]), Directive::NothingClinical)]);
    }

    #[test]
    fn a_stop_does_not_end_an_authorization() {
        let log = [event(1, 1, None, Act::Authorized { until: None }), event(2, 2, Some(HOME), Act::Suppressed)];
        let standing = at(&log, HOME, 3);
        assert!(standing.authorizations.len() == 1 && standing.suppressed_at.is_some());
    }
}
