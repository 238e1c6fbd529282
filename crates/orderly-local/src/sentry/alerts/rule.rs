//! An issue alert: when these conditions hold of an event and its issue, apps are told. Pure.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::condition::{Condition, Facts, Stretch};

/// An issue alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IssueRule {
    /// Row ids of the projects it watches; empty: all.
    pub projects: Vec<i64>,
    /// In which environment; `None`: in all.
    pub environment: Option<String>,
    /// What sets it off.
    pub conditions: Vec<Condition>,
    /// How many of them.
    pub condition_match: Match,
    /// What must be true besides.
    pub filters: Vec<Condition>,
    /// How many of them.
    pub filter_match: Match,
    /// Minutes in which an issue sets it off at most once.
    pub frequency: i64,
    /// What is done, as it was given. Apps are told; other actions are kept and shown, not carried out.
    pub actions: Vec<Value>,
}

/// How many of several conditions must hold. Of none at all, every one of these is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Match {
    /// One of them.
    #[serde(rename = "any", alias = "any-short")]
    Any,
    /// Each of them.
    #[serde(rename = "all")]
    All,
    /// Not one of them.
    #[serde(rename = "none")]
    None,
}

impl Match {
    /// The word of the web API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Match::Any => "any",
            Match::All => "all",
            Match::None => "none",
        }
    }

    fn holds(self, conditions: &[Condition], facts: &Facts) -> bool {
        let mut each = conditions.iter().map(|condition| condition.holds(facts));
        match self {
            _ if conditions.is_empty() => true,
            Match::Any => each.any(|holds| holds),
            Match::All => each.all(|holds| holds),
            Match::None => !each.any(|holds| holds),
        }
    }
}

impl IssueRule {
    /// What must be counted before [`IssueRule::holds`] can be asked.
    pub fn stretches(&self) -> Vec<Stretch> {
        self.conditions.iter().chain(&self.filters).flat_map(Condition::stretches).collect()
    }

    /// Whether an event with these facts sets it off.
    pub fn holds(&self, facts: &Facts) -> bool {
        self.condition_match.holds(&self.conditions, facts) && self.filter_match.holds(&self.filters, facts)
    }

    /// Whether this app is among those that are told: those that the actions name, or every one when they name none.
    pub fn tells(&self, slug: &str, installation: &str) -> bool {
        let mut names = self.actions.iter().filter_map(app_of).peekable();
        names.peek().is_none() || names.any(|name| name == slug || name == installation)
    }
}

/// The app that an action names by slug or installation.
fn app_of(action: &Value) -> Option<&str> {
    let in_config = action.get("config").and_then(|config| config.get("targetIdentifier"));
    let named = in_config
        .or_else(|| action.get("sentryAppInstallationUuid"))
        .or_else(|| action.get("sentryAppSlug"))
        .or_else(|| action.get("service"));
    let is_app = action.get("type").and_then(Value::as_str).is_none_or(|kind| kind == "sentry_app");
    named.and_then(Value::as_str).filter(|_| is_app)
}
