//! Carrier accounts, agreements, senders, texts of unknown outcome, and the applications that send through the API.

use askama::Template;

use super::{AccountState, AgreementState, RegistrationState, Share, Shell, When};

/// The page of the carriers.
#[derive(Clone, Template)]
#[template(path = "console/carriers.html")]
pub struct Carriers {
    /// The frame.
    pub shell: Shell,
    /// What keeps texts from going, and what waits for a person, the worst first.
    pub alarms: Vec<Alarm>,
    /// The carrier accounts.
    pub accounts: Vec<Account>,
    /// The register of agreements.
    pub agreements: Vec<AgreementRow>,
    /// The form that records one.
    pub agreement_form: AgreementForm,
    /// What waits to go.
    pub queue: Queue,
    /// The senders, in the order in which they are chosen.
    pub senders: Vec<SenderRow>,
    /// The form that adds one.
    pub sender_form: SenderForm,
    /// Texts of unknown outcome.
    pub unclear: Vec<UnclearRow>,
    /// Are there more than are listed?
    pub unclear_more: bool,
    /// By what a person can settle one: the stable word, and the sentence.
    pub settled_by: Vec<(&'static str, &'static str)>,
    /// The applications that send through the API.
    pub applications: Vec<ApplicationRow>,
}

/// A sentence at the top of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Does it stop texts? Otherwise it only wants to be looked at.
    pub is_bad: bool,
    /// The sentence.
    pub text: String,
    /// The part of the page that it is about.
    pub href: &'static str,
    /// What that link says.
    pub link: &'static str,
}

/// A carrier account.
#[derive(Clone)]
pub struct Account {
    /// Its place on the page, for ids: 1 and up.
    pub place: usize,
    /// Its name in the settings.
    pub name: String,
    /// What it is: `Twilio, account AC0123`.
    pub what: String,
    /// How it is doing.
    pub state: AccountState,
    /// The same in a sentence, with what to do.
    pub health: String,
    /// When the latest text was taken; `None` for none in a week.
    pub last: Option<When>,
    /// Numbers of the last day.
    pub figures: Vec<Figure>,
    /// The last seven days.
    pub days: Chart,
    /// The last twenty-four hours.
    pub hours: Chart,
    /// What the carrier can and cannot do.
    pub features: Vec<Feature>,
}

/// A number with what it counts.
#[derive(Clone)]
pub struct Figure {
    /// What it counts.
    pub label: &'static str,
    /// The number, with separators.
    pub value: String,
    /// The tone of one that is worth a look; empty for others.
    pub tone: &'static str,
}

/// What a carrier can or cannot do.
#[derive(Clone)]
pub struct Feature {
    /// Can it?
    pub has: bool,
    /// In a sentence.
    pub text: String,
}

/// Bars over time.
#[derive(Clone)]
pub struct Chart {
    /// What the bars are, for the heading of their table: `Day`.
    pub unit: &'static str,
    /// A bar each.
    pub bars: Vec<Bar>,
    /// The words below, at equal distances.
    pub marks: Vec<String>,
    /// The texts of the highest bar, with separators.
    pub most: String,
}

/// One bar.
#[derive(Clone)]
pub struct Bar {
    /// Which day or hour, in full.
    pub label: String,
    /// Texts that the carrier took.
    pub taken: u64,
    /// Texts that it refused.
    pub refused: u64,
    /// Texts of unknown outcome.
    pub unclear: u64,
}

/// A piece of a bar, in hundredths of the chart's height and tenths of a bar's distance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its class.
    pub class: &'static str,
    /// From the left.
    pub x: u64,
    /// From the top.
    pub y: u64,
    /// Its height.
    pub height: u64,
}

impl Chart {
    /// The width of the drawing.
    pub fn width(&self) -> u64 {
        self.bars.len() as u64 * 10
    }

    /// How many texts there were.
    pub fn total(&self) -> u64 {
        self.bars.iter().map(|bar| bar.taken + bar.refused + bar.unclear).sum()
    }

    /// The highest bar.
    fn highest(&self) -> u64 {
        self.bars.iter().map(|bar| bar.taken + bar.refused + bar.unclear).max().unwrap_or(0)
    }

    /// The bars that stand for something.
    pub fn rows(&self) -> Vec<&Bar> {
        self.bars.iter().filter(|bar| bar.taken + bar.refused + bar.unclear > 0).collect()
    }

