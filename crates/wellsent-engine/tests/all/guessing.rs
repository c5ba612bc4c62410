//! Somebody who guesses at links, codes and birth dates, alone and from many places at once (H-03, N-04).

use crate::crowd::*;
use crate::secure_pages::{address, born, code, page, shown, try_code, with_birth_dates};
use crate::verification::ledger;
use jiff::SignedDuration;
use wellsent_db::Sql;
use wellsent_domain::secure_page::{BIRTH_DATE_LOCK, Factor, TRIES_PER_LINK};
use wellsent_domain::task::TaskKind;
use wellsent_domain::{Language, Phi};
use wellsent_engine::{Door, SecondFact};
use wellsent_testkit::house::{House, Plan, start};
use wellsent_vault::random_token;

#[test]
fn five_wrong_tries_close_a_link_for_good_and_raise_the_alarm() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient().await;
        let link = page(&house, &ana).await;
        let right = code(&house, &ana, &link).await;
        let wrong = if right == "123456" { "654321" } else { "123456" };
        for n in 0..TRIES_PER_LINK as usize {
            assert_eq!(kinds(&house).await, [], "{n}");
            assert_eq!(try_code(&house, &link, wrong, 10 + n).await, None);
        }
        assert_eq!(kinds(&house).await, [TaskKind::GuessedCodes]);
        assert_eq!(ledger(&house).await.matches(r#""what":"page_guessed""#).count(), 1);
        assert_eq!(try_code(&house, &link, &right, 30).await, None);
        house.wait_until(start() + days(1));
        let texts = house.got(&ana.number).len();
        house.engine.page_send_code(&link, address(31)).await.unwrap();
        house.settle().await;
        assert_eq!(house.got(&ana.number).len(), texts, "no new code");
        assert_eq!(try_code(&house, &link, &right, 32).await, None);
        // Another link of the patient opens: the first is closed and not the patient.
        let other = page(&house, &ana).await;
        let code = code(&house, &ana, &other).await;
        assert!(try_code(&house, &other, &code, 33).await.is_some());
    });
}

