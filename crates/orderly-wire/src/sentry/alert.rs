//! Incidents of metric alerts: when a metric was past a threshold that somebody set.

use super::tolerant;
use jiff::Timestamp;
use serde::Deserialize;

/// An incident.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertIncident {
    /// Its number.
    #[serde(deserialize_with = "tolerant::id")]
    pub id: String,
    /// Name of its rule.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub title: String,
    /// How bad it is.
    #[serde(default, deserialize_with = "tolerant::count")]
    pub status: u64,
    /// Slugs of its projects.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub projects: Vec<String>,
    /// Since when.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub date_started: Option<Timestamp>,
    /// What was measured.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub value: Option<f64>,
    /// Its rule.
    #[serde(default, deserialize_with = "tolerant::part_or_default")]
    pub alert_rule: AlertRule,
}

/// [`AlertIncident::status`] of one that is critical and open.
pub const CRITICAL: u64 = 20;

/// The rule of an incident.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct AlertRule {
    /// Its thresholds.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub triggers: Vec<AlertTrigger>,
}

/// A threshold of a rule.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertTrigger {
    /// `critical` or `warning`.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub label: String,
    /// The number.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub alert_threshold: Option<f64>,
}
