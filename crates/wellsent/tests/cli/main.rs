//! The binary as a new user meets it, and as somebody meets it who gives it the wrong things: exit codes, what it says, and what stays whole.
//!
//! Everything runs the real program in a folder of its own. Where patients are brought in they carry planted values, and what the program says
//! on either stream is searched for them.

mod app;
mod audit;
mod carriers;
mod demo;
mod doctor;
mod help;
mod hostile;
mod http;
mod import;
mod init;
mod keys;
mod metrics;
mod phi;
mod place;
mod program;
mod proxy;
mod schema;
mod serve;
mod settings;
mod sms;
mod staff;
