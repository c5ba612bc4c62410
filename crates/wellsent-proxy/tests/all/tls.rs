//! Who is believed to be whom.

use crate::house::{GET, House, answer, client, secure, soon};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use tokio::io::AsyncWriteExt as _;

#[tokio::test]
async fn a_client_that_trusts_the_public_authorities_alone_refuses_the_proxy() {
    let house = House::usual().await;
    let mut public = RootCertStore::empty();
    for root in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
        public.add(root.clone()).expect("a root");
    }
    assert!(public.len() > 50);
    let refused = secure(house.tunnel("api.twilio.com:443").await, "api.twilio.com", client(public.clone())).await.expect_err("refused");
    assert!(refused.to_string().contains("UnknownIssuer"), "{refused}");
    // The authority makes the difference, and nothing else.
    public.add(house.authority.clone()).expect("a root");
    secure(house.tunnel("api.twilio.com:443").await, "api.twilio.com", client(public)).await.expect("a handshake");
}

#[tokio::test]
async fn another_name_in_the_handshake_than_in_the_tunnel_is_refused() {
    let house = House::usual().await;
    for (tunnel, name) in [
        ("api.twilio.com:443", "verify.twilio.com"),
        ("verify.twilio.com:443", "api.twilio.com"),
        ("api.twilio.com:443", "example.com"),
        ("api.twilio.com:443", "twilio.com"),
        // An address is not sent as a name, so there is none.
        ("api.twilio.com:443", "127.0.0.1"),
    ] {
        let refused = secure(house.tunnel(tunnel).await, name, client(house.roots())).await.expect_err(name);
        assert!(refused.to_string().contains("alert"), "{tunnel} {name}: {refused}");
    }
}

#[tokio::test]
async fn each_listed_host_has_a_certificate_of_its_own() {
    let house = House::usual().await;
    for host in wellsent_proxy::HOSTS {
        secure(house.tunnel(&format!("{}:443", host.name)).await, host.name, client(house.roots())).await.expect(host.name);
    }
}

fn offering(house: &House, protocols: &[&[u8]]) -> ClientConfig {
    let mut config = client(house.roots());
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    config
}

#[tokio::test]
async fn http_1_is_agreed_on_and_http_2_alone_is_refused() {
    let house = House::usual().await;
    let both = secure(house.tunnel("api.twilio.com:443").await, "api.twilio.com", offering(&house, &[b"h2", b"http/1.1"]))
        .await
        .expect("a handshake");
    assert_eq!(both.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    secure(house.tunnel("api.twilio.com:443").await, "api.twilio.com", offering(&house, &[b"h2"])).await.expect_err("refused");
}

#[tokio::test]
async fn an_older_client_with_tls_1_2_is_served() {
    let house = House::usual().await;
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS12])
        .expect("versions")
        .with_root_certificates(house.roots())
        .with_no_client_auth();
    let mut api = secure(house.tunnel("api.twilio.com:443").await, "api.twilio.com", config).await.expect("a handshake");
    api.write_all(GET.as_bytes()).await.expect("sent");
    assert!(answer(&mut api).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn plain_requests_inside_the_tunnel_are_cut() {
    let house = House::usual().await;
    let mut tunnel = house.tunnel("api.twilio.com:443").await;
    tunnel.write_all(GET.as_bytes()).await.expect("sent");
    let answer = soon(crate::house::rest(&mut tunnel)).await;
    assert!(!answer.contains("HTTP/1.1"), "{answer}");
    assert!(house.requests().is_empty());
}

#[tokio::test]
async fn a_client_that_does_not_wait_for_the_tunnel_is_served() {
    let house = House::usual().await;
    // The first bytes of TLS lie behind the CONNECT in the same packet: they must not be lost.
    let stream = tokio::net::TcpStream::connect(house.at).await.expect("a connection");
    let (mut client_side, inner) = tokio::io::duplex(64 * 1024);
    let relay = tokio::spawn(async move {
        let mut stream = stream;
        let mut hello = vec![0; 16 * 1024];
        let count = tokio::io::AsyncReadExt::read(&mut client_side, &mut hello).await.expect("a hello");
        let mut first = b"CONNECT api.twilio.com:443 HTTP/1.1\r\n\r\n".to_vec();
        first.extend_from_slice(&hello[..count]);
        stream.write_all(&first).await.expect("sent");
        let head = crate::house::head(&mut stream).await;
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        let _ = tokio::io::copy_bidirectional(&mut client_side, &mut stream).await;
    });
    let name = rustls::pki_types::ServerName::try_from("api.twilio.com").expect("a name");
    let mut api = soon(tokio_rustls::TlsConnector::from(Arc::new(client(house.roots()))).connect(name, inner)).await.expect("a handshake");
    api.write_all(GET.as_bytes()).await.expect("sent");
    assert!(answer(&mut api).await.starts_with("HTTP/1.1 200 "));
    relay.abort();
}
