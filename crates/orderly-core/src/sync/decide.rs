//! The decision of a sync: from a snapshot and a policy to a plan. Same input, same bytes out; the order of the input
//! changes nothing.
//!
//! Order of preference for each issue: link the existing item, update it, create, prepare, skip.

mod entry;
mod facts;
#[cfg(test)]
mod tests;
mod twins;
mod why;

pub(crate) use facts::owners;
pub(crate) use why::{grouped, impact};

use crate::digest;
use crate::ids::{Digest, IssueId, TrackKey};
use crate::select::{Held, Impact, fair, is_back, is_escalating};
use crate::side_by_side;
use crate::sync::draft::Writer;
use crate::sync::plan::{Entry, IssueRef, PLAN_VERSION, Plan, Writes};
use crate::sync::policy::SyncPolicy;
use crate::sync::snapshot::{Candidate, Issue, Level, SentryPriority, Signal, Snapshot};
use crate::time::Now;
use crate::tracked::fingerprint::TitleFingerprint;
use crate::tracked::stack::{StackSignature, TopFrames};
use crate::tracked::{Question, StackEvidence, judge, signature};
use crate::untrusted::Untrusted;
use entry::{Budget, Outcome};
use facts::World;
use serde::Serialize;
use std::collections::BTreeSet;
use twins::Twins;

/// Decides with the built-in stack signature.
pub fn decide(snapshot: &Snapshot, policy: &SyncPolicy, now: Now) -> Plan {
    decide_with(snapshot, policy, now, &TopFrames::default())
}

/// Decides with a given stack signature; gathering must have looked for the same one.
///
/// # Panics
/// If a candidate got lost, or the plan passed its cap: defects here.
pub fn decide_with(snapshot: &Snapshot, policy: &SyncPolicy, now: Now, stacks: &dyn StackSignature) -> Plan {
    let world = World::new(snapshot, policy, now);
    let ordered = in_order(snapshot);
    let prepared = side_by_side::map(&ordered, |candidate| Prepared::of(candidate, &world, stacks));
    let questions: Vec<Question<'_>> = prepared.iter().map(|p| p.question(&world)).collect();
    let judged = side_by_side::map(&questions, judge);
    let writer = Writer::new(&world.scrubber, &snapshot.site, policy.window);
    let mut twins = Twins::of_tracked(questions.iter().zip(&judged));
    let mut budget = Budget::new(policy.max_creates.get());
    let mut entries = Vec::with_capacity(judged.len());
    let mut held = snapshot.held.clone();
    let mut gaps = world.gaps();
    for (question, judgement) in questions.iter().zip(judged) {
        let candidate = question.candidate;
        let content = content_digest(&candidate.issue, &candidate.signals);
        let qualified = why::qualified(candidate, policy.window);
        let one =
            entry::One { world: &world, writer: &writer, question, qualified: &qualified, content: &content };
        match one.decide(&judgement.verdict, &mut budget, &mut twins, &mut gaps) {
            Outcome::Decided(decision) => entries.push(Entry {
                issue: issue_ref(candidate, snapshot),
                signals: candidate.signals.clone(),
                qualified,
                decision,
                proof: judgement.record,
                content,
            }),
            Outcome::Held(reason) => held.push(hold(candidate, reason)),
        }
    }
    held.sort();
    assert_eq!(
        entries.len() + held.len(),
        snapshot.candidates.len() + snapshot.held.len(),
        "every candidate is decided or held"
    );
    let writes = entries.iter().filter(|e| e.decision.counts()).count();
    assert!(writes <= policy.max_creates.get() as usize, "the cap is never passed");
    Plan {
        version: PLAN_VERSION,
        made_at: now.0,
        sentry_url: snapshot.site.base_url.clone(),
        org: snapshot.site.org.clone(),
        team: snapshot.team.clone(),
        policy: digest::of(policy),
        cap: policy.max_creates.get(),
        max_age: policy.plan_max_age,
        writes: if world.stopped.is_some() { Writes::Stopped } else { Writes::Possible },
        link_back: world.link_back().clone(),
        entries,
        held,
        gaps: gaps.into_iter().collect(),
        named: snapshot.signals.iter().filter_map(|(signal, n)| Some((*signal, *n.saw()?))).collect(),
    }
}

/// Unfinished decisions first, then fair between projects and by impact: the order in which the cap is spent.
fn in_order(snapshot: &Snapshot) -> Vec<&Candidate> {
    let (open, new): (Vec<&Candidate>, Vec<_>) =
        snapshot.candidates.iter().partition(|c| c.memory.open_intent.is_some());
    let by = |c: &&Candidate| (c.issue.project.clone(), Impact::of(&c.issue, &c.signals));
    let mut ordered = fair(open, by);
    ordered.extend(fair(new, by));
    ordered
}

/// What a question borrows.
struct Prepared<'a> {
    candidate: &'a Candidate,
    key: TrackKey,
    title: TitleFingerprint,
    stack: Option<String>,
}

impl<'a> Prepared<'a> {
    fn of(candidate: &'a Candidate, world: &World<'_>, stacks: &dyn StackSignature) -> Self {
        Self {
            candidate,
            key: world.key(&candidate.issue),
            title: TitleFingerprint::of(&candidate.issue.title),
            stack: signature(&candidate.event, stacks),
        }
    }

    fn question(&'a self, world: &'a World<'_>) -> Question<'a> {
        Question {
            candidate: self.candidate,
            site: &world.snapshot.site,
            key: &self.key,
            title: &self.title,
            stack: StackEvidence::of(&self.candidate.event, self.stack.as_ref()),
            thresholds: world.snapshot.calibration.of(&self.candidate.issue.project),
            matching: world.policy.matching,
            regression: world.policy.regression,
        }
    }
}

fn issue_ref(candidate: &Candidate, snapshot: &Snapshot) -> IssueRef {
    let issue = &candidate.issue;
    IssueRef {
        id: issue.id,
        short_id: issue.short_id.clone(),
        project: issue.project.clone(),
        permalink: snapshot.site.permalink(issue.id),
        title: issue.title.clone(),
        events: issue.events,
        users: issue.users,
    }
}

fn hold(candidate: &Candidate, reason: crate::select::HeldReason) -> Held {
    let Candidate { issue, signals, .. } = candidate;
    Held {
        id: issue.id,
        short_id: issue.short_id.clone(),
        project: issue.project.clone(),
        users: issue.users,
        events: issue.events,
        signals: signals.clone(),
        reason,
    }
}

/// Digest of what a report about an issue would say. While it stays the same there is nothing new to report. Counts
/// enter by their number of digits, because they differ at every look.
pub fn content_digest(issue: &Issue, signals: &BTreeSet<Signal>) -> Digest {
    #[derive(Serialize)]
    struct Content<'a> {
        id: IssueId,
        title: &'a Untrusted<String>,
        culprit: &'a Untrusted<String>,
        level: Level,
        priority: Option<SentryPriority>,
        regressed: bool,
        escalating: bool,
        events: u32,
        users: u32,
    }
    let digits = |n: u64| n.checked_ilog10().map_or(0, |log| log + 1);
    digest::of(&Content {
        id: issue.id,
        title: &issue.title,
        culprit: &issue.culprit,
        level: issue.level,
        priority: issue.priority,
        regressed: is_back(issue, signals),
        escalating: is_escalating(issue, signals),
        events: digits(issue.events),
        users: digits(issue.users),
    })
}
