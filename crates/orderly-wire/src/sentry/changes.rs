//! What changed, as the logs of feature flags and of settings answer it. Both are experimental there: what is missing is
//! empty.

use super::tolerant;
use jiff::Timestamp;
use serde::Deserialize;

/// The log of feature flags.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct FlagLog {
    /// Changes, newest first.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub data: Vec<FlagChange>,
}

/// A change of a flag.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FlagChange {
    /// `created`, `updated`, `deleted`.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub action: String,
    /// When.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub created_at: Option<Timestamp>,
    /// Who.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub created_by: Option<String>,
    /// Name of the flag.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub flag: String,
}

/// The audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct AuditLog {
    /// Entries, newest first.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub rows: Vec<AuditEntry>,
}

/// A change of a setting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// What happened: `alertrule.edit`.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub event: String,
    /// In words.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub note: String,
    /// Who.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub actor: Option<Actor>,
    /// When.
    #[serde(default, deserialize_with = "tolerant::time")]
    pub date_created: Option<Timestamp>,
}

/// Who changed a setting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Actor {
    /// Name.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_flags_are_read_and_what_is_missing_is_no_failure() {
        let text = r#"{"data": [{"id": "1", "action": "updated", "createdAt": "2026-03-02T20:00:00Z", "createdBy": null,
            "flag": "new_tax", "provider": "generic", "tags": {}}, {"flag": null}]}"#;
        let log: FlagLog = serde_json::from_str(text).unwrap();
        assert_eq!((log.data[0].flag.as_str(), log.data[0].action.as_str()), ("new_tax", "updated"));
        assert_eq!(log.data[0].created_at, Some("2026-03-02T20:00:00Z".parse().unwrap()));
        assert_eq!(log.data.get(1).and_then(|change| change.created_at), None);
    }
}
