//! Is it the right person, and the right phone?

use askama::Template;

use super::{Step, screen};
use crate::patient::view::frame::Frame;
use crate::patient::view::phrases::Phrase;

/// The first name, and whether it is theirs.
///
/// Form: `step=hello` with `answer` (`yes` or `no`) and `lang`.
#[derive(Clone, Template)]
#[template(path = "patient/check_in/hello.html")]
pub struct CheckInHello {
    /// The frame.
    pub frame: Frame,
    /// The first name, and nothing else of the person.
    pub first_name: String,
}

screen!(CheckInHello, "", Some(Step::Hello));

/// The mobile number.
///
/// Form: `step=phone` with `phone` (`mine`, `changed`, `other` or `none`), `new_number` where it changed, and `lang`.
#[derive(Clone, Template)]
#[template(path = "patient/check_in/phone.html")]
pub struct CheckInPhone {
    /// The frame.
    pub frame: Frame,
    /// The number on file, all but its end hidden: `(•••) •••-0123`. Without one the page asks for it, and `mine` is no answer.
    pub number: Option<String>,
    /// What is wrong with the form just sent.
    pub note: Option<PhoneNote>,
    /// The number just typed, where it was not taken.
    pub draft: String,
}

/// What is wrong with the answer about the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneNote {
    /// Nothing was chosen.
    Unanswered,
    /// The new number is not one.
    NumberWrong,
}

screen!(CheckInPhone, "", Some(Step::Phone));

impl CheckInPhone {
    pub(in crate::patient::view) fn fault(&self) -> Option<Phrase> {
        match self.note? {
            PhoneNote::Unanswered => Some(self.t().phone_unanswered),
            PhoneNote::NumberWrong => Some(self.t().number_wrong),
        }
    }

    pub(in crate::patient::view) fn is_number_wrong(&self) -> bool {
        self.note == Some(PhoneNote::NumberWrong)
    }

    pub(in crate::patient::view) fn heading(&self) -> Phrase {
        if self.number.is_some() { self.t().is_this_number } else { self.t().is_there_number }
    }

    /// The answers: value, words, and whether it is chosen.
    pub(in crate::patient::view) fn answers(&self) -> Vec<(&'static str, Phrase, bool)> {
        let t = self.t();
        let typed = self.is_number_wrong();
        match self.number {
            Some(_) => vec![
                ("mine", t.phone_mine, false),
                ("changed", t.phone_changed, typed),
                ("other", t.phone_other, false),
                ("none", t.phone_none, false),
            ],
            None => vec![("changed", t.phone_new, typed), ("none", t.phone_none, false)],
        }
    }
}

/// The end of the way here: the front desk has to help.
///
/// Form: `step=finish` with `lang`.
#[derive(Clone, Template)]
#[template(path = "patient/check_in/ask_desk.html")]
pub struct CheckInAskDesk {
    /// The frame.
    pub frame: Frame,
    /// Why.
    pub why: WhyDesk,
}

/// Why the front desk has to help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyDesk {
    /// The screen was made ready for somebody else.
    NotThem,
    /// The phone belongs to somebody else.
    OtherPhone,
    /// There is no mobile phone.
    NoPhone,
}

screen!(CheckInAskDesk, "", None);

impl CheckInAskDesk {
    pub(in crate::patient::view) const fn what(&self) -> Phrase {
        match self.why {
            WhyDesk::NotThem => self.t().not_you_what,
            WhyDesk::OtherPhone => self.t().other_phone_what,
            WhyDesk::NoPhone => self.t().no_phone_what,
        }
    }
}
