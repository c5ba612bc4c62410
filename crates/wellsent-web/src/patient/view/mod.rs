//! What the patients' pages show: plain data, already formatted, and the templates that lay it out.
//!
//! Nothing here reads a store or a clock. A handler fills a page's struct and renders it with [`askama::Template::render`]. The pages work
//! without any script, and these rules hold for all of them:
//!
//! - A form has no `action`: it posts to the address at which the page stands. So no page repeats the secret of its link (H-03). The field
//!   `step` says which form it was, and `lang` in which language.
//! - The language switch is a link to the same address with `?lang=en` or `?lang=es`. Where the address alone does not say what is shown,
//!   `at=` does. Following such a link changes nothing.
//! - The title is the practice's name: titles stay in a browser's history.
//!
//! The structs hold names, numbers and words of patients, therefore none of them has `Debug`.

mod check_in;
mod closed;
mod date_words;
mod door;
mod drawing;
mod frame;
mod message;
pub mod phrases;
mod preferences;
mod wording;

pub use check_in::{
    CheckInAskDesk, CheckInChoices, CheckInCode, CheckInDone, CheckInHello, CheckInPhone, CheckInSign, CheckInStart, CheckInStillThere,
    Choice, CodeNote, CopyChoice, IDLE_ASK_SECONDS, IDLE_SECONDS, PhoneNote, PrintCopy, SignNote, Signature, StartNote, Step, WhyDesk,
};
pub use closed::Closed;
pub use date_words::{day_words, hour_words, moment_words};
pub use door::{Door, DoorState};
pub use drawing::Drawing;
pub use frame::Frame;
pub use message::{MessagePage, PatientReply, REPLY_CHARS_MAX, ReplyNote};
pub use preferences::{Hours, Preferences, PreferencesNote, StopTexts, TopicChoice};
pub use wording::{ShownWording, Wording};

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
