//! Watching as a job: everything that is counted is gathered and judged.
//!
//! Reading order: [`WatchJob::look`] here; `gather` (series of every project), `issues` (what is new in a new release).

mod gather;
mod issues;

use crate::ports::look::LookRead;
use crate::ports::triage::TriageRead;
use crate::ports::watch::WatchRead;
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::ProjectSlug;
use orderly_core::time::{Seconds, Timestamp};
use orderly_core::watch::{Observed, Seen, Sight, Unseen, WatchPolicy, judge};

/// What a watch is given.
#[derive(Clone, Copy)]
pub struct WatchPorts<'a> {
    /// Counts over time, and alerts.
    pub counts: &'a dyn WatchRead,
    /// Which projects and issues there are.
    pub look: &'a dyn LookRead,
    /// Which releases there are.
    pub triage: &'a dyn TriageRead,
}

/// A watch over one scope.
pub struct WatchJob<'a> {
    /// Ports.
    pub ports: WatchPorts<'a>,
    /// Projects; empty: all that the token sees.
    pub projects: &'a [ProjectSlug],
    /// Environments that exist in the organization; empty: all.
    pub environments: &'a [String],
    /// How careful it is.
    pub policy: WatchPolicy,
}

impl WatchJob<'_> {
    /// Looks once, and judges the newest hours: those that began within `back` of the newest one.
    ///
    /// # Errors
    /// The cause when it cannot be known which projects there are, or the errors of none of them can be counted.
    pub async fn look(&self, back: Seconds) -> Result<Sight, Cause> {
        let seen = self.seen().await?;
        let since = newest(&seen.observed, back);
        Ok(judge(seen, since, self.policy))
    }

    /// Everything that one look sees.
    ///
    /// # Errors
    /// As [`WatchJob::look`].
    pub async fn seen(&self) -> Result<Seen, Cause> {
        let projects = self.all_projects().await?;
        let mut unseen = Vec::new();
        let observed = self.series(&projects, &mut unseen).await?;
        let (fresh, week) = self.issues(&projects, &mut unseen).await;
        let alerts = kept(self.ports.counts.alerts(&projects).await, "alerts of Sentry", &mut unseen);
        Ok(Seen { observed, fresh, week, alerts, unseen })
    }

    async fn all_projects(&self) -> Result<Vec<ProjectSlug>, Cause> {
        let mut projects = if self.projects.is_empty() {
            let seen = self.ports.look.projects().await.seen()?;
            seen.into_iter().map(|project| project.slug).collect()
        } else {
            self.projects.to_vec()
        };
        projects.sort();
        projects.dedup();
        Ok(projects)
    }
}

/// What was seen; what was not is noted.
fn kept<T: Default>(answer: Looked<T>, what: &str, unseen: &mut Vec<Unseen>) -> T {
    match answer {
        Looked::Saw(seen) => seen,
        Looked::CouldNotLook(cause) => {
            unseen.push(Unseen { what: what.to_owned(), cause });
            T::default()
        }
    }
}

/// When the first hour begins that is judged. The server's time counts: it is the server who says which hour runs.
fn newest(observed: &[Observed], back: Seconds) -> Timestamp {
    let last = observed.iter().filter_map(|one| one.errors.last()).map(|hour| hour.begins).max();
    let last = last.map_or(0, Timestamp::as_second);
    let since = last.saturating_sub(i64::try_from(back.0).unwrap_or(i64::MAX));
    Timestamp::from_second(since).unwrap_or(Timestamp::UNIX_EPOCH)
}
