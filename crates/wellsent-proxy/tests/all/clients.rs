//! Clients as applications use them.

use crate::house::{ACCOUNT, FROM, GET, House, TO, answer, create, soon};
use std::process::{Command, Stdio};
use tokio::io::AsyncWriteExt as _;

fn reqwest_client(house: &House) -> reqwest::Client {
    // The process-wide provider is reqwest's way of being told; a second test finds it set.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::builder()
        .proxy(reqwest::Proxy::https(format!("http://{}", house.at)).expect("a proxy"))
        .tls_certs_only([reqwest::Certificate::from_pem(house.pem.as_bytes()).expect("a certificate")])
        .build()
        .expect("a client")
}

#[tokio::test]
async fn a_message_is_created_by_a_client_that_knows_only_twilio_s_address() {
    let house = House::usual().await;
    let answer = reqwest_client(&house)
        .post(format!("https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json?x=1"))
        .basic_auth(ACCOUNT, Some("secret"))
        .header("X-Forwarded-For", "192.0.2.1")
        .header("Forwarded", "for=192.0.2.1")
        .header("I-Twilio-Idempotency-Token", "kept")
        .form(&[("To", TO), ("From", FROM), ("Body", "See you tomorrow.")])
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 201);
    let message: serde_json::Value = answer.json().await.expect("json");
    assert_eq!(message["status"], "queued");

    let seen = house.requests();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].uri, format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json?x=1"));
    assert_eq!(seen[0].body, "To=%2B12125550123&From=%2B12125550100&Body=See+you+tomorrow.");
    assert_eq!(seen[0].through.expect("marked").host, "api.twilio.com");
    assert!(seen[0].peer.expect("an address").ip().is_loopback());
    assert!(seen[0].headers.contains_key("authorization"));
    assert!(seen[0].headers.contains_key("i-twilio-idempotency-token"));
    assert!(!seen[0].headers.contains_key("x-forwarded-for"));
    assert!(!seen[0].headers.contains_key("forwarded"));
}

#[tokio::test]
async fn curl_creates_a_long_message_for_which_it_asks_leave() {
    let house = House::usual().await;
    let authority = house.folder.path().join("ca.pem");
    std::fs::write(&authority, &house.pem).expect("written");
    let proxy = format!("http://{}", house.at);
    let body = format!("Body={}", "a".repeat(4000));
    let address = format!("https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json");
    let run = tokio::task::spawn_blocking(move || {
        Command::new("curl")
            .args([
                "--silent",
                "--show-error",
                "--max-time",
                "15",
                "--http1.1",
                "--header",
                "Expect: 100-continue",
                "--expect100-timeout",
                "14",
                "--data",
                &body,
                &address,
            ])
            .arg("--cacert")
            .arg(&authority)
            .env("HTTPS_PROXY", proxy)
            .env_remove("NO_PROXY")
            .env_remove("no_proxy")
            .env_remove("https_proxy")
            .stdin(Stdio::null())
            .output()
    });
    let output = match soon(run).await.expect("no panic") {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("NOT RUN: there is no curl on this machine");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"status\":\"queued\""));
    assert_eq!(house.requests()[0].body.len(), 4005);
}

#[tokio::test]
async fn one_connection_carries_many_requests() {
    let house = House::usual().await;
    let mut api = house.api().await;
    for index in 0..5 {
        api.write_all(create(&format!("Body={index}")).as_bytes()).await.expect("sent");
        assert!(answer(&mut api).await.starts_with("HTTP/1.1 201 "));
    }
    // Two at once are answered in turn.
    api.write_all(format!("{}{GET}", create("Body=5")).as_bytes()).await.expect("sent");
    assert!(answer(&mut api).await.starts_with("HTTP/1.1 201 "));
    assert!(answer(&mut api).await.contains("\"active\""));
    assert_eq!(
        house.requests().iter().filter(|seen| seen.uri.contains("Messages")).map(|seen| seen.body.clone()).collect::<Vec<_>>(),
        ["Body=0", "Body=1", "Body=2", "Body=3", "Body=4", "Body=5"]
    );
}

#[tokio::test]
async fn an_address_in_absolute_form_reaches_the_router_as_a_path() {
    let house = House::usual().await;
    let mut api = house.api().await;
    api.write_all(
        format!("GET https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}.json HTTP/1.1\r\nHost: api.twilio.com:443\r\n\r\n").as_bytes(),
    )
    .await
    .expect("sent");
    assert!(answer(&mut api).await.starts_with("HTTP/1.1 200 "));
    assert_eq!(house.requests()[0].uri, format!("/2010-04-01/Accounts/{ACCOUNT}.json"));
}

#[tokio::test]
async fn another_service_of_twilio_is_answered_in_words_that_its_library_shows() {
    let house = House::usual().await;
    let answer = reqwest_client(&house)
        .post("https://verify.twilio.com/v2/Services/VA00000000000000000000000000000001/Verifications")
        .form(&[("To", TO)])
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 404);
    let problem: serde_json::Value = answer.json().await.expect("json");
    assert_eq!(problem["code"], 20404);
    assert_eq!(problem["status"], 404);
    assert_eq!(problem["more_info"], "https://www.twilio.com/docs/errors/20404");
    assert!(problem["message"].as_str().expect("text").contains("not verify.twilio.com. Codes are sent from the console"));
    assert!(house.requests().is_empty(), "the router must not see it");
}

#[tokio::test]
async fn the_answer_to_connect_is_the_one_line_that_the_php_library_knows() {
    let house = House::usual().await;
    let (_stream, answer) =
        house.connect("CONNECT api.twilio.com:443 HTTP/1.1\r\nHost: api.twilio.com:443\r\nProxy-Connection: Keep-Alive\r\n\r\n").await;
    assert_eq!(answer, "HTTP/1.1 200 Connection established\r\n\r\n");
}

#[tokio::test]
async fn a_tunnel_is_opened_for_http_1_0_as_well() {
    let house = House::usual().await;
    let (_stream, answer) = house.connect("CONNECT api.twilio.com:443 HTTP/1.0\r\n\r\n").await;
    assert!(answer.contains(" 200 Connection established\r\n"), "{answer}");
}
