//! The pages in front of the door.

use askama::Template;

/// The page for anyone who is not signed in.
#[derive(Clone, Template)]
#[template(path = "console/sign_in.html")]
pub struct SignIn {
    /// What to say.
    pub state: SignInState,
    /// Is this a demo? Then the page says where its link is printed.
    pub demo: bool,
}

/// What the page in front of the door says.
#[derive(Clone)]
pub enum SignInState {
    /// Nobody is signed in: use the one-time link.
    UseLink,
    /// A good link: one press of a button uses it, so that a mail scanner's visit does not.
    Confirm {
        /// The token from the link, posted back to `/sign-in`.
        token: String,
        /// Whose link it is.
        staff: String,
    },
    /// The link was used before.
    Used,
    /// The link is too old or not known.
    Expired,
    /// Just signed out.
    SignedOut,
    /// The session ended, for example after a long pause.
    SessionEnded,
}

impl SignInState {
    /// Is a good link at hand? Then the page need not say where to find one.
    pub const fn has_link(&self) -> bool {
        matches!(self, Self::Confirm { .. })
    }

    /// The heading.
    pub const fn heading(&self) -> &'static str {
        match self {
            Self::UseLink => "Use your one-time link",
            Self::Confirm { .. } => "Continue to Wellsent",
            Self::Used => "This link was already used",
            Self::Expired => "This link no longer works",
            Self::SignedOut => "You are signed out",
            Self::SessionEnded => "Your session ended",
        }
    }

    /// The symbol above the heading.
    pub const fn icon(&self) -> &'static str {
        match self {
            Self::UseLink => "key",
            Self::Confirm { .. } => "shield-check",
            Self::Used | Self::Expired => "clock",
            Self::SignedOut | Self::SessionEnded => "exit",
        }
    }
}
