//! Reading Sentry, as the engine asks it.

use super::api::{Answer, Ask};
use super::event::evidence;
use super::issue::{Counted, from_wire};
use super::{ProjectIds, SentryClient};
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked, RequestRef};
use orderly_core::ids::{IssueId, ProjectSlug, SentrySite};
use orderly_core::sync::snapshot::{EventEvidence, ExternalLink, Issue, LinkBackPath, OwnerClue, Signal};
use orderly_core::time::Seconds;
use orderly_engine::ports::sentry::{Answered, SearchScope, SentryRead};
use orderly_wire::sentry::event::Event;
use orderly_wire::sentry::issue as wire;
use orderly_wire::sentry::organization::{Environment, Project};
use std::collections::BTreeMap;

/// What lists and details add to an issue.
const EXPAND: [&str; 4] = ["owners", "inbox", "sentryAppIssues", "integrationIssues"];

/// Largest page of the API.
const LARGEST_PAGE: u32 = 100;

#[async_trait]
impl SentryRead for SentryClient {
    fn site(&self) -> SentrySite {
        Self::site(self)
    }

    async fn environments(&self) -> Looked<Vec<String>> {
        let environments = match self.project_ids {
            ProjectIds::AskedEarly => futures::join!(self.environment_names(), self.project_ids()).0,
            ProjectIds::AskedWhenNamed => self.environment_names().await,
        };
        Looked::from(environments)
    }

    async fn search(&self, signal: Signal, scope: &SearchScope) -> Looked<Answered<Vec<Issue>>> {
        Looked::from(self.issues_named(signal, scope).await)
    }

    async fn issue(&self, id: IssueId, scope: &SearchScope) -> Looked<Option<Issue>> {
        Looked::from(self.issue_by_id(id, scope.window).await)
    }

    async fn latest_event(&self, id: IssueId) -> Looked<EventEvidence> {
        let id = id.to_string();
        let path = ["organizations", self.org.as_str(), "issues", &id, "events", "latest"];
        let subject = ["the latest event of issue ", &id].concat();
        let ask = Ask { path: &path, scope: "`event:read`", subject: &subject };
        let answer: Result<Answer<Event>, Cause> = self.api.get(ask, &[]).await;
        Looked::from(answer.map(|answer| evidence(&answer.value)).map_err(|cause| match cause {
            Cause::Missing(_) => Cause::NoInput(["Sentry keeps no event of issue ", &id].concat()),
            other => other,
        }))
    }

    async fn owners(&self, issue: &Issue) -> Looked<Vec<OwnerClue>> {
        Looked::from(self.owner_clues(issue).await)
    }

    async fn external_links(&self, id: IssueId) -> Looked<Answered<Vec<ExternalLink>>> {
        Looked::from(self.app_links(id).await)
    }

    async fn link_back_path(&self) -> LinkBackPath {
        self.find_path().await
    }
}

impl SentryClient {
    async fn environment_names(&self) -> Result<Vec<String>, Cause> {
        let path = ["organizations", self.org.as_str(), "environments"];
        let subject = ["the environments of `", self.org.as_str(), "`"].concat();
        let ask = Ask { path: &path, scope: "`org:read` or `project:read`", subject: &subject };
        let found: Answer<Vec<Environment>> = self.api.get(ask, &[]).await?;
        Ok(found.value.into_iter().map(|e| e.name).filter(|name| !name.is_empty()).collect())
    }

    async fn issues_named(&self, signal: Signal, scope: &SearchScope) -> Result<Answered<Vec<Issue>>, Cause> {
        let mut query = vec![
            ("query", signal.query().to_owned()),
            ("statsPeriod", period(scope.window)),
            ("groupStatsPeriod", "24h".to_owned()),
            ("sort", "freq".to_owned()),
            ("limit", scope.limit.clamp(1, LARGEST_PAGE).to_string()),
        ];
        query.extend(EXPAND.map(|part| ("expand", part.to_owned())));
        query.extend(self.numbers_of(&scope.projects).await?.into_iter().map(|id| ("project", id)));
        query.extend(scope.environments.iter().map(|name| ("environment", name.clone())));
        let path = ["organizations", self.org.as_str(), "issues"];
        let subject = ["the issues of `", self.org.as_str(), "`"].concat();
        let ask = Ask { path: &path, scope: "`event:read`", subject: &subject };
        let answer: Answer<Vec<wire::Issue>> = self.api.get(ask, &query).await?;
        let issues = answer.value.iter().map(|issue| from_wire(issue, Counted::InWindow));
        let issues: Option<Vec<Issue>> = issues.collect();
        let issues = issues.ok_or_else(|| no_number(&answer.request))?;
        for (issue, wire) in issues.iter().zip(answer.value) {
            self.remember_owners(issue.id, wire.owners);
        }
        Ok(Answered { value: issues, request: answer.request })
    }

