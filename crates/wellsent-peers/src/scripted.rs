//! A peer on a raw socket that does exactly what a script says, and remembers every connection and every byte that it was sent.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

/// What the peer does with one request, or with a connection before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Takes the connection and closes it without reading.
    CloseUnread,
    /// Reads the request, waits, writes these bytes and keeps the line.
    Answer {
        /// How long it waits.
        after: Duration,
        /// What it writes.
        bytes: Vec<u8>,
    },
    /// Reads the request, writes these bytes and closes the line in order.
    AnswerAndClose(Vec<u8>),
    /// Reads the request, writes these bytes and resets the line.
    AnswerAndReset(Vec<u8>),
    /// Reads the request, writes these bytes and then nothing more, while the line stays.
    AnswerAndStall(Vec<u8>),
    /// Reads this many bytes of the request and resets the line.
    ResetAfter(usize),
    /// Reads the request and says nothing.
    Silence,
}

impl Act {
    /// Answers at once and keeps the line.
    pub fn answer(bytes: Vec<u8>) -> Self {
        Self::Answer { after: Duration::ZERO, bytes }
    }
}

/// A request as it was sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Path and query as they stood in the request line.
    pub target: String,
    /// Names in lower case and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Request {
    // What is in a request are numbers and texts.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("method", &self.method).finish_non_exhaustive()
    }
}

impl Request {
    /// The first header of that lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as text; what is not text becomes replacement characters.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Everything but the body, as one text: the request line and the headers.
    pub fn head(&self) -> String {
        let mut head = format!("{} {}\n", self.method, self.target);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\n"));
        }
        head
    }
}

#[derive(Default)]
struct Seen {
    requests: Mutex<Vec<Request>>,
    connections: AtomicUsize,
    /// Acts that were not done yet; the last one is done again and again.
    acts: Mutex<Vec<Act>>,
}

impl Seen {
    fn next(&self) -> Act {
        let mut acts = self.acts.lock().unwrap_or_else(PoisonError::into_inner);
        if acts.len() > 1 { acts.remove(0) } else { acts.first().cloned().unwrap_or(Act::CloseUnread) }
    }

    fn peek(&self) -> Option<Act> {
        self.acts.lock().unwrap_or_else(PoisonError::into_inner).first().cloned()
    }
}

/// The peer. It runs until it is dropped.
pub struct Scripted {
    /// Where it listens.
    pub address: SocketAddr,
    seen: Arc<Seen>,
    task: JoinHandle<()>,
}

impl Scripted {
    /// Starts a peer that does one act after the other, over as many connections as it takes; the last act is repeated for ever, so that who
    /// asks again is answered again and counted.
    ///
    /// # Panics
    /// When this machine gives no port.
    pub async fn start(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port of this machine");
        let address = listener.local_addr().expect("an address");
        let seen = Arc::new(Seen { acts: Mutex::new(acts), ..Seen::default() });
        let shared = seen.clone();
        let task = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                shared.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Self { address, seen, task }
    }

    /// `http://` and the address.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far, whole or not: one whose body did not come counts with what came of it.
    pub fn requests(&self) -> Vec<Request> {
        self.seen.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The connections so far.
    pub fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A port of this machine at which nobody listens, and nobody else can while this lives.
pub struct Closed(TcpSocket);

impl Closed {
    /// Takes a port.
    ///
    /// # Panics
    /// When this machine gives no port.
    pub fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port of this machine");
        Self(socket)
    }

    /// `http://` and the address.
    ///
    /// # Panics
    /// When the socket has no address.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.0.local_addr().expect("an address"))
    }
}

impl Default for Closed {
    fn default() -> Self {
        Self::new()
    }
}

/// An answer in HTTP/1.1 with its length.
pub fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} {}\r\n", if status < 400 { "Fine" } else { "Not" });
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    head.into_bytes()
}

async fn serve(mut stream: TcpStream, seen: Arc<Seen>) {
    let mut rest = Vec::new();
    loop {
        if seen.peek() == Some(Act::CloseUnread) {
            seen.next();
            return;
        }
        if let Some(Act::ResetAfter(bytes)) = seen.peek() {
            seen.next();
            let got = read_some(&mut stream, bytes).await;
            remember(&seen, parse(&got).map_or_else(|| cut(&got), |(request, _)| request));
            // A reset instead of an orderly end; where the system does not offer it, the line ends all the same.
            let _ = stream.set_zero_linger();
            return;
        }
        let Some(request) = read_request(&mut stream, &mut rest).await else { return };
        remember(&seen, request);
        match seen.next() {
            Act::CloseUnread => return,
            Act::Answer { after, bytes } => {
                tokio::time::sleep(after).await;
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Act::AnswerAndClose(bytes) => {
                let _ = stream.write_all(&bytes).await;
                return;
            }
            Act::AnswerAndReset(bytes) => {
                let _ = stream.write_all(&bytes).await;
                // What was written is on its way before the reset overtakes it.
                tokio::time::sleep(Duration::from_millis(20)).await;
                let _ = stream.set_zero_linger();
                return;
            }
            Act::AnswerAndStall(bytes) => {
                let _ = stream.write_all(&bytes).await;
                wait_for_end(&mut stream).await;
                return;
            }
            Act::ResetAfter(_) => {
                let _ = stream.set_zero_linger();
                return;
            }
            Act::Silence => {
                wait_for_end(&mut stream).await;
                return;
            }
        }
    }
}

fn remember(seen: &Seen, request: Request) {
    seen.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request);
}

