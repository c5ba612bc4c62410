//! What the network does about STOP by itself: one word that is the whole text, whatever its case.

/// What a word does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OptOut {
    Stop,
    Start,
    Help,
}

impl OptOut {
    /// The act of a text, if it is one.
    pub fn of(body: &str) -> Option<Self> {
        Some(match body.trim().to_ascii_uppercase().as_str() {
            "STOP" | "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" | "OPTOUT" | "REVOKE" => Self::Stop,
            "START" | "YES" | "UNSTOP" => Self::Start,
            "HELP" | "INFO" => Self::Help,
            _ => return None,
        })
    }

    /// As `OptOutType` says it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stop => "STOP",
            Self::Start => "START",
            Self::Help => "HELP",
        }
    }

    /// What the phone is answered.
    pub const fn answer(self) -> &'static str {
        match self {
            Self::Stop => {
                "You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe."
            }
            Self::Start => {
                "You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe."
            }
            Self::Help => "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
        }
    }
}
