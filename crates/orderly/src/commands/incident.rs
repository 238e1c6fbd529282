//! `orderly incident`: from a declaration to a resolution.
//!
//! Reading order: [`run`] -> `desk` (adapters, and who tells) -> `told` (for people); `tell`: people are told; `import`: what
//! others recorded; `mitigation`: what ends its impact; `review` and `actions`: what follows its end; `record` and `replay`: the
//! same again, for practice.

mod actions;
mod approval;
pub(super) mod desk;
mod import;
mod investigate;
mod mitigation;
mod record;
mod replay;
mod report;
mod review;
mod tell;
mod told;

use crate::cli::Global;
use crate::cli::incident::{
    Add, Assign, Comms, Declare, Handoff, Incident, IncidentWhat, Kind as NoteWord, List, Note, Rate, Show,
    Timeline,
};
use crate::commands::ask;
use crate::failure::{Failure, Kind};
use crate::output::printer::{Format, Printer};
use desk::Desk;
use orderly_core::incident::{Draft, IncidentKey, IncidentView, Log, NoteKind, Phase, Role, What};
use orderly_core::untrusted::Untrusted;
use orderly_engine::incident::{Declaration, Gaps, Told};
use serde_json::json;
use std::process::ExitCode;

/// Runs it.
pub async fn run(global: &Global, incident: Incident, printer: Printer) -> Result<ExitCode, Failure> {
    match incident.what {
        IncidentWhat::Declare(it) => declare(&Desk::open(global, &it.telling).await?, it, printer).await,
        IncidentWhat::List(it) => list(&Desk::look(global, &it.looking).await?, &it, printer).await,
        IncidentWhat::Show(it) => show(&Desk::look(global, &it.looking).await?, &it, printer).await,
        IncidentWhat::Timeline(it) => timeline(&Desk::look(global, &it.looking).await?, &it, printer).await,
        IncidentWhat::Add(it) => add(&Desk::open(global, &it.of.telling).await?, &it, printer).await,
        IncidentWhat::Assign(it) => assign(&Desk::open(global, &it.of.telling).await?, &it, printer).await,
        IncidentWhat::Handoff(it) => handoff(&Desk::open(global, &it.of.telling).await?, it, printer).await,
        IncidentWhat::Severity(it) => severity(&Desk::open(global, &it.of.telling).await?, it, printer).await,
        IncidentWhat::Note(it) => note(&Desk::open(global, &it.of.telling).await?, it, printer).await,
        IncidentWhat::Comms(it) => comms(&Desk::open(global, &it.of.telling).await?, &it, printer).await,
        IncidentWhat::Tell(it) => tell::tell(&Desk::open(global, &it.of.telling).await?, &it, printer).await,
        IncidentWhat::Import(it) => {
            import::import(&Desk::look(global, &it.looking).await?, &it, printer).await
        }
        IncidentWhat::Learn(it) => {
            review::learn(&Desk::open(global, &it.of.telling).await?, it, printer).await
        }
        IncidentWhat::Action(it) => {
            actions::plan(&Desk::open(global, &it.of.telling).await?, it, printer).await
        }
        IncidentWhat::Actions(it) => {
            actions::actions(&Desk::look(global, &it.looking).await?, &it, printer).await
        }
        IncidentWhat::Close(it) => {
            actions::close(&Desk::open(global, &it.of.telling).await?, it, printer).await
        }
        IncidentWhat::File(it) => {
            actions::file(&Desk::open(global, &it.of.telling).await?, it, printer).await
        }
        IncidentWhat::Review(it) => {
            review::review(&Desk::look(global, &it.looking).await?, &it, printer).await
        }
        IncidentWhat::Record(it) => record::run(global, &it, printer).await,
        IncidentWhat::Replay(it) => replay::run(&it, printer).await,
        IncidentWhat::Investigate(it) => investigate::run(global, it, printer).await,
        IncidentWhat::Report(it) => report::run(global, it, printer).await,
        IncidentWhat::Restrict(it) => {
            let what = What::Restricted { why: Untrusted::new(it.text) };
            tell(&Desk::open(global, &it.of.telling).await?, &it.of.incident, what, printer).await
        }
        IncidentWhat::Options(it) => {
            mitigation::options(&Desk::look(global, &it.looking).await?, &it, printer).await
        }
        IncidentWhat::Try(it) => {
            mitigation::try_out(&Desk::open(global, &it.of.telling).await?, &it, printer).await
        }
        IncidentWhat::Tried(it) => {
            mitigation::tried(&Desk::open(global, &it.of.telling).await?, it, printer).await
        }
        IncidentWhat::Undo(it) => {
            mitigation::undo(&Desk::open(global, &it.of.telling).await?, &it, printer).await
        }
        IncidentWhat::Effect(it) => {
            mitigation::effect(&Desk::look(global, &it.looking).await?, &it, printer).await
        }
        IncidentWhat::Mitigate(it) => {
            let what = What::Mitigated { how: Untrusted::new(it.text) };
            tell(&Desk::open(global, &it.of.telling).await?, &it.of.incident, what, printer).await
        }
        IncidentWhat::Resolve(it) => {
            let what = What::Resolved { how: Untrusted::new(it.text) };
            tell(&Desk::open(global, &it.of.telling).await?, &it.of.incident, what, printer).await
        }
    }
}