async fn wait_for_end(stream: &mut TcpStream) {
    let mut scrap = [0; 1024];
    while matches!(stream.read(&mut scrap).await, Ok(read) if read > 0) {}
}

async fn read_some(stream: &mut TcpStream, most: usize) -> Vec<u8> {
    let mut bytes = vec![0; most];
    let mut have = 0;
    while have < most {
        match stream.read(&mut bytes[have..]).await {
            Ok(0) | Err(_) => break,
            Ok(read) => have += read,
        }
    }
    bytes.truncate(have);
    bytes
}

fn cut(bytes: &[u8]) -> Request {
    Request { method: "cut".to_owned(), target: String::new(), headers: Vec::new(), body: bytes.to_vec() }
}

/// One request; `None` when the line closes before any of it. `rest` keeps what came of the next.
async fn read_request(stream: &mut TcpStream, rest: &mut Vec<u8>) -> Option<Request> {
    loop {
        if let Some((request, taken)) = parse(rest) {
            rest.drain(..taken);
            return Some(request);
        }
        let mut chunk = [0; 8192];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return (!rest.is_empty()).then(|| cut(rest)),
            Ok(read) => rest.extend_from_slice(&chunk[..read]),
        }
    }
}

/// A whole request and how many bytes it has.
fn parse(bytes: &[u8]) -> Option<(Request, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next().unwrap_or_default().to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let whole = end + 4 + length;
    (bytes.len() >= whole).then(|| (Request { method, target, headers, body: bytes[end + 4..whole].to_vec() }, whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(stream: &mut TcpStream, body: &str) -> String {
        let request = format!("POST /there?x=1 HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await.unwrap();
        String::from_utf8_lossy(&chunk[..read]).into_owned()
    }

    #[tokio::test]
    async fn acts_are_done_in_order_and_the_last_again_and_again() {
        let peer = Scripted::start(vec![Act::answer(response(201, &[], "one")), Act::answer(response(500, &[("x-a", "b")], "two"))]).await;
        let mut stream = TcpStream::connect(peer.address).await.unwrap();
        assert!(ask(&mut stream, "first").await.starts_with("HTTP/1.1 201"));
        for _ in 0..2 {
            let answer = ask(&mut stream, "second").await;
            assert!(answer.starts_with("HTTP/1.1 500") && answer.ends_with("two"), "{answer}");
        }
        assert_eq!(peer.connections(), 1);
        let requests = peer.requests();
        assert_eq!(requests.iter().map(Request::text).collect::<Vec<_>>(), ["first", "second", "second"]);
        assert_eq!((requests[0].method.as_str(), requests[0].target.as_str()), ("POST", "/there?x=1"));
        assert_eq!(requests[0].header("host"), Some("a"));
    }

    #[tokio::test]
    async fn lines_are_cut_where_the_script_says() {
        let peer = Scripted::start(vec![Act::CloseUnread, Act::ResetAfter(10), Act::AnswerAndClose(b"HTTP/1.1 2".to_vec())]).await;
        let mut stream = TcpStream::connect(peer.address).await.unwrap();
        let mut all = Vec::new();
        assert_eq!(stream.read_to_end(&mut all).await.unwrap(), 0, "closed without a word");
        let mut stream = TcpStream::connect(peer.address).await.unwrap();
        stream.write_all(b"POST / HTTP/1.1\r\ncontent-length: 900\r\n\r\n").await.unwrap();
        assert!(stream.read_to_end(&mut all).await.is_err(), "a reset is an error to who reads");
        let mut stream = TcpStream::connect(peer.address).await.unwrap();
        assert_eq!(ask(&mut stream, "x").await, "HTTP/1.1 2");
        assert_eq!((peer.connections(), peer.requests().len()), (3, 2));
    }

    #[tokio::test]
    async fn at_a_closed_port_nobody_answers() {
        let closed = Closed::new();
        let address = closed.base_url().trim_start_matches("http://").to_owned();
        assert!(TcpStream::connect(address).await.is_err());
    }
}
