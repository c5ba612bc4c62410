//! The binary's parts: settings, wiring, sub-commands, lifecycle. It holds no logic of its own.

pub mod carriers;
pub mod commands;
pub mod config;
pub mod demo;
pub mod listen;
pub mod logging;
pub mod metrics;
pub mod open;
pub mod serve;
pub mod twilio_proxy;
