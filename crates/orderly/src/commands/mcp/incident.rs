//! Incidents: how they stand, and writing into them as an agent: a preview keeps the entry, and applying takes its digest.

use super::desk::{OrderlyDesk, refusal};
use super::plans;
use crate::clock::SystemClock;
use crate::commands::incident::desk::{Desk, issue_of, or};
use crate::failure::{Failure, Kind};
use crate::ledger;
use orderly_core::encode::terminal;
use orderly_core::incident::{
    Audience, Author, IncidentPlan, IncidentView, Log, NoteKind, Phase, Role, Standing, TimelineView, What,
};
use orderly_core::untrusted::Untrusted;
use orderly_engine::incident::{Declaration, Foreseen, Gaps, Wish};
use orderly_engine::ports::clock::Clock as _;
use orderly_serve::mcp::{
    Answer, Consent, IncidentList, IncidentPreview, IncidentShow, Kept, List, NoteKind as Word, Origin,
    Outcome, Refusal,
};
use serde_json::{Map, Value, json};

/// How the addresses of pages begin.
pub(super) const PAGES: &str = "orderly://incidents/";
/// Characters of a title: that many are shown everywhere.
const TITLE: usize = 120;
/// Characters of any other text: what a person approves, they can read.
const TEXT: usize = 1_000;

/// `incident_list`
pub(super) async fn list(desk: &OrderlyDesk, wanted: &IncidentList) -> Result<Answer, Refusal> {
    let at = open(desk).await?;
    let logs = at.closed(at.job().logs().await).await.map_err(|failure| refusal(&failure))?;
    let all = wanted.all == Some(true);
    let shown = logs.iter().map(Log::incident).filter(|incident| all || incident.phase() == Phase::Open);
    let views: Vec<IncidentView> = shown.map(|incident| at.view(incident)).collect();
    let open = views.iter().filter(|view| view.resolved_at.is_none()).count();
    let over = logs.iter().filter(|log| log.incident().phase() != Phase::Open).count();
    let mut answer = Answer { summary: format!("{open} open, {over} over."), ..Answer::default() };
    let rows: Vec<Value> = views
        .iter()
        .map(|view| {
            let overdue: Vec<&str> = view.overdue().map(|duty| duty.text.as_str()).collect();
            json!({"incident": view.id, "state": state(view), "severity": view.severity,
                "declared_at": view.declared_at, "overdue": overdue})
        })
        .collect();
    answer.lists.push(List { origin: Origin::Tool, name: "incidents", rows });
    set(&mut answer.tool, "over", json!(over));
    let led: Map<String, Value> = views
        .iter()
        .filter_map(|view| Some((view.id.clone(), json!(holder(view, Role::Commander)?))))
        .collect();
    set(&mut answer.sentry, "led_by", led.into());
    answer.event = views.iter().map(|view| format!("{} title: {}", view.id, view.title)).collect();
    Ok(answer)
}

/// `incident_show`
pub(super) async fn show(desk: &OrderlyDesk, wanted: &IncidentShow) -> Result<Answer, Refusal> {
    let at = open(desk).await?;
    let log = at.log(&wanted.incident).await.map_err(|failure| refusal(&failure))?;
    // What an agent reads leaves the house.
    let view = at.view(log.incident()).heard_by(Audience::Open);
    let mut answer = stands(&view);
    let tool = &mut answer.tool;
    set(tool, "reasons", json!(view.reasons));
    if let Some(nearest) = &view.nearest {
        set(tool, "nearest", json!(nearest));
    }
    if let Some(facts) = &view.facts {
        set(tool, "facts", json!(facts));
    }
    set(tool, "declared_at", json!(view.declared_at));
    let due: Vec<Value> = view
        .duties
        .iter()
        .filter_map(|duty| {
            let overdue = match duty.standing {
                Standing::Due { .. } => false,
                Standing::Overdue { .. } => true,
                Standing::Done { .. } | Standing::Missed => return None,
            };
            Some(json!({"text": duty.text, "due": duty.due, "overdue": overdue}))
        })
        .collect();
    set(tool, "due", due.into());
    let roles: Map<String, Value> =
        view.roles.iter().map(|role| (role.role.word().to_owned(), json!(role.holder))).collect();
    set(&mut answer.sentry, "roles", roles.into());
    let issues: Vec<Value> = view
        .issues
        .iter()
        .map(|issue| {
            let mut row = json!({"short_id": issue.short_id, "project": issue.project, "owner": issue.owner});
            if let Some(pending) = &issue.pending {
                row["pending"] = json!(pending);
            }
            row
        })
        .collect();
    set(&mut answer.sentry, "issues", issues.into());
    answer.event.push(format!("title: {}", view.title));
    let kinds = view.issues.iter().filter_map(|issue| Some((&issue.short_id, issue.error_type.as_ref()?)));
    answer.event.extend(kinds.map(|(name, kind)| format!("{name} is a {kind}")));
    answer.event.extend(log.timeline(at.scrubber(), Audience::Open).iter().map(line));
    Ok(answer)
}

