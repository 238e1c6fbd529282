//! What a run of repairs came to: the report, the page of the day, the history, the exit code.

use super::chosen::unit;
use crate::clock::SystemClock;
use crate::commands::{reports, triage::kept};
use crate::config::Config;
use crate::failure::{Failure, Kind};
use crate::output::printer::{Format, Printer};
use orderly_core::active_runs::Stale;
use orderly_core::encode::markdown;
use orderly_core::fix::{Case, Disposition, Receipt, Resolution, page};
use orderly_core::ids::{RunId, SentrySite};
use orderly_core::scrub::Scrubber;
use orderly_core::triage::Closed;
use orderly_engine::fix::{Alike, LeftOut, Prepared, Repaired};
use orderly_engine::ports::clock::Clock as _;
use serde_json::{Value, json};
use std::process::ExitCode;

/// What a run came to.
pub struct Told {
    run: RunId,
    repaired: Repaired,
    left_out: Vec<LeftOut>,
    alike: Vec<Alike>,
    page: String,
}

impl Told {
    /// What it came to, with its page.
    pub fn of(run: &RunId, repaired: Repaired, prepared: Prepared, scrubber: &Scrubber) -> Self {
        let Prepared { left_out, alike, .. } = prepared;
        let page = page(&repaired, &left_out, &alike, scrubber);
        Self { run: run.clone(), repaired, left_out, alike, page }
    }

    /// As the documented JSON has it.
    fn value(&self) -> Value {
        let left = |left: &LeftOut| {
            let (short_id, disposition) = (&left.issue.short_id, &left.disposition);
            json!({"short_id": short_id, "reason": disposition.reason(), "disposition": disposition.word()})
        };
        let alike =
            |alike: &Alike| json!({"with": alike.lead, "short_ids": alike.short_ids().collect::<Vec<_>>()});
        json!({
            "run": self.run,
            "cases": self.repaired.ended.iter().map(as_json).collect::<Vec<_>>(),
            "open": self.repaired.open.iter().map(|case| case.short_id.as_str()).collect::<Vec<_>>(),
            "left_out": self.left_out.iter().map(left).collect::<Vec<_>>(),
            "alike": self.alike.iter().map(alike).collect::<Vec<_>>(),
        })
    }

    /// As the history keeps it.
    pub fn kept(&self) -> Value {
        let mut value = self.value();
        value["page"] = json!(self.page);
        value
    }

    /// Prints the run and keeps it.
    ///
    /// # Errors
    /// When it cannot be printed.
    pub(super) fn tell(
        self,
        config: &Config,
        site: &SentrySite,
        scrubber: &Scrubber,
        printer: Printer,
    ) -> Result<ExitCode, Failure> {
        stale(&self.repaired, printer);
        match printer.format() {
            Format::Json => printer.json(&self.value())?,
            Format::Text => printer.data(&self.page)?,
        }
        let code = code(&self.repaired, &self.left_out);
        self.keep(config, site, scrubber, printer);
        Ok(code)
    }

    /// Keeps its report, and adds what became of each issue to the page of the day. A file that cannot be written is told,
    /// and costs nothing else.
    pub fn keep(self, config: &Config, site: &SentrySite, scrubber: &Scrubber, printer: Printer) {
        match reports::keep_text(&config.state_dir(), &format!("FIX-{}.md", self.run), &self.page) {
            Ok(path) => printer.note(&format!("report: {}", path.display())),
            Err(failure) => printer.failure_note(&failure),
        }
        let closed = closed(self.repaired, self.left_out);
        if closed.is_empty() {
            return;
        }
        let day = kept::update_day(config, site, SystemClock.now(), scrubber, |day| {
            closed.into_iter().for_each(|closed| day.close(closed));
        });
        match day {
            Ok(path) => printer.note(&format!("triage: {}", path.display())),
            Err(failure) => printer.failure_note(&failure),
        }
    }
}

/// Rows were to be chosen, and none was: the answer of a run that did not happen.
///
/// # Errors
/// When it cannot be printed.
pub(super) fn nothing_chosen(printer: Printer) -> Result<ExitCode, Failure> {
    if printer.format() == Format::Json {
        printer.json(&json!({"run": null, "cases": [], "open": [], "left_out": [], "alike": []}))?;
    }
    printer.note("nothing was chosen; nothing goes on");
    Ok(ExitCode::SUCCESS)
}

