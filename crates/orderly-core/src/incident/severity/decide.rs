//! The judgement: every criterion gives a severity, the worst of them holds, and growth makes it one worse.

use super::inputs::{Facts, Severity, SeverityPolicy, Thresholds, Touch, Trend, Usual};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What the numbers say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// How bad it is.
    pub severity: Severity,
    /// Why it is no better, the weightiest first; empty for SEV4.
    pub reasons: Vec<Reason>,
    /// The smallest change that would make it worse; `None` when no single one does.
    pub nearest: Option<Nearest>,
    /// What was counted.
    pub facts: Facts,
}

/// A criterion that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "criterion", rename_all = "snake_case")]
pub enum Reason {
    /// Users with an error.
    Users {
        /// How many.
        users: u64,
        /// From how many on.
        from: u64,
        /// What that gives.
        gives: Severity,
    },
    /// Their share.
    Share {
        /// Users with an error.
        users: u64,
        /// All active users.
        of: u64,
        /// From which share on, in percent.
        from: u32,
        /// What that gives.
        gives: Severity,
    },
    /// The rate.
    Rate {
        /// Errors in the window.
        events: u64,
        /// What is usual.
        usual: Usual,
        /// From which multiple on.
        from: u32,
        /// What that gives.
        gives: Severity,
    },
    /// The spread.
    Services {
        /// Projects with errors.
        services: u32,
        /// From how many on.
        from: u32,
        /// What that gives.
        gives: Severity,
    },
    /// It touches what must not suffer.
    Touches {
        /// What.
        what: Touch,
        /// The pattern that says so.
        pattern: String,
        /// What that gives.
        gives: Severity,
    },
    /// It grows.
    Rising {
        /// What that gives.
        gives: Severity,
    },
}

impl Reason {
    /// How bad this alone makes it.
    pub const fn gives(&self) -> Severity {
        match self {
            Self::Users { gives, .. }
            | Self::Share { gives, .. }
            | Self::Rate { gives, .. }
            | Self::Services { gives, .. }
            | Self::Touches { gives, .. }
            | Self::Rising { gives } => *gives,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Users { users, from, gives } => {
                write!(f, "{users} users met an error ({gives} from {from} on)")
            }
            Self::Share { users, of, from, gives } => {
                write!(
                    f,
                    "{} % of users met an error: {users} of {of} ({gives} from {from} % on)",
                    percent(*users, *of)
                )
            }
            Self::Rate { events, usual, from, gives } => {
                write!(f, "{events} errors where {} are usual ({gives} from {from} times on)", mean(*usual))
            }
            Self::Services { services, from, gives } => {
                write!(f, "errors in {services} projects ({gives} from {from} on)")
            }
            Self::Touches { what, pattern, gives } => {
                let what = match what {
                    Touch::Money => "a money path",
                    Touch::Security => "security",
                };
                write!(f, "{what} is touched, as `{pattern}` says (at least {gives})")
            }
            Self::Rising { gives } => write!(f, "errors are rising (one worse, here {gives})"),
        }
    }
}

/// A change that would make it worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nearest {
    /// How bad it would be.
    pub severity: Severity,
    /// What would have to be otherwise.
    pub change: Change,
}

/// What would have to be otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "snake_case")]
pub enum Change {
    /// So many users with an error.
    Users {
        /// As counted.
        from: u64,
        /// From here on.
        to: u64,
        /// Of all active users, where they are known.
        of: Option<u64>,
    },
    /// So many errors in the window.
    Events {
        /// As counted.
        from: u64,
        /// From here on.
        to: u64,
    },
    /// So many projects.
    Services {
        /// As counted.
        from: u32,
        /// From here on.
        to: u32,
    },
    /// It would touch this, too.
    Touches {
        /// What.
        what: Touch,
    },
    /// It would grow.
    Rising,
}

