//! What speaks for an option: read from what an investigation found, never from what the option promises.

use super::option::{Kind, Mitigation, Sign, SignKind};
use super::template::{Slot, Value, Values};
use crate::encode::one_line;
use crate::ids::ProjectSlug;
use crate::investigate::{
    Attack, ChangedWhat, Deployed, FLAG_LOG, Findings, Named, RELEASES, Strain, Suspected,
};
use crate::noise::ReleaseSeen;
use crate::scrub::Scrubber;
use crate::time::Timestamp;
use crate::untrusted::Untrusted;
use serde::Serialize;

/// A change less probable than this speaks for nothing.
const LEAST: f64 = 0.1;

/// What speaks for an option.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ground {
    /// How much it weighs.
    pub strength: Strength,
    /// How probably what it takes back is the cause, 0 to 1.
    pub probability: Option<f64>,
    /// In words.
    pub reason: String,
}

/// How much speaks for an option; the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// What it ends is what the investigation names.
    Named,
    /// The sign that is configured for it is there.
    Shown,
    /// What it ends is one of the hypotheses.
    Suspected,
    /// What is seen is of the sort that it helps against.
    Plausible,
    /// Nothing speaks for or against it.
    Unknown,
    /// What was found speaks against it.
    Against,
}

/// What an option would end, and what stands in its command then.
pub(super) struct Aimed {
    pub ground: Ground,
    pub values: Values,
}

/// Looks at an option in the light of what was found.
pub(super) fn aim(
    option: &Mitigation,
    found: &Findings,
    releases: &[ReleaseSeen],
    scrubber: &Scrubber,
) -> Aimed {
    let mut values = Values::default();
    let own = |project: &&ProjectSlug| option.projects.is_empty() || option.projects.contains(project);
    let leading = found.issues.iter().map(|issue| &issue.project).find(own);
    put(&mut values, Slot::Project, leading.map(|project| project.as_str().into()).as_ref());
    for lift in &found.lifts {
        put(&mut values, Slot::Tag(lift.key.clone()), Some(&lift.value.as_str().into()));
    }
    if let Some(attack) = &found.attack {
        for (address, _) in &attack.leading {
            values.put(Slot::Addresses, Value::address(*address));
        }
    }
    let ground = if !found.issues.is_empty() && leading.is_none() {
        let others: Vec<&str> = option.projects.iter().map(ProjectSlug::as_str).collect();
        Ground::of(Strength::Against, format!("no issue of the incident is of {}", others.join(", ")))
    } else {
        match option.kind {
            Kind::RollBack => roll_back(option, found, releases, &mut values, scrubber),
            Kind::FlagOff => flag_off(found, &mut values, scrubber),
            Kind::Block => block(found),
            Kind::Hotfix => hotfix(found),
            Kind::Restart | Kind::Scale | Kind::Degrade => relief(option.kind, found),
        }
    };
    let shown = option.shown_by.iter().find_map(|sign| seen(sign, found));
    let ground = match shown {
        Some(reason) if ground.strength > Strength::Shown => Ground::of(Strength::Shown, reason),
        None if !option.shown_by.is_empty() && ground.strength == Strength::Plausible => {
            let signs: Vec<&str> = option.shown_by.iter().map(|sign| sign.text.as_str()).collect();
            Ground::of(Strength::Unknown, format!("what it is for is not seen ({})", signs.join(", ")))
        }
        _ => ground,
    };
    Aimed { ground, values }
}

impl Ground {
    fn of(strength: Strength, reason: impl Into<String>) -> Self {
        Self { strength, probability: None, reason: one_line(&reason.into()) }
    }
}

/// A value that is no plain name stands nowhere.
fn put(values: &mut Values, slot: Slot, text: Option<&Untrusted<String>>) {
    if let Some(value) = text.and_then(|text| Value::name(text).ok()) {
        values.put(slot, value);
    }
}

fn roll_back(
    option: &Mitigation,
    found: &Findings,
    releases: &[ReleaseSeen],
    values: &mut Values,
    scrubber: &Scrubber,
) -> Ground {
    let deploys = found.changes.iter().filter_map(|change| match &change.changed {
        ChangedWhat::Deploy(deployed) => {
            let own = option.projects.is_empty()
                || deployed.projects.iter().any(|project| option.projects.contains(project));
            own.then_some((change, deployed))
        }
        ChangedWhat::Flag { .. } | ChangedWhat::Setting { .. } => None,
    });
    // The likeliest comes first.
    let Some((change, deployed)) = deploys.into_iter().next() else {
        return none_seen(found, RELEASES, "no release went out in the time that was looked at");
    };
    put(values, Slot::Release, Some(&deployed.release));
    put(values, Slot::PreviousRelease, before(deployed, change.at, found, releases).as_ref());
    let name = one_line(scrubber.scrub_version(&deployed.release).capped(120).as_str());
    of_change(change, found, &format!("the release {name}"))
}

/// The release of the same project that was out before.
fn before(
    deployed: &Deployed,
    at: Timestamp,
    found: &Findings,
    releases: &[ReleaseSeen],
) -> Option<Untrusted<String>> {
    let own = |project: &ProjectSlug| deployed.projects.contains(project);
    // One that went out in the window is known by when it did, others by since when they are known.
    let out = found.changes.iter().filter_map(|change| match &change.changed {
        ChangedWhat::Deploy(other) if other.projects.iter().any(own) => Some((change.at, &other.release)),
        _ => None,
    });
    let known = releases
        .iter()
        .filter(|release| release.projects.iter().any(own))
        .map(|release| (release.since, &release.version));
    out.chain(known)
        .filter(|(since, version)| *since < at && **version != deployed.release)
        .max_by_key(|(since, _)| *since)
        .map(|(_, version)| version.clone())
}

