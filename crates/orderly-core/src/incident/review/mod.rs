//! What an incident took, what could have shown it earlier, and what is to become of it: computed from its log and from
//! what Sentry recorded, so that nobody has to remember.
//!
//! Reading order: [`Evidence`] (what is looked up), [`backtest()`] (which alarm would have been raised), [`Review`] (the
//! whole; `metrics`: how long things took), `page` (as Markdown), `html` and `chart` (as one file for a browser).

mod backtest;
mod chart;
mod decide;
mod html;
mod inputs;
mod metrics;
mod page;
#[cfg(test)]
mod tests;

pub(super) use backtest::hour_of;
pub use backtest::{Stretch, backtest, least_alarming};
pub use chart::{Chart, Mark, MarkKind};
pub(super) use decide::compared;
pub use decide::{ActionView, DetectionView, Missing, PatternView, Review};
pub use inputs::{BackTest, Change, ChangeKind, Evidence, Fired, Pattern, Series};
pub use metrics::Metrics;
pub(super) use metrics::spoken;
