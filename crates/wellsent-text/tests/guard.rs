//! What the guard promises about any text, and about texts of every kind.

use proptest::prelude::*;
use wellsent_text::guard::{Class, Known, Report, Special, check};

fn of(text: &str) -> Report {
    check(text, &Known::default())
}

/// Terms that tell wherever they stand, each in a sentence that says it of a person.
const SURE: [(&str, &str); 8] = [
    ("i was told i have diabetes", "diabetes"),
    ("my metformin ran out on friday", "metformin"),
    ("your colonoscopy is on friday", "colonoscopy"),
    ("she is pregnant and scared", "pregnant"),
    ("my asthma is worse tonight", "asthma"),
    ("started chemotherapy last week", "chemotherapy"),
    ("tengo diabetes y mareos", "diabetes"),
    ("my migraine is back again", "migraine"),
];

fn well_formed(text: &str, report: &Report) -> Result<(), TestCaseError> {
    let length = text.chars().count() as u32;
    for span in &report.spans {
        prop_assert!(span.start < span.end && span.end <= length, "{span:?} in {length} code points");
    }
    for pair in report.spans.windows(2) {
        prop_assert!(pair[0].end <= pair[1].start, "{pair:?} overlap or stand in the wrong order");
    }
    let health = report.spans.iter().any(|span| span.category.is_health());
    let class = if health {
        Class::HealthContent
    } else if report.spans.is_empty() {
        Class::None
    } else {
        Class::IdentifierOnly
    };
    prop_assert_eq!(report.class, class);
    Ok(())
}

fn position(text: &str, word: &str) -> usize {
    text.chars().count() - text[text.find(word).unwrap()..].chars().count()
}

proptest! {
    #[test]
    fn no_text_breaks_it_and_spans_are_sorted_and_inside(text in any::<String>()) {
        well_formed(&text, &of(&text))?;
    }

    #[test]
    fn spans_fit_in_texts_of_words_marks_and_odd_characters(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "my", "tooth", "hurts", "H.I.V.", "h i v", "pr3gnant", "f\u{200b}ever", "fiebre\u{301}", "ﬁbroid", "💊💊", "👩🏽‍⚕️", "a1c", "8.2",
                "Mr.", "Burns", "555-0123", "03/04/85", "\n", "(", "¿", "’s", "mom’s", "ＨＩＶ", "h*rpes", "---", ".", "@", "1", "x",
            ]),
            0..24,
        ),
        glue in prop::sample::select(vec![" ", "", "  ", "."]),
    ) {
        let text = parts.join(glue);
        well_formed(&text, &of(&text))?;
    }

    #[test]
    fn an_invisible_character_or_an_accent_does_not_hide_a_sure_term(
        which in 0..SURE.len(),
        place in 1..5usize,
        inserted in prop::sample::select(vec!['\u{200b}', '\u{200d}', '\u{feff}', '\u{ad}', '\u{301}', '\u{308}']),
    ) {
        let (sentence, word) = SURE[which];
        let at = sentence.find(word).unwrap() + place;
        let text = format!("{}{inserted}{}", &sentence[..at], &sentence[at..]);
        let report = of(&text);
        let from = position(sentence, word) as u32;
        prop_assert!(
            report.spans.iter().any(|span| span.category.is_health() && span.start <= from && from < span.end),
            "{text:?}: {report:?}"
        );
    }

    #[test]
    fn invisible_characters_before_a_text_only_move_its_spans(which in 0..SURE.len(), count in 0..6usize) {
        let (sentence, _) = SURE[which];
        let moved = of(&format!("{}{sentence}", "\u{200b}".repeat(count)));
        let plain = of(sentence);
        let shift = count as u32;
        let expected: Vec<_> = plain.spans.iter().map(|span| (span.start + shift, span.end + shift, span.category)).collect();
        prop_assert_eq!(moved.spans.iter().map(|span| (span.start, span.end, span.category)).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn health_content_is_found_in_both_languages() {
    for text in [
        "any fever or chills today?",
        "your lab results show an a1c of 8.2",
        "necesito mi inhalador por favor",
        "creo que estoy embarazada",
        "my knee hurts when i walk",
    ] {
        assert_eq!(of(text).class, Class::HealthContent, "{text}");
    }
}

#[test]
fn logistics_are_nothing() {
    for text in
        ["", " ", "See you at 3", "ok thanks", "Which door do I use?", "Nos vemos el lunes a las 3.", "The lot behind the bank is full"]
    {
        assert_eq!(of(text).class, Class::None, "{text}: {:?}", of(text));
    }
}

#[test]
fn disguised_words_are_read() {
    for text in
        ["i tested pos for h.i.v.", "pr3gnant again dont tell mom", "back on h3roin need help", "ＨＩＶ test was positive", "i have h*rpes"]
    {
        assert!(of(text).has_health(), "{text}");
    }
}

#[test]
fn specially_protected_kinds_are_told() {
    for (text, kind) in [
        ("Suboxone strips ready for pickup", Special::Sud),
        ("i think im pregnant", Special::Repro),
        ("Truvada shipped today", Special::Hiv),
        ("your psychiatry visit moved to 3", Special::Mental),
    ] {
        assert_eq!(of(text).specials(), [kind], "{text}");
    }
}

#[test]
fn a_term_far_inside_a_long_text_is_found_where_it_stands() {
    let filler = "see you at the desk ".repeat(600);
    let text = format!("{filler}i was told i have diabetes {filler}");
    let from = position(&text, "diabetes") as u32;
    let report = of(&text);
    assert!(report.spans.iter().any(|span| span.category.is_health() && span.start <= from && from < span.end));
    assert!(report.spans.windows(2).all(|pair| pair[0].end <= pair[1].start));
}

#[test]
fn what_is_known_is_not_shown_by_debug() {
    let known = Known::default().recipient_name("Maria Gonzalez").birth_date(1985, 3, 4).record_number("00412");
    assert_eq!(format!("{known:?}"), "Known(..)");
}
