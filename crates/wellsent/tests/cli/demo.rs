//! `demo --once`, the shortest way from a file to texts.

use crate::http::get;
use crate::place::{Place, silent};
use crate::program::wellsent;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

const VISITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/examples/visits.csv");

#[test]
fn every_message_is_printed_with_its_ruling() {
    let ran = wellsent(&["demo", "--once", VISITS, "--until", "2030-03-14T18:00"]).good();
    assert!(ran.out.contains("added") && ran.out.contains("rejected"), "{}", ran.out);
    assert!(ran.out.contains("release: Elm St Clinic:"), "{}", ran.out);
    // The example has a visit with a number that cannot be texted: its line and its field are named.
    assert!(ran.out.lines().any(|line| line.trim_start().starts_with("line 7")), "{}", ran.out);
}

#[test]
fn json_has_a_line_for_each_message_and_nothing_else() {
    let ran = wellsent(&["demo", "--once", VISITS, "--until", "2030-03-14T18:00", "--json"]).good();
    let lines = ran.json_lines();
    assert!(lines.len() >= 4, "{}", ran.out);
    for line in lines {
        assert!(line["message"].as_str().is_some_and(|id| id.starts_with("msg_")), "{line}");
        let released = line["ruling"] == "release";
        assert_eq!(line["text"].is_string(), released, "{line}");
        assert_eq!(line["reasons"].as_array().is_some_and(Vec::is_empty), released, "{line}");
        assert_eq!(line["parts"].as_u64(), released.then_some(1), "{line}");
    }
}

#[test]
fn before_the_first_reminder_it_says_what_to_do() {
    let ran = wellsent(&["demo", "--once", VISITS]).good();
    assert!(ran.out.contains("--until"), "{}", ran.out);
}

#[test]
fn a_time_that_is_none_is_wrong_usage() {
    for time in ["tomorrow", "2030-02-30T10:00", "2030-03-10", ""] {
        let ran = wellsent(&["demo", "--once", VISITS, "--until", time]);
        if time == "2030-03-10" {
            // A day alone is its first minute.
            ran.good();
        } else {
            ran.misused(&["--until", "2027-03-10T18:00"]);
        }
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    wellsent(&["demo", "--once", "/nowhere/visits.csv"]).failed(&["/nowhere/visits.csv", "No such file"]);
    wellsent(&["demo", "--once", "/tmp"]).failed(&["/tmp", "directory"]);
}

#[test]
fn files_that_are_no_tables_are_refused_in_words_and_not_repeated() {
    let place = Place::empty();
    let mut noise = vec![0u8; 200_000];
    let mut state = 7u64;
    for byte in &mut noise {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *byte = (state >> 56) as u8;
    }
    let rows = "MRN-PLANTED-1,Zebulon,Quackenbush,2125550142,2030-03-13\n";
    let headless = rows.repeat(3);
    let cases: [(&str, Vec<u8>, &str); 7] = [
        ("empty.csv", Vec::new(), "empty"),
        ("blank.csv", b"\n\n  \n".to_vec(), ""),
        ("headless.csv", headless.clone().into_bytes(), "headings"),
        ("other.csv", format!("colour,shape\n{headless}").into_bytes(), "headings"),
        ("noise.csv", noise, "headings"),
        ("long.csv", vec![b'a'; 10_000_000], "headings"),
        ("zeros.csv", vec![0; 1_000_000], ""),
    ];
    for (name, content, words) in cases {
        let file = place.file(name, content);
        let ran = wellsent(&["demo", "--once", &file]).failed(&[words]);
        silent(&ran.out);
        silent(&ran.err);
    }
    let lacking = place.file("lacking.csv", format!("patient_id,first_name,last_name\n{rows}"));
    let ran = wellsent(&["demo", "--once", &lacking]).failed(&["lacks", "appointment"]);
    silent(&ran.err);
}

#[test]
fn rows_that_are_broken_are_told_by_line_and_stop_nobody_else() {
    let place = Place::empty();
    let head = "appointment_id,patient_id,first_name,last_name,mobile_phone,date,start_time,location\n";
    let good = "V1,P1,Ana,Rivera,212-555-0123,2030-03-13,09:30,main\n";
    let long = format!("V2,P2,{},Quackenbush,2125550142,2030-03-13,09:30,main\n", "Zebulon".repeat(1_500_000));
    let file = place.file("long.csv", format!("{head}{long}{good}"));
    let ran = wellsent(&["demo", "--once", &file]).good();
    assert!(ran.out.contains("1 added") && ran.out.contains("1 rejected") && ran.out.contains("line 2"), "{}", ran.out);

    let open = place.file("open.csv", format!("{head}{good}V2,P2,\"Zebulon,Quackenbush,2125550142,2030-03-13,09:30,main\n"));
    let ran = wellsent(&["demo", "--once", &open]).good();
    silent(&ran.out);
    assert!(ran.out.contains("1 added") && ran.out.contains("line 3") && ran.out.contains("never closed"), "{}", ran.out);
}

#[test]
fn what_a_spreadsheet_saves_as_unicode_text_is_read() {
    let place = Place::empty();
    let text = "appointment_id\tpatient_id\tfirst_name\tlast_name\tmobile_phone\tdate\tstart_time\tlocation\r\n\
                V1\tP1\tJosé\tPeña\t212-555-0123\t3/13/2030\t9:30 AM\tmain\r\n";
    let bytes = |unit: u16| unit.to_le_bytes();
    let content: Vec<u8> = std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(bytes).collect();
    let file = place.file("unicode.txt", content);
    let ran = wellsent(&["demo", "--once", &file, "--until", "2030-03-13T18:00"]).good();
    assert!(ran.out.contains("1 added") && ran.out.contains("José Peña"), "{}", ran.out);
}

#[test]
fn nothing_of_a_demo_is_left_behind() {
    let temporary = Place::empty();
    let mut command = crate::program::program();
    let done = command.args(["demo", "--once", VISITS]).env("TMPDIR", temporary.folder()).output().unwrap();
    assert!(done.status.success());
    assert_eq!(std::fs::read_dir(temporary.folder()).unwrap().count(), 0);
}

/// Starts a demo that keeps its files in `temporary`, and waits until it says where it is to be opened, or not.
fn start(temporary: &Place, wait: bool) -> (Child, String) {
    let mut child = crate::program::program().args(["demo", "--port", "0"]).env("TMPDIR", temporary.folder()).spawn().unwrap();
    let mut link = String::new();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    while wait && link.is_empty() {
        let mut line = String::new();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "the demo did not start");
        link = line.trim().strip_prefix("Open ").unwrap_or_default().trim().to_owned();
    }
    // What it says later needs a reader.
    drop(crate::program::read(lines));
    (child, link)
}

