//! Who comes in.

use super::{Client, FROM, Grant};
use crate::site::{LOCAL, Site};
use axum::body::Body;
use axum::http::{Method, Request, header};
use jiff::SignedDuration;
use wellsent_domain::Phi;
use wellsent_domain::practice::Settings;
use wellsent_store::applications;
use wellsent_store::practices::NewPractice;
use wellsent_testkit::house::Backend;

#[tokio::test(flavor = "multi_thread")]
async fn the_account_and_its_keys_open_the_door_and_nothing_else_does() {
    for backend in Backend::all() {
        let site = Site::on(backend, LOCAL, true).await;
        let (client, now) = (Client::plain(&site.house).await, site.house.engine.now());
        assert_eq!(client.get(&site, "/Messages.json").await.status, 200);
        let (name, secret) = (wellsent_engine::key_sid(), wellsent_engine::token());
        let (kept, kept_secret, id) = (name.clone(), Phi::new(secret.clone()), client.id);
        site.house.write(move |tx| applications::add_key(tx, id, &kept, &kept_secret, now)).await;
        let key = Client { name: name.clone(), secret, ..client.clone() };
        let account = key.get(&site, ".json").await;
        assert_eq!((account.status, account.value["sid"].as_str()), (200, Some(client.sid.as_str())));
        assert!(account.value.get("auth_token").is_none());

        let other = Client::plain(&site.house).await;
        for (name, secret) in [
            (client.name.clone(), String::new()),
            (client.name.clone(), key.secret.clone()),
            (client.name.clone(), other.secret.clone()),
            (name.clone(), client.secret.clone()),
            ("AC00000000000000000000000000000000".into(), client.secret.clone()),
            (String::new(), String::new()),
        ] {
            let stranger = Client { name, secret, ..client.clone() };
            let answer = stranger.get(&site, "/Messages.json").await;
            assert_eq!(answer.code(), (401, 20003));
            assert!(answer.headers.contains_key(header::WWW_AUTHENTICATE));
        }
        let long = format!("Basic {}", "QQ==".repeat(500));
        for header in ["", "Basic", "Basic !!!", "Basic QQ==", "Basic /////w==", "Bearer abc", &*long] {
            let request = Request::get(client.path("/Messages.json")).header(header::AUTHORIZATION, header).body(Body::empty()).unwrap();
            assert_eq!(site.ask(request).await.status, 401, "{header}");
        }
        let bare = site.ask(Request::get(client.path("/Messages.json")).body(Body::empty()).unwrap()).await;
        assert_eq!(bare.status, 401);
        // Good credentials at the address of another account.
        let wrong_account = Client { sid: other.sid.clone(), ..client.clone() };
        assert_eq!(wrong_account.get(&site, "/Messages.json").await.code(), (404, 20404));
        assert_eq!(client.get(&site, "/Nothing.json").await.code(), (404, 20404));

        let revoked = name.clone();
        site.house.write(move |tx| applications::revoke_key(tx, id, &revoked, now)).await;
        assert_eq!(key.get(&site, "/Messages.json").await.code(), (401, 20003));
        assert_eq!(client.get(&site, "/Messages.json").await.status, 200);
        site.house.write(move |tx| applications::disable(tx, id, now)).await;
        assert_eq!(client.get(&site, "/Messages.json").await.code(), (401, 20003), "at the next request");

        let ledger = site.ledger().await.join("\n");
        for kind in ["application_added", "application_key_added", "application_key_revoked", "application_disabled"] {
            assert!(ledger.contains(kind), "{kind}");
        }
        for secret in [&client.secret, &key.secret, &other.secret] {
            assert!(!ledger.contains(secret.as_str()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_tokens_are_good_while_one_is_changed_for_the_other() {
    let site = Site::local().await;
    let (client, now) = (Client::plain(&site.house).await, site.house.engine.now());
    let (id, fresh) = (client.id, wellsent_engine::token());
    let next = Client { secret: fresh.clone(), ..client.clone() };
    assert_eq!(next.get(&site, "/Messages.json").await.status, 401);
    site.house.write(move |tx| applications::begin_rotation(tx, id, &Phi::new(fresh.clone()), now)).await;
    assert_eq!((client.get(&site, "/Messages.json").await.status, next.get(&site, "/Messages.json").await.status), (200, 200));
    let signs_with = site.house.write(move |tx| applications::token(tx, id)).await;
    assert_eq!(signs_with.expose(), &client.secret, "calls are signed with the old one until the change is finished");
    site.house.write(move |tx| applications::finish_rotation(tx, id, now)).await;
    assert_eq!((client.get(&site, "/Messages.json").await.status, next.get(&site, "/Messages.json").await.status), (401, 200));
    let signs_with = site.house.write(move |tx| applications::token(tx, id)).await;
    assert_eq!(signs_with.expose(), &next.secret);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_ends_after_a_few_tries_and_a_flood_has_a_limit() {
    let site = Site::local().await;
    let busy = Client::with(&site.house, Grant { requests_per_minute: Some(3), ..Grant::default() }).await;
    for _ in 0..3 {
        assert_eq!(busy.get(&site, "/Messages.json").await.status, 200);
    }
    let over = busy.get(&site, "/Messages.json").await;
    assert_eq!(over.code(), (429, 20429));
    assert_eq!(over.headers.get(header::RETRY_AFTER).unwrap(), "60");
    site.house.wait_until(site.house.engine.now() + SignedDuration::from_secs(61));
    assert_eq!(busy.get(&site, "/Messages.json").await.status, 200);

    let client = Client::plain(&site.house).await;
    let guesser = Client { secret: "0".repeat(32), ..client.clone() };
    let mut tries = 0;
    while guesser.get(&site, "/Messages.json").await.status == 401 {
        tries += 1;
        assert!(tries < 100, "guessing goes on for ever");
    }
    assert_eq!(client.get(&site, "/Messages.json").await.code(), (429, 20429), "this account is not looked at from this address");
    assert_eq!(busy.get(&site, "/Messages.json").await.status, 200, "another application of the same machine is");
    let nobody = |n: usize| Client { name: format!("AC{n:032x}"), ..guesser.clone() };
    let mut codes = Vec::new();
    for n in 0..30 {
        codes.push(nobody(n).get(&site, "/Messages.json").await.status);
    }
    assert_eq!((codes[0], codes[29]), (401, 429), "made-up names are counted together");
    assert_eq!(busy.get(&site, "/Messages.json").await.status, 200);
    site.house.wait_until(site.house.engine.now() + SignedDuration::from_mins(11));
    assert_eq!(client.get(&site, "/Messages.json").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_of_another_practice_sees_nothing() {
    for backend in Backend::all() {
        let site = Site::on(backend, LOCAL, true).await;
        let (client, patient) = (Client::plain(&site.house).await, site.house.patient().await);
        let number = patient.number.to_e164();
        let sid = client.send(&site, &number, "Please bring your insurance card.").await.sid();
        let now = site.house.engine.now();
        let new = NewPractice {
            name: "Oak Street Clinic".into(),
            text_name: "Oak St Clinic".into(),
            call_back: wellsent_domain::PhoneNumber::parse("212-555-0101").unwrap(),
            zone: "America/New_York".into(),
            part2: false,
            settings: Settings::default(),
        };
        let store = site.house.engine.store().clone();
        let practice = tokio::task::spawn_blocking(move || store.create_practice(new, now)).await.unwrap().unwrap();
        let (sid_of_neighbour, token) = (wellsent_engine::account_sid(), wellsent_engine::token());
        let application = applications::NewApplication {
            name: "Neighbour".into(),
            account_sid: sid_of_neighbour.clone(),
            service_sid: wellsent_engine::service_sid(),
            token: Phi::new(token.clone()),
            category: wellsent_domain::consent::Category::Appointments,
            purpose: wellsent_domain::message::Purpose::Treatment,
            hosts: Vec::new(),
            inbound_url: None,
            status_url: None,
            senders: Vec::new(),
            requests_per_minute: 600,
        };
        let access = wellsent_store::Access { practice, actor: wellsent_store::Actor::Operator };
        let add = move |tx: &mut wellsent_store::Tx<'_, '_>| applications::add(tx, &application, now);
        let id = site.house.engine.store().write(access, add).await.unwrap();
        let neighbour = Client { id, sid: sid_of_neighbour.clone(), service: String::new(), name: sid_of_neighbour, secret: token };
        assert_eq!(neighbour.get(&site, &format!("/Messages/{sid}.json")).await.code(), (404, 20404));
        assert_eq!(neighbour.get(&site, "/Messages.json").await.value["messages"].as_array().unwrap().len(), 0);
        assert_eq!(neighbour.send(&site, &number, "hello").await.code(), (400, 21606), "nor may it send from their number");
        let path = neighbour.path(&format!("/Messages/{sid}.json"));
        assert_eq!(neighbour.ask(&site, Method::DELETE, &path, &[], None).await.status, 404);
        assert_eq!(client.look(&site, &sid).await["to"], number);
        assert_eq!(FROM, "+12125550199");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_the_proxy_one_machine_that_guesses_does_not_shut_the_others_out() {
    let site = Site::local().await;
    let client = Client::plain(&site.house).await;
    let guesser = Client { secret: "0".repeat(32), ..client.clone() };
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    let router = wellsent_web::twilio_router(wellsent_web::App {
        engine: site.house.engine.clone(),
        public_url: "https://api.twilio.com".into(),
        demo: false,
        shutdown: stopped,
    });
    let status = async |who: &Client, from: &str| {
        let peer: std::net::SocketAddr = format!("{from}:40000").parse().unwrap();
        let request = Request::get(who.path(".json"))
            .header(header::AUTHORIZATION, who.basic())
            .extension(axum::extract::ConnectInfo(peer))
            .body(Body::empty())
            .unwrap();
        tower::ServiceExt::oneshot(router.clone(), request).await.unwrap().status().as_u16()
    };
    for _ in 0..30 {
        status(&guesser, "203.0.113.5").await;
    }
    assert_eq!(status(&guesser, "203.0.113.5").await, 429);
    assert_eq!(status(&client, "203.0.113.5").await, 429, "not from there");
    assert_eq!(status(&client, "203.0.113.6").await, 200);
}
