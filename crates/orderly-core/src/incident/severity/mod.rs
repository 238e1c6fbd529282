//! How bad an incident is: SEV1 to SEV4 from what was counted, with the reasons and what would make it worse.

mod decide;
mod inputs;
mod ratchet;
#[cfg(test)]
mod tests;
mod touch;

pub use decide::{Assessment, Change, Nearest, Reason, assess};
pub use inputs::{Facts, Severity, SeverityPolicy, Thresholds, Touch, Trend, Unnamed, Usual};
pub use ratchet::Ratchet;
pub use touch::{BadPattern, Label, Touching};
