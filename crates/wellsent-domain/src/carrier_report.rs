//! What a carrier reports about a text, and how reports in any order end in the same state (TW-12, C-14).

use crate::words::words;

words! {
    /// By what a person settled a text of unknown outcome (P4). A closed list, so that the reason itself tells nothing about a patient.
    pub enum SettledBy {
        /// They looked into the carrier's own log.
        CarrierLog = "carrier_log",
        /// The carrier's support said so.
        CarrierSupport = "carrier_support",
        /// The patient said so.
        Patient = "patient",
        /// Nobody could tell, and they decided.
        Judgement = "judgement",
    }
}

impl SettledBy {
    /// The sentence for pages.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::CarrierLog => "I looked into the carrier's own log",
            Self::CarrierSupport => "The carrier's support said so",
            Self::Patient => "The patient said so",
            Self::Judgement => "Nobody can tell; I decide it",
        }
    }
}

/// How far a text has come, as a carrier tells it. `Sent` means that the next carrier took it; `Delivered` that the handset's carrier confirmed it.
/// Neither proves that anybody read it (C-14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryStatus {
    /// The carrier has it in its own queue.
    Queued,
    /// The carrier handed it on.
    Sent,
    /// The carrier gave up: it never left its queue.
    Failed,
    /// It left, and the next carrier reports that it did not arrive.
    Undelivered,
    /// The handset's carrier confirms it.
    Delivered,
}

impl DeliveryStatus {
    /// Whether nothing later can change it for the worse: receipts form a lattice whose join is the maximum, so order and repetition do not matter.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Failed | Self::Undelivered | Self::Delivered)
    }

    /// The state after another report: the higher of the two.
    pub fn join(self, other: Self) -> Self {
        self.max(other)
    }

    /// Stable word for storage and API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Undelivered => "undelivered",
            Self::Delivered => "delivered",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "queued" => Self::Queued,
            "sent" => Self::Sent,
            "failed" => Self::Failed,
            "undelivered" => Self::Undelivered,
            "delivered" => Self::Delivered,
            _ => return None,
        })
    }
}

/// Why a carrier did not take or not deliver a text: a closed list, each with an answer to "try again?", "whose fault?" and "what does staff see?".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    /// The number does not exist (21211).
    InvalidNumber,
    /// The number cannot receive texts: landline, unreachable carrier (21614, 30006).
    NotTextable,
    /// The carrier holds an opt-out from this number (21610): it becomes our suppression too.
    OptedOut,
    /// The carrier or a network blocked it (30004).
    Blocked,
    /// A content filter stopped it (30007): never reworded and retried.
    Filtered,
    /// The sender is not registered (30034).
    SenderNotRegistered,
    /// Wrong credentials or settings on our side.
    Configuration,
    /// The handset is off or out of reach (30003).
    Unreachable,
    /// The handset is unknown or inactive (30005): the number may have been reassigned.
    UnknownHandset,
    /// It waited too long at the carrier (30036).
    Expired,
    /// A code that is not in the table: not retried, a person looks at it.
    Other,
}

/// Who has to act on a [`Failure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The settings of this installation or its account.
    Ours,
    /// The number, or the patient's phone.
    Number,
    /// The carrier or a network on the way.
    Carrier,
}

impl Failure {
    /// All failures.
    pub const ALL: [Self; 11] = [
        Self::InvalidNumber,
        Self::NotTextable,
        Self::OptedOut,
        Self::Blocked,
        Self::Filtered,
        Self::SenderNotRegistered,
        Self::Configuration,
        Self::Unreachable,
        Self::UnknownHandset,
        Self::Expired,
        Self::Other,
    ];

    /// Whether one later try is sensible while the text is still useful (TW-15).
    pub const fn retry(self) -> bool {
        matches!(self, Self::Unreachable)
    }

    /// Who has to act.
    pub const fn fault(self) -> Fault {
        match self {
            Self::SenderNotRegistered | Self::Configuration => Fault::Ours,
            Self::InvalidNumber | Self::NotTextable | Self::OptedOut | Self::Unreachable | Self::UnknownHandset => Fault::Number,
            Self::Blocked | Self::Filtered | Self::Expired | Self::Other => Fault::Carrier,
        }
    }

    /// A sentence for staff.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::InvalidNumber => "The carrier says that this number does not exist. Ask the patient for the right one.",
            Self::NotTextable => "This number cannot receive texts. Call instead, or ask for a mobile number.",
            Self::OptedOut => "The carrier holds an opt-out from this number. The patient must text START before texts can go again.",
            Self::Blocked => "The carrier or a network blocked this text.",
            Self::Filtered => {
                "A carrier's content filter stopped this text. Do not send it again in other words; have the template reviewed."
            }
            Self::SenderNotRegistered => "The sender is not registered with the carriers. Texts stop until it is.",
            Self::Configuration => "The carrier account refused the request. Check its settings.",
            Self::Unreachable => "The phone was switched off or out of reach.",
            Self::UnknownHandset => "The phone is unknown to its network. The number may belong to somebody else now.",
            Self::Expired => "The text waited too long at the carrier and was dropped.",
            Self::Other => "The carrier gave a reason that is not known here. Look at the attempt.",
        }
    }

    /// Stable word for storage and API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidNumber => "invalid_number",
            Self::NotTextable => "not_textable",
            Self::OptedOut => "opted_out",
            Self::Blocked => "blocked",
            Self::Filtered => "filtered",
            Self::SenderNotRegistered => "sender_not_registered",
            Self::Configuration => "configuration",
            Self::Unreachable => "unreachable",
            Self::UnknownHandset => "unknown_handset",
            Self::Expired => "expired",
            Self::Other => "other",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DeliveryStatus::*;

    #[test]
    fn reports_in_any_order_end_in_the_same_state() {
        let all = [Queued, Sent, Failed, Undelivered, Delivered];
        for a in all {
            assert_eq!(a.join(a), a);
            for b in all {
                assert_eq!(a.join(b), b.join(a));
                for c in all {
                    assert_eq!(a.join(b).join(c), a.join(b.join(c)));
                }
            }
        }
        assert_eq!(Delivered.join(Sent), Delivered);
    }

    #[test]
    fn words_read_back() {
        for failure in Failure::ALL {
            assert_eq!(Failure::parse(failure.as_str()), Some(failure));
        }
    }
}