async fn declare(desk: &Desk, declare: Declare, printer: Printer) -> Result<ExitCode, Failure> {
    if declare.issues.is_empty() && declare.title.is_none() {
        return Err(Failure::new(Kind::Usage, "an incident needs an issue, or a title").hint(
            "`orderly incident declare BACKEND-3F` declares it over an issue, --title names what has none yet",
        ));
    }
    let issues = desk.issues(declare.issues)?;
    let declaration = Declaration { title: declare.title, issues, author: desk.author()? };
    desk.done(desk.job().declare(declaration).await, printer).await
}

async fn list(desk: &Desk, list: &List, printer: Printer) -> Result<ExitCode, Failure> {
    let all = desk.closed(desk.job().logs().await).await?;
    let shown = all.iter().map(Log::incident).filter(|incident| list.all || incident.phase() == Phase::Open);
    let views: Vec<IncidentView> = shown.map(|incident| desk.view(incident)).collect();
    match printer.format() {
        Format::Json => printer.json(&json!({"incidents": views}))?,
        Format::Text => printer.data(&told::list(&views, all.len(), printer.style()))?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn show(desk: &Desk, show: &Show, printer: Printer) -> Result<ExitCode, Failure> {
    let log = desk.log(&show.incident).await?;
    desk.tell(&log, &Gaps::default(), printer)
}

async fn timeline(desk: &Desk, asked: &Timeline, printer: Printer) -> Result<ExitCode, Failure> {
    let log = desk.log(&asked.incident).await?;
    let listener = asked.hearing.audience();
    match printer.format() {
        Format::Json => {
            let view = desk.view(log.incident()).heard_by(listener);
            let timeline = log.timeline(desk.scrubber(), listener);
            let withheld = log.entries().len() - timeline.len();
            printer.json(&json!({"incident": view, "timeline": timeline, "withheld": withheld}))?;
        }
        Format::Text => printer.data(&log.markdown(desk.scrubber(), listener))?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn add(desk: &Desk, add: &Add, printer: Printer) -> Result<ExitCode, Failure> {
    let key = desk.key(&add.of.incident)?;
    let name = desk.issue(&add.issue)?;
    let author = desk.author()?;
    desk.done(desk.job().add(&key, (&add.issue, &name), author).await, printer).await
}

async fn assign(desk: &Desk, assign: &Assign, printer: Printer) -> Result<ExitCode, Failure> {
    let key = desk.key(&assign.of.incident)?;
    let author = desk.author()?;
    if let Ok(role) = assign.what.parse::<Role>() {
        let to = desk::or(desk.job().who(&assign.to).await)?;
        return record(desk, &key, What::Appointed { role, to, brief: None }, None, printer).await;
    }
    let name = desk
        .issue(&assign.what)
        .map_err(|failure| failure.hint("or a role: commander, operations, communications or scribe"))?;
    let log = desk::or(desk.job().log(&key).await)?;
    let issue = desk::issue_of(&log, &assign.what, &name)?;
    let to = desk::or(desk.job().who(&assign.to).await)?;
    let question = format!("Assign {} to {} in Sentry?", issue.short_id, told::name(&to.called()));
    if !assign.yes && !ask::yes(&question)? {
        return Err(Failure::new(
            Kind::Refused,
            format!("{} was not assigned: nobody confirmed it", issue.short_id),
        )
        .hint("confirm at the terminal, or with --yes"));
    }
    let log = desk.closed(desk.job().assign(&key, issue.id, &to, author).await).await?;
    desk.tell(&log, &Gaps::default(), printer)?;
    match log.incident().not_assigned(issue.id) {
        Some(cause) => Err(desk::unread("the issue could not be assigned in Sentry", cause)),
        None => Ok(ExitCode::SUCCESS),
    }
}

async fn handoff(desk: &Desk, handoff: Handoff, printer: Printer) -> Result<ExitCode, Failure> {
    let key = desk.key(&handoff.of.incident)?;
    let role: Role = handoff.role.parse().map_err(|error| {
        Failure::new(Kind::Usage, format!("`{}` is no role", handoff.role)).because(&error)
    })?;
    let to = desk::or(desk.job().who(&handoff.to).await)?;
    let brief = Some(Untrusted::new(handoff.brief));
    record(desk, &key, What::Appointed { role, to, brief }, None, printer).await
}

async fn severity(desk: &Desk, rate: Rate, printer: Printer) -> Result<ExitCode, Failure> {
    let key = desk.key(&rate.of.incident)?;
    let Some((severity, why)) = rate.severity.zip(rate.why) else {
        return desk.done(desk.job().assess(&key).await, printer).await;
    };
    record(desk, &key, What::Rated { severity, why: Untrusted::new(why) }, None, printer).await
}

async fn note(desk: &Desk, note: Note, printer: Printer) -> Result<ExitCode, Failure> {
    let key = desk.key(&note.of.incident)?;
    let kind = match note.kind {
        NoteWord::Fact => NoteKind::Fact,
        NoteWord::Hypothesis => NoteKind::Hypothesis,
        NoteWord::Decision => NoteKind::Decision,
        NoteWord::Action => NoteKind::Action,
        NoteWord::Communication => NoteKind::Communication,
    };
    let what = What::Noted { kind, text: Untrusted::new(note.text) };
    record(desk, &key, what, note.source, printer).await
}

async fn comms(desk: &Desk, comms: &Comms, printer: Printer) -> Result<ExitCode, Failure> {
    let key = desk.key(&comms.of.incident)?;
    let log = desk::or(desk.job().log(&key).await)?;
    let draft = if comms.restricted { Draft::whole } else { Draft::of };
    let draft = draft(log.incident(), desk.clock(), desk.scrubber(), desk.now());
    let digest = draft.digest();
    let Some(given) = &comms.given else {
        match printer.format() {
            Format::Json => {
                printer.json(&json!({"draft": draft, "markdown": draft.markdown(), "digest": digest}))?;
            }
            Format::Text => printer.data(&draft.markdown())?,
        }
        printer.note(&format!(
            "once people were told: orderly incident comms {key} --given {}",
            desk::shown(&digest)
        ));
        return Ok(ExitCode::SUCCESS);
    };
    if !desk::names(given, &digest) {
        return Err(Failure::new(
            Kind::Refused,
            format!("the draft of {key} is no longer the one with digest {given}"),
        )
        .hint(format!("`orderly incident comms {key}` shows the one there is now")));
    }
    record(desk, &key, draft.told(), None, printer).await
}

async fn tell(desk: &Desk, incident: &str, what: What, printer: Printer) -> Result<ExitCode, Failure> {
    record(desk, &desk.key(incident)?, what, None, printer).await
}

/// Writes down what happened, for which nothing has to be counted, and shows how the incident stands then.
async fn record(
    desk: &Desk,
    key: &IncidentKey,
    what: What,
    source: Option<String>,
    printer: Printer,
) -> Result<ExitCode, Failure> {
    let told = Told { author: desk.author()?, source, what };
    let log = desk.job().tell(key, told).await;
    desk.done(log.map(|log| (log, Gaps::default())), printer).await
}
