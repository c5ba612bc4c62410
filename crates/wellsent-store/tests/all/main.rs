//! The store on real databases: what a power cut, a forger and a neighbour can and cannot do.

mod fixture;
mod ledger;
#[cfg(target_os = "linux")]
mod power;
mod practices;
mod routers;
mod schema;
