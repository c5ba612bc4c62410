//! Twilio's callbacks, and the services beside texting.

use crate::case::{Call, Callbacks, Extra, Place, Report, Signer, Subject, query};
use crate::released::{TO, now, place, released, text};
use crate::twilio::{ACCOUNT, BY_NUMBER, ID, NAME, NEXT_TOKEN, NUMBER, SERVICE, Subjects, TOKEN, message, pairs, settings};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use wellsent_carrier::twilio::{ApiKey, AuthToken, Settings, SettingsError, Twilio, TwilioLookup, TwilioVerify};
use wellsent_carrier::{
    Acknowledgement, CallbackError, CallbackKind, Carrier, CarrierOptOut, ChangedHands, Checked, Event, LookupError, NumberAnswer,
    NumberLookup, NumberLookupError, Outcome, Started, VerifyError, VerifyService,
};
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::person::LineType;
use wellsent_domain::{Phi, PhoneNumber};
use wellsent_peers::scripted::{Act, Closed, Scripted, response};

const URL: &str = "https://texts.practice.example/hooks/twilio-main/snd_1/inbound";

/// A callback with these parameters, signed by the published description: sorted, joined without anything in between, after the address.
fn signed(kind: CallbackKind, url: &str, parameters: &[(&str, &str)], token: &str) -> Call {
    let mut sorted = parameters.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut all = url.to_owned();
    for (name, value) in sorted {
        all.push_str(name);
        all.push_str(value);
    }
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    let escape = |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let body: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
    Call {
        kind,
        url: url.to_owned(),
        headers: vec![
            ("x-twilio-signature", STANDARD.encode(hmac::sign(&key, all.as_bytes()))),
            ("content-type", "application/x-www-form-urlencoded; charset=utf-8".to_owned()),
            ("i-twilio-idempotency-token", "a-token-of-this-delivery".to_owned()),
        ],
        signature_headers: vec!["x-twilio-signature"],
        body: body.join("&").into_bytes(),
    }
}

impl Callbacks for Subjects {
    fn call(&self, url: &str, report: &Report, signer: Signer, extra: Extra) -> Call {
        let mut parameters = vec![("AccountSid", ACCOUNT), ("ApiVersion", "2010-04-01")];
        match report {
            Report::Receipt { id, word } => {
                parameters.extend([("MessageSid", *id), ("SmsSid", *id), ("MessageStatus", *word), ("SmsStatus", *word)]);
                parameters.extend([("To", TO), ("From", NUMBER)]);
                if matches!(*word, "failed" | "undelivered") {
                    parameters.extend([("ErrorCode", "30003"), ("ErrorMessage", "words for people")]);
                }
            }
            Report::Inbound { id, from, body } => {
                parameters.extend([("MessageSid", *id), ("SmsSid", *id), ("SmsMessageSid", *id), ("SmsStatus", "received")]);
                parameters.extend([("From", *from), ("To", NUMBER), ("Body", *body), ("NumMedia", "0"), ("NumSegments", "1")]);
                parameters.extend([("FromCity", ""), ("FromState", "NY"), ("ToCountry", "US")]);
            }
        }
        if self.sender() == SERVICE {
            parameters.push(("MessagingServiceSid", SERVICE));
        }
        if extra == Extra::UnknownFields {
            parameters.extend([("RawDlrDoneDate", "2611241500"), ("Unheard", "a"), ("Unheard", "b"), ("Empty", "")]);
        }
        let token = match signer {
            Signer::Current => TOKEN,
            Signer::Next => NEXT_TOKEN,
            Signer::Stranger => "a guess",
        };
        signed(report.kind(), url, &parameters, token)
    }

    fn words(&self) -> Vec<(&'static str, Option<DeliveryStatus>)> {
        use DeliveryStatus::{Delivered, Failed, Queued, Sent, Undelivered};
        vec![
            ("accepted", Some(Queued)),
            ("scheduled", Some(Queued)),
            ("queued", Some(Queued)),
            ("sending", Some(Queued)),
            ("sent", Some(Sent)),
            ("delivered", Some(Delivered)),
            ("read", Some(Delivered)),
            ("undelivered", Some(Undelivered)),
            ("failed", Some(Failed)),
            ("canceled", Some(Failed)),
            ("receiving", None),
            ("received", None),
            ("partially_delivered", None),
            ("teleported", None),
        ]
    }

