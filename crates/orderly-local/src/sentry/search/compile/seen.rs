//! Filters on what each event has exactly one of: its environment, its release, each of its tags.
//!
//! The store counts events per value, so both "some event has it" and "some event does not" can be answered
//! without reading events.

use crate::sentry::search::fragment::Fragment;
use crate::sentry::search::query::{Polarity, ReleaseName};
use crate::sentry::search::value::Pattern;

use super::{Scope, matches_any, release_ids};

pub(super) fn environment(patterns: &[Pattern], polarity: Polarity) -> Fragment {
    let counts = Counts {
        rows: Fragment::new(
            "FROM issue_environment c JOIN environment n ON n.id = c.environment_id WHERE c.issue_id = issue.id",
        ),
        matching: matches_any("n.name", patterns),
        // Every event has an environment, if only the one without a name.
        unset: Unset::NotAsked,
    };
    counts.condition(polarity)
}

pub(super) fn release(names: &[ReleaseName], polarity: Polarity, scope: &Scope<'_>) -> Fragment {
    let versions = names.iter().filter(|name| !is_unset(name));
    let rows = Fragment::new("FROM issue_release c WHERE c.issue_id = issue.id");
    let counts = Counts {
        rows: match scope.environments {
            Some(environments) => rows.sql(" AND c.environment_id IN ").ints(environments),
            None => rows,
        },
        matching: Fragment::any(
            versions.map(|name| Fragment::new("c.release_id IN ").then(release_ids(name, scope))),
        ),
        unset: Unset::among(names.iter().any(is_unset)),
    };
    counts.condition(polarity)
}

pub(super) fn tag(key: &str, patterns: &[Pattern], polarity: Polarity) -> Fragment {
    let set: Vec<Pattern> = patterns.iter().filter(|pattern| !pattern.is_empty()).cloned().collect();
    let counts = Counts {
        rows: Fragment::new("FROM issue_tag c WHERE c.issue_id = issue.id AND c.key = ").text(key),
        matching: matches_any("c.value", &set),
        unset: Unset::among(set.len() < patterns.len()),
    };
    counts.condition(polarity)
}

fn is_unset(name: &ReleaseName) -> bool {
    matches!(name, ReleaseName::Version(pattern) if pattern.is_empty())
}

/// Rows that count an issue's events by value.
struct Counts {
    /// `FROM .. WHERE ..`, the rows of the issue; the counting table is `c`.
    rows: Fragment,
    /// Which of them match.
    matching: Fragment,
    /// Whether "not set" is among the values asked for.
    unset: Unset,
}

/// What "not set" means for a filter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unset {
    /// It is asked for: events without a row match.
    Asked,
    /// It is not asked for, or has a row of its own.
    NotAsked,
}

impl Unset {
    fn among(asked: bool) -> Unset {
        if asked { Unset::Asked } else { Unset::NotAsked }
    }
}

impl Counts {
    fn condition(self, polarity: Polarity) -> Fragment {
        match polarity {
            Polarity::Is => self.some_event_matches(),
            Polarity::IsNot => self.some_event_does_not(),
        }
    }

    fn some_event_matches(self) -> Fragment {
        let matching = Fragment::new("EXISTS (SELECT 1 ")
            .then(self.rows.clone())
            .sql(" AND ")
            .then(self.matching)
            .sql(")");
        if self.unset == Unset::Asked {
            let without = Fragment::new("issue.times_seen > ").then(sum(self.rows));
            Fragment::any([matching, without])
        } else {
            matching
        }
    }

    fn some_event_does_not(self) -> Fragment {
        if self.unset == Unset::Asked {
            // Events without a value match the filter, so one that does not match has another value.
            Fragment::new("EXISTS (SELECT 1 ").then(self.rows).sql(" AND NOT ").then(self.matching).sql(")")
        } else {
            Fragment::new("issue.times_seen > ").then(sum(self.rows.sql(" AND ").then(self.matching)))
        }
    }
}

fn sum(rows: Fragment) -> Fragment {
    Fragment::new("(SELECT COALESCE(SUM(c.times_seen), 0) ").then(rows).sql(")")
}
