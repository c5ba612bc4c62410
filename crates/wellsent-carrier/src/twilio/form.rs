//! Form encoding, in both directions.

/// Encodes pairs as a form.
pub(super) fn encode(pairs: &[(&str, &str)]) -> String {
    let mut form = String::new();
    for (name, value) in pairs {
        if !form.is_empty() {
            form.push('&');
        }
        escape(name, &mut form);
        form.push('=');
        escape(value, &mut form);
    }
    form
}

/// Encodes one name, value or part of a path.
pub(super) fn escape(text: &str, into: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
            into.push(char::from(byte));
        } else {
            into.push('%');
            into.push(char::from(DIGITS[usize::from(byte >> 4)]));
            into.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

/// The pairs of a form, decoded, in their order. Bytes, because what is signed need not be text.
pub(super) fn decode(form: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    form.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => (unescape(&pair[..at]), unescape(&pair[at + 1..])),
            None => (unescape(pair), Vec::new()),
        })
        .collect()
}

fn unescape(text: &[u8]) -> Vec<u8> {
    let digit = |at: usize| text.get(at).and_then(|byte| char::from(*byte).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high << 4 | low);
                at += 2;
            }
            (b'+', ..) => bytes.push(b' '),
            // An escape that is none stands for itself, as it does to the one who signed it.
            _ => bytes.push(*byte),
        }
        at += 1;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn signs_of_the_form_itself_are_carried_over() {
        assert_eq!(encode(&[("Body", "a=b&c +%\u{e9}"), ("B", "")]), "Body=a%3Db%26c%20%2B%25%C3%A9&B=");
        let decoded = decode(b"Body=a%3Db%26c+%2B%25%c3%A9&B&&=x&C=%zz%4");
        let text = |pair: &(Vec<u8>, Vec<u8>)| (String::from_utf8(pair.0.clone()).unwrap(), String::from_utf8(pair.1.clone()).unwrap());
        let expected = [("Body", "a=b&c +%\u{e9}"), ("B", ""), ("", "x"), ("C", "%zz%4")];
        assert_eq!(decoded.iter().map(text).collect::<Vec<_>>(), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    proptest! {
        #[test]
        fn whatever_is_encoded_reads_back(pairs in prop::collection::vec((".{1,20}", ".{0,40}"), 0..6)) {
            let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let back = decode(encode(&pairs).as_bytes());
            prop_assert_eq!(back, pairs.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect::<Vec<_>>());
        }

        #[test]
        fn no_bytes_make_it_fail(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            decode(&bytes);
        }
    }
}
