//! Writing in two steps: an entry is worked out and shown, then written exactly as it was shown, once.

use super::run::{Declaration, Gaps, IncidentError, IncidentJob};
use orderly_core::incident::{Author, Draft, IncidentKey, IncidentPlan, Log, Stale, What};
use orderly_core::scrub::Scrubber;
use orderly_core::time::Now;
use orderly_core::triage::IssueName;

/// What somebody wants to be written into the log of an incident.
#[derive(Clone, Debug)]
pub enum Wish {
    /// A further issue belongs to it: as it was named, and as that is read.
    Add(String, IssueName),
    /// Its severity is judged from numbers.
    Judge,
    /// People were told the draft that there is now.
    Inform,
    /// Anything that needs no looking up.
    Tell(What),
}

/// What becomes of a plan.
#[derive(Clone, Debug)]
pub enum Foreseen {
    /// Its entry is in this log already.
    Written(Log),
    /// With its entry the log is this one. A declaration gets its number when it is written.
    Due(Log),
}

impl IncidentJob<'_> {
    /// Works out a declaration. Nothing is written.
    ///
    /// # Errors
    /// When an issue cannot be read.
    pub async fn plan_declaration(
        &self,
        declaration: Declaration,
        source: Option<String>,
    ) -> Result<IncidentPlan, IncidentError> {
        let what = self.declared(declaration.title, &declaration.issues).await?;
        let IncidentKey { host, org, .. } = self.key(1);
        Ok(IncidentPlan::declaring(host, org, self.entry(declaration.author, source, what)))
    }

    /// Works out what a wish writes; `None` where the numbers say what they said before. Nothing is written.
    ///
    /// # Errors
    /// When Sentry cannot be asked for what it takes, the ledger fails, or the entry would be refused.
    pub async fn plan(
        &self,
        key: &IncidentKey,
        wish: Wish,
        (author, source): (Author, Option<String>),
        scrubber: &Scrubber,
    ) -> Result<(Option<IncidentPlan>, Gaps), IncidentError> {
        let log = self.log(key).await?;
        let incident = log.incident();
        let (entry, gaps) = match wish {
            Wish::Judge => self.judged(&log).await,
            Wish::Add(text, name) => {
                let what = self.joined((&text, &name)).await?;
                (Some(self.entry(author, source, what)), Gaps::default())
            }
            Wish::Inform => {
                let draft = Draft::of(incident, &self.policy.clock, scrubber, Now(self.at));
                let what = draft.told();
                (Some(self.entry(author, source, what)), Gaps::default())
            }
            Wish::Tell(what) => (Some(self.entry(author, source, what)), Gaps::default()),
        };
        let plan = entry.map(|entry| IncidentPlan::of(incident, entry, &self.policy.clock, scrubber));
        let plan = plan.transpose().map_err(|why| IncidentError::Refused { key: key.clone(), why })?;
        Ok((plan, gaps))
    }

    /// What becomes of a plan if it is carried out now.
    ///
    /// # Errors
    /// When it went stale, its entry would be refused, or the ledger fails.
    pub async fn foresee(&self, plan: &IncidentPlan, scrubber: &Scrubber) -> Result<Foreseen, IncidentError> {
        let here = self.key(1);
        if !plan.is_for(&here.host, &here.org) {
            return Err(Stale::Elsewhere.into());
        }
        let log = match plan.key() {
            Some(key) => {
                let log = self.log(&key).await?;
                if plan.is_in(&log) {
                    return Ok(Foreseen::Written(log));
                }
                plan.fits(log.incident(), &self.policy.clock, scrubber)?;
                log.and(plan.entry().clone()).map_err(|why| IncidentError::Refused { key, why })?
            }
            None => {
                let logs = self.logs().await?;
                if let Some(log) = logs.iter().find(|log| plan.is_in(log)) {
                    return Ok(Foreseen::Written(log.clone()));
                }
                logs.iter().try_for_each(|log| plan.is_new_beside(log.incident()))?;
                Log::begun(here.clone(), plan.entry().clone())
                    .map_err(|why| IncidentError::Refused { key: here, why })?
            }
        };
        plan.fresh(self.ports.clock.now())?;
        Ok(Foreseen::Due(log))
    }

    /// Writes exactly what was planned. A plan that was carried out before is done.
    ///
    /// # Errors
    /// As [`IncidentJob::foresee`]. What Sentry refuses is in the log.
    pub async fn carry_out(
        &self,
        plan: &IncidentPlan,
        scrubber: &Scrubber,
    ) -> Result<(Log, Gaps), IncidentError> {
        if let Foreseen::Written(log) = self.foresee(plan, scrubber).await? {
            return Ok((log, Gaps::default()));
        }
        let entry = plan.entry().clone();
        let Some(key) = plan.key() else {
            let log = self.begin(entry).await?;
            return self.assess(log.incident().key()).await;
        };
        let fits = |log: &Log| Ok(plan.fits(log.incident(), &self.policy.clock, scrubber)?);
        match &plan.entry().what {
            What::Assigned { issue, to } => {
                self.assigned(&key, *issue, to, entry).await.map(|log| (log, Gaps::default()))
            }
            What::Joined { .. } => {
                self.append_while(&key, entry, fits).await?;
                self.assess(&key).await
            }
            _ => self.append_while(&key, entry, fits).await.map(|log| (log, Gaps::default())),
        }
    }
}
