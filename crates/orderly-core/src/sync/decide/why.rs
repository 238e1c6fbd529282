//! Why an issue qualified, in sentences that name their evidence. No word of them comes from an event.

use crate::sync::snapshot::{Candidate, Signal};
use crate::time::Seconds;

/// One sentence a reason.
pub(super) fn qualified(candidate: &Candidate, window: Seconds) -> Vec<String> {
    let mut reasons: Vec<String> = candidate.signals.iter().map(|signal| reason(*signal)).collect();
    if candidate.memory.open_intent.is_some() {
        reasons.push("An earlier run began to create its item (kept in the ledger)".to_owned());
    }
    reasons.push(impact(candidate.issue.events, candidate.issue.users, window));
    reasons
}

fn reason(signal: Signal) -> String {
    let what = match signal {
        Signal::Regressed => "Regressed: it was resolved and came back",
        Signal::Escalating => "Escalating: far more events than its forecast",
        Signal::HighPriority => "High priority in Sentry",
        Signal::ForReview => "For review: new or changed, and nobody has looked yet",
    };
    format!("{what} (search `{}`)", signal.query())
}

/// `1,204 events and 87 users in 24h`.
pub(crate) fn impact(events: u64, users: u64, window: Seconds) -> String {
    let plural = |n: u64, word: &str| format!("{} {word}{}", grouped(n), if n == 1 { "" } else { "s" });
    format!("{} and {} in {window}", plural(events, "event"), plural(users, "user"))
}

/// Thousands separated by commas.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let first = digits.len() % 3;
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % 3 == first {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
