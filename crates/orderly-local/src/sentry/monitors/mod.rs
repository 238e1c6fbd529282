//! Monitors of scheduled jobs: check-ins in, missed and overdue runs by the clock, an issue for each failing job.
//!
//! - [`schedule`], [`crontab`]: when a job is expected. Pure.
//! - [`check_in`]: what a job says of a run. Pure.
//! - [`keep`]: what follows from a check-in, and from none.

pub mod check_in;
pub mod crontab;
pub mod keep;
pub mod schedule;
#[cfg(test)]
mod tests;
