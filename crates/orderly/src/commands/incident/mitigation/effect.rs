//! Whether what was tried worked, and what comes next where it did not.

use super::super::desk::{Desk, or};
use super::super::investigate::within;
use super::super::told;
use super::repair;
use super::trial::chosen;
use super::weigh::{Weighed, values, weigh};
use crate::cli::incident::Effect;
use crate::failure::{Failure, Kind};
use crate::output::printer::{Format, Printer};
use orderly_core::incident::mitigation::{Compared, Order, Verdict};
use serde_json::json;
use std::process::ExitCode;

/// `orderly incident effect`
pub(in super::super) async fn effect(
    desk: &Desk,
    asked: &Effect,
    printer: Printer,
) -> Result<ExitCode, Failure> {
    within(asked.filling.back)?;
    let key = desk.key(&asked.incident)?;
    let log = or(desk.job().log(&key).await)?;
    let trial = chosen(log.incident(), asked.trial)?;
    let (option, promise) = (trial.intent.option.clone(), trial.intent.promise);
    let mut begins = None;
    if let Order::Repair { issue, short_id } = &trial.intent.order {
        let repair = repair::of_issue(desk, *issue, short_id).await;
        if repair.deployed.is_none() {
            desk.close().await;
            return not_out(&option, &repair.text, printer);
        }
        printer.note(&repair.text);
        begins = repair.deployed;
    }
    let (after, measured) = or(desk.job().effect(desk.read(), &key, trial.number, begins).await)?;
    let Some(measured) = measured else {
        desk.close().await;
        let state = trial.state.words();
        return Err(Failure::new(
            Kind::Refused,
            format!("trial {} of {key} is {state}: it has no effect to measure", trial.number),
        )
        .hint(format!(
            "`orderly incident tried {key} {} done 'how you know'` says that it is done",
            trial.number
        )));
    };
    let failed = matches!(measured.verdict, Verdict::No | Verdict::Partly);
    let mut next = None;
    if failed {
        // The verdict stands without it.
        match weigh(desk, after.incident(), asked.filling.back.0, &values(&asked.filling.with), printer).await
        {
            Ok(weighed) => next = first_open(weighed),
            Err(failure) => printer.note(&format!("the next option could not be found: {}", failure.message)),
        }
    }
    desk.close().await;
    match printer.format() {
        Format::Json => {
            let sum = measured.sum(promise);
            printer.json(&json!({
                "incident": key.to_string(), "trial": trial.number, "option": option, "expected": promise,
                "measured": measured, "dispersion": sum.dispersion, "p_value": sum.p_value, "next": next,
            }))?;
        }
        Format::Text => {
            let mut text = format!("{option}: {}\nexpected: {promise}", measured.words(promise));
            if failed {
                text.push_str(&format!("\nnext: {}", following(next.as_ref())));
            }
            printer.data(&text)?;
        }
    }
    Ok(if failed { ExitCode::from(Kind::Incomplete.exit_code()) } else { ExitCode::SUCCESS })
}

/// The first option that may come next.
fn first_open(weighed: Weighed) -> Option<Compared> {
    weighed.all.into_iter().find(Compared::is_open)
}

fn following(next: Option<&Compared>) -> String {
    match next {
        Some(next) => {
            let command = next
                .command
                .as_deref()
                .map_or_else(String::new, |command| format!(": {}", told::name(command)));
            format!("{} ({}){command}; {}", next.name, next.kind, next.evidence.reason)
        }
        None => "no option is left that nothing speaks against".to_owned(),
    }
}

/// A hotfix whose release is not out has no effect yet.
fn not_out(option: &str, repair: &str, printer: Printer) -> Result<ExitCode, Failure> {
    match printer.format() {
        Format::Json => printer.json(&json!({"option": option, "measured": null, "repair": repair}))?,
        Format::Text => {
            printer
                .data(&format!("{option}: not yet provable: its effect begins with its deploy\n{repair}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
