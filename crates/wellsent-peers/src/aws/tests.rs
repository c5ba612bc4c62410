//! The peer keeps its own rules.

use super::sigv4::{Keys, check};
use super::{Certificate, SignatureVersion, envelope};
use crate::loopback::Incoming;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

fn request(signature: &str) -> Incoming {
    let mut headers = HeaderMap::new();
    headers.insert("host", "example.amazonaws.com".parse().unwrap());
    headers.insert("x-amz-date", "20150830T123600Z".parse().unwrap());
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature={signature}"
    );
    headers.insert("authorization", authorization.parse().unwrap());
    Incoming { method: "GET".into(), path: "/".into(), query: String::new(), headers, body: vec![] }
}

#[test]
fn the_published_signature_is_taken_and_another_is_not() {
    let keys = [Keys { id: "AKIDEXAMPLE".into(), secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(), session_token: None }];
    let good = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    let at = 1_440_938_160;
    let taken = |request: &Incoming, now| check(request, &keys, "us-east-1", "service", now);
    assert_eq!(taken(&request(good), at), Ok(()));
    assert_eq!(taken(&request(&good.replace('5', "6")), at), Err("InvalidSignatureException"));
    assert_eq!(taken(&request(good), at + 301), Err("InvalidSignatureException"));
    let mut unsigned = request(good);
    unsigned.headers.insert("x-amz-target", "Other".parse().unwrap());
    assert_eq!(taken(&unsigned, at), Err("InvalidSignatureException"), "headers of AWS must be signed");
    let mut longer = request(good);
    longer.body = b"more".to_vec();
    assert_eq!(taken(&longer, at), Err("InvalidSignatureException"));
}

#[test]
fn signatures_made_by_hand_are_those_that_a_library_checks() {
    let certificate = Certificate::generate("sns.amazonaws.com");
    let der = certificate.public_key();
    for (text, sha1) in [("", true), ("a text", true), ("a text", false), ("\u{1f98a}", false)] {
        let (algorithm, signature) = match sha1 {
            true => (&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, certificate.sign_sha1(text)),
            false => (&RSA_PKCS1_2048_8192_SHA256, certificate.sign_sha256(text)),
        };
        let signature = STANDARD.decode(signature).unwrap();
        assert!(UnparsedPublicKey::new(algorithm, &der).verify(text.as_bytes(), &signature).is_ok());
        assert!(UnparsedPublicKey::new(algorithm, &der).verify(b"another", &signature).is_err());
    }
}

#[test]
fn an_envelope_signs_its_fields_in_the_order_of_the_alphabet() {
    let certificate = Certificate::generate("sns.amazonaws.com");
    let fields = ["topic", "id", "time", "words"];
    let made = envelope(&certificate, SignatureVersion::Two, "Notification", "https://x/a.pem", fields, &[("Subject", "about")]);
    let signed = "Message\nwords\nMessageId\nid\nSubject\nabout\nTimestamp\ntime\nTopicArn\ntopic\nType\nNotification\n";
    assert_eq!(made["Signature"], certificate.sign_sha256(signed));
}
