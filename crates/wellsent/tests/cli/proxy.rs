//! The proxy for applications that know only Twilio's address, as such an application meets it.

use crate::http::Server;
use crate::place::{Place, mode};

const SECTION: &str = "# [twilio_proxy]\n# listen = \"127.0.0.1:8443\"";

/// A client that has nothing from Wellsent but the proxy's address and its certificate.
fn client(place: &Place, server: &Server) -> reqwest::Client {
    // A second installation fails and leaves the first in place, which is the same provider.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let certificate = std::fs::read(place.data().join("twilio-proxy-ca.pem")).unwrap();
    reqwest::Client::builder()
        .proxy(reqwest::Proxy::all(format!("http://{}", server.proxy.expect("the proxy's address"))).unwrap())
        .tls_certs_only([reqwest::Certificate::from_pem(&certificate).unwrap()])
        .build()
        .unwrap()
}

#[tokio::test]
async fn an_application_that_asks_for_twilio_speaks_with_this_server_and_gets_nowhere_else() {
    let place = Place::new();
    place.change_settings(SECTION, "[twilio_proxy]\nlisten = \"127.0.0.1:0\"");
    let new = place.run(&["app", "add", "--name", "Portal", "--json"]).good().json_lines().remove(0);
    let (account, token) = (new["account"].as_str().unwrap().to_owned(), new["token"].as_str().unwrap().to_owned());
    let server = Server::start(&place);
    assert_eq!(mode(&place.keys().join("twilio-proxy.pem")), 0o600);
    let client = client(&place, &server);
    let ask = |url: String| client.get(url).basic_auth(&account, Some(&token)).send();

    let own = ask(format!("https://api.twilio.com/2010-04-01/Accounts/{account}.json")).await.unwrap();
    assert_eq!(own.status(), 200);
    let own: serde_json::Value = own.json().await.unwrap();
    assert_eq!(own["sid"], account.as_str());
    let wrong = client.get(format!("https://api.twilio.com/2010-04-01/Accounts/{account}/Messages.json"));
    assert_eq!(wrong.basic_auth(&account, Some("another")).send().await.unwrap().status(), 401);
    let form = [("To", "+12125550123"), ("From", "+12125550100"), ("Body", "Hello")];
    let sent = client.post(format!("https://api.twilio.com/2010-04-01/Accounts/{account}/Messages.json")).form(&form);
    let refused = sent.basic_auth(&account, Some(&token)).send().await.unwrap();
    assert_eq!(refused.status(), 400, "nobody of that number is known here");

    for inside in ["/", "/sign-in", "/healthz", "/hooks/simulator/x/inbound", "/s/x"] {
        assert_eq!(ask(format!("https://api.twilio.com{inside}")).await.unwrap().status(), 404, "{inside}");
    }
    assert_eq!(ask("https://verify.twilio.com/v2/Services".into()).await.unwrap().status(), 404);
    assert!(ask("https://example.com/".into()).await.is_err(), "it is no way out");
    let ended = server.terminate();
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert!(!ended.log.contains("5550123") && !ended.log.contains(&token), "{}", ended.log);
}

#[test]
fn other_machines_reach_it_only_after_an_explicit_word() {
    let place = Place::new();
    place.change_settings(SECTION, "[twilio_proxy]\nlisten = \"0.0.0.0:0\"");
    place.run(&["serve", "--port", "0"]).failed(&["proxy", "0.0.0.0"]);
}
