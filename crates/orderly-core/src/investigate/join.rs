//! The same incident in other projects. Every join shows its key: what both have.

use super::inputs::{Known, Neighbour, Own};
use super::lift::{Interval, SURE};
use crate::encode::one_line;
use crate::ids::{ProjectSlug, ShortId};
use crate::scrub::Scrubber;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// Bins before the newest that co-movement is looked for in: six hours of five minutes.
const BINS: usize = 72;
/// Fewer bins show nothing.
const LEAST_BINS: usize = 12;
/// Bins by which one project may follow another.
const MOST_LAG: usize = 6;
/// Less is no tie.
const LEAST: f64 = 0.3;

/// Something elsewhere that belongs to the incident, as far as the key goes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Join {
    /// Project.
    pub project: ProjectSlug,
    /// Issue, where the key leads to one.
    pub issue: Option<ShortId>,
    /// Its title.
    pub title: Option<String>,
    /// Its events since the rise.
    pub events: u64,
    /// What both have.
    #[serde(flatten)]
    pub key: JoinKey,
}

/// What two things have in common.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "key", rename_all = "snake_case")]
pub enum JoinKey {
    /// The same requests.
    Trace {
        /// Traces that have errors of both, at most so many are named.
        traces: Vec<String>,
        /// Traces that were looked for.
        of: usize,
    },
    /// The same frame of own code.
    Frame {
        /// The frame.
        frame: String,
    },
    /// The same release.
    Release {
        /// The release.
        release: String,
    },
    /// Their errors rise and fall together.
    Together {
        /// Seconds by which the project follows the incident; below 0: it goes ahead.
        lag: i64,
        /// Correlation of the roots of the counts.
        correlation: Interval,
    },
}

impl fmt::Display for JoinKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trace { traces, of } => {
                let first = traces.first().map(String::as_str).unwrap_or_default();
                write!(f, "errors of both in {} of {of} traces, as in {first}", traces.len())
            }
            Self::Frame { frame } => write!(f, "the frame {frame}"),
            Self::Release { release } => write!(f, "the release {release}"),
            Self::Together { lag, correlation } => {
                write!(
                    f,
                    "they move together (correlation {:.2}, {:.2} to {:.2}",
                    correlation.value, correlation.low, correlation.high
                )?;
                match lag {
                    0 => f.write_str(", at the same time)"),
                    lag if *lag > 0 => write!(f, ", {} min after)", lag / 60),
                    lag => write!(f, ", {} min before)", -lag / 60),
                }
            }
        }
    }
}

/// The joins, by key and then by how much there is.
pub(super) fn joins(known: &Known, scrubber: &Scrubber) -> Vec<Join> {
    let own: BTreeSet<&ProjectSlug> = known.leads.iter().map(|lead| &lead.project).collect();
    let looked_for = known.trace_ids.len();
    let mut joins = Vec::new();
    for neighbour in &known.neighbours {
        if !neighbour.shared_traces.is_empty() {
            let key = JoinKey::Trace { traces: neighbour.shared_traces.clone(), of: looked_for };
            joins.push(of_issue(neighbour, key, scrubber));
        }
        if let Some(frame) = shared_frame(known, neighbour) {
            joins.push(of_issue(neighbour, JoinKey::Frame { frame }, scrubber));
        }
    }
    for shared in &known.shared_releases {
        if !shared.events.keys().any(|project| own.contains(project)) {
            continue;
        }
        let release = one_line(scrubber.scrub(&shared.release).capped(80).as_str());
        for (project, events) in shared.events.iter().filter(|(project, _)| !own.contains(project)) {
            let key = JoinKey::Release { release: release.clone() };
            joins.push(Join { project: project.clone(), issue: None, title: None, events: *events, key });
        }
    }
    for (project, counts) in known.by_project.iter().filter(|(project, _)| !own.contains(project)) {
        let bin = i64::try_from(known.window.bin.0).unwrap_or(i64::MAX);
        if let Some((lag, correlation)) = together(&known.counts, counts) {
            let key = JoinKey::Together { lag: lag * bin, correlation };
            let newest = &counts[counts.len().saturating_sub(BINS)..];
            let events = newest.iter().sum();
            joins.push(Join { project: project.clone(), issue: None, title: None, events, key });
        }
    }
    joins.sort_by(|a, b| {
        a.rank().cmp(&b.rank()).then(b.events.cmp(&a.events)).then(a.project.cmp(&b.project))
    });
    joins
}

