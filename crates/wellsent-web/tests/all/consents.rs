//! The report on consents over a real store.

use crate::site::{LOCAL, Site};
use axum::http::{StatusCode, header};
use jiff::SignedDuration;
use wellsent_domain::consent::{Category, Channel};
use wellsent_domain::staff::Role;
use wellsent_store::{consents, numbers};
use wellsent_testkit::house::{Backend, House, Patient, Plan, consent};

/// Three may get details; one of them takes consent back and comes tomorrow, and one stops texts.
async fn panel(backend: Backend) -> (Site, [Patient; 3]) {
    let house = House::build(Plan::on(backend)).await;
    let patients = [house.patient().await, house.patient().await, house.patient().await];
    let now = house.engine.now();
    let [_, unsure, stopped] = patients;
    house.visit(&unsure, now + SignedDuration::from_hours(25)).await;
    house
        .write(move |tx| {
            consents::revoke(tx, consent(unsure.person, unsure.contact, now), Category::Appointments)?;
            let key = numbers::key(tx, stopped.number);
            numbers::suppress(tx, key, Channel::Text, None, now).map(drop)
        })
        .await;
    (Site::of(house, LOCAL, true), patients)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_counts_everybody_once_and_lists_who_lacks_consent_on_both_databases() {
    for backend in Backend::all() {
        let (site, [ready, unsure, stopped]) = panel(backend).await;
        let jar = site.sign_in().await;
        let page = site.get("/consents", &jar).await;
        assert_eq!(page.status, StatusCode::OK, "{backend:?}");
        for words in ["3 active patients", "No consent yet: 1", "Visit this week", "tomorrow at", "On the way to details"] {
            assert!(page.body.contains(words), "{words} on {backend:?}");
        }
        let shows = |body: &str, patient: &Patient| body.contains(&format!("/people/{}", patient.person));
        assert_eq!([ready, unsure, stopped].map(|patient| shows(&page.body, &patient)), [false, true, false]);
        for (show, expected) in [("details", [true, false, false]), ("stopped", [false, false, true]), ("recheck", [false; 3])] {
            let page = site.get(&format!("/consents?show={show}"), &jar).await;
            assert_eq!([ready, unsure, stopped].map(|patient| shows(&page.body, &patient)), expected, "{show} on {backend:?}");
        }
        assert!(site.get("/consents?category=care", &jar).await.body.contains("No consent yet: 2"));
        for odd in ["/consents?show=x&category=marketing&days=-1", "/consents?page=99999999"] {
            assert_eq!(site.get(odd, &jar).await.status, StatusCode::OK, "{odd}");
        }
        assert_eq!(site.get("/consents?page=-1", &jar).await.status, StatusCode::BAD_REQUEST);
        let reads: Vec<_> = site.ledger().await.into_iter().filter(|entry| entry.contains("\"what\":\"consents\"")).collect();
        assert!(reads[0].contains("\"kind\":\"read\"") && reads[0].contains("\"show\":\"no_consent\"") && reads[0].contains("\"count\":1"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_manager_exports_and_the_export_is_on_the_ledger_and_names_nobody() {
    for backend in Backend::all() {
        let (site, [ready, ..]) = panel(backend).await;
        assert_eq!(site.get("/consents/export", "").await.status, StatusCode::SEE_OTHER);
        for role in [Role::FrontDesk, Role::Clinician] {
            let jar = site.sign_in_as(role).await;
            assert_eq!(site.get("/consents/export", &jar).await.status, StatusCode::FORBIDDEN, "{role:?}");
            assert!(!site.get("/consents", &jar).await.body.contains("/consents/export"));
        }
        assert!(!site.ledger().await.iter().any(|entry| entry.contains("\"kind\":\"export\"")));
        let jar = site.sign_in_as(Role::Manager).await;
        assert!(site.get("/consents", &jar).await.body.contains("/consents/export?category=appointments"));
        let file = site.get("/consents/export?category=appointments", &jar).await;
        assert_eq!(file.status, StatusCode::OK);
        assert!(
            file.headers[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment; filename=\"consents-appointments-2027-")
        );
        let lines: Vec<_> = file.body.lines().collect();
        assert_eq!((lines.len(), lines[0]), (4, "record_number,standing,meaning,language,next_visit"));
        for standing in ["details", "no_consent", "stopped"] {
            assert_eq!(lines.iter().filter(|line| line.split(',').nth(1) == Some(standing)).count(), 1, "{standing}");
        }
        let number = ready.number.national();
        for held in ["Rivera", "Ana", &number, &number.replace('-', "")] {
            assert!(!file.body.contains(held), "{held}");
        }
        let entries = site.ledger().await;
        let export = entries.iter().find(|entry| entry.contains("\"kind\":\"export\"")).expect("an entry");
        assert!(
            export.contains("\"what\":\"consents\"") && export.contains("\"count\":3") && export.contains("\"actor\":\"stf_"),
            "{export}"
        );
    }
}
