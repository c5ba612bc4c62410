//! What a patient sees while a carrier's verification service makes the codes (TW-20): a guess that could not be checked costs nothing, and
//! the door of a link still tells nothing.

use crate::secure_pages::{by, generous, link_on, read};
use crate::site::{LOCAL, Site};
use axum::http::StatusCode;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use wellsent_carrier::{Checked, Started, VerifyError, VerifyService};
use wellsent_domain::consent::Channel;
use wellsent_domain::staff::Role;
use wellsent_domain::{Phi, PhoneNumber};
use wellsent_testkit::house::{Backend, House, Plan};

/// A service that is away or takes one code for right.
#[derive(Default)]
struct Service {
    away: AtomicBool,
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, VerifyError>> + Send + 'a>>;

impl VerifyService for Service {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn start<'a>(&'a self, _: Phi<PhoneNumber>) -> Answer<'a, Started> {
        Box::pin(std::future::ready(Ok(Started::Sent)))
    }

    fn check<'a>(&'a self, _: Phi<PhoneNumber>, code: &'a str) -> Answer<'a, Checked> {
        let said = if code == "314159" { Checked::Approved } else { Checked::Wrong };
        Box::pin(std::future::ready(if self.away.load(Ordering::Relaxed) { Err(VerifyError::Unavailable) } else { Ok(said) }))
    }
}

async fn sites(service: &Arc<Service>) -> Vec<Site> {
    let mut sites = Vec::new();
    for backend in Backend::all() {
        let verify = Some(Arc::clone(service) as Arc<dyn VerifyService>);
        let house = House::build(Plan { settings: generous(), verify, ..Plan::on(backend) }).await;
        sites.push(Site::of(house, LOCAL, true));
    }
    sites
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_service_is_away_a_good_link_looks_like_a_guessed_one_and_costs_no_try() {
    let service = Arc::new(Service::default());
    for site in sites(&service).await {
        let ana = site.house.patient().await;
        site.house.engine.send_page(site.house.access(), by(), ana.contact, Phi::new("It grew nothing.".to_owned())).await.unwrap();
        site.house.settle().await;
        let path = link_on(&site, &ana.number);
        site.post(&path, "step=send_code&lang=en", "").await;
        site.house.settle().await;
        service.away.store(true, Ordering::Relaxed);
        let form = "step=code&lang=en&code=314159";
        let guessed = read(&site.post("/s/AAAAAAAAAAAAAAAAAAAAAA", form, "").await);
        for _ in 0..8 {
            assert_eq!(read(&site.post(&path, form, "").await), guessed);
        }
        service.away.store(false, Ordering::Relaxed);
        assert_eq!(read(&site.post(&path, "step=code&lang=en&code=271828", "").await), guessed);
        assert_eq!(site.post(&path, form, "").await.status, StatusCode::SEE_OTHER, "it opens");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_is_told_that_a_code_could_not_be_checked_and_may_try_it_again() {
    let service = Arc::new(Service::default());
    for site in sites(&service).await {
        let ana = site.house.patient().await;
        let jar = site.sign_in_as(Role::FrontDesk).await;
        site.house.engine.send_code(site.house.access(), ana.contact, Channel::Spoken, None).await.unwrap().expect("a code");
        site.house.settle().await;
        let path = format!("/people/{}/numbers/{}/code/try", ana.person, ana.contact);
        for (away, note) in [(true, "code-unchecked"), (false, "code-passed")] {
            service.away.store(away, Ordering::Relaxed);
            let answer = site.post(&path, "code=314159", &jar).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER);
            assert!(answer.cookies().iter().any(|cookie| cookie.contains(note)) || answer.location().contains(note), "{note}");
        }
    }
}
