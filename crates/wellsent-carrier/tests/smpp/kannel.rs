//! Our own message centre as Kannel meets it: what the adapter is tested against is itself tested by a client of others.

use crate::peers::{has, missing};
use std::net::TcpListener as Port;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use wellsent_peers::smsc::{Behaviour, Got, LongTexts, Replies, Smsc};

fn free_port() -> u16 {
    Port::bind("127.0.0.1:0").and_then(|port| port.local_addr()).expect("a port").port()
}

async fn get(port: u16, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\nhost: x\r\n\r\n").as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    Some(answer)
}

/// Hears what Kannel calls: the request line of each call.
async fn hear(listener: TcpListener, calls: tokio::sync::mpsc::UnboundedSender<String>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut buffer = vec![0; 8192];
        let length = stream.read(&mut buffer).await.unwrap_or(0);
        let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
        let _ = calls.send(request.lines().next().unwrap_or_default().to_owned());
        let _ = stream.write_all(b"HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 0\r\n\r\n").await;
    }
}

async fn next_call(calls: &mut tokio::sync::mpsc::UnboundedReceiver<String>) -> String {
    tokio::time::timeout(Duration::from_secs(20), calls.recv()).await.expect("a call in time").expect("a call")
}

struct Kannel {
    _boxes: [Child; 2],
    sendsms: u16,
}

impl Kannel {
    async fn start(folder: &std::path::Path, smsc: &Smsc, hook: u16) -> Self {
        let [admin, smsbox, sendsms] = [free_port(), free_port(), free_port()];
        let configuration = format!(
            "group = core\nadmin-port = {admin}\nadmin-password = x\nadmin-interface = 127.0.0.1\nsmsbox-port = {smsbox}\n\
             smsbox-interface = 127.0.0.1\nbox-allow-ip = \"127.0.0.1\"\nbox-deny-ip = \"*.*.*.*\"\ndlr-storage = internal\n\n\
             group = smsc\nsmsc = smpp\nsmsc-id = peer\nhost = 127.0.0.1\nport = {port}\ntransceiver-mode = true\n\
             smsc-username = wellsent\nsmsc-password = secret08\nsystem-type = \"\"\nsource-addr-ton = 1\nsource-addr-npi = 1\n\
             dest-addr-ton = 1\ndest-addr-npi = 1\nmsg-id-type = 0x01\nreconnect-delay = 1\n\n\
             group = smsbox\nbearerbox-host = 127.0.0.1\nbearerbox-port = {smsbox}\nsendsms-port = {sendsms}\nsendsms-interface = 127.0.0.1\n\n\
             group = sendsms-user\nusername = u\npassword = p\nconcatenation = true\nmax-messages = 10\n\n\
             group = sms-service\nkeyword = default\nget-url = \"http://127.0.0.1:{hook}/reply?from=%p&to=%P&text=%a\"\n\
             max-messages = 0\ncatch-all = true\nconcatenation = true\n",
            port = smsc.at().port(),
        );
        let path = folder.join("kannel.conf");
        std::fs::write(&path, configuration).expect("a file");
        let start = |program: &str| {
            let mut command = Command::new(program);
            command.arg("-v").arg("4").arg(&path).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
            command.spawn().expect("kannel starts")
        };
        let bearerbox = start("bearerbox");
        crate::world::eventually("kannel is bound", || smsc.stats().sessions > 0).await;
        let smsbox = start("smsbox");
        let kannel = Self { _boxes: [bearerbox, smsbox], sendsms };
        for _ in 0..200 {
            if get(sendsms, "/").await.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        kannel
    }

    /// Sends one text as an application of Kannel's would.
    async fn send(&self, to: &str, text: &str, coding: u8, dlr: u16) {
        let escaped: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let path = format!(
            "/cgi-bin/sendsms?username=u&password=p&from=12125550199&to={to}&text={escaped}&charset=UTF-8&coding={coding}&dlr-mask=3&\
             dlr-url=http%3A%2F%2F127.0.0.1%3A{dlr}%2Fdlr%3Fstate%3D%25d"
        );
        let answer = get(self.sendsms, &path).await.expect("smsbox answers");
        assert!(answer.contains("202"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kannel_sends_receives_and_gets_receipts_from_our_centre() {
    if !has("bearerbox", "--version") || !has("smsbox", "--version") {
        return missing("kannel");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let replies = Replies { long: LongTexts::Udh8, ..Replies::default() };
    let smsc = Smsc::start(Behaviour { replies, ..Behaviour::default() }, None).await.expect("a port");
    let hook = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = hook.local_addr().expect("an address").port();
    let (said, mut calls) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(hear(hook, said));
    let kannel = Kannel::start(folder.path(), &smsc, at).await;

    let long = "Bring your card [and €20], José. ".repeat(8);
    for (text, coding) in [("Hello José €", 0), ("está 😀", 2), (long.as_str(), 0)] {
        let before = smsc.got("12125550123").len();
        kannel.send("12125550123", text, coding, at).await;
        crate::world::eventually("the phone has it", || smsc.got("12125550123").len() > before).await;
        assert_eq!(smsc.got("12125550123").pop(), Some(Got { from: "12125550199".into(), body: text.into() }));
        let call = next_call(&mut calls).await;
        assert!(call.contains("/dlr?state=1 "), "delivered: {call}");
    }
    for (text, expected) in [("STOP", "text=STOP"), (&"I cannot come. ".repeat(15), "I+cannot+come.+I+cannot")] {
        smsc.text("12125550123", "12125550199", text);
        let mut call = next_call(&mut calls).await;
        while call.contains("/dlr?") {
            call = next_call(&mut calls).await;
        }
        assert!(call.contains("from=%2B12125550123") && call.contains(expected), "{call}");
    }
    crate::world::eventually("the centre is at rest", || smsc.stats().at_rest()).await;
}
