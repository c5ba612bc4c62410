//! The proxy as clients meet it.
#![allow(clippy::disallowed_methods, reason = "tests are clients, and connect; the proxy does not")]

mod clients;
mod house;
mod libraries;
mod limits;
mod log;
mod refusals;
mod shutdown;
mod structure;
mod tls;
