//! End to end with an AWS that was written from its references and checks signatures by itself.

use super::{EVENTS, NOW, NUMBER, PHONE, TEXTS, carrier, outgoing, settings};
use crate::aws::{AwsCarrier, Credentials};
use crate::telnyx::tests::hook::Hook;
use crate::{CarrierOptOut, Event, NotSubmittedCause, Outcome, UnknownCause};
use std::collections::HashSet;
use std::sync::Arc;
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::gate::AttemptToken;
use wellsent_peers::aws::{Copies, FakeAws, Keys, Plan, Settings, SignatureVersion, Submission, Topic};

fn keys(id: &str, session_token: Option<&str>) -> Keys {
    Keys { id: id.into(), secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(), session_token: session_token.map(str::to_owned) }
}

async fn aws(signature_version: SignatureVersion) -> FakeAws {
    let aws = FakeAws::start(Settings {
        region: "us-east-1".into(),
        account: "123456789012".into(),
        keys: vec![keys("AKIDEXAMPLE", None), keys("ASIASESSION", Some("IQoJb3JpZ2lu=="))],
        numbers: vec![NUMBER.into()],
        configuration_set: "texts".into(),
        signature_version,
        manages_opt_outs: true,
        now: Arc::new(|| NOW),
    });
    aws.await.unwrap()
}

/// Everything together, both topics subscribed.
async fn world(version: SignatureVersion) -> (FakeAws, Arc<AwsCarrier>, Hook) {
    let aws = aws(version).await;
    assert_eq!((aws.topic(Topic::Events), aws.topic(Topic::Texts)), (EVENTS.to_owned(), TEXTS.to_owned()));
    let hook = Hook::start().await;
    let adapter = Arc::new(carrier(&aws.base_url()));
    hook.read_by(adapter.clone());
    assert!(aws.subscribe(Topic::Events, &format!("{}/hooks/aws-main/snd/status", hook.base)).await, "the events are subscribed");
    assert!(aws.subscribe(Topic::Texts, &format!("{}/hooks/aws-main/snd/inbound", hook.base)).await, "the texts are subscribed");
    (aws, adapter, hook)
}

