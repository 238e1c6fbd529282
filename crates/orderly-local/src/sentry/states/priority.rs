//! Priority of an issue: the first one, and how it rises and falls with escalation.

use crate::sentry::model::{Level, Priority};

/// Why an automatic change happened; the `reason` of the activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriorityReason {
    /// The issue escalated.
    Escalating,
    /// The issue calmed down.
    Ongoing,
}

impl PriorityReason {
    /// The text in the activity.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Escalating => "escalating",
            Self::Ongoing => "ongoing",
        }
    }
}

/// The priority of a new issue. Without a severity score, which only the hosted service computes, every error is high.
pub const fn initial(level: Level) -> Priority {
    match level {
        Level::Sample | Level::Debug | Level::Info => Priority::Low,
        Level::Warning | Level::Unknown => Priority::Medium,
        Level::Error | Level::Fatal => Priority::High,
    }
}

/// The priority when the issue escalates: low becomes medium, anything else high.
pub const fn escalated(current: Option<Priority>) -> Priority {
    match current {
        Some(Priority::Low) => Priority::Medium,
        Some(Priority::Medium | Priority::High) | None => Priority::High,
    }
}

/// The priority when an escalating issue becomes ongoing: where it began.
pub const fn calmed(initial: Option<Priority>, current: Option<Priority>) -> Option<Priority> {
    match initial {
        Some(priority) => Some(priority),
        None => current,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_issue_has_the_priority_of_its_level() {
        let expected = [
            (Level::Sample, Priority::Low),
            (Level::Debug, Priority::Low),
            (Level::Info, Priority::Low),
            (Level::Warning, Priority::Medium),
            (Level::Error, Priority::High),
            (Level::Fatal, Priority::High),
            (Level::Unknown, Priority::Medium),
        ];
        assert_eq!(expected.map(|(level, _)| level), Level::ALL);
        for (level, priority) in expected {
            assert_eq!(initial(level), priority, "{level}");
        }
    }

    #[test]
    fn escalation_raises_by_rule_and_calm_returns_to_the_first_priority() {
        assert_eq!(escalated(Some(Priority::Low)), Priority::Medium);
        assert_eq!(escalated(Some(Priority::Medium)), Priority::High);
        assert_eq!(escalated(Some(Priority::High)), Priority::High);
        assert_eq!(escalated(None), Priority::High);
        assert_eq!(calmed(Some(Priority::Low), Some(Priority::Medium)), Some(Priority::Low));
        assert_eq!(calmed(None, Some(Priority::High)), Some(Priority::High));
    }
}
