//! Which issues people merged, and what is in them.

use super::SentryClient;
use super::api::{Answer, Ask};
use super::event::evidence;
use async_trait::async_trait;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::ProjectSlug;
use orderly_core::sync::snapshot::{EventEvidence, Issue};
use orderly_core::time::Seconds;
use orderly_engine::ports::merges::{MergeRead, MergedIssue, Merges};
use orderly_engine::ports::triage::{LARGEST_PAGE, Sort, TriageScope};
use orderly_wire::sentry::event::Event;
use orderly_wire::sentry::merged::{Group, History};

/// How far back issues are looked for: as long as Sentry keeps events.
const WINDOW: Seconds = Seconds::days(90);

/// Groups of one issue that are read.
const MOST_GROUPS: usize = 20;

/// Issues that are asked about at once.
const AT_ONCE: usize = 4;

#[async_trait]
impl MergeRead for SentryClient {
    async fn merges(&self, projects: &[ProjectSlug], most: u32) -> Looked<Merges> {
        Looked::from(self.read_merges(projects, most).await)
    }
}

impl SentryClient {
    async fn read_merges(&self, projects: &[ProjectSlug], most: u32) -> Result<Merges, Cause> {
        let issues = self.most_seen(projects, most).await?;
        let looked_at = u32::try_from(issues.len()).unwrap_or(u32::MAX);
        let asked = stream::iter(issues).map(|issue| self.merged(issue)).buffered(AT_ONCE);
        let merged: Vec<Option<MergedIssue>> = asked.try_collect().await?;
        Ok(Merges { looked_at, merged: merged.into_iter().flatten().collect() })
    }

    async fn most_seen(&self, projects: &[ProjectSlug], most: u32) -> Result<Vec<Issue>, Cause> {
        let scope = TriageScope {
            projects: projects.to_vec(),
            environments: Vec::new(),
            window: WINDOW,
            sort: Sort::Freq,
            page: most.min(LARGEST_PAGE),
        };
        let (mut issues, mut from) = (Vec::new(), None);
        while issues.len() < most as usize {
            // An empty search: issues of every state.
            let page = self.page_of_issues("", &scope, from.as_ref()).await?;
            issues.extend(page.issues.into_iter().map(|listed| listed.issue));
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        issues.truncate(most as usize);
        Ok(issues)
    }

    /// What was merged into an issue; `None` when nothing was, or nothing of it is kept.
    async fn merged(&self, issue: Issue) -> Result<Option<MergedIssue>, Cause> {
        let id = issue.id.to_string();
        let org = self.org.as_str();
        let subject = ["the history of issue ", &id].concat();
        let path = ["organizations", org, "issues", &id];
        let ask = Ask { path: &path, scope: "`event:read`", subject: &subject };
        let history: Answer<History> = match self.api.get(ask, &[]).await {
            // Deleted since it was listed.
            Err(Cause::Missing(_)) => return Ok(None),
            other => other?,
        };
        if !history.value.has_merge() {
            return Ok(None);
        }
        let path = ["organizations", org, "issues", &id, "hashes"];
        let subject = ["the groups of issue ", &id].concat();
        let groups: Vec<Group> =
            self.api.get_all(Ask { path: &path, scope: "`event:read`", subject: &subject }).await?;
        let by_people = groups.into_iter().filter(|group| !group.merged_by_seer);
        let mut events = Vec::new();
        for event in by_people.filter_map(|group| group.latest_event).take(MOST_GROUPS) {
            events.extend(self.event_of(&id, &event.event_id).await?);
        }
        Ok((events.len() > 1).then_some(MergedIssue { issue, events }))
    }

    async fn event_of(&self, issue: &str, event: &str) -> Result<Option<EventEvidence>, Cause> {
        let path = ["organizations", self.org.as_str(), "issues", issue, "events", event];
        let subject = ["an event of issue ", issue].concat();
        let ask = Ask { path: &path, scope: "`event:read`", subject: &subject };
        match self.api.get::<Event>(ask, &[]).await {
            Ok(answer) => Ok(Some(evidence(&answer.value))),
            Err(Cause::Missing(_)) => Ok(None),
            Err(cause) => Err(cause),
        }
    }
}
