//! From a plan, and what became of it, to a report.

mod words;

use super::model::{
    HeldBack, IssueLine, ItemLine, LinkBackStatus, REPORT_VERSION, Report, ReportKind, Row, RowResult,
    SkippedGroup, Totals, UnsentRow,
};
use super::outcome::{ItemOutcome, WriteOutcome};
use crate::ids::{IssueId, RunId, SentrySite};
use crate::scrub::Scrubber;
use crate::select::{Held, HeldReason};
use crate::sync::machine::Stop;
use crate::sync::plan::{
    Decision, Draft, Entry, IssueRef, ItemRef, Plan, PreparedBecause, Reopen, TrackedBecause, Would, Writes,
};
use crate::sync::snapshot::{ExternalLink, LinkBackPath};
use crate::tracked::{Alike, Finding, ProofRecord, Prover};
use crate::untrusted::Untrusted;
use std::collections::BTreeMap;
use words::{certificate, item_line, kind};

/// Characters of a title in a report.
const TITLE: usize = 120;

impl Report {
    /// The report of a preview: what would be done.
    pub fn preview(run: &RunId, plan: &Plan, scrubber: &Scrubber) -> Self {
        Builder { plan, scrubber }.report(run, ReportKind::Preview, &[])
    }

    /// The report of an applied plan: what became of each decision, and of what earlier runs left open.
    pub fn applied(
        run: &RunId,
        plan: &Plan,
        outcomes: &[ItemOutcome],
        stop: Option<&Stop>,
        scrubber: &Scrubber,
    ) -> Self {
        let builder = Builder { plan, scrubber };
        let kind = match plan.writes {
            Writes::Stopped if outcomes.is_empty() => ReportKind::Preview,
            Writes::Stopped | Writes::Possible => ReportKind::Applied,
        };
        let mut report = builder.report(run, kind, outcomes);
        report.stopped = stop.map(|stop| builder.stop(stop));
        report
    }
}

struct Builder<'a> {
    plan: &'a Plan,
    scrubber: &'a Scrubber,
}

