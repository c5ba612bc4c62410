//! What a patient meant by an inbound text.
//!
//! [`read`] understands requests to stop in plain words, English and Spanish, and not just keywords
//! (T-08), tells a wrong number (T-13), hears distress (M-02), and reads answers to what was asked.
//! It decides nothing: what follows from a meaning is the caller's business.
//!
//! How it works: `words` folds the text and cuts it into words; `book` finds every phrase of the
//! tables in one pass; each meaning then weighs the phrases it cares about. To teach it a new wording,
//! add a line to a table and to the corpus beside the tests.

mod answer;
mod appointment;
mod automatic;
mod book;
mod disguise;
mod distress;
mod keyword;
mod language;
mod lexicon;
mod phrases_en;
mod phrases_es;
mod revocation;
mod words;
mod wrong_number;

pub use answer::{Answer, AnswerWord, Strength, VerificationCode};

use book::Book;
use words::Words;

/// Everything that was understood of one inbound text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reading {
    /// What the text means for texting this number.
    pub meaning: Meaning,
    /// Words of danger. Staff are paged at once, at any hour, even when the number is suppressed (M-02).
    pub distress: Option<DistressKind>,
    /// An answer to something that the practice asked. Bind it to the one text that it answers (M-03).
    pub answer: Option<Answer>,
    /// The language of the text, where it shows.
    pub language_hint: Option<Language>,
    /// A machine wrote this text, or a phone reports a reaction to one. Answering it may start a loop.
    pub looks_automatic: bool,
    /// What the patient asks about a visit. Never changes a visit by itself.
    pub appointment_request: Option<AppointmentRequest>,
}

/// What a text means for texting the number that it came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meaning {
    /// A request to stop. Suppress, whatever the certainty (T-08).
    Revocation(Revocation),
    /// This phone belongs to somebody else: suppress and mark the number disputed (T-13).
    WrongNumber,
    /// The only words that lift a suppression (rule T-12: a bare YES does not).
    Start(StartWord),
    /// HELP, INFO or AYUDA, which is answered even when suppressed (C-04).
    Help,
    /// Anything else: words for a human.
    Other,
}

/// A request to stop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Revocation {
    /// How sure the reading is. A probable one suppresses too, and opens a staff task.
    pub certainty: Certainty,
    /// What gave it away.
    pub cause: RevocationCause,
    /// What staff should be told besides.
    pub also: Option<StaffNote>,
}

/// How sure a reading is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Certainty {
    /// A reasonable person could not read it otherwise.
    Certain,
    /// Probably meant so; staff check.
    Probable,
}

/// What made a text a request to stop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RevocationCause {
    /// A keyword on its own, in its usual spelling.
    Keyword(&'static str),
    /// Plain words.
    Phrase,
    /// A stop sign or raised hand and nothing else.
    Emoji,
    /// A keyword with a slip in it.
    Misspelling,
}

/// What staff should know about a request to stop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StaffNote {
    /// A bare "cancel" may have meant the visit (T-12).
    MayMeanAppointment,
    /// "End it" may be despair. Page staff (M-02).
    MayBeDistress,
    /// The wording was not plain: read it.
    CheckWording,
}

/// The word that lifts a suppression.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StartWord {
    /// START.
    Start,
    /// UNSTOP.
    Unstop,
}

/// What kind of danger a text speaks of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DistressKind {
    /// Suicide or hurting oneself.
    SelfHarm,
    /// Chest pain or a heart attack.
    ChestPain,
    /// Trouble breathing or choking.
    Breathing,
    /// Signs of a stroke.
    Stroke,
    /// Bleeding.
    Bleeding,
    /// Overdose or poisoning.
    Overdose,
    /// Unconsciousness or a seizure.
    Collapse,
    /// A closing throat.
    Allergy,
    /// Violence at home.
    Violence,
    /// An emergency of pregnancy or birth.
    Pregnancy,
    /// The word emergency, or 911, and no more.
    Emergency,
    /// Words that may be despair or a cry for help.
    Unclear,
}

/// The language of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// English.
    En,
    /// Spanish.
    Es,
}

/// What a text asks about a visit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AppointmentRequest {
    /// To cancel it.
    Cancel,
    /// To move it.
    Reschedule,
    /// The patient is on the way, late.
    RunningLate,
    /// A question about it.
    Question,
}

/// Understands one inbound text. Reads at most its first 1,600 characters, and never fails.
pub fn read(text: &str) -> Reading {
    let book = Book::shared();
    let words = Words::of(text, book);
    let hits = book.find(&words);
    let looks_automatic = automatic::looks_automatic(&words, &hits);
    let meaning = meaning(text, book, &words, &hits, looks_automatic);
    let distress = distress::of(&words, &hits, &meaning);
    Reading {
        meaning,
        distress,
        answer: answer::of(book, &words, &hits, &meaning, distress, looks_automatic),
        language_hint: language::of(book, &words),
        looks_automatic,
        appointment_request: appointment::of(&words, &hits, &meaning, looks_automatic),
    }
}

fn meaning(text: &str, book: &Book, words: &Words, hits: &[book::Hit], automatic: bool) -> Meaning {
    if let Some(start) = keyword::start(text) {
        return Meaning::Start(start);
    }
    let revocation = revocation::of(book, words, hits);
    if automatic {
        // A machine's phrases bind nobody, but a keyword on its own always does.
        return revocation
            .filter(|found| matches!(found.cause, RevocationCause::Keyword(_)) && !words.tapback)
            .map_or(Meaning::Other, Meaning::Revocation);
    }
    if wrong_number::says_so(words, hits) {
        return Meaning::WrongNumber;
    }
    if let Some(revocation) = revocation {
        return Meaning::Revocation(revocation);
    }
    if keyword::is_help(words) { Meaning::Help } else { Meaning::Other }
}
