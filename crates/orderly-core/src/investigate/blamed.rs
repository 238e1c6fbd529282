//! What changed, and how probably it is the cause.
//!
//! The onset alone is weighed by [`crate::blame`], as it is measured; what else is known of a change multiplies its prior
//! by the factors below: how many times as likely that is to be seen of a guilty change as of an innocent one. They are
//! judgements, stated here and shown with each change, not fitted to anything.

use super::inputs::{Changed, ChangedWhat, Deployed, Known, LeadKnown, Own, Window};
use super::lift::{Interval, odds_of};
use crate::blame::{Blame, Change, Prior, Rates, Verdict, blame};
use crate::encode::one_line;
use crate::ids::{ProjectSlug, ShortId};
use crate::scrub::Scrubber;
use crate::time::{Timestamp, later};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// How probably the effect of a change begins so many seconds after it: rollouts, caches, the first request that needs it.
const LAGS: [(i64, f64); 3] = [(0, 0.7), (300, 0.2), (600, 0.1)];
/// No single clue makes a change more than so many times as likely, or unlikely.
const MOST: f64 = 20.0;
/// A release in whose commits the innermost own frame of an issue is.
const TOUCHES_CRASH: f64 = 8.0;
/// A release in whose commits another own frame is.
const TOUCHES_FRAME: f64 = 4.0;
/// A release whose commits are known, and are about other files.
const TOUCHES_NONE: f64 = 0.5;
/// A release that an issue was first seen in.
const FIRST_SEEN: f64 = 6.0;
/// A release whose issues are all older.
const OLDER: f64 = 0.5;
/// A release of a project that shares the incident, but not its issues.
const FELT: f64 = 0.5;
/// A release of any other project.
const APART: f64 = 0.05;
/// A flag that was evaluated for none of the errors.
const UNSEEN_FLAG: f64 = 0.3;
/// Settings of Sentry change what is reported, seldom what happens.
const SETTING: f64 = 0.1;

/// A change with its probability.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suspected {
    /// What kind of change: `deploy`, `release`, `flag`, `setting`.
    pub kind: &'static str,
    /// What changed.
    pub what: String,
    /// Its project, where it has one.
    pub projects: Vec<ProjectSlug>,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it.
    pub by: Option<String>,
    /// First lines of its commits.
    pub commits: Vec<String>,
    /// How probably it is the cause, 0 to 1.
    pub probability: f64,
    /// Seconds from it to the rise; below 0: it came later.
    pub lag: Option<i64>,
    /// What is known of it beside the onset, with the factor of each.
    pub clues: Vec<(Clue, f64)>,
    /// As it was gathered, for whoever takes it back.
    #[serde(skip)]
    pub changed: ChangedWhat,
}

/// What is known of a change beside when it happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "clue", rename_all = "snake_case")]
pub enum Clue {
    /// Its commits changed a file of the frames of an issue.
    Touches {
        /// The file.
        file: String,
        /// The issue.
        issue: ShortId,
    },
    /// Its commits are known, and changed none.
    TouchesNone,
    /// An issue was first seen in it.
    FirstSeen {
        /// The issue.
        issue: ShortId,
    },
    /// The issues of its projects are older than it.
    Older,
    /// It is of a project that shares the incident.
    Felt,
    /// It is of a project that has nothing to do with the incident, as far as is known.
    Apart,
    /// How a flag stood when requests failed.
    FlagOdds {
        /// Odds of it being on in errors of the incident against others.
        odds: Interval,
    },
    /// No error of the incident says how the flag stood.
    FlagUnseen,
    /// It is a setting of Sentry.
    Setting,
}

impl fmt::Display for Clue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Touches { file, issue } => write!(f, "it changed {file}, which is in the trace of {issue}"),
            Self::TouchesNone => f.write_str("none of its files is in the traces of the issues"),
            Self::FirstSeen { issue } => write!(f, "{issue} was first seen in it"),
            Self::Older => f.write_str("the issues of its project are older than it"),
            Self::Felt => {
                f.write_str("it is of a project that shares the incident, not of one whose issues lead")
            }
            Self::Apart => f.write_str("it is of a project that nothing ties to the incident"),
            Self::FlagOdds { odds } => write!(
                f,
                "odds of it being on when requests failed against other errors: {:.1} ({:.1} to {:.1})",
                odds.value, odds.low, odds.high
            ),
            Self::FlagUnseen => f.write_str("no error of the incident says how it stood"),
            Self::Setting => f.write_str("settings of Sentry seldom break production"),
        }
    }
}

/// The blame over the changes, and what was made of it.
pub(super) struct Blamed {
    /// Changes, the likeliest first.
    pub suspected: Vec<Suspected>,
    pub elsewhere: f64,
    pub no_rise: f64,
    pub onset: Option<Timestamp>,
    /// What may be said; the change is the first of the suspected.
    pub verdict: Verdict,
}

/// When the rate rose, by the counts and the times of the changes alone.
pub fn onset(counts: &[u64], changes: &[Changed], window: Window) -> Option<Timestamp> {
    let spread = spread(changes.iter().map(|change| (change, 1.0)), window);
    let blame = weigh(counts, &spread, Prior::default());
    blame.blame.onset.map(|bin| window.begins(bin))
}

