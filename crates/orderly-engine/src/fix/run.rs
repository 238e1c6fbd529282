//! The job: what it is given, and one case after the other.

use super::drive::Running;
use super::look::{Order, Prepared};
use super::pace::Pace;
use super::progress::{FixProgress, FixWatch};
use crate::locate::LocateJob;
use crate::ports::cases::{CaseLedger, Opening};
use crate::ports::clock::Clock;
use crate::ports::crash::CrashRead;
use crate::ports::ledger::LedgerError;
use crate::ports::repair::{
    ActiveRuns, Agent, Checks, SentryReleases, SentryResolve, Standing, Trouble, Workshop, until,
};
use crate::ports::triage::TriageRead;
use crate::sync::Cancel;
use orderly_core::active_runs::{Claimed, Conflict, RunEnd};
use orderly_core::fix::{
    CASE_VERSION, Case, CaseKey, Check, Course, Disposition, End, FixPolicy, OutOfOrder, Stage, called_off,
    resumed,
};
use orderly_core::ids::{RunId, SentrySite};
use orderly_core::scrub::Scrubber;
use orderly_core::sync::snapshot::Issue;
use orderly_core::time::{Now, Seconds, Timestamp};
use orderly_core::untrusted::Untrusted;
use orderly_core::verify::Before;

/// Exactly what repairs may use.
#[derive(Clone, Copy)]
pub struct FixPorts<'a> {
    /// Reads crashes.
    pub crash: &'a dyn CrashRead,
    /// Finds their code.
    pub locate: LocateJob<'a>,
    /// Says how events spread over tags.
    pub triage: &'a dyn TriageRead,
    /// Says in which releases an issue was seen.
    pub releases: &'a dyn SentryReleases,
    /// Resolves what is proven, and ignores what a person said.
    pub resolve: &'a dyn SentryResolve,
    /// Keeps the cases.
    pub ledger: &'a dyn CaseLedger,
    /// The repository.
    pub workshop: &'a dyn Workshop,
    /// Makes the changes.
    pub agent: &'a dyn Agent,
    /// Runs the checks.
    pub checks: &'a dyn Checks,
    /// Where paths are declared.
    pub runs: &'a dyn ActiveRuns,
    /// Says what time it is.
    pub clock: &'a dyn Clock,
}

/// Repairs, ready to run.
pub struct FixJob<'a> {
    pub(super) ports: FixPorts<'a>,
    pub(super) policy: &'a FixPolicy,
    pub(super) scrubber: &'a Scrubber,
    /// Over which span events were counted.
    pub(super) window: Seconds,
    pub(super) watch: &'a dyn FixWatch,
    pub(super) pace: &'a dyn Pace,
    pub(super) cancel: Cancel,
}

/// What a run came to.
#[derive(Debug, Default)]
pub struct Repaired {
    /// Cases that are over, in order.
    pub ended: Vec<Case>,
    /// Cases that a stop left open; the next run takes them up.
    pub open: Vec<Case>,
    /// Dead runs whose paths were taken over or left standing.
    pub claimed: Claimed,
}

/// Why a run did not happen, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum FixError {
    /// Other runs are at work on the same paths.
    #[error("{}", words_of(.0))]
    InTheWay(Vec<Conflict>),
    /// The journal could not be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Git, a disk or the page of active runs.
    #[error(transparent)]
    Trouble(#[from] Trouble),
    /// A fault of Orderly.
    #[error(
        "a fault of Orderly stopped the run before it could do harm: {0}; the next run goes on from the journal. Please report it"
    )]
    Fault(#[from] OutOfOrder),
}

fn words_of(conflicts: &[Conflict]) -> String {
    let one = |conflict: &Conflict| {
        let age = conflict.age.map(|age| format!(", begun {} min ago", age / 60)).unwrap_or_default();
        format!("`{}` is at work on {}{age}", conflict.title, conflict.paths.join(", "))
    };
    conflicts.iter().map(one).collect::<Vec<_>>().join("; ")
}

