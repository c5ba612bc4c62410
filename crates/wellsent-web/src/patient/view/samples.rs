//! Invented pages for the tests and for looking at: Riverbend Family Health, in both languages.

use askama::Template;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use wellsent_domain::Language;
use wellsent_domain::consent::Category;

use super::*;
use crate::console::view::When;

const NUMBER: &str = "(•••) •••-0123";
const DRAWN: &str = "M40 150L62 96L88 52L112 44L118 70L98 112L74 134L104 118L140 108L168 122L150 146L172 140L204 112L226 120L212 146L238 134L270 110L296 128\
                     L282 150L320 128L352 116L372 138L410 120M250 84L430 66";
const LETTER_EN: &str = "Hello Rosa,\n\nYour lab results from Tuesday are back. They look good:\n\n- Blood sugar: in range\n- Cholesterol: a little lower than \
                         last time\n\nKeep taking your medicine as before. We look at everything together at your next visit.\n\nDr. Okafor";
const LETTER_ES: &str = "Hola, Rosa:\n\nYa llegaron los resultados de laboratorio del martes. Están bien:\n\n- Azúcar en la sangre: normal\n- Colesterol: un \
                         poco más bajo que la última vez\n\nSiga tomando su medicina como hasta ahora. En su próxima cita revisamos todo juntos.\n\nDra. Okafor";

pub(super) fn frame(lang: Language) -> Frame {
    Frame { practice: "Riverbend Family Health".into(), phone: "212-555-0100".into(), lang }
}

fn moment(lang: Language, day: Date, hour: i8, minute: i8) -> When {
    let zone = TimeZone::get("America/New_York").expect("the zones are built in");
    moment_words(lang, &day.at(hour, minute, 0, 0).to_zoned_datetime(zone).expect("an unambiguous time"))
}

pub(super) fn door(lang: Language, state: DoorState) -> Door {
    Door { frame: frame(lang), state }
}

pub(super) fn message(lang: Language) -> MessagePage {
    MessagePage {
        frame: frame(lang),
        text: if lang == Language::En { LETTER_EN } else { LETTER_ES }.into(),
        text_lang: lang,
        written: moment(lang, date(2026, 11, 24), 9, 15),
        until: day_words(lang, date(2026, 12, 8)),
        replies: vec![],
        takes_replies: true,
        note: None,
        draft: String::new(),
    }
}

pub(super) fn message_answered(lang: Language) -> MessagePage {
    let text =
        if lang == Language::En { "Thank you! Do I need to come in before March?" } else { "¡Gracias! ¿Tengo que ir antes de marzo?" };
    let replies = vec![PatientReply { text: text.into(), at: moment(lang, date(2026, 11, 24), 18, 2) }];
    MessagePage { replies, note: Some(ReplyNote::Sent), ..message(lang) }
}

pub(super) fn preferences(lang: Language) -> Preferences {
    let answer = |topic: &Category| match topic {
        Category::Appointments | Category::Care => Some(true),
        Category::Billing | Category::Marketing => Some(false),
        Category::Surveys => None,
    };
    Preferences {
        frame: frame(lang),
        number: NUMBER.into(),
        topics: Category::ALL.iter().map(|topic| TopicChoice { topic: *topic, answer: answer(topic) }).collect(),
        marketing_paper: false,
        warning_accepted: Some(true),
        text_lang: lang,
        hours: Hours::Between(9, 18),
        allowed: (8, 21),
        stopped: false,
        note: None,
    }
}

pub(super) fn preferences_stopped(lang: Language) -> Preferences {
    let mut page = Preferences { stopped: true, warning_accepted: None, hours: Hours::Any, marketing_paper: true, ..preferences(lang) };
    page.topics.iter_mut().for_each(|choice| choice.answer = None);
    page
}

pub(super) const ASKED: [Category; 4] = [Category::Appointments, Category::Care, Category::Billing, Category::Surveys];

pub(super) fn chosen() -> Vec<Choice> {
    ASKED.map(|topic| Choice { topic, answer: Some(topic != Category::Billing) }).into()
}

pub(super) fn choices(lang: Language, unanswered: bool) -> CheckInChoices {
    let answer = |topic| (unanswered && topic == Category::Appointments).then_some(true);
    let choices = ASKED.map(|topic| Choice { topic, answer: answer(topic) }).into();
    CheckInChoices { frame: frame(lang), number: NUMBER.into(), choices, unanswered }
}

pub(super) fn sign(lang: Language) -> CheckInSign {
    CheckInSign { frame: frame(lang), choices: chosen(), notes: vec![], drawing: None, typed_name: String::new() }
}

pub(super) fn phone(lang: Language) -> CheckInPhone {
    CheckInPhone { frame: frame(lang), number: Some(NUMBER.into()), note: None, draft: String::new() }
}

