//! What replies mean, held against the corpora beside this file.

mod corpus_reader;

use corpus_reader::{Line, check};
use proptest::prelude::*;
use wellsent_text::reply::{
    AnswerWord, AppointmentRequest, Certainty, DistressKind, Language, Meaning, Reading, RevocationCause, StaffNote, StartWord, Strength,
    read,
};

fn revocation_class(reading: &Reading) -> &'static str {
    match reading.meaning {
        Meaning::Revocation(found) => match (found.certainty, found.also) {
            (Certainty::Certain, None) => "certain",
            (Certainty::Certain, Some(StaffNote::MayMeanAppointment)) => "cancel",
            (Certainty::Probable, Some(StaffNote::MayBeDistress)) if reading.distress.is_some() => "distress",
            (Certainty::Probable, Some(StaffNote::CheckWording | StaffNote::MayMeanAppointment)) => "probable",
            _ => "ill-formed",
        },
        Meaning::WrongNumber => "wrong",
        _ => "not",
    }
}

fn revocation_misread(line: &Line) -> Option<String> {
    let class = revocation_class(&read(&line.text));
    let right = class == line.class || line.class == "revoke" && matches!(class, "certain" | "probable");
    (!right).then(|| class.to_owned())
}

fn distress_misread(line: &Line) -> Option<String> {
    let class = match read(&line.text).distress {
        None => "none",
        Some(DistressKind::SelfHarm) => "self_harm",
        Some(DistressKind::ChestPain) => "chest_pain",
        Some(DistressKind::Breathing) => "breathing",
        Some(DistressKind::Stroke) => "stroke",
        Some(DistressKind::Bleeding) => "bleeding",
        Some(DistressKind::Overdose) => "overdose",
        Some(DistressKind::Collapse) => "collapse",
        Some(DistressKind::Allergy) => "allergy",
        Some(DistressKind::Violence) => "violence",
        Some(DistressKind::Pregnancy) => "pregnancy",
        Some(DistressKind::Emergency) => "emergency",
        Some(DistressKind::Unclear) => "unclear",
    };
    (class != line.class).then(|| class.to_owned())
}

#[test]
fn every_line_of_the_revocation_corpus_is_read_right() {
    check(include_str!("corpus/revocation.tsv"), 2, revocation_misread);
}

#[test]
fn every_line_of_the_held_out_corpus_is_read_right() {
    check(include_str!("corpus/held_out.tsv"), 2, revocation_misread);
}

#[test]
fn every_line_of_the_second_held_out_corpus_is_read_right() {
    check(include_str!("corpus/held_out_2.tsv"), 2, revocation_misread);
}

#[test]
#[should_panic(expected = "lines misread")]
fn a_reader_that_knows_only_twilios_words_fails_the_corpus() {
    const WORDS: [&str; 8] = ["stop", "unsubscribe", "end", "quit", "stopall", "revoke", "optout", "cancel"];
    check(include_str!("corpus/revocation.tsv"), 2, |line| {
        let revoked = WORDS.contains(&line.text.to_lowercase().as_str());
        (revoked == (line.class == "not")).then(|| "the wrong class".to_owned())
    });
}

#[test]
#[should_panic(expected = "lines misread")]
fn a_reader_that_looks_for_the_word_stop_anywhere_fails_the_corpus() {
    check(include_str!("corpus/revocation.tsv"), 2, |line| {
        let revoked = line.text.to_lowercase().contains("stop");
        (revoked == (line.class == "not")).then(|| "the wrong class".to_owned())
    });
}

#[test]
fn the_revocation_corpus_is_large_and_balanced() {
    let lines = corpus_reader::lines(include_str!("corpus/revocation.tsv"), 2);
    let negative = lines.iter().filter(|line| line.class == "not").count();
    assert!(lines.len() >= 380, "only {} lines", lines.len());
    assert!(negative * 5 >= lines.len() * 2, "only {negative} of {} lines keep texting", lines.len());
}

