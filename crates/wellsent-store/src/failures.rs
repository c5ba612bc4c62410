//! What a carrier's failure teaches about a number.

use crate::{StoreError, Tx, messages, numbers};
use jiff::Timestamp;
use wellsent_domain::carrier_report::Failure;
use wellsent_domain::consent::Channel;
use wellsent_domain::person::ContactState;

/// What a failure teaches about the number: an opt-out at the carrier becomes ours, a dead number is marked (TW-15).
pub fn learn(tx: &mut Tx<'_, '_>, message: wellsent_domain::MessageId, failure: Failure, now: Timestamp) -> Result<(), StoreError> {
    let state = match failure {
        Failure::OptedOut => {
            let number = messages::get(tx, message)?.number;
            if !numbers::is_suppressed(tx, number)? {
                numbers::suppress(tx, number, Channel::Carrier, None, now)?;
            }
            return Ok(());
        }
        Failure::InvalidNumber => ContactState::Invalid,
        Failure::NotTextable => ContactState::NotTextable,
        _ => return Ok(()),
    };
    let number = messages::get(tx, message)?.number;
    numbers::set_contact_state(tx, number, state, now)
}
