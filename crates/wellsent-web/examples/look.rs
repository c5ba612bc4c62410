//! Temporary.
use std::sync::Arc;
use jiff::SignedDuration;
use wellsent_testkit::house::{Backend, House, Plan};
use wellsent_domain::{Language, PhoneNumber};
use wellsent_web::{App, router};
use wellsent_store::sessions;

#[tokio::main]
async fn main() {
    let house = House::build(Plan::on(Backend::Sqlite)).await;
    let mut patients = vec![];
    for _ in 0..8 { patients.push(house.patient().await); }
    let shared = PhoneNumber::parse("+17185550177").unwrap();
    patients.push(house.patient_at(shared, Language::Es).await);
    patients.push(house.patient_at(shared, Language::En).await);
    let soon = house.engine.now() + SignedDuration::from_hours(47);
    for (n, patient) in patients.iter().enumerate() { house.visit(patient, soon + SignedDuration::from_mins(20 * n as i64)).await; }
    house.settle().await;
    let due = house.engine.next_due().await.unwrap().unwrap();
    house.wait_until(due);
    house.settle().await;
    house.says(&patients[0].number, "C").await;
    house.says(&patients[1].number, "stop texting me please").await;
    house.says(&patients[2].number, "R").await;
    house.says(&patients[3].number, "I want to kill myself").await;
    house.says(&shared, "what time is it again?").await;
    house.says(&patients[4].number, "who is this? wrong number").await;
    let now = house.engine.now();
    house.write(move |tx| { let staff = sessions::add_staff(tx, "Dana Whitfield", now)?; sessions::add_link(tx, staff, "look", now + SignedDuration::from_mins(500), now) }).await;
    let (_stop, shutdown) = tokio::sync::watch::channel(false);
    let workers = wellsent_engine::Workers::start(&house.engine);
    let app = router(App { engine: house.engine.clone(), public_url: Arc::from("http://127.0.0.1:8099"), demo: true, shutdown });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8099").await.unwrap();
    println!("per {} msg", patients[1].person);
    axum::serve(listener, app).await.unwrap();
    drop(workers);
}
