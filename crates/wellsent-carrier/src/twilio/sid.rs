//! Twilio's names for things: two letters and 32 hexadecimal digits.

/// Whether a text is such a name of one of these kinds. It goes to the database, to pages and into addresses, so nothing else passes.
pub(super) fn is_sid(text: &str, kinds: &[&str]) -> bool {
    kinds
        .iter()
        .any(|kind| text.strip_prefix(kind).is_some_and(|digits| digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())))
}

/// Whether a text names a message, sent or received.
pub(super) fn is_message(text: &str) -> bool {
    is_sid(text, &["SM", "MM"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_letters_of_the_kind_and_32_digits_are_a_name() {
        assert!(is_message("SM0123456789abcdefABCDEF0123456789"));
        assert!(is_message("MM0123456789abcdef0123456789abcdef"));
        for wrong in [
            "",
            "SM",
            "AC0123456789abcdef0123456789abcdef",
            "SM0123456789abcdef0123456789abcde",
            "SM0123456789abcdef0123456789abcdeg",
            "SM../../../../../../../../../../../a",
        ] {
            assert!(!is_message(wrong), "{wrong}");
        }
    }
}
