//! Practices do not meet (P8): an id of another practice is as good as none.

use crate::site::Site;
use axum::http::StatusCode;
use wellsent_domain::practice::Settings;
use wellsent_domain::{PhoneNumber, TaskId};
use wellsent_store::practices::NewPractice;
use wellsent_store::{Access, Actor, StoreError, SystemTx, Tx, numbers, sessions, tasks};
use wellsent_testkit::house::{Backend, House, Plan};

/// Signs in somebody of another practice in the same store.
async fn neighbour(site: &Site) -> (String, Access) {
    let store = site.house.engine.store().clone();
    let now = site.house.engine.now();
    let new = NewPractice {
        name: "Oak Street Clinic".into(),
        text_name: "Oak St Clinic".into(),
        call_back: PhoneNumber::parse("212-555-0101").unwrap(),
        zone: "America/New_York".into(),
        part2: false,
        settings: Settings::default(),
    };
    let practice = tokio::task::spawn_blocking({
        let store = store.clone();
        move || store.create_practice(new, now)
    });
    let access = Access { practice: practice.await.unwrap().unwrap(), actor: Actor::Operator };
    let add = move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> {
        let staff = sessions::add_staff(tx, "Neil Neighbor", wellsent_domain::staff::Role::FrontDesk, now)?;
        sessions::add_link(tx, staff, "neighbor", now + jiff::SignedDuration::from_mins(5), now)
    };
    store.write(access, add).await.unwrap();
    let sign_in = move |tx: &mut SystemTx<'_, '_>| sessions::sign_in(tx, "neighbor", "neighbors-secret", now);
    store.system::<_, StoreError, _>(sign_in).await.unwrap().unwrap();
    ("wellsent=neighbors-secret".to_owned(), access)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_another_practice_is_not_found_and_nothing_of_it_changes() {
    for backend in Backend::all() {
        let house = House::build(Plan::on(backend)).await;
        let patient = house.patient().await;
        house.visit(&patient, house.engine.now() + jiff::SignedDuration::from_hours(30)).await;
        house.settle().await;
        house.says(&patient.number, "what should I bring?").await;
        let site = Site::of(house, crate::site::LOCAL, true);
        let (jar, access) = neighbour(&site).await;
        let (key, number) = (site.house.write(move |tx| Ok(numbers::key(tx, patient.number))).await, patient.number.national());
        let hex: String = key.0.iter().map(|byte| format!("{byte:02x}")).collect();
        let task: TaskId = site.house.write(|tx| tasks::list(tx, 10)).await[0].id;
        for path in [
            format!("/people/{}", patient.person),
            format!("/inbox/{}", patient.contact),
            format!("/inbox/num_{hex}"),
            format!("/phones/{hex}"),
        ] {
            let answer = site.get(&path, &jar).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        }
        let reply = format!("contact_point={}&back=/&body=hello", patient.contact);
        assert_eq!(site.post(&format!("/people/{}/reply", patient.person), &reply, &jar).await.status, StatusCode::NOT_FOUND);
        site.post(&format!("/tasks/{task}/done"), "back=/", &jar).await;
        assert_eq!(site.house.write(tasks::count).await, 1, "the task is still open");
        for path in ["/", "/inbox", "/tasks", "/people", "/messages", "/ledger", "/phones"] {
            let answer = site.get(path, &jar).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert!(!answer.body.contains("Rivera") && !answer.body.contains("what should I bring"), "{path}");
            assert!(!answer.body.contains(&patient.person.to_string()), "{path}");
        }
        for words in ["Rivera", &number, "R1"] {
            assert!(site.search(words, &jar).await.body.contains("Nobody found"), "{words}");
        }
        let store = site.house.engine.store();
        let count = store.write::<_, StoreError, _>(access, |tx: &mut Tx<'_, '_>| tasks::count(tx)).await.unwrap();
        assert_eq!(count, 0);
    }
}
