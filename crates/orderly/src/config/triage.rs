//! Settings of triage.

use super::file::{TriageSection, WeightsSection};
use super::settings::Overrides;
use super::typo;
use crate::failure::{Failure, Kind};
use orderly_core::noise::{Guard, NoisePolicy, Rule};
use orderly_core::rank::Weights;
use orderly_core::time::Seconds;
use orderly_core::triage::{DoNotFix, TriagePolicy};
use orderly_engine::ports::triage::{LARGEST_PAGE, Sort};
use std::collections::BTreeSet;

/// Triage as it is configured.
#[derive(Clone, Debug)]
pub struct TriageSettings {
    /// How far back counts go.
    pub window: Seconds,
    /// Environments; empty: all.
    pub environments: Vec<String>,
    /// What Sentry lists first.
    pub sort: Sort,
    /// Issues a request.
    pub page: u32,
    /// Issues that are read at most.
    pub most: u32,
    /// Issues that are looked at closer at most.
    pub closer: u32,
    /// The decisions.
    pub policy: TriagePolicy,
}

/// Defaults < file < overrides.
///
/// # Errors
/// A usage failure that names the setting and what is allowed.
pub fn resolve(section: &TriageSection, over: &Overrides) -> Result<TriageSettings, Failure> {
    let page = section.limit.unwrap_or(LARGEST_PAGE);
    if !(1..=LARGEST_PAGE).contains(&page) {
        return Err(wrong(format!("triage.limit is {page}; it may be 1 to {LARGEST_PAGE}")));
    }
    let environments = if over.environments.is_empty() {
        section.environments.clone().unwrap_or_default()
    } else {
        over.environments.clone()
    };
    Ok(TriageSettings {
        window: over.stats_period.or(section.stats_period).map_or(Seconds::days(14), |span| span.0),
        environments: environments.into_iter().map(|name| name.to_lowercase()).collect(),
        sort: section.sort.as_deref().map_or(Ok(Sort::default()), sort)?,
        page,
        most: section.most.unwrap_or(1000).max(1),
        closer: section.closer.unwrap_or(100),
        policy: TriagePolicy {
            noise: noise(section, over)?,
            weights: weights(&section.weights),
            do_not_fix: DoNotFix::new(section.do_not_fix.clone()),
        },
    })
}

fn noise(section: &TriageSection, over: &Overrides) -> Result<NoisePolicy, Failure> {
    let default = NoisePolicy::default();
    let lower = |words: &Vec<String>| words.iter().map(|word| word.to_lowercase()).collect();
    let off: Result<BTreeSet<Rule>, Failure> = section.off.iter().flatten().map(|name| rule(name)).collect();
    let level = section.level.unwrap_or(default.level);
    Ok(NoisePolicy {
        off: off?,
        level: over.least_level.map_or(level, |least| least.min(level)),
        stale_after: section.stale_after.map_or(default.stale_after, |span| span.0),
        fluke_after: section.fluke.map_or(default.fluke_after, |span| span.0),
        guard: Guard {
            events: section.guard_events.unwrap_or(default.guard.events),
            users: section.guard_users.unwrap_or(default.guard.users),
        },
        dev_environments: section.dev_environments.as_ref().map_or(default.dev_environments, lower),
        third_party: section.third_party.as_ref().map_or(default.third_party, lower),
        installation_tags: section.installation_tags.clone().unwrap_or(default.installation_tags),
    })
}

fn weights(section: &WeightsSection) -> Weights {
    let default = Weights::default();
    Weights {
        users: section.users.unwrap_or(default.users),
        events: section.events.unwrap_or(default.events),
        trend: section.trend.unwrap_or(default.trend),
        level: section.level.unwrap_or(default.level),
        new: section.new.unwrap_or(default.new),
        back: section.back.unwrap_or(default.back),
    }
}

fn rule(name: &str) -> Result<Rule, Failure> {
    Rule::named(name).ok_or_else(|| {
        let failure = wrong(format!("triage.off names `{name}`, which is no noise rule"));
        nearest(failure, name, Rule::ALL.map(Rule::name).as_slice())
    })
}

fn sort(name: &str) -> Result<Sort, Failure> {
    Sort::ALL.into_iter().find(|sort| sort.word() == name).ok_or_else(|| {
        let failure = wrong(format!("triage.sort is `{name}`, which is no order"));
        nearest(failure, name, Sort::ALL.map(Sort::word).as_slice())
    })
}

fn nearest(failure: Failure, name: &str, known: &[&str]) -> Failure {
    match typo::nearest(name, known.iter().copied()) {
        Some(meant) => failure.hint(format!("did you mean `{meant}`?")),
        None => failure.hint(format!("known are {}", known.join(", "))),
    }
}

fn wrong(text: String) -> Failure {
    Failure::new(Kind::Usage, text)
}
