//! Rates of events: what is expected of sparse counts, and how unlikely a count is.
//!
//! - [`tail`]: negative binomial and Poisson probabilities. [`regress`]: expected counts from weighted covariates.

pub mod regress;
pub mod tail;
