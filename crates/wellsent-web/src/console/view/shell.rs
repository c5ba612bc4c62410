//! The frame around every page of a signed-in member of staff.

use askama::Template;

use super::When;

/// What the frame needs to know; every signed-in page carries one.
#[derive(Clone)]
pub struct Shell {
    /// The practice's name.
    pub practice: String,
    /// The name of the member of staff.
    pub staff: String,
    /// Their role in words, for example `Front desk`.
    pub role: String,
    /// Whether the carriers are theirs to look after; it brings the Carriers section.
    pub manages_carriers: bool,
    /// The section that the sidebar marks as current.
    pub section: Option<Section>,
    /// Threads with something unread.
    pub inbox_count: u32,
    /// Open tasks.
    pub task_count: u32,
    /// Present in a demo only; it also brings the Phones section.
    pub clock: Option<ClockBar>,
    /// Present while sending is switched off.
    pub sending_off: Option<SendingOff>,
    /// The outcome of the form just sent.
    pub flash: Option<Flash>,
    /// Where live events come from, for example `/live?page=today&day=2026-11-24`.
    pub live: Option<String>,
}

impl Shell {
    /// The sections that this installation has.
    pub fn sections(&self) -> Vec<Section> {
        let has = |section: &Section| match section {
            Section::Phones => self.clock.is_some(),
            Section::Carriers => self.manages_carriers,
            _ => true,
        };
        Section::ALL.iter().copied().filter(has).collect()
    }

    /// The number beside a section's name; 0 shows none.
    pub fn count(&self, section: &Section) -> u32 {
        match section {
            Section::Inbox => self.inbox_count,
            Section::Tasks => self.task_count,
            _ => 0,
        }
    }

    /// Is this section the current one?
    pub fn is_here(&self, section: &Section) -> bool {
        self.section == Some(*section)
    }

    /// The initials shown beside the name.
    pub fn initials(&self) -> String {
        initials(&self.staff)
    }
}

/// The first letters of the first and the last word of a name.
pub(super) fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// A section of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// The visits of a day.
    Today,
    /// The threads.
    Inbox,
    /// What staff should look at.
    Tasks,
    /// Search for people.
    People,
    /// Every message with its ruling.
    Messages,
    /// Who can be texted, and who lacks what.
    Consents,
    /// Accounts, agreements and senders, for managers.
    Carriers,
    /// Upload of appointments and patients.
    Import,
    /// The log that proves what happened.
    Ledger,
    /// The patients' phones, in a demo.
    Phones,
}

impl Section {
    /// Every section in the order of the sidebar.
    pub const ALL: &[Self] = &[
        Self::Today,
        Self::Inbox,
        Self::Tasks,
        Self::People,
        Self::Messages,
        Self::Consents,
        Self::Carriers,
        Self::Import,
        Self::Ledger,
        Self::Phones,
    ];

    /// The name in the sidebar.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Today => "Today",
            Self::Inbox => "Inbox",
            Self::Tasks => "Tasks",
            Self::People => "People",
            Self::Messages => "Messages",
            Self::Consents => "Consents",
            Self::Carriers => "Carriers",
            Self::Import => "Import",
            Self::Ledger => "Ledger",
            Self::Phones => "Phones",
        }
    }

    /// The section's address.
    pub const fn href(self) -> &'static str {
        match self {
            Self::Today => "/",
            Self::Inbox => "/inbox",
            Self::Tasks => "/tasks",
            Self::People => "/people",
            Self::Messages => "/messages",
            Self::Consents => "/consents",
            Self::Carriers => "/carriers",
            Self::Import => "/import",
            Self::Ledger => "/ledger",
            Self::Phones => "/phones",
        }
    }

    /// The symbol in `assets/icons.svg`.
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Today => "calendar",
            Self::Inbox => "inbox",
            Self::Tasks => "tasks",
            Self::People => "people",
            Self::Messages => "message",
            Self::Consents => "shield-check",
            Self::Carriers => "antenna",
            Self::Import => "upload",
            Self::Ledger => "ledger",
            Self::Phones => "phone",
        }
    }
}

/// The bar that moves a demo's clock. Live fragment `clock-bar`.
#[derive(Clone, Template)]
#[template(path = "console/clock_bar.html")]
pub struct ClockBar {
    /// The demo's present moment, with the zone in its words.
    pub now: When,
    /// The same for the date field, as `2026-11-24T09:15`.
    pub field: String,
    /// When the next planned text is due, if any.
    pub next_due: Option<When>,
    /// The page to come back to, a path of this site.
    pub back: String,
}

/// Why no text leaves at the moment.
#[derive(Clone)]
pub struct SendingOff {
    /// The reason in a sentence.
    pub reason: String,
    /// Since when, if that is known.
    pub since: Option<When>,
    /// Texts that wait meanwhile.
    pub waiting: u32,
}

/// A short word after a form was sent.
#[derive(Clone)]
pub struct Flash {
    /// Did it work?
    pub good: bool,
    /// The sentence.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_take_the_first_and_the_last_word() {
        assert_eq!(initials("María José Núñez"), "MN");
        assert_eq!(initials("Cher"), "C");
        assert_eq!(initials(""), "");
    }
}