/// Weighs every change by its onset and by what else is known of it.
pub(super) fn weigh_changes(known: &Known, felt: &BTreeSet<ProjectSlug>, scrubber: &Scrubber) -> Blamed {
    let clues: Vec<Vec<(Clue, f64)>> =
        known.changes.iter().map(|change| clues(change, known, felt, scrubber)).collect();
    let factors: Vec<f64> =
        clues.iter().map(|clues| clues.iter().map(|(_, factor)| factor).product()).collect();
    let spread = spread(known.changes.iter().zip(factors.iter().copied()), known.window);
    let Weighed { blame, elsewhere, by_part } = weigh(&known.counts, &spread, prior(&factors));
    let mut probability = vec![0.0; known.changes.len()];
    for ((place, _), share) in spread.iter().zip(by_part) {
        probability[*place] += share;
    }
    let onset = blame.onset.map(|bin| known.window.begins(bin));
    let mut suspected: Vec<Suspected> = known
        .changes
        .iter()
        .zip(clues)
        .zip(&probability)
        .map(|((change, clues), probability)| describe(change, clues, *probability, onset, scrubber))
        .collect();
    suspected.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(b.at.cmp(&a.at)));
    let whole = suspected.first().map(|first| (0, first.probability));
    let no_rise = blame.no_rise;
    let verdict = Blame { suspects: whole.into_iter().collect(), elsewhere, ..blame }.verdict();
    let verdict = match (verdict, suspected.first()) {
        (Verdict::Change(_), Some(first)) if first.has_only_its_time() => Verdict::Abstain,
        (verdict, _) => verdict,
    };
    Blamed { suspected, elsewhere, no_rise, onset, verdict }
}

impl Suspected {
    /// Whether nothing but its time ties it to the incident: that is no ground to name it.
    fn has_only_its_time(&self) -> bool {
        let ties = |(clue, factor): &(Clue, f64)| matches!(clue, Clue::Touches { .. }) || *factor > 1.0;
        let apart = |(clue, _): &(Clue, f64)| matches!(clue, Clue::Apart | Clue::FlagUnseen | Clue::Setting);
        self.clues.iter().any(apart) && !self.clues.iter().any(ties)
    }
}

/// Each change in every bin in which its effect may begin, with the place of the change.
fn spread<'a>(changes: impl Iterator<Item = (&'a Changed, f64)>, window: Window) -> Vec<(usize, Change)> {
    let mut parts = Vec::new();
    for (place, (change, factor)) in changes.enumerate() {
        for (lag, share) in LAGS {
            let times = match change.began.filter(|began| lag == 0 && *began < change.at) {
                Some(began) => vec![(began, share / 2.0), (change.at, share / 2.0)],
                None => vec![(change.at, share)],
            };
            for (at, share) in times {
                let at = later(at, lag);
                if let Some((bin, late)) = window.bin_of(at) {
                    parts.push((place, Change { bin, late, weight: share * factor }));
                }
            }
        }
    }
    parts
}

/// What the engine says, with its bins of changes shared out.
struct Weighed {
    blame: Blame,
    elsewhere: f64,
    /// The probability of each part.
    by_part: Vec<f64>,
}

/// Asks the engine. It takes a rise in the bin of a change for the work of a change; here a change has many bins, so that
/// something else may rise in them too: in each of them it is as likely as in any other bin.
fn weigh(counts: &[u64], parts: &[(usize, Change)], prior: Prior) -> Weighed {
    let mut changes: Vec<Change> = parts.iter().map(|(_, change)| *change).collect();
    let all: f64 = changes.iter().map(|change| change.weight).sum();
    let mut bins = BTreeSet::new();
    for change in &changes {
        bins.insert(change.bin);
        if change.late > 0.0 {
            bins.insert(change.bin + 1);
        }
    }
    bins.retain(|bin| *bin < counts.len());
    let each = prior.elsewhere / counts.len().max(1) as f64;
    let weight = all * each / prior.changed.max(f64::MIN_POSITIVE);
    changes.extend(bins.iter().map(|bin| Change { bin: *bin, late: 0.0, weight }));
    let changed = if all > 0.0 { prior.changed + each * bins.len() as f64 } else { prior.changed };
    // A day of minutes shows its rhythm once: it cannot be told from a rise.
    let blame = blame(Rates { counts, period: 0 }, &changes, Prior { changed, ..prior });
    let mut by_part = vec![0.0; parts.len()];
    let mut elsewhere = blame.elsewhere;
    for (place, share) in &blame.suspects {
        match by_part.get_mut(*place) {
            Some(part) => *part += share,
            None => elsewhere += share,
        }
    }
    Weighed { blame, elsewhere, by_part }
}

/// What is believed before the counts are looked at, once the clues are known: the odds of "one of the changes" grow by
/// the mean factor of the changes.
fn prior(factors: &[f64]) -> Prior {
    let usual = Prior::default();
    if factors.is_empty() {
        return usual;
    }
    let changed = usual.changed * factors.iter().sum::<f64>() / factors.len() as f64;
    let all = changed + (1.0 - usual.changed);
    Prior { changed: changed / all, elsewhere: usual.elsewhere / all }
}

