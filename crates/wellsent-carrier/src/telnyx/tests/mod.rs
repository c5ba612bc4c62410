//! The adapter against a Telnyx on this machine, and against webhooks that mean harm.

mod codes;
pub(crate) mod hook;
mod peer;
mod webhooks;

use super::{ApiKey, PublicKeys, Settings, TelnyxCarrier};
use crate::outgoing::Outgoing;
use std::sync::Arc;
use std::time::Duration;
use wellsent_domain::gate::AttemptToken;

pub(super) const NOW: i64 = 1_795_532_400;
pub(super) const NUMBER: &str = "+12125550199";
pub(super) const PHONE: &str = "+12125550123";
pub(super) const PROFILE: &str = "40018f15-e2f3-4ec6-8390-c9ed22cb5605";
pub(super) const ORGANIZATION: &str = "2ea3868b-fef8-452f-8d8b-fb5ceb0e4c78";

pub(super) fn carrier(base_url: &str, public_key: &str, api_key: &str) -> TelnyxCarrier {
    TelnyxCarrier::new(Settings {
        name: "telnyx-main".into(),
        account: Some(ORGANIZATION.into()),
        api_key: ApiKey::new(api_key).unwrap(),
        public_keys: PublicKeys::new(public_key, None).unwrap(),
        base_url: Some(base_url.into()),
        callback_base: "https://texts.example".into(),
        clock: Arc::new(|| jiff::Timestamp::from_second(NOW).unwrap()),
        deadline: Duration::from_secs(2),
        connections: 2,
    })
    .unwrap()
}

pub(super) fn outgoing(hook: &str, token: u8) -> Outgoing {
    let token = AttemptToken([token; 16]);
    Outgoing {
        to: PHONE.into(),
        body: "Your visit is tomorrow at 9 AM. Reply C to confirm.".into(),
        from: NUMBER.into(),
        validity_s: 3_600,
        token,
        callback: format!("{hook}/hooks/telnyx-main/snd/status?t={}", token.to_hex()),
    }
}