impl<'a> FixJob<'a> {
    /// A job over these ports. Events of orders are counted over `window`.
    pub fn new(ports: FixPorts<'a>, policy: &'a FixPolicy, scrubber: &'a Scrubber, window: Seconds) -> Self {
        Self { ports, policy, scrubber, window, watch: &(), pace: &(), cancel: Cancel::never() }
    }

    /// The same, followed by `watch`.
    #[must_use]
    pub fn watched_by(self, watch: &'a dyn FixWatch) -> Self {
        Self { watch, ..self }
    }

    /// The same, held up by `pace`.
    #[must_use]
    pub fn paced_by(self, pace: &'a dyn Pace) -> Self {
        Self { pace, ..self }
    }

    /// The same, stopped by `cancel`.
    #[must_use]
    pub fn until(self, cancel: Cancel) -> Self {
        Self { cancel, ..self }
    }

    /// Takes up what dead runs left open, then works through what was prepared, one after the other.
    ///
    /// # Errors
    /// When other runs are at work on the same paths (nothing was touched then), or the machinery failed.
    pub async fn run(
        &self,
        run: &RunId,
        prepared: &Prepared,
        checks: &[Check],
    ) -> Result<Repaired, FixError> {
        let standing = self.ports.workshop.standing().await?;
        let left = self.left_open(&standing).await?;
        let mut paths: Vec<String> = left.iter().flat_map(|case| case.declared.clone()).collect();
        paths.extend(prepared.orders.iter().flat_map(declared));
        let mut issues: Vec<String> =
            left.iter().flat_map(Case::short_ids).map(ToString::to_string).collect();
        for order in &prepared.orders {
            issues.push(order.issue.short_id.to_string());
            issues.extend(order.related.iter().map(|card| card.short_id.to_string()));
        }
        let running = Running::new(self, run, issues, paths);
        let mut repaired = Repaired {
            claimed: running.claim(&[]).await?.map_err(FixError::InTheWay)?,
            ..Repaired::default()
        };
        let worked = self.work(&running, prepared, checks, left, &mut repaired).await;
        let finished = self.ports.runs.finish(run, &how_it_ended(&repaired, &worked)).await;
        worked?;
        finished?;
        Ok(repaired)
    }

    async fn work(
        &self,
        running: &Running<'_, '_>,
        prepared: &Prepared,
        checks: &[Check],
        left: Vec<Case>,
        repaired: &mut Repaired,
    ) -> Result<(), FixError> {
        let mut known = Vec::new();
        for case in left {
            self.watch.see(FixProgress::Resuming(&case));
            known.extend(case.issues());
            let case = match self.policy.triage.do_not_fix.reason(case.key.issue, &case.short_id) {
                Some(why) => called_off(case, &format!("it is on the list `triage.do_not_fix`: {why}")),
                None => resumed(case, self.policy),
            };
            keep(running.drive(case, None).await?, repaired);
        }
        for order in prepared.orders.iter().filter(|order| !known.contains(&order.issue.id)) {
            if self.cancel.is_asked() {
                break;
            }
            let standing = self.ports.workshop.standing().await?;
            let now = self.ports.clock.now();
            let case = self.opened(running.run, prepared, order, checks, &standing, now);
            match self.ports.ledger.open_case(&case, until(now), now).await? {
                Opening::Opened => keep(running.drive(case, Some(&order.findings)).await?, repaired),
                Opening::Exists(held) => {
                    let reason = format!("run {} has an open case for it", held.holder);
                    let end = End::without_commit(Disposition::Deferred { reason });
                    repaired.ended.push(Case { stage: Stage::Ended { end, holds: None }, ..case });
                }
            }
        }
        Ok(())
    }

    /// Open cases of this repository whose run is dead.
    async fn left_open(&self, standing: &Standing) -> Result<Vec<Case>, FixError> {
        let site = self.ports.crash.site();
        let mut left = Vec::new();
        for held in self.ports.ledger.open_cases(&site.host(), &site.org).await? {
            let ours = held.case.repository == standing.repository;
            let lapsed = held.until <= self.ports.clock.now().0;
            if ours && (lapsed || self.ports.runs.is_dead(&held.holder).await?) {
                left.push(held.case);
            }
        }
        Ok(left)
    }

