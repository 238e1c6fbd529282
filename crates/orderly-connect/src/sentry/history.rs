//! What others did to an issue and wrote on it, and which alerts there were.

use super::SentryClient;
use super::api::{Answer, Ask};
use super::watch::since;
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::{IssueId, ProjectSlug};
use orderly_core::incident::{Activity, Comment, Doer};
use orderly_core::sync::snapshot::Assignee;
use orderly_core::untrusted::Untrusted;
use orderly_core::watch::SentryAlert;
use orderly_engine::ports::incident::HistoryRead;
use orderly_engine::ports::triage::LARGEST_PAGE;
use orderly_wire::sentry::activity as wire;
use orderly_wire::sentry::alert::AlertIncident;
use serde_json::Value;

/// Bytes of a detail that are kept.
const DETAIL: usize = 500;

#[async_trait]
impl HistoryRead for SentryClient {
    async fn activity(&self, issue: IssueId) -> Looked<Vec<Activity>> {
        Looked::from(self.activity_of(issue).await)
    }

    async fn comments(&self, issue: IssueId) -> Looked<Vec<Comment>> {
        let notes = self.notes_of(&issue.to_string()).await;
        let comment = |note: wire::Activity| {
            let text = Untrusted::new(note.text()?.to_owned());
            Some(Comment { issue, at: note.date_created?, by: doer(&note), text, id: note.id })
        };
        Looked::from(notes.map(|notes| notes.into_iter().filter_map(comment).collect()))
    }

    async fn past_alerts(&self, projects: &[ProjectSlug]) -> Looked<Vec<SentryAlert>> {
        Looked::from(self.alerts_of(projects).await)
    }
}

impl SentryClient {
    async fn activity_of(&self, issue: IssueId) -> Result<Vec<Activity>, Cause> {
        let id = issue.to_string();
        let path = ["organizations", self.org.as_str(), "issues", &id, "activities"];
        let subject = ["the activity of issue ", &id].concat();
        let ask = Ask { path: &path, scope: "`event:read`", subject: &subject };
        let answer: Answer<wire::Activities> = self.api.get(ask, &[]).await?;
        let activity = |one: wire::Activity| {
            let by = doer(&one);
            let detail = |(name, value): (String, Value)| {
                let text = match value {
                    Value::String(text) => text,
                    Value::Number(number) => number.to_string(),
                    _ => return None,
                };
                Some((name, Untrusted::new(text.chars().take(DETAIL).collect())))
            };
            Some(Activity {
                issue,
                at: one.date_created?,
                kind: Untrusted::new(one.kind),
                by,
                details: one.data.into_iter().filter_map(detail).collect(),
                id: one.id,
            })
        };
        Ok(answer.value.activity.into_iter().filter_map(activity).collect())
    }

    async fn alerts_of(&self, projects: &[ProjectSlug]) -> Result<Vec<SentryAlert>, Cause> {
        let mut query = vec![("per_page", LARGEST_PAGE.to_string())];
        query.extend(self.numbers_of(projects).await?.into_iter().map(|id| ("project", id)));
        let path = ["organizations", self.org.as_str(), "incidents"];
        let ask = Ask { path: &path, scope: "`alerts:read` or `org:read`", subject: "the alerts" };
        let answer: Answer<Vec<AlertIncident>> = self.api.get(ask, &query).await?;
        Ok(answer.value.into_iter().filter_map(since).collect())
    }
}

fn doer(activity: &wire::Activity) -> Doer {
    match (&activity.sentry_app, &activity.user) {
        (Some(app), _) => Doer::App(Untrusted::new(app.name.clone())),
        (None, Some(user)) => {
            Doer::Person(Assignee::User { name: user.name.clone(), email: user.email.clone() })
        }
        (None, None) => Doer::Sentry,
    }
}
