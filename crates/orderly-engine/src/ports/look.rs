//! Looking around in Sentry, for a person or an agent who asks. It reads only.

use super::triage::{IssuePage, LARGEST_PAGE, PageCursor, TriageScope};
use async_trait::async_trait;
use orderly_core::answer::Looked;
use orderly_core::ids::{IssueId, ProjectSlug};
use orderly_core::incident::Incident;
use orderly_core::time::{Seconds, Timestamp};
use orderly_core::untrusted::Untrusted;
use std::collections::BTreeMap;

/// What is searched among events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dataset {
    /// Errors.
    #[default]
    Errors,
    /// Transactions.
    Transactions,
}

/// A search among events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventSearch {
    /// Sentry's search text.
    pub query: String,
    /// Columns: `title`, `count()`.
    pub fields: Vec<String>,
    /// Column that the rows are ordered by, `-` before it for descending.
    pub sort: Option<String>,
    /// What is searched.
    pub dataset: Dataset,
    /// Projects; empty: all that the token sees.
    pub projects: Vec<ProjectSlug>,
    /// How far back.
    pub window: Seconds,
    /// Back from when; `None`: from now.
    pub until: Option<Timestamp>,
    /// Rows a page; never over [`LARGEST_PAGE`].
    pub page: u32,
}

impl EventSearch {
    /// The largest page of these columns over all events that `query` finds in the window that ends at `until`.
    pub fn over(query: String, fields: &[&str], dataset: Dataset, window: Seconds, until: Timestamp) -> Self {
        Self {
            query,
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
            sort: None,
            dataset,
            projects: Vec::new(),
            window,
            until: Some(until),
            page: LARGEST_PAGE,
        }
    }
}

/// A search text for the events of these issues.
pub fn of_issues(ids: impl IntoIterator<Item = IssueId>) -> String {
    let ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
    format!("issue.id:[{}]", ids.join(", "))
}

/// A search text for the errors of an incident.
pub fn of_incident(incident: &Incident) -> String {
    of_issues(incident.issues().iter().map(|owned| owned.issue.id))
}

/// A page of rows: the columns of each, by name. Any of them may be text of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventPage {
    /// The rows.
    pub rows: Vec<BTreeMap<String, Untrusted<String>>>,
    /// The next page, if there is one.
    pub next: Option<PageCursor>,
}

impl EventPage {
    /// The number in a column of the only row; no row at all is a count of nothing. `None`: it is no number.
    pub fn number(&self, column: &str) -> Option<u64> {
        let Some(row) = self.rows.first() else { return Some(0) };
        row.get(column)?.as_raw_str().parse().ok()
    }
}

/// A team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamSeen {
    /// Slug.
    pub slug: String,
    /// Name, as its members chose it.
    pub name: Untrusted<String>,
}

/// A project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectSeen {
    /// Slug.
    pub slug: ProjectSlug,
    /// Platform, as its members chose it.
    pub platform: Option<Untrusted<String>>,
}

/// Looks around.
#[async_trait]
pub trait LookRead: Send + Sync {
    /// One page of the issues that a search finds.
    async fn issues(&self, query: &str, scope: &TriageScope, from: Option<&PageCursor>) -> Looked<IssuePage>;

    /// One page of what a search finds among events.
    async fn events(&self, search: &EventSearch, from: Option<&PageCursor>) -> Looked<EventPage>;

    /// The teams of the organization.
    async fn teams(&self) -> Looked<Vec<TeamSeen>>;

    /// The projects that the token sees.
    async fn projects(&self) -> Looked<Vec<ProjectSeen>>;
}
