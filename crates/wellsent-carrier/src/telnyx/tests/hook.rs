//! Our side of a callback, as far as an adapter needs one: it reads, remembers the events, and answers as the web does.

use crate::{Callback, CallbackError, CallbackKind, Carrier, Event};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

#[derive(Clone)]
pub(crate) struct Hook {
    pub base: String,
    adapter: Arc<OnceLock<Arc<dyn Carrier>>>,
    events: Arc<Mutex<Vec<Event>>>,
    down: Arc<AtomicBool>,
}

impl Hook {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let hook = Self { base, adapter: Arc::default(), events: Arc::default(), down: Arc::default() };
        let router = Router::new().fallback(read).with_state(hook.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        hook
    }

    pub fn read_by(&self, adapter: Arc<dyn Carrier>) {
        assert!(self.adapter.set(adapter).is_ok(), "one adapter a hook");
    }

    /// While it is down it answers as when the database is away.
    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    pub fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn read(State(hook): State<Hook>, uri: Uri, headers: HeaderMap, body: Bytes) -> StatusCode {
    if hook.down.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let adapter = hook.adapter.get().expect("an adapter").clone();
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let kind = if uri.path().ends_with("/inbound") { CallbackKind::Inbound } else { CallbackKind::Status };
    let public_url = format!("{}{uri}", hook.base);
    match adapter.read_callback(Callback { kind, public_url: &public_url, headers: &header, body: &body }).await {
        Ok(events) => {
            hook.events.lock().unwrap_or_else(PoisonError::into_inner).extend(events);
            StatusCode::NO_CONTENT
        }
        Err(CallbackError::BadSignature) => StatusCode::FORBIDDEN,
        Err(CallbackError::Malformed(_)) => StatusCode::BAD_REQUEST,
        Err(CallbackError::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
        Err(CallbackError::NotNow) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