    /// The drawing. What is not nothing can be seen.
    pub fn pieces(&self) -> Vec<Piece> {
        let most = self.highest().max(1);
        let mut pieces = Vec::new();
        for (place, bar) in self.bars.iter().enumerate() {
            let mut top = 100;
            for (class, count) in [("bar-confirmed", bar.taken), ("bar-no-answer", bar.unclear), ("bar-untexted", bar.refused)] {
                if count > 0 {
                    let height = (count * 100 / most).max(3).min(top);
                    top -= height;
                    pieces.push(Piece { class, x: place as u64 * 10 + 1, y: top, height });
                }
            }
        }
        pieces
    }
}

/// An agreement with a carrier.
#[derive(Clone)]
pub struct AgreementRow {
    /// Its id.
    pub id: String,
    /// The other party, as it signed.
    pub party: String,
    /// The carrier account, by its name in the settings.
    pub carrier: String,
    /// The account at the carrier that it names; empty for none.
    pub account: String,
    /// The services that it covers.
    pub services: String,
    /// Its days: `Jan 1, 2026 to Nov 30, 2026`.
    pub days: String,
    /// How it stands.
    pub state: AgreementState,
    /// The same with the days that are left: `ends in 12 days`.
    pub note: String,
    /// The beginning of the file's SHA-256; empty where none was given.
    pub digest: String,
    /// The whole of it.
    pub digest_whole: String,
    /// Can it be ended?
    pub may_end: bool,
}

/// The form that records an agreement. What is wrong stands beside its field.
#[derive(Clone, Default)]
pub struct AgreementForm {
    /// Is it unfolded?
    pub is_open: bool,
    /// The carrier accounts to choose from, each with its account at the carrier.
    pub carriers: Vec<(String, String)>,
    /// The chosen one.
    pub carrier: String,
    /// The account that the agreement names.
    pub account: String,
    /// The other party.
    pub party: String,
    /// The services to choose from: the stable word, the words, and whether it is ticked.
    pub services: Vec<(&'static str, &'static str, bool)>,
    /// The first day.
    pub from: String,
    /// The last day.
    pub until: String,
    /// What is wrong, by the name of the field.
    pub faults: Vec<(&'static str, &'static str)>,
}

impl AgreementForm {
    /// What is wrong with a field; empty for nothing.
    pub fn fault(&self, field: &str) -> &'static str {
        fault_of(&self.faults, field)
    }

    /// Is this the chosen carrier?
    pub fn is(&self, carrier: &str) -> bool {
        self.carrier == carrier
    }
}

fn fault_of(faults: &[(&'static str, &'static str)], field: &str) -> &'static str {
    faults.iter().find(|(name, _)| *name == field).map_or("", |(_, fault)| fault)
}

/// What waits to go.
#[derive(Clone)]
pub struct Queue {
    /// How many texts are due and have not gone.
    pub waiting: u64,
    /// The same in a sentence, with when the last will have gone.
    pub text: String,
}

/// A sender.
#[derive(Clone)]
pub struct SenderRow {
    /// Its id.
    pub id: String,
    /// The number or the name of the service.
    pub address: String,
    /// Kind and carrier account: `Toll-free number at twilio-main`.
    pub what: String,
    /// Campaign and brand, in words; empty where it has none.
    pub under: String,
    /// Its registration.
    pub registration: RegistrationState,
    /// What the registration means for texts; empty while they go.
    pub registration_note: &'static str,
    /// Its place in the order.
    pub rank: String,
    /// Parts of the last minute.
    pub minute: Gauge,
    /// Parts of the brand's day, where they are counted.
    pub day: Option<Gauge>,
    /// What the addresses of callbacks begin with; empty where none come.
    pub calls_at: String,
    /// Its limits, as the form shows them.
    pub form: SenderForm,
}

/// A part of a limit that is used up.
#[derive(Clone)]
pub struct Gauge {
    /// What is used up.
    pub used: String,
    /// Of what: `of 600 parts in the last minute`.
    pub of: String,
    /// The rest in words: until when it counts, and with whom it is shared. Empty for nothing.
    pub note: String,
    /// The share.
    pub share: Share,
    /// The tone of the bar.
    pub tone: &'static str,
}

/// The form of a sender, of a new one or of one that is there. What is wrong stands beside its field.
#[derive(Clone, Default)]
pub struct SenderForm {
    /// Is it unfolded?
    pub is_open: bool,
    /// Is the part unfolded in which the registration is changed?
    pub is_registration_open: bool,
    /// The carrier accounts to choose from.
    pub carriers: Vec<String>,
    /// The chosen one.
    pub carrier: String,
    /// The number or service.
    pub address: String,
    /// The kind.
    pub kind: String,
    /// The registration.
    pub registration: String,
    /// The campaign.
    pub campaign: String,
    /// The brand.
    pub brand: String,
    /// Parts a minute.
    pub per_minute: String,
    /// Parts of the brand's day.
    pub per_day: String,
    /// The place in the order.
    pub rank: String,
    /// What is wrong, by the name of the field.
    pub faults: Vec<(&'static str, &'static str)>,
}

