//! The series of every project: errors, crashes of sessions, failed and slow transactions.

use super::{WatchJob, kept};
use crate::ports::watch::HoursScope;
use futures::stream::{self, StreamExt as _};
use orderly_core::answer::{Cause, Looked};
use orderly_core::detect::share::Portion;
use orderly_core::ids::ProjectSlug;
use orderly_core::time::Seconds;
use orderly_core::watch::{Observed, Part, Slow, Unseen};
use std::collections::BTreeMap;

/// Projects that are asked for side by side: below the rate at which sentry.io refuses.
const SIDE_BY_SIDE: usize = 4;
/// How far back a series is read: as far as it is remembered, and a little more.
const HISTORY: Seconds = Seconds::days(14);
/// Slow is what takes so many times as long as nineteen of twenty do.
const SLOW: f64 = 2.0;

/// What is asked of all projects at once.
struct Together {
    crashes: BTreeMap<ProjectSlug, Vec<Part>>,
    durations: BTreeMap<ProjectSlug, f64>,
}

impl WatchJob<'_> {
    /// Everything that is counted in these projects.
    pub(crate) async fn series(
        &self,
        projects: &[ProjectSlug],
        unseen: &mut Vec<Unseen>,
    ) -> Result<Vec<Observed>, Cause> {
        let scope = self.scope(projects);
        let (crashes, durations) =
            futures::join!(self.ports.counts.crashes(&scope), self.ports.counts.durations(&scope));
        let together = Together {
            crashes: kept(crashes, "crashes of sessions", unseen),
            durations: kept(durations, "durations of transactions", unseen),
        };
        let asked = projects.iter().map(|project| self.one(project, &together));
        let answers: Vec<_> = stream::iter(asked).buffered(SIDE_BY_SIDE).collect().await;
        let (mut observed, mut blind) = (Vec::new(), None);
        for (answer, missed) in answers {
            unseen.extend(missed);
            match answer {
                Ok(seen) => observed.push(seen),
                Err(cause) => blind = Some(cause),
            }
        }
        match blind {
            Some(cause) if observed.is_empty() => Err(cause),
            _ => Ok(observed),
        }
    }

    pub(super) fn scope(&self, projects: &[ProjectSlug]) -> HoursScope {
        let environments = self.environments.to_vec();
        HoursScope { projects: projects.to_vec(), environments, window: HISTORY }
    }

    /// The series of one project, and what of them could not be asked for. Without errors it is not watched at all.
    async fn one(
        &self,
        project: &ProjectSlug,
        together: &Together,
    ) -> (Result<Observed, Cause>, Vec<Unseen>) {
        let scope = self.scope(std::slice::from_ref(project));
        let mut missed = Vec::new();
        let errors = match self.ports.counts.errors(&scope).await {
            Looked::Saw(errors) => errors,
            Looked::CouldNotLook(cause) => {
                missed.push(Unseen { what: format!("errors of {project}"), cause: cause.clone() });
                return (Err(cause), missed);
            }
        };
        // A project without transactions has no durations, and is not asked for the rest.
        let Some(usual) = together.durations.get(project) else {
            return (Ok(observed(project, errors, together, Vec::new(), Slow::default())), missed);
        };
        let over_millis = (SLOW * usual).ceil().max(1.0) as u64;
        let (failures, slower) =
            futures::join!(self.ports.counts.failures(&scope), self.ports.counts.slower(&scope, over_millis));
        let failures = kept(failures, &format!("transactions of {project}"), &mut missed);
        let slower = kept(slower, &format!("slow transactions of {project}"), &mut missed);
        let parts = failures.iter().map(|part| {
            let hit = slower.get(&part.begins.as_second()).copied().unwrap_or(0);
            Part { portion: Portion { hit, of: part.portion.of }, ..*part }
        });
        let slow = Slow { over_millis, parts: parts.collect() };
        (Ok(observed(project, errors, together, failures, slow)), missed)
    }
}

fn observed(
    project: &ProjectSlug,
    errors: Vec<orderly_core::watch::Hour>,
    together: &Together,
    failures: Vec<Part>,
    slow: Slow,
) -> Observed {
    let crashes = together.crashes.get(project).cloned().unwrap_or_default();
    Observed { project: project.clone(), errors, crashes, failures, slow }
}
