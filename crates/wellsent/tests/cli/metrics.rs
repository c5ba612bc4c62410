//! Metrics: on their own port, and about nobody.

use crate::http::{Server, get};
use crate::place::{Place, silent};
use std::net::TcpListener;
use std::time::{Duration, Instant};

/// The value of a line of metrics.
fn value(page: &str, name: &str) -> Option<f64> {
    page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

#[test]
fn they_count_work_on_a_port_of_their_own_and_name_nobody() {
    let place = Place::with_patients();
    place.change_settings("# metrics = \"127.0.0.1:9464\"", "metrics = \"127.0.0.1:0\"");
    let server = Server::start(&place);
    let at = server.metrics.expect("metrics are announced");
    assert_ne!(at, server.at);
    assert_eq!(server.get("/healthz").0, 200);
    assert!(server.get("/people/5550142?name=Quackenbush").0 != 200);
    let begun = Instant::now();
    let page = loop {
        let (status, page) = get(at, "/metrics");
        assert_eq!(status, 200);
        let counted = value(&page, "wellsent_messages_open{state=\"planned\"}").is_some_and(|count| count >= 2.0);
        if counted || begun.elapsed() > Duration::from_secs(25) {
            break page;
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    assert!(page.contains("text/plain"), "{page}");
    for at_least_one in ["wellsent_db_commits_total", "wellsent_db_jobs_total", "wellsent_messages_open{state=\"planned\"}"] {
        assert!(value(&page, at_least_one) >= Some(1.0), "{at_least_one}: {page}");
    }
    for known in ["wellsent_messages_due", "wellsent_due_late_seconds", "wellsent_messages_open{state=\"unknown\"}"] {
        assert_eq!(value(&page, known), Some(0.0), "{known}: {page}");
    }
    assert!(value(&page, "wellsent_process_resident_bytes") > Some(1e6), "{page}");
    assert!(page.contains("wellsent_http_seconds_count{route=\"/healthz\",status=\"200\"} 1"), "{page}");
    silent(&page);
    for name in ["Elm St", "2125550100", "snd_", "per_", "msg_"] {
        assert!(!page.contains(name), "{name}: {page}");
    }
    assert_eq!(get(at, "/").0, 404);
    assert_eq!(server.get("/metrics").0, 404);
    let ended = server.terminate();
    assert!(ended.code == Some(0) && ended.took < Duration::from_secs(15));
    assert!(std::net::TcpStream::connect(at).is_err());
}

#[test]
fn a_port_that_is_taken_stops_the_start_with_the_way_out() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    place.change_settings("# metrics = \"127.0.0.1:9464\"", &format!("metrics = \"{address}\""));
    place.run(&["serve", "--port", "0"]).failed(&["metrics", &address, "server.metrics"]);
}
