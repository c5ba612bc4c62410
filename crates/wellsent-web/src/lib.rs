//! The HTTP side of Wellsent: console, interfaces and secure pages.

pub mod console;
