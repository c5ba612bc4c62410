//! Adapters that are broken on purpose: the suite is worth something only if it finds them.

use crate::case::{Callbacks, Canned, Extra, Look, Place, Report, Signer, Subject, Text};
use crate::simulator::{Simulator, adapter};
use crate::{callbacks, faults, logs};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use wellsent_carrier::simulator::SimulatorCarrier;
use wellsent_carrier::{
    Callback, CallbackError, CallbackKind, Carrier, Event, LogEntry, LookupError, LookupQuery, NotSubmittedCause, Outcome, Traits,
    UnknownCause,
};
use wellsent_domain::carrier_report::Failure;
use wellsent_domain::gate::{AttemptToken, Released};
use wellsent_peers::scripted::Request;

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    /// It tries again when no answer came.
    RetriesBlindly,
    /// An error of the carrier is a refusal to it.
    TakesErrorsForRefusals,
    /// It goes where it is sent.
    FollowsRedirects,
    /// It says where the number stands in a header.
    TellsTheNumber,
    /// It believes callbacks whoever signed them.
    BelievesAnybody,
    /// A log that does not answer is an empty log to it.
    TakesSilenceForAbsence,
}

/// The simulator's adapter with a flaw.
struct Broken(Flaw);

struct Flawed {
    flaw: Flaw,
    inner: SimulatorCarrier,
    place: Place,
}

impl Flawed {
    async fn hand_over(&self, released: Released) -> Outcome {
        let token = released.token().to_hex();
        let body = serde_json::json!({
            "token": token,
            "to": released.to().expose().to_e164(),
            "from": released.sender().to_string(),
            "body": released.body().expose(),
            "validity_s": 200,
            "callback_url": format!("{}/hooks/simulator/{}/status?t={token}", self.place.callback_base, released.sender()),
        });
        let redirect =
            if self.flaw == Flaw::FollowsRedirects { reqwest::redirect::Policy::default() } else { reqwest::redirect::Policy::none() };
        let client = reqwest::Client::builder()
            .redirect(redirect)
            .tls_certs_only(std::iter::empty())
            .retry(reqwest::retry::never())
            .timeout(self.place.deadline)
            .build()
            .expect("a client");
        let tries = if self.flaw == Flaw::RetriesBlindly { 3 } else { 1 };
        let mut last = Outcome::Unknown { cause: UnknownCause::LineLost };
        for _ in 0..tries {
            let mut request = client.post(format!("{}/messages", self.place.base_url)).json(&body);
            if self.flaw == Flaw::TellsTheNumber {
                request = request.header("x-reference", released.to().expose().to_e164());
            }
            let response = match request.send().await {
                Ok(response) => response,
                Err(error) => {
                    last = match (error.is_connect(), error.is_timeout()) {
                        (true, _) => Outcome::NotSubmitted { cause: NotSubmittedCause::NoConnection, retry_after: None },
                        (false, true) => Outcome::Unknown { cause: UnknownCause::Deadline },
                        (false, false) => Outcome::Unknown { cause: UnknownCause::LineLost },
                    };
                    continue;
                }
            };
            return match response.status().as_u16() {
                201 => match response.json::<serde_json::Value>().await.ok().and_then(|body| Some(body["id"].as_str()?.to_owned())) {
                    Some(carrier_message_id) => Outcome::Accepted { carrier_message_id, parts: Some(2) },
                    None => Outcome::Unknown { cause: UnknownCause::Unreadable },
                },
                429 => Outcome::NotSubmitted { cause: NotSubmittedCause::Throttled, retry_after: None },
                500..=599 if self.flaw == Flaw::TakesErrorsForRefusals => Outcome::Rejected { failure: Failure::Other, code: None },
                500..=599 => Outcome::Unknown { cause: UnknownCause::ServerError },
                _ => Outcome::Unknown { cause: UnknownCause::Unreadable },
            };
        }
        last
    }
}

