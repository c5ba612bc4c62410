//! Calls to applications: form posts, signed as Twilio signs (TW-05), to hosts that the operator allowed and to nothing else.
//!
//! Whoever can name an address must not be able to reach this machine's neighbours through it. A name is looked up here, and an address that
//! belongs to a private network is not called, unless the operator allowed this machine itself by name. Redirects are not followed: their
//! target was not allowed, and a post loses its body on the way.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, ClientBuilder, Url, redirect};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// For finding and reaching the host (TW-07).
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);
/// For the whole call (TW-07).
const DEADLINE: Duration = Duration::from_secs(15);
/// The largest answer that is read; of longer ones nothing is.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// The longest address that is called.
const ADDRESS_BYTES_MAX: usize = 2_000;

/// Why an address is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    /// It is none, or holds a user, a password or an underscore in its host.
    #[error("is not a web address that can be called; write it like https://app.example.com/path")]
    Malformed,
    /// Plain HTTP to another machine.
    #[error("must begin with https:// unless it is on this machine")]
    NotEncrypted,
    /// Its host is not on the list.
    #[error("names a host that is not allowed for this application")]
    NotAllowed,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookReply {
    /// It was answered.
    Answered {
        /// The status.
        status: u16,
        /// The body, if it was whole and not too long.
        body: Option<Vec<u8>>,
    },
    /// The address may not be called.
    NotAllowed(AddressFault),
    /// Nobody answered in time, or the line broke.
    NoAnswer,
}

/// Calls applications.
#[derive(Debug, Default)]
pub struct WebhookClient {
    public: OnceLock<Option<Client>>,
    loopback: OnceLock<Option<Client>>,
}

impl WebhookClient {
    /// Posts a form to an address, once. `hosts` are the hosts that the operator allowed.
    pub async fn post(&self, address: &str, hosts: &[String], parameters: &[(String, String)], call: &CallHeaders<'_>) -> WebhookReply {
        let url = match allowed(address, hosts) {
            Ok(url) => url,
            Err(fault) => return WebhookReply::NotAllowed(fault),
        };
        let client = if is_this_machine(&url) { self.loopback.get_or_init(loopback) } else { self.public.get_or_init(public) };
        let Some(client) = client else {
            tracing::error!("no TLS client could be set up; check that this machine has root certificates");
            return WebhookReply::NoAnswer;
        };
        let request = client
            .post(url)
            .header("x-twilio-signature", sign(call.token, address, parameters))
            .header("i-twilio-idempotency-token", call.idempotency)
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .header("accept", "*/*")
            .body(form(parameters));
        let Ok(mut response) = request.send().await else { return WebhookReply::NoAnswer };
        let status = response.status().as_u16();
        let mut body = Vec::new();
        let whole = loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= ANSWER_BYTES_MAX => body.extend_from_slice(&chunk),
                Ok(None) => break true,
                Ok(Some(_)) | Err(_) => break false,
            }
        };
        WebhookReply::Answered { status, body: whole.then_some(body) }
    }
}

/// What a call bears besides its form.
#[derive(Clone, Copy)]
pub struct CallHeaders<'a> {
    /// The token that it is signed with.
    pub token: &'a str,
    /// What makes a repeated call the same call (TW-06).
    pub idempotency: &'a str,
}

impl std::fmt::Debug for CallHeaders<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallHeaders").field("idempotency", &self.idempotency).finish_non_exhaustive()
    }
}

fn base() -> ClientBuilder {
    // A second installation fails and leaves the first in place, which is the same provider.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Client::builder()
        .user_agent(concat!("wellsent/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .referer(false)
        .http1_only()
        .pool_max_idle_per_host(4)
        .pool_idle_timeout(Duration::from_secs(20))
        .connect_timeout(CONNECT_DEADLINE)
        .timeout(DEADLINE)
}

fn public() -> Option<Client> {
    base().https_only(true).dns_resolver(Arc::new(PublicAddresses)).build().ok()
}

fn loopback() -> Option<Client> {
    // Without an encrypted host no root certificates are needed, and a slim container has none.
    base().tls_certs_only(std::iter::empty()).build().ok()
}

/// Finds the addresses of a host and keeps those that are out on the net.
struct PublicAddresses;

impl Resolve for PublicAddresses {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err("the host has no public address".into());
            }
            let addresses: Addrs = Box::new(public.into_iter());
            Ok(addresses)
        })
    }
}

/// Whether an address may be called: its form, and its host on the list.
///
/// # Errors
/// Says what is wrong with it. What it resolves to is looked at when it is called.
pub fn check_address(address: &str, hosts: &[String]) -> Result<(), AddressFault> {
    allowed(address, hosts).map(drop)
}

/// A host as it stands on an application's list: lower case, with a port where that is not the usual one.
///
/// # Errors
/// When it is no host.
pub fn parse_host(text: &str) -> Result<String, AddressFault> {
    let url = Url::parse(&format!("https://{}/", text.trim())).map_err(|_| AddressFault::Malformed)?;
    let host = host(&url)?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(AddressFault::Malformed);
    }
    Ok(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

fn allowed(address: &str, hosts: &[String]) -> Result<Url, AddressFault> {
    if address.len() > ADDRESS_BYTES_MAX || !address.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(AddressFault::Malformed);
    }
    let url = Url::parse(address).map_err(|_| AddressFault::Malformed)?;
    let host = host(&url)?;
    match url.scheme() {
        "https" => {}
        "http" if is_this_machine(&url) => {}
        "http" => return Err(AddressFault::NotEncrypted),
        _ => return Err(AddressFault::Malformed),
    }
    let with_port = url.port().map(|port| format!("{host}:{port}"));
    let listed = |known: &String| match &with_port {
        Some(with_port) => known == with_port || (known == host && is_this_machine(&url)),
        None => known == host,
    };
    if !hosts.iter().any(listed) {
        return Err(AddressFault::NotAllowed);
    }
    // A name is judged when it is looked up; an address is judged here.
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    if literal.is_ok_and(|ip| !ip.is_loopback() && !is_public(ip)) {
        return Err(AddressFault::NotAllowed);
    }
    Ok(url)
}

