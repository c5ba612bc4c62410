//! What the negative controls put in the place of right parts.

use crate::role::Control;
use jiff::Timestamp;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use wellsent_carrier::{
    Acknowledgement, Callback, CallbackError, CallbackKind, Carrier, Event, EventSink, ForgetError, Heard, LogEntry, LookupError,
    LookupQuery, NotStored, NotSubmittedCause, Outcome, Traits, UnknownCause,
};
use wellsent_db::{DbError, Sql, Tx as RawTx};
use wellsent_domain::SenderId;
use wellsent_domain::gate::Released;
use wellsent_engine::Engine;

type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A carrier that is broken in one way, and otherwise as it was.
pub struct Broken {
    carrier: Arc<dyn Carrier>,
    control: Control,
}

impl Broken {
    /// Breaks a carrier, if the control asks for one that is broken.
    pub fn by(control: Control, carrier: Arc<dyn Carrier>) -> Arc<dyn Carrier> {
        match control {
            Control::RetriesBlindly | Control::RetriesServerErrors | Control::AcknowledgesCallbacksEarly => {
                Arc::new(Self { carrier, control })
            }
            _ => carrier,
        }
    }

    /// Whether an unclear outcome is taken for a clear no, as a careless retry does.
    fn retries(&self, cause: UnknownCause) -> bool {
        self.control == Control::RetriesBlindly || (self.control == Control::RetriesServerErrors && cause == UnknownCause::ServerError)
    }
}

impl Carrier for Broken {
    fn name(&self) -> &str {
        self.carrier.name()
    }

    fn keeps_log(&self) -> bool {
        self.carrier.keeps_log()
    }

    fn account(&self) -> Option<&str> {
        self.carrier.account()
    }

    fn submit<'a>(&'a self, released: Released) -> Answer<'a, Outcome> {
        Box::pin(async move {
            match self.carrier.submit(released).await {
                Outcome::Unknown { cause } if self.retries(cause) => {
                    Outcome::NotSubmitted { cause: NotSubmittedCause::NoConnection, retry_after: None }
                }
                other => other,
            }
        })
    }

    fn read_callback<'a>(&'a self, callback: Callback<'a>) -> Answer<'a, Result<Vec<Event>, CallbackError>> {
        self.carrier.read_callback(callback)
    }

    fn acknowledgement(&self, kind: CallbackKind) -> Acknowledgement {
        self.carrier.acknowledgement(kind)
    }

    fn lookup<'a>(&'a self, query: LookupQuery) -> Answer<'a, Result<Vec<LogEntry>, LookupError>> {
        self.carrier.lookup(query)
    }

    fn forget<'a>(&'a self, carrier_message_id: &'a str) -> Answer<'a, Result<(), ForgetError>> {
        self.carrier.forget(carrier_message_id)
    }

    fn received<'a>(&'a self, sender_address: &'a str, since: Timestamp) -> Answer<'a, Result<Vec<Event>, LookupError>> {
        self.carrier.received(sender_address, since)
    }

    fn hold_line(&self, sink: Arc<dyn EventSink>) -> Option<Answer<'static, ()>> {
        match self.control {
            Control::AcknowledgesCallbacksEarly => self.carrier.hold_line(Arc::new(EarlyEnd(sink))),
            _ => self.carrier.hold_line(sink),
        }
    }

    fn traits(&self) -> Traits {
        self.carrier.traits()
    }
}

/// How long something is acknowledged before it is stored.
const EARLY: Duration = Duration::from_millis(40);

/// The end of a line that says it has stored what it will store a moment later.
struct EarlyEnd(Arc<dyn EventSink>);

impl EventSink for EarlyEnd {
    fn take<'a>(&'a self, heard: Heard) -> Answer<'a, Result<(), NotStored>> {
        let sink = Arc::clone(&self.0);
        tokio::spawn(async move {
            tokio::time::sleep(EARLY).await;
            // The centre was told that all is well; there is nobody to tell otherwise.
            let _ = sink.take(heard).await;
        });
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Answers every callback at once and stores it a moment later.
pub async fn early_hooks(engine: Engine, listener: TcpListener, public_url: String) {
    use axum::extract::{OriginalUri, Path, State};
    use axum::http::{HeaderMap, StatusCode};
    type Hook = (Engine, String);
    async fn hook(
        State((engine, public_url)): State<Hook>,
        OriginalUri(uri): OriginalUri,
        Path((_, sender, kind)): Path<(String, String, String)>,
        headers: HeaderMap,
        body: axum::body::Bytes,
    ) -> StatusCode {
        tokio::spawn(async move {
            tokio::time::sleep(EARLY).await;
            let kind = if kind == "inbound" { CallbackKind::Inbound } else { CallbackKind::Status };
            let public_url = format!("{public_url}{uri}");
            let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
            let callback = Callback { kind, public_url: &public_url, headers: &header, body: &body };
            // The phones were told that all is well; there is nobody to tell otherwise.
            let _ = engine.receive(sender.parse::<SenderId>().expect("the sender"), callback).await;
        });
        StatusCode::NO_CONTENT
    }
    let router = axum::Router::new().route("/hooks/{carrier}/{sender}/{kind}", axum::routing::post(hook)).with_state((engine, public_url));
    axum::serve(listener, router).await.expect("hooks are served");
}

/// Books every cancelled visit again, without a word.
pub async fn undo_cancellations(engine: &Engine) {
    const UNDO: &Sql = &Sql::new("crash.undo", "UPDATE appointment SET status = 'booked' WHERE status = 'cancelled'");
    let undo = |tx: &mut RawTx<'_>| -> Result<u64, DbError> { tx.execute(UNDO, &[]) };
    engine.store().db().write(undo).await.expect("the update");
}
