//! What a text costs as SMS: its encoding, its parts, and how to keep it cheap (`C-13`).

mod causes;
mod gsm7;
mod measure;
mod normalise;

pub use causes::{Ucs2Cause, ucs2_causes};
pub use measure::{Encoding, Measure, measure, split};
pub use normalise::normalise;
