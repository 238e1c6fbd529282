//! The state of all that is unresolved, noise included: how much there is, how often, since which release, where, and
//! with whom.

use super::listed::{Gathered, owner};
use crate::ids::SentrySite;
use crate::time::{Now, Seconds, Timestamp};
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// When they were taken.
    pub made_at: Timestamp,
    /// The Sentry they are about.
    pub site: SentrySite,
    /// How far back counts go.
    pub window: Seconds,
    /// Unresolved issues.
    pub unresolved: u64,
    /// Their events.
    pub events: u64,
    /// Issues by how often they occur.
    pub frequency: Vec<Bucket>,
    /// Events a day, oldest first, today last; empty when not answered.
    pub daily: Vec<u64>,
    /// By severity, the highest first.
    pub levels: Vec<Named>,
    /// By project.
    pub projects: Vec<Named>,
    /// By platform.
    pub platforms: Vec<Named>,
    /// By owner: whom they are assigned to.
    pub owners: Vec<Named>,
    /// By affected release, for the issues that were looked at closer.
    pub releases: Vec<Named>,
    /// How many issues were looked at closer.
    pub looked_closer: u64,
}

/// Issues with a number of events within bounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Least number of events.
    pub from: u64,
    /// Largest number of events; `None`: any.
    pub to: Option<u64>,
    /// Issues.
    pub issues: u64,
}

impl Bucket {
    /// `2 to 9`, `1000 and more`.
    pub fn words(&self) -> String {
        match self.to {
            Some(to) if to == self.from => to.to_string(),
            Some(to) => format!("{} to {to}", self.from),
            None => format!("{} and more", self.from),
        }
    }
}

/// What a name has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// The name.
    pub name: Untrusted<String>,
    /// Issues.
    pub issues: u64,
    /// Events.
    pub events: u64,
}

/// Lower ends of the frequency buckets.
const FROM: [u64; 6] = [0, 2, 10, 100, 1000, 10_000];

impl Stats {
    /// Counts.
    pub fn of(gathered: &Gathered, now: Now) -> Self {
        let listed = &gathered.listed;
        let events = |count: u64, issue: &crate::sync::snapshot::Issue| count.saturating_add(issue.events);
        let by = |name: &dyn Fn(&super::Listed) -> Untrusted<String>| {
            tally(listed.iter().map(|l| (name(l), l.issue.events)))
        };
        let own = |text: &str| Untrusted::new(text.to_owned());
        let mut levels = by(&|l| own(l.issue.level.word()));
        let rank =
            |name: &str| ["fatal", "error", "warning", "info", "debug"].iter().position(|word| *word == name);
        levels.sort_by_key(|named| rank(named.name.as_raw_str()));
        Self {
            made_at: now.0,
            site: gathered.site.clone(),
            window: gathered.window,
            unresolved: listed.len() as u64,
            events: listed.iter().fold(0, |sum, l| events(sum, &l.issue)),
            frequency: frequency(listed.iter().map(|l| l.issue.events)),
            daily: daily(listed.iter().map(|l| l.daily.as_slice())),
            levels,
            projects: by(&|l| own(l.issue.project.as_str())),
            platforms: by(&|l| l.platform.clone().unwrap_or_else(|| own("unknown"))),
            owners: by(&|l| own(&owner(l.issue.assignee.as_ref()))),
            releases: releases(gathered),
            looked_closer: gathered.closer.len() as u64,
        }
    }
}

fn frequency(events: impl Iterator<Item = u64>) -> Vec<Bucket> {
    let ends = FROM.iter().skip(1).map(|from| Some(from - 1)).chain([None]);
    let mut buckets: Vec<Bucket> =
        FROM.into_iter().zip(ends).map(|(from, to)| Bucket { from, to, issues: 0 }).collect();
    for count in events {
        if let Some(bucket) = buckets.iter_mut().rev().find(|bucket| bucket.from <= count) {
            bucket.issues += 1;
        }
    }
    buckets
}

/// Sums of series that end today.
fn daily<'a>(series: impl Iterator<Item = &'a [u64]>) -> Vec<u64> {
    let mut sums: Vec<u64> = Vec::new();
    for days in series {
        if days.len() > sums.len() {
            sums.splice(0..0, std::iter::repeat_n(0, days.len() - sums.len()));
        }
        for (sum, day) in sums.iter_mut().rev().zip(days.iter().rev()) {
            *sum = sum.saturating_add(*day);
        }
    }
    sums
}

fn releases(gathered: &Gathered) -> Vec<Named> {
    let spreads = gathered.closer.values().filter_map(|closer| closer.spread.saw()?.of("release"));
    tally(spreads.flat_map(|spread| spread.top.iter().map(|(name, events)| (name.clone(), *events))))
}

/// Most issues first.
fn tally(pairs: impl Iterator<Item = (Untrusted<String>, u64)>) -> Vec<Named> {
    let mut sums: BTreeMap<Untrusted<String>, (u64, u64)> = BTreeMap::new();
    for (name, events) in pairs {
        let (issues, sum) = sums.entry(name).or_default();
        *issues += 1;
        *sum = sum.saturating_add(events);
    }
    let mut named: Vec<Named> =
        sums.into_iter().map(|(name, (issues, events))| Named { name, issues, events }).collect();
    named.sort_by_key(|named| (Reverse(named.issues), Reverse(named.events), named.name.clone()));
    named
}
