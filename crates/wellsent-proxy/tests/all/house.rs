//! A proxy with a small Twilio behind it, and clients down to single bytes.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use wellsent_proxy::{Authority, AuthorityError, Limits, Listener, Proxy, Reach, ThroughProxy};

pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub const TO: &str = "+12125550123";
pub const FROM: &str = "+12125550100";

/// What the router saw of one request.
#[derive(Debug, Clone)]
pub struct Seen {
    pub uri: String,
    pub headers: axum::http::HeaderMap,
    pub body: String,
    pub peer: Option<SocketAddr>,
    pub through: Option<ThroughProxy>,
}

pub struct House {
    pub at: SocketAddr,
    pub pem: String,
    pub authority: CertificateDer<'static>,
    pub seen: Arc<Mutex<Vec<Seen>>>,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<Result<(), AuthorityError>>,
    pub folder: tempfile::TempDir,
}

impl House {
    pub async fn start(limits: Limits) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // Certificates are judged by clients with the true clock.
        let authority = Authority::create(&folder.path().join("authority.pem"), Timestamp::now()).expect("an authority");
        let pem = authority.certificate_pem().to_owned();
        let der = CertificateDer::from(authority.certificate_der().to_vec());
        let listener = Listener::bind("127.0.0.1:0".parse().expect("an address"), Reach::ThisMachine).await.expect("a port");
        let at = listener.local_addr();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let proxy = Proxy { listener, authority, clock: Arc::new(Timestamp::now), router: twilio(Arc::clone(&seen)), limits };
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(proxy.serve(async move {
            let _ = stopped.await;
        }));
        Self { at, pem, authority: der, seen, stop: Some(stop), serving, folder }
    }

    pub async fn usual() -> Self {
        Self::start(Limits::default()).await
    }

    pub fn requests(&self) -> Vec<Seen> {
        self.seen.lock().expect("not poisoned").clone()
    }

    /// Says that it is to end; [`House::ended`] waits for it.
    pub fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }

    pub async fn ended(self) {
        soon(self.serving).await.expect("no panic").expect("no error");
    }

    pub fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.clone()).expect("a root");
        roots
    }

    /// A tunnel that the proxy opened for `api.twilio.com`, with nothing sent in it.
    pub async fn tunnel(&self, target: &str) -> TcpStream {
        let (stream, answer) = self.connect(&format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        stream
    }

    /// Sends bytes to the proxy and reads the head of its answer.
    pub async fn connect(&self, text: &str) -> (TcpStream, String) {
        let mut stream = TcpStream::connect(self.at).await.expect("a connection");
        stream.write_all(text.as_bytes()).await.expect("sent");
        let head = soon(head(&mut stream)).await;
        (stream, head)
    }

    /// Sends bytes to the proxy and reads until it closes.
    pub async fn ask(&self, text: &str) -> String {
        let mut stream = TcpStream::connect(self.at).await.expect("a connection");
        stream.write_all(text.as_bytes()).await.expect("sent");
        soon(rest(&mut stream)).await
    }

    /// A connection to Twilio's API, as its client believes.
    pub async fn api(&self) -> TlsStream<TcpStream> {
        secure(self.tunnel("api.twilio.com:443").await, "api.twilio.com", client(self.roots())).await.expect("a handshake")
    }
}

pub fn client(roots: RootCertStore) -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

pub async fn secure(stream: TcpStream, name: &str, config: ClientConfig) -> std::io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    soon(TlsConnector::from(Arc::new(config)).connect(name, stream)).await
}

/// Nothing here takes as long as this.
pub async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), work).await.expect("in time")
}

/// Reads to the end of a head.
pub async fn head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => bytes.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(bytes).expect("text")
}

/// Reads an answer with its body.
pub async fn answer(stream: &mut (impl AsyncRead + Unpin)) -> String {
    soon(async {
        let mut text = head(stream).await;
        let length =
            text.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |length| length.parse().expect("a number"));
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.expect("a body");
        text.push_str(&String::from_utf8(body).expect("text"));
        text
    })
    .await
}

/// Reads until the other side ends, in whatever way.
pub async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        bytes.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The head and body of a request that creates a message.
pub fn create(body: &str) -> String {
    format!(
        "POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json HTTP/1.1\r\nHost: api.twilio.com\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub const GET: &str = "GET /2010-04-01/Accounts/AC00000000000000000000000000000001.json HTTP/1.1\r\nHost: api.twilio.com\r\n\r\n";

fn twilio(seen: Arc<Mutex<Vec<Seen>>>) -> Router {
    Router::new()
        .route("/2010-04-01/Accounts/{account}/Messages.json", post(create_message))
        .route("/2010-04-01/Accounts/{account}", get(async || Json(serde_json::json!({"sid": ACCOUNT, "status": "active"}))))
        .route(
            "/slow",
            get(async || {
                tokio::time::sleep(Duration::from_millis(400)).await;
                "late"
            }),
        )
        // More than any two sockets hold between them.
        .route("/large", get(async || "x".repeat(64 * 1024 * 1024)))
        .with_state(seen.clone())
        .layer(axum::middleware::from_fn_with_state(seen, note))
}

async fn note(State(seen): State<Arc<Mutex<Vec<Seen>>>>, request: Request, next: axum::middleware::Next) -> axum::response::Response {
    let (head, body) = request.into_parts();
    let body = body.collect().await.expect("a whole body").to_bytes();
    seen.lock().expect("not poisoned").push(Seen {
        uri: head.uri.to_string(),
        headers: head.headers.clone(),
        body: String::from_utf8_lossy(&body).into_owned(),
        peer: head.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0),
        through: head.extensions.get::<ThroughProxy>().copied(),
    });
    next.run(Request::from_parts(head, axum::body::Body::from(body))).await
}

async fn create_message(Path(account): Path<String>) -> impl IntoResponse {
    let message = serde_json::json!({
        "sid": "SM00000000000000000000000000000001", "account_sid": account, "to": TO, "from": FROM, "body": "", "status": "queued",
        "direction": "outbound-api", "num_segments": "1", "num_media": "0", "api_version": "2010-04-01", "error_code": null, "error_message": null,
        "date_created": "Tue, 24 Nov 2026 10:00:00 +0000", "date_updated": "Tue, 24 Nov 2026 10:00:00 +0000", "date_sent": null, "price": null,
        "price_unit": "USD", "messaging_service_sid": null, "subresource_uris": {},
        "uri": format!("/2010-04-01/Accounts/{account}/Messages/SM00000000000000000000000000000001.json"),
    });
    (StatusCode::CREATED, Json(message))
}