impl SenderForm {
    /// What is wrong with a field; empty for nothing.
    pub fn fault(&self, field: &str) -> &'static str {
        fault_of(&self.faults, field)
    }

    /// Is this the chosen carrier, kind or registration?
    pub fn is(&self, word: &str) -> bool {
        [&self.carrier, &self.kind, &self.registration].iter().any(|chosen| *chosen == word)
    }

    /// The kinds to choose from.
    pub fn kinds(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("long_code", "Ten-digit number"),
            ("toll_free", "Toll-free number"),
            ("short_code", "Short code"),
            ("messaging_service", "Service or pool at the carrier"),
            ("smpp", "Address on a line of its own (SMPP)"),
            ("simulated", "Simulated number"),
        ]
    }

    /// The registrations to choose from.
    pub fn registrations(&self) -> &'static [RegistrationState] {
        RegistrationState::ALL
    }
}

/// A text of unknown outcome.
#[derive(Clone)]
pub struct UnclearRow {
    /// The attempt's id.
    pub id: String,
    /// The message.
    pub message_id: String,
    /// To whom: id and name; `None` where nobody is known.
    pub person: Option<(String, String)>,
    /// When it was handed over.
    pub at: When,
    /// Over which sender.
    pub sender: String,
    /// Has the program given up asking?
    pub given_up: bool,
    /// Where sight of it was lost, in a sentence.
    pub lost: &'static str,
    /// What the carrier's log said so far, in a sentence.
    pub log: String,
    /// Can the log be asked now?
    pub may_ask: bool,
    /// Can it still be sent again?
    pub may_resend: bool,
    /// Until when it is of use.
    pub useful_until: When,
    /// What the log says now; `None` where nobody asked.
    pub answer: Option<LogAnswer>,
    /// The carrier's own name for it, where it is known.
    pub carrier_id: String,
    /// What is wrong with what was entered; empty for nothing.
    pub fault: &'static str,
}

/// What a carrier's log says at this moment.
#[derive(Clone)]
pub struct LogAnswer {
    /// The sentence.
    pub text: String,
    /// Texts to the same number that no other attempt has.
    pub lines: Vec<LogRow>,
}

/// A text in a carrier's log.
#[derive(Clone)]
pub struct LogRow {
    /// When the carrier took it.
    pub at: When,
    /// The carrier's own name for it.
    pub carrier_id: String,
    /// How far it came.
    pub status: String,
    /// Is it the same text at the right time?
    pub fits: bool,
}

/// An application that sends through the API.
#[derive(Clone)]
pub struct ApplicationRow {
    /// Its id, for commands.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its account.
    pub account: String,
    /// Is it refused?
    pub disabled: Option<When>,
    /// Consent and purpose of its texts.
    pub what: String,
    /// The last four digits of its keys.
    pub keys: String,
    /// The hosts at which it may be called.
    pub hosts: String,
    /// Texts of the last day.
    pub texts: String,
    /// Calls to it, in words.
    pub calls: String,
    /// Do calls fail?
    pub fails: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(taken: u64, refused: u64, unclear: u64) -> Bar {
        Bar { label: String::new(), taken, refused, unclear }
    }

    #[test]
    fn the_highest_bar_fills_the_chart_and_one_text_among_thousands_can_be_seen() {
        let chart = Chart { unit: "Day", bars: vec![bar(4_000, 0, 0), bar(0, 0, 0), bar(1_999, 1, 0)], marks: vec![], most: String::new() };
        let pieces = chart.pieces();
        assert_eq!(pieces[0], Piece { class: "bar-confirmed", x: 1, y: 0, height: 100 });
        assert_eq!(pieces[2], Piece { class: "bar-untexted", x: 21, y: 48, height: 3 });
        assert_eq!((pieces.len(), chart.rows().len(), chart.total()), (3, 2, 6_000));
    }

    #[test]
    fn no_bar_leaves_the_chart() {
        let chart = Chart { unit: "Hour", bars: vec![bar(1_000_000, 1, 1)], marks: vec![], most: String::new() };
        let heights: u64 = chart.pieces().iter().map(|piece| piece.height).sum();
        assert!(heights <= 100 && chart.pieces().iter().all(|piece| piece.y + piece.height <= 100));
        assert!(Chart { unit: "Hour", bars: vec![bar(0, 0, 0)], marks: vec![], most: String::new() }.pieces().is_empty());
    }
}
