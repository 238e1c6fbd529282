//! What changed: releases that went out, feature flags, settings.

use super::super::SentryClient;
use super::super::api::{Answer, Ask};
use super::within;
use futures::stream::{self, StreamExt as _};
use orderly_core::answer::Cause;
use orderly_core::ids::ProjectSlug;
use orderly_core::investigate::{Changed, ChangedWhat, Deployed};
use orderly_core::specialist::Health;
use orderly_core::time::Timestamp;
use orderly_core::untrusted::Untrusted;
use orderly_engine::ports::investigate::Period;
use orderly_engine::ports::triage::LARGEST_PAGE;
use orderly_wire::sentry::changes::{AuditEntry, AuditLog, FlagChange};
use orderly_wire::sentry::release::{Commit, CommitFile, Deploy, ListedRelease};

const RELEASES: &str = "`project:releases` or `project:read`";
/// Releases whose deploys and commits are read, newest first.
const MOST: usize = 30;
/// Releases that are asked for side by side: below the rate at which sentry.io refuses.
const SIDE_BY_SIDE: usize = 4;
/// Commits of a release that are kept.
const MOST_COMMITS: usize = 20;
/// Files of a release that are kept.
const MOST_FILES: usize = 2_000;

impl SentryClient {
    /// Releases that went out within a period. One that was never deployed counts as it was made known.
    pub(super) async fn deploys_within(&self, period: Period) -> Result<Vec<Changed>, Cause> {
        let query = [("per_page", LARGEST_PAGE.to_string()), ("project", "-1".to_owned())];
        let path = ["organizations", self.org.as_str(), "releases"];
        let ask = Ask { path: &path, scope: RELEASES, subject: "the releases" };
        let answer: Answer<Vec<ListedRelease>> = self.api.get(ask, &query).await?;
        let inside = |at: Option<Timestamp>| at.is_some_and(|at| at >= period.from && at <= period.until);
        let recent = answer.value.into_iter().filter(|release| {
            let deployed = release.last_deploy.as_ref().and_then(|deploy| deploy.date_finished);
            // One that went out again later was also out before.
            inside(deployed)
                || inside(release.date_created)
                || inside(release.date_released)
                || (deployed.is_some_and(|at| at > period.until)
                    && release.date_created.is_some_and(|at| at <= period.until))
        });
        let asked = recent.take(MOST).map(|release| self.one_release(release, period));
        let answers: Vec<Result<Vec<Changed>, Cause>> =
            stream::iter(asked).buffered(SIDE_BY_SIDE).collect().await;
        let all: Result<Vec<Vec<Changed>>, Cause> = answers.into_iter().collect();
        Ok(all?.into_iter().flatten().collect())
    }

    /// How the newest releases fare in each of their projects.
    pub(super) async fn health_of_releases(&self) -> Result<Vec<Health>, Cause> {
        let mut query = vec![("per_page", LARGEST_PAGE.to_string()), ("project", "-1".to_owned())];
        query.extend([("health", "1".to_owned()), ("sort", "date".to_owned())]);
        let path = ["organizations", self.org.as_str(), "releases"];
        let ask = Ask { path: &path, scope: RELEASES, subject: "how releases fare" };
        let answer: Answer<Vec<ListedRelease>> = self.api.get(ask, &query).await?;
        let of_release = |release: ListedRelease| {
            let deployed = release.last_deploy.and_then(|deploy| deploy.date_finished);
            let since = deployed.or(release.date_released).or(release.date_created);
            let version = Untrusted::new(release.version);
            release.projects.into_iter().filter_map(move |project| {
                let data = project.health_data.unwrap_or_default();
                Some(Health {
                    release: version.clone(),
                    project: ProjectSlug::new(project.slug),
                    since: since?,
                    sessions: data.total_sessions.map(|all| (all, data.sessions_crashed)),
                    adoption: data.sessions_adoption,
                    new_issues: project.new_groups,
                })
            })
        };
        Ok(answer.value.into_iter().flat_map(of_release).collect())
    }

