//! Taking paths, and giving them back.

use super::entry::{Entry, RunEnd, RunStatus};
use super::page::Page;
use super::paths::overlap;
use crate::ids::RunId;
use crate::time::{Now, Seconds, Timestamp};
use jiff::tz::TimeZone;

/// A run that says no more for this long is not waited for.
pub const STALE_AFTER: Seconds = Seconds::hours(2);

/// How long the end of a run stays on the page.
const KEPT: Seconds = Seconds::days(14);

/// What a run is about to take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The run.
    pub run: RunId,
    /// Short ids it works on.
    pub issues: Vec<String>,
    /// Every path that any of its fixes may touch: one union.
    pub paths: Vec<String>,
    /// Until when it holds them unless it says so again.
    pub until: Timestamp,
}

/// Another run is at work on the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Its title.
    pub title: String,
    /// The paths that both want.
    pub paths: Vec<String>,
    /// How long ago it began, in seconds, when that is known.
    pub age: Option<u64>,
}

/// A run that overlaps and is held to be dead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stale {
    /// A run of Orderly whose lease lapsed: its paths were taken over and its entry says so.
    TakenOver(String),
    /// Somebody else's: left on the page for a person to clear.
    LeftStanding(String),
}

/// What a claim came to when nobody was in the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claimed {
    /// Dead runs that overlapped.
    pub stale: Vec<Stale>,
}

/// Runs at work that overlap with `paths`. An entry of another tool is at work for two hours after it began, one of
/// Orderly while its lease lasts.
pub fn conflicts(page: &Page, claim: &Claim, now: Now, zone: &TimeZone) -> Vec<Conflict> {
    page.active
        .iter()
        .filter(|entry| is_alive(entry, now, zone) && !entry.is_of(&claim.run))
        .filter_map(|entry| {
            let paths = shared(entry, &claim.paths);
            let age = entry.began.map(|began| began.age(now, zone));
            (!paths.is_empty()).then(|| Conflict { title: entry.title.clone(), paths, age })
        })
        .collect()
}

/// Puts a run on the page, unless another one is at work on the same. Asking again renews the lease.
///
/// # Errors
/// The runs in the way; the page is as it was.
pub fn claim(page: &mut Page, claim: &Claim, now: Now, zone: &TimeZone) -> Result<Claimed, Vec<Conflict>> {
    let in_the_way = conflicts(page, claim, now, zone);
    if !in_the_way.is_empty() {
        return Err(in_the_way);
    }
    let mut stale = Vec::new();
    for mut entry in std::mem::take(&mut page.active) {
        let dead = entry.status == RunStatus::Started
            && !is_alive(&entry, now, zone)
            && !shared(&entry, &claim.paths).is_empty();
        if entry.is_of(&claim.run) {
            continue;
        } else if dead && entry.lease.is_some() {
            stale.push(Stale::TakenOver(entry.title.clone()));
            end(&mut entry, RunEnd::Aborted(format!("its lease lapsed; taken over by {}", claim.run)));
            page.completed.insert(0, entry);
        } else {
            if dead {
                stale.push(Stale::LeftStanding(entry.title.clone()));
            }
            page.active.push(entry);
        }
    }
    let entry = Entry::starting(&claim.run, &claim.issues, claim.paths.clone(), now, claim.until);
    page.active.push(entry);
    Ok(Claimed { stale })
}

/// Ends the lease of a run that is known to be dead.
pub fn lapse(page: &mut Page, run: &RunId, now: Now) {
    for entry in page.active.iter_mut().filter(|entry| entry.is_of(run) && entry.lease.is_some()) {
        entry.lease = Some(now.0);
        entry.raw = None;
    }
}

/// Moves a run to the top of "Recently completed", and forgets what ended more than fourteen days ago.
pub fn finish(page: &mut Page, run: &RunId, how: &RunEnd, now: Now, zone: &TimeZone) {
    let (ours, others): (Vec<Entry>, Vec<Entry>) =
        std::mem::take(&mut page.active).into_iter().partition(|entry| entry.is_of(run));
    page.active = others;
    for mut entry in ours {
        end(&mut entry, how.clone());
        page.completed.insert(0, entry);
    }
    page.completed.retain(|entry| entry.began.is_none_or(|began| began.age(now, zone) <= KEPT.0));
}

fn end(entry: &mut Entry, how: RunEnd) {
    entry.status = RunStatus::Ended(how);
    entry.raw = None;
}

fn is_alive(entry: &Entry, now: Now, zone: &TimeZone) -> bool {
    match (&entry.status, entry.lease, entry.began) {
        (RunStatus::Ended(_), ..) => false,
        (_, Some(lease), _) => lease > now.0,
        (_, None, Some(began)) => began.age(now, zone) < STALE_AFTER.0,
        // Nobody can tell how old it is: a person decides.
        (_, None, None) => true,
    }
}

fn shared(entry: &Entry, paths: &[String]) -> Vec<String> {
    let both = |path: &&String| entry.paths.iter().any(|theirs| overlap(path, theirs));
    paths.iter().filter(both).cloned().collect()
}
