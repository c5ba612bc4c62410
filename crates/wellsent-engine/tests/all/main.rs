//! The engine on both databases, with real sockets and simulated phones.

mod reminders;
