//! Selected or held: nothing that was listed gets lost on the way.

use super::{Held, HeldReason, Impact, IntentState, Listed, Selection, fair};
use crate::sync::decide::content_digest;
use crate::sync::policy::{SyncPolicy, UpdateStale};
use crate::sync::snapshot::{Issue, Signal, Status, Unresolved};
use crate::time::Now;
use std::collections::BTreeSet;

/// Chooses at most a pool of issues to look at closer. An issue with an unfinished decision is always among them, also
/// beyond the pool. The order of `listed` (one entry an issue) changes nothing.
///
/// # Panics
/// If selected and held did not add up to listed: a defect here.
pub fn select(listed: Vec<Listed>, policy: &SyncPolicy, now: Now) -> Selection {
    let total = listed.len();
    let mut held = Vec::new();
    let (mut open, mut strong) = (Vec::new(), Vec::new());
    for listed in listed {
        if listed.remembered.intent == IntentState::Open {
            open.push(listed);
        } else if let Some(reason) = skipped(&listed, policy, now) {
            held.push(hold(&listed, reason));
        } else {
            strong.push(listed);
        }
    }
    let by = |listed: &Listed| (listed.issue.project.clone(), Impact::of(&listed.issue, &listed.signals));
    let mut selected = fair(open, by);
    let pool = policy.pool.get();
    let room = (pool as usize).saturating_sub(selected.len());
    let mut strong = fair(strong, by);
    let beyond = strong.split_off(room.min(strong.len()));
    selected.extend(strong);
    held.extend(beyond.iter().map(|listed| hold(listed, HeldReason::PoolFull { pool })));
    held.sort();
    assert_eq!(selected.len() + held.len(), total, "every listed issue is selected or held");
    Selection { selected, held }
}

fn hold(listed: &Listed, reason: HeldReason) -> Held {
    let Listed { issue, signals, .. } = listed;
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

/// Why policy skips an issue, if it does.
fn skipped(listed: &Listed, policy: &SyncPolicy, now: Now) -> Option<HeldReason> {
    let Listed { issue, signals, remembered } = listed;
    by_status(issue.status)
        .or_else(|| noise(issue, signals, policy))
        .or_else(|| {
            let report = remembered.last_report.as_ref()?;
            let recent = now.seconds_since(report.at) < policy.cooldown.0;
            let unchanged = report.content == content_digest(issue, signals);
            (recent && unchanged).then_some(HeldReason::Cooldown { reported_at: report.at })
        })
        .or_else(|| already_linked(issue, signals, policy))
}

/// Why the state of an issue alone makes it no work, if it does.
pub const fn by_status(status: Status) -> Option<HeldReason> {
    match status {
        Status::Unresolved(_) => None,
        Status::Resolved => Some(HeldReason::Resolved),
        Status::Archived(_) => Some(HeldReason::Archived),
        Status::Leaving => Some(HeldReason::Leaving),
    }
}

/// An issue that came back or rises far above its forecast is news, however few its events are.
fn noise(issue: &Issue, signals: &BTreeSet<Signal>, policy: &SyncPolicy) -> Option<HeldReason> {
    if is_back(issue, signals) || is_escalating(issue, signals) {
        return None;
    }
    let (floor, window) = (policy.noise_floor, policy.window);
    let count = |n: u64, word: &str| format!("{n} {word}{} in {window}", if n == 1 { "" } else { "s" });
    let bound = if issue.events < floor.events {
        format!("{}, at least {} are asked", count(issue.events, "event"), floor.events)
    } else if issue.users < floor.users {
        format!("{}, at least {} are asked", count(issue.users, "user"), floor.users)
    } else if issue.level < floor.level {
        format!("level {}, at least {} is asked", issue.level.word(), floor.level.word())
    } else {
        return None;
    };
    Some(HeldReason::BelowNoiseFloor { bound })
}

/// A link says that the issue is tracked, unless it came back: its item may be completed, and that is for the regression
/// policy to answer.
fn already_linked(issue: &Issue, signals: &BTreeSet<Signal>, policy: &SyncPolicy) -> Option<HeldReason> {
    if is_back(issue, signals) || policy.update_stale != UpdateStale::Never {
        return None;
    }
    issue.links.iter().min().map(|link| HeldReason::AlreadyLinked { link: link.clone() })
}

/// Whether an issue was resolved and came back.
pub fn is_back(issue: &Issue, signals: &BTreeSet<Signal>) -> bool {
    signals.contains(&Signal::Regressed) || issue.status == Status::Unresolved(Unresolved::Regressed)
}

/// Whether an issue is far above its forecast.
pub fn is_escalating(issue: &Issue, signals: &BTreeSet<Signal>) -> bool {
    signals.contains(&Signal::Escalating) || issue.status == Status::Unresolved(Unresolved::Escalating)
}
