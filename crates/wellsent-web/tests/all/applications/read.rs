//! Lists, single texts, and what an application may change about them.

use super::{Client, FROM};
use crate::site::{LOCAL, Site};
use axum::http::Method;
use jiff::SignedDuration;
use wellsent_testkit::house::Backend;

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_paged_and_filtered_and_its_addresses_hold_no_number() {
    for backend in Backend::all() {
        let site = Site::on(backend, LOCAL, true).await;
        let (client, one, two) = (Client::plain(&site.house).await, site.house.patient().await, site.house.patient().await);
        for n in 0..5 {
            let to = if n % 2 == 0 { one.number } else { two.number };
            client.send(&site, &to.to_e164(), &format!("Text number {n}.")).await.sid();
            site.house.settle().await;
            site.house.wait_until(site.house.engine.now() + SignedDuration::from_hours(24));
        }
        site.house.says(&two.number, "thanks!").await;
        let bodies = |value: &serde_json::Value| -> Vec<String> {
            value["messages"].as_array().unwrap().iter().map(|text| text["body"].as_str().unwrap().to_owned()).collect()
        };
        let mut seen = Vec::new();
        let mut next = Some(client.path("/Messages.json?PageSize=2"));
        let mut pages = 0;
        while let Some(path) = next {
            let page = client.ask(&site, Method::GET, &path, &[], None).await;
            assert_eq!((page.status, &page.value["page"], &page.value["page_size"]), (200, &pages.into(), &2.into()));
            seen.extend(bodies(&page.value));
            next = page.value["next_page_uri"].as_str().map(str::to_owned);
            pages += 1;
        }
        assert_eq!(pages, 3);
        let all = ["thanks!", "Text number 4.", "Text number 3.", "Text number 2.", "Text number 1.", "Text number 0."];
        assert_eq!(seen, all, "{backend:?}: the newest first, each once");

        let list = async |question: &str| {
            let page = client.get(&site, &format!("/Messages.json?{question}")).await;
            assert_eq!(page.status, 200, "{question} {:?}", page.value);
            for uri in ["uri", "first_page_uri", "next_page_uri"] {
                let uri = page.value[uri].as_str().unwrap_or_default();
                assert!(!uri.contains("555"), "{uri}");
            }
            bodies(&page.value)
        };
        let (one, two) = (one.number.to_e164().replace('+', "%2B"), two.number.to_e164().replace('+', "%2B"));
        let from = FROM.replace('+', "%2B");
        assert_eq!(list(&format!("To={one}&PageSize=1")).await, ["Text number 4."]);
        assert_eq!(list(&format!("To={one}")).await, ["Text number 4.", "Text number 2.", "Text number 0."]);
        assert_eq!(list(&format!("From={two}")).await, ["thanks!"]);
        assert_eq!(list(&format!("To={from}")).await, ["thanks!"]);
        assert_eq!(list(&format!("To={two}&From={from}")).await, ["Text number 3.", "Text number 1."]);
        assert_eq!(list(&format!("To={one}&From={two}")).await, Vec::<String>::new());
        assert_eq!(list("To=nonsense").await, Vec::<String>::new());
        assert_eq!(list("DateSent=2027-03-02").await, ["Text number 1."]);
        assert_eq!(list("DateSent%3E=2027-03-05&PageSize=9").await, ["thanks!", "Text number 4."]);
        assert_eq!(list("DateSent%3C=2027-03-02T18:00:00Z").await, ["Text number 1.", "Text number 0."]);
        // The second page goes on with the question of the first.
        let first = client.get(&site, &format!("/Messages.json?To={one}&PageSize=2")).await;
        let path = first.value["next_page_uri"].as_str().unwrap().to_owned();
        assert_eq!(bodies(&client.ask(&site, Method::GET, &path, &[], None).await.value), ["Text number 0."]);
        for wrong in ["PageToken=nonsense", "PageSize=many", "DateSent=yesterday"] {
            assert_eq!(client.get(&site, &format!("/Messages.json?{wrong}")).await.code(), (400, 20001), "{wrong}");
        }
        let reads = site.ledger().await.iter().filter(|entry| entry.contains(r#""what":"application_texts""#)).count();
        assert!(reads >= 10, "every look is on the ledger: {reads}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_forgotten_or_deleted_once_it_has_left_and_the_ledger_stays() {
    for backend in Backend::all() {
        let site = Site::on(backend, LOCAL, true).await;
        let (client, patient) = (Client::plain(&site.house).await, site.house.patient().await);
        let sid = client.send(&site, &patient.number.to_e164(), "Please bring your card.").await.sid();
        let path = client.path(&format!("/Messages/{sid}.json"));
        assert_eq!(client.ask(&site, Method::DELETE, &path, &[], None).await.code(), (409, 20009), "it would leave unseen");
        assert_eq!(client.post(&site, &format!("/Messages/{sid}.json"), &[("Body", "")]).await.code(), (409, 20009));
        site.house.settle().await;
        let before = site.ledger().await.len();
        assert_eq!(client.post(&site, &format!("/Messages/{sid}.json"), &[("Body", "other words")]).await.code(), (400, 20001));
        assert_eq!(
            client.post(&site, &format!("/Messages/{sid}.json"), &[("Body", ""), ("Status", "canceled")]).await.code(),
            (400, 30400)
        );
        let redacted = client.post(&site, &format!("/Messages/{sid}.json"), &[("Body", "")]).await;
        assert_eq!((redacted.status, &redacted.value["body"], &redacted.value["status"]), (200, &"".into(), &"delivered".into()));
        let id = wellsent_domain::MessageId::from_bytes(wellsent_engine::text_of_sid(&sid).unwrap());
        let stored = site.house.write(move |tx| wellsent_store::messages::get(tx, id)).await;
        assert!(stored.body.is_none() && stored.text.is_none(), "our own copy is gone");
        assert_eq!(client.get(&site, &format!("/Messages/{sid}/Media.json")).await.value["media_list"].as_array().unwrap().len(), 0);
        let gone = client.ask(&site, Method::DELETE, &path, &[], None).await;
        assert_eq!(gone.status, 204);
        assert_eq!(client.get(&site, &format!("/Messages/{sid}.json")).await.code(), (404, 20404));
        assert_eq!(client.ask(&site, Method::DELETE, &path, &[], None).await.code(), (404, 20404));
        assert!(client.get(&site, "/Messages.json").await.value["messages"].as_array().unwrap().is_empty());
        let ledger = site.ledger().await;
        assert!(ledger.len() > before && ledger.iter().any(|entry| entry.contains("application_text_deleted")));
        assert_eq!(site.house.write(move |tx| wellsent_store::messages::get(tx, id)).await.id, id, "the practice keeps the message");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_patient_wrote_stays_with_the_practice_when_an_application_forgets_it() {
    let site = Site::local().await;
    let (client, patient) = (Client::plain(&site.house).await, site.house.patient().await);
    site.house.says(&patient.number, "Can I bring my daughter?").await;
    let listed = client.get(&site, "/Messages.json").await;
    let text = &listed.value["messages"][0];
    assert_eq!((&text["direction"], &text["status"], &text["to"]), (&"inbound".into(), &"received".into(), &FROM.into()));
    assert_eq!(text["from"], patient.number.to_e164());
    let sid = text["sid"].as_str().unwrap().to_owned();
    let redacted = client.post(&site, &format!("/Messages/{sid}.json"), &[("Body", "")]).await;
    assert_eq!((redacted.status, &redacted.value["body"]), (200, &"".into()));
    let id = wellsent_domain::InboundId::from_bytes(wellsent_engine::text_of_sid(&sid).unwrap());
    let kept = site.house.write(move |tx| wellsent_store::inbound::get(tx, id)).await;
    assert_eq!(kept.1.expose(), "Can I bring my daughter?");
}
