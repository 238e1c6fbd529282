//! The error analyst: what fails in which pattern, and what may be behind it.

use super::report::{Report, Specialist};
use crate::investigate::Findings;
use crate::investigate::page::percent;

/// What the errors show.
pub fn errors(found: &Findings) -> Report {
    let all: u64 = found.issues.iter().map(|issue| issue.events).sum();
    let patterns = found.issues.iter().map(|issue| {
        let part = 100.0 * issue.events as f64 / all.max(1) as f64;
        let age = if issue.new {
            "new with the rise".to_owned()
        } else {
            format!("first seen {}", issue.first_seen.strftime("%F"))
        };
        let frame = issue.frame.as_ref().map(|frame| format!(", in {frame}")).unwrap_or_default();
        format!(
            "{}: {} events ({part:.0} %), {:.1} a minute, {} users, {age}{frame}: {}",
            issue.short_id, issue.events, issue.per_minute, issue.users, issue.title
        )
    });
    let tags = found.lifts.iter().map(|lift| {
        format!(
            "{} is {} in {:.0} % of the errors, {:.1} times as often as usual",
            lift.key,
            lift.value,
            100.0 * lift.share,
            lift.lift.value
        )
    });
    let elsewhere = found.joins.iter().map(|join| {
        let issue = join.issue.as_ref().map(|issue| format!(" {issue}")).unwrap_or_default();
        format!("{}{issue}: {}", join.project, join.key)
    });
    let hypotheses = found.hypotheses.iter().map(|hypothesis| {
        let mut text = format!("{}: {}", percent(hypothesis.probability), hypothesis.text);
        if !hypothesis.evidence.is_empty() {
            text.push_str(&format!("; for: {}", hypothesis.evidence.join(", ")));
        }
        if !hypothesis.against.is_empty() {
            text.push_str(&format!("; against: {}", hypothesis.against.join(", ")));
        }
        text
    });
    let gaps = found.gaps.iter().map(|(what, cause)| format!("{what}: {cause}"));
    let parts = vec![
        ("Patterns", patterns.collect()),
        ("Hypotheses", hypotheses.collect()),
        ("More often than usual", tags.collect()),
        ("In other projects", elsewhere.collect()),
        ("Not looked at", gaps.collect()),
    ];
    Report::of(Specialist::Errors, found.verdict(), parts, found.window.until)
}
