//! What is looked up before anything is touched: the issues that were approved, their crashes, and what is to be done.

use super::named::Alike;
use super::run::FixJob;
use crate::locate::LocateError;
use crate::ports::repair::{Holds, ReleaseNames, Trouble};
use orderly_core::answer::{Cause, Looked};
use orderly_core::diagnose::{Diagnosis, Evidence, diagnose};
use orderly_core::fix::{Course, Disposition, Known, Proposal, course};
use orderly_core::ids::{CommitId, Digest, IssueId, ShortId};
use orderly_core::locate::{Location, page};
use orderly_core::noise::Closer;
use orderly_core::scrub::Scrubber;
use orderly_core::sync::snapshot::{Issue, Status};
use orderly_core::triage::{ApprovedSelection, Chosen, IssueCard, IssueName, crash_key};
use orderly_core::untrusted::Untrusted;
use std::collections::BTreeMap;

/// What is known of a crash.
#[derive(Clone, Debug)]
pub(super) struct Findings {
    pub(super) evidence: Evidence,
    pub(super) diagnosis: Diagnosis,
    pub(super) location: Location,
}

impl Findings {
    /// The most telling of it, each a scrubbed line.
    pub(super) fn lines(&self, scrubber: &Scrubber) -> Vec<String> {
        let line = |text: String| {
            orderly_core::encode::terminal::scrubbed_line(&scrubber.scrub_version(&Untrusted::new(text)))
        };
        let mut lines: Vec<String> =
            self.diagnosis.bullets.iter().map(|bullet| bullet.line(scrubber)).collect();
        lines.push(line(format!("Code: {}", page::base(&self.location))));
        lines.push(line(format!("On HEAD: {}", self.location.on_head())));
        let suspect = page::suspects(&self.location).into_iter().next().unwrap_or_default();
        lines.push(line(match &self.location.claimed {
            Some(_) => format!("Suspect: {}", suspect.trim_start()),
            None => "Suspect: the clues are too weak to name one".to_owned(),
        }));
        lines
    }
}

/// An issue, or several that crash alike, and what is to be done about them.
#[derive(Clone, Debug)]
pub struct Order {
    pub(super) issue: Issue,
    pub(super) related: Vec<IssueCard>,
    pub(super) findings: Findings,
    pub(super) course: Course,
}

impl Order {
    /// As people name the issue.
    pub const fn short_id(&self) -> &ShortId {
        &self.issue.short_id
    }
}

/// An approved issue that is not worked on.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// The issue.
    pub issue: IssueCard,
    /// How it ends.
    pub disposition: Disposition,
}

/// A run that is ready to begin. Only [`FixJob::look`] makes one, from an approved selection.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub(super) plan: Digest,
    pub(super) orders: Vec<Order>,
    pub(super) ignored: Vec<IssueId>,
    /// Issues that nobody chose and that crash like a chosen one.
    pub alike: Vec<Alike>,
    /// What is not worked on.
    pub left_out: Vec<LeftOut>,
}

impl Prepared {
    /// Digest of what was approved.
    pub const fn plan(&self) -> &Digest {
        &self.plan
    }

    /// The issues in which there is nothing to mend here: each may be ignored in Sentry, if a person agrees.
    pub fn proposals(&self) -> impl Iterator<Item = (&ShortId, &Proposal)> {
        self.orders.iter().filter_map(|order| match &order.course {
            Course::Ignore(proposal) => Some((order.short_id(), proposal)),
            Course::Repair | Course::AlreadyFixed { .. } => None,
        })
    }

    /// The same run, with a person's word that these issues are ignored where that was proposed.
    #[must_use]
    pub fn ignoring(self, named: Vec<IssueId>) -> Self {
        Self { ignored: named, ..self }
    }

    /// The same run, with what a person may want to repair along with it.
    #[must_use]
    pub fn proposing(self, alike: Vec<Alike>) -> Self {
        Self { alike, ..self }
    }
}

/// Whether issues are repaired although nothing seems to be left to repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// As what was found says.
    AsFound,
    /// A person wants them repaired whatever was found.
    Anyway,
}

/// Issues as they were read, so that none is read twice.
#[derive(Debug, Default)]
pub struct Seen(pub(super) BTreeMap<IssueId, (Issue, Looked<Evidence>)>);

