//! Lists of unresolved issues, their tags, and releases.

use super::SentryClient;
use super::api::{Answer, Ask};
use super::issue::{Counted, from_wire};
use super::read::{no_number, period};
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::{IssueId, ProjectSlug};
use orderly_core::noise::{ReleaseSeen, Spread, TagSpread};
use orderly_core::time::Timestamp;
use orderly_core::triage::Listed;
use orderly_core::untrusted::Untrusted;
use orderly_engine::ports::triage::{IssuePage, LARGEST_PAGE, PageCursor, TriageRead, TriageScope};
use orderly_wire::sentry::issue as wire;
use orderly_wire::sentry::organization::Organization;
use orderly_wire::sentry::release::ListedRelease;
use orderly_wire::sentry::tags::TagKey;

/// The series that is asked for: a point a day.
const SERIES: &str = "14d";

#[async_trait]
impl TriageRead for SentryClient {
    async fn access(&self, projects: &[ProjectSlug]) -> Looked<()> {
        Looked::from(self.smoke_test(projects).await)
    }

    async fn unresolved(&self, scope: &TriageScope, from: Option<&PageCursor>) -> Looked<IssuePage> {
        Looked::from(self.page_of_issues("is:unresolved", scope, from).await)
    }

    async fn spread(&self, issue: IssueId) -> Looked<Spread> {
        let id = issue.to_string();
        let path = ["organizations", self.org.as_str(), "issues", &id, "tags"];
        let subject = ["the tags of issue ", &id].concat();
        let ask = Ask { path: &path, scope: "`event:read`", subject: &subject };
        let answer: Result<Answer<Vec<TagKey>>, Cause> = self.api.get(ask, &[]).await;
        Looked::from(answer.map(|answer| Spread(answer.value.into_iter().map(spread).collect())))
    }

    async fn releases(&self, projects: &[ProjectSlug]) -> Looked<Vec<ReleaseSeen>> {
        Looked::from(self.newest_releases(projects).await)
    }
}

impl SentryClient {
    /// Asks for the organization, then for the projects by name: each refusal says which of the two is wrong.
    async fn smoke_test(&self, projects: &[ProjectSlug]) -> Result<(), Cause> {
        let org = self.org.as_str();
        let path = ["organizations", org];
        let subject = ["the organization `", org, "`"].concat();
        let ask = Ask { path: &path, scope: "`org:read`", subject: &subject };
        let answer: Result<Answer<Organization>, Cause> = self.api.get(ask, &[]).await;
        match answer {
            Ok(_) => {}
            // A token of few scopes may read issues and not this; the list will tell.
            Err(Cause::Access(_)) if self.may_list().await => {}
            Err(Cause::Missing(_)) => return Err(Cause::Missing(self.no_such_organization().await)),
            Err(cause) => return Err(cause),
        }
        if !projects.is_empty() {
            self.numbers_of(projects).await?;
        }
        Ok(())
    }

    async fn may_list(&self) -> bool {
        let path = ["organizations", self.org.as_str(), "issues"];
        let ask = Ask { path: &path, scope: "`event:read`", subject: "the issues" };
        self.api.get::<Vec<wire::Issue>>(ask, &[("limit", "1".to_owned())]).await.is_ok()
    }

    /// Names the organizations that the token sees instead.
    async fn no_such_organization(&self) -> String {
        let ask =
            Ask { path: &["organizations"], scope: "`org:read`", subject: "the organizations of the token" };
        let seen: Vec<Organization> = self.api.get_all(ask).await.unwrap_or_default();
        let names: Vec<String> = seen.iter().take(5).map(|org| format!("`{}`", org.slug)).collect();
        let hint =
            if names.is_empty() { String::new() } else { format!(" (the token sees {})", names.join(", ")) };
        format!("organization `{}`{hint}: correct `sentry.org` or --org", self.org)
    }

    /// One page of what a search finds.
    pub(super) async fn page_of_issues(
        &self,
        search: &str,
        scope: &TriageScope,
        from: Option<&PageCursor>,
    ) -> Result<IssuePage, Cause> {
        let mut query = vec![
            ("query", search.to_owned()),
            ("statsPeriod", period(scope.window)),
            ("groupStatsPeriod", SERIES.to_owned()),
            ("sort", scope.sort.word().to_owned()),
            ("limit", scope.page.clamp(1, LARGEST_PAGE).to_string()),
        ];
        query.extend(self.numbers_of(&scope.projects).await?.into_iter().map(|id| ("project", id)));
        query.extend(scope.environments.iter().map(|name| ("environment", name.clone())));
        query.extend(from.map(|cursor| ("cursor", cursor.0.clone())));
        let path = ["organizations", self.org.as_str(), "issues"];
        let subject = ["the issues of `", self.org.as_str(), "`"].concat();
        let ask = Ask { path: &path, scope: "`event:read`", subject: &subject };
        let answer: Answer<Vec<wire::Issue>> = self.api.get(ask, &query).await?;
        let issues: Option<Vec<Listed>> = answer.value.iter().map(listed).collect();
        let issues = issues.ok_or_else(|| no_number(&answer.request))?;
        Ok(IssuePage { issues, next: answer.next.map(PageCursor) })
    }

    async fn newest_releases(&self, projects: &[ProjectSlug]) -> Result<Vec<ReleaseSeen>, Cause> {
        let mut query = vec![("per_page", LARGEST_PAGE.to_string())];
        query.extend(self.numbers_of(projects).await?.into_iter().map(|id| ("project", id)));
        let path = ["organizations", self.org.as_str(), "releases"];
        let subject = ["the releases of `", self.org.as_str(), "`"].concat();
        let ask = Ask { path: &path, scope: "`project:releases` or `project:read`", subject: &subject };
        let answer: Answer<Vec<ListedRelease>> = self.api.get(ask, &query).await?;
        Ok(answer.value.into_iter().filter_map(release).collect())
    }
}

fn listed(issue: &wire::Issue) -> Option<Listed> {
    let mut days = issue.stats.get(SERIES).cloned().unwrap_or_default();
    days.sort_unstable();
    Some(Listed {
        issue: from_wire(issue, Counted::InWindow)?,
        platform: issue.platform.clone().filter(|platform| !platform.is_empty()).map(Untrusted::new),
        daily: days.into_iter().map(|(_, events)| events).collect(),
    })
}

fn spread(tag: TagKey) -> (Untrusted<String>, TagSpread) {
    let top: Vec<_> =
        tag.top_values.into_iter().map(|value| (Untrusted::new(value.value), value.count)).collect();
    let known = top.len() as u64;
    let seen: u64 = top.iter().map(|(_, count)| count).sum();
    // A server that does not count the values: when those it names have fewer events than the tag, there are others.
    let others = u64::from(tag.total_values > seen);
    let distinct = tag.unique_values.unwrap_or(known + others).max(known);
    (Untrusted::new(tag.key), TagSpread { distinct, total: tag.total_values, top })
}

/// A release without any date can be compared with nothing.
fn release(release: ListedRelease) -> Option<ReleaseSeen> {
    let since: Timestamp = release.date_released.or(release.date_created)?;
    Some(ReleaseSeen {
        version: Untrusted::new(release.version),
        since,
        projects: release.projects.into_iter().map(|project| ProjectSlug::new(project.slug)).collect(),
        last_event: release.last_event,
    })
}
