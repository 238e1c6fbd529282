//! What moved between the making of a plan and its applying.

use crate::ids::ShortId;
use crate::sync::plan::{CreateOrder, Decision, Entry, Plan, PreparedBecause, Would};
use crate::time::{Now, Seconds, Timestamp};
use crate::tracked::{Finding, Prover};
use std::fmt;

/// A plan was made for a world that is no longer there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// All that moved.
    pub moved: Vec<Moved>,
}

/// One thing that moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved {
    /// The plan is too old.
    Age {
        /// When it was made.
        made_at: Timestamp,
        /// How old it may be.
        limit: Seconds,
    },
    /// It is for another Sentry, organization or team.
    Scope {
        /// Which.
        what: &'static str,
        /// In the plan.
        was: String,
        /// Now.
        is: String,
    },
    /// The configuration changed in a way that decides.
    Policy,
    /// An issue is no longer among those to be decided about.
    Gone {
        /// The issue.
        issue: ShortId,
        /// Why.
        because: String,
    },
    /// Something else would be done now.
    Decision {
        /// The issue.
        issue: ShortId,
        /// In the plan.
        was: String,
        /// Now.
        is: String,
    },
    /// What would be sent is about something else.
    Payload {
        /// The issue.
        issue: ShortId,
        /// Which part.
        what: &'static str,
    },
    /// A prover says something else.
    Proof {
        /// The issue.
        issue: ShortId,
        /// The prover.
        prover: Prover,
        /// In the plan.
        was: &'static str,
        /// Now.
        is: &'static str,
    },
}

impl std::error::Error for Stale {}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the plan is stale; nothing was written. What moved:")?;
        for moved in &self.moved {
            write!(f, "\n- {moved}")?;
        }
        f.write_str("\nMake a new plan with `orderly sync --save-plan`.")
    }
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Age { made_at, limit } => write!(f, "it was made at {made_at} and may be {limit} old"),
            Self::Scope { what, was, is } => {
                write!(f, "it is for the {what} {was}, the configuration says {is}")
            }
            Self::Policy => f.write_str("the configuration of `sync` changed"),
            Self::Gone { issue, because } => write!(f, "{issue} no longer qualifies: {because}"),
            Self::Decision { issue, was, is } => {
                write!(f, "{issue}: the plan says `{was}`, now it would be `{is}`")
            }
            Self::Payload { issue, what } => write!(f, "{issue}: the {what} of what would be sent changed"),
            Self::Proof { issue, prover, was, is } => write!(f, "{issue}: {prover} was {was} and is {is}"),
        }
    }
}

/// Everything that moved, in the order a person would check it.
pub(super) fn between(saved: &Plan, fresh: &Plan, now: Now) -> Vec<Moved> {
    let mut moved = Vec::new();
    if now.seconds_since(saved.made_at) > fresh.max_age.0 {
        moved.push(Moved::Age { made_at: saved.made_at, limit: fresh.max_age });
    }
    let scope = [
        ("Sentry", &saved.sentry_url, &fresh.sentry_url),
        ("organization", &saved.org.to_string(), &fresh.org.to_string()),
        ("team", &saved.team.to_string(), &fresh.team.to_string()),
    ];
    for (what, was, is) in scope.into_iter().filter(|(_, was, is)| was != is) {
        moved.push(Moved::Scope { what, was: was.clone(), is: is.clone() });
    }
    if saved.policy != fresh.policy {
        moved.push(Moved::Policy);
    }
    for entry in saved.entries.iter().filter(|e| e.decision.writes()) {
        match fresh.entries.iter().find(|e| e.issue.id == entry.issue.id) {
            None => moved.push(gone(entry, fresh)),
            Some(seen) if is_done(entry, seen) => {}
            Some(seen) => moved.extend(entry_moved(entry, seen)),
        }
    }
    moved
}

fn gone(entry: &Entry, fresh: &Plan) -> Moved {
    let held = fresh.held.iter().find(|held| held.id == entry.issue.id);
    let because = held.map_or_else(|| "no signal names it now".to_owned(), |held| held.reason.words());
    Moved::Gone { issue: entry.issue.short_id.clone(), because }
}

/// Whether an entry was carried out already: the very item it would create is there, or the item is linked.
pub(super) fn is_done(entry: &Entry, seen: &Entry) -> bool {
    match (&entry.decision, &seen.decision) {
        (Decision::Create { order }, Decision::Link { item, .. } | Decision::Tracked { item, .. }) => {
            item.id == order.item
        }
        (
            Decision::Link { item: was, .. } | Decision::Update { item: was, .. },
            Decision::Tracked { item, .. },
        ) => item.id == was.id,
        _ => false,
    }
}

fn entry_moved(entry: &Entry, seen: &Entry) -> Vec<Moved> {
    let issue = || entry.issue.short_id.clone();
    let mut moved = proofs_moved(entry, seen);
    let payload = |what| Moved::Payload { issue: issue(), what };
    match (&entry.decision, &seen.decision) {
        (Decision::Create { order: was }, Decision::Create { order: is }) => {
            moved.extend(order_moved(was, is).into_iter().map(payload));
        }
        // New issues may have used up the cap of the fresh plan; the saved one has its own.
        (
            Decision::Create { order },
            Decision::Prepare { would: Would::Create { draft }, because: PreparedBecause::CapReached { .. } },
        ) => {
            moved.extend((order.title != draft.title).then(|| payload("title")));
        }
        (Decision::Link { item: was, .. }, Decision::Link { item: is, .. }) if was.id == is.id => {}
        (
            Decision::Update { item: was, .. },
            Decision::Prepare {
                would: Would::Update { item: is },
                because: PreparedBecause::CapReached { .. },
            },
        ) if was.id == is.id => {}
        (Decision::Update { item: was, reopen: a, .. }, Decision::Update { item: is, reopen: b, .. })
            if was.id == is.id =>
        {
            moved.extend((a != b).then(|| payload("state")));
        }
        (was, is) => {
            moved.push(Moved::Decision { issue: issue(), was: was.to_string(), is: is.to_string() });
        }
    }
    moved
}

/// The parts of an order that decide. The body is left out: it tells counts, and they grow.
fn order_moved(was: &CreateOrder, is: &CreateOrder) -> Vec<&'static str> {
    let parts = [
        ("identity", was.key != is.key || was.item != is.item),
        ("title", was.title != is.title),
        ("team", was.team_id != is.team_id),
        ("priority", was.priority != is.priority),
        ("state", was.state != is.state),
        ("labels", was.labels != is.labels),
        ("assignee", was.assignee != is.assignee),
        ("relation", was.relates_to != is.relates_to),
        ("attachment", was.attach.url != is.attach.url),
    ];
    parts.into_iter().filter_map(|(what, differs)| differs.then_some(what)).collect()
}

fn proofs_moved(entry: &Entry, seen: &Entry) -> Vec<Moved> {
    let pairs = entry.proof.results.iter().zip(&seen.proof.results);
    let differs = pairs.filter(|(was, is)| was.finding != is.finding);
    differs
        .map(|(was, is)| Moved::Proof {
            issue: entry.issue.short_id.clone(),
            prover: was.prover,
            was: word(&was.finding),
            is: word(&is.finding),
        })
        .collect()
}

const fn word(finding: &Finding) -> &'static str {
    match finding {
        Finding::Found { .. } => "found",
        Finding::Absent => "absent",
        Finding::CouldNotLook { .. } => "not possible to ask",
    }
}