impl Builder<'_> {
    fn report(&self, run: &RunId, kind: ReportKind, outcomes: &[ItemOutcome]) -> Report {
        let Plan { entries, held, .. } = self.plan;
        let became: BTreeMap<IssueId, &ItemOutcome> = outcomes.iter().map(|o| (o.issue, o)).collect();
        let mut rows = Vec::new();
        let (mut prepared, mut duplicates, mut linked) = (Vec::new(), Vec::new(), Vec::new());
        for entry in entries {
            match (&entry.decision, became.get(&entry.issue.id)) {
                (_, Some(outcome)) => rows.push(self.became(entry, outcome)),
                (Decision::Create { .. } | Decision::Link { .. } | Decision::Update { .. }, None) => {
                    rows.push(self.planned(entry, kind));
                }
                (Decision::Prepare { would, because }, None) => {
                    prepared.push(self.prepared(entry, would, because));
                }
                (Decision::Tracked { item, because }, None) => match because {
                    TrackedBecause::AlreadyLinked if found(&entry.proof, Prover::ExternalLink) => {
                        linked.push(self.linked(entry, item));
                    }
                    _ => duplicates.push(self.duplicate(entry, item, *because)),
                },
            }
        }
        let known = |issue| entries.iter().any(|e| e.issue.id == issue);
        rows.extend(outcomes.iter().filter(|o| !known(o.issue)).map(|o| self.earlier(o)));
        Report {
            version: REPORT_VERSION,
            run: run.clone(),
            kind,
            made_at: self.plan.made_at,
            sentry_url: self.plan.sentry_url.clone(),
            org: self.plan.org.clone(),
            team: self.plan.team.clone(),
            created_or_linked: rows,
            prepared_only: prepared,
            skipped_as_duplicates: duplicates,
            skipped_by_policy: groups(held.iter().map(|held| self.held(held)).chain(linked).collect()),
            setup_gaps: self.plan.gaps.iter().map(|gap| self.gap(gap)).collect(),
            totals: Totals {
                named: self.plan.named.clone(),
                looked_closer: entries.len() as u64,
                held_back: held.len() as u64,
                held_back_users: sum(held.iter().map(|h| h.users)),
                held_back_events: sum(held.iter().map(|h| h.events)),
            },
            stopped: None,
        }
    }

    /// A decision that writes and of which nothing is known: a preview, or a run that stopped before it.
    fn planned(&self, entry: &Entry, kind: ReportKind) -> Row {
        let (result, item) = match &entry.decision {
            Decision::Link { item, .. } | Decision::Tracked { item, .. } => {
                (RowResult::WouldLink, Some(item_line(item)))
            }
            Decision::Update { item, reopen: Reopen::Leave, .. } => {
                (RowResult::WouldUpdate, Some(item_line(item)))
            }
            Decision::Update { item, reopen: Reopen::To(_), .. } => {
                (RowResult::WouldReopen, Some(item_line(item)))
            }
            Decision::Create { .. } | Decision::Prepare { .. } => (RowResult::WouldCreate, None),
        };
        let path = match self.plan.link_back {
            LinkBackPath::Installation { .. } => LinkBackStatus::Planned,
            LinkBackPath::Unavailable { .. } => LinkBackStatus::Unavailable,
            LinkBackPath::Off => LinkBackStatus::Off,
        };
        match (kind, path) {
            (ReportKind::Preview, path) => {
                let (draft, comment) = sends(&entry.decision);
                Row { draft, comment, ..self.row(entry, result, item, path) }
            }
            (ReportKind::Applied, LinkBackStatus::Planned) => {
                self.row(entry, stopped_first(), item, LinkBackStatus::Waiting)
            }
            (ReportKind::Applied, path) => self.row(entry, stopped_first(), item, path),
        }
    }

    fn became(&self, entry: &Entry, outcome: &ItemOutcome) -> Row {
        let (result, item) = self.result(&outcome.write);
        self.row(entry, result, item, self.link_back(&outcome.link_back))
    }

    /// Work that an earlier run began on an issue that this run did not look at.
    fn earlier(&self, outcome: &ItemOutcome) -> Row {
        let site = SentrySite { base_url: self.plan.sentry_url.clone(), org: self.plan.org.clone() };
        let held = self.plan.held.iter().find(|held| held.id == outcome.issue);
        let (result, item) = self.result(&outcome.write);
        Row {
            issue: IssueLine {
                id: outcome.issue,
                short_id: held.map(|h| h.short_id.clone()),
                project: held.map(|h| h.project.clone()),
                permalink: site.permalink(outcome.issue),
                title: String::new(),
                events: held.map_or(0, |h| h.events),
                users: held.map_or(0, |h| h.users),
            },
            signals: held.into_iter().flat_map(|h| h.signals.iter().copied()).collect(),
            qualified: vec!["An earlier run decided this (kept in the ledger)".to_owned()],
            result,
            item,
            proof: Vec::new(),
            certificate: None,
            link_back: self.link_back(&outcome.link_back),
            draft: None,
            comment: None,
        }
    }

    fn row(
        &self,
        entry: &Entry,
        result: RowResult,
        item: Option<ItemLine>,
        link_back: LinkBackStatus,
    ) -> Row {
        Row {
            issue: self.issue(&entry.issue),
            signals: entry.signals.iter().copied().collect(),
            qualified: entry.qualified.clone(),
            result,
            item,
            proof: self.proof(&entry.proof),
            certificate: certificate(&entry.proof),
            link_back,
            draft: None,
            comment: None,
        }
    }

    fn result(&self, write: &WriteOutcome) -> (RowResult, Option<ItemLine>) {
        let line = |item: &ItemRef| Some(item_line(item));
        match write {
            WriteOutcome::Created { item } => (RowResult::Created, line(item)),
            WriteOutcome::Linked { item } => (RowResult::Linked, line(item)),
            WriteOutcome::Updated { item } => (RowResult::Updated, line(item)),
            WriteOutcome::Failed { failure } => (RowResult::Failed { why: self.failure(failure) }, None),
            WriteOutcome::Open { item, because } => {
                (RowResult::Open { why: self.said(because) }, item.as_ref().and_then(line))
            }
        }
    }

    fn prepared(&self, entry: &Entry, would: &Would, because: &PreparedBecause) -> UnsentRow {
        let likely = match because {
            PreparedBecause::PossibleDuplicate { item, .. } | PreparedBecause::Alike { item, .. } => {
                Some(item_line(item))
            }
            _ => None,
        };
        let (words, item, draft) = match would {
            Would::Create { draft } => ("create an item".to_owned(), likely, Some(draft.clone())),
            Would::Link { item } => (format!("link {}", item.key), Some(item_line(item)), None),
            Would::Update { item } => (format!("comment on {}", item.key), Some(item_line(item)), None),
        };
        let (because, detail) = match because {
            PreparedBecause::PossibleDuplicate { item, prover } => {
                (format!("possible duplicate of {} (same {prover})", item.key), None)
            }
            PreparedBecause::Alike { item, prover, says } => (alike(item.key.as_str(), *prover, *says), None),
            PreparedBecause::AlikeTwin { of, prover, says } => {
                (format!("{}; {of} goes first in this run", alike(of.as_str(), *prover, *says)), None)
            }
            PreparedBecause::PossibleTwin { of, prover } => {
                (format!("possible duplicate of {of}, which goes first in this run (same {prover})"), None)
            }
            PreparedBecause::NotProven { open } => {
                ("not proven to be untracked".to_owned(), Some(self.said(&open.join("; "))))
            }
            PreparedBecause::CapReached { cap } => {
                (format!("the cap of {cap} writes a run is used up"), None)
            }
            PreparedBecause::Mode => ("the configured mode does not write it".to_owned(), None),
            PreparedBecause::CreationUnavailable { why } => (why.clone(), None),
            PreparedBecause::LinkBackRequired => {
                ("a link back is required and not possible".to_owned(), None)
            }
        };
        UnsentRow { would: Some(words), detail, draft, ..self.unsent(entry, because, item) }
    }

    fn duplicate(&self, entry: &Entry, item: &ItemRef, because: TrackedBecause) -> UnsentRow {
        let by: Vec<&str> =
            Prover::ALL.into_iter().filter(|p| found(&entry.proof, *p)).map(Prover::words).collect();
        let state = match because {
            TrackedBecause::AlreadyLinked => "tracked and linked",
            TrackedBecause::Declined => "declined there by a person, so it is not filed again",
            TrackedBecause::Completed => "completed there, and nothing new to say",
        };
        let because =
            if by.is_empty() { state.to_owned() } else { format!("{state} (found by {})", by.join(", ")) };
        self.unsent(entry, because, Some(item_line(item)))
    }

    fn unsent(&self, entry: &Entry, because: String, item: Option<ItemLine>) -> UnsentRow {
        UnsentRow {
            issue: self.issue(&entry.issue),
            signals: entry.signals.iter().copied().collect(),
            would: None,
            because,
            detail: None,
            item,
            proof: self.proof(&entry.proof),
            certificate: certificate(&entry.proof),
            draft: None,
        }
    }

    /// An issue that was looked at and whose link in Sentry leads to an item that needs nothing.
    fn linked(&self, entry: &Entry, item: &ItemRef) -> HeldBack {
        let IssueRef { id, short_id, project, users, events, .. } = entry.issue.clone();
        let link = ExternalLink {
            source: "sentry".to_owned(),
            label: Untrusted::new(item.key.to_string()),
            url: item.url.clone(),
        };
        let held = Held {
            id,
            short_id,
            project,
            users,
            events,
            signals: entry.signals.clone(),
            reason: HeldReason::AlreadyLinked { link },
        };
        HeldBack { held, evidence: format!("Sentry links it to {}", item.key) }
    }

    fn issue(&self, issue: &IssueRef) -> IssueLine {
        IssueLine {
            id: issue.id,
            short_id: Some(issue.short_id.clone()),
            project: Some(issue.project.clone()),
            permalink: issue.permalink.clone(),
            title: self.line(&issue.title, TITLE),
            events: issue.events,
            users: issue.users,
        }
    }
}

