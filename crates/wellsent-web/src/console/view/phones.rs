//! The patients' phones of a demo, and the simulated carrier's moods.

use askama::Template;

use super::{ReceiptTrouble, Shell, SubmitMode, When};

/// The page of phones.
#[derive(Clone, Template)]
#[template(path = "console/phones.html")]
pub struct Phones {
    /// The frame.
    pub shell: Shell,
    /// The phones.
    pub grid: PhoneGrid,
    /// The opened phone.
    pub open: Option<OpenPhone>,
    /// The carrier's moods.
    pub carrier: CarrierPanel,
}

/// The phones to choose from. Live fragment `phone-grid`.
#[derive(Clone, Template)]
#[template(path = "console/phone_grid.html")]
pub struct PhoneGrid {
    /// What was searched for.
    pub query: String,
    /// Those with the newest texts first.
    pub phones: Vec<PhoneCard>,
}

/// One phone in the grid.
#[derive(Clone)]
pub struct PhoneCard {
    /// The phone's id; it opens at `/phones/{id}`.
    pub id: String,
    /// Whose phone it is; several names on a family phone.
    pub owner: String,
    /// The number in words.
    pub number: String,
    /// The newest text; empty when there is none.
    pub last: String,
    /// Its language.
    pub lang: String,
    /// When it came.
    pub at: Option<When>,
    /// Texts received that nobody answered.
    pub unread: u32,
    /// Is it the opened one?
    pub current: bool,
}

/// The opened phone with its form.
#[derive(Clone)]
pub struct OpenPhone {
    /// The phone's id; replies go to `/phones/{id}/reply` as `body`.
    pub id: String,
    /// Whose phone it is.
    pub owner: String,
    /// The screen.
    pub screen: PhoneScreen,
}

/// What is on the opened phone's screen. Live fragment `phone-screen`.
#[derive(Clone, Template)]
#[template(path = "console/phone_screen.html")]
pub struct PhoneScreen {
    /// Who texts: the practice's own name or number.
    pub sender: String,
    /// The phone's time, for example `9:15`.
    pub time: String,
    /// Oldest first.
    pub bubbles: Vec<PhoneBubble>,
}

/// One text on a phone.
#[derive(Clone)]
pub struct PhoneBubble {
    /// Did the phone's owner write it?
    pub mine: bool,
    /// The words.
    pub text: String,
    /// Their language.
    pub lang: String,
    /// When.
    pub at: When,
}

/// The carrier's moods; the form posts `mode` and `receipts` to `/phones/carrier`. Live fragment
/// `carrier-panel`.
#[derive(Clone, Template)]
#[template(path = "console/carrier_panel.html")]
pub struct CarrierPanel {
    /// How it answers now.
    pub mode: SubmitMode,
    /// What it does to receipts now.
    pub receipts: Vec<ReceiptTrouble>,
    /// Texts that phones really got.
    pub delivered: u32,
    /// Texts that the carrier was given.
    pub submitted: u32,
    /// The page to come back to, a path of this site.
    pub back: String,
}

impl CarrierPanel {
    /// Is this trouble switched on?
    pub fn has(&self, trouble: &ReceiptTrouble) -> bool {
        self.receipts.contains(trouble)
    }
}
