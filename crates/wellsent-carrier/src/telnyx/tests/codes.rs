//! The table of codes, and what must never show.

use super::super::codes::{failure_of, is_account};
use super::super::{ApiKey, PublicKeys, Settings, TelnyxCarrier};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;
use std::time::Duration;
use wellsent_domain::carrier_report::Failure;

#[test]
fn an_unknown_code_is_left_to_a_person_and_is_not_retried() {
    for code in [0, 1, 39_999, 40_007, 40_999, 99_999, u32::MAX] {
        assert_eq!(failure_of(code), Failure::Other, "{code}");
    }
    assert!(!failure_of(99_999).retry());
}

#[test]
fn only_a_code_that_says_that_the_phone_is_out_of_reach_is_tried_again() {
    let retried: Vec<u32> = (10_000..50_000).filter(|code| failure_of(*code).retry()).collect();
    assert_eq!(retried, [40_006]);
}

#[test]
fn codes_about_the_account_are_never_about_the_number() {
    for code in (10_000..50_000).filter(|code| is_account(*code)) {
        assert_eq!(failure_of(code), Failure::Configuration, "{code}");
    }
}

#[test]
fn neither_keys_nor_settings_show_the_api_key() {
    let key = ApiKey::new(" KEYsecretword\n").unwrap();
    assert_eq!(format!("{key:?}"), "ApiKey(..)");
    for wrong in ["", " ", "two words", "line\nline", "naïve"] {
        assert!(ApiKey::new(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn an_address_elsewhere_that_is_not_encrypted_is_refused() {
    let settings = |base_url: Option<&str>, callback_base: &str| Settings {
        name: "telnyx-main".into(),
        account: None,
        api_key: ApiKey::new("KEY").unwrap(),
        public_keys: PublicKeys::new(&STANDARD.encode([9; 32]), None).unwrap(),
        base_url: base_url.map(str::to_owned),
        callback_base: callback_base.into(),
        clock: Arc::new(|| jiff::Timestamp::UNIX_EPOCH),
        deadline: Duration::from_secs(1),
        connections: 1,
    };
    assert!(TelnyxCarrier::new(settings(None, "https://texts.example")).is_ok());
    assert!(TelnyxCarrier::new(settings(Some("http://telnyx.example/v2"), "https://texts.example")).is_err());
    assert!(TelnyxCarrier::new(settings(None, "texts.example")).is_err());
}
