//! The load: requests to the server, texts from phones, and the book of what was acknowledged.

use crate::dice::Dice;
use crate::phones::Phones;
use crate::stage::{self, Ground, LEAD, Patient};
use jiff::SignedDuration;
use std::collections::{BTreeMap, HashMap};
use wellsent_engine::Clock;

/// Beyond so many phones the load stays with those that it has.
const PHONES_MAX: usize = 900;
/// What phones text to end texts. All of it must be understood without a person.
pub const STOPS: [&str; 4] = ["STOP", "Stop", "UNSUBSCRIBE", "stop texting me"];
/// What phones text to get texts again.
pub const STARTS: [&str; 2] = ["START", "unstop"];
const ANSWERS: [&str; 6] = ["C", "R", "yes", "thank you", "what time is it again?", "HELP"];

/// What a request asked for.
#[derive(Debug, Clone)]
enum Asked {
    Patient { number: String },
    Message { number: String },
    Visit,
    Cancel { visit: String },
    Checkpoint,
    Unfinished,
}

/// What was acknowledged.
#[derive(Debug, Clone, Default)]
pub struct Book {
    /// The keys of texts, with the phone that each is for.
    pub messages: BTreeMap<String, String>,
    /// Visits, by the id that the server gave them.
    pub visits: Vec<String>,
    /// Visits that were cancelled.
    pub cancelled: Vec<String>,
    /// The keys of patients that were added.
    pub patients: Vec<String>,
    /// Checkpoints that were given away while the run went on.
    pub checkpoints: Vec<String>,
    /// The latest answer about what is unfinished.
    pub unfinished: Option<Unfinished>,
}

/// What a server says is unfinished, see [`crate::look::unfinished`], and how many texts of phones it has.
pub type Unfinished = ([i64; 5], i64);

/// The loader.
pub struct Load {
    dice: Dice,
    clock: Clock,
    /// The sender as phones know it.
    sender: String,
    made: u64,
    phones: usize,
    patients: Vec<Patient>,
    /// Requests that have no answer yet, by key.
    open: BTreeMap<String, (String, Asked)>,
    /// Visits that may still be cancelled.
    coming: Vec<String>,
    /// Phones that have texted STOP, so that some of them come back.
    stopped: HashMap<String, u32>,
    pub book: Book,
}

impl Load {
    pub fn new(ground: &Ground, seed: u64, patients: Vec<Patient>) -> Self {
        Self {
            dice: Dice(seed),
            clock: ground.clock(),
            sender: ground.sender_to_phones(),
            made: 0,
            phones: patients.len(),
            patients,
            open: BTreeMap::new(),
            coming: Vec::new(),
            stopped: HashMap::new(),
            book: Book::default(),
        }
    }

    /// Chance, for whoever drives the load.
    pub fn dice(&mut self) -> &mut Dice {
        &mut self.dice
    }

    /// The requests that were not answered, to be made again: a caller that heard nothing asks once more. Questions are not repeated.
    pub fn again(&mut self) -> Vec<String> {
        self.open.retain(|_, (_, asked)| !matches!(asked, Asked::Checkpoint | Asked::Unfinished));
        self.open.values().map(|(line, _)| line.clone()).collect()
    }

    /// Some new requests.
    pub fn some(&mut self) -> Vec<String> {
        match self.dice.below(100) {
            0..8 if self.phones < PHONES_MAX => vec![self.patient()],
            8..20 => vec![self.visit()],
            20..27 => self.cancel().into_iter().collect(),
            _ => (0..self.dice.within(1, 6)).map(|_| self.message()).collect(),
        }
    }

    /// Asks for a checkpoint.
    pub fn checkpoint(&mut self) -> String {
        self.ask('c', |key| format!("checkpoint {key}"), Asked::Checkpoint)
    }

    /// Asks what is unfinished.
    pub fn unfinished(&mut self) -> String {
        self.book.unfinished = None;
        self.ask('u', |key| format!("unfinished {key}"), Asked::Unfinished)
    }

    fn ask(&mut self, kind: char, line: impl Fn(&str) -> String, asked: Asked) -> String {
        self.made += 1;
        let key = format!("{kind}{:06}", self.made);
        let line = line(&key);
        self.open.insert(key, (line.clone(), asked));
        line
    }

    fn patient(&mut self) -> String {
        let number = stage::number(self.phones);
        self.phones += 1;
        let asked = Asked::Patient { number: number.clone() };
        self.ask('p', |key| format!("patient {key} {number}"), asked)
    }

    fn message(&mut self) -> String {
        let Patient { number, person, contact } = self.dice.pick(&self.patients).clone();
        let urgent = if self.dice.percent(20) { "urgent" } else { "calm" };
        let asked = Asked::Message { number: number.clone() };
        self.ask('k', |key| format!("message {key} {person} {contact} {number} {urgent}"), asked)
    }

    fn visit(&mut self) -> String {
        let person = self.dice.pick(&self.patients).person.clone();
        let until_due = SignedDuration::from_millis(self.dice.within(300, 4_000) as i64);
        let starts_at = (self.clock.now() + LEAD + until_due).as_microsecond();
        self.ask('v', |key| format!("visit {key} {person} {starts_at}"), Asked::Visit)
    }

    fn cancel(&mut self) -> Option<String> {
        if self.coming.is_empty() {
            return None;
        }
        let at = self.dice.below(self.coming.len() as u64) as usize;
        let visit = self.coming.swap_remove(at);
        let asked = Asked::Cancel { visit: visit.clone() };
        Some(self.ask('x', |key| format!("cancel {key} {visit}"), asked))
    }

    /// A server answered.
    pub fn heard(&mut self, line: &str) {
        let mut words = line.splitn(3, ' ');
        let (word, key, more) = (words.next(), words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if word != Some("ok") {
            return;
        }
        // A request that was made twice is answered twice.
        let Some((_, asked)) = self.open.remove(key) else { return };
        match asked {
            Asked::Patient { number } => {
                let (person, contact) = more.split_once(' ').expect("two ids");
                self.patients.push(Patient { number, person: person.into(), contact: contact.into() });
                self.book.patients.push(key.to_owned());
            }
            Asked::Message { number } => drop(self.book.messages.insert(key.to_owned(), number)),
            Asked::Visit => {
                self.book.visits.push(more.to_owned());
                self.coming.push(more.to_owned());
            }
            Asked::Cancel { visit } => self.book.cancelled.push(visit),
            Asked::Checkpoint => self.book.checkpoints.extend(serde_json::from_str::<Option<String>>(more).expect("JSON")),
            Asked::Unfinished => self.book.unfinished = Some(serde_json::from_str(more).expect("JSON")),
        }
    }

    /// Somebody texts, or nobody does.
    pub fn phone_texts(&mut self, phones: &Phones) {
        let number = self.dice.pick(&self.patients).number.clone();
        let body = match self.stopped.get(&number) {
            // One in three phones that stopped comes back, sooner or later; the others never do.
            Some(order) if *order % 3 == 1 && self.dice.percent(30) => self.dice.pick(&STARTS),
            Some(_) if self.dice.percent(85) => return,
            _ if self.dice.percent(25) => self.dice.pick(&STOPS),
            _ => self.dice.pick(&ANSWERS),
        };
        if !phones.text(&number, &self.sender, body) {
            return;
        }
        if STOPS.contains(body) {
            let order = self.stopped.len() as u32;
            self.stopped.entry(number).or_insert(order);
        } else if STARTS.contains(body) {
            self.stopped.remove(&number);
        }
    }
}
