//! Seals the fields that hold personal data, keeps the keys that open them, and makes them
//! searchable without opening them.
//!
//! There are three layers of keys:
//!
//! 1. the **key-encryption key** ([`Kek`]) lives outside the database, in a file or a systemd
//!    credential (H-39);
//! 2. each practice has a **data key**, stored in the database only as a [`WrappedDek`] which the
//!    key-encryption key opens;
//! 3. from the data key come, by HKDF, separate keys for sealing, for the blind indexes and for
//!    keyed digests. [`PracticeKeys`] holds these, ready to use.
//!
//! A sealed value is bound to the practice, table, column and row it was sealed for, so that
//! nobody with write access to the database can move one patient's number into another's row.

mod blind_index;
mod device;
mod error;
mod kek;
mod key_file;
mod place;
mod practice_keys;
mod random;
mod source;
mod wrapped_dek;

pub use device::{is_inside, same_device};
pub use error::VaultError;
pub use kek::{Kek, KekId};
pub use key_file::KeyFileError;
pub use place::Place;
pub use practice_keys::{PracticeKeys, SEALING_OVERHEAD};
pub use random::{random_bytes, random_digits, random_token};
pub use source::{CredentialDirectory, KekSource, KeyFile, KeyVariable};
pub use wrapped_dek::WrappedDek;
