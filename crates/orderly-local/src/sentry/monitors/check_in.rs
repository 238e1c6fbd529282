//! What a job says of a run: an item of an envelope, or a plain HTTP request. Pure.

use serde_json::{Map, Value, json};

use super::schedule::Config;
use crate::sentry::model::watch::CheckInStatus;

/// What a job says of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckIn {
    /// Id of the run, 32 hex; all zeros or nothing: the run that is going on, or else a new one.
    pub guid: Option<String>,
    /// The monitor.
    pub slug: String,
    /// How the run is going.
    pub status: CheckInStatus,
    /// How long it took, milliseconds.
    pub duration: Option<i64>,
    /// Where it ran.
    pub environment: String,
    /// The monitor's settings, if the job knows them.
    pub config: Option<Config>,
}

impl CheckIn {
    /// Reads an item of an envelope. `None` when it says nothing that can be used.
    pub fn of_item(item: &Map<String, Value>) -> Option<CheckIn> {
        let text = |key: &str| item.get(key).and_then(Value::as_str);
        CheckIn::new(
            text("monitor_slug")?,
            text("status")?,
            text("check_in_id"),
            item.get("duration").and_then(Value::as_f64),
            text("environment"),
            item.get("monitor_config"),
        )
    }

    /// Puts the parts together; `duration` is in seconds. `None` for a name or status that there cannot be.
    pub fn new(
        slug: &str,
        status: &str,
        guid: Option<&str>,
        duration: Option<f64>,
        environment: Option<&str>,
        config: Option<&Value>,
    ) -> Option<CheckIn> {
        let status = status.parse().ok()?;
        if matches!(status, CheckInStatus::Missed | CheckInStatus::Timeout) {
            return None;
        }
        let slug = slug.trim().to_lowercase();
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if slug.is_empty() || slug.len() > 50 || !slug.chars().all(allowed) {
            return None;
        }
        let guid = guid.map(|guid| guid.replace('-', "").to_lowercase());
        let guid = guid.filter(|guid| guid.len() == 32 && guid.bytes().all(|b| b.is_ascii_hexdigit()));
        Some(CheckIn {
            guid: guid.filter(|guid| guid.bytes().any(|b| b != b'0')),
            slug,
            status,
            duration: duration.filter(|s| (0.0..1e9).contains(s)).map(|seconds| (seconds * 1000.0) as i64),
            environment: environment
                .filter(|name| !name.is_empty() && name.len() <= 64)
                .unwrap_or("production")
                .to_owned(),
            config: config.and_then(read_config),
        })
    }
}

/// SDKs nest the schedule: `{"schedule": {"type": "interval", "value": 1, "unit": "hour"}, "checkin_margin": 5}`.
fn read_config(given: &Value) -> Option<Config> {
    let schedule = given.get("schedule")?;
    let value = match schedule.get("type")?.as_str()? {
        "interval" => json!([schedule.get("value")?, schedule.get("unit")?]),
        _ => schedule.get("value")?.clone(),
    };
    let mut flat = given.as_object()?.clone();
    flat.insert("schedule_type".to_owned(), schedule.get("type")?.clone());
    flat.insert("schedule".to_owned(), value);
    let config: Config = serde_json::from_value(flat.into()).ok()?;
    config.problem().is_none().then_some(config)
}