#[test]
fn every_line_of_the_wrong_number_corpus_is_read_right() {
    check(include_str!("corpus/wrong_number.tsv"), 1, |line| {
        let class = if read(&line.text).meaning == Meaning::WrongNumber { "wrong" } else { "not" };
        (class != line.class).then(|| class.to_owned())
    });
}

#[test]
fn only_start_and_unstop_lift_a_suppression() {
    check(include_str!("corpus/start_help.tsv"), 1, |line| {
        let class = match read(&line.text).meaning {
            Meaning::Start(StartWord::Start) => "start",
            Meaning::Start(StartWord::Unstop) => "unstop",
            Meaning::Help => "help",
            Meaning::Revocation(_) | Meaning::WrongNumber => "suppressed",
            Meaning::Other => "other",
        };
        (class != line.class).then(|| class.to_owned())
    });
}

#[test]
fn every_line_of_the_distress_corpus_is_heard_right() {
    check(include_str!("corpus/distress.tsv"), 1, distress_misread);
}

#[test]
fn every_line_of_the_held_out_distress_corpus_is_heard_right() {
    check(include_str!("corpus/distress_held_out.tsv"), 1, distress_misread);
}

#[test]
fn every_line_of_the_answers_corpus_is_read_right() {
    check(include_str!("corpus/answers.tsv"), 2, |line| {
        let answer = read(&line.text).answer;
        let class = answer.map_or("none".to_owned(), |answer| match answer.word {
            AnswerWord::Confirm => "confirm".to_owned(),
            AnswerWord::Reschedule => "reschedule".to_owned(),
            AnswerWord::Take => "take".to_owned(),
            AnswerWord::Accept => "accept".to_owned(),
            AnswerWord::Decline => "decline".to_owned(),
            AnswerWord::Digit(value) => format!("digit:{value}"),
            AnswerWord::Code(code) => format!("code:{}", String::from_utf8_lossy(code.expose())),
        });
        let strength = answer.map_or("-", |answer| match answer.strength {
            Strength::Exact => "exact",
            Strength::Loose => "loose",
        });
        (class != line.class || strength != line.second).then(|| format!("{class} {strength}"))
    });
}

#[test]
fn machines_are_told_from_people() {
    check(include_str!("corpus/automatic.tsv"), 1, |line| {
        let class = if read(&line.text).looks_automatic { "auto" } else { "not" };
        (class != line.class).then(|| class.to_owned())
    });
}

#[test]
fn every_line_of_the_appointment_corpus_is_read_right() {
    check(include_str!("corpus/appointment.tsv"), 1, |line| {
        let class = match read(&line.text).appointment_request {
            None => "none",
            Some(AppointmentRequest::Cancel) => "cancel",
            Some(AppointmentRequest::Reschedule) => "reschedule",
            Some(AppointmentRequest::RunningLate) => "late",
            Some(AppointmentRequest::Question) => "question",
        };
        (class != line.class).then(|| class.to_owned())
    });
}

#[test]
fn the_language_of_a_text_shows() {
    check(include_str!("corpus/language.tsv"), 1, |line| {
        let class = match read(&line.text).language_hint {
            None => "none",
            Some(Language::En) => "en",
            Some(Language::Es) => "es",
        };
        (class != line.class).then(|| class.to_owned())
    });
}

#[test]
fn the_cause_of_a_revocation_is_recorded() {
    let cause = |text: &str| match read(text).meaning {
        Meaning::Revocation(found) => Some(found.cause),
        _ => None,
    };
    assert_eq!(cause("ＳＴＯＰ"), Some(RevocationCause::Keyword("STOP")));
    assert_eq!(cause("Pare por favor"), Some(RevocationCause::Keyword("PARE")));
    assert_eq!(cause("please stop texting me"), Some(RevocationCause::Phrase));
    assert_eq!(cause("🛑"), Some(RevocationCause::Emoji));
    assert_eq!(cause("stpo"), Some(RevocationCause::Misspelling));
}

