//! A running server, and speaking HTTP to it by hand: a proper client would not send what these tests send.

use crate::place::{Place, path};
use crate::program::{program, read};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A server. It is killed when it goes.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub at: SocketAddr,
    /// Where its metrics are.
    pub metrics: Option<SocketAddr>,
    /// Where its proxy for applications is.
    pub proxy: Option<SocketAddr>,
    /// The sign-in link that it printed.
    pub link: String,
    said: JoinHandle<String>,
    logged: JoinHandle<String>,
}

/// How a server ended.
pub struct Ended {
    /// The exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// How long it took.
    pub took: Duration,
    /// What it logged.
    pub log: String,
}

impl Server {
    /// Starts the server of an installation at any free port.
    #[track_caller]
    pub fn start(place: &Place) -> Self {
        let data = place.data();
        let mut child = program().args(["serve", "--port", "0", "--data", path(&data)]).spawn().expect("the server starts");
        let logged = read(child.stderr.take().expect("a pipe"));
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
        let (mut at, mut metrics, mut proxy, mut link) = (None, None, None, String::new());
        let mut line = String::new();
        while at.is_none() {
            line.clear();
            if lines.read_line(&mut line).expect("the server speaks") == 0 {
                let _ = child.kill();
                panic!("the server did not start: {}", logged.join().unwrap_or_default());
            }
            if let Some(rest) = line.strip_prefix("Listening at ") {
                at = rest.split(". ").next().and_then(|address| address.parse().ok());
            } else if let Some(rest) = line.strip_prefix("Metrics at http://") {
                metrics = rest.trim().strip_suffix("/metrics").and_then(|address| address.parse().ok());
            } else if let Some(rest) = line.strip_prefix("The proxy for applications that know only Twilio's address: http://") {
                proxy = rest.trim().parse().ok();
            } else if let Some((_, address)) = line.split_once("http://") {
                link = format!("http://{}", address.trim());
            }
        }
        Self { child, at: at.expect("an address"), metrics, proxy, link, said: read(lines), logged }
    }

    /// Sends SIGTERM and waits for the end.
    pub fn terminate(mut self) -> Ended {
        let begun = Instant::now();
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().expect("kill");
        assert!(sent.success());
        let status = self.child.wait().expect("the server is a child");
        let took = begun.elapsed();
        let log = std::mem::replace(&mut self.logged, std::thread::spawn(String::new)).join().expect("the log");
        Ended { code: status.code(), took, log }
    }

    /// Asks for an address and gives the status and the whole answer.
    pub fn get(&self, target: &str) -> (u16, String) {
        get(self.at, target)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = self.said.is_finished();
    }
}

/// Asks for an address anywhere.
pub fn get(at: SocketAddr, target: &str) -> (u16, String) {
    say(at, format!("GET {target} HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\n\r\n").as_bytes())
}

/// Sends bytes and reads until the server closes the line; status 0 where it answered nothing.
pub fn say(at: SocketAddr, bytes: &[u8]) -> (u16, String) {
    let mut line = TcpStream::connect(at).expect("the server accepts");
    line.set_read_timeout(Some(Duration::from_secs(45))).expect("a timeout");
    line.set_write_timeout(Some(Duration::from_secs(10))).expect("a timeout");
    // The server may have heard enough before all of it is sent.
    let _ = line.write_all(bytes);
    answer(&mut line)
}

/// Reads an answer until the line is closed.
pub fn answer(line: &mut TcpStream) -> (u16, String) {
    let mut got = Vec::new();
    let mut piece = [0; 4_096];
    loop {
        match line.read(&mut piece) {
            Ok(0) | Err(_) => break,
            Ok(size) => got.extend_from_slice(&piece[..size]),
        }
    }
    let text = String::from_utf8_lossy(&got).into_owned();
    let status = text.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|code| code.parse().ok()).unwrap_or(0);
    (status, text)
}