#[tokio::test]
async fn a_text_goes_once_and_its_events_bring_the_attempts_token_back() {
    for version in [SignatureVersion::One, SignatureVersion::Two] {
        let (aws, adapter, hook) = world(version).await;
        let outcome = adapter.submit_outgoing(&outgoing(7)).await;
        aws.settled().await;
        let accepted = aws.accepted();
        assert_eq!(accepted.len(), 1);
        assert_eq!(outcome, Outcome::Accepted { carrier_message_id: accepted[0].id.clone(), parts: None });
        assert_eq!((accepted[0].body.as_str(), accepted[0].time_to_live), (outgoing(7).body.as_str(), Some(900)));
        let events = hook.events();
        let read: Vec<_> = events
            .iter()
            .map(|event| match event {
                Event::Receipt { token: Some(token), carrier_message_id, status, failure: None, .. } => {
                    assert_eq!((token, carrier_message_id), (&AttemptToken([7; 16]), &accepted[0].id));
                    *status
                }
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(read, [DeliveryStatus::Queued, DeliveryStatus::Sent, DeliveryStatus::Delivered]);
        assert_eq!(aws.certificates_fetched(), 1, "the certificate is kept");
        assert!(aws.refused().is_empty());
    }
}

#[tokio::test]
async fn events_twice_or_in_another_order_are_the_same_events() {
    let expected = [(Copies::Twice, 6), (Copies::PublishedTwice, 6), (Copies::Reversed, 3)];
    for (copies, count) in expected {
        let (aws, adapter, hook) = world(SignatureVersion::Two).await;
        aws.plan(Plan { copies, ..Plan::default() });
        adapter.submit_outgoing(&outgoing(7)).await;
        aws.settled().await;
        let events = hook.events();
        let distinct: HashSet<[u8; 32]> = events.iter().map(|event| *event.key()).collect();
        assert_eq!((events.len(), distinct.len()), (count, 3), "{copies:?}");
    }
}

#[tokio::test]
async fn a_text_from_a_phone_comes_with_what_aws_did_about_it() {
    let (aws, adapter, hook) = world(SignatureVersion::Two).await;
    for body in ["Can I come at 10?", "Stop", "please stop"] {
        aws.text(PHONE, NUMBER, body).await;
    }
    let read: Vec<_> = hook
        .events()
        .into_iter()
        .map(|event| match event {
            Event::Inbound { from, to_sender, body, opt_out, .. } => {
                assert_eq!((from.expose().to_e164().as_str(), to_sender.as_str()), (PHONE, NUMBER));
                (body.into_exposed(), opt_out)
            }
            Event::Receipt { .. } => panic!("a receipt"),
        })
        .collect();
    assert_eq!(read, [("Can I come at 10?".into(), None), ("Stop".into(), Some(CarrierOptOut::Stop)), ("please stop".into(), None)]);
    let refused = Outcome::Rejected { failure: Failure::OptedOut, code: None };
    assert_eq!(adapter.submit_outgoing(&outgoing(7)).await, refused);
}

#[tokio::test]
async fn where_opting_out_is_left_to_us_aws_did_nothing_about_a_stop() {
    let aws = aws(SignatureVersion::Two).await;
    let hook = Hook::start().await;
    let adapter = AwsCarrier::new(crate::aws::Settings { answers_stop: false, ..settings(&aws.base_url()) }).unwrap();
    hook.read_by(Arc::new(adapter));
    assert!(aws.subscribe(Topic::Texts, &format!("{}/hooks/aws-main/snd/inbound", hook.base)).await);
    aws.text(PHONE, NUMBER, "STOP").await;
    assert!(matches!(hook.events()[..], [Event::Inbound { opt_out: None, .. }]));
}

#[tokio::test]
async fn what_became_of_a_request_is_said_no_surer_than_it_is() {
    let (aws, adapter, _) = world(SignatureVersion::Two).await;
    for (submission, outcome) in [
        (Submission::Cut, Outcome::Unknown { cause: UnknownCause::LineLost }),
        (Submission::AcceptAndCut, Outcome::Unknown { cause: UnknownCause::LineLost }),
        (Submission::AcceptAndFail(500), Outcome::Unknown { cause: UnknownCause::ServerError }),
        (
            Submission::Refuse { status: 400, exception: "ThrottlingException", reason: None },
            Outcome::NotSubmitted { cause: NotSubmittedCause::Throttled, retry_after: None },
        ),
        (
            Submission::Refuse {
                status: 400,
                exception: "ServiceQuotaExceededException",
                reason: Some("MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"),
            },
            Outcome::NotSubmitted { cause: NotSubmittedCause::AccountRefused, retry_after: None },
        ),
    ] {
        aws.plan(Plan { submission: submission.clone(), ..Plan::default() });
        assert_eq!(adapter.submit_outgoing(&outgoing(7)).await, outcome, "{submission:?}");
    }
    assert_eq!(aws.accepted().len(), 2, "only what was taken, and each once");
    let wrong = crate::outgoing::Outgoing { to: "+1".into(), ..outgoing(8) };
    let outcome = Outcome::Rejected { failure: Failure::InvalidNumber, code: None };
    assert_eq!(adapter.submit_outgoing(&wrong).await, outcome);
}

#[tokio::test]
async fn keys_that_are_wrong_expired_or_of_another_time_open_the_breaker() {
    let aws = aws(SignatureVersion::Two).await;
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    let with = |credentials, region: &str, second: i64| {
        let clock: crate::Clock = Arc::new(move || jiff::Timestamp::from_second(second).unwrap());
        AwsCarrier::new(crate::aws::Settings { credentials, region: region.into(), clock, ..settings(&aws.base_url()) }).unwrap()
    };
    let good = Credentials::new("ASIASESSION", secret, Some("IQoJb3JpZ2lu=="));
    assert!(matches!(with(good.clone(), "us-east-1", NOW).submit_outgoing(&outgoing(1)).await, Outcome::Accepted { .. }));
    let account = Outcome::NotSubmitted { cause: NotSubmittedCause::AccountRefused, retry_after: None };
    for (adapter, exception) in [
        (with(Credentials::new("AKIDEXAMPLE", "another secret", None), "us-east-1", NOW), "InvalidSignatureException"),
        (with(Credentials::new("AKIDNOBODY", secret, None), "us-east-1", NOW), "UnrecognizedClientException"),
        (with(Credentials::new("ASIASESSION", secret, None), "us-east-1", NOW), "UnrecognizedClientException"),
        (with(good.clone(), "us-west-2", NOW), "InvalidSignatureException"),
        (with(good, "us-east-1", NOW + 600), "InvalidSignatureException"),
    ] {
        assert_eq!(adapter.submit_outgoing(&outgoing(1)).await, account);
        assert_eq!(aws.refused().last(), Some(&exception));
    }
}

#[tokio::test]
async fn a_topic_that_is_not_in_the_settings_is_not_subscribed_and_nothing_of_it_is_believed() {
    let aws = aws(SignatureVersion::Two).await;
    let hook = Hook::start().await;
    let adapter = AwsCarrier::new(crate::aws::Settings { topics: vec![EVENTS.into()], ..settings(&aws.base_url()) }).unwrap();
    hook.read_by(Arc::new(adapter));
    assert!(!aws.subscribe(Topic::Texts, &format!("{}/hooks/aws-main/snd/inbound", hook.base)).await);
    assert_eq!(aws.deliveries().last().and_then(|delivery| delivery.status), Some(403));
    assert_eq!(aws.certificates_fetched(), 0, "nobody was asked about a stranger's topic");
    aws.text(PHONE, NUMBER, "STOP").await;
    assert!(hook.events().is_empty());
}

#[tokio::test]
async fn what_somebody_publishes_by_hand_is_taken_as_nothing() {
    let (aws, _, hook) = world(SignatureVersion::Two).await;
    for message in ["hello", "[1]", "{}", r#"{"eventType":"MEDIA_DELIVERED","messageId":"m"}"#] {
        aws.publish(Topic::Events, message).await;
        assert_eq!(aws.deliveries().last().and_then(|delivery| delivery.status), Some(204), "{message}");
    }
    assert!(hook.events().is_empty());
}
