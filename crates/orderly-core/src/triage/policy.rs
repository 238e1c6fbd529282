//! How a workspace tunes triage.

use super::do_not_fix::DoNotFix;
use crate::noise::NoisePolicy;
use crate::rank::Weights;
use serde::{Deserialize, Serialize};

/// The policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriagePolicy {
    /// What is not shown.
    pub noise: NoisePolicy,
    /// What goes first.
    pub weights: Weights,
    /// What only a person works on.
    pub do_not_fix: DoNotFix,
}