fn host(url: &Url) -> Result<&str, AddressFault> {
    let host = url.host_str().filter(|host| !host.is_empty() && !host.contains('_')).ok_or(AddressFault::Malformed)?;
    let plain = url.username().is_empty() && url.password().is_none();
    plain.then_some(host).ok_or(AddressFault::Malformed)
}

/// Whether the address names this machine in so many words.
fn is_this_machine(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        host == "localhost" || host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    })
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b));
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let segments = ip.segments();
    if let Some(inside) = ip.to_ipv4_mapped() {
        return is_public_v4(inside);
    }
    match segments {
        // Carries an address of the older kind.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Only this block is given out; tunnels, documentation and benchmarks are cut out of it.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

/// The signature of a form post as Twilio makes it (TW-05): over the address without its fragment and every parameter, sorted by name and value.
pub fn sign(token: &str, address: &str, parameters: &[(String, String)]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(address.split('#').next().unwrap_or_default().as_bytes());
    let mut sorted: Vec<&(String, String)> = parameters.iter().collect();
    sorted.sort();
    sorted.dedup();
    // A name that has several values stands before each of them.
    for (name, value) in sorted {
        context.update(name.as_bytes());
        context.update(value.as_bytes());
    }
    STANDARD.encode(context.sign())
}

/// The body of a form post.
fn form(parameters: &[(String, String)]) -> String {
    let Ok(mut url) = Url::parse("https://form.invalid/") else { return String::new() };
    url.query_pairs_mut().extend_pairs(parameters);
    url.query().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn hosts(list: &[&str]) -> Vec<String> {
        list.iter().map(|host| (*host).to_owned()).collect()
    }

    #[test]
    fn the_published_example_has_the_published_signature() {
        let parameters = pairs(&[
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
        ]);
        let address = "https://mycompany.com/myapp.php?foo=1&bar=2";
        assert_eq!(sign("12345", address, &parameters), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
        assert_eq!(sign("12345", &format!("{address}#rc=3"), &parameters), "RSOYDt4T1cUTdK1PDd93/VVr8B8=", "the fragment is not signed");
        let mut other = parameters.clone();
        other[2].1.push('5');
        assert_ne!(sign("12345", address, &other), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
        assert_ne!(sign("12346", address, &parameters), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    }

    #[test]
    fn only_listed_hosts_are_called_and_others_only_by_tls() {
        let list = hosts(&["app.example.com", "odd.example.com:8443", "localhost"]);
        for good in
            ["https://app.example.com/sms?x=1", "https://APP.example.com/", "https://odd.example.com:8443/", "http://localhost:5000/a"]
        {
            assert_eq!(check_address(good, &list), Ok(()), "{good}");
        }
        for (bad, fault) in [
            ("http://app.example.com/", AddressFault::NotEncrypted),
            ("https://app.example.com:8443/", AddressFault::NotAllowed),
            ("https://app.example.com.evil.example/", AddressFault::NotAllowed),
            ("https://evil.example/?app.example.com", AddressFault::NotAllowed),
            ("https://app.example.com@evil.example/", AddressFault::Malformed),
            ("https://user:word@app.example.com/", AddressFault::Malformed),
            ("http://127.0.0.1:5000/", AddressFault::NotAllowed),
            ("http://169.254.169.254/latest", AddressFault::NotEncrypted),
            ("ftp://app.example.com/", AddressFault::Malformed),
            ("javascript:alert(1)", AddressFault::Malformed),
            ("https://app.example.com/ x", AddressFault::Malformed),
            ("", AddressFault::Malformed),
        ] {
            assert_eq!(check_address(bad, &list), Err(fault), "{bad}");
        }
        let private = hosts(&["169.254.169.254", "10.0.0.7", "[fd00::1]", "[::ffff:10.0.0.7]"]);
        for host in &private {
            assert_eq!(
                check_address(&format!("https://{host}/"), &private),
                Err(AddressFault::NotAllowed),
                "{host}, although it is listed"
            );
        }
    }

    #[test]
    fn addresses_that_lead_into_a_private_network_are_not_public() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.0.8",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:192.168.1.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
            "2001::1",
            "::7f00:1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "64:ff9b::808:808", "::ffff:8.8.8.8"] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }

    #[tokio::test]
    async fn a_listed_name_that_leads_to_this_machine_is_not_called() {
        // Looked up like any other name; only "localhost" itself names this machine in so many words.
        let found = PublicAddresses.resolve("localhost".parse().unwrap()).await;
        assert!(found.is_err());
    }

    #[test]
    fn a_host_on_a_list_is_only_a_host() {
        assert_eq!(parse_host(" App.Example.com "), Ok("app.example.com".to_owned()));
        assert_eq!(parse_host("127.0.0.1:5000"), Ok("127.0.0.1:5000".to_owned()));
        for wrong in ["", "https://app.example.com", "app.example.com/path", "a_b.example.com", "user@app.example.com", "a?b"] {
            assert!(parse_host(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_form_is_written_as_browsers_write_it() {
        assert_eq!(form(&pairs(&[("From", "+12125550123"), ("Body", "a b&c=é")])), "From=%2B12125550123&Body=a+b%26c%3D%C3%A9");
    }
}
