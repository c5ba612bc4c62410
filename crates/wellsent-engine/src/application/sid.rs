//! The names of things in that API: two letters and 32 hexadecimal digits. Ours are the ids that things have anyway.

use wellsent_domain::SenderId;
use wellsent_vault::random_bytes;

/// The name of a message or of a patient's text.
pub fn text_sid(id: &[u8; 16]) -> String {
    sid("SM", id)
}

/// The id behind such a name.
pub fn text_of_sid(sid: &str) -> Option<[u8; 16]> {
    let hex = sid.strip_prefix("SM").or_else(|| sid.strip_prefix("MM"))?;
    let is_hex = hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| uuid::Uuid::try_parse(hex).ok().map(uuid::Uuid::into_bytes)).flatten()
}

/// The name of a sender.
pub fn sender_sid(id: SenderId) -> String {
    sid("PN", &id.bytes())
}

/// The name of a new account.
pub fn account_sid() -> String {
    sid("AC", &random_bytes())
}

/// The name of a new choice among senders.
pub fn service_sid() -> String {
    sid("MG", &random_bytes())
}

/// The name of a new API key.
pub fn key_sid() -> String {
    sid("SK", &random_bytes())
}

/// A new token or secret: 128 random bits in hexadecimal digits, as such programs expect it.
pub fn token() -> String {
    sid("", &random_bytes())
}

fn sid(prefix: &str, id: &[u8; 16]) -> String {
    format!("{prefix}{}", uuid::Uuid::from_bytes(*id).as_simple())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_back_to_its_text_and_nothing_else_does() {
        let id = [0xab; 16];
        assert_eq!(text_of_sid(&text_sid(&id)), Some(id));
        for wrong in [
            "",
            "SM",
            "SMzz",
            "PNabababababababababababababababab",
            "SMababababababababababababababab",
            "SM{ababab-abab-abab-abab-abababababab}",
        ] {
            assert_eq!(text_of_sid(wrong), None, "{wrong}");
        }
    }
}
