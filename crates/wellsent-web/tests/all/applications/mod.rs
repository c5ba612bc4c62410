//! Applications over the API: what they may do, what they are told, and what stays shut.

mod callbacks;
mod create;
mod door;
mod read;
mod schedule;
mod secrecy;

use crate::site::{Answer, Site};
use axum::body::Body;
use axum::http::{Method, Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use wellsent_domain::consent::Category;
use wellsent_domain::message::Purpose;
use wellsent_domain::{ApplicationId, Phi, SenderId};
use wellsent_store::applications::{self, NewApplication};
use wellsent_testkit::house::House;

/// An application and its credentials.
#[derive(Debug, Clone)]
pub struct Client {
    pub id: ApplicationId,
    pub sid: String,
    pub service: String,
    pub name: String,
    pub secret: String,
}

/// What an application is given.
#[derive(Debug, Clone, Default)]
pub struct Grant {
    pub hosts: Vec<String>,
    pub inbound_url: Option<String>,
    pub status_url: Option<String>,
    pub senders: Vec<SenderId>,
    pub requests_per_minute: Option<i64>,
}

impl Client {
    /// Adds an application with the house's sender.
    pub async fn plain(house: &House) -> Self {
        Self::with(house, Grant::default()).await
    }

    pub async fn with(house: &House, grant: Grant) -> Self {
        let (now, sid, service, token) =
            (house.engine.now(), wellsent_engine::account_sid(), wellsent_engine::service_sid(), wellsent_engine::token());
        let new = NewApplication {
            name: "Portal".into(),
            account_sid: sid.clone(),
            service_sid: service.clone(),
            token: Phi::new(token.clone()),
            category: Category::Appointments,
            purpose: Purpose::Treatment,
            hosts: grant.hosts,
            inbound_url: grant.inbound_url,
            status_url: grant.status_url,
            senders: if grant.senders.is_empty() { vec![house.sender] } else { grant.senders },
            requests_per_minute: grant.requests_per_minute.unwrap_or(600),
        };
        let id = house.write(move |tx| applications::add(tx, &new, now)).await;
        Self { id, name: sid.clone(), sid, service, secret: token }
    }

    fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.name, self.secret)))
    }

    fn path(&self, rest: &str) -> String {
        format!("/2010-04-01/Accounts/{}{rest}", self.sid)
    }

    pub async fn ask(&self, site: &Site, method: Method, path: &str, form: &[(&str, &str)], key: Option<&str>) -> Json {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, self.basic())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let body: String = form.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect::<Vec<_>>().join("&");
        Json::of(site.ask(request.body(Body::from(body)).unwrap()).await)
    }

    pub async fn get(&self, site: &Site, rest: &str) -> Json {
        self.ask(site, Method::GET, &self.path(rest), &[], None).await
    }

    pub async fn post(&self, site: &Site, rest: &str, form: &[(&str, &str)]) -> Json {
        self.ask(site, Method::POST, &self.path(rest), form, None).await
    }

    /// Asks for a text from the house's sender.
    pub async fn send(&self, site: &Site, to: &str, body: &str) -> Json {
        self.post(site, "/Messages.json", &[("To", to), ("From", FROM), ("Body", body)]).await
    }

    /// How a text stands.
    pub async fn look(&self, site: &Site, sid: &str) -> Value {
        let answer = self.get(site, &format!("/Messages/{sid}.json")).await;
        assert_eq!(answer.status, 200, "{:?}", answer.value);
        answer.value
    }
}

/// The sender of a house.
pub const FROM: &str = "+12125550199";

/// An answer in JSON.
#[derive(Debug)]
pub struct Json {
    pub status: u16,
    pub headers: axum::http::HeaderMap,
    pub value: Value,
}

impl Json {
    fn of(answer: Answer) -> Self {
        let value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
        Self { status: answer.status.as_u16(), headers: answer.headers, value }
    }

    pub fn sid(&self) -> String {
        assert_eq!(self.status, 201, "{:?}", self.value);
        self.value["sid"].as_str().expect("a sid").to_owned()
    }

    pub fn code(&self) -> (u16, i64) {
        (self.status, self.value["code"].as_i64().unwrap_or_default())
    }

    pub fn reasons(&self) -> Vec<&str> {
        self.value["wellsent"]["reasons"].as_array().into_iter().flatten().filter_map(|reason| reason["code"].as_str()).collect()
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