    fn takes_next_secret(&self) -> bool {
        true
    }

    fn signs_whole_body(&self) -> bool {
        true
    }

    fn signs_address(&self) -> bool {
        true
    }

    fn hostile(&self, url: &str) -> Vec<(&'static str, Call)> {
        let long = "x".repeat(70_000);
        let base = [("AccountSid", ACCOUNT), ("MessageSid", ID), ("From", TO), ("To", NUMBER), ("Body", "hi"), ("MessageStatus", "sent")];
        let with = |name: &'static str, value: &str| -> Call {
            let parameters: Vec<_> = base.iter().map(|(known, old)| (*known, if *known == name { value } else { *old })).collect();
            signed(CallbackKind::Inbound, url, &parameters, TOKEN)
        };
        let and =
            |name: &'static str, value: &'static str| signed(CallbackKind::Inbound, url, &[&base[..], &[(name, value)]].concat(), TOKEN);
        vec![
            ("nothing", signed(CallbackKind::Inbound, url, &[], TOKEN)),
            ("another account", with("AccountSid", "AC00000000000000000000000000000002")),
            ("no account", with("AccountSid", "")),
            ("two accounts", and("AccountSid", "AC00000000000000000000000000000002")),
            ("a name that is none", with("MessageSid", "../../SM1")),
            ("two names", and("MessageSid", "SM000000000000000000000000000000a2")),
            ("a long text", with("Body", &long)),
        ]
    }
}

fn adapter() -> Twilio {
    Twilio::new(settings(&nowhere())).expect("settings")
}

fn nowhere() -> Place {
    place(Closed::new().base_url())
}

fn inbound(extra: &[(&str, &str)]) -> Call {
    let base = [("AccountSid", ACCOUNT), ("MessageSid", ID), ("From", TO), ("To", NUMBER)];
    signed(CallbackKind::Inbound, URL, &[&base[..], extra].concat(), TOKEN)
}

#[tokio::test]
async fn what_twilio_answered_by_itself_is_known() {
    for (word, expected) in
        [("STOP", Some(CarrierOptOut::Stop)), ("START", Some(CarrierOptOut::Start)), ("HELP", Some(CarrierOptOut::Help)), ("PAUSE", None)]
    {
        let read = inbound(&[("Body", "Basta"), ("OptOutType", word)]).read_by(&adapter()).await;
        let Ok([Event::Inbound { opt_out, body, .. }]) = read.as_deref() else { panic!("{read:?}") };
        assert_eq!((*opt_out, body.expose().as_str()), (expected, "Basta"));
    }
    // Without its own words set up it answers the plain ones and does not say so, unless redaction made the account leave them to us.
    let redacting = Twilio::new(Settings { redaction_ready: true, ..settings(&nowhere()) }).unwrap();
    for (adapter, expected) in [(adapter(), Some(CarrierOptOut::Stop)), (redacting, None)] {
        let read = inbound(&[("Body", "Cancel")]).read_by(&adapter).await;
        assert!(matches!(read.as_deref(), Ok([Event::Inbound { opt_out, .. }]) if *opt_out == expected), "{read:?}");
    }
    let read = inbound(&[("Body", "leave me alone")]).read_by(&adapter()).await;
    assert!(matches!(read.as_deref(), Ok([Event::Inbound { opt_out: None, .. }])), "{read:?}");
}

#[tokio::test]
async fn a_picture_without_words_is_a_text_without_words() {
    for parameters in [
        &[("Body", ""), ("NumMedia", "1"), ("MediaUrl0", "http://169.254.169.254/latest"), ("MediaContentType0", "image/jpeg")][..],
        &[("NumMedia", "11")][..],
    ] {
        let read = inbound(parameters).read_by(&adapter()).await;
        let Ok([Event::Inbound { body, .. }]) = read.as_deref() else { panic!("{read:?}") };
        assert_eq!(body.expose(), "");
    }
}

