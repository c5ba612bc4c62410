//! The demo: a sample practice with invented patients, a few days that have already happened, and phones that answer.

mod dice;
mod names;
mod play;
mod seed;

pub use play::play;
pub use seed::{Furnished, SIMULATED_SENDER, furnish, populate, register, reminder_rules};
