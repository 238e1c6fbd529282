//! The machine, played by hand. What it does under every mix of faults is the simulator's matter; here is what each rule
//! means.

mod creating;
mod guarding;
mod player;
mod resuming;
mod stopping;
