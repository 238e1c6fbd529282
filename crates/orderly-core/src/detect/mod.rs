//! Is there more of it than usual? Alarms over counts, each with the sum behind it, and the steps of a series.
//!
//! Reading order: [`Watched`] (a count comes in, an alarm comes out), `baseline` (what is usual), `decide` (what is too
//! much), [`share`] (so many out of all), [`lasting()`] (it rose some bins ago and stayed), [`steps`] (where a series bends
//! or jumps, looking back).

mod baseline;
mod decide;
mod inputs;
mod lasting;
pub mod share;
pub mod steps;
#[cfg(test)]
mod tests;

pub use decide::Alarm;
pub use inputs::{MEMORY, Rhythm, Watched};
pub use lasting::lasting;
