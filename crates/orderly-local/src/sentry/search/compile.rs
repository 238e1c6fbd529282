//! From a [`Query`] to one SQL condition over the table `issue`.

use jiff::Timestamp;

use crate::sentry::model::Status;

use super::fragment::Fragment;
use super::query::{
    Column, EventColumn, Filter, Handled, IssueName, NumberColumn, Polarity, Presence, Query, ReleaseName,
    State, Term, TermKey, TimeColumn,
};
use super::value::Pattern;

mod people;
mod seen;

/// Everything besides the text that a search depends on.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The present.
    pub now: Timestamp,
    /// Who `me` is; nobody for a token that acts for no person.
    pub member: Option<i64>,
    /// The caller's teams.
    pub teams: &'a [i64],
    /// The newest release of each project that is searched.
    pub latest_releases: &'a [i64],
    /// Environments the whole search is restricted to; `None`: all.
    pub environments: Option<&'a [i64]>,
    /// Ownership rules of the projects that are searched; the last one that matches an issue decides.
    pub owner_rules: &'a [OwnerRule],
}

/// An ownership rule with its owners looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerRule {
    /// Whose rule it is.
    pub project: i64,
    /// What it looks at.
    pub subject: OwnerSubject,
    /// What it looks for.
    pub pattern: Pattern,
    /// Members it names.
    pub members: Vec<i64>,
    /// Teams it names.
    pub teams: Vec<i64>,
}

/// What an ownership rule looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnerSubject {
    /// `path:` the files of in-app frames.
    Path,
    /// `module:` the modules of in-app frames.
    Module,
    /// `url:` the tag of that name.
    Url,
    /// `tags.KEY:`
    Tag(String),
}

/// The condition that holds for the issues the query asks for.
pub fn compile(query: &Query, scope: &Scope<'_>) -> Fragment {
    Fragment::all(query.terms.iter().map(|term| condition(term, scope)))
}

fn condition(term: &Term, scope: &Scope<'_>) -> Fragment {
    // None of these conditions is ever NULL, so that NOT is their negation.
    let positive = match &term.filter {
        Filter::Environment(patterns) => return seen::environment(patterns, term.polarity),
        Filter::Release(names) => return seen::release(names, term.polarity, scope),
        Filter::Tag(key, patterns) => return seen::tag(key, patterns, term.polarity),
        Filter::State(states) => Fragment::any(states.iter().map(|state| in_state(*state))),
        Filter::Message(patterns) => Fragment::any(patterns.iter().map(|pattern| {
            Fragment::new("issue.message LIKE ").text(pattern.like_anywhere()).sql(" ESCAPE '\\'")
        })),
        Filter::Column(column, patterns) => matches_any(column_sql(*column), patterns),
        Filter::Issue(names) => Fragment::any(names.iter().map(named)),
        Filter::Priority(priorities) => Fragment::any(
            priorities.iter().map(|priority| Fragment::new("issue.priority IS ").text(priority.as_str())),
        ),
        // Everything this server keeps as an issue is of the category `error`.
        Filter::Category(patterns) => {
            let wanted = |category: &str| patterns.iter().any(|pattern| pattern.matches(category));
            Fragment::new(match (wanted("error"), wanted("outage")) {
                (true, true) => "1",
                (true, false) => "issue.kind <> 'generic'",
                (false, true) => "issue.kind = 'generic'",
                (false, false) => "0",
            })
        }
        Filter::Assigned(persons) => people::assigned(persons, scope),
        Filter::AssignedOrSuggested(persons) => people::assigned_or_suggested(persons, scope),
        Filter::Bookmarks(persons) => people::bookmarked(persons, scope),
        Filter::Subscribed(persons) => people::subscribed(persons, scope),
        Filter::Time(column, test) => {
            let (from, until) = test.range(scope.now);
            in_time(*column, from, until)
        }
        Filter::Number(column, test) => Fragment::new(match column {
            NumberColumn::TimesSeen => "issue.times_seen",
            NumberColumn::UserCount => "issue.user_count",
        })
        .sql(test.comparison.sql())
        .int(test.value),
        Filter::FirstRelease(names) => Fragment::any(names.iter().map(|name| first_release(name, scope))),
        Filter::RegressedInRelease(names) => {
            Fragment::any(names.iter().map(|name| regressed_in(name, scope)))
        }
        Filter::Project(patterns) => Fragment::new("issue.project_id IN (SELECT p.id FROM project p WHERE ")
            .then(matches_any("p.slug", patterns))
            .sql(" OR ")
            .then(matches_any("CAST(p.id AS TEXT)", patterns))
            .sql(")"),
        Filter::Handled(handled) => has_term(
            TermKey::ErrorHandled,
            &[Pattern::literal(match handled {
                Handled::Yes => "true",
                Handled::No => "false",
            })],
        ),
        Filter::TermValue(key, patterns) => has_term(*key, patterns),
        Filter::User(patterns) => {
            Fragment::new("EXISTS (SELECT 1 FROM issue_user u WHERE u.issue_id = issue.id AND ")
                .then(matches_any("u.user_key", patterns))
                .sql(")")
        }
        Filter::Event(column, patterns) => {
            Fragment::new("issue.id IN (SELECT e.issue_id FROM event e WHERE ")
                .then(matches_any(
                    match column {
                        EventColumn::Id => "e.event_id",
                        EventColumn::Trace => "e.trace_id",
                    },
                    patterns,
                ))
                .sql(")")
        }
        Filter::Has(presence) => present(presence),
    };
    match term.polarity {
        Polarity::Is => positive,
        Polarity::IsNot => positive.negated(),
    }
}

