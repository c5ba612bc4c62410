//! The staff console: pages rendered on the server, useful without any script.

pub mod view;
