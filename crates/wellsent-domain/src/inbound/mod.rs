//! What follows from a text that a patient sent.
//!
//! An answer is bound to the exact prompt and visit that it answers. A late, ambiguous or two-visit answer never changes a visit: it asks
//! once, or becomes a task for staff (M-03).

mod bind;
mod route;

pub use bind::*;
pub use route::*;