pub(super) fn copy(lang: Language, signature: Option<Signature>, on_tablet: bool) -> PrintCopy {
    let frame = frame(lang);
    let wording = frame.wording();
    let choice = |choice: Choice| {
        let (title, what) = wording.check_in_topic(choice.topic);
        CopyChoice { title: title.to_string(), what: what.to_string(), answer: choice.answer.filter(|_| signature.is_some()) }
    };
    PrintCopy {
        patient: "Rosa Delgado".into(),
        number: "212-555-0123".into(),
        date: day_words(lang, date(2026, 11, 24)),
        warning: wording.warning(),
        terms: wording.terms(),
        statement: wording.shown_statement().body,
        choices: chosen().into_iter().map(choice).collect(),
        signature,
        on_tablet,
        frame,
    }
}

pub(super) fn drawing() -> Drawing {
    Drawing::parse(DRAWN).expect("a signature")
}

/// Every page in every state worth looking at: a name and its HTML.
pub(super) fn pages(lang: Language) -> Vec<(&'static str, String)> {
    fn page(name: &'static str, page: impl Template) -> (&'static str, String) {
        (name, page.render().expect("a template without fallible filters renders"))
    }
    let door = |state| door(lang, state);
    let start = |note| CheckInStart { frame: frame(lang), note };
    let desk = |why| CheckInAskDesk { frame: frame(lang), why };
    let code = |note| CheckInCode { frame: frame(lang), number: NUMBER.into(), note };
    let done = |verified| CheckInDone { frame: frame(lang), choices: chosen(), number: NUMBER.into(), verified };
    let both = vec![SignNote::NoSignature, SignNote::NotRead];
    vec![
        page("door", door(DoorState::TextMeACode)),
        page("door-code", door(DoorState::CodeEntry { failed: false })),
        page("door-code-failed", door(DoorState::CodeEntry { failed: true })),
        page("door-birth-date", door(DoorState::BirthDateEntry { failed: false })),
        page("door-birth-date-failed", door(DoorState::BirthDateEntry { failed: true })),
        page("door-later", door(DoorState::TryLater)),
        page("message", message(lang)),
        page("message-answered", message_answered(lang)),
        page("message-empty", MessagePage { note: Some(ReplyNote::Empty), ..message(lang) }),
        page("message-long", MessagePage { note: Some(ReplyNote::TooLong), draft: "x".repeat(1_001), ..message(lang) }),
        page("message-no-replies", MessagePage { takes_replies: false, ..message(lang) }),
        page("closed", Closed { frame: frame(lang) }),
        page("preferences", preferences(lang)),
        page("preferences-saved", Preferences { note: Some(PreferencesNote::Saved), ..preferences(lang) }),
        page("preferences-hours", Preferences { note: Some(PreferencesNote::HoursWrong), ..preferences(lang) }),
        page("preferences-stopped", preferences_stopped(lang)),
        page("stop", StopTexts { frame: frame(lang), number: NUMBER.into() }),
        page("check-in-start", start(None)),
        page("check-in-start-failed", start(Some(StartNote::Failed))),
        page("check-in-start-timed-out", start(Some(StartNote::TimedOut))),
        page("check-in-start-too-many", start(Some(StartNote::TooMany))),
        page("check-in-hello", CheckInHello { frame: frame(lang), first_name: "Rosa".into() }),
        page("check-in-not-them", desk(WhyDesk::NotThem)),
        page("check-in-other-phone", desk(WhyDesk::OtherPhone)),
        page("check-in-no-phone", desk(WhyDesk::NoPhone)),
        page("check-in-phone", phone(lang)),
        page("check-in-phone-wrong", CheckInPhone { note: Some(PhoneNote::NumberWrong), draft: "212 555".into(), ..phone(lang) }),
        page("check-in-phone-none", CheckInPhone { number: None, note: Some(PhoneNote::Unanswered), ..phone(lang) }),
        page("check-in-choices", choices(lang, false)),
        page("check-in-choices-unanswered", choices(lang, true)),
        page("check-in-sign", sign(lang)),
        page("check-in-sign-incomplete", CheckInSign { notes: both, ..sign(lang) }),
        page("check-in-sign-not-read", CheckInSign { notes: vec![SignNote::NotRead], drawing: Some(drawing()), ..sign(lang) }),
        page("check-in-code", code(None)),
        page("check-in-code-failed", code(Some(CodeNote::Failed))),
        page("check-in-code-unchecked", code(Some(CodeNote::Unchecked))),
        page("check-in-code-again", code(Some(CodeNote::SentAgain))),
        page("check-in-done", done(true)),
        page("check-in-done-unverified", done(false)),
        page("check-in-still-there", CheckInStillThere { frame: frame(lang) }),
        page("copy-unsigned", copy(lang, None, true)),
        page("copy-drawn", copy(lang, Some(Signature::Drawn(drawing())), true)),
        page("copy-typed", copy(lang, Some(Signature::Typed("Rosa Delgado".into())), false)),
    ]
}