fn flag_off(found: &Findings, values: &mut Values, scrubber: &Scrubber) -> Ground {
    let flags = found.changes.iter().filter_map(|change| match &change.changed {
        ChangedWhat::Flag { flag, .. } => Some((change, flag)),
        ChangedWhat::Deploy(_) | ChangedWhat::Setting { .. } => None,
    });
    let Some((change, flag)) = flags.into_iter().next() else {
        return none_seen(found, FLAG_LOG, "no flag was changed in the time that was looked at");
    };
    put(values, Slot::Flag, Some(flag));
    let name = one_line(scrubber.scrub(flag).capped(120).as_str());
    of_change(change, found, &format!("the flag {name}"))
}

/// Where nothing was seen: it speaks against an option only if it could be looked at.
fn none_seen(found: &Findings, what: &str, none: &str) -> Ground {
    match found.gaps.iter().find(|(gap, _)| gap == what) {
        Some((_, cause)) => Ground::of(Strength::Unknown, format!("{what} could not be looked at: {cause}")),
        None => Ground::of(Strength::Against, none),
    }
}

/// What speaks for taking a change back.
fn of_change(change: &Suspected, found: &Findings, name: &str) -> Ground {
    let probability = change.probability;
    let percent = format!("{:.0} %", 100.0 * probability);
    let first = found.changes.first().is_some_and(|first| first == change);
    let (strength, reason) = match found.named {
        Named::Change if first => (Strength::Named, format!("{name} is named as the cause ({percent})")),
        Named::NoneOfThese | Named::Attack => {
            (Strength::Against, format!("none of the changes explains the rise ({name}: {percent})"))
        }
        Named::NoRise => (Strength::Against, "the rate did not rise".to_owned()),
        Named::Change | Named::Nothing if probability >= LEAST => {
            (Strength::Suspected, format!("{name} is a hypothesis ({percent})"))
        }
        Named::Change | Named::Nothing => {
            (Strength::Against, format!("{name} is improbable as the cause ({percent})"))
        }
    };
    Ground { probability: Some(probability), ..Ground::of(strength, reason) }
}

fn block(found: &Findings) -> Ground {
    let Some(attack) = &found.attack else {
        return Ground::of(Strength::Against, "nothing of it touches security");
    };
    let signals: Vec<String> = attack.signals.iter().map(ToString::to_string).collect();
    match (found.named, attack) {
        (Named::Attack, _) => Ground::of(Strength::Named, format!("an attack: {}", signals.join("; "))),
        (_, attack) if Attack::is_likely(attack) => {
            Ground::of(Strength::Suspected, format!("it is like an attack: {}", signals.join("; ")))
        }
        (_, attack) if attack.signals.is_empty() => {
            Ground::of(Strength::Against, "its sources show nothing that people do not do")
        }
        _ => Ground::of(Strength::Plausible, format!("its sources show {}", signals.join("; "))),
    }
}

fn hotfix(found: &Findings) -> Ground {
    let own = found.issues.iter().find_map(|issue| Some((issue, issue.frame.as_ref()?)));
    match (own, found.named) {
        (None, _) => Ground::of(Strength::Against, "no own code is in the traces of its issues"),
        (Some((issue, frame)), Named::NoneOfThese | Named::Attack | Named::NoRise) => Ground::of(
            Strength::Unknown,
            format!("{} fails in {frame}, which no change explains", issue.short_id),
        ),
        (Some((issue, frame)), Named::Change | Named::Nothing) => {
            Ground::of(Strength::Plausible, format!("{} fails in own code: {frame}", issue.short_id))
        }
    }
}

/// Restarting, scaling and leaving out help against what waits, fails or is slow, whatever began it.
fn relief(kind: Kind, found: &Findings) -> Ground {
    let helps = |strain: Strain| match kind {
        Kind::Restart => strain == Strain::Waits,
        Kind::Scale => matches!(strain, Strain::Waits | Strain::Takes),
        _ => true,
    };
    if found.named == Named::NoRise {
        return Ground::of(Strength::Against, "the rate did not rise");
    }
    if let Some(work) = found.work.iter().find(|work| helps(work.strain)) {
        let reason = format!(
            "`{} {}` {} in {} of {} traces",
            work.op, work.description, work.strain, work.traces, work.of
        );
        return Ground::of(Strength::Plausible, reason);
    }
    match found.lifts.first().filter(|_| kind == Kind::Degrade) {
        Some(lift) => Ground::of(
            Strength::Plausible,
            format!("{} {} has {:.1} times its usual share", lift.key, lift.value, lift.lift.value),
        ),
        None => Ground::of(Strength::Unknown, "nothing that was found speaks for it or against it"),
    }
}

/// Where a sign is seen.
fn seen(sign: &Sign, found: &Findings) -> Option<String> {
    match &sign.kind {
        SignKind::Span => found.work.iter().find_map(|work| {
            let span = format!("{} {}", work.op, work.description);
            sign.is_in(&span).then(|| {
                format!("what it is for: `{span}` {} in {} of {} traces", work.strain, work.traces, work.of)
            })
        }),
        SignKind::Tag(key) => found.lifts.iter().find_map(|lift| {
            (lift.key == *key && sign.is_in(&lift.value)).then(|| {
                let times = lift.lift.value;
                format!("what it is for: {} {} has {times:.1} times its usual share", lift.key, lift.value)
            })
        }),
    }
}
