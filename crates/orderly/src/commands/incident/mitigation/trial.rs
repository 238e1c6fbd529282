//! An option is tried, or taken back: shown first, run only with a yes or the digest of exactly that.

use super::super::approval::Approval;
use super::super::desk::{Desk, or};
use super::super::investigate::within;
use super::super::{record, told};
use super::hands::DeskHands;
use super::weigh::{has_places, settings, values, weigh};
use crate::cli::incident::{BecameWord, Filled, TakeBack, Tried, Try};
use crate::config::typo;
use crate::failure::{Failure, Kind};
use crate::output::printer::{Format, Printer};
use orderly_core::digest;
use orderly_core::ids::Digest;
use orderly_core::incident::mitigation::{
    Became, Order, Step, Trial, TrialPlan, TrialState, TrialView, Unplannable,
};
use orderly_core::incident::{Incident, IncidentKey, Log, What};
use orderly_core::untrusted::Untrusted;
use serde_json::json;
use std::process::ExitCode;

/// `orderly incident try`
pub(in super::super) async fn try_out(
    desk: &Desk,
    asked: &Try,
    printer: Printer,
) -> Result<ExitCode, Failure> {
    within(asked.filling.back)?;
    let key = desk.key(&asked.of.incident)?;
    let author = desk.author()?;
    let Some(option) = settings(desk, &asked.option).map(|settings| &settings.option) else {
        return Err(no_option(desk, &asked.option));
    };
    let log = or(desk.job().log(&key).await)?;
    let incident = log.incident();
    let mut given = values(&asked.filling.with);
    if has_places(option, &given) {
        let weighed = weigh(desk, incident, asked.filling.back.0, &given, printer).await?;
        let of_option = weighed.all.into_iter().find(|one| one.name == option.name);
        given = of_option.map_or(given, |one| one.values);
    }
    let counts = or(desk.job().counts(desk.read(), incident).await)?;
    let plan = TrialPlan::of(incident, option, &given, asked.expect.0, &counts)
        .map_err(|error| unplannable(&error, &key))?;
    if printer.format() == Format::Text {
        printer.data(&planned(&plan))?;
    }
    let digest = plan.digest();
    let mut again = format!(
        "orderly incident try {key} {} --expect 'below {}/h by {}'",
        plan.option, plan.expected.at_most, plan.expected.within
    );
    for Filled(slot, value) in &asked.filling.with {
        again.push_str(&format!(" --with {slot}={}", value.as_str()));
    }
    let question = match plan.order {
        Order::ByHand => "Write down that it is being done by hand?".to_owned(),
        _ => format!("Run it ({key})?"),
    };
    let mut after = None;
    if approval(&digest, &question, &again).is_given(asked.approve.as_deref(), printer)? {
        let hands = DeskHands::of(desk, &plan.option);
        after = Some(or(desk.job().try_out(&hands, &key, &plan, &author).await)?);
    }
    desk.close().await;
    let trial = after.as_ref().and_then(|log| log.incident().trials().last());
    ended(
        desk,
        json!({"plan": plan, "digest": digest, "rate": plan.rate, "since": plan.since}),
        after.as_ref(),
        trial,
        printer,
    )
}

/// `orderly incident undo`
pub(in super::super) async fn undo(
    desk: &Desk,
    asked: &TakeBack,
    printer: Printer,
) -> Result<ExitCode, Failure> {
    let key = desk.key(&asked.of.incident)?;
    let author = desk.author()?;
    let log = or(desk.job().log(&key).await)?;
    let trial = chosen(log.incident(), asked.trial)?;
    let Some(argv) = &trial.intent.undo else {
        let why = format!("trial {} of {key} has no undo command", trial.number);
        return Err(Failure::new(Kind::Refused, why).hint(format!(
            "take it back by hand, then: orderly incident tried {key} {} taken-back 'how you know'",
            trial.number
        )));
    };
    let digest = digest::of(&("undo-v1", &key, trial.number, argv, trial.state.words()));
    if printer.format() == Format::Text {
        printer.data(&format!("take {} back: {}", trial.intent.option, told::name(&argv.to_string())))?;
    }
    let again = format!("orderly incident undo {key} {}", trial.number);
    let mut after = None;
    let question = format!("Run it ({key})?");
    if approval(&digest, &question, &again).is_given(asked.approve.as_deref(), printer)? {
        let hands = DeskHands::of(desk, &trial.intent.option);
        after = Some(or(desk.job().take_back(&hands, &key, trial, &author).await)?);
    }
    desk.close().await;
    let number = trial.number;
    let trial =
        after.as_ref().and_then(|log| log.incident().trials().iter().find(|trial| trial.number == number));
    let plan = json!({"undo": {"trial": number, "command": argv.to_string()}, "digest": digest});
    ended(desk, plan, after.as_ref(), trial, printer)
}

/// `orderly incident tried`
pub(in super::super) async fn tried(
    desk: &Desk,
    asked: Tried,
    printer: Printer,
) -> Result<ExitCode, Failure> {
    let key = desk.key(&asked.of.incident)?;
    let became = match asked.became {
        BecameWord::Done => Became::Done,
        BecameWord::NotDone => Became::NotDone,
        BecameWord::TakenBack => Became::TakenBack,
    };
    let step = Step::Told { trial: asked.trial, became, how: Untrusted::new(asked.how) };
    record(desk, &key, What::Mitigation { step }, None, printer).await
}