fn in_state(state: State) -> Fragment {
    match state {
        State::Status(status) => Fragment::new("issue.status = ").text(status.as_str()),
        // A substatus belongs to one status, which therefore need not be asked for.
        State::Substatus(substatus) => Fragment::new("issue.substatus IS ").text(substatus.as_str()),
        State::ForReview => Fragment::new("(issue.inbox_reason IS NOT NULL AND issue.status = ")
            .text(Status::Unresolved.as_str())
            .sql(")"),
        State::Assigned => Fragment::new(ASSIGNED),
        State::Unassigned => Fragment::new(ASSIGNED).negated(),
        State::Linked => Fragment::new(LINKED),
        State::Unlinked => Fragment::new(LINKED).negated(),
    }
}

const ASSIGNED: &str = "EXISTS (SELECT 1 FROM assignment a WHERE a.issue_id = issue.id)";
const LINKED: &str = "EXISTS (SELECT 1 FROM external_issue x WHERE x.issue_id = issue.id)";

/// `expression` matches one of the patterns; the empty pattern also matches NULL.
pub(super) fn matches_any(expression: &'static str, patterns: &[Pattern]) -> Fragment {
    Fragment::any(patterns.iter().map(|pattern| {
        match pattern.as_literal() {
            Some("") => Fragment::new("COALESCE(").sql(expression).sql(", '') = ''"),
            Some(literal) => Fragment::new(expression).sql(" IS ").text(literal),
            None => Fragment::new("COALESCE(")
                .sql(expression)
                .sql(", '') LIKE ")
                .text(pattern.like())
                .sql(" ESCAPE '\\'"),
        }
    }))
}

fn column_sql(column: Column) -> &'static str {
    match column {
        Column::Title => "issue.title",
        Column::Culprit => "issue.culprit",
        Column::Location => "issue.location",
        Column::Level => "issue.level",
        Column::Logger => "issue.logger",
        Column::Platform => "issue.platform",
        Column::Kind => "issue.kind",
    }
}

fn named(name: &IssueName) -> Fragment {
    match name {
        IssueName::Id(id) => Fragment::new("issue.id = ").int(*id),
        IssueName::Short { project, counter } => Fragment::new("(issue.short_id = ")
            .int(*counter)
            .sql(" AND issue.project_id IN (SELECT p.id FROM project p WHERE p.slug = ")
            .text(project.as_str())
            .sql("))"),
    }
}