    fn opened(
        &self,
        run: &RunId,
        prepared: &Prepared,
        order: &Order,
        checks: &[Check],
        standing: &Standing,
        now: Now,
    ) -> Case {
        let site: SentrySite = self.ports.crash.site();
        let issue = &order.issue;
        let slug: String = issue
            .short_id
            .as_str()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
            .collect();
        Case {
            version: CASE_VERSION,
            key: CaseKey { host: site.host(), org: site.org.clone(), issue: issue.id, run: run.clone() },
            short_id: issue.short_id.clone(),
            project: issue.project.clone(),
            title: issue.title.clone(),
            permalink: site.permalink(issue.id),
            related: order.related.clone(),
            found: order.findings.lines(self.scrubber),
            repository: standing.repository.clone(),
            plan: prepared.plan.clone(),
            before: before(issue, self.window, now),
            agent: self.ports.agent.name().to_owned(),
            opened_at: whole_seconds(now.0),
            base: standing.head.clone(),
            crashed: order.findings.location.crashed_commit().cloned(),
            branch: format!("orderly/{}-{}", slug.trim_matches('-'), run.as_str().to_lowercase()),
            declared: declared(order),
            checks: checks.to_vec(),
            stage: first_stage(order, prepared),
        }
    }
}

fn keep(case: Case, repaired: &mut Repaired) {
    if case.is_ended() { repaired.ended.push(case) } else { repaired.open.push(case) }
}

/// The paths that a repair declares before it begins: where its change is expected.
fn declared(order: &Order) -> Vec<String> {
    match order.course {
        Course::Repair => {
            order.findings.location.files().into_iter().map(|path| path.as_str().to_owned()).collect()
        }
        Course::AlreadyFixed { .. } | Course::Ignore(_) => Vec::new(),
    }
}

/// What is done first: the worktrees of a repair, or the end of what is none.
fn first_stage(order: &Order, prepared: &Prepared) -> Stage {
    let ends = |disposition| Stage::Closing { end: End::without_commit(disposition) };
    match &order.course {
        Course::Repair => Stage::Opened,
        Course::AlreadyFixed { by, reason } => {
            ends(Disposition::AlreadyFixed { by: by.clone(), reason: reason.clone() })
        }
        Course::Ignore(proposal) => match proposal.approved(&prepared.ignored) {
            Some(approval) => Stage::Ignoring { approval },
            None => ends(Disposition::Declined {
                reason: format!("nobody approved to ignore it, which is proposed: {}", proposal.reason()),
            }),
        },
    }
}

/// How often an issue came: since it was first seen, but over no more than the window its events were counted in.
fn before(issue: &Issue, window: Seconds, now: Now) -> Before {
    let seconds = now.seconds_since(issue.first_seen).min(window.0);
    #[expect(clippy::cast_precision_loss, reason = "seconds of a window are far below 2^52")]
    let hours = seconds as f64 / 3600.0;
    Before { events: issue.events, hours }
}

/// A commit knows no fractions of seconds.
fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

fn how_it_ended(repaired: &Repaired, worked: &Result<(), FixError>) -> RunEnd {
    let commits = repaired.ended.iter().filter_map(|case| match &case.end()?.disposition {
        Disposition::Fixed { commit, .. } => Some(commit.short().to_owned()),
        _ => None,
    });
    let commits: Vec<String> = commits.collect();
    if !commits.is_empty() {
        return RunEnd::Completed(commits);
    }
    if let Err(error) = worked {
        return RunEnd::Aborted(one_line(&error.to_string()));
    }
    let reason = repaired.ended.iter().find_map(|case| case.end()?.disposition.reason().map(one_line));
    match reason {
        _ if !repaired.open.is_empty() => RunEnd::Aborted("stopped; the next run goes on".to_owned()),
        Some(reason) => RunEnd::Aborted(reason),
        None => RunEnd::Completed(Vec::new()),
    }
}

/// For the page: one line, without what ends a status there.
fn one_line(text: &str) -> String {
    let untrusted = Untrusted::from(text);
    orderly_core::encode::terminal::line(&untrusted).replace(['(', ')', '`', '*'], "'")
}
