//! Makes callbacks over HTTP, to this machine only.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An address that is called back, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// Without its fragment: this is signed.
    pub url: String,
    host: String,
    path: String,
    /// What the fragment asks for.
    pub overrides: Overrides,
}

/// Connection overrides: how often and when a callback is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Overrides {
    pub repeats: u32,
    pub on_4xx: bool,
    pub on_5xx: bool,
    pub on_connect: bool,
    pub on_read: bool,
    pub connect_ms: u64,
    pub read_ms: u64,
}

impl Default for Overrides {
    fn default() -> Self {
        Self { repeats: 1, on_4xx: false, on_5xx: false, on_connect: true, on_read: false, connect_ms: 5_000, read_ms: 15_000 }
    }
}

impl Overrides {
    fn read(fragment: &str) -> Self {
        let mut overrides = Self::default();
        for pair in fragment.split('&') {
            match pair.split_once('=') {
                Some(("rc", count)) => overrides.repeats = count.parse::<u32>().unwrap_or(1).min(5),
                Some(("ct", ms)) => overrides.connect_ms = ms.parse().unwrap_or(overrides.connect_ms).clamp(100, 10_000),
                Some(("rt", ms)) => overrides.read_ms = ms.parse().unwrap_or(overrides.read_ms).clamp(100, 15_000),
                Some(("rp", policies)) => {
                    let has = |policy| policies.split(',').any(|known| known == policy || known == "all");
                    (overrides.on_4xx, overrides.on_5xx) = (has("4xx"), has("5xx"));
                    (overrides.on_connect, overrides.on_read) = (has("ct"), has("rt"));
                }
                _ => {}
            }
        }
        overrides
    }
}

impl Target {
    /// Reads an address; `None` when Twilio would refuse it: no scheme of the web, no host, or an underscore in it.
    pub fn read(text: &str) -> Option<Self> {
        let (url, fragment) = text.split_once('#').unwrap_or((text, ""));
        let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (host, path) = rest.split_at(end);
        let sound = !host.is_empty() && !host.contains(['_', '@', ' ']) && text.bytes().all(|byte| byte.is_ascii_graphic());
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        sound.then(|| Self { url: url.to_owned(), host: host.to_owned(), path, overrides: Overrides::read(fragment) })
    }

    /// Where it is on this machine, if it is.
    fn address(&self, routes: &BTreeMap<String, SocketAddr>) -> Option<SocketAddr> {
        if let Some(address) = routes.get(&self.host) {
            return Some(*address);
        }
        let host = self.host.replace("localhost", "127.0.0.1");
        host.parse::<SocketAddr>().ok().filter(|address| address.ip().is_loopback())
    }
}

/// What came of a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Called {
    Answered { status: u16, content_type: String, body: String },
    NoConnection,
    NoAnswer,
}

/// Posts a form.
pub(super) async fn post(target: &Target, routes: &BTreeMap<String, SocketAddr>, headers: &[(&str, &str)], form: &str) -> Called {
    let Some(address) = target.address(routes) else {
        return Called::NoConnection;
    };
    let connect = tokio::time::timeout(Duration::from_millis(target.overrides.connect_ms), TcpStream::connect(address));
    let Ok(Ok(mut stream)) = connect.await else {
        return Called::NoConnection;
    };
    let mut request =
        format!("POST {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n", target.path, target.host, form.len());
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    request.push_str(form);
    let exchange = async {
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        // An answer is small; what is longer is cut.
        (&mut stream).take(64 * 1024).read_to_end(&mut answer).await.ok()?;
        read_answer(&answer)
    };
    match tokio::time::timeout(Duration::from_millis(target.overrides.read_ms), exchange).await {
        Ok(Some(called)) => called,
        _ => Called::NoAnswer,
    }
}

fn read_answer(answer: &[u8]) -> Option<Called> {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let header = |wanted: &str| head.lines().filter_map(|line| line.split_once(':')).find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    let content_type = header("content-type").map(|(_, value)| value.trim().to_ascii_lowercase()).unwrap_or_default();
    Some(Called::Answered { status, content_type, body: body.to_owned() })
}
