//! What tests share.

pub mod canary;
pub mod house;
pub mod postgres;
pub mod power;
