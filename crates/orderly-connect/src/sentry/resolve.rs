//! Resolving an issue, for those who have a proof, ignoring one, for those to whom a person said so, and what production says of it afterwards.

use super::SentryClient;
use super::api::{Answer, Ask};
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::fix::{IgnoreApproval, ResolveIn, ResolveProof};
use orderly_core::ids::IssueId;
use orderly_core::time::Timestamp;
use orderly_core::untrusted::Untrusted;
use orderly_core::verify::{Deployed, Seen};
use orderly_engine::ports::repair::{ReleaseNames, SentryReleases, SentryResolve};
use orderly_wire::sentry::issue::{Issue, Status};
use orderly_wire::sentry::released::{Release, TagValues};
use serde_json::{Value, json};

/// Releases that are looked through for the one with a fix.
const MOST_RELEASES: &str = "100";

#[async_trait]
impl SentryResolve for SentryClient {
    async fn resolve(&self, proof: &ResolveProof, release: &ResolveIn) -> Result<(), Cause> {
        let details = match release {
            ResolveIn::NextRelease => json!({"inNextRelease": true}),
            ResolveIn::Release(version) => json!({"inRelease": version}),
        };
        let body = json!({"status": "resolved", "statusDetails": details});
        self.set_status(proof.issue(), &body, Status::Resolved).await
    }

    async fn ignore(&self, approval: &IgnoreApproval) -> Result<(), Cause> {
        // It comes back by itself once it becomes much more frequent than it is.
        let body = json!({"status": "ignored", "substatus": "archived_until_escalating"});
        self.set_status(approval.issue(), &body, Status::Ignored).await
    }
}

impl SentryClient {
    /// One issue, one request, read back.
    async fn set_status(&self, issue: IssueId, body: &Value, wanted: Status) -> Result<(), Cause> {
        let id = issue.to_string();
        let path = ["organizations", self.org.as_str(), "issues", &id];
        let subject = ["issue ", &id].concat();
        let ask = Ask { path: &path, scope: "`event:write`", subject: &subject };
        let _answer: Answer<Value> = self.api.put(ask, body).await?;
        let seen: Answer<Issue> = self.api.get(ask, &[]).await?;
        if seen.value.status == wanted {
            return Ok(());
        }
        Err(Cause::NoReply(["Sentry took the change of issue ", &id, " and shows another status"].concat()))
    }
}

#[async_trait]
impl SentryReleases for SentryClient {
    async fn deployed(&self, project: &str) -> Looked<Vec<(ReleaseNames, Deployed)>> {
        match self.releases_of(project).await {
            Ok(releases) => Looked::Saw(releases),
            Err(cause) => Looked::CouldNotLook(cause),
        }
    }

    async fn seen_in(&self, issue: IssueId) -> Looked<Vec<Seen>> {
        let id = issue.to_string();
        let path = ["organizations", self.org.as_str(), "issues", &id, "tags", "release"];
        let subject = ["the releases of issue ", &id].concat();
        let ask = Ask { path: &path, scope: "`event:read`", subject: &subject };
        let answer: Result<Answer<TagValues>, Cause> = self.api.get(ask, &[]).await;
        match answer {
            Ok(answer) => Looked::Saw(
                answer
                    .value
                    .top_values
                    .into_iter()
                    .filter_map(|seen| {
                        Some(Seen {
                            release: Untrusted::new(seen.value),
                            at: seen.last_seen.or(seen.first_seen)?,
                        })
                    })
                    .collect(),
            ),
            // An issue whose events name no release was seen in none.
            Err(Cause::Missing(_)) => Looked::Saw(Vec::new()),
            Err(cause) => Looked::CouldNotLook(cause),
        }
    }
}

impl SentryClient {
    async fn releases_of(&self, project: &str) -> Result<Vec<(ReleaseNames, Deployed)>, Cause> {
        let path = ["projects", self.org.as_str(), project, "releases"];
        let subject = ["the releases of project `", project, "`"].concat();
        let ask = Ask { path: &path, scope: "`project:releases` or `project:read`", subject: &subject };
        let query = [("per_page", MOST_RELEASES.to_owned())];
        let answer: Answer<Vec<Release>> = self.api.get(ask, &query).await?;
        let mut releases: Vec<(ReleaseNames, Deployed)> = answer
            .value
            .into_iter()
            .filter_map(|release| {
                let at: Timestamp = release.in_front_of_users()?;
                let version = Untrusted::new(release.version);
                let commit = release.last_commit.map(|commit| Untrusted::new(commit.id));
                let names = ReleaseNames { version: version.clone(), commit };
                Some((names, Deployed { release: version, at }))
            })
            .collect();
        releases.sort_by_key(|(_, deployed)| deployed.at);
        Ok(releases)
    }
}
