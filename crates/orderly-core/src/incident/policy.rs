//! How an organization handles incidents.

use super::clock::ClockPolicy;
use super::severity::{SeverityPolicy, Touching};
use crate::time::Seconds;

/// The policy.
#[derive(Clone, Debug)]
pub struct IncidentPolicy {
    /// How far back errors and users are counted.
    pub window: Seconds,
    /// What makes an incident how bad.
    pub severity: SeverityPolicy,
    /// What must not suffer.
    pub touching: Touching,
    /// What is due when.
    pub clock: ClockPolicy,
}

impl Default for IncidentPolicy {
    fn default() -> Self {
        Self {
            window: Seconds::hours(1),
            severity: SeverityPolicy::default(),
            touching: Touching::default(),
            clock: ClockPolicy::default(),
        }
    }
}