fn clues(
    change: &Changed,
    known: &Known,
    felt: &BTreeSet<ProjectSlug>,
    scrubber: &Scrubber,
) -> Vec<(Clue, f64)> {
    match &change.what {
        ChangedWhat::Deploy(deployed) => of_deploy(deployed, change.at, known, felt, scrubber),
        ChangedWhat::Flag { flag, .. } => match known.flags.iter().find(|count| count.flag == *flag) {
            Some(count) if count.failing != (0, 0) => {
                let odds = odds_of(count);
                let factor = if odds.low > 1.0 {
                    odds.low
                } else if odds.high < 1.0 {
                    odds.high
                } else {
                    1.0
                };
                vec![(Clue::FlagOdds { odds }, factor.clamp(1.0 / MOST, MOST))]
            }
            _ => vec![(Clue::FlagUnseen, UNSEEN_FLAG)],
        },
        ChangedWhat::Setting { .. } => vec![(Clue::Setting, SETTING)],
    }
}

fn of_deploy(
    deployed: &Deployed,
    at: Timestamp,
    known: &Known,
    felt: &BTreeSet<ProjectSlug>,
    scrubber: &Scrubber,
) -> Vec<(Clue, f64)> {
    let own: Vec<&LeadKnown> =
        known.leads.iter().filter(|lead| deployed.projects.contains(&lead.project)).collect();
    let mut clues = Vec::new();
    let of_others = own.is_empty();
    if of_others {
        let shares = deployed.projects.iter().any(|project| felt.contains(project));
        clues.push(if shares { (Clue::Felt, FELT) } else { (Clue::Apart, APART) });
    }
    if let Some(files) = deployed.files.as_ref().filter(|files| !files.is_empty()) {
        // A library may be shared: every trace is asked, not only those of its own projects.
        let touched = known.leads.iter().find_map(|lead| {
            let (depth, path) = lead.frames.iter().enumerate().find_map(|(depth, own)| {
                files.iter().find(|file| same_file(own, file.as_raw_str())).map(|file| (depth, file))
            })?;
            let file = one_line(scrubber.scrub(path).capped(120).as_str());
            let factor = if depth == 0 { TOUCHES_CRASH } else { TOUCHES_FRAME };
            Some((Clue::Touches { file, issue: lead.short_id.clone() }, factor))
        });
        // Files of other projects are in no trace anyway.
        clues.extend(touched.or_else(|| (!of_others).then_some((Clue::TouchesNone, TOUCHES_NONE))));
    }
    let first = own.iter().find(|lead| {
        lead.first_seen >= at && lead.first_release.as_ref().is_some_and(|first| *first == deployed.release)
    });
    match first {
        Some(lead) => clues.push((Clue::FirstSeen { issue: lead.short_id.clone() }, FIRST_SEEN)),
        None if !own.is_empty() && own.iter().all(|lead| lead.first_seen < at) => {
            clues.push((Clue::Older, OLDER));
        }
        None => {}
    }
    clues
}

/// Whether a changed file is that of a frame: one path ends with the other, folders included.
fn same_file(own: &Own, file: &str) -> bool {
    let Some(path) = own.path.as_deref() else { return false };
    let parts = |path: &str| -> Vec<String> {
        path.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect()
    };
    let (mine, theirs) = (parts(path), parts(file));
    let common = mine.iter().rev().zip(theirs.iter().rev()).take_while(|(a, b)| a == b).count();
    let shorter = mine.len().min(theirs.len());
    // The name alone is no proof: every project has an `index.js`.
    common == shorter && (common >= 2 || mine.len() == theirs.len()) && common > 0
}

fn describe(
    change: &Changed,
    clues: Vec<(Clue, f64)>,
    probability: f64,
    onset: Option<Timestamp>,
    scrubber: &Scrubber,
) -> Suspected {
    let line =
        |text: &crate::untrusted::Untrusted<String>| one_line(scrubber.scrub(text).capped(120).as_str());
    let (kind, what, projects, commits) = match &change.what {
        ChangedWhat::Deploy(deployed) => {
            let to = deployed.environment.as_ref().map(|to| format!(" to {}", line(to))).unwrap_or_default();
            let kind = if deployed.environment.is_some() { "deploy" } else { "release" };
            let commits = deployed.commits.iter().map(line).collect();
            (kind, format!("{}{to}", line(&deployed.release)), deployed.projects.clone(), commits)
        }
        ChangedWhat::Flag { flag, action } => {
            ("flag", format!("{} {}", line(flag), line(action)), Vec::new(), Vec::new())
        }
        ChangedWhat::Setting { event, note } => {
            ("setting", format!("{} ({})", line(note), line(event)), Vec::new(), Vec::new())
        }
    };
    Suspected {
        kind,
        what,
        projects,
        at: change.at,
        by: change.by.as_ref().map(line),
        commits,
        probability,
        lag: onset.map(|onset| onset.as_second() - change.at.as_second()),
        clues,
        changed: change.what.clone(),
    }
}
