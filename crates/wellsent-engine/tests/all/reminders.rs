use jiff::{SignedDuration, Timestamp};
use wellsent_domain::appointment::{AppointmentStatus, VisitAnswer};
use wellsent_domain::task::TaskKind;
use wellsent_domain::{Language, PhoneNumber};
use wellsent_store::{appointments, tasks};
use wellsent_testkit::house::{Backend, House, Plan, start};

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

/// Runs a test on every database of this machine.
fn on_each<F: Future<Output = ()>>(test: impl Fn(Backend) -> F) {
    for backend in Backend::all() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(test(backend));
    }
}

async fn kinds(house: &House) -> Vec<TaskKind> {
    house.write(|tx| Ok(tasks::list(tx, 50)?.into_iter().map(|task| task.about.kind).collect())).await
}

async fn answer(house: &House, visit: wellsent_domain::AppointmentId) -> Option<VisitAnswer> {
    house.write(move |tx| Ok(appointments::get(tx, visit)?.answer)).await
}

fn visit_time() -> Timestamp {
    start() + days(9) + SignedDuration::from_hours(2)
}

#[test]
fn a_reminder_goes_out_is_answered_with_c_and_the_visit_is_confirmed() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient().await;
        let visit = house.visit(&ana, visit_time()).await;
        house.settle().await;
        assert!(house.got(&ana.number).is_empty(), "nothing is due yet");

        house.wait_until(start() + days(2));
        house.settle().await;
        let texts = house.got(&ana.number);
        assert_eq!(
            texts,
            [
                "Elm St Clinic: you have an appointment Wed 3/10 2:00 PM. Reply C to confirm, R to reschedule or call 212-555-0100. Reply STOP to opt out."
            ]
        );

        house.says(&ana.number, "C").await;
        assert_eq!(answer(&house, visit).await, Some(VisitAnswer::Confirmed));
        assert_eq!(house.got(&ana.number).len(), 2, "thanks for confirming");
        assert!(kinds(&house).await.is_empty());
    });
}

#[test]
fn after_stop_one_confirmation_goes_and_nothing_else_until_start() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient().await;
        house.visit(&ana, visit_time()).await;
        house.settle().await;
        house.says(&ana.number, "please stop texting me").await;
        house.says(&ana.number, "STOP").await;
        let texts = house.got(&ana.number);
        assert_eq!(texts.len(), 1, "{texts:?}");
        assert!(texts[0].contains("unsubscribed"));
        house.wait_until(start() + days(2));
        house.settle().await;
        assert_eq!(house.got(&ana.number).len(), 1, "the reminder is refused");
        house.says(&ana.number, "YES").await;
        house.wait_until(visit_time() - days(2) + SignedDuration::from_hours(1));
        house.settle().await;
        assert_eq!(house.got(&ana.number).len(), 1, "YES does not bring texts back");
        house.says(&ana.number, "START").await;
        house.wait_until(visit_time() - SignedDuration::from_hours(1));
        house.settle().await;
        let texts = house.got(&ana.number);
        assert_eq!(texts.len(), 3, "the answer to START and the reminder two hours before: {texts:?}");
    });
}

#[test]
fn a_cancelled_visit_is_not_reminded_and_a_moved_one_at_its_new_time() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let (ana, ben) = (house.patient().await, house.patient().await);
        let cancelled = house.visit(&ana, visit_time()).await;
        let moved = house.visit(&ben, visit_time()).await;
        house.settle().await;
        house.wait_until(start() + days(1));
        let now = house.engine.now();
        house.write(move |tx| appointments::set_status(tx, cancelled, AppointmentStatus::Cancelled, now)).await;
        house.write(move |tx| appointments::reschedule(tx, moved, visit_time() + days(1), now)).await;
        // The planner has not run since: the gate alone must notice.
        house.wait_until(start() + days(2));
        house.engine.dispatch_due(house.practice).await.unwrap();
        house.quiet_phones().await;
        assert!(house.got(&ana.number).is_empty() && house.got(&ben.number).is_empty());
        house.settle().await;
        house.wait_until(start() + days(3));
        house.settle().await;
        assert!(house.got(&ana.number).is_empty());
        assert!(house.got(&ben.number)[0].contains("Thu 3/11"));
    });
}

#[test]
fn two_visits_of_a_household_share_a_text_and_a_plain_c_asks_which() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let phone = PhoneNumber::parse("+12125550177").unwrap();
        let (ana, ben) = (house.patient_at(phone, Language::En).await, house.patient_at(phone, Language::En).await);
        let first = house.visit(&ana, visit_time() - SignedDuration::from_hours(3)).await;
        let second = house.visit(&ben, visit_time()).await;
        house.settle().await;
        house.wait_until(start() + days(2));
        house.settle().await;
        let texts = house.got(&phone);
        assert_eq!(texts.len(), 1);
        assert!(texts[0].contains("1) 11:00 AM 2) 2:00 PM"), "{}", texts[0]);
        house.says(&phone, "C").await;
        assert_eq!((answer(&house, first).await, answer(&house, second).await), (None, None));
        assert!(house.got(&phone)[1].contains("which visit"));
        house.says(&phone, "2").await;
        assert_eq!((answer(&house, first).await, answer(&house, second).await), (None, Some(VisitAnswer::Confirmed)));
    });
}

#[test]
fn r_asks_staff_to_reschedule_and_a_late_c_changes_nothing() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let (ana, ben) = (house.patient().await, house.patient().await);
        let first = house.visit(&ana, visit_time()).await;
        let second = house.visit(&ben, visit_time()).await;
        house.settle().await;
        house.wait_until(start() + days(2));
        house.settle().await;
        house.says(&ana.number, "R").await;
        assert_eq!(answer(&house, first).await, Some(VisitAnswer::WantsReschedule));
        assert_eq!(kinds(&house).await, [TaskKind::Reschedule]);
        house.wait_until(visit_time() + SignedDuration::from_hours(1));
        house.settle().await;
        house.says(&ben.number, "C").await;
        assert_eq!(answer(&house, second).await, None);
        assert!(kinds(&house).await.contains(&TaskKind::UnclearAnswer));
    });
}

#[test]
fn a_wrong_number_stops_everything_to_it_and_tells_staff() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient().await;
        house.visit(&ana, visit_time()).await;
        house.settle().await;
        house.says(&ana.number, "wrong number").await;
        house.wait_until(start() + days(2));
        house.settle().await;
        assert!(house.got(&ana.number).is_empty());
        assert_eq!(kinds(&house).await, [TaskKind::WrongNumber]);
    });
}

#[test]
fn words_of_distress_page_staff_even_from_a_suppressed_number() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient().await;
        house.says(&ana.number, "STOP").await;
        house.says(&ana.number, "I want to die").await;
        assert!(kinds(&house).await.contains(&TaskKind::Distress));
    });
}
