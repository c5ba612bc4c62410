//! Texts for later: the gate looks again when their time comes (TW-16).

use super::{Client, FROM};
use crate::site::{LOCAL, Site};
use jiff::SignedDuration;
use wellsent_testkit::house::{Backend, Patient};

async fn scheduled(site: &Site, client: &Client, patient: &Patient) -> super::Json {
    let (to, at) = (patient.number.to_e164(), (site.house.engine.now() + SignedDuration::from_mins(30)).to_string());
    let form = [("To", to.as_str()), ("From", FROM), ("Body", "See you soon."), ("ScheduleType", "fixed"), ("SendAt", at.as_str())];
    client.post(site, "/Messages.json", &form).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_text_goes_at_its_time_and_an_opt_out_before_that_stops_it() {
    for backend in Backend::all() {
        let site = Site::on(backend, LOCAL, true).await;
        let (client, one, two, three) =
            (Client::plain(&site.house).await, site.house.patient().await, site.house.patient().await, site.house.patient().await);
        let (goes, stopped, taken_back) =
            (scheduled(&site, &client, &one).await, scheduled(&site, &client, &two).await, scheduled(&site, &client, &three).await);
        assert_eq!(goes.value["status"], "scheduled");
        site.house.settle().await;
        assert!(site.house.got(&one.number).is_empty(), "not before its time");
        let path = format!("/Messages/{}.json", taken_back.sid());
        let canceled = client.post(&site, &path, &[("Status", "canceled")]).await;
        assert_eq!((canceled.status, &canceled.value["status"]), (200, &"canceled".into()));
        assert_eq!(client.post(&site, &path, &[("Status", "canceled")]).await.code(), (400, 30409));
        site.house.says(&two.number, "please stop texting me").await;
        let before = site.house.got(&two.number).len();
        site.house.wait_until(site.house.engine.now() + SignedDuration::from_mins(31));
        site.house.settle().await;
        assert_eq!(site.house.got(&one.number), ["See you soon."]);
        assert_eq!((site.house.got(&two.number).len(), site.house.got(&three.number).len()), (before, 0));
        assert_eq!(client.look(&site, &goes.sid()).await["status"], "delivered");
        let seen = client.look(&site, &stopped.sid()).await;
        assert_eq!((&seen["status"], &seen["error_code"]), (&"failed".into(), &21610.into()));
        assert_eq!(seen["wellsent"]["reasons"][0]["code"], "suppressed");
        assert_eq!(client.post(&site, &format!("/Messages/{}.json", goes.sid()), &[("Status", "canceled")]).await.code(), (400, 30409));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_of_the_night_is_taken_and_goes_in_the_morning() {
    let site = Site::local().await;
    let (client, patient) = (Client::plain(&site.house).await, site.house.patient().await);
    // Ten in the evening in New York.
    site.house.wait_until("2027-03-02T03:00:00Z".parse().unwrap());
    let held = client.send(&site, &patient.number.to_e164(), "Please bring your insurance card.").await;
    assert_eq!((held.status, &held.value["status"]), (201, &"accepted".into()));
    assert_eq!((held.reasons(), &held.value["wellsent"]["until"]), (vec!["outside_hours"], &"2027-03-02T13:00:00Z".into()));
    let short = [("To", &*patient.number.to_e164()), ("From", FROM), ("Body", "In ten minutes."), ("ValidityPeriod", "600")];
    let refused = client.post(&site, "/Messages.json", &short).await;
    assert_eq!(refused.code(), (400, 70004), "it would be of no use any more by the time it may go");
    site.house.settle().await;
    assert!(site.house.got(&patient.number).is_empty());
    site.house.wait_until("2027-03-02T13:01:00Z".parse().unwrap());
    site.house.settle().await;
    assert_eq!(site.house.got(&patient.number), ["Please bring your insurance card."]);
    assert_eq!(client.look(&site, &held.sid()).await["status"], "delivered");
}
