//! Why something is not a number that can be texted.

/// Why a text is not a telephone number that can be texted, and what to do about it.
///
/// A number is protected health information, so no variant carries a digit of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PhoneError {
    /// Nothing was entered.
    #[error("no number was entered")]
    Empty,
    /// A letter stands in the number, as in a word or a note.
    #[error("the number contains letters; enter digits only and keep notes in another field")]
    Letters,
    /// An extension cannot receive a text.
    #[error("a number with an extension cannot be texted; enter a mobile number without one")]
    Extension,
    /// A sign stands in the number that no usual notation has.
    #[error("the number contains a sign that does not belong there; enter ten digits")]
    UnexpectedCharacter,
    /// Digits are missing.
    #[error("the number is too short; enter ten digits")]
    TooShort,
    /// A local number of seven digits.
    #[error("the area code is missing; enter ten digits")]
    MissingAreaCode,
    /// More digits than one number has.
    #[error("the number is too long; enter one number of ten digits")]
    TooManyDigits,
    /// A spreadsheet rounded the number, so that its last digits cannot be known.
    #[error("a spreadsheet has rounded the number; format the column as text and export the file again")]
    LostDigits,
    /// A number of another country's plan.
    #[error("only numbers of the North American Numbering Plan can be texted")]
    OutsideNanp,
    /// Nobody has numbers with this area code.
    #[error("the area code is not in use; check the first three digits")]
    UnassignedAreaCode,
    /// Digits 4 to 6 cannot be an exchange.
    #[error("no number has these digits after the area code; check digits four to six")]
    InvalidExchange,
    /// A premium-rate number (900).
    #[error("premium-rate numbers are not texted; enter a mobile number")]
    Premium,
    /// A personal or machine number that belongs to no place (5XX, 6XX, 700, 710).
    #[error("numbers with this area code cannot receive texts; enter a mobile number")]
    NotTextable,
    /// A stored or transmitted number is not written as `+1` and ten digits.
    #[error("the number is not in E.164 form")]
    NotE164,
}

impl PhoneError {
    /// A stable code for programs that read an error.
    pub const fn code(self) -> &'static str {
        match self {
            PhoneError::Empty => "phone_empty",
            PhoneError::Letters => "phone_letters",
            PhoneError::Extension => "phone_extension",
            PhoneError::UnexpectedCharacter => "phone_unexpected_character",
            PhoneError::TooShort => "phone_too_short",
            PhoneError::MissingAreaCode => "phone_missing_area_code",
            PhoneError::TooManyDigits => "phone_too_many_digits",
            PhoneError::LostDigits => "phone_lost_digits",
            PhoneError::OutsideNanp => "phone_outside_nanp",
            PhoneError::UnassignedAreaCode => "phone_unassigned_area_code",
            PhoneError::InvalidExchange => "phone_invalid_exchange",
            PhoneError::Premium => "phone_premium",
            PhoneError::NotTextable => "phone_not_textable",
            PhoneError::NotE164 => "phone_not_e164",
        }
    }
}