#[tokio::test]
async fn the_longest_text_in_the_widest_letters_is_read() {
    let body = "\u{1f98a}".repeat(1_600);
    let read = inbound(&[("Body", &body)]).read_by(&adapter()).await;
    assert!(matches!(read.as_deref(), Ok([Event::Inbound { body: read, .. }]) if *read.expose() == body));
}

#[tokio::test]
async fn a_text_that_no_phone_of_the_plan_sent_is_taken_and_left_aside() {
    for from in ["+442071838750", "12345", "whatsapp:+12125550187", "rcs:brand", ""] {
        let call =
            signed(CallbackKind::Inbound, URL, &[("AccountSid", ACCOUNT), ("MessageSid", ID), ("From", from), ("To", NUMBER)], TOKEN);
        assert_eq!(call.read_by(&adapter()).await, Ok(vec![]), "{from}");
    }
}

#[tokio::test]
async fn after_the_change_the_old_token_counts_no_more() {
    let mut settings = settings(&nowhere());
    settings.auth_token = AuthToken::new(NEXT_TOKEN);
    settings.next_auth_token = None;
    let adapter = Twilio::new(settings).unwrap();
    let parameters = [("AccountSid", ACCOUNT), ("MessageSid", ID), ("From", TO), ("To", NUMBER)];
    let old = signed(CallbackKind::Inbound, URL, &parameters, TOKEN).read_by(&adapter).await;
    assert_eq!(old, Err(CallbackError::BadSignature));
    assert!(signed(CallbackKind::Inbound, URL, &parameters, NEXT_TOKEN).read_by(&adapter).await.is_ok());
}

#[tokio::test]
async fn a_missed_text_has_the_key_that_its_callback_would_have_had() {
    let listed = message(&serde_json::json!({ "direction": "inbound", "from": TO, "to": NUMBER, "body": "STOP" }));
    let page = serde_json::json!({ "messages": [listed], "next_page_uri": null }).to_string();
    let peer = Scripted::start(vec![Act::answer(response(200, &[], &page))]).await;
    let pulled = BY_NUMBER.adapter(&place(peer.base_url())).received(NUMBER, now()).await.unwrap();
    let called = inbound(&[("Body", "STOP")]).read_by(&adapter()).await.unwrap();
    assert_eq!(pulled, called);
}

#[tokio::test]
async fn a_sender_of_another_channel_is_refused_before_anything_leaves() {
    let peer = Scripted::start(vec![Act::answer(BY_NUMBER.accepted().bytes)]).await;
    let place = place(peer.base_url());
    for sender in ["whatsapp:+12125550199", "rcs:practice", "messenger:1", "PRACTICE", "", "VA00000000000000000000000000000001"] {
        let outcome = BY_NUMBER.adapter(&place).submit(released(&text(sender), place.now)).await;
        assert_eq!(outcome, Outcome::Rejected { failure: Failure::Configuration, code: None }, "{sender}");
    }
    assert_eq!(peer.connections(), 0);
    assert!(matches!(BY_NUMBER.adapter(&place).submit(released(&text("72375"), place.now)).await, Outcome::Accepted { .. }));
    assert!(pairs(&peer.requests()[0].text()).contains(&("From".into(), "72375".into())));
}

#[test]
fn a_person_gets_no_answer_but_ours() {
    let inbound = adapter().acknowledgement(CallbackKind::Inbound);
    let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";
    assert_eq!(inbound, Acknowledgement::Body { content_type: "text/xml", body: expected });
    assert_eq!(adapter().acknowledgement(CallbackKind::Status), Acknowledgement::Empty);
    assert!(adapter().traits().answers_stop);
    let redacting = Twilio::new(Settings { redaction_ready: true, ..settings(&nowhere()) }).unwrap();
    assert!(!redacting.traits().answers_stop, "with redaction Twilio's own answers are off");
    assert_eq!((adapter().name(), adapter().account()), (NAME, Some(ACCOUNT)));
}