/// What a kept run came to, in one line.
pub fn summary(kept: &Value) -> String {
    let cases = kept["cases"].as_array().into_iter().flatten();
    let related = cases.clone().flat_map(|case| case["related"].as_array().into_iter().flatten());
    let left_out = kept["left_out"].as_array().into_iter().flatten();
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for word in cases.chain(related).chain(left_out).filter_map(|ended| ended["disposition"].as_str()) {
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    let counts: Vec<String> = counts.into_iter().map(|(word, count)| format!("{count} {word}")).collect();
    if counts.is_empty() { "nothing to do".to_owned() } else { counts.join(", ") }
}

fn page(repaired: &Repaired, left_out: &[LeftOut], alike: &[Alike], scrubber: &Scrubber) -> String {
    let mut text = page::markdown(&repaired.ended, scrubber);
    if !left_out.is_empty() {
        text.push_str("\n## Left to a person\n\n");
    }
    for LeftOut { issue, disposition } in left_out {
        let why = markdown::plain(disposition.reason().unwrap_or_default());
        text.push_str(&format!("- {}: {why}\n", issue.short_id));
    }
    if !alike.is_empty() {
        text.push_str("\n## One unit\n\n");
    }
    for alike in alike {
        text.push_str(&format!("- {}: named together, they are one repair.\n", unit(alike)));
    }
    text
}

/// Runs whose paths were taken over, or left standing.
fn stale(repaired: &Repaired, printer: Printer) {
    for stale in &repaired.claimed.stale {
        printer.note(&match stale {
            Stale::TakenOver(title) => format!("took over the paths of `{title}`, whose lease lapsed"),
            Stale::LeftStanding(title) => {
                format!("`{title}` declared some of these paths over two hours ago")
            }
        });
    }
}

/// What became of each issue, in exactly one way each.
fn closed(repaired: Repaired, left_out: Vec<LeftOut>) -> Vec<Closed> {
    let at = SystemClock.now().0;
    let mut all = Vec::new();
    for case in repaired.ended {
        let files = case.end().map(|end| end.files.clone()).unwrap_or_default();
        for (issue, disposition) in case.ends() {
            let commits = match &disposition {
                Disposition::Fixed { commit, .. } => vec![commit.clone()],
                _ => Vec::new(),
            };
            let (files, notes) = (files.clone(), case.found.clone());
            all.push(Closed { issue, at, disposition, commits, files, notes });
        }
    }
    all.extend(left_out.into_iter().map(|LeftOut { issue, disposition }| Closed {
        issue,
        at,
        disposition,
        commits: Vec::new(),
        files: Vec::new(),
        notes: Vec::new(),
    }));
    all
}

/// A case as the documented JSON has it.
pub fn as_json(case: &Case) -> Value {
    let end = case.end();
    let receipt = end.and_then(|end| end.receipt.as_ref());
    let mut value = json!({
        "issue": case.key.issue.to_string(),
        "short_id": case.short_id,
        "permalink": case.permalink,
        "agent": case.agent,
        "base": case.base,
        "crashed": case.crashed,
        "found": case.found,
        "branch": case.branch,
        "disposition": end.map(|end| end.disposition.word()),
        "reason": end.and_then(|end| end.disposition.reason()),
        "files": end.map(|end| &end.files),
        "receipt": receipt.map(Receipt::digest),
        "reproduced": receipt.map(Receipt::shows_the_bug),
        "tries": receipt.map(|receipt| receipt.tries),
        "sandbox": receipt.map(|receipt| &receipt.sandbox),
    });
    let related = case.ends().into_iter().skip(1).map(|(card, disposition)| {
        let resolution = match &disposition {
            Disposition::Fixed { resolution, .. } => Some(resolution),
            _ => None,
        };
        json!({"short_id": card.short_id, "disposition": disposition.word(), "resolution": resolution})
    });
    value["related"] = related.collect();
    if let Some(Disposition::AlreadyFixed { by, .. }) = end.map(|end| &end.disposition) {
        value["by"] = json!(by);
    }
    if let Some(Disposition::Fixed { commit, branch, resolution }) = end.map(|end| &end.disposition) {
        value["commit"] = json!(commit);
        value["branch"] = json!(branch);
        value["resolution"] = json!(resolution);
    }
    value
}

/// The exit code of the run.
fn code(repaired: &Repaired, left_out: &[LeftOut]) -> ExitCode {
    let worked = repaired.ended.iter().flat_map(Case::ends).map(|(_, disposition)| disposition);
    let ends = worked.chain(left_out.iter().map(|left| left.disposition.clone()));
    let worst = ends.filter_map(|disposition| match disposition {
        Disposition::Failed { .. } | Disposition::Fixed { resolution: Resolution::NotTold(_), .. } => {
            Some(Kind::Incomplete)
        }
        Disposition::Deferred { .. } => Some(Kind::Refused),
        _ => None,
    });
    match worst.min() {
        Some(kind) => ExitCode::from(kind.exit_code()),
        None if !repaired.open.is_empty() => ExitCode::from(Kind::Incomplete.exit_code()),
        None => ExitCode::SUCCESS,
    }
}
