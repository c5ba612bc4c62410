//! What every carrier must do, tried with every adapter: cases as data, one file an adapter, one list of adapters.
//!
//! To put an adapter in: implement [`case::Subject`] (and [`case::Callbacks`]) in a file of its own and list it in [`subjects`].

mod aws;
mod broken;
mod callbacks;
mod case;
mod faults;
mod logs;
mod released;
mod simulator;
mod telnyx;
mod twilio;
mod twilio_calls;
mod twilio_peer;

use case::Subject;

/// The adapters.
fn subjects() -> Vec<Box<dyn Subject>> {
    vec![
        Box::new(simulator::Simulator),
        Box::new(twilio::BY_NUMBER),
        Box::new(twilio::BY_SERVICE),
        Box::new(telnyx::Telnyx),
        Box::new(aws::Aws),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_on_the_line_one_submission_is_one_request_and_claims_no_more_than_is_known() {
    for subject in subjects() {
        faults::run(&*subject).await.none(60);
    }
}

#[tokio::test]
async fn every_answer_that_a_carrier_is_known_to_give_has_its_outcome() {
    for subject in subjects() {
        faults::submissions(&*subject).await.none(20);
    }
}

#[tokio::test]
async fn only_what_a_carrier_signed_is_believed_and_the_same_event_is_the_same() {
    for subject in subjects() {
        let least = if subject.callbacks().is_some() { 200 } else { 0 };
        callbacks::run(&*subject).await.none(least);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_does_not_answer_proves_nothing_and_what_was_not_confirmed_was_not_forgotten() {
    for subject in subjects() {
        logs::run(&*subject).await.none(3);
    }
}
