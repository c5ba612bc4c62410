//! The engine on both databases, with real sockets and simulated phones.

mod canaries;
mod consent_log;
mod coverage;
mod crowd;
mod guessing;
mod lapse;
mod number_check;
mod opt_in;
mod outcomes;
mod promises;
mod races;
mod receipts_order;
mod reminders;
mod replies;
mod secure_pages;
mod verification;
mod wordings;
