//! What can go wrong when a stored value or a stored data key is opened.

use thiserror::Error;

use crate::KekId;

/// Why a sealed value or a wrapped data key could not be opened.
///
/// No variant carries anything of the value itself.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum VaultError {
    /// The data key was wrapped by a key-encryption key that is not in the key file.
    #[error(
        "the practice's data key was wrapped by key {wanted}, and the key file holds only {}; \
         start with the key file that contains {wanted}, or add that key to this file below the first one",
        list(have)
    )]
    WrongKek {
        /// The key that wrapped the data key.
        wanted: KekId,
        /// The keys at hand, the current one first.
        have: Vec<KekId>,
    },
    /// The wrapped data key does not have the form that this version writes.
    #[error(
        "the stored data key of the practice is not in a form that this version knows; \
         restore it from a backup, or run the version that wrote it"
    )]
    MalformedDek,
    /// The right key-encryption key does not open the wrapped data key: it was changed, or it
    /// belongs to another practice.
    #[error(
        "the stored data key of the practice was changed or belongs to another practice; \
         restore the practice's key row from a backup"
    )]
    DamagedDek,
    /// A sealed value has a form that this version does not know.
    #[error(
        "a sealed value in {table}.{column} is not in a form that this version knows; \
         run the version that wrote it, or restore the row from a backup"
    )]
    MalformedValue {
        /// Table of the value.
        table: &'static str,
        /// Column of the value.
        column: &'static str,
    },
    /// A sealed value was sealed by a data key that the practice's ring does not hold.
    #[error(
        "a sealed value in {table}.{column} was sealed by a data key that was not loaded; \
         load every data key of the practice, the retired ones too"
    )]
    UnknownDataKey {
        /// Table of the value.
        table: &'static str,
        /// Column of the value.
        column: &'static str,
    },
    /// A sealed value was changed, or was moved from another row, column or practice (H-27).
    #[error(
        "a sealed value in {table}.{column} was changed or moved there from another place; \
         restore the row from a backup and verify the ledger"
    )]
    DamagedValue {
        /// Table of the value.
        table: &'static str,
        /// Column of the value.
        column: &'static str,
    },
}

fn list(ids: &[KekId]) -> String {
    if ids.is_empty() {
        return "no key".to_owned();
    }
    let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrong_key_error_names_both_keys_and_the_way_out() {
        let error = VaultError::WrongKek { wanted: KekId::from_bytes([0xaa; 8]), have: vec![KekId::from_bytes([0xbb; 8])] };
        let text = error.to_string();
        assert!(text.contains("aaaaaaaaaaaaaaaa"));
        assert!(text.contains("bbbbbbbbbbbbbbbb"));
        assert!(text.contains("add that key"));
    }
}
