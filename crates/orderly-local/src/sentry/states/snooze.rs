//! When does an issue that was archived until a condition is met come back?

use jiff::Timestamp;

/// The condition, as it was set when the issue was archived. Whichever part is met first ends it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Condition {
    /// At this time.
    pub until: Option<Timestamp>,
    /// After this many events.
    pub events: Option<Threshold>,
    /// After this many users.
    pub users: Option<Threshold>,
}

/// A count that ends a snooze.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    /// How many.
    pub count: u64,
    /// Over which time it counts.
    pub over: Over,
}

/// Over which time a count is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// Since the issue was archived, when it had already seen this many.
    Archived {
        /// The total at that moment.
        start: u64,
    },
    /// In the last minutes.
    LastMinutes(u64),
}

/// What was counted, for each threshold over its own time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// Events: the total for [`Over::Archived`], those in the window for [`Over::LastMinutes`].
    pub events: u64,
    /// Users, likewise.
    pub users: u64,
}

impl Condition {
    /// Whether the snooze is over.
    pub fn is_met(&self, counted: Counted, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
            || self.events.is_some_and(|threshold| threshold.is_met(counted.events))
            || self.users.is_some_and(|threshold| threshold.is_met(counted.users))
    }
}

impl Threshold {
    fn is_met(self, counted: u64) -> bool {
        match self.over {
            Over::Archived { start } => counted.saturating_sub(start) >= self.count,
            Over::LastMinutes(_) => counted >= self.count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snooze_ends_with_whichever_part_is_met_first() {
        let now: Timestamp = "2026-03-10T12:00:00Z".parse().unwrap();
        let earlier: Timestamp = "2026-03-10T11:59:59Z".parse().unwrap();
        let later: Timestamp = "2026-03-10T12:00:01Z".parse().unwrap();
        let since = |count, start| Some(Threshold { count, over: Over::Archived { start } });
        let window = |count| Some(Threshold { count, over: Over::LastMinutes(60) });
        let none = Condition::default;
        for (condition, events, users, expected) in [
            (none(), 1_000, 1_000, false),
            (Condition { until: Some(later), ..none() }, 0, 0, false),
            (Condition { until: Some(now), ..none() }, 0, 0, true),
            (Condition { until: Some(earlier), ..none() }, 0, 0, true),
            (Condition { events: since(10, 100), ..none() }, 109, 0, false),
            (Condition { events: since(10, 100), ..none() }, 110, 0, true),
            (Condition { events: window(10), ..none() }, 9, 0, false),
            (Condition { events: window(10), ..none() }, 10, 0, true),
            (Condition { users: since(3, 2), ..none() }, 500, 4, false),
            (Condition { users: since(3, 2), ..none() }, 500, 5, true),
            (Condition { users: window(3), ..none() }, 500, 3, true),
            (Condition { until: Some(later), events: since(10, 0), users: window(3) }, 10, 0, true),
        ] {
            let counted = Counted { events, users };
            assert_eq!(condition.is_met(counted, now), expected, "{condition:?} {counted:?}");
        }
    }
}