fn in_time(column: TimeColumn, from: Option<Timestamp>, until: Option<Timestamp>) -> Fragment {
    let bounded = |expression: &'static str| {
        let from = from.map(|at| Fragment::new(expression).sql(" >= ").int(at.as_microsecond()));
        let until = until.map(|at| Fragment::new(expression).sql(" < ").int(at.as_microsecond()));
        Fragment::all(from.into_iter().chain(until))
    };
    match column {
        TimeColumn::FirstSeen => bounded("issue.first_seen_at"),
        TimeColumn::LastSeen => bounded("issue.last_seen_at"),
        TimeColumn::EventTimestamp => {
            Fragment::new("EXISTS (SELECT 1 FROM event e WHERE e.issue_id = issue.id AND ")
                .then(bounded("e.occurred_at"))
                .sql(")")
        }
    }
}

fn first_release(name: &ReleaseName, scope: &Scope<'_>) -> Fragment {
    match name {
        ReleaseName::Version(pattern) if pattern.is_empty() => {
            Fragment::new("issue.first_release_id IS NULL")
        }
        other => Fragment::new("COALESCE(issue.first_release_id, 0) IN ").then(release_ids(other, scope)),
    }
}

fn regressed_in(name: &ReleaseName, scope: &Scope<'_>) -> Fragment {
    Fragment::new(
        "EXISTS (SELECT 1 FROM activity a JOIN release r ON r.version = json_extract(a.data_json, '$.version') \
         WHERE a.issue_id = issue.id AND a.kind = 'set_regression' AND r.id IN ",
    )
    .then(release_ids(name, scope))
    .sql(")")
}

/// `(1, 2)` or a subselect of release ids.
fn release_ids(name: &ReleaseName, scope: &Scope<'_>) -> Fragment {
    match name {
        ReleaseName::Latest => Fragment::default().ints(scope.latest_releases),
        ReleaseName::Version(pattern) => Fragment::new("(SELECT rel.id FROM release rel WHERE ")
            .then(matches_any("rel.version", std::slice::from_ref(pattern)))
            .sql(")"),
    }
}

fn has_term(key: TermKey, patterns: &[Pattern]) -> Fragment {
    Fragment::any(patterns.iter().map(|pattern| {
        let any_value =
            Fragment::new("EXISTS (SELECT 1 FROM issue_term t WHERE t.issue_id = issue.id AND t.key = ")
                .text(key.as_str());
        if pattern.is_empty() {
            any_value.sql(")").negated()
        } else {
            any_value.sql(" AND ").then(matches_any("t.value", std::slice::from_ref(pattern))).sql(")")
        }
    }))
}

fn present(presence: &Presence) -> Fragment {
    match presence {
        Presence::Release => {
            Fragment::new("EXISTS (SELECT 1 FROM issue_release r WHERE r.issue_id = issue.id)")
        }
        Presence::FirstRelease => Fragment::new("issue.first_release_id IS NOT NULL"),
        Presence::Environment => Fragment::new(
            "EXISTS (SELECT 1 FROM issue_environment ie JOIN environment n ON n.id = ie.environment_id \
             WHERE ie.issue_id = issue.id AND n.name <> '')",
        ),
        Presence::Assignee => Fragment::new(ASSIGNED),
        Presence::User => Fragment::new("EXISTS (SELECT 1 FROM issue_user u WHERE u.issue_id = issue.id)"),
        Presence::Column(column) => Fragment::new("COALESCE(").sql(column_sql(*column)).sql(", '') <> ''"),
        Presence::Term(key) => has_term(*key, &[Pattern::literal("")]).negated(),
        Presence::Tag(key) => {
            Fragment::new("EXISTS (SELECT 1 FROM issue_tag t WHERE t.issue_id = issue.id AND t.key = ")
                .text(key.as_str())
                .sql(")")
        }
    }
}

#[cfg(test)]
mod tests;
