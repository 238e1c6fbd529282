//! What an issue alert looks at, read from and shown in the words of both of Sentry's APIs. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::sentry::model::{Level, Priority};

/// Something that is true of an event and its issue, or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Something has just happened to the issue.
    Moment(Moment),
    /// Always.
    EveryEvent,
    /// Its first event, and it matters much.
    NewHighPriority,
    /// More than so many within a time.
    Frequency {
        /// What is counted.
        of: Counted,
        /// More than this.
        above: f64,
        /// Minutes.
        minutes: i64,
    },
    /// More within a time than in the same time before.
    FrequencyRise {
        /// What is counted.
        of: Counted,
        /// More by more than this, per cent.
        percent: f64,
        /// Minutes.
        minutes: i64,
        /// How many minutes before.
        earlier: i64,
    },
    /// The issue has so many events.
    Occurrences {
        /// At least.
        at_least: i64,
    },
    /// The event's level.
    Level {
        /// How it is compared.
        is: LevelTest,
        /// With what.
        level: Level,
    },
    /// A tag of the event.
    Tag {
        /// Its key.
        key: String,
        /// How it is compared.
        is: TagTest,
        /// With what.
        value: String,
    },
}

/// What can happen to an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Its first event.
    FirstSeen,
    /// It came back after it was resolved.
    Regression,
    /// It came back after it was archived.
    Reappeared,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Events of the issue.
    Events,
    /// Users of the issue.
    Users,
}

/// How levels are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LevelTest {
    /// The same.
    #[serde(rename = "eq")]
    Equal,
    /// At least.
    #[serde(rename = "gte")]
    AtLeast,
    /// At most.
    #[serde(rename = "lte")]
    AtMost,
}

/// How a tag is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TagTest {
    /// The same.
    #[serde(rename = "eq")]
    Equal,
    /// Another one, or none.
    #[serde(rename = "ne")]
    Other,
    /// Begins with.
    #[serde(rename = "sw")]
    BeginsWith,
    /// Ends with.
    #[serde(rename = "ew")]
    EndsWith,
    /// Contains.
    #[serde(rename = "co")]
    Contains,
    /// There is one.
    #[serde(rename = "is")]
    Set,
    /// There is none.
    #[serde(rename = "ns")]
    NotSet,
}

/// A stretch of time in which something is counted, relative to the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    /// What is counted.
    pub of: Counted,
    /// How long it is, minutes.
    pub minutes: i64,
    /// How long before the event it ends, minutes.
    pub earlier: i64,
}

/// What conditions look at.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// What has just happened to the issue.
    pub moments: BTreeSet<Moment>,
    /// Events of the issue in all.
    pub times_seen: i64,
    /// How much the issue matters.
    pub priority: Option<Priority>,
    /// The event's level.
    pub level: Level,
    /// The event's tags.
    pub tags: Vec<(String, String)>,
    /// What was counted, of each stretch that [`Condition::stretches`] names.
    pub counts: BTreeMap<Stretch, i64>,
}

impl Condition {
    /// What must be counted before [`Condition::holds`] can be asked.
    pub fn stretches(&self) -> Vec<Stretch> {
        match *self {
            Condition::Frequency { of, minutes, .. } => vec![Stretch { of, minutes, earlier: 0 }],
            Condition::FrequencyRise { of, minutes, earlier, .. } => {
                vec![Stretch { of, minutes, earlier: 0 }, Stretch { of, minutes, earlier }]
            }
            _ => Vec::new(),
        }
    }

    /// Whether it is true.
    pub fn holds(&self, facts: &Facts) -> bool {
        let count = |stretch: Stretch| facts.counts.get(&stretch).copied().unwrap_or(0) as f64;
        match self {
            Condition::Moment(moment) => facts.moments.contains(moment),
            Condition::EveryEvent => true,
            Condition::NewHighPriority => {
                facts.moments.contains(&Moment::FirstSeen) && facts.priority == Some(Priority::High)
            }
            Condition::Frequency { of, above, minutes } => {
                count(Stretch { of: *of, minutes: *minutes, earlier: 0 }) > *above
            }
            Condition::FrequencyRise { of, percent, minutes, earlier } => {
                let now = count(Stretch { of: *of, minutes: *minutes, earlier: 0 });
                let before = count(Stretch { of: *of, minutes: *minutes, earlier: *earlier });
                // Nothing to compare with is no rise.
                before > 0.0 && (now - before) / before * 100.0 > *percent
            }
            Condition::Occurrences { at_least } => facts.times_seen >= *at_least,
            Condition::Level { is, level } => match is {
                LevelTest::Equal => facts.level == *level,
                LevelTest::AtLeast => severity(facts.level) >= severity(*level),
                LevelTest::AtMost => severity(facts.level) <= severity(*level),
            },
            Condition::Tag { key, is, value } => {
                let found =
                    facts.tags.iter().find(|(known, _)| known == key).map(|(_, found)| found.as_str());
                let compare = |test: fn(&str, &str) -> bool| found.is_some_and(|found| test(found, value));
                match is {
                    TagTest::Equal => compare(|found, value| found == value),
                    TagTest::Other => !compare(|found, value| found == value),
                    TagTest::BeginsWith => compare(|found, value| found.starts_with(value)),
                    TagTest::EndsWith => compare(|found, value| found.ends_with(value)),
                    TagTest::Contains => compare(|found, value| found.contains(value)),
                    TagTest::Set => found.is_some(),
                    TagTest::NotSet => found.is_none(),
                }
            }
        }
    }
}