/// `incident_preview`
pub(super) async fn preview(desk: &OrderlyDesk, wanted: IncidentPreview) -> Result<Answer, Refusal> {
    let at = open(desk).await?;
    let worked_out = work_out(&at, wanted).await.map_err(|failure| refusal(&failure))?;
    let (plan, gaps) = at.closed(Ok(worked_out)).await.map_err(|failure| refusal(&failure))?;
    let mut answer = Answer::default();
    tell_gaps(&mut answer, &gaps);
    let Some((plan, log)) = plan else {
        answer.summary = "There is nothing to write: the numbers say what they said before.".to_owned();
        return Ok(answer);
    };
    let digest = plan.digest();
    plans::keep(desk, &digest, &plan)?;
    let view = at.view(log.incident());
    set(&mut answer.tool, "plan_digest", json!(digest));
    if plan.key().is_some() {
        set(&mut answer.tool, "incident", json!(view.id));
    }
    set(&mut answer.tool, "severity", json!(view.severity));
    if let Some(breach) = &view.breach {
        set(&mut answer.tool, "breach", json!(breach));
    }
    if let Some(replaces) = plan.replaces() {
        set(&mut answer.sentry, "replaces", json!(replaces));
    }
    answer.event.push(line(&last(&log, &at)));
    answer.event.extend(draft(&plan));
    answer.summary =
        "Nothing was written. `incident_apply` with `plan_digest` writes exactly this entry.".to_owned();
    Ok(answer)
}

/// `incident_apply`
pub(super) async fn apply(desk: &OrderlyDesk, digest: &str, consent: Consent) -> Result<Outcome, Refusal> {
    let plan = plans::read(desk, "incident_preview", digest, IncidentPlan::digest)?;
    if !previewed_here(&plan) {
        return Err(Refusal::new("no preview gives entries of people").hint("`orderly incident` writes them"));
    }
    let at = open(desk).await?;
    if consent == Consent::NotAsked && desk.asks_a_person() {
        let foreseen = at.job().foresee(&plan, at.scrubber()).await;
        return Ok(match at.closed(foreseen).await.map_err(|failure| refusal(&failure))? {
            Foreseen::Due(log) => Outcome::Ask(question(&plan, &last(&log, &at))),
            // It was approved before.
            Foreseen::Written(log) => Outcome::Done(stands(&at.view(log.incident()))),
        });
    }
    let done = at.job().carry_out(&plan, at.scrubber()).await;
    let (log, gaps) = at.closed(done).await.map_err(|failure| refusal(&failure))?;
    let mut answer = stands(&at.view(log.incident()));
    tell_gaps(&mut answer, &gaps);
    if let What::Assigned { issue, .. } = &plan.entry().what
        && let Some(cause) = log.incident().not_assigned(*issue)
    {
        return Err(Refusal::new(format!(
            "the issue could not be assigned in Sentry: {}",
            terminal::visible(&cause.to_string())
        ))
        .hint("`orderly doctor` checks the token and its scopes"));
    }
    Ok(Outcome::Done(answer))
}

/// A file can be put beside those that previews kept: here nobody writes in the name of a person.
const fn previewed_here(plan: &IncidentPlan) -> bool {
    let entry = plan.entry();
    matches!((&entry.author, &entry.what), (Author::Agent(_), _) | (Author::Orderly, What::Assessed { .. }))
}

/// The pages of all incidents, newest first; none where nobody ever declared one.
pub(super) async fn pages(desk: &OrderlyDesk) -> Vec<Kept> {
    if !ledger::exists(&desk.config) {
        return Vec::new();
    }
    let Ok(at) = open(desk).await else { return Vec::new() };
    let logs = at.closed(at.job().logs().await).await.unwrap_or_default();
    let kept = |log: &Log| {
        let name = format!("{}.md", log.incident().key());
        Kept { uri: format!("{PAGES}{name}"), name, kind: "text/markdown" }
    };
    logs.iter().rev().map(kept).collect()
}

/// One of them: how it is told to people.
pub(super) async fn page(desk: &OrderlyDesk, name: &str) -> Option<String> {
    if !ledger::exists(&desk.config) {
        return None;
    }
    let at = open(desk).await.ok()?;
    let log = at.log(name.strip_suffix(".md")?).await.ok()?;
    Some(log.markdown(at.scrubber(), Audience::Open))
}

