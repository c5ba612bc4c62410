//! The official Python libraries of Telnyx and AWS as clients of the peers: if they take them for the real ones, adapters may be tried against
//! them.
//!
//! The libraries come from their registry and are not part of this project. `WELLSENT_PEERS_PYTHON` names an interpreter that has the packages
//! `telnyx`, `pynacl`, `boto3` and `cryptography`. What is not there is left out, unless `WELLSENT_PEERS` is `required`.

use std::env;
use std::process::Stdio;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Command;
use wellsent_peers::aws::{self, FakeAws, Keys, SignatureVersion, Topic};
use wellsent_peers::telnyx::{self, FakeTelnyx};

const NUMBER: &str = "+12125550199";
const PHONE: &str = "+12125550123";

#[allow(clippy::disallowed_methods, reason = "the libraries live in real time")]
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

async fn peers() -> (FakeTelnyx, FakeAws) {
    let telnyx = FakeTelnyx::start(telnyx::Settings {
        api_key: "KEY0123".into(),
        signing_seed: [5; 32],
        organization: "2ea3868b-fef8-452f-8d8b-fb5ceb0e4c78".into(),
        profile: "40018f15-e2f3-4ec6-8390-c9ed22cb5605".into(),
        numbers: vec![NUMBER.into()],
        profile_webhook: None,
        now: Arc::new(now),
    });
    let key = |id: &str, session_token: Option<&str>| Keys {
        id: id.into(),
        secret: "a secret".into(),
        session_token: session_token.map(str::to_owned),
    };
    let aws = FakeAws::start(aws::Settings {
        region: "us-east-1".into(),
        account: "123456789012".into(),
        keys: vec![key("AKIDEXAMPLE", None), key("ASIAEXAMPLE", Some("session/token=="))],
        numbers: vec![NUMBER.into()],
        configuration_set: "texts".into(),
        signature_version: SignatureVersion::One,
        manages_opt_outs: true,
        now: Arc::new(now),
    });
    (telnyx.await.expect("a port"), aws.await.expect("a port"))
}

async fn there(python: &str) -> bool {
    let probe = Command::new(python).args(["-c", "import telnyx, nacl, boto3, cryptography"]).output().await;
    let there = probe.is_ok_and(|output| output.status.success());
    assert!(there || env::var("WELLSENT_PEERS").as_deref() != Ok("required"), "the libraries of Telnyx and AWS are not there");
    if !there {
        eprintln!("left out: the libraries of Telnyx and AWS are not there");
    }
    there
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_official_libraries_take_the_peers_for_telnyx_and_aws() {
    let python = env::var("WELLSENT_PEERS_PYTHON").unwrap_or_else(|_| "python3".into());
    if !there(&python).await {
        return;
    }
    let (telnyx, aws) = peers().await;
    let mut client = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/telnyx_aws/client.py"))
        .args([&telnyx.base_url(), "KEY0123", &telnyx.public_key(), &aws.base_url(), "a secret", NUMBER, PHONE])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the client starts");
    // The client has said everything and now listens at an address, which is the one line that it prints.
    let mut lines = BufReader::new(client.stdout.take().expect("its output")).lines();
    if let Ok(Some(url)) = lines.next_line().await {
        telnyx.set_profile_webhook(&url);
        telnyx.text(PHONE, NUMBER, "Where are you? \u{1f98a}").await;
        assert!(aws.subscribe(Topic::Texts, &url).await, "the client confirms");
        aws.text(PHONE, NUMBER, "Where are you? \u{1f98a}").await;
    }
    let mut said = String::new();
    let _ = client.stderr.take().expect("its errors").read_to_string(&mut said).await;
    assert!(client.wait().await.expect("the client ends").success(), "{said}");
    assert_eq!((telnyx.messages().len(), aws.accepted().len()), (2, 2), "one text by each way that worked, and the texts that came");
    assert_eq!(aws.refused(), ["InvalidSignatureException", "UnrecognizedClientException", "InvalidSignatureException"]);
}
