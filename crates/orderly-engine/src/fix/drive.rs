//! A case from step to step: stored, done, heard. What a run holds is renewed while something takes long.

use super::look::Findings;
use super::progress::FixProgress;
use super::run::{FixError, FixJob};
use crate::ports::repair::{HOLD, Trouble, until};
use orderly_core::active_runs::{Claim, Claimed, Conflict};
use orderly_core::fix::{Case, Effect, next, step};
use orderly_core::ids::RunId;
use std::sync::Mutex;

/// Whether work is cut off when a person stops the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// It is: waiting, an agent, checks.
    May,
    /// It is finished first.
    MayNot,
}

impl Cut {
    const fn of(effect: &Effect) -> Self {
        match effect {
            Effect::Ask { .. } | Effect::CheckBase | Effect::CheckFix { .. } => Self::May,
            _ => Self::MayNot,
        }
    }
}

/// A run at work.
pub(super) struct Running<'j, 'a> {
    pub(super) job: &'j FixJob<'a>,
    pub(super) run: &'j RunId,
    issues: Vec<String>,
    paths: Mutex<Vec<String>>,
}

impl<'j, 'a> Running<'j, 'a> {
    pub(super) fn new(job: &'j FixJob<'a>, run: &'j RunId, issues: Vec<String>, paths: Vec<String>) -> Self {
        let running = Self { job, run, issues, paths: Mutex::default() };
        running.widened(&paths);
        running
    }

    /// Declares the paths of the run and `more`; they stay declared when nobody is in the way.
    pub(super) async fn claim(&self, more: &[String]) -> Result<Result<Claimed, Vec<Conflict>>, Trouble> {
        let claim = Claim {
            run: self.run.clone(),
            issues: self.issues.clone(),
            paths: self.union(more),
            until: until(self.job.ports.clock.now()),
        };
        let answer = self.job.ports.runs.claim(&claim).await?;
        if answer.is_ok() {
            self.widened(more);
        }
        Ok(answer)
    }

    fn widened(&self, more: &[String]) {
        let union = self.union(more);
        *self.paths.lock().expect("nobody panics while holding it") = union;
    }

    fn union(&self, more: &[String]) -> Vec<String> {
        let mut paths = self.paths.lock().expect("nobody panics while holding it").clone();
        paths.extend(more.iter().cloned());
        paths.sort();
        paths.dedup();
        paths
    }

    /// Drives a case to its end, or to the safe point at which a person stopped the run.
    pub(super) async fn drive(&self, mut case: Case, found: Option<&Findings>) -> Result<Case, FixError> {
        let job = self.job;
        let ledger = job.ports.ledger;
        if case.key.run != *self.run {
            self.take_over(&case).await?;
        }
        loop {
            let now = job.ports.clock.now();
            ledger.record_case(self.run, &case, until(now), now).await?;
            let Some(effect) = next(&case, job.policy) else { break };
            if job.cancel.is_asked() {
                return Ok(case);
            }
            job.watch.see(FixProgress::Doing(&case, &effect));
            let ready = job.pace.ready(&case, &effect);
            let Some(()) = self.held_meanwhile(&case, ready, Cut::May).await? else { return Ok(case) };
            let work = self.perform(&case, &effect, found);
            let Some(event) = self.held_meanwhile(&case, work, Cut::of(&effect)).await? else {
                return Ok(case);
            };
            case = step(case, event, job.policy)?;
        }
        job.watch.see(FixProgress::Ended(&case));
        Ok(case)
    }

    async fn take_over(&self, case: &Case) -> Result<(), FixError> {
        let ports = &self.job.ports;
        let (site, now) = (ports.crash.site(), ports.clock.now());
        let held = ports.ledger.open_cases(&site.host(), &site.org).await?;
        let holder = held.into_iter().find(|held| held.case.key == case.key).map(|held| held.holder);
        let taken = match holder {
            Some(from) => ports.ledger.take_case(&case.key, &from, self.run, until(now)).await?,
            None => false,
        };
        if taken {
            Ok(())
        } else {
            Err(Trouble(format!("another run took up the case of {}", case.short_id)).into())
        }
    }

    /// Does the work, and meanwhile says again and again that the run is still at it. `None` when a person stopped it.
    async fn held_meanwhile<T>(
        &self,
        case: &Case,
        work: impl Future<Output = T>,
        cut: Cut,
    ) -> Result<Option<T>, FixError> {
        let job = self.job;
        tokio::pin!(work);
        loop {
            let now = job.ports.clock.now();
            let pause = jiff::SignedDuration::from_secs(i64::try_from(HOLD.0 / 5).unwrap_or(60));
            let wake = now.0.checked_add(pause).unwrap_or(now.0);
            tokio::select! {
                done = &mut work => return Ok(Some(done)),
                () = job.cancel.asked(), if cut == Cut::May => return Ok(None),
                () = job.ports.clock.sleep_until(wake) => {
                    let now = job.ports.clock.now();
                    job.ports.ledger.record_case(self.run, case, until(now), now).await?;
                    self.claim(&[]).await?.map_err(FixError::InTheWay)?;
                }
            }
        }
    }
}