#[test]
fn settings_that_cannot_be_right_are_refused() {
    let with = |change: &dyn Fn(&mut Settings)| {
        let mut settings = settings(&nowhere());
        change(&mut settings);
        Twilio::new(settings).err()
    };
    assert_eq!(with(&|_| {}), None);
    assert_eq!(with(&|settings| settings.account_sid = "AC1".into()), Some(SettingsError::AccountSid));
    assert_eq!(with(&|settings| settings.name = "../x".into()), Some(SettingsError::Name));
    assert_eq!(with(&|settings| settings.callback_base = "https://my_host.example".into()), Some(SettingsError::CallbackHost));
    for far in ["http://api.twilio.com", "ftp://api.twilio.com", "api.twilio.com", "https://user@api.twilio.com"] {
        assert!(matches!(with(&|settings| settings.base_url = Some(far.into())), Some(SettingsError::Http(_))), "{far}");
    }
    assert_eq!(ApiKey::new(ACCOUNT, "the auth token").err(), Some(SettingsError::ApiKey), "requests are not made with the auth token");
    assert_eq!(TwilioVerify::new(&settings(&nowhere()), "VA1").err(), Some(SettingsError::VerifyService));
}

#[test]
fn secrets_do_not_print() {
    let shown = format!("{:?}", settings(&nowhere()));
    let shown = format!("{shown} {:?} {:?}", ApiKey::new(crate::twilio::KEY, "hush").unwrap(), AuthToken::new("hush"));
    assert!(!shown.contains("hush") && !shown.contains(TOKEN), "{shown}");
}

#[tokio::test]
async fn a_log_that_is_redacted_proves_no_absence() {
    let found = |page: serde_json::Value| async move {
        let peer = Scripted::start(vec![Act::answer(response(200, &[], &page.to_string()))]).await;
        let adapter = Twilio::new(Settings { redaction_ready: true, ..settings(&place(peer.base_url())) }).unwrap();
        adapter.lookup(query(&text(NUMBER), now())).await.map(|entries| entries.len())
    };
    let none = serde_json::json!({ "messages": [], "next_page_uri": null });
    assert_eq!(found(none).await, Err(LookupError::NotKept));
    let without_words = serde_json::json!({ "messages": [message(&serde_json::json!({ "body": "" }))], "next_page_uri": null });
    assert_eq!(found(without_words).await, Err(LookupError::Unreadable));
    let with_words = serde_json::json!({ "messages": [message(&serde_json::json!({}))], "next_page_uri": null });
    assert_eq!(found(with_words).await, Ok(1));
}

fn number() -> Phi<PhoneNumber> {
    Phi::new(PhoneNumber::parse(TO).unwrap())
}

#[tokio::test]
async fn a_number_is_looked_up_with_a_day_and_nothing_else() {
    let body = r#"{"phone_number":"+12125550187","valid":true,"line_type_intelligence":{"type":"mobile","error_code":null},
        "reassigned_number":{"is_number_reassigned":"no","last_verified_date":"2026-03-04","error_code":null},"url":"x"}"#;
    let peer = Scripted::start(vec![Act::answer(response(200, &[], body))]).await;
    let lookup = TwilioLookup::new(&settings(&place(peer.base_url()))).unwrap();
    let answer = lookup.look_up(number(), jiff::civil::date(2026, 3, 4)).await;
    assert_eq!(answer, Ok(NumberAnswer { line: LineType::Mobile, changed_hands: ChangedHands::No }));
    let request = &peer.requests()[0];
    assert_eq!(
        request.target,
        "/v2/PhoneNumbers/%2B12125550187?Fields=line_type_intelligence%2Creassigned_number&LastVerifiedDate=20260304"
    );
    assert_eq!((request.method.as_str(), request.body.len()), ("GET", 0));
    for (status, error) in [
        (401, NumberLookupError::Refused),
        (404, NumberLookupError::Refused),
        (429, NumberLookupError::Unavailable),
        (500, NumberLookupError::Unavailable),
        (302, NumberLookupError::Unavailable),
    ] {
        let peer = Scripted::start(vec![Act::answer(response(status, &[], body))]).await;
        let lookup = TwilioLookup::new(&settings(&place(peer.base_url()))).unwrap();
        assert_eq!(lookup.look_up(number(), jiff::civil::date(2026, 3, 4)).await, Err(error), "{status}");
        assert_eq!(peer.requests().len(), 1);
    }
    let lookup = TwilioLookup::new(&settings(&nowhere())).unwrap();
    assert_eq!(lookup.look_up(number(), jiff::civil::date(2026, 3, 4)).await, Err(NumberLookupError::Unavailable));
}

