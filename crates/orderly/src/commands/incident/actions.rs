//! `orderly incident action`, `actions`, `close`, `file`: what is to be done so that it does not come back.

use super::approval::Approval;
use super::desk::{Desk, or, unread};
use super::told;
use crate::cli::incident::{Close, File, List, Plan};
use crate::clients;
use crate::failure::{Failure, Kind};
use crate::output::printer::{Format, Printer};
use crate::output::table::table;
use orderly_core::answer::Looked;
use orderly_core::incident::{Action, ActionView, FilePlan, Filing, Log, Refused, What};
use orderly_core::sync::policy::Mode;
use orderly_core::sync::snapshot::{Creation, ItemState, RepeatedIds, TrackerFacts};
use orderly_core::untrusted::Untrusted;
use orderly_engine::incident::{Became, FilePorts, IncidentError, Told};
use orderly_engine::ports::tracker::TrackerRead as _;
use serde_json::json;
use std::process::ExitCode;

/// `orderly incident action`
pub(super) async fn plan(desk: &Desk, plan: Plan, printer: Printer) -> Result<ExitCode, Failure> {
    let key = desk.key(&plan.of.incident)?;
    let owner = or(desk.job().who(&plan.owner).await)?;
    // Until the end of that day.
    let due = plan.due.at(23, 59, 59, 0).to_zoned(jiff::tz::TimeZone::UTC).map_err(|error| {
        Failure::new(Kind::Usage, format!("{} cannot be a due date", plan.due)).because(&error)
    })?;
    let (text, verify) = (Untrusted::new(plan.text), Untrusted::new(plan.verify));
    let action = Action { text, owner, due: due.timestamp(), verify };
    let told = Told { author: desk.author()?, source: None, what: What::Planned { action } };
    let log = desk.closed(desk.job().tell(&key, told).await).await?;
    tell(desk, &[&log], true, printer)
}

/// `orderly incident close`
pub(super) async fn close(desk: &Desk, close: Close, printer: Printer) -> Result<ExitCode, Failure> {
    let key = desk.key(&close.of.incident)?;
    let author = desk.author()?;
    let evidence = match close.evidence {
        Some(evidence) => Untrusted::new(evidence),
        None => completed(desk, &or(desk.job().log(&key).await)?, close.action).await?,
    };
    let told = Told { author, source: None, what: What::Closed { action: close.action, evidence } };
    let log = desk.closed(desk.job().tell(&key, told).await).await?;
    tell(desk, &[&log], true, printer)
}

/// What the tracker shows of an action that is done; refused while it shows nothing.
async fn completed(desk: &Desk, log: &Log, action: u32) -> Result<Untrusted<String>, Failure> {
    let key = log.incident().key();
    let refused = |why: String| {
        Failure::new(Kind::Refused, format!("action {action} of {key} is not closed: {why}"))
            .hint("--evidence says what shows that it is done: a commit, a test, an address")
    };
    let planned =
        usize::try_from(action).ok().and_then(|number| log.incident().actions().get(number.checked_sub(1)?));
    let filed = match planned.map(|planned| &planned.filing) {
        None => {
            let why = Refused::NoSuchAction { number: action };
            return or(Err(IncidentError::Refused { key: key.clone(), why }));
        }
        Some(Some(Filing::Filed(item))) => item,
        Some(_) => return Err(refused("it has no item in the tracker that could show it".to_owned())),
    };
    match clients::tracker(desk.config())?.item(filed.id).await {
        Looked::Saw(Some(item)) if item.state == ItemState::Completed => {
            let when =
                item.completed_at.map_or_else(String::new, |at| format!(" at {}", at.strftime("%F %R UTC")));
            Ok(Untrusted::new(format!("{} was completed in the tracker{when}", item.key)))
        }
        Looked::Saw(Some(item)) => Err(refused(format!("{} is not completed", item.key))),
        Looked::Saw(None) => Err(refused(format!("{} is gone", filed.key))),
        Looked::CouldNotLook(cause) => Err(unread(&format!("{} could not be read", filed.key), &cause)),
    }
}

/// `orderly incident actions`
pub(super) async fn actions(desk: &Desk, list: &List, printer: Printer) -> Result<ExitCode, Failure> {
    let logs = desk.closed(desk.job().logs().await).await?;
    tell(desk, &logs.iter().collect::<Vec<_>>(), list.all, printer)
}

