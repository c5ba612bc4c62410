//! A wire between two programs on this machine that remembers every byte.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

type Bytes = Arc<Mutex<Vec<u8>>>;

/// One connection: what went to the target, and what came back.
#[derive(Clone)]
struct Line {
    there: Bytes,
    back: Bytes,
}

/// The wire. It lives until the runtime ends.
#[derive(Clone)]
pub struct Tap {
    pub at: SocketAddr,
    lines: Arc<Mutex<Vec<Line>>>,
}

impl Tap {
    /// In front of a target.
    pub async fn before(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let tap = Self { at: listener.local_addr().expect("an address"), lines: Arc::default() };
        let lines = Arc::clone(&tap.lines);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let line = Line { there: Bytes::default(), back: Bytes::default() };
                lock(&lines).push(line.clone());
                tokio::spawn(async move {
                    // Without a target the line closes at once, as it would without a wire.
                    let Ok(far) = TcpStream::connect(target).await else { return };
                    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                    // When one side ends, so does the other: a line that was cut is cut for both.
                    tokio::select! {
                        () = carry(near_in, far_out, &line.there) => {}
                        () = carry(far_in, near_out, &line.back) => {}
                    }
                });
            }
        });
        tap
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.at)
    }

    /// What went to the target, a line each.
    pub fn there(&self) -> Vec<Vec<u8>> {
        lock(&self.lines).iter().map(|line| lock(&line.there).clone()).collect()
    }

    /// What the target said.
    pub fn back(&self) -> Vec<Vec<u8>> {
        lock(&self.lines).iter().map(|line| lock(&line.back).clone()).collect()
    }
}

async fn carry(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, heard: &Bytes) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        lock(heard).extend_from_slice(&buffer[..read]);
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
