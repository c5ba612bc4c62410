//! The adapter against an AWS on this machine, its signatures against published ones, and messages of SNS that mean harm.

mod messages;
mod peer;
mod sigv4;

use super::{AwsCarrier, Credentials, Settings};
use crate::outgoing::Outgoing;
use std::sync::Arc;
use std::time::Duration;
use wellsent_domain::gate::AttemptToken;

pub(super) const NOW: i64 = 1_795_532_400;
pub(super) const NUMBER: &str = "+12125550199";
pub(super) const PHONE: &str = "+12125550123";
pub(super) const EVENTS: &str = "arn:aws:sns:us-east-1:123456789012:events";
pub(super) const TEXTS: &str = "arn:aws:sns:us-east-1:123456789012:texts";

pub(super) fn settings(base_url: &str) -> Settings {
    Settings {
        name: "aws-main".into(),
        account: Some("123456789012".into()),
        region: "us-east-1".into(),
        credentials: Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None),
        configuration_set: Some("texts".into()),
        topics: vec![EVENTS.into(), TEXTS.into()],
        answers_stop: true,
        base_url: Some(base_url.into()),
        certificates_url: Some(base_url.into()),
        callback_base: "https://texts.example".into(),
        clock: Arc::new(|| jiff::Timestamp::from_second(NOW).unwrap()),
        deadline: Duration::from_secs(2),
        connections: 2,
    }
}

pub(super) fn carrier(base_url: &str) -> AwsCarrier {
    AwsCarrier::new(settings(base_url)).unwrap()
}

pub(super) fn outgoing(token: u8) -> Outgoing {
    Outgoing {
        to: PHONE.into(),
        body: "Su cita es mañana a las 9. Responda \"C\" para confirmar.".into(),
        from: NUMBER.into(),
        validity_s: 900,
        token: AttemptToken([token; 16]),
        callback: "https://texts.example/hooks/aws-main/snd/status".into(),
    }
}