fn interrupt(child: &mut Child) -> ExitStatus {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    child.wait().unwrap()
}

#[test]
fn the_demo_opens_by_its_link_and_leaves_nothing_behind() {
    let temporary = Place::empty();
    let (mut child, link) = start(&temporary, true);
    let (at, path) = link.strip_prefix("http://").and_then(|rest| rest.split_once('/')).unwrap();
    let (status, page) = get(at.parse().unwrap(), &format!("/{path}"));
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("<html"), "{page}");
    assert_eq!(interrupt(&mut child).code(), Some(0));
    assert_eq!(std::fs::read_dir(temporary.folder()).unwrap().count(), 0);
}

#[test]
fn the_demo_has_a_link_for_each_role() {
    let temporary = Place::empty();
    let mut child = crate::program::program().args(["demo", "--port", "0"]).env("TMPDIR", temporary.folder()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    while !said.contains("Ctrl-C") {
        assert_ne!(lines.read_line(&mut said).unwrap(), 0, "{said}");
    }
    drop(crate::program::read(lines));
    for (before, name) in [("Open", "Priya Raman"), ("Front desk", "Dana Whitfield"), ("Clinician", "Luis Ortega")] {
        let link = said.lines().find_map(|line| line.trim().strip_prefix(before)).unwrap_or_else(|| panic!("{before}: {said}")).trim();
        let (at, path) = link.strip_prefix("http://").and_then(|rest| rest.split_once('/')).unwrap();
        let (status, page) = get(at.parse().unwrap(), &format!("/{path}"));
        assert_eq!(status, 200);
        assert!(page.contains(name), "{before}: {page}");
    }
    assert_eq!(interrupt(&mut child).code(), Some(0));
}

#[test]
fn a_demo_that_is_interrupted_in_the_beginning_leaves_nothing_behind() {
    let temporary = Place::empty();
    let (mut child, _) = start(&temporary, false);
    let begun = Instant::now();
    while std::fs::read_dir(temporary.folder()).unwrap().count() == 0 && begun.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(interrupt(&mut child).code(), Some(0));
    assert_eq!(std::fs::read_dir(temporary.folder()).unwrap().count(), 0);
}
