//! Incidents in words, for people at a terminal.

use crate::output::style::Style;
use crate::output::table::table;
use orderly_core::encode::terminal;
use orderly_core::incident::severity::Severity;
use orderly_core::incident::{Audience, DutyView, IncidentView, Role, Standing};
use orderly_core::untrusted::Untrusted;

/// A name that came from outside, on one line.
pub(super) fn name(text: &str) -> String {
    terminal::line(&Untrusted::from(text))
}

/// All of them.
pub(super) fn list(views: &[IncidentView], all: usize, style: Style) -> String {
    if views.is_empty() {
        let over = if all > 0 { format!(" {all} are over: --all lists them.") } else { String::new() };
        return format!("No incident is open.{over}");
    }
    let rows = views.iter().map(|view| {
        let commander = view
            .roles
            .iter()
            .filter(|role| role.role == Role::Commander)
            .find_map(|role| role.holder.clone())
            .unwrap_or_else(|| "nobody".to_owned());
        let state = if view.resolved_at.is_some() { "resolved" } else { "open" };
        let overdue: Vec<String> = view.overdue().map(|duty| duty.text.clone()).collect();
        vec![
            view.id.clone(),
            view.severity.to_string(),
            state.to_owned(),
            view.declared_at.strftime("%F %R UTC").to_string(),
            commander,
            view.title.clone(),
            if overdue.is_empty() { String::new() } else { style.bad(&overdue.join(", ")) },
        ]
    });
    table(&["Incident", "Severity", "State", "Declared", "Led by", "What", "Overdue"], rows)
}

/// One of them.
pub(super) fn incident(view: &IncidentView, style: Style) -> String {
    let mut text = format!("{} {} {}\n", style.strong(&view.id), severity(view.severity, style), view.title);
    let mut line = |words: String| {
        text.push_str(&words);
        text.push('\n');
    };
    line(format!("declared {}", view.declared_at.strftime("%F %T UTC")));
    if view.audience == Audience::Restricted {
        line(style.warn("restricted: details are for its own channel"));
    }
    if let Some(at) = view.mitigated_at {
        line(format!("mitigated {}", at.strftime("%F %T UTC")));
    }
    if let Some(at) = view.resolved_at {
        line(style.good(&format!("resolved {}", at.strftime("%F %T UTC"))));
    }
    for reason in &view.reasons {
        line(format!("  because {reason}"));
    }
    match (&view.nearest, view.assessed_at) {
        (Some(nearest), _) => line(style.dim(&format!("  {nearest}"))),
        (None, None) => line(style.dim("  nobody has judged it yet; it is taken for the worst")),
        (None, Some(_)) => {}
    }
    line(String::new());
    for role in &view.roles {
        let holder = role.holder.clone().unwrap_or_else(|| "nobody".to_owned());
        line(format!("{:<24}{holder}", role.role.title()));
    }
    for issue in &view.issues {
        let kind = issue.error_type.as_deref().map(|kind| format!(" ({kind})")).unwrap_or_default();
        let owner = issue.owner.clone().unwrap_or_else(|| "nobody".to_owned());
        let pending = issue.pending.as_deref().map(|pending| format!("; {pending}")).unwrap_or_default();
        line(format!("{:<24}{owner}{pending}", format!("{}{kind}", issue.short_id)));
    }
    if let Some(breach) = &view.breach {
        line(style.bad(&format!("\n{breach}")));
    }
    for at in &view.told {
        match &at.problem {
            Some(problem) => line(style.bad(&format!("told {}: {problem}", at.place))),
            None => line(style.dim(&format!("told {}", at.place))),
        }
    }
    let open: Vec<String> = view.duties.iter().filter_map(|duty| open(duty, style)).collect();
    if !open.is_empty() {
        line(String::new());
        line(open.join("\n"));
    }
    text
}

/// What has to be done, and when; `None` once it is.
fn open(duty: &DutyView, style: Style) -> Option<String> {
    let due = duty.due.strftime("%R UTC");
    match duty.standing {
        Standing::Due { left } => Some(format!("due {due} (in {left}): {}", duty.text)),
        Standing::Overdue { by } => Some(style.bad(&format!("OVERDUE since {due} ({by}): {}", duty.text))),
        Standing::Done { .. } | Standing::Missed => None,
    }
}

fn severity(severity: Severity, style: Style) -> String {
    match severity {
        Severity::Sev1 => style.bad(severity.word()),
        Severity::Sev2 => style.warn(severity.word()),
        Severity::Sev3 | Severity::Sev4 => severity.word().to_owned(),
    }
}
