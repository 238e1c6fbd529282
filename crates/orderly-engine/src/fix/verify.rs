//! Whether fixes hold in production; and what an earlier run could not tell Sentry is told.

use crate::ports::cases::CaseLedger;
use crate::ports::clock::Clock;
use crate::ports::crash::CrashRead;
use crate::ports::ledger::LedgerError;
use crate::ports::repair::{Holds, SentryReleases, SentryResolve, Trouble, Workshop};
use orderly_core::answer::{Cause, Looked as Answer};
use orderly_core::fix::{Case, Disposition, FixPolicy, Keep, Resolution, Stage, prove};
use orderly_core::ids::{CommitId, IssueId};
use orderly_core::verify::{Deployed, Fixed, Seen, Verdict, decide};
use std::collections::BTreeSet;

/// Exactly what verifying may use.
#[derive(Clone, Copy)]
pub struct VerifyPorts<'a> {
    /// Says which Sentry it is.
    pub crash: &'a dyn CrashRead,
    /// What production says.
    pub releases: &'a dyn SentryReleases,
    /// Resolves what is proven.
    pub resolve: &'a dyn SentryResolve,
    /// Keeps the cases.
    pub ledger: &'a dyn CaseLedger,
    /// The repository.
    pub workshop: &'a dyn Workshop,
    /// Says what time it is.
    pub clock: &'a dyn Clock,
}

/// Verifies fixes.
pub struct VerifyJob<'a> {
    /// What it may use.
    pub ports: VerifyPorts<'a>,
    /// Which branches count, and in which release issues are resolved.
    pub policy: &'a FixPolicy,
}

/// A fix, looked at.
#[derive(Clone, Debug)]
pub struct Looked {
    /// The case, as it stands now.
    pub case: Case,
    /// What can be said of its fix.
    pub verdict: Verdict,
}

/// A repair that is followed to its deploy.
#[derive(Clone, Debug)]
pub struct Followed {
    /// Its case.
    pub case: Case,
    /// The first release that has its commit; `Saw(None)` while there is none.
    pub deployed: Answer<Option<Deployed>>,
}

