//! Which addresses are texts' addresses. Other channels are not covered by the agreement (TW-02).

use super::sid::is_sid;

/// What a text is sent from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From<'a> {
    /// A number of ours.
    Number(&'a str),
    /// A messaging service, which picks the number.
    Service(&'a str),
}

impl<'a> From<'a> {
    /// Reads a sender's address: a number in E.164, a short code, or a messaging service. Anything else, `whatsapp:` and `rcs:` above all, is
    /// none (TW-02).
    pub fn read(address: &'a str) -> Option<Self> {
        if is_sid(address, &["MG"]) {
            return Some(Self::Service(address));
        }
        (is_e164(address) || is_short_code(address)).then_some(Self::Number(address))
    }

    /// The name of the parameter that carries it.
    pub fn parameter(self) -> (&'static str, &'a str) {
        match self {
            Self::Number(number) => ("From", number),
            Self::Service(service) => ("MessagingServiceSid", service),
        }
    }
}

/// Whether a text is a number in E.164.
pub(super) fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (8..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn is_short_code(text: &str) -> bool {
    (5..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_short_codes_and_services_send_texts_and_nothing_else_does() {
        assert_eq!(From::read("+12125550123"), Some(From::Number("+12125550123")));
        assert_eq!(From::read("72375"), Some(From::Number("72375")));
        let service = "MG0123456789abcdef0123456789abcdef";
        assert_eq!(From::read(service).map(From::parameter), Some(("MessagingServiceSid", service)));
        for other in [
            "whatsapp:+12125550123",
            "rcs:practice",
            "messenger:1234567",
            "PRACTICE",
            "12125550123",
            "+0212555012",
            "+1 212 555 0123",
            "sip:1@x",
            "",
            "1234",
            "MG01",
        ] {
            assert_eq!(From::read(other), None, "{other}");
        }
    }
}
