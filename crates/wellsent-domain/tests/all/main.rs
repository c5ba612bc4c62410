//! Behaviour of the domain as a whole: the gate and the planner.

mod gate;
mod planner;
