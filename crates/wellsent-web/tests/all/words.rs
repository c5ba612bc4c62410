//! What staff write.

use crate::site::Site;
use axum::http::{StatusCode, header};

#[tokio::test(flavor = "multi_thread")]
async fn a_text_about_health_is_read_a_second_time_before_it_goes() {
    let site = Site::local().await;
    let jar = site.sign_in().await;
    let patient = site.house.patient().await;
    let path = format!("/people/{}/reply", patient.person);
    for back in [format!("/people/{}", patient.person), format!("/inbox/{}", patient.contact)] {
        let risky = format!("contact_point={}&back={back}&body=Your+HIV+test+was+positive", patient.contact);
        let asked = site.post(&path, &risky, &jar).await;
        assert_eq!(asked.status, StatusCode::OK);
        assert!(asked.body.contains("Your HIV test was positive"), "the draft is kept");
        assert!(asked.body.contains("Nothing was sent yet.") && asked.body.contains("<mark "), "what was found is marked");
        assert!(!asked.headers.contains_key(header::LOCATION) && asked.cookies().is_empty(), "no draft in an address or a cookie");
    }
    site.house.settle().await;
    assert!(site.house.got(&patient.number).is_empty(), "nothing went");

    let back = format!("/people/{}", patient.person);
    let plain = format!("contact_point={}&back={back}&body=Please+come+at+3+PM.", patient.contact);
    let queued = site.post(&path, &plain, &jar).await;
    assert_eq!((queued.status, queued.location()), (StatusCode::SEE_OTHER, back.as_str()));
    let page = site.get(&back, &format!("{jar}; {}", queued.jar())).await;
    assert!(page.body.contains("on its way to the gate"));
    assert!(page.cookies().iter().any(|line| line.starts_with("wellsent-flash=;")), "it is said once");
    site.house.settle().await;
    assert_eq!(site.house.got(&patient.number), ["Please come at 3 PM."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_text_is_not_sent() {
    let site = Site::local().await;
    let jar = site.sign_in().await;
    let patient = site.house.patient().await;
    let form = format!("contact_point={}&back=/people&body=+++", patient.contact);
    let answer = site.post(&format!("/people/{}/reply", patient.person), &form, &jar).await;
    assert_eq!(answer.location(), "/people");
    assert!(answer.jar().contains("bad-text"));
}
