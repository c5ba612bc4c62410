//! Who comes to a patient's page: from where, in which language, and with which opened page.

use crate::App;
use crate::access::{cookie, set_cookie};
use axum::extract::{ConnectInfo, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use wellsent_domain::Language;
use wellsent_domain::secure_page::SESSION_LIFE;

/// The address of the other end of a connection. Whoever accepts connections puts it on each request.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// Where a visitor comes from. Behind a proxy on this machine, it is what the proxy says; a header of anybody else's is not believed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct From(pub IpAddr);

impl FromRequestParts<App> for From {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0);
        Ok(Self(origin(peer, &parts.headers)))
    }
}

/// Takes the address of the other end from a listener that tells it in axum's own way: wrong credentials are counted by address.
pub(crate) async fn connected_from(mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        request.extensions_mut().insert(Peer(peer.ip().to_canonical()));
    }
    next.run(request).await
}

/// The secret of a link. One that is no text leads nowhere, as any wrong one does.
pub(crate) struct Link(pub String);

impl FromRequestParts<App> for Link {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self(Path::from_request_parts(parts, app).await.map(|Path(link)| link).unwrap_or_default()))
    }
}

fn origin(peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    if !peer.is_loopback() {
        return peer;
    }
    let told = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    told.and_then(|list| list.rsplit(',').next()).and_then(|last| last.trim().parse().ok()).unwrap_or(peer)
}

/// The language of a page: the one chosen, or else the first of ours that the browser asks for.
pub(crate) fn language(chosen: Option<&str>, headers: &HeaderMap) -> Option<Language> {
    if let Some(chosen) = chosen.and_then(Language::parse) {
        return Some(chosen);
    }
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok())?;
    accepted.split(',').find_map(|range| Language::parse(range.split(';').next()?.trim()))
}

/// The opened pages that a browser can have: of a link, and of the check-in screen.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Opened {
    Link,
    CheckIn,
}

impl Opened {
    fn cookie_name(self, app: &App) -> &'static str {
        match (self, app.is_tls()) {
            (Self::Link, true) => "__Host-wellsent-page",
            (Self::Link, false) => "wellsent-page",
            (Self::CheckIn, true) => "__Host-wellsent-check-in",
            (Self::CheckIn, false) => "wellsent-check-in",
        }
    }

    /// The secret that a browser sends.
    pub(crate) fn secret<'a>(self, app: &App, headers: &'a HeaderMap) -> Option<&'a str> {
        cookie(headers, self.cookie_name(app))
    }

    /// The cookie that opens a page, or closes it where there is no secret.
    pub(crate) fn cookie(self, app: &App, secret: Option<&str>) -> HeaderValue {
        let age = if secret.is_some() { SESSION_LIFE.as_secs() } else { 0 };
        set_cookie(app, self.cookie_name(app), secret.unwrap_or_default(), age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::HeaderName::from_static(name), HeaderValue::from_static(value))])
    }

    #[test]
    fn only_a_proxy_on_this_machine_is_believed_and_only_its_own_word() {
        let proxy = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let told = headers("x-forwarded-for", "192.0.2.9, 198.51.100.7");
        assert_eq!(origin(proxy, &told), IpAddr::from([198, 51, 100, 7]));
        assert_eq!(origin(IpAddr::from([203, 0, 113, 5]), &told), IpAddr::from([203, 0, 113, 5]));
        assert_eq!(origin(proxy, &headers("x-forwarded-for", "nonsense")), proxy);
    }

    #[test]
    fn the_language_is_the_one_chosen_or_the_browsers() {
        assert_eq!(language(Some("es"), &headers("accept-language", "en-US")), Some(Language::Es));
        assert_eq!(language(None, &headers("accept-language", "fr, es-MX;q=0.8, en;q=0.5")), Some(Language::Es));
        assert_eq!(language(Some("xx"), &HeaderMap::new()), None);
    }
}
