//! One issue: what Sentry says of it, its latest crash in few lines, and the code behind it.

use super::desk::OrderlyDesk;
use super::look::{client, metadata, saw};
use crate::commands::locate;
use orderly_connect::git::Git;
use orderly_core::brief;
use orderly_core::locate::Location;
use orderly_core::triage::IssueName;
use orderly_engine::locate::LocateJob;
use orderly_engine::ports::crash::CrashRead;
use orderly_serve::mcp::{Answer, Refusal};
use serde_json::{Value, json};

/// Suspected files that are told.
const SUSPECTS: usize = 3;

/// `sentry_get_issue_details`
pub(super) async fn of(desk: &OrderlyDesk, name: &str) -> Result<Answer, Refusal> {
    let sentry = client(desk).await?;
    let site = CrashRead::site(&sentry);
    let name = IssueName::parse(name, &site)
        .map_err(|error| Refusal::new(error.to_string()).hint("`sentry_search_issues` finds issues"))?;
    let window = desk.config.settings.triage.window;
    let issue = saw(sentry.named(&name, window).await)?
        .ok_or_else(|| Refusal::new("no issue has this name").hint("`sentry_search_issues` finds issues"))?;
    let evidence = saw(sentry.latest_crash(issue.id).await)?;
    let mut answer = Answer {
        summary: format!("{}: {} events, {} users in {window}.", issue.short_id, issue.events, issue.users),
        sentry: metadata(&issue, &site.permalink(issue.id)),
        event: brief::crash(&issue.title, &evidence, &desk.scrubber),
        ..Answer::default()
    };
    answer.sentry.insert("crashed_at".to_owned(), json!(evidence.at));
    match Git::open(&desk.config.dir).await {
        Ok(git) => {
            let maps = locate::maps(&desk.config);
            let job = LocateJob {
                sentry: &sentry,
                code: &git,
                maps: &maps,
                mappings: &desk.config.settings.code_mappings,
                window,
            };
            if let Ok(location) = job.of_evidence(issue.id, &issue.short_id, &evidence).await {
                code(&location, &mut answer);
            }
        }
        Err(_) => {
            answer.tool.insert("code".to_owned(), json!("no repository here to look into"));
        }
    }
    Ok(answer)
}

/// Names of tracked files and commits are the repository's own.
fn code(location: &Location, answer: &mut Answer) {
    let frames: Vec<Value> = location
        .frames
        .iter()
        .filter_map(|place| {
            let at = place.mapped.found()?;
            let line = at.line.map(|line| format!(":{line}")).unwrap_or_default();
            let presence =
                place.presence.as_ref().map(|presence| format!(" ({presence})")).unwrap_or_default();
            Some(Value::from(format!("{}{line}{presence}", at.path)))
        })
        .collect();
    answer.tool.insert("frames".to_owned(), frames.into());
    let suspects: Vec<Value> = location
        .suspicion
        .suspects
        .iter()
        .take(SUSPECTS)
        .map(|suspect| Value::from(format!("{} {:.0} %", suspect.path, suspect.probability * 100.0)))
        .collect();
    answer.tool.insert("suspects".to_owned(), suspects.into());
    if location.claimed.is_none() {
        answer.tool.insert("suspects_are".to_owned(), json!("too weak to name one"));
    }
}