/// The trial that is meant: by its number, or the last one that is in force.
pub(super) fn chosen(incident: &Incident, number: Option<u32>) -> Result<&Trial, Failure> {
    let trials = incident.trials();
    let found = match number {
        Some(number) => trials.iter().find(|trial| trial.number == number),
        None => trials.iter().rev().find(|trial| trial.in_force_since().is_some()).or_else(|| trials.last()),
    };
    let key = incident.key();
    found.ok_or_else(|| match number {
        Some(number) => Failure::new(Kind::Usage, format!("{key} has no trial {number}")),
        None => Failure::new(Kind::Usage, format!("nothing was tried in {key} yet"))
            .hint(format!("`orderly incident options {key}` shows what may be")),
    })
}

/// Of what would be run.
fn approval<'a>(digest: &Digest, question: &'a str, command: &'a str) -> Approval<'a> {
    let digest = digest.clone();
    Approval { digest, question, later: "nothing was run; to run it", done: "run", command }
}

/// Shows what came of it; a command that did not end well is no success.
fn ended(
    desk: &Desk,
    mut plan: serde_json::Value,
    after: Option<&Log>,
    trial: Option<&Trial>,
    printer: Printer,
) -> Result<ExitCode, Failure> {
    let view = after.zip(trial).and_then(|(log, trial)| {
        let all = TrialView::all(log.incident(), desk.scrubber());
        all.into_iter().find(|view| view.number == trial.number)
    });
    match (printer.format(), &view) {
        (Format::Json, _) => {
            plan["trial"] = json!(view);
            printer.json(&plan)?;
        }
        (Format::Text, Some(view)) => {
            printer.data(&format!("trial {}: {}", view.number, view.text))?;
            if let Some(log) = after {
                printer.note(&following(log.incident().key(), view));
            }
        }
        (Format::Text, None) => {}
    }
    let failed = trial.is_some_and(|trial| matches!(trial.state, TrialState::Failed { .. }))
        || (trial.is_some_and(|trial| trial.in_force_since().is_some()) && plan.get("undo").is_some());
    Ok(if failed { ExitCode::from(Kind::Incomplete.exit_code()) } else { ExitCode::SUCCESS })
}

/// What a person does after it.
fn following(key: &IncidentKey, view: &TrialView) -> String {
    let number = view.number;
    match view.state {
        TrialState::Unknown => {
            format!("once it is done: orderly incident tried {key} {number} done 'how you know'")
        }
        TrialState::Failed { .. } => {
            format!("if it was done all the same: orderly incident tried {key} {number} done 'how you know'")
        }
        _ => format!("whether it works: orderly incident effect {key} {number}"),
    }
}

fn planned(plan: &TrialPlan) -> String {
    let undo = match &plan.undo {
        Some(argv) => told::name(&argv.to_string()),
        None => plan.reversibility.clone(),
    };
    let settles = if plan.settles.0 > 0 {
        format!("{} after its end", plan.settles)
    } else {
        "at once, as far as is known".to_owned()
    };
    let row = |name: &str, value: String| format!("{name:<14}{value}");
    [
        format!("{} ({})", plan.option, plan.kind),
        row("command", told::name(&plan.order.to_string())),
        row("taken back", undo),
        row("shows", settles),
        row("now", format!("{:.0} errors an hour since {}", plan.rate, plan.since.strftime("%F %R UTC"))),
        row(
            "expected",
            format!("at most {} an hour, within {}", plan.expected.at_most, plan.expected.within),
        ),
    ]
    .join("\n")
}

fn no_option(desk: &Desk, name: &str) -> Failure {
    let known: Vec<&str> =
        desk.config().settings.mitigations.iter().map(|one| one.option.name.as_str()).collect();
    let failure = Failure::new(Kind::Usage, format!("no option is called `{}`", told::name(name)));
    match typo::nearest(name, known.iter().copied()) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint(format!("there are: {}", known.join(", "))),
    }
}

fn unplannable(error: &Unplannable, key: &IncidentKey) -> Failure {
    let failure = |kind| Failure::new(kind, error.to_string());
    match error {
        Unplannable::Missing { slots, .. } => {
            let with: Vec<String> = slots.iter().map(|slot| format!("--with {slot}=VALUE")).collect();
            failure(Kind::Usage).hint(format!(
                "what was found has no plain name for it; say it yourself: {} (`orderly incident options {key}`)",
                with.join(" ")
            ))
        }
        Unplannable::NoIssue => {
            failure(Kind::Usage).hint(format!("`orderly incident add {key} ISSUE` adds one"))
        }
        Unplannable::TooSoon { .. } => {
            failure(Kind::Usage).hint("give it more time, as in --expect 'below 5/h by 1h'")
        }
        Unplannable::NoDrop { .. } => {
            failure(Kind::Refused).hint("an expectation that holds already proves nothing")
        }
    }
}
