//! `phi check`.

use crate::program::{wellsent, wellsent_fed};
use serde_json::json;

#[test]
fn a_text_is_judged_alike_from_an_argument_and_from_standard_input() {
    let text = "your metformin is ready";
    let given = wellsent(&["phi", "check", "--json", text]).good().json_lines();
    let fed = wellsent_fed(&["phi", "check", "--json", "-"], text.as_bytes()).good().json_lines();
    let silent = wellsent_fed(&["phi", "check", "--json"], format!("{text}\n").as_bytes()).good().json_lines();
    for lines in [&given, &fed, &silent] {
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["id"], json!(null));
        assert_eq!(lines[0]["class"], "health-content");
        let span = &lines[0]["spans"][0];
        assert_eq!((&span["start"], &span["end"], &span["category"]), (&json!(5), &json!(14), &json!("MEDICATION")));
        assert!(span["why"].is_string() && lines[0]["ms"].is_number());
    }
}

#[test]
fn a_person_sees_the_words_and_why_they_count() {
    let ran = wellsent(&["phi", "check", "your metformin is ready"]).good();
    assert!(ran.out.contains("metformin") && ran.out.contains("names a medicine"), "{}", ran.out);
    assert!(wellsent(&["phi", "check", "see you at 3"]).good().out.starts_with("none"));
}

#[test]
fn lines_are_answered_under_their_ids_and_a_broken_one_is_told_by_its_number() {
    let input = b"{\"id\":\"a\",\"text\":\"see you at 3\"}\nnonsense\n{\"id\":\"b\",\"text\":\"i think im pregnant\"}\n";
    let ran = wellsent_fed(&["phi", "check", "--jsonl"], input);
    assert_eq!(ran.code, 1);
    let lines = ran.json_lines();
    assert_eq!(lines.iter().map(|line| line["id"].clone()).collect::<Vec<_>>(), [json!("a"), json!("b")]);
    assert_eq!(lines[1]["spans"][0]["special"], "REPRO");
    assert!(ran.err.contains("line 2") && !ran.err.contains("nonsense"), "{}", ran.err);
}

#[test]
fn a_line_of_more_than_64_kib_is_refused_and_the_next_is_answered() {
    let mut input = format!("{{\"id\":1,\"text\":\"{}\"}}\n", "a".repeat(70_000));
    input.push_str("{\"id\":2,\"text\":\"ok\"}\n");
    let ran = wellsent_fed(&["phi", "check", "--jsonl"], input.as_bytes());
    assert_eq!(ran.code, 1);
    assert_eq!(ran.json_lines()[0]["id"], 2);
    assert!(ran.err.contains("64 KiB"), "{}", ran.err);
}
