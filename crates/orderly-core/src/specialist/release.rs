//! The release manager: what went out, how it fares, what may be rolled back.

use super::report::{Report, Specialist};
use crate::encode::one_line;
use crate::ids::ProjectSlug;
use crate::investigate::page::percent;
use crate::investigate::{Findings, Named, SURE, ratio};
use crate::scrub::Scrubber;
use crate::time::Timestamp;
use crate::untrusted::Untrusted;

/// Crashes that are so many times as frequent as in the release before.
const MORE: f64 = 1.2;
/// Releases that are told.
const MOST: usize = 15;

/// How a release fares in a project.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// Version.
    pub release: Untrusted<String>,
    /// Project.
    pub project: ProjectSlug,
    /// Since when it is there.
    pub since: Timestamp,
    /// Its sessions, and those of them that crashed; `None`: none are reported.
    pub sessions: Option<(u64, u64)>,
    /// Part of the sessions of the last day, per cent.
    pub adoption: Option<f64>,
    /// Issues that were first seen in it.
    pub new_issues: u64,
}

/// What the releases show.
pub fn release(found: &Findings, health: &[Health], scrubber: &Scrubber) -> Report {
    let mut newest: Vec<&Health> = health.iter().collect();
    newest.sort_by(|a, b| b.since.cmp(&a.since).then_with(|| a.project.cmp(&b.project)));
    let name = |one: &Health| one_line(scrubber.scrub(&one.release).capped(80).as_str());
    let before = |one: &Health| {
        newest.iter().find(|other| other.project == one.project && other.since < one.since).copied()
    };
    let fares = newest.iter().take(MOST).map(|one| {
        let crash_free = one.sessions.filter(|(all, _)| *all > 0).map_or_else(
            || "no sessions".to_owned(),
            |(all, crashed)| {
                format!(
                    "{:.2} % of {all} sessions without a crash",
                    100.0 - 100.0 * crashed as f64 / all as f64
                )
            },
        );
        let adoption = one.adoption.map(|part| format!(", adopted by {part:.0} %")).unwrap_or_default();
        format!(
            "{} {} since {}: {crash_free}{adoption}, {} new issues",
            one.project,
            name(one),
            one.since.strftime("%F %R"),
            one.new_issues
        )
    });
    let out = found.changes.iter().filter(|change| matches!(change.kind, "deploy" | "release"));
    let deploys = out.clone().map(|change| {
        let why: Vec<String> = change.clues.iter().map(|(clue, _)| clue.to_string()).collect();
        format!(
            "{} {} ({}){}",
            change.at.strftime("%F %R"),
            change.what,
            percent(change.probability),
            if why.is_empty() { String::new() } else { format!(": {}", why.join(", ")) }
        )
    });
    let mut candidates = Vec::new();
    let named = found.changes.first().filter(|change| found.named == Named::Change && change.kind != "flag");
    if let Some(change) = named {
        let back = newest
            .iter()
            .find(|one| change.what.starts_with(&name(one)))
            .and_then(|one| before(one))
            .map(|back| format!(", back to {}", name(back)))
            .unwrap_or_default();
        candidates.push(format!("{}{back}: {} the cause", change.what, percent(change.probability)));
    }
    for one in &newest {
        let Some(back) = before(one) else { continue };
        let (Some((all, crashed)), Some((all_before, crashed_before))) = (one.sessions, back.sessions) else {
            continue;
        };
        let more = ratio((crashed, all), (crashed_before, all_before), SURE);
        if crashed > 0 && all_before > 0 && more.low >= MORE {
            candidates.push(format!(
                "{} {}, back to {}: {:.1} times as many of its sessions crash ({:.1} to {:.1})",
                one.project,
                name(one),
                name(back),
                more.value,
                more.low,
                more.high
            ));
        }
    }
    let headline = candidates.first().map_or_else(
        || "No release is a candidate for a roll-back".to_owned(),
        |first| format!("Roll-back candidate: {first}"),
    );
    let parts = vec![
        ("Roll-back candidates", candidates),
        ("Deploys", deploys.collect()),
        ("How releases fare", fares.collect()),
    ];
    Report::of(Specialist::Release, headline, parts, found.window.until)
}
