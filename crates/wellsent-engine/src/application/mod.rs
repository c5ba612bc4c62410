//! Applications: programs of the practice's own that send through the API of a well-known carrier.
//!
//! Who comes in is decided at the [`door`]; what they send is a message like any other, asked about at the gate before it is taken
//! ([`submit`]) and again when it leaves; what they look at is read with an entry on the ledger ([`read`]); and they are called about what
//! happens ([`callbacks`]).

mod callbacks;
mod door;
mod read;
mod sid;
mod submit;
mod twiml;

pub(crate) use door::Doors;
pub use door::{Caller, NotLetIn};
pub use read::{Changed, ListRequest, PageToken, TextPage};
pub use sid::{account_sid, key_sid, sender_sid, service_sid, text_of_sid, text_sid, token};
pub use submit::{CHARS_MAX, Content, SEND_AT_MAX, SEND_AT_MIN, SentFrom, TextFault, TextOutcome, TextRequest, VALIDITY_MAX};
