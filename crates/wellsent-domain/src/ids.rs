//! Typed identifiers. Each is a UUIDv7, printed with a prefix that says what it names.
//!
//! An id is opaque: it may stand in logs, URLs of staff pages and ledger entries, because nothing about a person can be read from it.

use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// A text that is not an id of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind: expected the prefix {expected}_ followed by 32 hexadecimal digits")]
pub struct IdError {
    /// The prefix that ids of the wanted kind carry.
    pub expected: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The prefix of this kind of id.
            pub const PREFIX: &'static str = $prefix;

            /// Takes over an existing UUID.
            pub const fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }

            /// The id as stored: sixteen bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self { Self(Uuid::from_bytes(bytes)) }

            /// The sixteen bytes that are stored.
            pub const fn bytes(&self) -> [u8; 16] { *self.0.as_bytes() }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.as_simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(self, f) }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let error = IdError { expected: $prefix };
                let hex = text.strip_prefix($prefix).and_then(|rest| rest.strip_prefix('_')).ok_or(error)?;
                if hex.len() != 32 { return Err(error); }
                Uuid::try_parse(hex).map(Self).map_err(|_| error)
            }
        }
    )*};
}

ids! {
    /// A practice: the tenant to which everything belongs.
    PracticeId = "prc";
    /// A place of the practice where visits happen.
    LocationId = "loc";
    /// A patient, or a proxy who is not a patient.
    PersonId = "per";
    /// A number at which one person can be reached.
    ContactPointId = "cpt";
    /// One recorded act about texting consent, a warning or a directive.
    ConsentEventId = "cns";
    /// Something that shows an act of consent: a signature, a scanned form, a reference.
    EvidenceId = "evd";
    /// A one-time code.
    CodeId = "cod";
    /// A page behind a link.
    PageId = "pag";
    /// One revocation by which texts to a number ended.
    SuppressionId = "sup";
    /// A visit.
    AppointmentId = "apt";
    /// A kind of visit, by the neutral name that rules use.
    VisitTypeId = "vty";
    /// A rule that says when reminders of a visit are due.
    ReminderRuleId = "rrl";
    /// A text that is wanted, on its way, or sent.
    MessageId = "msg";
    /// One ruling of the gate on a message.
    RulingId = "rul";
    /// One try at handing a message to a carrier.
    AttemptId = "att";
    /// A text that a patient sent.
    InboundId = "inb";
    /// A carrier's report about a text.
    ReceiptId = "rct";
    /// Something that a person at the practice has to do.
    TaskId = "tsk";
    /// Somebody who works at the practice.
    StaffId = "stf";
    /// A number or service that texts leave from.
    SenderId = "snd";
    /// A signed agreement (BAA) with a carrier.
    AgreementId = "agr";
    /// The ledger entries of one transaction.
    LedgerBatchId = "led";
    /// A console session.
    SessionId = "ses";
    /// A file that was brought in.
    ImportId = "imp";
    /// A program of the practice's own that sends texts through the API.
    ApplicationId = "app";
    /// Something that an application is called about.
    CallbackId = "clb";
    /// A secret of an application.
    CredentialId = "crd";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_prints_with_its_prefix_and_reads_back() {
        let id = MessageId::from_bytes([7; 16]);
        assert_eq!(id.to_string(), "msg_07070707070707070707070707070707");
        assert_eq!(id.to_string().parse::<MessageId>(), Ok(id));
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let id = PersonId::from_bytes([7; 16]);
        assert!(id.to_string().parse::<MessageId>().is_err());
        assert!("msg_07".parse::<MessageId>().is_err());
    }
}
