//! Telephone numbers of the North American Numbering Plan (NANP), the only ones that Wellsent texts.

mod area_code;
mod area_codes;
mod error;
mod fold;
mod number;
mod parse;
mod spreadsheet;

pub use area_code::AreaCode;
pub use error::PhoneError;
pub use number::{E164, PhoneNumber};
