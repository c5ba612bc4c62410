//! What may go to a carrier: a type that only the gate can make (P1).

use crate::{AttemptId, MessageId, Phi, PhoneNumber, PracticeId, SenderId};
use jiff::Timestamp;

/// An unguessable word that goes to the carrier in the callback address and comes back with each receipt, so that an attempt whose
/// outcome is unknown can be found again. It says nothing about a patient (TW-03).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AttemptToken(pub [u8; 16]);

impl AttemptToken {
    /// The token as 32 hexadecimal digits.
    pub fn to_hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads 32 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 32 || !bytes.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let mut token = [0; 16];
        for (slot, pair) in token.iter_mut().zip(text.as_bytes().chunks(2)) {
            *slot = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(token))
    }
}

impl std::fmt::Debug for AttemptToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AttemptToken(..)")
    }
}

/// A text that the gate released. Only [`super::rule`] makes one, it cannot be copied, and a carrier takes nothing else.
///
/// It can be read from outside the gate:
///
/// ```
/// fn reads(released: wellsent_domain::gate::Released) -> wellsent_domain::MessageId {
///     released.message()
/// }
/// ```
///
/// It cannot be copied, so that nothing can be handed over twice:
///
/// ```compile_fail,E0599
/// fn copies(released: wellsent_domain::gate::Released) {
///     let twice = released.clone();
/// }
/// ```
///
/// Once it is handed over it is gone:
///
/// ```compile_fail,E0382
/// fn hands_over(released: wellsent_domain::gate::Released) {
///     drop(released);
///     drop(released);
/// }
/// ```
///
/// And it cannot be made outside the gate, neither from nothing nor by changing one that was released:
///
/// ```compile_fail,E0451
/// use wellsent_domain::{Phi, PhoneNumber, gate::Released};
/// fn makes(released: Released, to: Phi<PhoneNumber>) -> Released {
///     Released { to, ..released }
/// }
/// ```
///
/// ```compile_fail,E0616
/// use wellsent_domain::{Phi, PhoneNumber, gate::Released};
/// fn changes(released: &mut Released, to: Phi<PhoneNumber>) {
///     released.to = to;
/// }
/// ```
#[derive(Debug)]
pub struct Released {
    pub(super) practice: PracticeId,
    pub(super) message: MessageId,
    pub(super) attempt: AttemptId,
    pub(super) token: AttemptToken,
    pub(super) to: Phi<PhoneNumber>,
    pub(super) sender: SenderId,
    pub(super) from: String,
    pub(super) body: Phi<String>,
    pub(super) parts: u32,
    pub(super) valid_until: Timestamp,
}

impl Released {
    /// The practice whose text it is.
    pub fn practice(&self) -> PracticeId {
        self.practice
    }
    /// The message.
    pub fn message(&self) -> MessageId {
        self.message
    }
    /// The attempt that this release is for.
    pub fn attempt(&self) -> AttemptId {
        self.attempt
    }
    /// The word for the callback address.
    pub fn token(&self) -> AttemptToken {
        self.token
    }
    /// The recipient's number.
    pub fn to(&self) -> &Phi<PhoneNumber> {
        &self.to
    }
    /// The sender that it leaves from.
    pub fn sender(&self) -> SenderId {
        self.sender
    }
    /// The sender's number or service id at the carrier. It is the practice's own, not PHI.
    pub fn from(&self) -> &str {
        &self.from
    }
    /// The text.
    pub fn body(&self) -> &Phi<String> {
        &self.body
    }
    /// How many parts the carriers count (C-09, C-13).
    pub fn parts(&self) -> u32 {
        self.parts
    }
    /// After this instant the carrier must drop it (TW-10).
    pub fn valid_until(&self) -> Timestamp {
        self.valid_until
    }
}
