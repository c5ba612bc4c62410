//! What a stranger may send to a server, all at once, and that it lives on.

use crate::http::{Server, answer, say};
use crate::place::{Place, silent};
use aws_lc_rs::hmac;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Somebody who can reach the server, and who may know the carrier's secret.
struct Stranger {
    at: SocketAddr,
    secret: hmac::Key,
    sender: String,
}

impl Stranger {
    fn hook(&self, sender: &str, kind: &str) -> String {
        format!("/hooks/simulator/{sender}/{kind}")
    }

    /// A callback with the right signature.
    fn signed(&self, target: &str, body: &[u8]) -> (u16, String) {
        self.post(target, &self.signature(target, body), body)
    }

    /// The headers that sign a callback to this address.
    fn signature(&self, target: &str, body: &[u8]) -> String {
        let time = "1790000000";
        let mut context = hmac::Context::with_key(&self.secret);
        for part in [time.as_bytes(), b"\n", format!("http://{}{target}", self.at).as_bytes(), b"\n", body] {
            context.update(part);
        }
        let signature: String = context.sign().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("x-simulator-timestamp: {time}\r\nx-simulator-signature: {signature}\r\n")
    }

    fn post(&self, target: &str, headers: &str, body: &[u8]) -> (u16, String) {
        let size = body.len();
        let head = format!("POST {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{headers}content-length: {size}\r\n\r\n", self.at);
        say(self.at, &[head.as_bytes(), body].concat())
    }

    /// Sends the beginning of something and then nothing; how long until the server gives up, and its answer.
    fn stall(&self, bytes: &[u8]) -> (Duration, u16) {
        let begun = Instant::now();
        let mut line = TcpStream::connect(self.at).expect("the server accepts");
        line.set_read_timeout(Some(Duration::from_secs(45))).expect("a timeout");
        line.write_all(bytes).expect("the beginning is taken");
        let (status, _) = answer(&mut line);
        (begun.elapsed(), status)
    }

