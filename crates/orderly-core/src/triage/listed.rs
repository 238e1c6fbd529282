//! What triage gathers: the unresolved issues, a closer look at those that may matter, and what is known around them.

use crate::answer::{Cause, Looked};
use crate::ids::{IssueId, ProjectSlug, SentrySite, ShortId};
use crate::noise::{Closer, HeadFix, ReleaseSeen};
use crate::sync::snapshot::{Assignee, Issue};
use crate::time::{Seconds, Timestamp};
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything that [`super::decide`] needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gathered {
    /// The Sentry that was asked.
    pub site: SentrySite,
    /// How far back counts go.
    pub window: Seconds,
    /// The unresolved issues.
    pub listed: Vec<Listed>,
    /// Why the list is not whole, if it is not.
    pub cut: Option<Cut>,
    /// Closer looks by issue.
    pub closer: BTreeMap<IssueId, Closer>,
    /// Releases.
    pub releases: Looked<Vec<ReleaseSeen>>,
    /// Commits on HEAD that fix issues; empty outside of a repository.
    pub on_head: BTreeMap<ShortId, HeadFix>,
}

/// Why a list is not whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Cut {
    /// As many were read as configuration allows; there are more.
    AtMost {
        /// How many.
        issues: u32,
    },
    /// A later page could not be read.
    Lost {
        /// Why.
        cause: Cause,
    },
}

/// An unresolved issue as the list answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The issue; its counts are of the window.
    pub issue: Issue,
    /// Its platform.
    pub platform: Option<Untrusted<String>>,
    /// Events a day, oldest first, today last; empty when not answered.
    pub daily: Vec<u64>,
}

impl Gathered {
    /// Releases of a project, when they are known.
    pub(super) fn releases_of(&self, project: &ProjectSlug) -> Option<Vec<ReleaseSeen>> {
        let releases = self.releases.saw()?;
        Some(releases.iter().filter(|release| release.projects.contains(project)).cloned().collect())
    }

    /// Since when the current release of a project is there: the newest one that has sent an event.
    pub(super) fn current_since(&self, project: &ProjectSlug) -> Option<Timestamp> {
        let releases = self.releases_of(project)?;
        let alive = releases.iter().filter(|release| release.last_event.is_some());
        // With one release alone everything would be new in it.
        if releases.len() < 2 { None } else { alive.map(|release| release.since).max() }
    }
}

/// Whom an issue is assigned to, as people write it.
pub(super) fn owner(assignee: Option<&Assignee>) -> String {
    assignee.map_or_else(|| "nobody".to_owned(), Assignee::called)
}
