//! The page after the patient closed the message.

use askama::Template;

use super::frame::Frame;
use super::phrases::Secure;

/// The message is closed. Its address is `?at=closed`. No forms.
#[derive(Clone, Template)]
#[template(path = "patient/closed.html")]
pub struct Closed {
    /// The frame.
    pub frame: Frame,
}

impl Closed {
    pub(super) const fn t(&self) -> &'static Secure {
        Secure::of(self.frame.lang)
    }

    pub(super) const fn at(&self) -> &'static str {
        "closed"
    }
}
