//! The job: what it is given, and one case after the other.

use super::drive::Running;
use super::locate::suspected;
use super::progress::{FixProgress, FixWatch};
use crate::ports::cases::{CaseLedger, Opening};
use crate::ports::clock::Clock;
use crate::ports::crash::CrashRead;
use crate::ports::ledger::LedgerError;
use crate::ports::repair::{ActiveRuns, Agent, Checks, SentryResolve, Standing, Trouble, Workshop, until};
use crate::sync::Cancel;
use orderly_core::active_runs::{Claimed, Conflict, RunEnd};
use orderly_core::answer::Looked;
use orderly_core::diagnose::Evidence;
use orderly_core::fix::{
    CASE_VERSION, Case, CaseKey, Check, Disposition, FixPolicy, OutOfOrder, Stage, Suspected, resumed,
};
use orderly_core::ids::{Digest, RunId, SentrySite};
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
    /// Resolves what is proven.
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

/// An issue that is to be repaired, as it was approved.
#[derive(Clone, Debug)]
pub struct Order {
    /// The issue; its events are counted over `window`.
    pub issue: Issue,
    /// Its latest event.
    pub evidence: Evidence,
    /// Files that the change is expected in, each with the reason; those that the frames name are added where there is none.
    pub suspects: Vec<Suspected>,
    /// Why it crashes, as far as that is known.
    pub diagnosis: Vec<Untrusted<String>>,
}

/// Repairs, ready to run.
pub struct FixJob<'a> {
    pub(super) ports: FixPorts<'a>,
    pub(super) policy: &'a FixPolicy,
    pub(super) scrubber: &'a Scrubber,
    /// Over which span events were counted.
    pub(super) window: Seconds,
    pub(super) watch: &'a dyn FixWatch,
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
        Self { ports, policy, scrubber, window, watch: &(), cancel: Cancel::never() }
    }

    /// The same, followed by `watch`.
    #[must_use]
    pub fn watched_by(self, watch: &'a dyn FixWatch) -> Self {
        Self { watch, ..self }
    }

    /// The same, stopped by `cancel`.
    #[must_use]
    pub fn until(self, cancel: Cancel) -> Self {
        Self { cancel, ..self }
    }

    /// Takes up what dead runs left open, then repairs `orders` one after the other. `plan` is the digest of what was
    /// approved.
    ///
    /// # Errors
    /// When other runs are at work on the same paths (nothing was touched then), or the machinery failed.
    pub async fn run(
        &self,
        run: &RunId,
        plan: &Digest,
        orders: &[Order],
        checks: &[Check],
    ) -> Result<Repaired, FixError> {
        let standing = self.ports.workshop.standing().await?;
        let left = self.left_open(&standing).await?;
        let orders = self.located(&standing, orders).await?;
        let mut paths: Vec<String> = left.iter().flat_map(|case| case.declared.clone()).collect();
        paths.extend(orders.iter().flat_map(declared));
        let mut issues: Vec<String> = left.iter().map(|case| case.short_id.to_string()).collect();
        issues.extend(orders.iter().map(|order| order.issue.short_id.to_string()));
        let running = Running::new(self, run, issues, paths);
        let mut repaired = Repaired {
            claimed: running.claim(&[]).await?.map_err(FixError::InTheWay)?,
            ..Repaired::default()
        };
        let worked = self.work(&running, plan, &orders, checks, left, &mut repaired).await;
        let finished = self.ports.runs.finish(run, &how_it_ended(&repaired, &worked)).await;
        worked?;
        finished?;
        Ok(repaired)
    }

    async fn work(
        &self,
        running: &Running<'_, '_>,
        plan: &Digest,
        orders: &[Order],
        checks: &[Check],
        left: Vec<Case>,
        repaired: &mut Repaired,
    ) -> Result<(), FixError> {
        let mut known = Vec::new();
        for case in left {
            self.watch.see(FixProgress::Resuming(&case));
            known.push(case.key.issue);
            keep(running.drive(resumed(case, self.policy), None).await?, repaired);
        }
        for order in orders.iter().filter(|order| !known.contains(&order.issue.id)) {
            if self.cancel.is_asked() {
                break;
            }
            let standing = self.ports.workshop.standing().await?;
            let now = self.ports.clock.now();
            let case = self.opened(running.run, plan, order, checks, &standing, now);
            match self.ports.ledger.open_case(&case, until(now), now).await? {
                Opening::Opened => keep(running.drive(case, Some(order)).await?, repaired),
                Opening::Exists(held) => {
                    let reason = format!("run {} has an open case for it", held.holder);
                    let end = orderly_core::fix::End::without_commit(Disposition::Deferred { reason });
                    repaired.ended.push(Case { stage: Stage::Ended { end, holds: None }, ..case });
                }
            }
        }
        Ok(())
    }

    /// The orders, with the files that the frames name where nobody named any.
    async fn located(&self, standing: &Standing, orders: &[Order]) -> Result<Vec<Order>, Trouble> {
        let mut located = orders.to_vec();
        for order in located.iter_mut().filter(|order| order.suspects.is_empty()) {
            order.suspects = suspected(self.ports.workshop, standing, &order.evidence).await?;
        }
        Ok(located)
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
        plan: &Digest,
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
            repository: standing.repository.clone(),
            plan: plan.clone(),
            before: before(issue, self.window, now),
            agent: self.ports.agent.name().to_owned(),
            opened_at: whole_seconds(now.0),
            base: standing.head.clone(),
            branch: format!("orderly/{}-{}", slug.trim_matches('-'), run.as_str().to_lowercase()),
            declared: declared(order),
            checks: checks.to_vec(),
            stage: Stage::Opened,
        }
    }
}

fn keep(case: Case, repaired: &mut Repaired) {
    if case.is_ended() { repaired.ended.push(case) } else { repaired.open.push(case) }
}

/// The paths that a repair declares before it begins: where its change is expected.
fn declared(order: &Order) -> Vec<String> {
    order.suspects.iter().map(|suspect| suspect.path.clone()).collect()
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

/// The evidence of a case: as it was gathered for the order, or read again by a run that takes the case up.
pub(super) async fn evidence(
    job: &FixJob<'_>,
    case: &Case,
    order: Option<&Order>,
) -> Result<Evidence, Trouble> {
    if let Some(order) = order {
        return Ok(order.evidence.clone());
    }
    match job.ports.crash.latest_crash(case.key.issue).await {
        Looked::Saw(evidence) => Ok(evidence),
        Looked::CouldNotLook(cause) => Err(Trouble(cause.to_string())),
    }
}