    async fn issue_by_id(&self, id: IssueId, window: Seconds) -> Result<Option<Issue>, Cause> {
        let Some((details, request)) = self.details(id).await? else { return Ok(None) };
        let issue = from_wire(&details, Counted::Ever(window)).ok_or_else(|| no_number(&request))?;
        self.remember_owners(issue.id, details.owners);
        Ok(Some(issue))
    }

    /// Details of an issue; `None` when there is none with this id.
    pub(super) async fn details(&self, id: IssueId) -> Result<Option<(wire::Issue, RequestRef)>, Cause> {
        let id = id.to_string();
        let path = ["organizations", self.org.as_str(), "issues", &id];
        let subject = ["issue ", &id].concat();
        let ask = Ask { path: &path, scope: "`event:read`", subject: &subject };
        match self.api.get(ask, &EXPAND.map(|part| ("expand", part.to_owned()))).await {
            Ok(Answer { value, request, .. }) => Ok(Some((value, request))),
            Err(Cause::Missing(_)) => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    /// Ids of projects: every version of the API takes numbers, slugs only some. `-1` is every project
    /// that the token sees.
    pub(super) async fn numbers_of(&self, projects: &[ProjectSlug]) -> Result<Vec<String>, Cause> {
        if projects.is_empty() {
            return Ok(vec!["-1".to_owned()]);
        }
        let known = self.project_ids().await.as_ref().map_err(Clone::clone)?;
        let id = |slug: &ProjectSlug| {
            let missing = || Cause::Missing(no_such_project(slug, self.org.as_str(), known));
            known.get(slug.as_str()).cloned().ok_or_else(missing)
        };
        projects.iter().map(id).collect()
    }

    /// All projects that the token sees.
    pub(super) async fn every_project(&self) -> Result<Vec<Project>, Cause> {
        let path = ["organizations", self.org.as_str(), "projects"];
        let subject = ["the projects of `", self.org.as_str(), "`"].concat();
        let ask = Ask { path: &path, scope: "`project:read` or `org:read`", subject: &subject };
        self.api.get_all(ask).await
    }

    /// Ids of all projects by slug; asked once.
    async fn project_ids(&self) -> &Result<BTreeMap<String, String>, Cause> {
        let ask = || async {
            let projects = self.every_project().await?;
            Ok(projects.into_iter().map(|project| (project.slug, project.id)).collect())
        };
        self.projects.get_or_init(ask).await
    }
}

fn no_such_project(slug: &ProjectSlug, org: &str, known: &BTreeMap<String, String>) -> String {
    let nearest = known.keys().max_by(|a, b| {
        let near = |name: &str| strsim::jaro_winkler(name, slug.as_str());
        near(a).total_cmp(&near(b))
    });
    let hint = nearest.map(|name| format!("; the nearest is `{name}`")).unwrap_or_default();
    format!("project `{slug}` in `{org}`{hint}: correct `sentry.projects`, or let the token see it")
}

pub(super) fn no_number(request: &RequestRef) -> Cause {
    Cause::NoReply(format!("{} answered an issue whose id is no number", request.what))
}

/// A span as Sentry writes it, in its largest whole unit; a day or two in hours, as Sentry's own pages do.
pub(super) fn period(window: Seconds) -> String {
    let (count, unit) = match window.0 {
        s if s > 172_800 && s % 86_400 == 0 => (s / 86_400, "d"),
        s if s > 0 && s % 3600 == 0 => (s / 3600, "h"),
        s if s > 0 && s % 60 == 0 => (s / 60, "m"),
        s => (s.max(1), "s"),
    };
    [&count.to_string(), unit].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_written_in_its_largest_whole_unit() {
        for (seconds, expected) in [
            (86_400, "24h"),
            (259_200, "3d"),
            (7200, "2h"),
            (90_000, "25h"),
            (1800, "30m"),
            (61, "61s"),
            (0, "1s"),
            (1_209_600, "14d"),
        ] {
            assert_eq!(period(Seconds(seconds)), expected);
        }
    }

    #[test]
    fn a_project_that_does_not_exist_is_named_with_the_nearest_that_does() {
        let known =
            BTreeMap::from([("backend".to_owned(), "1".to_owned()), ("frontend".to_owned(), "2".to_owned())]);
        let text = no_such_project(&ProjectSlug::new("bakcend"), "acme", &known);
        assert!(text.contains("`bakcend`") && text.contains("nearest is `backend`"), "{text}");
        assert!(!no_such_project(&ProjectSlug::new("x"), "acme", &BTreeMap::new()).contains("nearest"));
    }
}
