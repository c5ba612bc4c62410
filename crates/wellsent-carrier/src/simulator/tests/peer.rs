//! A peer on a raw socket: it does exactly what a test says and remembers every byte that it was sent.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the peer does with one request, or with a connection before it.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// Closes a connection without reading.
    CloseUnread,
    /// Reads the request, writes these bytes, keeps the line.
    Answer(String),
    /// Reads the request, writes these bytes, closes the line.
    AnswerAndClose(String),
    /// Reads the request and resets the line.
    Reset,
    /// Reads the request and says nothing.
    Silence,
}

pub(super) struct Peer {
    pub base_url: String,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Peer {
    /// Starts a peer that does one act after the other, on as many connections as it takes.
    pub async fn start(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        let task = tokio::spawn(async move {
            let mut acts = acts.into_iter();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                serve(&mut stream, &mut acts, &seen).await;
            }
        });
        Self { base_url, requests, task }
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(stream: &mut TcpStream, acts: &mut impl Iterator<Item = Act>, seen: &Mutex<Vec<String>>) {
    loop {
        let Some(act) = acts.next() else {
            // Nothing more was expected: a further request is remembered, so that the test can complain.
            if let Some(request) = read_request(stream).await {
                seen.lock().unwrap().push(request);
            }
            return;
        };
        if let Act::CloseUnread = act {
            return;
        }
        let Some(request) = read_request(stream).await else {
            return;
        };
        seen.lock().unwrap().push(request);
        match act {
            Act::CloseUnread => return,
            Act::Answer(bytes) => stream.write_all(bytes.as_bytes()).await.unwrap(),
            Act::AnswerAndClose(bytes) => {
                stream.write_all(bytes.as_bytes()).await.unwrap();
                return;
            }
            Act::Reset => {
                stream.set_zero_linger().unwrap();
                return;
            }
            Act::Silence => tokio::time::sleep(Duration::from_secs(3600)).await,
        }
    }
}

/// Head and body of one request; `None` when the line closes first.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase().strip_prefix("content-length:").map(|length| length.trim().parse::<usize>().unwrap())
                })
                .unwrap_or(0);
            if body.len() >= length {
                return Some(text);
            }
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => bytes.extend_from_slice(&chunk[..n]),
        }
    }
}

/// An answer with its length.
pub(super) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}
