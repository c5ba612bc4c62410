//! The signature of callbacks (TW-05). It says who sent something, not when: a captured callback stays valid for ever, so events are told
//! apart by what they report (TW-06).

use super::form;
use super::settings::AuthToken;
use crate::digest::{sha256, to_hex};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The header that carries it.
pub(super) const HEADER: &str = "x-twilio-signature";

/// Decoded parameters of a form, in their order.
pub(super) type Parameters = Vec<(Vec<u8>, Vec<u8>)>;

/// Checks a callback's signature; on success the parameters of its form, none for a body that is not a form. Every token counts.
pub(super) fn check(tokens: &[&AuthToken], url: &str, body: &[u8], signature: &str) -> Option<Parameters> {
    // 20 bytes are 28 signs; nothing longer is decoded.
    let given = (signature.len() == 28).then(|| STANDARD.decode(signature).ok())??;
    let digest = body_digest(url);
    let parameters = if digest.is_some() { Parameters::new() } else { form::decode(body) };
    let signed = signed_parameters(&parameters);
    let mut right = false;
    for token in tokens {
        for url in spellings(url) {
            let mut context = hmac::Context::with_key(token.key());
            context.update(url.as_bytes());
            context.update(&signed);
            right |= verify_slices_are_equal(context.sign().as_ref(), &given).is_ok();
        }
    }
    // The digest stands in the address, which is signed.
    let whole = digest.is_none_or(|digest| verify_slices_are_equal(to_hex(&sha256(&[body])).as_bytes(), digest.as_bytes()).is_ok());
    (right && whole).then_some(parameters)
}

/// Each name with each of its values once, sorted, without anything in between.
fn signed_parameters(parameters: &Parameters) -> Vec<u8> {
    let mut sorted: Vec<&(Vec<u8>, Vec<u8>)> = parameters.iter().collect();
    // The order of bytes of UTF-8 is that of code points.
    sorted.sort();
    sorted.dedup();
    sorted.into_iter().flat_map(|(name, value)| name.iter().chain(value)).copied().collect()
}

/// The signature that Twilio would give to a form.
#[cfg(test)]
pub(super) fn sign(token: &AuthToken, url: &str, body: &[u8]) -> String {
    let mut context = hmac::Context::with_key(token.key());
    context.update(url.as_bytes());
    context.update(&signed_parameters(&form::decode(body)));
    STANDARD.encode(context.sign())
}

