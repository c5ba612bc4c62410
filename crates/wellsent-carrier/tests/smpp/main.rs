//! The SMPP carrier against message centres: one of our own with every fault, one written by others, and lines that carry nonsense.

mod hostile;
mod kannel;
mod node;
mod outcomes;
mod peers;
mod phi;
mod receipts;
mod released;
mod replies;
mod sink;
mod storms;
mod world;