impl Carrier for Flawed {
    fn name(&self) -> &str {
        "simulator"
    }
    fn submit<'a>(&'a self, released: Released) -> BoxFuture<'a, Outcome> {
        Box::pin(self.hand_over(released))
    }
    fn read_callback<'a>(&'a self, callback: Callback<'a>) -> BoxFuture<'a, Result<Vec<Event>, CallbackError>> {
        if self.flaw != Flaw::BelievesAnybody {
            return self.inner.read_callback(callback);
        }
        Box::pin(async move {
            let said: serde_json::Value = serde_json::from_slice(callback.body).map_err(|_| CallbackError::Malformed("body"))?;
            if callback.kind == CallbackKind::Inbound {
                return Ok(vec![]);
            }
            Ok(vec![Event::Receipt {
                token: AttemptToken::from_hex(&"5a".repeat(16)),
                carrier_message_id: said["id"].as_str().unwrap_or_default().to_owned(),
                status: wellsent_domain::carrier_report::DeliveryStatus::Delivered,
                failure: None,
                key: [0; 32],
            }])
        })
    }
    fn lookup<'a>(&'a self, query: LookupQuery) -> BoxFuture<'a, Result<Vec<LogEntry>, LookupError>> {
        Box::pin(async move {
            match self.inner.lookup(query).await {
                Err(_) if self.flaw == Flaw::TakesSilenceForAbsence => Ok(vec![]),
                found => found,
            }
        })
    }
    fn traits(&self) -> Traits {
        self.inner.traits()
    }
}

impl Subject for Broken {
    fn name(&self) -> &'static str {
        "a broken adapter"
    }
    fn adapter(&self, place: &Place) -> Arc<dyn Carrier> {
        Arc::new(Flawed { flaw: self.0, inner: adapter(place), place: place.clone() })
    }
    fn sender(&self) -> &'static str {
        Simulator.sender()
    }
    fn accepted(&self) -> Canned {
        Simulator.accepted()
    }
    fn answers(&self) -> Vec<Canned> {
        vec![]
    }
    fn check_request(&self, request: &Request, text: &Text) -> Result<(), String> {
        Simulator.check_request(request, text)
    }
    fn callbacks(&self) -> Option<&dyn Callbacks> {
        Some(self)
    }
    fn lookups(&self) -> Option<Vec<Look<LogEntry>>> {
        Simulator.lookups()
    }
    fn message_id(&self) -> &'static str {
        Simulator.message_id()
    }
}

impl Callbacks for Broken {
    fn call(&self, url: &str, report: &Report, signer: Signer, extra: Extra) -> crate::case::Call {
        Simulator.call(url, report, signer, extra)
    }
    fn words(&self) -> Vec<(&'static str, Option<wellsent_domain::carrier_report::DeliveryStatus>)> {
        Simulator.words()
    }
    fn takes_next_secret(&self) -> bool {
        false
    }
    fn signs_whole_body(&self) -> bool {
        true
    }
    fn signs_address(&self) -> bool {
        true
    }
    fn hostile(&self, url: &str) -> Vec<(&'static str, crate::case::Call)> {
        Simulator.hostile(url)
    }
}

#[tokio::test]
async fn an_adapter_that_tries_again_blindly_is_found() {
    let found = faults::run(&Broken(Flaw::RetriesBlindly)).await;
    for case in ["line reset after the request", "line closed before a byte was read", "silence"] {
        assert!(found.name(case), "{case}: {found:?}");
    }
}

#[tokio::test]
async fn an_adapter_that_takes_errors_for_refusals_is_found() {
    let found = faults::run(&Broken(Flaw::TakesErrorsForRefusals)).await;
    assert!(found.name("error 500") && found.name("error 503") && !found.name("silence"), "{found:?}");
}

#[tokio::test]
async fn an_adapter_that_follows_redirects_is_found() {
    let found = faults::run(&Broken(Flaw::FollowsRedirects)).await;
    assert!(found.name("redirects") && found.name("redirect 307"), "{found:?}");
}

#[tokio::test]
async fn an_adapter_that_tells_the_number_in_a_header_is_found() {
    let found = faults::submissions(&Broken(Flaw::TellsTheNumber)).await;
    assert!(found.name("the request's head"), "{found:?}");
}

#[tokio::test]
async fn an_adapter_that_believes_anybody_is_found() {
    let found = callbacks::run(&Broken(Flaw::BelievesAnybody)).await;
    for case in ["signed by Stranger", "a changed byte", "a changed x-simulator-signature", "another address", "different events"] {
        assert!(found.name(case), "{case}");
    }
}

#[tokio::test]
async fn an_adapter_that_takes_silence_for_absence_is_found() {
    let found = logs::run(&Broken(Flaw::TakesSilenceForAbsence)).await;
    assert!(found.name("lookup: silence") && found.name("lookup: error 500") && found.name("lookup: a page"), "{found:?}");
}
