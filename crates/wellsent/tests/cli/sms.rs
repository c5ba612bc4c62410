//! `sms parts`.

use crate::program::{wellsent, wellsent_fed};
use serde_json::json;

/// Text, encoding, units, parts (C-13).
fn vectors() -> Vec<(String, &'static str, usize, usize)> {
    let a = |count: usize| "a".repeat(count);
    vec![
        (a(160), "GSM-7", 160, 1),
        (a(161), "GSM-7", 161, 2),
        (a(306), "GSM-7", 306, 2),
        (a(307), "GSM-7", 307, 3),
        (a(158) + "€", "GSM-7", 160, 1),
        (a(159) + "€", "GSM-7", 161, 2),
        (a(152) + "€" + &a(152), "GSM-7", 306, 3),
        ("[]".repeat(41), "GSM-7", 164, 2),
        ("’".to_owned() + &a(69), "UCS-2", 70, 1),
        ("’".to_owned() + &a(70), "UCS-2", 71, 2),
        ("😀".repeat(35), "UCS-2", 70, 1),
        ("😀".repeat(36), "UCS-2", 72, 2),
        (a(66) + "😀" + &a(66), "UCS-2", 134, 3),
        ("é".to_owned(), "GSM-7", 1, 1),
        ("á".to_owned(), "UCS-2", 1, 1),
        ("\t".to_owned(), "UCS-2", 1, 1),
    ]
}

#[test]
fn parts_are_counted_alike_from_an_argument_and_from_standard_input() {
    for (text, encoding, units, parts) in vectors() {
        let expected = [json!({ "encoding": encoding, "units": units, "parts": parts })];
        let given = wellsent(&["sms", "parts", "--json", &text]).good();
        assert_eq!(given.json_lines(), expected, "{text}");
        for input in [text.clone(), format!("{text}\n")] {
            let fed = wellsent_fed(&["sms", "parts", "--json"], input.as_bytes()).good();
            assert_eq!(fed.json_lines(), expected, "{input:?}");
        }
    }
    let dash = wellsent_fed(&["sms", "parts", "-", "--json"], "é".as_bytes()).good();
    assert_eq!(dash.json_lines()[0]["encoding"], "GSM-7");
}

#[test]
fn a_text_that_begins_with_a_dash_can_be_counted() {
    assert!(wellsent(&["sms", "parts", "--", "-5 degrees"]).good().out.starts_with("10 GSM-7, 1 part"));
}

#[test]
fn it_names_the_letter_that_makes_a_text_expensive() {
    let ran = wellsent(&["sms", "parts", "Nos vemos más tarde"]).good();
    assert!(ran.out.contains("'á'") && ran.out.contains("'a'"), "{}", ran.out);
}

#[test]
fn nothing_is_counted_too() {
    for ran in [wellsent(&["sms", "parts", ""]), wellsent_fed(&["sms", "parts"], b""), wellsent_fed(&["sms", "parts"], b"\n")] {
        assert!(ran.good().out.starts_with("0 GSM-7"));
    }
}

#[test]
fn input_without_end_is_refused_and_not_cut_short() {
    wellsent_fed(&["sms", "parts"], &vec![b'a'; 20_000_000]).failed(&["longer than 64 KiB"]);
    // A letter of two bytes across the limit is no damage to the text.
    wellsent_fed(&["sms", "parts"], "á".repeat(40_000).as_bytes()).failed(&["longer than 64 KiB"]);
    let whole = wellsent_fed(&["sms", "parts", "--json"], &[b'a'; 65_536]).good();
    assert_eq!(whole.json_lines()[0]["units"], 65_536);
}

#[test]
fn bytes_that_are_no_text_are_refused_in_words() {
    wellsent_fed(&["sms", "parts"], b"caf\xe9").failed(&["UTF-8"]);
}
