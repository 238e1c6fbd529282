//! What others recorded becomes entries of the log, each once.

use super::run::{Gaps, IncidentError, IncidentJob};
use crate::ports::incident::HistoryRead;
use crate::ports::investigate::{InvestigateRead, Period};
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::{IssueId, ProjectSlug, SentrySite};
use orderly_core::incident::{Entry, IncidentKey, Log, Recorded, Refused, imports, window};
use orderly_core::scrub::Scrubber;
use orderly_core::time::Now;
use orderly_core::watch::Raised;

/// Issues that are asked about side by side.
const SIDE_BY_SIDE: usize = 4;

/// Exactly what an import may use.
#[derive(Clone, Copy)]
pub struct ImportPorts<'a> {
    /// Activity, comments and alerts.
    pub history: &'a dyn HistoryRead,
    /// What went out.
    pub changes: &'a dyn InvestigateRead,
    /// Where Sentry is, for the addresses of its pages.
    pub site: &'a SentrySite,
}

impl IncidentJob<'_> {
    /// Looks up what was recorded of an incident, beside alarms that a watch raised, and writes down what its log does not
    /// have. Gives the log, how many entries are new, and what could not be looked at.
    ///
    /// # Errors
    /// When the ledger fails.
    pub async fn import(
        &self,
        ports: ImportPorts<'_>,
        key: &IncidentKey,
        alarms: Vec<Raised>,
        scrubber: &Scrubber,
    ) -> Result<(Log, u32, Gaps), IncidentError> {
        let log = self.log(key).await?;
        let incident = log.incident();
        let issues: Vec<(IssueId, String)> = incident
            .issues()
            .iter()
            .map(|owned| (owned.issue.id, owned.issue.short_id.to_string()))
            .collect();
        let projects: Vec<ProjectSlug> = incident.projects().into_iter().collect();
        let (mut recorded, mut gaps) = (Recorded { alarms, ..Recorded::default() }, Gaps::default());
        if projects.is_empty() {
            let cause = Cause::NoInput("no issue belongs to the incident".to_owned());
            gaps.0.push(("activity, comments, releases and alerts".to_owned(), cause));
        } else {
            let (from, until) = window(incident, Now(self.at));
            let (changes, alerts) = futures::join!(
                ports.changes.deploys(Period { from, until }),
                ports.history.past_alerts(&projects)
            );
            gaps.take("releases and deploys", changes, &mut recorded.changes);
            gaps.take("alerts", alerts, &mut recorded.alerts);
        }
        for some in issues.chunks(SIDE_BY_SIDE) {
            let asked = some.iter().map(|(issue, name)| async move {
                let both = futures::join!(ports.history.activity(*issue), ports.history.comments(*issue));
                (name, both)
            });
            for (name, (activity, comments)) in futures::future::join_all(asked).await {
                gaps.take(&format!("the activity of {name}"), activity, &mut recorded.activity);
                gaps.take(&format!("the comments on {name}"), comments, &mut recorded.comments);
            }
        }
        let entries = imports(incident, recorded, ports.site, scrubber, Now(self.at));
        let (log, new) = self.append_new(log, entries).await?;
        Ok((log, new, gaps))
    }

    /// Appends entries one after the other; what somebody else has imported meanwhile is left out.
    async fn append_new(&self, mut log: Log, entries: Vec<Entry>) -> Result<(Log, u32), IncidentError> {
        let key = log.incident().key().clone();
        let mut new = 0;
        for entry in entries {
            let made = |log: Log| match log.and(entry.clone()) {
                Ok(next) => Ok(Some(next)),
                Err(Refused::Already { .. }) => Ok(None),
                Err(why) => Err(IncidentError::Refused { key: key.clone(), why }),
            };
            let (next, added) = self.append_made(log, made).await?;
            log = next;
            new += added;
        }
        Ok((log, new))
    }
}

impl Gaps {
    /// Adds what was seen to the rest, or why nothing was.
    fn take<T>(&mut self, what: &str, looked: Looked<Vec<T>>, all: &mut Vec<T>) {
        match looked {
            Looked::Saw(seen) => all.extend(seen),
            Looked::CouldNotLook(cause) => self.0.push((what.to_owned(), cause)),
        }
    }
}