impl fmt::Display for Nearest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = self.severity;
        match self.change {
            Change::Users { from, to, of: Some(of) } => {
                write!(f, "{severity} from {to} users on ({} % of {of}), now {from}", percent(to, of))
            }
            Change::Users { from, to, of: None } => write!(f, "{severity} from {to} users on, now {from}"),
            Change::Events { from, to } => write!(f, "{severity} from {to} errors on, now {from}"),
            Change::Services { from, to } => write!(f, "{severity} from {to} projects on, now {from}"),
            Change::Touches { what: Touch::Money } => write!(f, "{severity} if a money path were touched"),
            Change::Touches { what: Touch::Security } => write!(f, "{severity} if security were touched"),
            Change::Rising => write!(f, "{severity} if errors were rising"),
        }
    }
}

/// Judges an incident.
pub fn assess(facts: &Facts, policy: &SeverityPolicy) -> Assessment {
    let (severity, mut reasons) = judge(facts, policy);
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.gives()));
    Assessment { severity, reasons, nearest: nearest(facts, policy, severity), facts: facts.clone() }
}

fn judge(facts: &Facts, policy: &SeverityPolicy) -> (Severity, Vec<Reason>) {
    let mut reasons: Vec<Reason> = [
        users(facts, policy),
        share(facts, policy),
        rate(facts, policy),
        first(policy, |at| at.services, |from| facts.services >= from)
            .map(|(gives, from)| Reason::Services { services: facts.services, from, gives }),
    ]
    .into_iter()
    .flatten()
    .collect();
    reasons.extend(facts.touches.iter().map(|(what, pattern)| {
        let gives = match what {
            Touch::Money => policy.money,
            Touch::Security => policy.security,
        };
        Reason::Touches { what: *what, pattern: pattern.clone(), gives }
    }));
    reasons.retain(|reason| reason.gives() > Severity::Sev4);
    let still = reasons.iter().map(Reason::gives).max().unwrap_or(Severity::Sev4);
    if facts.trend == Some(Trend::Rising) && still < policy.rising {
        let gives = still.worse();
        reasons.push(Reason::Rising { gives });
        return (gives, reasons);
    }
    (still, reasons)
}

fn users(facts: &Facts, policy: &SeverityPolicy) -> Option<Reason> {
    let users = facts.users?;
    let (gives, from) = first(policy, |at| at.users, |from| users >= from)?;
    Some(Reason::Users { users, from, gives })
}

fn share(facts: &Facts, policy: &SeverityPolicy) -> Option<Reason> {
    let (users, of) = (facts.users?, facts.active_users.filter(|of| *of > 0)?);
    let enough = |from: u32| users >= users_for(from, of, policy);
    let (gives, from) = first(policy, |at| at.share, enough)?;
    Some(Reason::Share { users, of, from, gives })
}

fn rate(facts: &Facts, policy: &SeverityPolicy) -> Option<Reason> {
    let (events, usual) = (facts.events?, facts.usual?);
    let (gives, from) = first(policy, |at| at.rate, |from| events >= events_for(from, usual, policy))?;
    Some(Reason::Rate { events, usual, from, gives })
}

/// The worst severity whose threshold is reached, and the threshold.
fn first<T: Copy>(
    policy: &SeverityPolicy,
    of: impl Fn(&Thresholds) -> Option<T>,
    reached: impl Fn(T) -> bool,
) -> Option<(Severity, T)> {
    policy.levels().into_iter().find_map(|(severity, at)| {
        let from = of(at).filter(|from| reached(*from))?;
        Some((severity, from))
    })
}

/// The least number of users that are `percent` of all.
fn users_for(percent: u32, of: u64, policy: &SeverityPolicy) -> u64 {
    let least = (u128::from(of) * u128::from(percent)).div_ceil(100);
    u64::try_from(least).unwrap_or(u64::MAX).max(policy.least_users)
}

/// The least number of errors that are `times` what is usual.
fn events_for(times: u32, usual: Usual, policy: &SeverityPolicy) -> u64 {
    let windows = u128::from(usual.windows.max(1));
    let least = (u128::from(usual.events).max(windows) * u128::from(times)).div_ceil(windows);
    u64::try_from(least).unwrap_or(u64::MAX).max(policy.least_events)
}