/// Sentry's numbers of levels.
const LEVELS: [(Level, i64); 6] = [
    (Level::Sample, 0),
    (Level::Debug, 10),
    (Level::Info, 20),
    (Level::Warning, 30),
    (Level::Error, 40),
    (Level::Fatal, 50),
];

fn severity(level: Level) -> i64 {
    LEVELS.iter().find(|(known, _)| *known == level).map_or(40, |(_, number)| *number)
}

/// A condition that this server does not evaluate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}: this server does not evaluate it, or it lacks a value")]
pub struct Unread(pub String);

const MINUTES: [(&str, i64); 9] = [
    ("1m", 1),
    ("5m", 5),
    ("10m", 10),
    ("15m", 15),
    ("30m", 30),
    ("1h", 60),
    ("1d", 1_440),
    ("1w", 10_080),
    ("30d", 43_200),
];

fn minutes(text: &str) -> Option<i64> {
    MINUTES.iter().find(|(name, _)| *name == text).map(|(_, minutes)| *minutes)
}

fn interval(minutes: i64) -> String {
    MINUTES
        .iter()
        .find(|(_, known)| *known == minutes)
        .map_or_else(|| format!("{minutes}m"), |(name, _)| (*name).to_owned())
}

/// Reads `{"type": "event_frequency_count", "comparison": {"value": 10, "interval": "1h"}}` (workflows) and
/// `{"id": "sentry.rules.conditions.event_frequency.EventFrequencyCondition", "value": 10, "interval": "1h"}` (rules).
///
/// # Errors
/// What is not evaluated here.
pub fn read(given: &Value) -> Result<Condition, Unread> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (name, values) = match given.get("type") {
        Some(kind) => (text(kind), given.get("comparison").unwrap_or(given)),
        None => (text(&given["id"]).rsplit('.').next().unwrap_or_default().to_owned(), given),
    };
    read_named(&name, values).ok_or(Unread(name))
}

fn read_named(name: &str, values: &Value) -> Option<Condition> {
    let text = |key: &str| values.get(key).and_then(Value::as_str);
    let number = |key: &str| {
        let value = values.get(key)?;
        value.as_f64().or_else(|| value.as_str()?.parse().ok())
    };
    let of = if name.contains("nique") { Counted::Users } else { Counted::Events };
    Some(match name {
        "first_seen_event" | "FirstSeenEventCondition" => Condition::Moment(Moment::FirstSeen),
        "regression_event" | "RegressionEventCondition" => Condition::Moment(Moment::Regression),
        "reappeared_event" | "ReappearedEventCondition" => Condition::Moment(Moment::Reappeared),
        "every_event" | "EveryEventCondition" => Condition::EveryEvent,
        "new_high_priority_issue" | "NewHighPriorityIssueCondition" => Condition::NewHighPriority,
        "event_frequency_count"
        | "event_unique_user_frequency_count"
        | "event_frequency_percent"
        | "event_unique_user_frequency_percent"
        | "EventFrequencyCondition"
        | "EventUniqueUserFrequencyCondition" => {
            let minutes_of = minutes(text("interval")?)?;
            let percent = name.ends_with("_percent") || text("comparisonType") == Some("percent");
            let value = number("value")?;
            if percent {
                let earlier = text("comparison_interval").or_else(|| text("comparisonInterval"))?;
                Condition::FrequencyRise {
                    of,
                    percent: value,
                    minutes: minutes_of,
                    earlier: minutes(earlier)?,
                }
            } else {
                Condition::Frequency { of, above: value, minutes: minutes_of }
            }
        }
        "issue_occurrences" | "IssueOccurrencesFilter" => {
            Condition::Occurrences { at_least: number("value")? as i64 }
        }
        "level" | "LevelCondition" | "LevelFilter" => {
            let wanted = number("level")? as i64;
            let level = LEVELS.iter().find(|(_, known)| *known == wanted)?.0;
            Condition::Level { is: serde_json::from_value(values.get("match")?.clone()).ok()?, level }
        }
        "tagged_event" | "TaggedEventCondition" | "TaggedEventFilter" => Condition::Tag {
            key: text("key")?.to_owned(),
            is: serde_json::from_value(values.get("match")?.clone()).ok()?,
            value: text("value").unwrap_or_default().to_owned(),
        },
        _ => return None,
    })
}