async fn open(desk: &OrderlyDesk) -> Result<Desk, Refusal> {
    Desk::over(desk.config.clone(), SystemClock.now()).await.map_err(|failure| refusal(&failure))
}

/// The entry that an action writes, and the log with it.
async fn work_out(
    at: &Desk,
    wanted: IncidentPreview,
) -> Result<(Option<(IncidentPlan, Log)>, Gaps), Failure> {
    let author = at.agent()?;
    let (plan, gaps) = match wanted {
        IncidentPreview::Declare { issues, text } => {
            (Some(declaration(at, issues, text, author).await?), Gaps::default())
        }
        IncidentPreview::Add { incident, what } => {
            let name = at.issue(&what)?;
            planned(at, &incident, Wish::Add(what, name), author, None).await?
        }
        IncidentPreview::Assign { incident, what, to } => {
            let to = or(at.job().who(&to).await)?;
            let what = match what.parse::<Role>() {
                Ok(role) => What::Appointed { role, to, brief: None },
                Err(unknown) => {
                    let name = at.issue(&what).map_err(|failure| failure.because(&unknown))?;
                    let log = or(at.job().log(&at.key(&incident)?).await)?;
                    What::Assigned { issue: issue_of(&log, &what, &name)?.id, to }
                }
            };
            planned(at, &incident, Wish::Tell(what), author, None).await?
        }
        IncidentPreview::Handoff { incident, what, to, text } => {
            let role = what
                .parse()
                .map_err(|unknown| Failure::new(Kind::Usage, "`what` is no role").because(&unknown))?;
            let to = or(at.job().who(&to).await)?;
            let what = What::Appointed { role, to, brief: Some(words(text, TEXT)?) };
            planned(at, &incident, Wish::Tell(what), author, None).await?
        }
        IncidentPreview::Severity { incident, severity: None, text: None } => {
            planned(at, &incident, Wish::Judge, author, None).await?
        }
        IncidentPreview::Severity { incident, severity: Some(severity), text: Some(why) } => {
            let severity = severity
                .parse()
                .map_err(|unnamed| Failure::new(Kind::Usage, "`severity` is none").because(&unnamed))?;
            let what = What::Rated { severity, why: words(why, TEXT)? };
            planned(at, &incident, Wish::Tell(what), author, None).await?
        }
        IncidentPreview::Severity { .. } => {
            return Err(Failure::new(Kind::Usage, "`severity` and its reason in `text` go together"));
        }
        IncidentPreview::Note { incident, kind, text, source } => {
            let kind = match kind {
                Word::Fact => NoteKind::Fact,
                Word::Hypothesis => NoteKind::Hypothesis,
                Word::Decision => NoteKind::Decision,
                Word::Action => NoteKind::Action,
                Word::Communication => NoteKind::Communication,
            };
            let source = source.map(|source| words(source, TEXT)).transpose()?;
            let what = What::Noted { kind, text: words(text, TEXT)? };
            planned(at, &incident, Wish::Tell(what), author, source).await?
        }
        IncidentPreview::Comms { incident } => planned(at, &incident, Wish::Inform, author, None).await?,
        IncidentPreview::Mitigate { incident, text } => {
            let what = What::Mitigated { how: words(text, TEXT)? };
            planned(at, &incident, Wish::Tell(what), author, None).await?
        }
        IncidentPreview::Resolve { incident, text } => {
            let what = What::Resolved { how: words(text, TEXT)? };
            planned(at, &incident, Wish::Tell(what), author, None).await?
        }
    };
    let Some(plan) = plan else { return Ok((None, gaps)) };
    match or(at.job().foresee(&plan, at.scrubber()).await)? {
        Foreseen::Due(log) | Foreseen::Written(log) => Ok((Some((plan, log)), gaps)),
    }
}

async fn declaration(
    at: &Desk,
    named: Vec<String>,
    title: Option<String>,
    author: Author,
) -> Result<IncidentPlan, Failure> {
    if named.is_empty() && title.is_none() {
        return Err(Failure::new(Kind::Usage, "an incident needs `issues`, or a title as `text`"));
    }
    let title = title.map(|title| words(title, TITLE)).transpose()?;
    let issues = at.issues(named)?;
    let declaration = Declaration { title: title.map(|title| title.raw().clone()), issues, author };
    or(at.job().plan_declaration(declaration, Some(source(None))).await)
}

