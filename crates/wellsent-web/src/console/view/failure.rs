//! The pages for what did not work.

use askama::Template;

/// A page that says what did not work and what to do next.
#[derive(Clone, Template)]
#[template(path = "console/failure.html")]
pub struct Failure {
    /// What happened.
    pub kind: FailureKind,
    /// The request's id, for the person who reads the logs.
    pub request_id: Option<String>,
}

/// The kinds of failure page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// No such page, person or message.
    NotFound,
    /// This role may not see it.
    Forbidden,
    /// A fault of ours.
    Internal,
    /// The form or address could not be read.
    BadRequest,
    /// The server cannot be reached or is closing down.
    Offline,
}

impl FailureKind {
    /// Every kind.
    pub const ALL: &[Self] = &[Self::NotFound, Self::Forbidden, Self::Internal, Self::BadRequest, Self::Offline];

    /// The short name above the heading.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotFound => "404",
            Self::Forbidden => "403",
            Self::Internal => "500",
            Self::BadRequest => "400",
            Self::Offline => "Offline",
        }
    }

    /// The heading.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::NotFound => "There is nothing here",
            Self::Forbidden => "Your role does not include this page",
            Self::Internal => "Something went wrong on our side",
            Self::BadRequest => "That request could not be read",
            Self::Offline => "The server cannot be reached",
        }
    }

    /// What to do next.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::NotFound => "The address may be mistyped, or the record belongs to another practice.",
            Self::Forbidden => "Ask your practice manager if you need it. This visit was written to the ledger.",
            Self::Internal => "What you had already saved is safe. Try again; if it happens twice, pass on the request id below.",
            Self::BadRequest => "Go back, reload the page and try once more.",
            Self::Offline => "Texts that were accepted are safe and will go out when the server is back. Try again in a moment.",
        }
    }
}