/// Why likeness keeps an issue from being filed.
fn alike(other: &str, prover: Prover, says: Alike) -> String {
    let what = match prover {
        Prover::TitleFingerprint => "words",
        _ => "stacks",
    };
    match says {
        Alike::Duplicate => format!("likely a duplicate of {other}: their {what} are alike"),
        Alike::Recurrence => {
            format!("likely {other} again, which was completed: their {what} are alike")
        }
        Alike::Undecided => format!("undecided: it may be {other}, and nobody can tell by their {what}"),
    }
}

/// Exactly what a decision would send that a person may want to read.
fn sends(decision: &Decision) -> (Option<Draft>, Option<String>) {
    match decision {
        Decision::Create { order } => {
            (Some(Draft { title: order.title.clone(), body: order.body.clone() }), None)
        }
        Decision::Update { comment, .. } => (None, Some(comment.body.clone())),
        Decision::Link { .. } | Decision::Prepare { .. } | Decision::Tracked { .. } => (None, None),
    }
}

fn stopped_first() -> RowResult {
    RowResult::Open { why: "the run stopped first".to_owned() }
}

fn found(proof: &ProofRecord, prover: Prover) -> bool {
    proof.results.iter().any(|r| r.prover == prover && matches!(r.finding, Finding::Found { .. }))
}

fn groups(all: Vec<HeldBack>) -> Vec<SkippedGroup> {
    let mut groups: BTreeMap<u8, SkippedGroup> = BTreeMap::new();
    for held in all {
        let (rank, kind) = kind(&held.held.reason);
        let new = || SkippedGroup { kind: kind.to_owned(), users: 0, events: 0, issues: Vec::new() };
        let group = groups.entry(rank).or_insert_with(new);
        group.users = group.users.saturating_add(held.held.users);
        group.events = group.events.saturating_add(held.held.events);
        group.issues.push(held);
    }
    for group in groups.values_mut() {
        group.issues.sort_by(|a, b| a.held.cmp(&b.held));
    }
    groups.into_values().collect()
}

fn sum(numbers: impl Iterator<Item = u64>) -> u64 {
    numbers.fold(0, u64::saturating_add)
}
