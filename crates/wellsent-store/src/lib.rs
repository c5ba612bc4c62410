//! The only place with SQL: one module an aggregate, from rows to domain types and back, with the ledger entry beside each change.
//!
//! Functions take a [`Tx`] first. A transaction belongs to one practice and one actor; every statement is scoped by that practice (P8). The
//! store decides nothing and reads no clock: instants come in as arguments.
//!
//! A statement that changes one row by its key and asks for a state as well writes the state as `coalesce(state, '')`: otherwise PostgreSQL, on
//! a table that it has no figures of, walks the partial index of all rows in that state for each of them.

mod error;
mod ids;
mod number_key;
mod schema;
mod tx;
mod when;
mod words;

pub mod agreements;
pub mod application_callbacks;
pub mod application_texts;
pub mod applications;
pub mod appointments;
pub mod attempts;
pub mod audit;
pub mod authorizations;
pub mod brand_days;
pub mod claims;
pub mod codes;
pub mod consent_log;
pub mod consent_wordings;
pub mod consents;
pub mod directives;
pub mod entry;
pub mod erasures;
pub mod evidence;
pub mod failures;
pub mod imports;
pub mod inbound;
pub mod installation;
pub mod leases;
pub mod ledger;
pub mod messages;
pub mod numbers;
pub mod pages;
pub mod people;
pub mod plans;
pub mod practices;
pub mod receipts;
pub mod rules;
pub mod senders;
pub mod sessions;
pub mod settlements;
pub mod tasks;
pub mod templates;
pub mod views;

pub use entry::LedgerSlot;
pub use error::StoreError;
pub use schema::migrations;
pub use tx::{Access, Actor, Store, SystemTx, Tx};
pub use when::{from_micros, micros};

/// Every statement of this crate, for the test that prepares each on both engines.
pub fn statements() -> Vec<&'static wellsent_db::Sql> {
    [
        agreements::ALL,
        application_callbacks::ALL,
        application_texts::ALL,
        applications::ALL,
        appointments::ALL,
        attempts::ALL,
        audit::ALL,
        authorizations::ALL,
        brand_days::ALL,
        claims::ALL,
        codes::ALL,
        consent_log::ALL,
        consent_wordings::ALL,
        consents::ALL,
        directives::ALL,
        entry::ALL,
        erasures::ALL,
        evidence::ALL,
        imports::ALL,
        inbound::ALL,
        installation::ALL,
        leases::ALL,
        ledger::ALL,
        messages::ALL,
        numbers::ALL,
        pages::ALL,
        people::ALL,
        plans::ALL,
        practices::ALL,
        receipts::ALL,
        rules::ALL,
        senders::ALL,
        sessions::ALL,
        settlements::ALL,
        tasks::ALL,
        templates::ALL,
        tx::ALL,
    ]
    .concat()
    .into_iter()
    .chain(views::statements())
    .collect()
}
