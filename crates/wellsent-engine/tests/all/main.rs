//! The engine on both databases, with real sockets and simulated phones.

mod crowd;
mod outcomes;
mod reminders;
