//! Where the time of an incident's requests goes, and where they break: read from whole traces.

use super::inputs::{Span, Trace, Whole};
use crate::encode::one_line;
use crate::ids::ProjectSlug;
use crate::scrub::Scrubber;
use crate::untrusted::Untrusted;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// As many like calls of one span as make a loop of queries.
const LOOP: usize = 5;
/// A query that takes so many milliseconds by itself is slow.
const SLOW_QUERY: f64 = 500.0;
/// A part of the time that is worth telling.
const LEAST_SHARE: f64 = 0.1;
/// Findings that are shown.
const MOST: usize = 8;

/// What a span does to its requests.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Work {
    /// Project.
    pub project: ProjectSlug,
    /// Transaction.
    pub transaction: String,
    /// Operation.
    pub op: String,
    /// What it does.
    pub description: String,
    /// Traces in which it does.
    pub traces: usize,
    /// Traces that were read.
    pub of: usize,
    /// The first of them.
    pub example: String,
    /// Milliseconds of its own in such a trace, on average.
    pub millis: f64,
    /// Its part of the time of all that was read, 0 to 1.
    pub share: f64,
    /// What is wrong with it.
    #[serde(flatten)]
    pub strain: Strain,
}

/// What is wrong with a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "strain", rename_all = "snake_case")]
pub enum Strain {
    /// It fails, and nothing inside it does.
    Fails,
    /// It waits for a connection of a pool.
    Waits,
    /// The same query again and again.
    Repeats {
        /// So often within one span.
        times: usize,
    },
    /// A slow query.
    SlowQuery,
    /// Much of the time is spent in it.
    Takes,
}

impl fmt::Display for Strain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fails => f.write_str("fails"),
            Self::Waits => f.write_str("waits for a connection"),
            Self::Repeats { times } => write!(f, "is repeated {times} times"),
            Self::SlowQuery => f.write_str("is a slow query"),
            Self::Takes => f.write_str("takes much of the time"),
        }
    }
}

/// Like spans: project, transaction, operation, description.
type Like<'a> = (&'a ProjectSlug, &'a str, &'a str, &'a str);

#[derive(Default)]
struct Seen {
    traces: BTreeSet<usize>,
    own: f64,
    calls: usize,
    fails: usize,
    most: usize,
    parts: usize,
}

/// What the traces show, the worst first.
pub(super) fn work(traces: &[Trace], scrubber: &Scrubber) -> Vec<Work> {
    let mut seen: BTreeMap<Like<'_>, Seen> = BTreeMap::new();
    let mut all = 0.0;
    for (number, trace) in traces.iter().enumerate() {
        let mut inside = vec![0.0; trace.spans.len()];
        let mut breaks = vec![false; trace.spans.len()];
        let mut calls: BTreeMap<(usize, Like<'_>), usize> = BTreeMap::new();
        for span in &trace.spans {
            if let Some(parent) = span.parent.filter(|parent| *parent < trace.spans.len()) {
                inside[parent] += span.millis;
                breaks[parent] |= failed(span);
                *calls.entry((parent, like(span))).or_default() += 1;
            }
        }
        for (place, span) in trace.spans.iter().enumerate() {
            let own = (span.millis - inside[place]).max(0.0);
            all += own;
            let one = seen.entry(like(span)).or_default();
            one.traces.insert(number);
            one.own += own;
            one.calls += 1;
            one.fails += usize::from(failed(span) && !breaks[place]);
            one.parts += usize::from(span.whole == Whole::Part);
        }
        for ((_, like), times) in calls {
            if let Some(one) = seen.get_mut(&like) {
                one.most = one.most.max(times);
            }
        }
    }
    let mut found: Vec<Work> = seen
        .into_iter()
        .filter_map(|(like, one)| {
            let share = one.own / f64::max(all, f64::MIN_POSITIVE);
            let strain = strain(like, &one, share)?;
            let (project, transaction, op, description) = like;
            let line =
                |text: &str| one_line(scrubber.scrub(&Untrusted::new(text.to_owned())).capped(100).as_str());
            Some(Work {
                project: project.clone(),
                transaction: line(transaction),
                op: line(op),
                description: line(description),
                traces: one.traces.len(),
                of: traces.len(),
                example: one.traces.first().map(|first| traces[*first].id.clone()).unwrap_or_default(),
                millis: one.own / one.traces.len().max(1) as f64,
                share,
                strain,
            })
        })
        .collect();
    found.sort_by(|a, b| {
        (a.strain.rank(), b.traces).cmp(&(b.strain.rank(), a.traces)).then(b.share.total_cmp(&a.share))
    });
    found.truncate(MOST);
    found
}

impl Strain {
    const fn rank(self) -> u8 {
        match self {
            Self::Waits => 0,
            Self::Repeats { .. } => 1,
            Self::Fails => 2,
            Self::SlowQuery => 3,
            Self::Takes => 4,
        }
    }
}

fn strain((_, _, op, description): Like<'_>, seen: &Seen, share: f64) -> Option<Strain> {
    let query = op.starts_with("db");
    let each = seen.own / seen.calls.max(1) as f64;
    let text = [op, " ", description].concat().to_lowercase();
    let waits = text.contains("pool") || (text.contains("connection") && text.contains("wait"));
    if waits && share >= LEAST_SHARE {
        Some(Strain::Waits)
    } else if query && seen.most >= LOOP {
        Some(Strain::Repeats { times: seen.most })
    } else if seen.fails > 0 {
        Some(Strain::Fails)
    } else if query && each >= SLOW_QUERY {
        Some(Strain::SlowQuery)
    } else {
        (seen.parts > 0 && share >= LEAST_SHARE).then_some(Strain::Takes)
    }
}

fn failed(span: &Span) -> bool {
    !matches!(span.status.as_raw_str(), "" | "ok" | "unknown" | "cancelled")
}

fn like(span: &Span) -> Like<'_> {
    (&span.project, span.transaction.as_raw_str(), span.op.as_raw_str(), span.description.as_raw_str())
}