    fn wrong_callbacks(&self) {
        let (inbound, status) = (self.hook(&self.sender, "inbound"), self.hook(&self.sender, "status"));
        let text = br#"{"event":"e1","id":"m1","from":"+12125550142","to_sender":"+12125550100","body":"Zebulon Quackenbush"}"#;
        // Not signed, and signed by somebody else.
        let forged = format!("x-simulator-timestamp: 1790000000\r\nx-simulator-signature: {}\r\n", "ab".repeat(32));
        for headers in ["", "x-simulator-signature: zz\r\nx-simulator-timestamp: \r\n", &forged] {
            for target in [&inbound, &status] {
                assert_eq!(self.post(target, headers, text).0, 403, "{headers:?}");
                assert_eq!(self.post(target, headers, &[0xff; 500]).0, 403, "{headers:?}");
            }
        }
        // Signed, and no callback.
        for body in
            [&b""[..], b"{", b"[]]", b"null", b"[[[[[[", &[0xff, 0xfe, 0], &b"[".repeat(60_000), br#"{"event":"e","from":"Quackenbush"}"#]
        {
            for target in [&inbound, &status] {
                let (code, answer) = self.signed(target, body);
                assert_eq!(code, 400, "{}", String::from_utf8_lossy(&body[..body.len().min(40)]));
                silent(&answer);
            }
        }
        // Signed for another address.
        for target in [format!("{inbound}?a=1"), inbound.replace("inbound", "status"), inbound.replace("simulator", "simulated")] {
            assert_eq!(self.post(&target, &self.signature(&inbound, text), text).0, 403, "{target}");
        }
        // Signed for here, with another body.
        assert_eq!(self.post(&inbound, &self.signature(&inbound, b"{}"), text).0, 403);
        // A body that is too large, by its length and by what comes.
        let head = format!("POST {inbound} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 1000000\r\n\r\n");
        assert_eq!(say(self.at, &[head.as_bytes(), &vec![b'a'; 65_537]].concat()).0, 413);
        let chunk = format!("{:x}\r\n{}\r\n", 65_537, "a".repeat(65_537));
        let head = format!("POST {inbound} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n{chunk}");
        assert_eq!(say(self.at, head.as_bytes()).0, 413);
        // The answer to a megabyte may be lost on a line that is closed in the middle of it; what counts is what comes after.
        let (code, _) = self.post(&inbound, "", &vec![b'a'; 1_000_000]);
        assert!(matches!(code, 413 | 0), "{code}");
    }

    fn wrong_addresses(&self) {
        let unknown = "snd_0198c3f2a8b97def8123456789abcdef";
        for sender in [unknown, "snd_12", "12", "..", "%2e%2e", "%00", "%ff%fe", "' OR 1=1 --", "snd_%zz", &"a".repeat(5_000)] {
            let target = self.hook(&sender.replace(' ', "%20"), "inbound");
            for (code, answer) in [self.signed(&target, b"{}"), self.post(&target, "", b"{}")] {
                assert!(matches!(code, 400 | 404), "{code} for {sender}");
                silent(&answer);
            }
        }
        assert_eq!(self.signed(&self.hook(unknown, "inbound"), b"{}").0, 404);
        assert_eq!(self.signed(&self.hook(&self.sender, "elsewhere"), b"{}").0, 404);
        // A percent-encoded id is the same id, and its signature covers the address as it was sent.
        let encoded = self.sender.replacen('s', "%73", 1);
        assert_eq!(self.signed(&self.hook(&encoded, "inbound"), b"{").0, 400);
        assert_eq!(self.post(&self.hook(&encoded, "inbound"), "", b"{").0, 403);
        let targets = [
            "/../../etc/passwd",
            "/..%2f..%2fetc%2fpasswd",
            "/assets/../../../etc/passwd",
            "/assets/%2e%2e/%2e%2e/wellsent.toml",
            "/wellsent.toml",
            "/wellsent.db",
            "/metrics",
            "//etc/passwd",
            "/%00",
            "/hooks",
            "/hooks/simulator",
            "/people/Quackenbush%205550142",
            "/?name=Quackenbush",
        ];
        for target in targets {
            let (code, answer) = crate::http::get(self.at, target);
            assert!(matches!(code, 303 | 307 | 400 | 401 | 403 | 404), "{code} for {target}: {answer}");
            assert!(!answer.contains("root:") && !answer.contains("[server]"), "{target}");
            silent(&answer);
        }
        assert_eq!(crate::http::get(self.at, "/../../etc/passwd").0, 404);
    }

    fn wrong_requests(&self) {
        let get = |more: &str| format!("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{more}\r\n");
        let many: String = (0..200).map(|number| format!("x-{number}: 1\r\n")).collect();
        assert_eq!(say(self.at, get(&many).as_bytes()).0, 431);
        assert_eq!(say(self.at, get(&format!("x-long: {}\r\n", "a".repeat(40_000))).as_bytes()).0, 431);
        for garbage in [
            &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
            b"GET\r\n\r\n",
            b"\0\0\0\0\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ] {
            let (code, _) = say(self.at, garbage);
            assert!(matches!(code, 0 | 400 | 505), "{code}");
        }
        let both =
            "POST /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
        let (code, _) = say(self.at, both.as_bytes());
        assert!(matches!(code, 400 | 405), "{code}");
        assert_eq!(say(self.at, b"DELETE /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").0, 405);
        assert_eq!(say(self.at, b"POST /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: -1\r\n\r\n").0, 400);
    }
}

#[test]
fn a_server_lives_through_everything_that_a_stranger_sends() {
    let place = Place::with_patients();
    let server = Server::start(&place);
    let secret = std::fs::read_to_string(place.keys().join("simulator.secret")).unwrap();
    let secret = hmac::Key::new(hmac::HMAC_SHA256, secret.trim().as_bytes());
    let stranger = Stranger { at: server.at, secret, sender: place.sender() };
    assert_eq!((server.get("/healthz").0, server.get("/readyz").0), (200, 200));

    std::thread::scope(|scope| {
        let head =
            format!("POST {} HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\n{{\"from\":", stranger.hook(&stranger.sender, "inbound"));
        let waiting = [head.into_bytes(), b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ".to_vec(), Vec::new()].map(|bytes| {
            let stranger = &stranger;
            scope.spawn(move || stranger.stall(&bytes))
        });
        // A crowd that only holds lines open.
        let idle: Vec<_> = (0..200).map(|_| TcpStream::connect(stranger.at).expect("the server accepts")).collect();
        stranger.wrong_callbacks();
        stranger.wrong_addresses();
        stranger.wrong_requests();
        assert_eq!(server.get("/readyz").0, 200, "beside slow and idle lines");
        drop(idle);
        let [body, header, nothing] = waiting.map(|waiting| waiting.join().expect("a stalled line"));
        assert_eq!(body.1, 503);
        for (took, _) in [body, header, nothing] {
            assert!(took < Duration::from_secs(40), "{took:?}");
        }
    });

    assert_eq!((server.get("/healthz").0, server.get("/readyz").0), (200, 200));
    assert_eq!(place.count("inbound"), 0);
    let ended = server.terminate();
    assert_eq!(ended.code, Some(0));
    silent(&ended.log);
    assert!(!ended.log.contains('\x1b'), "colours in a log that is no terminal");
    assert!(!ended.log.contains("panic"), "{}", ended.log);
    assert!(place.run(&["audit", "verify"]).good().out.contains("The ledger is whole."));
}