/// Where a condition stands in a rule of the older API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Among the conditions.
    Conditions,
    /// Among the filters.
    Filters,
}

/// The condition as workflows show it: type and comparison.
pub fn as_workflow(condition: &Condition) -> (String, Value) {
    let named = |name: &str, comparison: Value| (name.to_owned(), comparison);
    match condition {
        Condition::Moment(Moment::FirstSeen) => named("first_seen_event", json!(true)),
        Condition::Moment(Moment::Regression) => named("regression_event", json!(true)),
        Condition::Moment(Moment::Reappeared) => named("reappeared_event", json!(true)),
        Condition::EveryEvent => named("every_event", json!(true)),
        Condition::NewHighPriority => named("new_high_priority_issue", json!(true)),
        Condition::Frequency { of, above, minutes } => named(
            &format!("{}_count", frequency(*of)),
            json!({"value": above, "interval": interval(*minutes)}),
        ),
        Condition::FrequencyRise { of, percent, minutes, earlier } => named(
            &format!("{}_percent", frequency(*of)),
            json!({"value": percent, "interval": interval(*minutes), "comparison_interval": interval(*earlier)}),
        ),
        Condition::Occurrences { at_least } => named("issue_occurrences", json!({"value": at_least})),
        Condition::Level { is, level } => named("level", json!({"match": is, "level": severity(*level)})),
        Condition::Tag { key, is, value } => {
            named("tagged_event", json!({"key": key, "match": is, "value": value}))
        }
    }
}

const fn frequency(of: Counted) -> &'static str {
    match of {
        Counted::Events => "event_frequency",
        Counted::Users => "event_unique_user_frequency",
    }
}

/// The condition as rules of the older API show it.
pub fn as_rule(condition: &Condition, place: Place) -> Value {
    let id = |module: &str, name: &str| format!("sentry.rules.conditions.{module}.{name}");
    let own = |module: &str, name: &str| match place {
        Place::Conditions => id(module, &format!("{name}Condition")),
        Place::Filters => format!("sentry.rules.filters.{module}.{name}Filter"),
    };
    let counter = |of: &Counted| match of {
        Counted::Events => id("event_frequency", "EventFrequencyCondition"),
        Counted::Users => id("event_frequency", "EventUniqueUserFrequencyCondition"),
    };
    match condition {
        Condition::Moment(Moment::FirstSeen) => {
            json!({"id": id("first_seen_event", "FirstSeenEventCondition")})
        }
        Condition::Moment(Moment::Regression) => {
            json!({"id": id("regression_event", "RegressionEventCondition")})
        }
        Condition::Moment(Moment::Reappeared) => {
            json!({"id": id("reappeared_event", "ReappearedEventCondition")})
        }
        Condition::EveryEvent => json!({"id": id("every_event", "EveryEventCondition")}),
        Condition::NewHighPriority => {
            json!({"id": id("high_priority_issue", "NewHighPriorityIssueCondition")})
        }
        Condition::Frequency { of, above, minutes } => {
            json!({"id": counter(of), "value": above, "interval": interval(*minutes), "comparisonType": "count"})
        }
        Condition::FrequencyRise { of, percent, minutes, earlier } => json!({
            "id": counter(of),
            "value": percent,
            "interval": interval(*minutes),
            "comparisonType": "percent",
            "comparisonInterval": interval(*earlier),
        }),
        Condition::Occurrences { at_least } => {
            json!({"id": "sentry.rules.filters.issue_occurrences.IssueOccurrencesFilter", "value": at_least})
        }
        Condition::Level { is, level } => {
            json!({"id": own("level", "Level"), "match": is, "level": severity(*level).to_string()})
        }
        Condition::Tag { key, is, value } => {
            json!({"id": own("tagged_event", "TaggedEvent"), "key": key, "match": is, "value": value})
        }
    }
}
