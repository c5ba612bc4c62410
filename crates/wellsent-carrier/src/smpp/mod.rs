//! SMPP 3.4: a carrier that is reached over a line of its own, as an aggregator or a carrier offers it to a large sender.
//!
//! One bound session at a time ([`Carrier::hold_line`](crate::Carrier::hold_line) keeps it), over which texts go out, receipts and replies
//! come in. What another person's reading of the standard makes of it is a matter of [`Settings`]: how coding 0 is read, how long texts
//! travel, whether receipts name texts in another base.
//!
//! **Texts of several parts.** SMPP counts each part as a text. The parts share a reference and go one after the other, the attempt's id is
//! the first part's, and receipts of the parts are combined: delivered only when every part is, not delivered as soon as one is not. Which
//! parts belong together is kept in memory: after a restart, receipts of later parts are reported under their own ids, which nobody knows,
//! and the first part's stands for the text. A text of which only a part was taken is [`Unknown`](crate::Outcome::Unknown), never submitted
//! again, and receipts of that part say nothing about it. [`LongTexts::Payload`] has none of this, where the carrier takes it.
//!
//! **Replies.** A reply is acknowledged on the line only after the sink stored it (P5). The parts of a long one are joined if they arrive
//! within [`Settings::join_wait`] of the first; what is not whole by then is handed over as it is, so that no word to stop waits for a part
//! that never comes (P3). That also happens to every long reply where the carrier sends the next part only after the last was acknowledged.
//!
//! **Repetitions.** SMPP gives replies no identity. Where the carrier puts one into a TLV ([`Settings::text_id_tag`]), repetitions have the
//! same key for ever. Otherwise a reply counts as a repetition if the same words came from the same phone and it is not proven that the
//! carrier read our acknowledgement; an answered test of the line, half a second later, proves it. What remains: after a crash between
//! storing and acknowledging, a repeated reply is stored twice; and the same words written again within that half second, or within the
//! hour after a line was lost in just that moment, count once, unless they revoke consent and other words lie between. Receipts are named
//! by id and state.
//!
//! **No log.** What became of a text cannot be asked ([`LookupError::NotKept`](crate::LookupError::NotKept)): `query_sm` asks by an id, and
//! an attempt whose outcome is unknown has none. An answer that comes after its attempt was given up is reported as an event, which
//! resolves it.

mod alphabet;
mod assembly;
mod book;
mod carrier;
mod codes;
mod connect;
mod cut;
mod delivery;
mod frame;
mod inbound;
mod line;
mod link;
mod pdu;
mod receipt;
mod repeats;
mod session;
mod settings;
mod shared;
mod submit;

pub use carrier::SmppCarrier;
pub use codes::{failure_of_network_error, meaning_of};
pub use settings::{Bind, Coding0, LongTexts, Numbering, Password, Protection, ReceiptIds, Roots, Settings, SetupError};
pub use shared::describe_metrics;
