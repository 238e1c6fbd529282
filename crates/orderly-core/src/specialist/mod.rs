//! What four specialists would report about an incident, without a model: for people, and for agents that take their part.
//!
//! Reading order: [`Specialist`] and [`Report`] (`report.rs`: one form for all), then one file each: [`commander`],
//! [`errors`], [`performance`], [`release`].

mod commander;
mod errors;
mod performance;
mod release;
mod report;
#[cfg(test)]
mod tests;

pub use commander::commander;
pub use errors::errors;
pub use performance::{Pace, Transaction, performance};
pub use release::{Health, release};
pub use report::{Part, Report, Specialist};
