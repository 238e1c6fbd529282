//! Triage as a job: its gathering. Deciding is [`orderly_core::triage::decide()`]; nothing is applied.

mod gather;

pub use gather::{Head, Refused, Step, TriageJob, TriagePorts};