/// The address without its fragment, with its port and without: Twilio signs either.
fn spellings(url: &str) -> [String; 2] {
    let url = url.split('#').next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else {
        return [url.to_owned(), url.to_owned()];
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    // A colon within brackets is part of an address of IPv6.
    let port = host.rfind(':').filter(|at| !host[*at..].contains(']'));
    match port {
        Some(at) => [url.to_owned(), format!("{scheme}://{}{path}", &host[..at])],
        None => {
            let port = if scheme == "https" { 443 } else { 80 };
            [url.to_owned(), format!("{scheme}://{host}:{port}{path}")]
        }
    }
}

/// The digest of a body that is not a form, from the address.
fn body_digest(url: &str) -> Option<&str> {
    let url = url.split('#').next()?;
    url.split_once('?')?.1.split('&').find_map(|pair| pair.strip_prefix("bodySHA256="))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CALL: &[u8] = b"CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309";
    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";

    fn right(token: &str, url: &str, body: &[u8], signature: &str) -> bool {
        check(&[&AuthToken::new(token)], url, body, signature).is_some()
    }

    #[test]
    fn published_vectors_are_taken() {
        assert!(right("12345", URL, CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
        let with_port = "https://mycompany.com:443/myapp.php?foo=1&bar=2";
        assert!(right("12345", URL, CALL, "kvajT1Ptam85bY51eRf/AJRuM3w="), "signed with the port");
        assert!(right("12345", with_port, CALL, "kvajT1Ptam85bY51eRf/AJRuM3w="));
        assert!(right("12345", with_port, CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="), "signed without the port");
        assert!(right("12345", "http://mycompany.com:1234/myapp.php?foo=1&bar=2", CALL, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="));
        assert!(right("12345", "http://mycompany.com/myapp.php?foo=1&bar=2", CALL, "0ZXoZLH/DfblKGATFgpif+LLRf4="));
        assert!(right("12345", "http://mycompany.com:80/myapp.php?foo=1&bar=2", CALL, "0ZXoZLH/DfblKGATFgpif+LLRf4="));
    }

    #[test]
    fn a_repeated_parameter_counts_once_for_each_value() {
        let body = b"Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234";
        assert!(right("12345", URL, body, "IK+Dwps556ElfBT0I3Rgjkr1wJU="));
    }

    #[test]
    fn a_body_that_is_not_a_form_is_signed_by_its_digest() {
        let body = br#"{"property": "value", "boolean": true}"#;
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
        let signature = "a9nBmqA0ju/hNViExpshrM61xv4=";
        assert!(right("12345", url, body, signature));
        assert!(!right("12345", url, br#"{"property": "other", "boolean": true}"#, signature));
        assert!(!right("12345", URL, body, signature));
    }

    #[test]
    fn texts_in_other_alphabets_and_empty_values_are_signed_as_they_are() {
        let url = "https://sms.example.org/twilio/inbound";
        let stop = "ToCountry=US&MessageSid=SM00000000000000000000000000000001&Body=STOP&From=%2B15005550006&To=%2B15005550001&NumMedia=0&OptOutType=STOP";
        assert!(right("test-token", url, stop.as_bytes(), "rXVTGrmfF5+YA6Y7CrEJR5c4rg0="));
        let accents = "Body=S%C3%AD+%E2%80%93+%C3%A9+%E2%9C%93&MediaContentType0=&From=%2B15005550006";
        assert!(right("test-token", url, accents.as_bytes(), "T0g7G9nfaynUYYBKWUh+SdYH2GY="));
        assert!(!right("test-token", url, format!("{stop}&Extra=1").as_bytes(), "rXVTGrmfF5+YA6Y7CrEJR5c4rg0="));
        assert!(!right("test-token", url, stop.replace("Body=", "Body=+").as_bytes(), "rXVTGrmfF5+YA6Y7CrEJR5c4rg0="));
        assert!(!right("test-token", "https://sms.example.org/twilio/inbound/", stop.as_bytes(), "rXVTGrmfF5+YA6Y7CrEJR5c4rg0="));
        assert!(!right("test-token", "http://sms.example.org/twilio/inbound", stop.as_bytes(), "rXVTGrmfF5+YA6Y7CrEJR5c4rg0="));
    }

    #[test]
    fn a_fragment_is_not_signed() {
        assert!(right("12345", &format!("{URL}#rc=3&rp=all"), CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
    }

    #[test]
    fn two_tokens_count_while_they_are_changed_and_others_never() {
        let (old, new, other) = (AuthToken::new("old"), AuthToken::new("12345"), AuthToken::new("x"));
        let signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
        assert!(check(&[&old, &new], URL, CALL, signature).is_some());
        assert!(check(&[&old], URL, CALL, signature).is_none());
        assert!(check(&[&other], URL, CALL, signature).is_none());
        assert!(check(&[], URL, CALL, signature).is_none());
    }

    #[test]
    fn a_signature_of_another_form_is_none() {
        for wrong in ["", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "RSOYDt4T1cUTdK1PDd93_VVr8B8=", "RSOYDt4T1cUTdK1PDd93/VVr8B9=", "0"] {
            assert!(!right("12345", URL, CALL, wrong), "{wrong}");
        }
    }

    #[test]
    fn ports_are_added_and_taken_away_where_they_belong() {
        assert_eq!(spellings("https://h/p:1?x=:2")[1], "https://h:443/p:1?x=:2");
        assert_eq!(spellings("http://h?x")[1], "http://h:80?x");
        assert_eq!(spellings("https://h:8443")[1], "https://h");
        assert_eq!(spellings("http://[::1]/p")[1], "http://[::1]:80/p");
        assert_eq!(spellings("http://[::1]:81/p")[1], "http://[::1]/p");
        assert_eq!(spellings("nonsense")[1], "nonsense");
    }

    proptest! {
        #[test]
        fn no_input_makes_it_fail(url in ".{0,60}", body in prop::collection::vec(any::<u8>(), 0..100), signature in ".{0,40}") {
            prop_assert!(!right("token", &url, &body, &signature));
        }
    }
}
