//! A moment on a page.

/// A moment, once for machines and once for people. The handler chooses zone and wording.
#[derive(Clone)]
pub struct When {
    /// The `datetime` attribute, for example `2026-11-24T09:15:00-05:00`.
    pub iso: String,
    /// The words shown, for example `Today 9:15 AM`.
    pub text: String,
}

impl When {
    /// Pairs the machine form with the words.
    pub fn new(iso: impl Into<String>, text: impl Into<String>) -> Self {
        Self { iso: iso.into(), text: text.into() }
    }
}
