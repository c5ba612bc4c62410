//! A running network between a test and a server of its own.

use super::super::behaviour::Behaviour;
use super::super::network::{Network, Settings};
use super::super::serve;
use super::{TOKEN, carrier, secret, wire};
use crate::http::{Allow, Http, Reply, Settings as HttpSettings, parse_url};
use crate::simulator::SimulatorCarrier;
use crate::{Callback, CallbackKind, Carrier, Event, LogEntry, LookupQuery, Outcome};
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri, header::CONTENT_TYPE};
use reqwest::Method;
use reqwest::header::HeaderValue;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::{Phi, PhoneNumber};

/// When a callback came, and what it reported.
pub(super) type Call = (Instant, Vec<Event>);

/// A running network, an adapter, and a server that takes its callbacks.
pub(super) struct World {
    pub network: Network,
    pub carrier: Arc<SimulatorCarrier>,
    base_url: String,
    pub callback_base: String,
    pub calls: Arc<Mutex<Vec<Call>>>,
    pub failures_left: Arc<AtomicU32>,
    _tasks: JoinSet<()>,
}

impl World {
    pub async fn new(behaviour: Behaviour) -> Self {
        Self::with(behaviour, |_| {}).await
    }

    pub async fn with(behaviour: Behaviour, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::new(secret());
        settings.behaviour = behaviour;
        change(&mut settings);
        let network = Network::new(settings).unwrap();
        let (simulator, hooks) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap());
        let base_url = format!("http://{}", simulator.local_addr().unwrap());
        let callback_base = format!("http://{}", hooks.local_addr().unwrap());
        let carrier = Arc::new(carrier(&base_url, &callback_base, Duration::from_secs(1)));
        let calls = Arc::new(Mutex::new(Vec::new()));
        let failures_left = Arc::new(AtomicU32::new(0));
        let mut tasks = JoinSet::new();
        let running = network.clone();
        tasks.spawn(async move { serve(running, simulator, std::future::pending()).await.unwrap() });
        let router = axum::Router::new().fallback({
            let (carrier, calls, failures_left, base) = (carrier.clone(), calls.clone(), failures_left.clone(), callback_base.clone());
            async move |uri: Uri, headers: HeaderMap, body: Bytes| {
                if failures_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
                    return StatusCode::SERVICE_UNAVAILABLE;
                }
                let url = format!("{base}{uri}");
                let kind = if uri.path() == "/hooks/simulator/snd_test/inbound" { CallbackKind::Inbound } else { CallbackKind::Status };
                let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
                let callback = Callback { kind, public_url: &url, headers: &header, body: &body };
                let events = carrier.read_callback(callback).await.unwrap();
                calls.lock().unwrap().push((Instant::now(), events));
                StatusCode::OK
            }
        });
        tasks.spawn(async move { axum::serve(hooks, router).await.unwrap() });
        Self { network, carrier, base_url, callback_base, calls, failures_left, _tasks: tasks }
    }

    pub async fn submit(&self, to: &str) -> Outcome {
        self.carrier.submit_outgoing(&wire(to, &self.callback_base)).await
    }

    pub async fn log(&self, to: &str) -> Vec<LogEntry> {
        let query = LookupQuery { to: Phi::new(number(to)), sent_after: jiff::Timestamp::UNIX_EPOCH, token: Some(TOKEN) };
        self.carrier.lookup(query).await.unwrap()
    }

    pub fn got(&self, to: &str) -> usize {
        self.network.conversation(&number(to)).iter().filter(|line| !line.from_phone).count()
    }

    pub fn events(&self) -> Vec<Event> {
        self.calls.lock().unwrap().iter().flat_map(|(_, events)| events.clone()).collect()
    }

    /// Status and failure of each receipt in the order of arrival.
    pub fn receipts(&self) -> Vec<(DeliveryStatus, Option<Failure>)> {
        self.events()
            .into_iter()
            .map(|event| match event {
                Event::Receipt { token, status, failure, .. } => {
                    assert_eq!(token, Some(TOKEN));
                    (status, failure)
                }
                Event::Inbound { .. } => panic!("a text among the receipts"),
            })
            .collect()
    }

    /// Waits until every event has been delivered or given up, and at least `count` came.
    pub async fn settled(&self, count: usize) {
        for _ in 0..1000 {
            if self.events().len() >= count && self.network.stats().waiting == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("only {} events, {:?}", self.events().len(), self.network.stats());
    }

    pub async fn call(&self, method: Method, path: &str, json: Option<&str>) -> (u16, String) {
        let http = Http::new(HttpSettings {
            allow: Allow::Loopback(vec![]),
            deadline: Duration::from_secs(5),
            connect_deadline: Duration::from_secs(1),
            idle_connections: 1,
        })
        .unwrap();
        let url = parse_url(&format!("{}{path}", self.base_url)).unwrap();
        let headers = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        match http.call(method, url, &headers, json.map(|json| json.as_bytes().to_vec())).await {
            Reply::Answered(answer) => (answer.status, String::from_utf8(answer.body.unwrap()).unwrap()),
            other => panic!("{other:?}"),
        }
    }
}

pub(super) fn number(text: &str) -> PhoneNumber {
    PhoneNumber::from_e164_exact(text).unwrap()
}
