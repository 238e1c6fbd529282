//! Looking around: issues and events by search, teams, projects.

use super::SentryClient;
use super::api::{Answer, Ask};
use super::read::period;
use async_trait::async_trait;
use jiff::SignedDuration;
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::ProjectSlug;
use orderly_core::time::{Seconds, Timestamp};
use orderly_core::untrusted::Untrusted;
use orderly_engine::ports::look::{Dataset, EventPage, EventSearch, LookRead, ProjectSeen, TeamSeen};
use orderly_engine::ports::triage::{IssuePage, LARGEST_PAGE, PageCursor, TriageScope};
use orderly_wire::sentry::explore::Rows;
use orderly_wire::sentry::organization::{Project, Team};
use serde_json::Value;

#[async_trait]
impl LookRead for SentryClient {
    async fn issues(&self, query: &str, scope: &TriageScope, from: Option<&PageCursor>) -> Looked<IssuePage> {
        Looked::from(self.page_of_issues(query, scope, from).await)
    }

    async fn events(&self, search: &EventSearch, from: Option<&PageCursor>) -> Looked<EventPage> {
        Looked::from(self.page_of_events(search, from).await)
    }

    async fn teams(&self) -> Looked<Vec<TeamSeen>> {
        let org = self.org.as_str();
        let path = ["organizations", org, "teams"];
        let subject = ["the teams of `", org, "`"].concat();
        let ask = Ask { path: &path, scope: "`team:read` or `org:read`", subject: &subject };
        let teams: Result<Vec<Team>, Cause> = self.api.get_all(ask).await;
        let seen = |team: Team| TeamSeen { slug: team.slug, name: Untrusted::new(team.name) };
        Looked::from(teams.map(|teams| teams.into_iter().map(seen).collect()))
    }

    async fn projects(&self) -> Looked<Vec<ProjectSeen>> {
        let projects: Result<Vec<Project>, Cause> = self.every_project().await;
        let seen = |project: Project| ProjectSeen {
            slug: ProjectSlug::new(project.slug),
            platform: project.platform.map(Untrusted::new),
        };
        Looked::from(projects.map(|projects| projects.into_iter().map(seen).collect()))
    }
}

impl SentryClient {
    async fn page_of_events(
        &self,
        search: &EventSearch,
        from: Option<&PageCursor>,
    ) -> Result<EventPage, Cause> {
        let dataset = match search.dataset {
            Dataset::Errors => "errors",
            Dataset::Transactions => "transactions",
        };
        let mut query = vec![
            ("dataset", dataset.to_owned()),
            ("query", search.query.clone()),
            ("per_page", search.page.clamp(1, LARGEST_PAGE).to_string()),
        ];
        match search.until {
            None => query.push(("statsPeriod", period(search.window))),
            Some(until) => query.extend(between(search.window, until)),
        }
        query.extend(search.fields.iter().map(|field| ("field", field.clone())));
        query.extend(search.sort.iter().map(|sort| ("sort", sort.clone())));
        query.extend(self.numbers_of(&search.projects).await?.into_iter().map(|id| ("project", id)));
        query.extend(from.map(|cursor| ("cursor", cursor.0.clone())));
        let path = ["organizations", self.org.as_str(), "events"];
        let subject = ["the events of `", self.org.as_str(), "`"].concat();
        let ask = Ask { path: &path, scope: "`event:read` or `org:read`", subject: &subject };
        let answer: Answer<Rows> = self.api.get(ask, &query).await?;
        let row = |row: serde_json::Map<String, Value>| {
            row.into_iter().map(|(column, value)| (column, Untrusted::new(cell(&value)))).collect()
        };
        Ok(EventPage {
            rows: answer.value.data.into_iter().map(row).collect(),
            next: answer.next.map(PageCursor),
        })
    }
}

/// A period with fixed ends, in the form without a zone that every version of the API takes as UTC. A second that has
/// begun counts.
fn between(window: Seconds, until: Timestamp) -> [(&'static str, String); 2] {
    let back = SignedDuration::from_secs(i64::try_from(window.0).unwrap_or(i64::MAX));
    let until = until.checked_add(SignedDuration::from_secs(1)).unwrap_or(until);
    let from = until.checked_sub(back).unwrap_or(Timestamp::UNIX_EPOCH);
    [("start", from), ("end", until)].map(|(key, at)| (key, at.strftime("%Y-%m-%dT%H:%M:%S").to_string()))
}

/// A value of a row as text.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