/// The change that is nearest to the facts: the one of which most is there already. What is not counted is as far away
/// as a count of nothing, and comes after it.
fn nearest(facts: &Facts, policy: &SeverityPolicy, severity: Severity) -> Option<Nearest> {
    let thresholds = policy.levels().map(|(_, at)| *at);
    let numbers =
        |of: &dyn Fn(&Thresholds) -> Option<u64>| thresholds.iter().filter_map(of).collect::<Vec<u64>>();
    let mut found: Vec<(u64, u64, Nearest)> = Vec::new();
    if let Some(from) = facts.users {
        let of = facts.active_users.filter(|of| *of > 0);
        let mut at = numbers(&|at| at.users);
        at.extend(of.iter().flat_map(|of| numbers(&|at| Some(users_for(at.share?, *of, policy)))));
        let with = |to| Facts { users: Some(to), ..facts.clone() };
        found.extend(
            least(from, at, policy, severity, with).map(|(to, severity)| {
                (from, to, Nearest { severity, change: Change::Users { from, to, of } })
            }),
        );
    }
    if let (Some(from), Some(usual)) = (facts.events, facts.usual) {
        let at = numbers(&|at| Some(events_for(at.rate?, usual, policy)));
        let with = |to| Facts { events: Some(to), ..facts.clone() };
        found.extend(
            least(from, at, policy, severity, with)
                .map(|(to, severity)| (from, to, Nearest { severity, change: Change::Events { from, to } })),
        );
    }
    let from = u64::from(facts.services);
    let narrow = |to| u32::try_from(to).unwrap_or(u32::MAX);
    let with = |to| Facts { services: narrow(to), ..facts.clone() };
    let at = numbers(&|at| at.services.map(u64::from));
    found.extend(least(from, at, policy, severity, with).map(|(to, severity)| {
        (from, to, Nearest { severity, change: Change::Services { from: facts.services, to: narrow(to) } })
    }));
    // a/b > c/d is a·d > c·b; the first of equals stays.
    let nearer = |a: &(u64, u64, Nearest), b: &(u64, u64, Nearest)| {
        (u128::from(b.0) * u128::from(a.1)).cmp(&(u128::from(a.0) * u128::from(b.1)))
    };
    found.into_iter().min_by(nearer).map(|(_, _, nearest)| nearest).or_else(|| other(facts, policy, severity))
}

/// The least value beyond `from` that makes it worse.
fn least(
    from: u64,
    mut at: Vec<u64>,
    policy: &SeverityPolicy,
    severity: Severity,
    with: impl Fn(u64) -> Facts,
) -> Option<(u64, Severity)> {
    at.sort_unstable();
    at.into_iter().filter(|to| *to > from).find_map(|to| {
        let then = judge(&with(to), policy).0;
        (then > severity).then_some((to, then))
    })
}

/// A change of what is not counted.
fn other(facts: &Facts, policy: &SeverityPolicy, severity: Severity) -> Option<Nearest> {
    let touching = |what| {
        let mut touched = facts.clone();
        touched.touches.insert(what, String::new());
        (touched, Change::Touches { what })
    };
    let rising = (Facts { trend: Some(Trend::Rising), ..facts.clone() }, Change::Rising);
    [rising, touching(Touch::Money), touching(Touch::Security)].into_iter().find_map(|(then, change)| {
        let then = judge(&then, policy).0;
        (then > severity).then_some(Nearest { severity: then, change })
    })
}

/// A share in percent, with one digit below one.
fn percent(part: u64, of: u64) -> String {
    let percent = part as f64 * 100.0 / of.max(1) as f64;
    if percent < 10.0 { format!("{percent:.1}") } else { format!("{percent:.0}") }
}

fn mean(usual: Usual) -> String {
    let mean = usual.events as f64 / f64::from(usual.windows.max(1));
    if mean < 10.0 { format!("{mean:.1}") } else { format!("{mean:.0}") }
}
