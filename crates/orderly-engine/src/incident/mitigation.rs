//! An option to end the impact is tried: the intent is in the log before its command runs, and what came of it after. What
//! nobody knows the end of is never run again by itself.

use super::run::{IncidentError, IncidentJob};
use crate::ports::incident::Hands;
use crate::ports::investigate::InvestigateRead;
use crate::ports::look::of_incident;
use orderly_core::answer::{Cause, Looked};
use orderly_core::incident::mitigation::{
    Counts, Inadmissible, Measurement, Order, Step, Trial, TrialPlan, TrialState, measure,
};
use orderly_core::incident::{Author, Entry, Incident, IncidentKey, Log, Stale, What};
use orderly_core::investigate::Window;
use orderly_core::noise::ReleaseSeen;
use orderly_core::time::{Now, Seconds, Timestamp, later};

/// Errors are counted at least so far back, so that it is seen when they rose.
const BACK: Seconds = Seconds::hours(24);
/// More of the time before than what is compared.
const MARGIN: Seconds = Seconds::hours(1);

impl IncidentJob<'_> {
    /// Errors of an incident's issues up to now, as far back as they are compared.
    ///
    /// # Errors
    /// When they cannot be counted.
    pub async fn counts(
        &self,
        read: &dyn InvestigateRead,
        incident: &Incident,
    ) -> Result<Counts, IncidentError> {
        let failed = |cause| IncidentError::Sentry { what: "the errors over time".to_owned(), cause };
        if incident.issues().is_empty() {
            return Err(failed(Cause::NoInput("no issue belongs to the incident yet".to_owned())));
        }
        let earliest = incident.trials().iter().map(|trial| trial.intent.since).min();
        let compared = earliest.map_or(0, |since| Now(self.at).seconds_since(since));
        let window = Window::before(self.at, Seconds(BACK.0.max(compared.saturating_add(MARGIN.0))));
        let own = of_incident(incident);
        let errors = read.counts(&own, window).await.seen().map_err(failed)?;
        Ok(Counts { from: window.from, bin: window.bin, errors })
    }

    /// Every release of the incident's projects, whenever it went out.
    pub async fn releases(&self, incident: &Incident) -> Looked<Vec<ReleaseSeen>> {
        self.ports.tags.releases(&incident.projects().into_iter().collect::<Vec<_>>()).await
    }

    /// Tries exactly what was planned, once.
    ///
    /// # Errors
    /// When the entry is refused, another trial was begun since the plan was made, or the ledger fails. How a command failed
    /// is in the log.
    pub async fn try_out(
        &self,
        hands: &dyn Hands,
        key: &IncidentKey,
        plan: &TrialPlan,
        author: &Author,
    ) -> Result<Log, IncidentError> {
        let intent = plan.intent(Now(self.at));
        let order = intent.order.clone();
        let entry = self.entry(author.clone(), None, What::Mitigation { step: Step::Trying { intent } });
        let planned = |log: &Log| match log.incident().trials().len() {
            trials if trials == plan.before => Ok(()),
            _ => Err(Stale::Moved.into()),
        };
        let log = self.append_while(key, entry, planned).await?;
        let Some(trial) = log.incident().trials().last().map(|trial| trial.number) else { return Ok(log) };
        if order == Order::ByHand {
            return Ok(log);
        }
        let begun = self.ports.clock.now();
        let run = hands.carry_out(&order).await;
        let what = What::Mitigation { step: Step::Tried { trial, run } };
        self.append(key, self.ended(begun, what)).await
    }

    /// Takes a trial back by its undo command, once.
    ///
    /// # Errors
    /// As [`IncidentJob::try_out`].
    pub async fn take_back(
        &self,
        hands: &dyn Hands,
        key: &IncidentKey,
        trial: &Trial,
        author: &Author,
    ) -> Result<Log, IncidentError> {
        let number = trial.number;
        let Some(argv) = trial.intent.undo.clone() else {
            let why = Inadmissible::Trial { number, is: "has no undo command" }.into();
            return Err(IncidentError::Refused { key: key.clone(), why });
        };
        let what = What::Mitigation { step: Step::Undoing { trial: number } };
        let entry = self.entry(author.clone(), None, what);
        self.append_while(key, entry, |log| {
            let as_seen = log.incident().trials().iter().any(|now| now == trial);
            if as_seen { Ok(()) } else { Err(Stale::Moved.into()) }
        })
        .await?;
        let begun = self.ports.clock.now();
        let run = hands.carry_out(&Order::Command { argv }).await;
        let what = What::Mitigation { step: Step::Undone { trial: number, run } };
        self.append(key, self.ended(begun, what)).await
    }

    /// Measures the effect of a trial; the log has it when it says something else than the last time. `begins`: since when
    /// it can have one, where that is not its end.
    ///
    /// # Errors
    /// When the errors cannot be counted, or the ledger fails.
    pub async fn effect(
        &self,
        read: &dyn InvestigateRead,
        key: &IncidentKey,
        number: u32,
        begins: Option<Timestamp>,
    ) -> Result<(Log, Option<Measurement>), IncidentError> {
        let log = self.log(key).await?;
        let incident = log.incident();
        let trials = incident.trials();
        let Some(trial) = trials.iter().find(|trial| trial.number == number) else {
            let why = Inadmissible::Trial { number, is: "does not exist" }.into();
            return Err(IncidentError::Refused { key: key.clone(), why });
        };
        let counts = self.counts(read, incident).await?;
        let done = |next: &&Trial| next.number > number && !matches!(next.state, TrialState::NotDone { .. });
        let next = trials.iter().find(done).map(|next| next.at);
        let Some(measured) = measure(trial, &counts, begins, next, Now(self.at)) else {
            return Ok((log, None));
        };
        if trial.verdict().is_some_and(|last| last.is_like(measured.verdict)) {
            return Ok((log, Some(measured)));
        }
        let source = format!("errors of the issues in Sentry, by {} until {}", measured.bin, self.at);
        let step = Step::Measured { trial: number, measured: measured.clone() };
        let entry = self.entry(Author::Orderly, Some(source), What::Mitigation { step });
        Ok((self.append(key, entry).await?, Some(measured)))
    }

    /// An entry about something that took as long as since `begun`.
    fn ended(&self, begun: Now, what: What) -> Entry {
        let took = self.ports.clock.now().seconds_since(begun.0);
        let at = later(self.at, i64::try_from(took).unwrap_or(0));
        Entry { at, ..self.entry(Author::Orderly, None, what) }
    }
}