impl Join {
    const fn rank(&self) -> u8 {
        match self.key {
            JoinKey::Trace { .. } => 0,
            JoinKey::Frame { .. } => 1,
            JoinKey::Release { .. } => 2,
            JoinKey::Together { .. } => 3,
        }
    }
}

fn of_issue(neighbour: &Neighbour, key: JoinKey, scrubber: &Scrubber) -> Join {
    Join {
        project: neighbour.project.clone(),
        issue: Some(neighbour.short_id.clone()),
        title: Some(one_line(scrubber.scrub(&neighbour.title).capped(100).as_str())),
        events: neighbour.events,
        key,
    }
}

/// A frame of own code that a leading issue has as well. Within a project that is no news.
fn shared_frame(known: &Known, neighbour: &Neighbour) -> Option<String> {
    let elsewhere = known.leads.iter().filter(|lead| lead.project != neighbour.project);
    let frames: Vec<&Own> = elsewhere.flat_map(|lead| &lead.frames).collect();
    let shared = neighbour
        .frames
        .iter()
        .find(|own| !own.frame.function.is_empty() && frames.iter().any(|frame| frame.frame == own.frame))?;
    Some(one_line(&shared.frame.to_string()))
}

/// The lag, in bins, at which a series follows another most closely, and how closely; `None`: not surely.
///
/// Fisher's interval, over as many bins as are worth something when each is like the one before it (Bartlett,
/// *Journal of the Royal Statistical Society* 98 (1935) 536-543).
fn together(lead: &[u64], other: &[u64]) -> Option<(i64, Interval)> {
    let length = lead.len().min(other.len()).min(BINS);
    let roots = |counts: &[u64]| -> Vec<f64> {
        counts[counts.len() - length..].iter().map(|count| (*count as f64).sqrt()).collect()
    };
    let (lead, other) = (roots(lead), roots(other));
    let most = MOST_LAG.min(length.saturating_sub(LEAST_BINS));
    let mut best: Option<(i64, Interval)> = None;
    let mut lags: Vec<i64> = (0..=most as i64).flat_map(|lag| [lag, -lag]).collect();
    lags.dedup();
    for lag in lags {
        let by = usize::try_from(lag.unsigned_abs()).unwrap_or(0);
        let kept = length - by;
        let (a, b) = if lag >= 0 { (&lead[..kept], &other[by..]) } else { (&lead[by..], &other[..kept]) };
        let Some(found) = correlation(a, b) else { continue };
        if found.low >= LEAST && best.is_none_or(|(_, best)| found.value > best.value) {
            best = Some((lag, found));
        }
    }
    best
}

fn correlation(a: &[f64], b: &[f64]) -> Option<Interval> {
    if a.len() < LEAST_BINS {
        return None;
    }
    let value = pearson(a, b)?;
    let like = |series: &[f64]| pearson(&series[1..], &series[..series.len() - 1]).unwrap_or(0.0).max(0.0);
    let persistence = like(a) * like(b);
    let worth = a.len() as f64 * (1.0 - persistence) / (1.0 + persistence);
    if worth <= 4.0 {
        return None;
    }
    let (z, error) = (value.clamp(-0.9999, 0.9999).atanh(), SURE / (worth - 3.0).sqrt());
    Some(Interval { value, low: (z - error).tanh(), high: (z + error).tanh() })
}

fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    let n = a.len() as f64;
    let mean = |series: &[f64]| series.iter().sum::<f64>() / n;
    let (x, y) = (mean(a), mean(b));
    let sum = |f: &dyn Fn(f64, f64) -> f64| a.iter().zip(b).map(|(p, q)| f(p - x, q - y)).sum::<f64>();
    let (xx, yy, xy) = (sum(&|p, _| p * p), sum(&|_, q| q * q), sum(&|p, q| p * q));
    (xx > 0.0 && yy > 0.0).then(|| xy / (xx * yy).sqrt())
}