    async fn one_release(&self, release: ListedRelease, period: Period) -> Result<Vec<Changed>, Cause> {
        let version = release.version.as_str();
        let (deploys, commits, files) = futures::join!(
            self.of_release::<Deploy>(version, "deploys"),
            self.of_release::<Commit>(version, "commits"),
            self.of_release::<CommitFile>(version, "commitfiles"),
        );
        let (deploys, commits, files) = (deploys?, commits?, files?);
        let projects: Vec<ProjectSlug> =
            release.projects.iter().map(|project| ProjectSlug::new(&project.slug)).collect();
        let first_line =
            |commit: &Commit| Untrusted::new(commit.message.lines().next().unwrap_or_default().to_owned());
        let deployed = |environment: Option<&str>| Deployed {
            release: Untrusted::from(version),
            environment: environment.map(Untrusted::from),
            projects: projects.clone(),
            commits: commits.iter().take(MOST_COMMITS).map(first_line).collect(),
            // Without commits nobody told which files there are.
            files: (!commits.is_empty()).then(|| {
                files.iter().take(MOST_FILES).map(|file| Untrusted::from(file.filename.as_str())).collect()
            }),
        };
        let changed = |began, at, environment: Option<&str>| Changed {
            began,
            at,
            by: None,
            what: ChangedWhat::Deploy(deployed(environment)),
        };
        let inside = |at: &Timestamp| *at >= period.from && *at <= period.until;
        if deploys.is_empty() {
            let known = release.date_released.or(release.date_created).filter(inside);
            return Ok(known.map(|at| changed(None, at, None)).into_iter().collect());
        }
        let out = deploys.iter().filter_map(|deploy| {
            let at = deploy.date_finished.filter(inside)?;
            Some(changed(deploy.date_started, at, Some(&deploy.environment)))
        });
        Ok(out.collect())
    }

    /// A list about a release; a server that does not have the list has nothing on it.
    async fn of_release<T: serde::de::DeserializeOwned>(
        &self,
        version: &str,
        list: &str,
    ) -> Result<Vec<T>, Cause> {
        let path = ["organizations", self.org.as_str(), "releases", version, list];
        let subject = ["the ", list, " of a release"].concat();
        let ask = Ask { path: &path, scope: RELEASES, subject: &subject };
        let query = [("per_page", LARGEST_PAGE.to_string())];
        match self.api.get::<Vec<T>>(ask, &query).await {
            Ok(answer) => Ok(answer.value),
            Err(Cause::Missing(_)) => Ok(Vec::new()),
            Err(cause) => Err(cause),
        }
    }

    pub(super) async fn flags_within(&self, period: Period) -> Result<Vec<Changed>, Cause> {
        let changed = |change: FlagChange| {
            Some(Changed {
                began: None,
                at: change.created_at?,
                by: change.created_by.map(Untrusted::new),
                what: ChangedWhat::Flag {
                    flag: Untrusted::new(change.flag),
                    action: Untrusted::new(change.action),
                },
            })
        };
        let changes = self.flag_log(within(period).into()).await?;
        Ok(changes.into_iter().filter_map(changed).collect())
    }

    pub(super) async fn audit_log(&self, period: Period) -> Result<Vec<Changed>, Cause> {
        let path = ["organizations", self.org.as_str(), "audit-logs"];
        let ask = Ask { path: &path, scope: "`org:write`", subject: "the audit log" };
        let mut query = vec![("per_page", LARGEST_PAGE.to_string())];
        query.extend(within(period));
        let answer: Answer<AuditLog> = self.api.get(ask, &query).await?;
        let changed = |entry: AuditEntry| {
            Some(Changed {
                began: None,
                at: entry.date_created?,
                by: entry.actor.map(|actor| Untrusted::new(actor.name)),
                what: ChangedWhat::Setting {
                    event: Untrusted::new(entry.event),
                    note: Untrusted::new(entry.note),
                },
            })
        };
        Ok(answer.value.rows.into_iter().filter_map(changed).collect())
    }
}
