//! From effect to port call. Whatever fails is an event of the case.

use super::drive::Running;
use super::look::Findings;
use crate::ports::repair::{Landing, Trouble};
use orderly_core::answer::Looked;
use orderly_core::fix::{
    Case, CaseFile, Change, Effect, Event, Feedback, Fence, HOUSE_RULES, Sealed, Start, message, read_answer,
};
use orderly_core::source::{RepoPath, TrackedFiles};
use std::collections::BTreeMap;

impl Running<'_, '_> {
    pub(super) async fn perform(&self, case: &Case, effect: &Effect, found: Option<&Findings>) -> Event {
        let done = match effect {
            Effect::Ask { attempt, start, feedback } => {
                self.ask(case, found, *attempt, *start, feedback).await
            }
            other => self.carry_out(case, other).await,
        };
        done.unwrap_or_else(|trouble| Event::Broke(trouble.0))
    }

    async fn carry_out(&self, case: &Case, effect: &Effect) -> Result<Event, Trouble> {
        let job = self.job;
        let workshop = job.ports.workshop;
        Ok(match effect {
            Effect::Place => {
                workshop.place(case).await?;
                Event::Placed
            }
            Effect::CheckBase => Event::BaseChecked(job.check_base(case).await?),
            Effect::Ask { .. } => return Err(Trouble("an agent is asked elsewhere".to_owned())),
            Effect::Stage { change } => self.stage(case, change).await?,
            Effect::CheckFix { tree, change, before } => {
                Event::FixChecked(job.check_fix(case, tree, change, before).await?)
            }
            Effect::Commit { receipt, words } => {
                let text = message(&job.policy.subject, case, words, job.scrubber);
                Event::Committed(workshop.commit(case, receipt, &text).await?)
            }
            Effect::Land { commit } => {
                match workshop.land(case, commit, job.policy.land, &job.policy.branches).await? {
                    Landing::Arrived(arrived) => Event::Landed(arrived),
                    Landing::Stays(why) => Event::Stays(why),
                }
            }
            Effect::Resolve { proof } => match job.ports.resolve.resolve(proof, &job.policy.resolve).await {
                Ok(()) => Event::Resolved,
                Err(cause) => Event::NotTold(cause),
            },
            Effect::Ignore { approval } => match job.ports.resolve.ignore(approval).await {
                Ok(()) => Event::Ignored,
                Err(cause) => Event::NotTold(cause),
            },
            Effect::CleanUp { keep } => {
                workshop.clean_up(case, *keep).await?;
                Event::CleanedUp
            }
        })
    }

    async fn ask(
        &self,
        case: &Case,
        found: Option<&Findings>,
        attempt: u32,
        start: Start,
        feedback: &[Feedback],
    ) -> Result<Event, Trouble> {
        let ports = &self.job.ports;
        ports.workshop.prepare(case, start).await?;
        let file = self.case_file(case, found, attempt, feedback).await?;
        match ports.agent.ask(&ports.workshop.work_folder(case), &file.text).await {
            Ok(said) => {
                let change = ports.workshop.change(case).await?;
                Ok(Event::Answered(read_answer(&said), change))
            }
            Err(why) => Ok(Event::NoAnswer(why.0)),
        }
    }

    async fn case_file(
        &self,
        case: &Case,
        found: Option<&Findings>,
        attempt: u32,
        feedback: &[Feedback],
    ) -> Result<Sealed, Trouble> {
        let again;
        let found = match found {
            Some(found) => found,
            None => {
                again = self.found_again(case).await?;
                &again
            }
        };
        let house = self.house_rules(case).await;
        let crashed = self.job.ports.workshop.crashed_folder(case).map(|folder| folder.display().to_string());
        let file = CaseFile {
            short_id: &case.short_id,
            permalink: &case.permalink,
            title: &case.title,
            related: &case.related,
            evidence: &found.evidence,
            location: &found.location,
            crashed: crashed.as_deref(),
            diagnosis: &found.diagnosis,
            checks: &case.checks,
            policy: self.job.policy,
            house: &house,
            attempt,
            feedback,
        };
        loop {
            let fence = Fence::new(*uuid::Uuid::new_v4().as_bytes());
            if let Ok(sealed) = file.seal(self.job.scrubber, &fence) {
                return Ok(sealed);
            }
        }
    }

    /// What the base says of how its code is written; nothing, when it cannot be read.
    async fn house_rules(&self, case: &Case) -> BTreeMap<RepoPath, String> {
        let named = TrackedFiles::of(HOUSE_RULES);
        let paths: Vec<RepoPath> = HOUSE_RULES.iter().filter_map(|name| named.tracked(name)).collect();
        match self.job.ports.locate.code.texts(&case.base, &paths).await {
            Looked::Saw(texts) => texts,
            Looked::CouldNotLook(cause) => {
                tracing::warn!(%cause, "the repository's own rules could not be read");
                BTreeMap::new()
            }
        }
    }

    /// What a dead run had found out, by a run that takes its case up.
    async fn found_again(&self, case: &Case) -> Result<Findings, Trouble> {
        match self.job.ports.crash.latest_crash(case.key.issue).await {
            Looked::Saw(evidence) => self.job.findings(case.key.issue, &case.short_id, evidence).await,
            Looked::CouldNotLook(cause) => Err(Trouble(cause.to_string())),
        }
    }

    /// Declares the paths of the change as well, then stages them.
    async fn stage(&self, case: &Case, change: &Change) -> Result<Event, Trouble> {
        if let Err(conflicts) = self.claim(&change.paths()).await? {
            let titles: Vec<String> =
                conflicts.iter().map(|c| format!("`{}` ({})", c.title, c.paths.join(", "))).collect();
            return Ok(Event::InTheWay(format!(
                "the change touches what others work on: {}",
                titles.join("; ")
            )));
        }
        Ok(Event::Staged(self.job.ports.workshop.stage(case, change).await?))
    }
}
