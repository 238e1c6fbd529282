//! The same search syntax over the events of an issue or project: one SQL condition over the table `event`.
//!
//! Each filter speaks about the event itself. What only issues have (`is:`, `assigned:`, ...) is refused.

use jiff::Timestamp;

use super::compile::matches_any;
use super::error::SearchError;
use super::fragment::Fragment;
use super::query::{
    Column, EventColumn, Filter, Handled, Polarity, Presence, Query, ReleaseName, TermKey, TimeColumn,
};
use super::value::Pattern;

/// The condition that holds for the events the query asks for.
///
/// # Errors
/// A filter that events cannot answer.
pub fn compile_for_events(query: &Query, now: Timestamp) -> Result<Fragment, SearchError> {
    let conditions = query.terms.iter().map(|term| {
        let positive = condition(&term.filter, now)?;
        Ok(match term.polarity {
            Polarity::Is => positive,
            Polarity::IsNot => positive.negated(),
        })
    });
    Ok(Fragment::all(conditions.collect::<Result<Vec<_>, SearchError>>()?))
}

fn condition(filter: &Filter, now: Timestamp) -> Result<Fragment, SearchError> {
    Ok(match filter {
        Filter::Message(patterns) => Fragment::any(patterns.iter().map(|pattern| {
            let anywhere = pattern.like_anywhere();
            Fragment::new("(event.message LIKE ")
                .text(anywhere.as_str())
                .sql(" ESCAPE '\\' OR event.title LIKE ")
                .text(anywhere.as_str())
                .sql(" ESCAPE '\\' OR event.culprit LIKE ")
                .text(anywhere)
                .sql(" ESCAPE '\\')")
        })),
        Filter::Column(column, patterns) => match column {
            Column::Title => matches_any("event.title", patterns),
            Column::Culprit => matches_any("event.culprit", patterns),
            Column::Location => matches_any("event.location", patterns),
            Column::Level => matches_any("event.level", patterns),
            Column::Platform => matches_any("event.platform", patterns),
            Column::Kind => matches_any("event.kind", patterns),
            Column::Logger => tag("logger", patterns),
        },
        Filter::Time(TimeColumn::EventTimestamp, test) => {
            let (from, until) = test.range(now);
            let from = from.map(|at| Fragment::new("event.occurred_at >= ").int(at.as_microsecond()));
            let until = until.map(|at| Fragment::new("event.occurred_at < ").int(at.as_microsecond()));
            Fragment::all(from.into_iter().chain(until))
        }
        Filter::Environment(patterns) => {
            Fragment::new("event.environment_id IN (SELECT n.id FROM environment n WHERE ")
                .then(matches_any("n.name", patterns))
                .sql(")")
        }
        Filter::Release(names) => Fragment::any(names.iter().map(release)),
        Filter::Project(patterns) => Fragment::new("event.project_id IN (SELECT p.id FROM project p WHERE ")
            .then(matches_any("p.slug", patterns))
            .sql(" OR ")
            .then(matches_any("CAST(p.id AS TEXT)", patterns))
            .sql(")"),
        Filter::Handled(Handled::Yes) => Fragment::new("COALESCE(event.handled, 1) = 1"),
        Filter::Handled(Handled::No) => Fragment::new("COALESCE(event.handled, 1) = 0"),
        Filter::TermValue(TermKey::ErrorType, patterns) => {
            matches_any("json_extract(event.metadata_json, '$.type')", patterns)
        }
        Filter::TermValue(TermKey::ErrorValue, patterns) => {
            matches_any("json_extract(event.metadata_json, '$.value')", patterns)
        }
        Filter::TermValue(TermKey::StackFilename, patterns) => {
            matches_any("json_extract(event.metadata_json, '$.filename')", patterns)
        }
        Filter::TermValue(TermKey::StackFunction, patterns) => {
            matches_any("json_extract(event.metadata_json, '$.function')", patterns)
        }
        Filter::User(patterns) => matches_any("event.user_key", patterns),
        Filter::TermValue(TermKey::UserId, patterns) => user("id", patterns),
        Filter::TermValue(TermKey::UserEmail, patterns) => user("email", patterns),
        Filter::TermValue(TermKey::UserName, patterns) => user("username", patterns),
        Filter::TermValue(TermKey::UserIp, patterns) => user("ip", patterns),
        Filter::Event(EventColumn::Id, patterns) => matches_any("event.event_id", patterns),
        Filter::Event(EventColumn::Trace, patterns) => matches_any("event.trace_id", patterns),
        Filter::Tag(key, patterns) => tag(key, patterns),
        Filter::Has(Presence::Tag(key)) => tag(key, &[Pattern::literal("")]).negated(),
        Filter::Has(Presence::Release) => Fragment::new("event.release_id IS NOT NULL"),
        Filter::Has(Presence::User) => Fragment::new("event.user_key IS NOT NULL"),
        Filter::Has(Presence::Environment) => {
            Fragment::new("event.environment_id IN (SELECT n.id FROM environment n WHERE n.name <> '')")
        }
        other => return Err(SearchError::NotOfEvents(name_of(other))),
    })
}

/// The main exception's user key says `id:7`: one identity per event, the first that it has.
fn user(kind: &'static str, patterns: &[Pattern]) -> Fragment {
    let keys: Vec<Pattern> = patterns.iter().map(|pattern| pattern.prefixed(kind)).collect();
    matches_any("event.user_key", &keys)
}

fn release(name: &ReleaseName) -> Fragment {
    match name {
        ReleaseName::Version(pattern) if pattern.is_empty() => Fragment::new("event.release_id IS NULL"),
        ReleaseName::Version(pattern) => {
            Fragment::new("COALESCE(event.release_id, 0) IN (SELECT r.id FROM release r WHERE ")
                .then(matches_any("r.version", std::slice::from_ref(pattern)))
                .sql(")")
        }
        ReleaseName::Latest => Fragment::new(
            "event.release_id IS (SELECT r.id FROM release r JOIN release_project rp ON rp.release_id = r.id \
             WHERE rp.project_id = event.project_id AND r.status = 'open' \
             ORDER BY COALESCE(r.released_at, r.created_at) DESC, r.id DESC LIMIT 1)",
        ),
    }
}

fn tag(key: &str, patterns: &[Pattern]) -> Fragment {
    Fragment::any(patterns.iter().map(|pattern| {
        let has = Fragment::new("EXISTS (SELECT 1 FROM json_each(event.tags_json) t WHERE t.value ->> 0 = ")
            .text(key);
        if pattern.is_empty() {
            has.sql(")").negated()
        } else {
            has.sql(" AND ").then(matches_any("t.value ->> 1", std::slice::from_ref(pattern))).sql(")")
        }
    }))
}

fn name_of(filter: &Filter) -> &'static str {
    match filter {
        Filter::State(_) => "is",
        Filter::Issue(_) => "issue",
        Filter::Priority(_) => "issue.priority",
        Filter::Category(_) => "issue.category",
        Filter::Assigned(_) => "assigned",
        Filter::AssignedOrSuggested(_) => "assigned_or_suggested",
        Filter::Bookmarks(_) => "bookmarks",
        Filter::Subscribed(_) => "subscribed",
        Filter::Time(..) => "firstSeen and lastSeen",
        Filter::Number(..) => "timesSeen and userCount",
        Filter::FirstRelease(_) => "firstRelease",
        Filter::RegressedInRelease(_) => "regressed_in_release",
        _ => "this key",
    }
}
