//! Issues that are new in a new release, and what issues usually do.

use super::{WatchJob, kept};
use crate::ports::triage::{IssuePage, LARGEST_PAGE, Sort, TriageScope};
use futures::stream::{self, StreamExt as _};
use orderly_core::answer::Looked;
use orderly_core::encode::search_term::quoted;
use orderly_core::escalation::WeekOfIssue;
use orderly_core::ids::ProjectSlug;
use orderly_core::noise::ReleaseSeen;
use orderly_core::sync::snapshot::Level;
use orderly_core::time::{Now, Seconds, Timestamp};
use orderly_core::triage::Listed;
use orderly_core::watch::{FreshIssue, Unseen, WeekOfProject};
use std::collections::BTreeMap;

/// A release is new for so long after it went out.
const NEW: Seconds = Seconds::days(1);
/// New releases that are asked for, newest first: no team deploys more in a day that it watches.
const MOST_RELEASES: usize = 20;
/// Releases that are asked for side by side.
const SIDE_BY_SIDE: usize = 4;

impl WatchJob<'_> {
    /// The issues that are new in a new release, and those of the last week for comparison.
    pub(super) async fn issues(
        &self,
        projects: &[ProjectSlug],
        unseen: &mut Vec<Unseen>,
    ) -> (Vec<FreshIssue>, Vec<WeekOfProject>) {
        let releases = kept(self.ports.triage.releases(projects).await, "releases", unseen);
        let newest = releases.iter().filter_map(|release| release.last_event).max();
        let fresh = |release: &&ReleaseSeen| {
            newest.is_some_and(|newest| Now(newest).seconds_since(release.since) < NEW.0)
        };
        // With one release alone everything would be new in it.
        let first = |project: &ProjectSlug| {
            releases.iter().filter(|release| release.projects.contains(project)).count() < 2
        };
        let new: Vec<&ReleaseSeen> = releases.iter().filter(fresh).take(MOST_RELEASES).collect();
        if new.is_empty() {
            return (Vec::new(), Vec::new());
        }
        let week = self.listed(projects, "is:unresolved", Seconds::days(7)).await;
        let week = kept(week, "issues of the week", unseen);
        let asked = new.into_iter().map(|release| async move {
            let version = release.version.as_raw_str();
            let query = format!("is:unresolved firstRelease:{}", quoted(version));
            (release, self.listed(projects, &query, NEW).await)
        });
        let answers: Vec<_> = stream::iter(asked).buffered(SIDE_BY_SIDE).collect().await;
        let mut fresh = Vec::new();
        for (release, answer) in answers {
            let issues = kept(answer, "issues of a new release", unseen);
            let own = issues.into_iter().filter(|listed| !first(&listed.issue.project));
            fresh.extend(own.filter_map(|listed| fresh_issue(listed, release)));
        }
        (fresh, by_project(week))
    }

    async fn listed(&self, projects: &[ProjectSlug], query: &str, window: Seconds) -> Looked<Vec<Listed>> {
        let scope = TriageScope {
            projects: projects.to_vec(),
            environments: self.environments.to_vec(),
            window,
            sort: Sort::Freq,
            page: LARGEST_PAGE,
        };
        // What has fewer events than the first hundred is neither usual nor too much.
        match self.ports.look.issues(query, &scope, None).await {
            Looked::Saw(IssuePage { issues, .. }) => Looked::Saw(issues),
            Looked::CouldNotLook(cause) => Looked::CouldNotLook(cause),
        }
    }
}

/// An issue of a new release: an error, and not older than the release.
fn fresh_issue(listed: Listed, release: &ReleaseSeen) -> Option<FreshIssue> {
    let issue = listed.issue;
    let is_new = issue.level >= Level::Error && issue.first_seen >= release.since;
    is_new.then(|| FreshIssue {
        project: issue.project,
        id: issue.id,
        short_id: issue.short_id,
        title: issue.title,
        release: release.version.clone(),
        events: issue.events,
        first_seen: issue.first_seen,
        last_seen: issue.last_seen,
    })
}

fn by_project(issues: Vec<Listed>) -> Vec<WeekOfProject> {
    let newest: Option<Timestamp> = issues.iter().map(|listed| listed.issue.last_seen).max();
    let mut projects: BTreeMap<ProjectSlug, Vec<WeekOfIssue>> = BTreeMap::new();
    for Listed { issue, .. } in issues {
        let age = newest.map_or(0, |newest| Now(newest).seconds_since(issue.first_seen));
        let age_seconds = i64::try_from(age).unwrap_or(i64::MAX);
        projects.entry(issue.project).or_default().push(WeekOfIssue { events: issue.events, age_seconds });
    }
    projects.into_iter().map(|(project, issues)| WeekOfProject { project, issues }).collect()
}
