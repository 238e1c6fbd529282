//! From what was gathered to the table. Every listed issue leaves as shown or hidden, and the sums add up.

use super::listed::{Cut, Gathered, Listed};
use super::policy::TriagePolicy;
use super::selection::Chosen;
use super::table::{Gap, Hidden, Repair, Row, TABLE_VERSION, Table, Totals, Touched};
use super::unit::crash_key;
use crate::ids::IssueId;
use crate::noise::{Judged, Noise, Subject, judge};
use crate::rank::{Score, Weighed, score};
use crate::time::Now;
use std::cmp::Reverse;

/// Makes the table.
pub fn decide(gathered: &Gathered, policy: &TriagePolicy, now: Now) -> Table {
    let (mut rows, mut hidden) = (Vec::new(), Vec::new());
    for listed in &gathered.listed {
        match ask(gathered, listed, policy, now) {
            Judged::Hidden(noise) => hidden.push(hide(listed, noise)),
            Judged::Signal => rows.push(row(gathered, listed, policy, None)),
            Judged::Kept { despite } => rows.push(row(gathered, listed, policy, Some(despite))),
        }
    }
    rows.sort_by_key(|row| order(&row.issue, &row.score));
    hidden.sort_by_key(|h| (h.rule, Reverse(h.users), Reverse(h.events), h.id));
    for (number, row) in (1..).zip(&mut rows) {
        row.issue.number = number;
    }
    relate(&mut rows);
    Table {
        version: TABLE_VERSION,
        made_at: now.0,
        site: gathered.site.clone(),
        window: gathered.window,
        totals: totals(gathered, &rows, &hidden),
        gaps: gaps(gathered),
        rows,
        hidden,
    }
}

/// The issues that deserve a closer look, weightiest first: those that the list alone does not call noise.
pub fn closer_looks(gathered: &Gathered, policy: &TriagePolicy, now: Now) -> Vec<IssueId> {
    let shown = |listed: &&Listed| !matches!(ask(gathered, listed, policy, now), Judged::Hidden(_));
    let mut rows: Vec<Row> =
        gathered.listed.iter().filter(shown).map(|l| row(gathered, l, policy, None)).collect();
    rows.sort_by_key(|row| order(&row.issue, &row.score));
    rows.into_iter().map(|row| row.issue.id).collect()
}

fn ask(gathered: &Gathered, listed: &Listed, policy: &TriagePolicy, now: Now) -> Judged {
    let releases = gathered.releases_of(&listed.issue.project);
    let subject = Subject {
        issue: &listed.issue,
        platform: listed.platform.as_ref(),
        closer: gathered.closer.get(&listed.issue.id),
        releases: releases.as_deref(),
        head: gathered.on_head.get(&listed.issue.short_id),
    };
    judge(subject, &policy.noise, now)
}

fn row(gathered: &Gathered, listed: &Listed, policy: &TriagePolicy, guarded: Option<Noise>) -> Row {
    let issue = &listed.issue;
    let current_release = gathered.current_since(&issue.project);
    let evidence = gathered.closer.get(&issue.id).and_then(|closer| closer.evidence.saw()).cloned();
    let repair = match policy.do_not_fix.reason(issue.id, &issue.short_id) {
        Some(reason) => Repair::Person { reason: reason.to_owned() },
        None => Repair::Anyone,
    };
    Row {
        issue: Chosen::of(0, &gathered.site, &listed.issue, listed.platform.clone()),
        score: score(Weighed { issue, daily: &listed.daily, current_release }, &policy.weights),
        guarded,
        repair,
        related: Vec::new(),
        crash: evidence.as_ref().and_then(|evidence| crash_key(&issue.project, evidence)),
        evidence,
    }
}

/// Weightiest first; the id is the last tie-break, so the order of an answer never decides.
fn order(issue: &Chosen, score: &Score) -> (Reverse<u32>, Reverse<u64>, Reverse<u64>, IssueId) {
    (Reverse(score.total), Reverse(issue.users), Reverse(issue.events), issue.id)
}

fn relate(rows: &mut [Row]) {
    let keys: Vec<_> = rows.iter().map(|row| (row.issue.number, row.crash.clone())).collect();
    for row in rows {
        let same = |(number, key): &&(u32, Option<crate::ids::Digest>)| {
            *number != row.issue.number && key.is_some() && *key == row.crash
        };
        row.related = keys.iter().filter(same).map(|(number, _)| *number).collect();
    }
}

fn hide(listed: &Listed, noise: Noise) -> Hidden {
    let issue = &listed.issue;
    Hidden {
        id: issue.id,
        short_id: issue.short_id.clone(),
        project: issue.project.clone(),
        events: issue.events,
        users: issue.users,
        rule: noise.rule,
        because: noise.because,
    }
}

fn totals(gathered: &Gathered, rows: &[Row], hidden: &[Hidden]) -> Totals {
    let mut totals = Totals {
        listed: gathered.listed.len() as u64,
        shown: rows.len() as u64,
        hidden: hidden.len() as u64,
        guarded: rows.iter().filter(|row| row.guarded.is_some()).count() as u64,
        looked_closer: gathered.closer.len() as u64,
        ..Totals::default()
    };
    for hidden in hidden {
        let touched: &mut Touched = totals.by_rule.entry(hidden.rule).or_default();
        touched.issues += 1;
        touched.events = touched.events.saturating_add(hidden.events);
        touched.users = touched.users.saturating_add(hidden.users);
    }
    totals
}

fn gaps(gathered: &Gathered) -> Vec<Gap> {
    let mut gaps = Vec::new();
    match &gathered.cut {
        Some(Cut::AtMost { issues }) => gaps.push(Gap {
            what: format!(
                "there are more than the {issues} unresolved issues that were read (`triage.most`)"
            ),
            cause: None,
        }),
        Some(Cut::Lost { cause }) => gaps.push(Gap {
            what: "a later page of the unresolved issues could not be read".to_owned(),
            cause: Some(cause.clone()),
        }),
        None => {}
    }
    if let Some(cause) = gathered.releases.cause() {
        gaps.push(Gap { what: "the releases could not be read".to_owned(), cause: Some(cause.clone()) });
    }
    for (what, causes) in [
        ("latest events", gathered.closer.values().filter_map(|c| c.evidence.cause()).collect::<Vec<_>>()),
        ("tags", gathered.closer.values().filter_map(|c| c.spread.cause()).collect()),
    ] {
        if let Some(first) = causes.first() {
            let what = format!("the {what} of {} issues could not be read; the first:", causes.len());
            gaps.push(Gap { what, cause: Some((*first).clone()) });
        }
    }
    gaps
}
