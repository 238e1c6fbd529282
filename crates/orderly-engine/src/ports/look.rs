//! Looking around in Sentry, for a person or an agent who asks. It reads only.

use super::triage::{IssuePage, PageCursor, TriageScope};
use async_trait::async_trait;
use orderly_core::answer::Looked;
use orderly_core::ids::ProjectSlug;
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
    /// Rows a page; never over [`super::triage::LARGEST_PAGE`].
    pub page: u32,
}

/// A page of rows: the columns of each, by name. Any of them may be text of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventPage {
    /// The rows.
    pub rows: Vec<BTreeMap<String, Untrusted<String>>>,
    /// The next page, if there is one.
    pub next: Option<PageCursor>,
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
