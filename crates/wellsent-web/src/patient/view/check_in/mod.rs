//! The check-in screen: a tablet at the front desk, on which a patient goes from step to step.
//!
//! All steps stand at one address; the server's session knows which is current, and a plain visit shows it. A screen that nobody uses goes
//! back to its start: `assets/sign.js` asks first and then visits `?at=over`. Without it the page goes to `?at=still-there` by itself, and
//! from there to `?at=over`. The server ends the session by its own clock; this only clears the screen.

mod choices;
mod code;
mod done;
mod identity;
mod print_copy;
mod sign;
mod start;

use std::cmp::Ordering;

pub use choices::{CheckInChoices, Choice};
pub use code::{CheckInCode, CodeNote};
pub use done::CheckInDone;
pub use identity::{CheckInAskDesk, CheckInHello, CheckInPhone, PhoneNote, WhyDesk};
pub use print_copy::{CopyChoice, PrintCopy, Signature};
pub use sign::{CheckInSign, SignNote};
pub use start::{CheckInStart, CheckInStillThere, StartNote};

/// After so many seconds without an act the screen goes back to its start.
pub const IDLE_SECONDS: u32 = 120;
/// For so many of them, at the end, the screen asks whether anybody is there.
pub const IDLE_ASK_SECONDS: u32 = 30;

/// A step that counts for the progress shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Is it the right person?
    Hello,
    /// Is it the right number?
    Phone,
    /// Warning, terms and choices.
    Choices,
    /// The signature.
    Sign,
    /// The code that was texted.
    Code,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::Hello, Self::Phone, Self::Choices, Self::Sign, Self::Code];

    /// Its number, from 1.
    pub const fn number(self) -> usize {
        self as usize + 1
    }

    /// How many there are.
    pub const fn count(self) -> usize {
        Self::ALL.len()
    }

    /// The look of each step's part of the bar while this one is current.
    fn bar(self) -> [&'static str; Self::ALL.len()] {
        Self::ALL.map(|each| match each.cmp(&self) {
            Ordering::Less => "is-done",
            Ordering::Equal => "is-here",
            Ordering::Greater => "is-next",
        })
    }
}

/// What every screen needs: phrases, its address, its place among the steps.
macro_rules! screen {
    ($name:ident, $at:literal, $step:expr) => {
        impl $name {
            pub(in crate::patient::view) const fn t(&self) -> &'static $crate::patient::view::phrases::CheckIn {
                $crate::patient::view::phrases::CheckIn::of(self.frame.lang)
            }

            pub(in crate::patient::view) const fn at(&self) -> &'static str {
                $at
            }

            pub(in crate::patient::view) const fn step(&self) -> Option<$crate::patient::view::Step> {
                $step
            }
        }
    };
}
use screen;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_numbered_from_one_to_the_last() {
        assert_eq!(Step::ALL.map(Step::number), [1, 2, 3, 4, 5]);
        assert!(Step::ALL.iter().all(|step| step.count() == 5));
        assert!(Step::ALL.is_sorted());
    }

    #[test]
    fn whoever_is_asked_has_time_to_answer() {
        // WCAG 2.2.1 asks for twenty seconds at least.
        const { assert!(IDLE_ASK_SECONDS >= 20 && IDLE_ASK_SECONDS < IDLE_SECONDS) }
    }
}
