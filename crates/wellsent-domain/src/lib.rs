//! What a practice, a person, a consent, an appointment and a message are, and what may be done with them.
//!
//! Pure functions over plain values: no clock, no randomness, no input or output. Time is always an argument.
//! The heart is [`gate::rule`], the one function that decides whether a text may leave.

mod words;

pub mod ids;
pub mod phi;

pub mod agreement;
pub mod application;
pub mod appointment;
pub mod carrier_report;
pub mod consent;
pub mod coverage;
pub mod message;
pub mod person;
pub mod practice;
pub mod secure_page;
pub mod sender;
pub mod staff;
pub mod throughput;
pub mod verification;

pub mod gate;
pub mod inbound;
pub mod planner;
pub mod quiet;
pub mod task;

pub use ids::*;
pub use phi::Phi;
pub use wellsent_text::{Tier, phone::PhoneNumber, template::Language};