/// `orderly incident file`
pub(super) async fn file(desk: &Desk, file: File, printer: Printer) -> Result<ExitCode, Failure> {
    let key = desk.key(&file.of.incident)?;
    let author = desk.author()?;
    let log = or(desk.job().log(&key).await)?;
    let settings = &desk.config().settings;
    let team = settings.team()?;
    let tracker = clients::tracker(desk.config())?;
    let facts = match tracker.facts(&team, &[]).await {
        Looked::Saw(facts) => facts,
        Looked::CouldNotLook(cause) => return Err(unread("the tracker could not be asked", &cause)),
    };
    let listener = file.hearing.audience();
    let plan = FilePlan::of(log.incident(), &team, &facts, &settings.policy, (desk.scrubber(), listener));
    if printer.format() == Format::Text {
        printer.data(&planned(&plan))?;
    }
    let mut became = Vec::new();
    if !plan.is_empty() {
        may_create(&facts, settings.policy.mode)?;
        let approval = Approval {
            digest: plan.digest(),
            question: &format!("Create {} in the tracker?", plan.orders.len() + plan.unsettled.len()),
            later: "to file it",
            done: "filed",
            command: &format!("orderly incident file {key}"),
        };
        if approval.is_given(file.approve.as_deref(), printer)? {
            let ports = FilePorts { read: &tracker, file: &tracker };
            became = or(desk.job().file(ports, &key, &plan, &author).await)?;
        }
    }
    desk.close().await;
    let open = became.iter().filter(|(_, became)| !matches!(became, Became::Filed(_))).count();
    for (action, became) in &became {
        printer.note(&told::name(&said(*action, became)));
    }
    if printer.format() == Format::Json {
        let became: Vec<_> = became
            .iter()
            .map(|(action, became)| {
                let item = if let Became::Filed(item) = became { Some(&item.key) } else { None };
                json!({"action": action, "item": item, "text": said(*action, became)})
            })
            .collect();
        printer.json(&json!({"plan": plan, "digest": plan.digest(), "became": became}))?;
    }
    Ok(if open > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// The same conditions under which a sync creates items.
fn may_create(facts: &TrackerFacts, mode: Mode) -> Result<(), Failure> {
    let why = match (&facts.creation, facts.repeated_ids, mode) {
        (Creation::Refused(why), _, _) => why.clone(),
        (_, RepeatedIds::Ignored, _) => {
            "the tracker ignores the ids it is sent, so a lost reply could file an action twice".to_owned()
        }
        (_, _, Mode::LinkOnly | Mode::PrepareOnly) => {
            "`sync.mode` does not let anything be created".to_owned()
        }
        (_, _, Mode::CreateOrLink) => return Ok(()),
    };
    Err(Failure::new(Kind::Refused, format!("items cannot be created: {why}")))
}

fn planned(plan: &FilePlan) -> String {
    let mut parts: Vec<String> = Vec::new();
    if plan.is_empty() {
        parts.push("No action waits for an item.".to_owned());
    }
    for order in &plan.orders {
        parts.push(format!("action {}: {}\n\n{}", order.key.action, order.title, order.body));
    }
    for order in &plan.unsettled {
        let (action, title) = (order.key.action, &order.title);
        parts.push(format!(
            "action {action}: {title}\n\nIt was sent before, and nobody knows whether it is there."
        ));
    }
    if plan.beyond > 0 {
        parts.push(format!("{} more wait: a run may create no more (`sync.max_creates`).", plan.beyond));
    }
    if plan.withheld > 0 {
        parts.push(format!(
            "{} may have been sent with details before it was restricted: --restricted looks for them.",
            plan.withheld
        ));
    }
    parts.join("\n\n")
}

fn said(action: u32, became: &Became) -> String {
    match became {
        Became::Filed(item) => format!("action {action} is {}", item.key),
        Became::NotFiled(why) => format!("action {action} could not be filed: {why}"),
        Became::Unknown(why) => {
            format!("nobody knows whether action {action} was filed ({why}); the next run looks first")
        }
    }
}

fn tell(desk: &Desk, logs: &[&Log], all: bool, printer: Printer) -> Result<ExitCode, Failure> {
    let mut shown: Vec<(String, ActionView)> = logs
        .iter()
        .flat_map(|log| {
            let id = log.incident().key().to_string();
            let actions = ActionView::all(log.incident(), desk.scrubber(), desk.now());
            actions.into_iter().map(move |action| (id.clone(), action))
        })
        .filter(|(_, action)| all || action.evidence.is_none())
        .collect();
    shown.sort_by_key(|(_, action)| (action.evidence.is_some(), action.due));
    match printer.format() {
        Format::Json => {
            let actions: Vec<_> =
                shown.iter().map(|(id, action)| json!({"incident": id, "action": action})).collect();
            printer.json(&json!({"actions": actions}))?;
        }
        Format::Text if shown.is_empty() => printer.data("No action is open.")?,
        Format::Text => {
            let style = printer.style();
            let rows = shown.iter().map(|(id, action)| {
                let state = action.state();
                vec![
                    format!("{id} {}", action.number),
                    action.text.clone(),
                    action.owner.clone(),
                    action.due.strftime("%F").to_string(),
                    format!("{} d", action.age.0 / 86_400),
                    action.item.clone().unwrap_or_default(),
                    match (&action.evidence, action.overdue) {
                        (Some(_), _) => style.good(&state),
                        (None, Some(_)) => style.bad(&state),
                        (None, None) => state,
                    },
                ]
            });
            printer.data(&table(&["Action", "What", "Owner", "Due", "Age", "Item", "State"], rows))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
