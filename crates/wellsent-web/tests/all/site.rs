//! A house with its web routes, and a browser that needs no socket.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use jiff::SignedDuration;
use std::sync::Arc;
use tokio::sync::watch;
use tower::ServiceExt;
use wellsent_domain::StaffId;
use wellsent_domain::staff::Role;
use wellsent_store::{StoreError, SystemTx, ledger, sessions};
use wellsent_testkit::house::{Backend, House, Plan};
use wellsent_web::{App, router};

/// The address of a site in production.
pub const TLS: &str = "https://texts.example.com";
/// The address of a site on one's own machine.
pub const LOCAL: &str = "http://127.0.0.1:8080";

/// A house with its routes.
pub struct Site {
    pub house: House,
    pub router: Router,
    pub stop: watch::Sender<bool>,
}

/// An answer with its body.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The cookies that it sets, whole lines.
    pub fn cookies(&self) -> Vec<&str> {
        self.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok()).collect()
    }

    /// The cookies as a browser sends them back.
    pub fn jar(&self) -> String {
        self.cookies().iter().filter_map(|line| line.split(';').next()).collect::<Vec<_>>().join("; ")
    }
}

impl Site {
    pub async fn on(backend: Backend, public_url: &str, demo: bool) -> Self {
        let house = House::build(Plan::on(backend)).await;
        Self::of(house, public_url, demo)
    }

    pub fn of(house: House, public_url: &str, demo: bool) -> Self {
        let (stop, shutdown) = watch::channel(false);
        let router = router(App { engine: house.engine.clone(), public_url: Arc::from(public_url), demo, shutdown });
        Self { house, router, stop }
    }

    pub async fn local() -> Self {
        Self::on(Backend::Sqlite, LOCAL, true).await
    }

    /// A member of staff with a one-time link.
    pub async fn link(&self, secret: &'static str) -> StaffId {
        let now = self.house.engine.now();
        self.house
            .write(move |tx| {
                let staff = sessions::add_staff(tx, "Dana Whitfield", wellsent_domain::staff::Role::FrontDesk, now)?;
                sessions::add_link(tx, staff, secret, now + SignedDuration::from_mins(15), now)?;
                Ok(staff)
            })
            .await
    }

    /// Signs somebody of this role in; the cookie that a browser sends.
    pub async fn sign_in_as(&self, role: Role) -> String {
        let (now, secret) = (self.house.engine.now(), format!("a-link-for-a-{}", role.as_str()));
        let kept = secret.clone();
        self.house
            .write(move |tx| {
                let staff = sessions::add_staff(tx, "Priya Raman", role, now)?;
                sessions::add_link(tx, staff, &kept, now + SignedDuration::from_mins(15), now)
            })
            .await;
        let answer = self.post("/sign-in", &format!("token={secret}"), "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        answer.jar()
    }

    /// Signs somebody in; the cookie that a browser sends.
    pub async fn sign_in(&self) -> String {
        self.link("a-link-of-the-tests").await;
        let answer = self.post("/sign-in", "token=a-link-of-the-tests", "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        answer.jar()
    }

    /// Sends a form with a file, as a browser does.
    pub async fn upload(&self, path: &str, fields: &[(&str, &str)], file: Option<&[u8]>, cookie: &str) -> Answer {
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
        let head = "--x\r\ncontent-disposition: form-data; name=\"scan\"; filename=\"form.bin\"\r\n\r\n";
        body.extend(head.bytes().chain(file.unwrap_or_default().iter().copied()).chain(*b"\r\n--x--\r\n"));
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
            .header("sec-fetch-site", "same-origin");
        self.ask(request.body(Body::from(body)).unwrap()).await
    }

    pub async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("the router answers");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 8 << 20).await.expect("a body");
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).expect("text") }
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask(Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, form: &str, cookie: &str) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.ask(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Searches for people as the form does; the page that it leads to.
    pub async fn search(&self, words: &str, cookie: &str) -> Answer {
        let led = self.post("/people", &format!("q={words}"), cookie).await;
        assert_eq!(led.status, StatusCode::SEE_OTHER);
        self.get(led.location(), cookie).await
    }

    /// Every entry of the ledger, one line each.
    pub async fn ledger(&self) -> Vec<String> {
        let read = |tx: &mut SystemTx<'_, '_>| -> Result<_, StoreError> {
            ledger::sequence(tx, 10_000)?;
            ledger::entries(tx, 0, 10_000)
        };
        let placed = self.house.engine.store().system(read).await.expect("the ledger reads");
        placed.into_iter().map(|placed| String::from_utf8(placed.entry).expect("text")).collect()
    }
}
