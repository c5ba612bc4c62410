//! Two routers at one database: a node whose place another took over before the database had finished with it (P3).

use crate::fixture::{access, add_person, now, number, practice};
use std::sync::mpsc;
use std::time::Duration;
use wellsent_db::{Options, Sql, args};
use wellsent_domain::practice::SenderKind;
use wellsent_domain::{Phi, PhoneNumber, PracticeId, SenderId};
use wellsent_store::inbound::{self, NewInbound};
use wellsent_store::senders::{self, NewSender};
use wellsent_store::{Store, StoreError, Tx};
use wellsent_testkit::house::Backend;
use wellsent_testkit::postgres::Postgres;
use wellsent_vault::Kek;

fn text(sender: SenderId, key: u8, from: PhoneNumber, body: &str) -> NewInbound {
    let (from, body) = (Phi::new(from), Phi::new(body.to_owned()));
    NewInbound { sender, event_key: [key; 32], from, body, opt_out: None, page: None, late: false, erase: None }
}

fn waiting(store: &Store, practice: PracticeId) -> Vec<String> {
    let read = |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> { inbound::unrouted(tx, 10) };
    let texts = store.write_wait(access(practice), read).expect("texts");
    texts.iter().map(|text| text.body.expose().clone()).collect()
}

#[test]
fn a_stop_is_not_read_while_another_router_has_the_start_before_it() {
    // On SQLite there is one writer, so that nobody has a text in hand while another reads.
    if Postgres::shared().is_none() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(Backend::Postgres.open(&folder, Options::default()), Kek::generate());
    let practice = practice(&store, "Elm Street Clinic");
    let furnish = |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> {
        let sender = senders::add(tx, &NewSender::approved("simulator", "+12125550199", SenderKind::Simulated, 600), now())?;
        for (n, key, body) in [(1, 1, "START"), (2, 2, "hello"), (1, 3, "STOP")] {
            if key != 3 {
                add_person(tx, &format!("R{n}"), number(n))?;
            }
            inbound::keep(tx, &text(sender, key, number(n), body), now())?;
        }
        Ok(())
    };
    store.write_wait(access(practice), furnish).expect("a practice with texts");
    assert_eq!(waiting(&store, practice), ["START", "hello", "STOP"], "nobody else is there");

    let ((has, had), (ends, end)) = (mpsc::channel(), mpsc::channel::<()>());
    let other = std::thread::spawn({
        let store = store.clone();
        let end = std::sync::Mutex::new(end);
        move || {
            const IN_HAND: &Sql =
                &Sql::new("routers.in_hand", "SELECT id FROM inbound WHERE practice_id = $1 AND event_key = $2 FOR UPDATE");
            let hold = move |tx: &mut wellsent_db::Tx<'_>| -> Result<(), wellsent_db::DbError> {
                tx.query_one(IN_HAND, &args![practice.bytes(), [1_u8; 32]])?;
                let _ = has.send(());
                // The row is in hand until the test lets it go.
                let _ = end.lock().expect("the one user").recv_timeout(Duration::from_secs(20));
                Ok(())
            };
            store.db().write_wait(hold).expect("the transaction ends");
        }
    });
    had.recv_timeout(Duration::from_secs(20)).expect("the other router has it");
    assert_eq!(waiting(&store, practice), ["hello"], "the number whose first text is in other hands waits");
    ends.send(()).expect("the other router is there");
    other.join().expect("the other router ends");
    assert_eq!(waiting(&store, practice), ["START", "hello", "STOP"]);
}