#[test]
fn a_bare_yes_from_a_suppressed_number_restores_nothing() {
    for text in ["YES", "yes", "Y", "si", "ok", "yes start please", "resume"] {
        assert!(!matches!(read(text).meaning, Meaning::Start(_)), "{text} must not lift a suppression");
    }
}

#[test]
fn a_bare_cancel_tells_staff_that_the_visit_may_be_meant() {
    let Meaning::Revocation(found) = read("Cancel").meaning else { panic!("cancel is a word of revocation") };
    assert_eq!(found.certainty, Certainty::Certain);
    assert_eq!(found.also, Some(StaffNote::MayMeanAppointment));
}

#[test]
fn a_code_does_not_show_in_debug_output() {
    let reading = read("482913");
    assert!(reading.answer.is_some());
    assert!(!format!("{reading:?}").contains('4'), "{reading:?}");
}

#[test]
fn words_beyond_1600_characters_are_not_read() {
    assert_eq!(read(&format!("{}stop texting me", "la ".repeat(600))).meaning, Meaning::Other);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,300}") {
        let _ = read(&text);
    }

    #[test]
    fn no_row_of_known_words_makes_it_panic(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "stop", "please", "don't", "text", "me", ".", ",", "\"", "“", "”", "s", "t", "o", "p", "🛑", "cancel", "no", "1",
                "482913", "?", "liked", "wrong", "number", "#", "-", "want", "más", "de", "no", "me", "manden", "\u{301}", "\n",
            ]),
            0..60,
        ),
        glue in prop::sample::select(vec!["", " "]),
    ) {
        let _ = read(&words.join(glue));
    }

    #[test]
    fn case_spaces_and_punctuation_never_hide_a_keyword(
        keyword in prop::sample::select(vec!["stop", "stopall", "quit", "end", "revoke", "optout", "opt out", "cancel", "unsubscribe"]),
        upper in prop::collection::vec(any::<bool>(), 12),
        before in "[ \n.!*#]{0,4}",
        after in "[ \n.!*…]{0,4}",
    ) {
        let mixed: String =
            keyword.chars().zip(upper.iter().cycle()).map(|(c, up)| if *up { c.to_ascii_uppercase() } else { c }).collect();
        let text = format!("{before}{mixed}{after}");
        let Meaning::Revocation(found) = read(&text).meaning else { return Err(TestCaseError::fail(format!("{text:?} is not read as a revocation"))) };
        prop_assert_eq!(found.certainty, Certainty::Certain);
    }

    #[test]
    fn a_sentence_beside_a_request_to_stop_never_hides_it(
        beside in prop::sample::select(vec![
            "I moved to Ohio", "Thank you", "My son had his appointment in May", "I don't live there", "no", "I never got a reply", "ok",
            "The pain won't stop", "I don't need anything", "did you get my form?", "I have a new doctor", "gracias", "God bless",
            "I want to change doctors", "why do you do this?", "I can't make it", "if I need you I will call",
        ]),
        request in prop::sample::select(vec![
            "stop texting me", "STOP", "please take me off your list", "do not text me again", "no more messages", "unsubscribe",
            "I want to opt out", "leave me alone", "lose my number", "no me manden más mensajes", "dejen de escribirme",
        ]),
        first in any::<bool>(),
        joint in prop::sample::select(vec![". ", "! ", "\n", " - "]),
    ) {
        let text = if first { format!("{request}{joint}{beside}") } else { format!("{beside}{joint}{request}") };
        let suppresses = matches!(read(&text).meaning, Meaning::Revocation(_) | Meaning::WrongNumber);
        prop_assert!(suppresses, "{:?} is not read as a request to stop", text);
    }

    #[test]
    fn only_the_two_words_ever_restore(text in "[a-zA-Z .!]{0,12}") {
        let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
        if matches!(read(&text).meaning, Meaning::Start(_)) {
            prop_assert!(letters == "start" || letters == "unstop");
        }
    }
}
