//! `orderly incident tell`: one comment on each issue and one message in each channel, edited and not repeated.

use super::approval::Approval;
use super::desk::{Desk, or};
use super::told;
use crate::channels;
use crate::cli::incident::Tell;
use crate::failure::Failure;
use crate::output::printer::{Format, Printer};
use orderly_core::incident::{ChannelKind, Incident, MessageId, Place, PostOrder, PostStep, TellPlan};
use orderly_engine::incident::{ChannelAt, Reached, TellPorts};
use serde_json::json;
use std::process::ExitCode;

/// `orderly incident tell`
pub(super) async fn tell(desk: &Desk, asked: &Tell, printer: Printer) -> Result<ExitCode, Failure> {
    let key = desk.key(&asked.of.incident)?;
    let author = desk.author()?;
    let log = or(desk.job().log(&key).await)?;
    let channels = channels::all(desk.config());
    let plan = desk.job().tell_plan(&log, &channels, desk.scrubber());
    if printer.format() == Format::Text {
        printer.data(&planned(&plan, log.incident(), &channels))?;
    }
    let mut reached = Vec::new();
    let approval = Approval {
        digest: plan.digest(),
        question: &format!("Tell people in {} places?", plan.orders.len()),
        later: "to tell them",
        done: "told",
        command: &format!("orderly incident tell {key}"),
    };
    if !plan.orders.is_empty() && approval.is_given(asked.approve.as_deref(), printer)? {
        let ports = TellPorts { comments: desk.sentry(), channels: &channels };
        reached = or(desk.job().tell_people(ports, &key, &plan, &author, desk.scrubber()).await)?;
    }
    desk.close().await;
    for (place, reached) in &reached {
        printer.note(&told::name(&said(place, reached, log.incident())));
    }
    if printer.format() == Format::Json {
        let reached: Vec<_> = reached
            .iter()
            .map(|(place, reached)| {
                json!({"place": place, "message": message(reached), "text": said(place, reached, log.incident())})
            })
            .collect();
        printer.json(&json!({"plan": plan, "digest": plan.digest(), "reached": reached}))?;
    }
    let all = reached.iter().all(|(_, reached)| matches!(reached, Reached::There(_)));
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn planned(plan: &TellPlan, incident: &Incident, channels: &[ChannelAt]) -> String {
    let mut lines = vec![plan.draft.markdown(), String::new()];
    for order in &plan.orders {
        let place = &order.key.place;
        let at = channels.iter().find(|at| Place::Channel(at.channel.name.clone()) == *place);
        let lacks = at
            .and_then(|at| at.teller.as_ref().err())
            .map_or_else(String::new, |why| format!(" (cannot: {why})"));
        let kind = at.map(|at| at.channel.kind);
        lines.push(format!("{}: {}{lacks}", place.shown(incident), done(order, kind)));
    }
    for (place, held) in &plan.held {
        lines.push(format!("{}: {held}", place.shown(incident)));
    }
    if plan.orders.is_empty() {
        lines.push("Nobody would be told anything.".to_owned());
    }
    lines.join("\n")
}

fn done(order: &PostOrder, kind: Option<ChannelKind>) -> String {
    match (&order.step, kind) {
        (PostStep::Edit { message }, _) => format!("edits {message}, or tells it anew where that is gone"),
        (PostStep::Find { .. }, _) => {
            "looks for the one that nobody answered and edits it; a new one where there is none".to_owned()
        }
        (PostStep::Post, Some(ChannelKind::Teams)) if order.version > 1 => {
            "a new message: Teams cannot edit the last one".to_owned()
        }
        (PostStep::Post, Some(ChannelKind::Webhook)) => format!("version {}", order.version),
        (PostStep::Post, Some(_)) => "a new message".to_owned(),
        (PostStep::Post, None) => "a new comment".to_owned(),
    }
}

fn message(reached: &Reached) -> Option<&MessageId> {
    match reached {
        Reached::There(message) => Some(message),
        Reached::Failed(_) | Reached::Unknown(_) => None,
    }
}

fn said(place: &Place, reached: &Reached, incident: &Incident) -> String {
    let place = place.shown(incident);
    match reached {
        Reached::There(message) => format!("people were told {place} ({message})"),
        Reached::Failed(why) => format!("people could not be told {place}: {why}"),
        Reached::Unknown(why) => format!("nobody knows whether people were told {place}: {why}"),
    }
}
