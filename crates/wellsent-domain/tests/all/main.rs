//! Behaviour of the domain as a whole: the gate, the planner, and the gate held against the table of its rules.

mod coverage;
mod gate;
mod planner;
mod table;
mod throughput;
