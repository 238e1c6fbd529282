//! The commander: how it stands, what is due, what is to be decided next.

use super::report::{Report, Specialist};
use crate::incident::severity::Severity;
use crate::incident::{DutyView, IncidentView, Role, Standing};
use crate::investigate::{Findings, Named};

/// What the commander needs to know now. `found`: what is behind it, if that was looked for.
pub fn commander(incident: &IncidentView, found: Option<&Findings>) -> Report {
    let mut state = vec![format!("{} {}: {}", incident.id, incident.severity, incident.title)];
    state.extend(incident.reasons.iter().map(|reason| format!("because {reason}")));
    state.extend(incident.nearest.clone());
    if let Some(found) = found {
        state.push(found.verdict());
    }
    let roles = incident.roles.iter().map(|role| {
        format!("{}: {}", role.role.title(), role.holder.clone().unwrap_or_else(|| "nobody".to_owned()))
    });
    let owners = incident.issues.iter().map(|issue| {
        format!("{}: {}", issue.short_id, issue.owner.clone().unwrap_or_else(|| "nobody".to_owned()))
    });
    let due = incident.duties.iter().filter_map(due).collect();
    let parts =
        vec![("State", state), ("Due", due), ("Roles", roles.collect()), ("Owners", owners.collect())];
    let next = next_decision(incident, found);
    Report::of(Specialist::Commander, format!("Next: {next}"), parts, incident.as_of)
}

fn due(duty: &DutyView) -> Option<String> {
    match duty.standing {
        Standing::Due { left } => Some(format!("in {left}: {}", duty.text)),
        Standing::Overdue { by } => Some(format!("overdue by {by}: {}", duty.text)),
        Standing::Done { .. } | Standing::Missed => None,
    }
}

/// What comes first: somebody who leads, rules that hold, people who know, an end to the impact, proof of the end.
fn next_decision(incident: &IncidentView, found: Option<&Findings>) -> String {
    let vacant = incident.roles.iter().any(|role| role.role == Role::Commander && role.holder.is_none());
    if incident.resolved_at.is_some() {
        return "it is resolved; review it".to_owned();
    }
    if vacant {
        return "somebody has to lead: assign the commander".to_owned();
    }
    if let Some(breach) = &incident.breach {
        return breach.clone();
    }
    if incident.facts.is_none() {
        return "judge how far it reaches: `orderly incident severity`".to_owned();
    }
    if let Some(overdue) = incident.overdue().next() {
        return format!("{} (overdue)", overdue.text);
    }
    if incident.mitigated_at.is_some() {
        return "decide whether the mitigation holds; then resolve it, or take the next option".to_owned();
    }
    let Some(found) = found else {
        return "find out what is behind it: `orderly incident investigate`".to_owned();
    };
    let first = found.changes.first();
    match (found.named, first) {
        (Named::Change, Some(change)) => {
            let take_back = if change.kind == "flag" { "switch back" } else { "roll back" };
            format!("decide whether to {take_back} the {} {}", change.kind, change.what)
        }
        (Named::Attack, _) => "decide whether to block the sources".to_owned(),
        (Named::NoRise, _) => "decide whether this is an incident: the rate did not rise".to_owned(),
        _ if incident.severity >= Severity::Sev2 => {
            "no change is to be taken back: decide how to limit the impact while the leading hypothesis is tested"
                .to_owned()
        }
        _ => "decide who tests the leading hypothesis".to_owned(),
    }
}
