//! Verification, version 2: codes by text.

use super::error::ApiError;
use super::fate::Chance;
use super::form::Form;
use super::journal::Record;
use super::network::Twilio;
use super::state::Got;
use super::texts::{is_e164, real_us};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// How long a code counts.
const VALID_FOR: SignedDuration = SignedDuration::from_mins(10);
/// How often a code is sent, and how often one is checked.
const SENDS_MAX: u32 = 5;
const CHECKS_MAX: u32 = 5;

/// A code that waits for its phone.
#[derive(Debug, Clone)]
pub(super) struct Verification {
    sid: String,
    code: String,
    began: Timestamp,
    sends: u32,
    checks: u32,
}

impl Verification {
    fn over(&self, now: Timestamp) -> bool {
        now.duration_since(self.began) >= VALID_FOR
    }
}

fn shape(network: &Twilio, service: &str, to: &str, verification: &Verification, status: &str) -> Value {
    let date = verification.began.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    json!({
        "sid": verification.sid,
        "service_sid": service,
        "account_sid": network.0.account_sid,
        "to": to,
        "channel": "sms",
        "status": status,
        "valid": status == "approved",
        "date_created": date,
        "date_updated": date,
        "lookup": {},
        "amount": null,
        "payee": null,
        "send_code_attempts": (0..verification.sends).map(|_| json!({ "channel": "SMS", "time": date })).collect::<Vec<_>>(),
        "sna": null,
        "url": format!("https://verify.twilio.com/v2/Services/{service}/Verifications/{}", verification.sid),
    })
}

/// `POST /v2/Services/{service}/Verifications`
pub(super) async fn start(State(network): State<Twilio>, Path(service): Path<String>, body: Bytes) -> Response {
    let form = Form::read(&body);
    if !network.0.verify_services.contains(&service) {
        return ApiError::new(20_404).into_response();
    }
    let (Some(to), Some("sms")) = (form.get("To"), form.get("Channel")) else {
        return ApiError::new(60_200).into_response();
    };
    if !is_e164(to) {
        return ApiError::new(60_200).into_response();
    }
    let now = network.now();
    let mut state = network.state();
    if state.behaviour.known.get(to).is_some_and(|known| known.line_type.as_deref() == Some("landline")) {
        return ApiError::new(60_205).into_response();
    }
    let key = (service.clone(), to.to_owned());
    let (seed, epoch, nth) = (state.behaviour.seed, state.epoch, state.next);
    state.next += 1;
    let running = state.verifications.get(&key).filter(|verification| !verification.over(now)).cloned();
    let mut verification = running.unwrap_or_else(|| Verification {
        sid: format!("VE{epoch:016x}{nth:016x}"),
        code: format!("{:06}", Chance::new(seed, to, nth).next() % 1_000_000),
        began: now,
        sends: 0,
        checks: 0,
    });
    if verification.sends >= SENDS_MAX {
        return ApiError::new(60_203).into_response();
    }
    verification.sends += 1;
    state.verifications.insert(key, verification.clone());
    let words = format!("Your verification code is: {}", verification.code);
    state.journal.append(real_us(), &Record { kind: "code", id: Some(&verification.sid), to: Some(to), ..Record::default() });
    state.bring(to, Got { at: now, from: "Verify".into(), body: words, sid: verification.sid.clone() });
    drop(state);
    (StatusCode::CREATED, Json(shape(&network, &service, to, &verification, "pending"))).into_response()
}

/// `POST /v2/Services/{service}/VerificationCheck`
pub(super) async fn check(State(network): State<Twilio>, Path(service): Path<String>, body: Bytes) -> Response {
    let form = Form::read(&body);
    let (Some(to), Some(code)) = (form.get("To"), form.get("Code")) else {
        return ApiError::new(60_200).into_response();
    };
    let now = network.now();
    let mut state = network.state();
    let key = (service.clone(), to.to_owned());
    let Some(verification) = state.verifications.get_mut(&key).filter(|verification| !verification.over(now)) else {
        return ApiError::new(20_404).into_response();
    };
    if verification.checks >= CHECKS_MAX {
        return ApiError::new(60_202).into_response();
    }
    verification.checks += 1;
    let right = verification.code == code;
    let shown = verification.clone();
    if right {
        // A code that was right once is gone.
        state.verifications.remove(&key);
    }
    drop(state);
    let status = if right { "approved" } else { "pending" };
    (StatusCode::CREATED, Json(shape(&network, &service, to, &shown, status))).into_response()
}