#[test]
fn a_birth_date_opens_a_page_and_five_wrong_ones_over_all_links_end_the_day() {
    on_each(|backend| async move {
        let house = House::build(with_birth_dates(Plan::on(backend))).await;
        let ana = house.patient().await;
        let first = page(&house, &ana).await;
        assert_eq!(house.engine.page_door(&first, address(1)).await.unwrap().door, Door::Ask(Factor::BirthDate));
        house.engine.page_send_code(&first, address(1)).await.unwrap();
        house.settle().await;
        assert_eq!(house.got(&ana.number).len(), 1, "no code is of use here");
        assert_eq!(try_code(&house, &first, "123456", 1).await, None);
        let mut links = Vec::new();
        for _ in 0..4 {
            links.push(page(&house, &ana).await);
        }
        let tries = |link: String, fact: SecondFact, from| {
            let engine = house.engine.clone();
            async move { engine.page_try(&link, fact, address(from)).await.unwrap() }
        };
        for n in 0..5 {
            assert_eq!(tries(links[n % 3].clone(), born(1981 + n as i16), n).await, None);
        }
        assert_eq!(ledger(&house).await.matches(r#""what":"birth_date_guessed""#).count(), 1);
        assert_eq!(kinds(&house).await, [TaskKind::GuessedCodes]);
        assert_eq!(tries(links[3].clone(), born(1980), 50).await, None, "a link that was never tried does not open either");
        house.wait_until(start() + BIRTH_DATE_LOCK - SignedDuration::from_millis(1));
        assert_eq!(tries(links[3].clone(), born(1980), 51).await, None);
        house.wait_until(start() + BIRTH_DATE_LOCK);
        let session = tries(links[3].clone(), born(1980), 52).await.expect("a day later it opens");
        assert!(shown(&house, &session).await.is_some());
        let other = house.patient_at(number(7), Language::En).await;
        let link = page(&house, &other).await;
        assert_eq!(tries(link, SecondFact::BirthDate(None), 60).await, None, "no date is no date");
    });
}

static GUESSES: Sql = Sql::new("test::GUESSES", "SELECT failures FROM birth_date_guess");

#[test]
fn many_who_guess_a_birth_date_at_once_get_no_more_than_five_tries() {
    on_each(|backend| async move {
        let house = House::build(with_birth_dates(Plan::on(backend))).await;
        let ana = house.patient().await;
        let mut links = Vec::new();
        for _ in 0..10 {
            links.push(page(&house, &ana).await);
        }
        let tries = (0..40).map(|n| {
            let (engine, link) = (house.engine.clone(), links[n % 10].clone());
            tokio::spawn(async move { engine.page_try(&link, born(1981 + (n % 30) as i16), address(n)).await.unwrap() })
        });
        for tried in tries.collect::<Vec<_>>() {
            assert_eq!(tried.await.unwrap(), None);
        }
        let failures: Vec<_> = rows(&house, &GUESSES).await.iter().map(|row| row.int(0).unwrap()).collect();
        assert_eq!(failures, [5]);
        assert_eq!(ledger(&house).await.matches(r#""what":"birth_date_guessed""#).count(), 1);
    });
}

#[test]
fn many_who_guess_a_code_at_once_get_no_more_than_five_tries() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient().await;
        let link = page(&house, &ana).await;
        let right = code(&house, &ana, &link).await;
        let tries = (0..40).map(|n| {
            let (engine, link) = (house.engine.clone(), link.clone());
            let wrong = SecondFact::Code(Phi::new(format!("{:06}", (right.parse::<usize>().unwrap() + n + 1) % 1_000_000)));
            tokio::spawn(async move { engine.page_try(&link, wrong, address(n)).await.unwrap() })
        });
        for tried in tries.collect::<Vec<_>>() {
            assert_eq!(tried.await.unwrap(), None);
        }
        assert_eq!(ledger(&house).await.matches(r#""result":"wrong""#).count(), 5, "five were looked at");
        assert_eq!(try_code(&house, &link, &right, 99).await, None);
        assert_eq!(kinds(&house).await, [TaskKind::GuessedCodes], "one task, however many guess");
    });
}

#[test]
fn ten_thousand_guesses_from_many_addresses_open_nothing_and_are_seen() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient().await;
        let link = page(&house, &ana).await;
        for chunk in 0..50 {
            let tries = (0..200).map(|n| {
                let engine = house.engine.clone();
                async move {
                    let guess = random_token();
                    let fact = SecondFact::Code(Phi::new("482913".to_owned()));
                    engine.page_try(&guess, fact, address(chunk * 20 + n % 20)).await.unwrap()
                }
            });
            let opened = futures_util::future::join_all(tries).await;
            assert!(opened.iter().all(Option::is_none));
        }
        let said = ledger(&house).await;
        let (probes, alarms) = (said.matches(r#""kind":"page_probe""#).count(), said.matches(r#""kind":"alarm""#).count());
        assert_eq!(probes + alarms, 10_000);
        assert!(alarms >= 1 && said.contains(r#""what":"page_links_guessed""#), "{alarms}");
        // The patient gets in all the while, and one who guesses on is shut out whatever the link.
        let code = code(&house, &ana, &link).await;
        assert!(try_code(&house, &link, &code, 900_000).await.is_some());
        for _ in 0..30 {
            try_code(&house, "AAAAAAAAAAAAAAAAAAAAAA", "482913", 800_000).await;
        }
        assert_eq!(house.engine.page_door(&link, address(800_000)).await.unwrap().door, Door::TryLater);
        let after = ledger(&house).await;
        assert!(after.matches("page_links_guessed").count() <= 10_000 + 20, "who is shut out fills no ledger");
        house.wait_until(house.engine.now() + SignedDuration::from_mins(10));
        assert_eq!(house.engine.page_door(&link, address(800_000)).await.unwrap().door, Door::Ask(Factor::Code));
    });
}
