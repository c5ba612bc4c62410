//! The engine on both databases, with real sockets and simulated phones.

mod canaries;
mod consent_log;
mod crowd;
mod number_check;
mod outcomes;
mod promises;
mod races;
mod receipts_order;
mod reminders;
mod replies;
mod wordings;