async fn planned(
    at: &Desk,
    incident: &str,
    wish: Wish,
    author: Author,
    rests_on: Option<Untrusted<String>>,
) -> Result<(Option<IncidentPlan>, Gaps), Failure> {
    let key = at.key(incident)?;
    or(at.job().plan(&key, wish, (author, Some(source(rests_on))), at.scrubber()).await)
}

/// Where an entry of an agent came from, and what it says that it rests on.
fn source(rests_on: Option<Untrusted<String>>) -> String {
    match rests_on {
        Some(text) => format!("over MCP: {}", text.raw()),
        None => "over MCP".to_owned(),
    }
}

/// A text that can be shown whole.
fn words(text: String, most: usize) -> Result<Untrusted<String>, Failure> {
    let length = text.chars().count();
    if (1..=most).contains(&length) && !text.trim().is_empty() {
        return Ok(Untrusted::new(text));
    }
    Err(Failure::new(Kind::Usage, format!("a text of {length} characters; 1 to {most} are taken")))
}

/// What a person is asked. It quotes the agent, who may quote an event: on one line, scrubbed, and whole.
fn question(plan: &IncidentPlan, entry: &TimelineView) -> String {
    let place = plan.key().map_or_else(|| "a new incident".to_owned(), |key| key.to_string());
    let mut text = format!("Write into {place}, as {}: {} “{}”?", entry.author, entry.kind, entry.text);
    if matches!(plan.entry().what, What::Assigned { .. }) {
        text.push_str(" The issue is assigned in Sentry.");
    }
    if let Some(replaces) = plan.replaces() {
        text.push_str(&format!(" Until now: {replaces}."));
    }
    if let Some(source) = &entry.source {
        text.push_str(&format!(" Source: “{source}”."));
    }
    for line in draft(plan) {
        text.push_str(&format!("\n{line}"));
    }
    text
}

/// The words that people were told.
fn draft(plan: &IncidentPlan) -> Vec<String> {
    match &plan.entry().what {
        What::Informed { text, .. } => text.raw().lines().map(terminal::visible).collect(),
        _ => Vec::new(),
    }
}

/// The last entry as it is shown.
fn last(log: &Log, at: &Desk) -> TimelineView {
    let sequence = log.last().sequence;
    // Whoever writes or approves it sees it whole.
    let timeline = log.timeline(at.scrubber(), Audience::Restricted);
    let last = timeline.into_iter().find(|entry| entry.sequence == sequence);
    last.expect("a timeline has every entry of its log")
}

/// `2026-11-21T10:02:00Z hypothesis by ana: the pool is full [dashboard db]`
fn line(entry: &TimelineView) -> String {
    let source = entry.source.as_ref().map(|source| format!(" [{source}]")).unwrap_or_default();
    format!("{} {} by {}: {}{source}", entry.at.strftime("%FT%TZ"), entry.kind, entry.author, entry.text)
}

/// What every answer about an incident holds.
fn stands(view: &IncidentView) -> Answer {
    let next = next(view);
    let mut answer = Answer {
        summary: format!("{} {}, {}. Next: {next}.", view.id, view.severity, state(view)),
        ..Answer::default()
    };
    set(&mut answer.tool, "incident", json!(view.id));
    set(&mut answer.tool, "state", json!(state(view)));
    set(&mut answer.tool, "severity", json!(view.severity));
    set(&mut answer.tool, "next", json!(next));
    answer
}

const fn state(view: &IncidentView) -> &'static str {
    match (view.resolved_at, view.mitigated_at) {
        (Some(_), _) => "resolved",
        (None, Some(_)) => "mitigated",
        (None, None) => "open",
    }
}

/// What somebody has to decide or do next.
fn next(view: &IncidentView) -> String {
    if let Some(breach) = &view.breach {
        return breach.clone();
    }
    let open = view.duties.iter().find_map(|duty| match duty.standing {
        Standing::Due { left } => Some(format!("{}, in {left}", duty.text)),
        Standing::Overdue { by } => Some(format!("{}, overdue for {by}", duty.text)),
        Standing::Done { .. } | Standing::Missed => None,
    });
    open.unwrap_or_else(|| "nothing is due".to_owned())
}

fn holder(view: &IncidentView, wanted: Role) -> Option<String> {
    view.roles.iter().find(|role| role.role == wanted)?.holder.clone()
}

fn tell_gaps(answer: &mut Answer, gaps: &Gaps) {
    if !gaps.0.is_empty() {
        let told = gaps.0.iter().map(|(what, cause)| terminal::visible(&format!("{what}: {cause}")));
        set(&mut answer.tool, "gaps", json!(told.collect::<Vec<_>>()));
    }
}

fn set(fields: &mut Map<String, Value>, name: &str, value: Value) {
    fields.insert(name.to_owned(), value);
}
