//! The engine on both databases, with real sockets and simulated phones.

mod canaries;
mod carrier_down;
mod carrier_owes;
mod code_service;
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
mod scripted;
mod secure_pages;
mod sender_choice;
mod unclear;
mod verification;
mod wordings;
mod wrong_address;
