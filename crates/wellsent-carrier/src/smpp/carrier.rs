//! The adapter: an SMPP account as a [`Carrier`].

use super::connect::Connector;
use super::line;
use super::settings::{Settings, SetupError};
use super::shared::Shared;
use super::submit::{self, VALIDITY_S_MAX};
use crate::{Callback, CallbackError, Carrier, Event, EventSink, Idempotency, LogEntry, LookupError, LookupQuery, Outcome, Traits};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use wellsent_domain::gate::Released;

/// The longest text in characters that is handed over.
const BODY_CHARS_MAX: usize = 1600;

/// An SMPP account. Nothing goes out before somebody runs what [`Carrier::hold_line`] returns.
pub struct SmppCarrier {
    shared: Arc<Shared>,
}

impl SmppCarrier {
    /// Sets the adapter up; no connection is made yet.
    ///
    /// # Errors
    /// When a setting does not fit, the line would be open to the network, or TLS cannot be set up.
    pub fn new(settings: Settings) -> Result<Self, SetupError> {
        settings.check()?;
        let connector = Connector::new(&settings)?;
        Ok(Self { shared: Arc::new(Shared::new(settings, connector)) })
    }
}

impl Carrier for SmppCarrier {
    fn name(&self) -> &str {
        &self.shared.settings.name
    }

    fn kind(&self) -> &'static str {
        "SMPP"
    }

    fn keeps_log(&self) -> bool {
        false
    }

    fn account(&self) -> Option<&str> {
        Some(&self.shared.settings.system_id)
    }

    fn submit<'a>(&'a self, released: Released) -> BoxFuture<'a, Outcome> {
        Box::pin(async move { submit::submit(&self.shared, &released).await })
    }

    /// Nothing comes by callback.
    fn read_callback<'a>(&'a self, callback: Callback<'a>) -> BoxFuture<'a, Result<Vec<Event>, CallbackError>> {
        let _ = callback;
        Box::pin(std::future::ready(Err(CallbackError::BadSignature)))
    }

    fn lookup<'a>(&'a self, query: LookupQuery) -> BoxFuture<'a, Result<Vec<LogEntry>, LookupError>> {
        let _ = query;
        Box::pin(std::future::ready(Err(LookupError::NotKept)))
    }

    fn hold_line(&self, sink: Arc<dyn EventSink>) -> Option<BoxFuture<'static, ()>> {
        Some(Box::pin(line::hold(Arc::clone(&self.shared), sink)))
    }

    fn traits(&self) -> Traits {
        Traits {
            validity_s: 1..=VALIDITY_S_MAX,
            body_chars_max: BODY_CHARS_MAX,
            idempotency: Idempotency::None,
            log_shows_token: false,
            reports_delivery: true,
            answers_stop: false,
            forgets: false,
            keeps_received: false,
            simulated: false,
        }
    }
}