const VERIFY: &str = "VA00000000000000000000000000000001";

fn verification(status: &str) -> String {
    serde_json::json!({ "sid": "VE1", "status": status, "valid": status != "approved", "to": TO }).to_string()
}

#[tokio::test]
async fn a_code_is_asked_for_by_text() {
    for (status, body, expected) in [
        (201, verification("pending"), Ok(Started::Sent)),
        (201, verification("max_attempts_reached"), Ok(Started::SendsUsedUp)),
        (429, r#"{"code":60203}"#.into(), Ok(Started::SendsUsedUp)),
        (429, r#"{"code":20429}"#.into(), Ok(Started::Throttled)),
        (403, r#"{"code":60205}"#.into(), Ok(Started::NotTextable)),
        (401, r#"{"code":20003}"#.into(), Err(VerifyError::Refused)),
        (500, String::new(), Err(VerifyError::Unavailable)),
        (201, "<html>".into(), Err(VerifyError::Unavailable)),
    ] {
        let peer = Scripted::start(vec![Act::answer(response(status, &[], &body))]).await;
        let verify = TwilioVerify::new(&settings(&place(peer.base_url())), VERIFY).unwrap();
        assert_eq!(verify.start(number()).await, expected, "{status} {body}");
        let requests = peer.requests();
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0].target, format!("/v2/Services/{VERIFY}/Verifications"));
        assert_eq!(pairs(&requests[0].text()), [("To".to_owned(), TO.to_owned()), ("Channel".to_owned(), "sms".to_owned())]);
    }
}

#[tokio::test]
async fn only_the_word_approved_proves_anything() {
    for (status, body, expected) in [
        (201, verification("approved"), Ok(Checked::Approved)),
        (200, verification("approved"), Ok(Checked::Approved)),
        (201, verification("pending"), Ok(Checked::Wrong)),
        (201, verification("Approved"), Ok(Checked::Wrong)),
        (201, verification("expired"), Ok(Checked::Gone)),
        (201, verification("max_attempts_reached"), Ok(Checked::ChecksUsedUp)),
        (429, r#"{"code":60202}"#.into(), Ok(Checked::ChecksUsedUp)),
        (429, r#"{"code":20429}"#.into(), Ok(Checked::Throttled)),
        (404, r#"{"code":20404}"#.into(), Ok(Checked::Gone)),
        (400, r#"{"code":60200}"#.into(), Err(VerifyError::Refused)),
        (503, verification("approved"), Err(VerifyError::Unavailable)),
        (201, r#"{"valid":true}"#.into(), Err(VerifyError::Unavailable)),
    ] {
        let peer = Scripted::start(vec![Act::answer(response(status, &[], &body))]).await;
        let verify = TwilioVerify::new(&settings(&place(peer.base_url())), VERIFY).unwrap();
        assert_eq!(verify.check(number(), "123456").await, expected, "{status} {body}");
        assert_eq!(pairs(&peer.requests()[0].text()), [("To".to_owned(), TO.to_owned()), ("Code".to_owned(), "123456".to_owned())]);
    }
    let peer = Scripted::start(vec![Act::answer(response(200, &[], &verification("approved")))]).await;
    let verify = TwilioVerify::new(&settings(&place(peer.base_url())), VERIFY).unwrap();
    for no_code in ["", "123", "12345678901", "12 456", "１２３４５６", "12345x"] {
        assert_eq!(verify.check(number(), no_code).await, Ok(Checked::Wrong), "{no_code}");
    }
    assert_eq!(peer.connections(), 0);
}
