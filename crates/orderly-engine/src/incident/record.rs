//! Recording as a job: the same ports are asked the same as a watch, an investigation and a review ask them.

use super::run::IncidentJob;
use crate::investigate::InvestigateJob;
use crate::watch::WatchJob;
use orderly_core::answer::Cause;
use orderly_core::incident::replay::Gathered;
use orderly_core::incident::{Affected, Log};
use orderly_core::time::Now;

/// Recording one incident.
pub struct RecordJob<'a> {
    /// Its review.
    pub incident: IncidentJob<'a>,
    /// The watch over its organization; `Err`: why none is possible.
    pub watch: Result<WatchJob<'a>, Cause>,
    /// What looks for what is behind it, as of now.
    pub investigation: InvestigateJob<'a>,
}

impl RecordJob<'_> {
    /// Everything that the decisions of an incident rest on. What cannot be looked at is among the answers.
    pub async fn gathered(&self, log: &Log) -> Gathered {
        let incident = log.incident();
        let issues: Vec<Affected> = incident.issues().iter().map(|owned| owned.issue.clone()).collect();
        // What fails after its end is not what was behind it.
        let investigation =
            InvestigateJob { at: incident.until(Now(self.investigation.at)), ..self.investigation };
        let watched = async {
            match &self.watch {
                Ok(watch) => watch.seen().await,
                Err(cause) => Err(cause.clone()),
            }
        };
        let (watched, known, evidence) =
            futures::join!(watched, investigation.known(&issues), self.incident.evidence(incident));
        Gathered { watched: watched.into(), known: known.into(), evidence }
    }
}