impl VerifyJob<'_> {
    /// Looks at every fix of this repository that is not known to hold or not to hold.
    ///
    /// # Errors
    /// The ledger's, or git's.
    pub async fn run(&self) -> Result<Vec<Looked>, VerifyError> {
        let ports = &self.ports;
        let site = ports.crash.site();
        let here = ports.workshop.standing().await?.repository;
        let mut looked = Vec::new();
        for case in ports.ledger.fixed_cases(&site.host(), &site.org).await? {
            if case.repository != here {
                continue;
            }
            let case = self.told(case).await?;
            let verdict = self.verdict(&case).await?;
            let case = with_verdict(case, &verdict);
            ports.ledger.amend_case(&case, ports.clock.now()).await?;
            looked.push(Looked { case, verdict });
        }
        Ok(looked)
    }

    /// Tells Sentry of one fix, if its commit is where it counts by now; `None` when no case has the commit.
    ///
    /// # Errors
    /// The ledger's, or git's.
    pub async fn tell(&self, commit: &CommitId) -> Result<Option<Case>, VerifyError> {
        let ports = &self.ports;
        let site = ports.crash.site();
        let is = |case: &Case| {
            let made = case.end().map(|end| &end.disposition);
            matches!(made, Some(Disposition::Fixed { commit: made, .. }) if made == commit)
        };
        let here = ports.workshop.standing().await?.repository;
        let cases = ports.ledger.fixed_cases(&site.host(), &site.org).await?;
        let Some(case) = cases.into_iter().find(|case| case.repository == here && is(case)) else {
            return Ok(None);
        };
        let case = self.told(case).await?;
        ports.ledger.amend_case(&case, ports.clock.now()).await?;
        Ok(Some(case))
    }

    /// Resolves the issues of a case where that was waited for: the commit has arrived, or Sentry can be told now. What the
    /// case still had in the repository goes then.
    async fn told(&self, mut case: Case) -> Result<Case, VerifyError> {
        let (lead, plan) = (case.key.issue, case.plan.clone());
        let Stage::Ended { end, .. } = &mut case.stage else { return Ok(case) };
        let (Disposition::Fixed { commit, branch, resolution }, Some(receipt)) =
            (&mut end.disposition, &end.receipt)
        else {
            return Ok(case);
        };
        let related = end.related.iter_mut().map(|told| (told.issue, &mut told.resolution));
        let all = std::iter::once((lead, resolution)).chain(related);
        let mut open: Vec<_> = all.filter(|(_, resolution)| **resolution != Resolution::Resolved).collect();
        if open.is_empty() {
            return Ok(case);
        }
        let Some(arrived) = self.ports.workshop.arrived(commit, &self.policy.branches).await? else {
            return Ok(case);
        };
        for (issue, resolution) in &mut open {
            **resolution = match prove(*issue, &plan, &arrived, receipt, &self.policy.branches) {
                Ok(proof) => match self.ports.resolve.resolve(&proof, &self.policy.resolve).await {
                    Ok(()) => Resolution::Resolved,
                    Err(cause) => Resolution::NotTold(cause),
                },
                Err(unproven) => Resolution::Waits { reason: unproven.to_string() },
            };
        }
        branch.clone_from(&arrived.branch);
        self.ports.workshop.clean_up(&case, Keep::Nothing).await?;
        Ok(case)
    }

    /// How far the repair of an issue is: its open case, or its last fix and the release that carries it. Nothing is told,
    /// nothing is written; `None` when no case of this repository is about it.
    ///
    /// # Errors
    /// The ledger's, or git's.
    pub async fn follow(&self, issue: IssueId) -> Result<Option<Followed>, VerifyError> {
        let ports = &self.ports;
        let site = ports.crash.site();
        let here = ports.workshop.standing().await?.repository;
        let about = |case: &Case| case.repository == here && case.issues().any(|one| one == issue);
        let open = ports.ledger.open_cases(&site.host(), &site.org).await?;
        if let Some(held) = open.into_iter().map(|held| held.case).rfind(about) {
            return Ok(Some(Followed { case: held, deployed: Answer::Saw(None) }));
        }
        let fixed = ports.ledger.fixed_cases(&site.host(), &site.org).await?;
        let Some(case) = fixed.into_iter().rfind(about) else { return Ok(None) };
        let deployed = match case.end().map(|end| &end.disposition) {
            Some(Disposition::Fixed { commit, .. }) => self.deployed(&case, commit).await?.0,
            _ => Answer::Saw(None),
        };
        Ok(Some(Followed { case, deployed }))
    }

    async fn verdict(&self, case: &Case) -> Result<Verdict, VerifyError> {
        let Some(Disposition::Fixed { commit, .. }) = case.end().map(|end| &end.disposition) else {
            return Ok(Verdict::Unknown(Cause::NoInput("the case has no commit".to_owned())));
        };
        if let Stage::Ended {
            holds: Some(known @ (Verdict::Verified { .. } | Verdict::DidNotHold(_))), ..
        } = &case.stage
        {
            return Ok(known.clone());
        }
        let (deployed, with_fix) = self.deployed(case, commit).await?;
        let again = match self.ports.releases.seen_in(case.key.issue).await {
            Answer::Saw(seen) => Answer::Saw(first_again(seen, &with_fix)),
            Answer::CouldNotLook(cause) => Answer::CouldNotLook(cause),
        };
        let fixed = Fixed { before: case.before, deployed, again };
        Ok(decide(&fixed, self.ports.clock.now()))
    }

    /// The first release with the fix, and the versions of all that have it.
    async fn deployed(
        &self,
        case: &Case,
        commit: &CommitId,
    ) -> Result<(Answer<Option<Deployed>>, BTreeSet<String>), VerifyError> {
        let releases = match self.ports.releases.deployed(case.project.as_str()).await {
            Answer::Saw(releases) => releases,
            Answer::CouldNotLook(cause) => return Ok((Answer::CouldNotLook(cause), BTreeSet::new())),
        };
        let (mut first, mut with_fix, mut nameless) = (None, BTreeSet::new(), 0_usize);
        for (names, deployed) in releases {
            if deployed.at < case.opened_at {
                continue;
            }
            match self.ports.workshop.has(&names, commit).await? {
                Some(Holds::Yes) => {
                    with_fix.insert(names.version.as_raw_str().to_owned());
                    first = first.or(Some(deployed));
                }
                Some(Holds::No) => {}
                None => nameless += 1,
            }
        }
        if first.is_none() && nameless > 0 {
            let why = format!(
                "{nameless} releases since then lead to no commit of this repository: tag them, or tell Sentry their commits"
            );
            return Ok((Answer::CouldNotLook(Cause::NoInput(why)), with_fix));
        }
        Ok((Answer::Saw(first), with_fix))
    }
}

fn first_again(seen: Vec<Seen>, with_fix: &BTreeSet<String>) -> Option<Seen> {
    let again = seen.into_iter().filter(|seen| with_fix.contains(seen.release.as_raw_str()));
    again.min_by_key(|seen| seen.at)
}

fn with_verdict(mut case: Case, verdict: &Verdict) -> Case {
    if let Stage::Ended { holds, .. } = &mut case.stage {
        *holds = Some(verdict.clone());
    }
    case
}

/// Why fixes could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The journal.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Git.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}