/// Why nothing could be prepared.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// No issue has the name.
    #[error("Sentry has no issue `{name}`")]
    NoIssue {
        /// The name, made visible.
        name: String,
    },
    /// Sentry could not be asked.
    #[error("the issue `{name}` cannot be read: {cause}")]
    Sentry {
        /// The issue.
        name: String,
        /// Why.
        cause: Cause,
    },
    /// The repository could not be read.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl FixJob<'_> {
    /// Looks at everything that was approved; nothing is touched. An issue that is not what it was when it was approved is
    /// left out.
    ///
    /// # Errors
    /// When Sentry or the repository cannot be read.
    pub async fn look(
        &self,
        approved: &ApprovedSelection,
        mut seen: Seen,
        want: Want,
    ) -> Result<Prepared, LookError> {
        let mut prepared = Prepared {
            plan: approved.digest(),
            orders: Vec::new(),
            ignored: Vec::new(),
            alike: Vec::new(),
            left_out: Vec::new(),
        };
        for unit in &approved.get().units {
            let mut free = Vec::new();
            for chosen in unit.issues() {
                match self.free(chosen, unit.crash.as_ref(), &mut seen).await? {
                    Ok(crash) => free.push(crash),
                    Err(disposition) => {
                        prepared.left_out.push(LeftOut { issue: chosen.card(), disposition });
                    }
                }
            }
            prepared.orders.extend(self.orders(free, want).await?);
        }
        Ok(prepared)
    }

    /// An issue that may still be worked on, with its crash; or how it ends without that.
    async fn free(
        &self,
        chosen: &Chosen,
        approved: Option<&Digest>,
        seen: &mut Seen,
    ) -> Result<Result<(Issue, Evidence), Disposition>, LookError> {
        let declined = |reason: String| Ok(Err(Disposition::Declined { reason }));
        if let Some(why) = self.policy.triage.do_not_fix.reason(chosen.id, &chosen.short_id) {
            return declined(format!("it is on the list `triage.do_not_fix`: {why}"));
        }
        let name = chosen.short_id.to_string();
        let (issue, evidence) = match seen.0.remove(&chosen.id) {
            Some(known) => known,
            None => match self.read(&name, &IssueName::Id(chosen.id)).await? {
                Some(issue) => {
                    let evidence = self.ports.crash.latest_crash(issue.id).await;
                    (issue, evidence)
                }
                None => return declined("Sentry has no such issue any more".to_owned()),
            },
        };
        match issue.status {
            Status::Unresolved(_) => {}
            Status::Resolved => return declined("it is resolved in Sentry".to_owned()),
            Status::Archived(_) => return declined("it is archived in Sentry".to_owned()),
            Status::Leaving => return declined("it is being deleted or merged in Sentry".to_owned()),
        }
        let evidence = match evidence {
            Looked::Saw(evidence) => evidence,
            Looked::CouldNotLook(cause @ Cause::NoInput(_)) => return declined(cause.to_string()),
            Looked::CouldNotLook(cause) => return Err(LookError::Sentry { name, cause }),
        };
        if approved.is_some() && crash_key(&issue.project, &evidence).as_ref() != approved {
            let reason = "its latest crash is another one than when it was approved: choose again".to_owned();
            return Ok(Err(Disposition::Deferred { reason }));
        }
        Ok(Ok((issue, evidence)))
    }

    /// One order for a unit that is repaired; what is not repaired is told issue by issue.
    async fn orders(&self, unit: Vec<(Issue, Evidence)>, want: Want) -> Result<Vec<Order>, LookError> {
        let mut orders: Vec<Order> = Vec::new();
        for (issue, evidence) in unit {
            if let Some(lead) = orders.iter_mut().find(|lead| lead.course == Course::Repair) {
                let permalink = self.ports.crash.site().permalink(issue.id);
                let Issue { id, short_id, title, .. } = issue;
                lead.related.push(IssueCard { issue: id, short_id, title, permalink });
                continue;
            }
            let findings = self.findings(issue.id, &issue.short_id, evidence).await?;
            let course = match want {
                Want::Anyway => Course::Repair,
                Want::AsFound => self.course(&issue, &findings).await?,
            };
            orders.push(Order { issue, related: Vec::new(), findings, course });
        }
        Ok(orders)
    }

    pub(super) async fn findings(
        &self,
        issue: IssueId,
        short_id: &ShortId,
        evidence: Evidence,
    ) -> Result<Findings, Trouble> {
        let located = self.ports.locate.of_evidence(issue, short_id, &evidence).await;
        let location = located.map_err(|error: LocateError| Trouble(error.to_string()))?;
        Ok(Findings { diagnosis: diagnose(&evidence), evidence, location })
    }

    /// A crash in a release that has the commit says that the commit did not fix it.
    async fn course(&self, issue: &Issue, findings: &Findings) -> Result<Course, Trouble> {
        let closer = Closer {
            evidence: Looked::Saw(findings.evidence.clone()),
            spread: self.ports.triage.spread(issue.id).await,
        };
        let (diagnosis, location) = (&findings.diagnosis, &findings.location);
        let known = Known { issue, closer: &closer, diagnosis, location };
        let course = course(known, &self.policy.triage.noise, self.scrubber, self.ports.clock.now());
        if let Course::AlreadyFixed { by, .. } = &course
            && self.came_back(issue.id, by).await?
        {
            return Ok(Course::Repair);
        }
        Ok(course)
    }

    async fn came_back(&self, issue: IssueId, by: &CommitId) -> Result<bool, Trouble> {
        let Looked::Saw(seen) = self.ports.releases.seen_in(issue).await else { return Ok(false) };
        for seen in seen {
            let release = ReleaseNames { version: seen.release, commit: None };
            if self.ports.workshop.has(&release, by).await? == Some(Holds::Yes) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) async fn read(&self, text: &str, name: &IssueName) -> Result<Option<Issue>, LookError> {
        match self.ports.crash.named(name, self.window).await {
            Looked::Saw(issue) => Ok(issue),
            Looked::CouldNotLook(cause) => Err(LookError::Sentry { name: text.to_owned(), cause }),
        }
    }
}
