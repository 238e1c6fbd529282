//! Fixes: the client takes cases of an approved selection and brings each through the same gates as everybody's.

use super::desk::{OrderlyDesk, refusal};
use super::handover::{Asked, Brief, Green, Handover, Landed, Stand};
use crate::clock::SystemClock;
use crate::commands::fix::as_json;
use crate::commands::triage::kept;
use crate::commands::verify::Fixes;
use orderly_core::encode::terminal;
use orderly_core::fix::Land;
use orderly_core::ids::CommitId;
use orderly_core::untrusted::Untrusted;
use orderly_engine::ports::clock::Clock as _;
use orderly_serve::mcp::{Answer, Consent, FixCheck, Outcome, Refusal};
use serde_json::{Value, json};
use std::sync::Arc;

/// `fix_start`
pub(super) async fn start(desk: &OrderlyDesk, digest: &str) -> Result<Outcome, Refusal> {
    let site = desk.config.settings.site().map_err(|failure| refusal(&failure))?;
    let approved = kept::selection_of(&desk.config, digest, &site, SystemClock.now())
        .map_err(|failure| refusal(&failure).hint("`triage` with `select` gives a `selection_digest`"))?;
    let run = desk.workbench.run(&desk.config, approved, desk.printer).await?;
    next(desk, &run).await
}

/// `fix_check`
pub(super) async fn check(desk: &OrderlyDesk, said: &FixCheck) -> Result<Outcome, Refusal> {
    let run = at_work(desk).await?;
    if !matches!(run.now(), Stand::Change(asked) if asked.digest.as_str() == said.case_digest) {
        return Err(elsewhere(&run, "no change is asked for under this digest"));
    }
    let line = |name: &str, text: &Option<String>| {
        text.as_deref().map(|text| format!("{name}: {}\n", in_a_line(text))).unwrap_or_default()
    };
    let words = match &said.decline {
        Some(_) => line("Decline", &said.decline),
        None => line("Root cause", &said.root_cause) + &line("Fix", &said.fix),
    };
    given(desk, &run, &said.case_digest, words).await
}

/// `fix_commit`
pub(super) async fn commit(desk: &OrderlyDesk, digest: &str, consent: Consent) -> Result<Outcome, Refusal> {
    let run = at_work(desk).await?;
    let Stand::Commit(green) = run.now() else { return Err(elsewhere(&run, "no commit is due")) };
    if green.receipt.digest().as_str() != digest {
        return Err(elsewhere(&run, "the checks were green on something else"));
    }
    if consent == Consent::NotAsked && desk.asks_a_person() {
        return Ok(Outcome::Ask(commit_question(desk, &green)));
    }
    given(desk, &run, digest, String::new()).await
}

/// `fix_resolve`
pub(super) async fn resolve(desk: &OrderlyDesk, commit: &str, consent: Consent) -> Result<Outcome, Refusal> {
    let commit = CommitId::parse(commit).map_err(|error| Refusal::new(error.to_string()))?;
    let run = desk.workbench.at_work().await;
    let waiting = run.as_ref().and_then(|run| match run.now() {
        Stand::Resolve(landed) if landed.arrived.commit == commit => Some(landed),
        _ => None,
    });
    if consent == Consent::NotAsked && desk.asks_a_person() {
        return Ok(Outcome::Ask(match &waiting {
            Some(Landed { case, arrived }) => format!(
                "Resolve {} in Sentry? Commit {} is on {}, and the checks are green on exactly its files.",
                names(case),
                commit.short(),
                terminal::visible(&arrived.branch)
            ),
            None => format!(
                "Resolve in Sentry what commit {} mends, if it is on one of: {}?",
                commit.short(),
                desk.config.settings.fix.branches.join(", ")
            ),
        }));
    }
    match (run, waiting) {
        (Some(run), Some(_)) => given(desk, &run, commit.as_str(), String::new()).await,
        _ => resolve_later(desk, &commit).await,
    }
}

/// What a run that is over left waiting, because its commit was not where it counts.
async fn resolve_later(desk: &OrderlyDesk, commit: &CommitId) -> Result<Outcome, Refusal> {
    let fixes = Fixes::open(&desk.config).await.map_err(|failure| refusal(&failure))?;
    let told = fixes.job().tell(commit).await;
    let case = fixes.closed(told).await.map_err(|failure| refusal(&failure))?;
    let case = case.ok_or_else(|| {
        Refusal::new("no repair made this commit").hint("`fix_commit` gives the commit of a repair")
    })?;
    let mut answer = Answer::default();
    tell_ended(&mut answer, &[as_json(&case)]);
    Ok(Outcome::Done(answer))
}

async fn at_work(desk: &OrderlyDesk) -> Result<Arc<Handover>, Refusal> {
    let run = desk.workbench.at_work().await;
    run.ok_or_else(|| Refusal::new("no run is at work").hint("`fix_start` begins one"))
}

/// The word is given, and the run goes on.
async fn given(
    desk: &OrderlyDesk,
    run: &Arc<Handover>,
    digest: &str,
    word: String,
) -> Result<Outcome, Refusal> {
    if !run.go(digest, word) {
        return Err(elsewhere(run, "the run went on meanwhile"));
    }
    next(desk, run).await
}

fn elsewhere(run: &Handover, why: &str) -> Refusal {
    let hint = match run.now() {
        Stand::Working(what) => {
            format!("the run is at: {what}; `fix_start` again says when it waits for you")
        }
        Stand::Change(asked) => format!("`fix_check` with case_digest {}", asked.digest),
        Stand::Commit(green) => format!("`fix_commit` with receipt_digest {}", green.receipt.digest()),
        Stand::Resolve(landed) => format!("`fix_resolve` with commit {}", landed.arrived.commit),
        Stand::Over(_) => "the run is over; `fix_start` begins another".to_owned(),
    };
    Refusal::new(why).hint(hint)
}

/// What a person is asked: names of issues and files, no text of an event.
fn commit_question(desk: &OrderlyDesk, green: &Green) -> String {
    let fix = &desk.config.settings.fix;
    let goes = match fix.land {
        Land::FastForward => {
            format!(", and move the checked-out branch to it if that is one of {}", fix.branches.join(", "))
        }
        Land::Branch => String::new(),
    };
    let files: Vec<String> = green.files.iter().map(|path| in_a_line(path)).collect();
    let shown = if green.receipt.shows_the_bug() {
        "a test fails without the change"
    } else {
        "no test fails without the change"
    };
    format!(
        "Commit the change for {} on {}{goes}? Files: {}. The checks are green ({}); {shown}.",
        names(&green.case),
        terminal::visible(&green.case.branch),
        files.join(", "),
        checks(green).join(", ")
    )
}

fn names(case: &Brief) -> String {
    terminal::visible(&case.short_ids.join(", "))
}

fn checks(green: &Green) -> Vec<String> {
    let mut names: Vec<String> = green.receipt.after.iter().map(|run| in_a_line(&run.check.name)).collect();
    names.dedup();
    names
}

/// Waits until the client is needed, and tells it for what.
async fn next(desk: &OrderlyDesk, run: &Arc<Handover>) -> Result<Outcome, Refusal> {
    let stand = run.settled().await;
    let mut answer = Answer::default();
    tell_ended(&mut answer, &run.ended());
    match stand {
        Stand::Working(what) => {
            set(&mut answer, "state", json!("working"));
            say(
                &mut answer,
                &format!("At work: {what}. `fix_start` with the same digest again says how it stands."),
            );
        }
        Stand::Change(asked) => change(desk, &mut answer, asked),
        Stand::Commit(green) => {
            about(&mut answer, "commit", &green.case);
            set(&mut answer, "receipt_digest", json!(green.receipt.digest()));
            set(&mut answer, "files", json!(green.files));
            set(&mut answer, "checks", json!(checks(&green)));
            set(&mut answer, "reproduced", json!(green.receipt.shows_the_bug()));
            say(
                &mut answer,
                "The checks are green. `fix_commit` with `receipt_digest` commits exactly this.",
            );
        }
        Stand::Resolve(Landed { case, arrived }) => {
            about(&mut answer, "resolve", &case);
            set(&mut answer, "commit", json!(arrived.commit));
            set(&mut answer, "branch", json!(arrived.branch));
            say(&mut answer, "Committed. `fix_resolve` with `commit` resolves it in Sentry.");
        }
        Stand::Over(came_to) => {
            desk.workbench.clear().await;
            let came_to = came_to?;
            set(&mut answer, "state", json!("over"));
            set(&mut answer, "run", came_to["run"].clone());
            tell_ended(&mut answer, came_to["left_out"].as_array().map_or(&[], Vec::as_slice));
            say(&mut answer, "The run is over.");
        }
    }
    Ok(Outcome::Done(answer))
}

fn change(desk: &OrderlyDesk, answer: &mut Answer, asked: Asked) {
    let budgets = desk.config.settings.fix.budgets;
    about(answer, "change", &asked.case);
    set(answer, "case_digest", json!(asked.digest));
    set(answer, "worktree", json!(asked.folder));
    set(answer, "attempt", json!(asked.attempt));
    set(answer, "attempts", json!(budgets.tries));
    set(answer, "answer_within_seconds", json!(budgets.time.0));
    if let Some(wrong) = asked.wrong {
        set(answer, "wrong_before", json!(in_a_line(&wrong)));
    }
    answer.event.extend(terminal::visible(&asked.file).lines().map(str::to_owned));
    say(
        answer,
        "The case file follows; what failed in an attempt before stands at its end. Work only in `worktree`: the smallest change that takes away the cause, with a test that fails \
         without it where that is possible. Do not commit, stage or switch branches. Then call `fix_check` with `case_digest` and \
         `root_cause` and `fix`, one sentence each; or with `decline` and the reason.",
    );
}

/// Cases that ended, and issues that were left out: how, and why.
fn tell_ended(answer: &mut Answer, ended: &[Value]) {
    if ended.is_empty() {
        return;
    }
    let one = |case: &Value| {
        let mut told = json!({"short_id": case["short_id"], "disposition": case["disposition"]});
        for name in ["commit", "branch", "resolution"] {
            if !case[name].is_null() {
                told[name] = case[name].clone();
            }
        }
        told
    };
    for case in ended {
        let name = case["short_id"].as_str().unwrap_or_default();
        let word = case["disposition"].as_str().unwrap_or_default();
        say(answer, &format!("{}: {word}.", terminal::visible(name)));
        if let Some(reason) = case["reason"].as_str() {
            // It may quote an agent, who may quote an event.
            answer.event.push(in_a_line(&format!("{name} {word}: {reason}")));
        }
    }
    let before = answer.tool.remove("ended").and_then(|value| value.as_array().cloned()).unwrap_or_default();
    let all: Vec<Value> = before.into_iter().chain(ended.iter().map(one)).collect();
    set(answer, "ended", json!(all));
}

fn about(answer: &mut Answer, state: &str, case: &Brief) {
    set(answer, "state", json!(state));
    answer.sentry.insert("short_ids".to_owned(), json!(case.short_ids));
    answer.sentry.insert("url".to_owned(), json!(case.permalink));
}

fn in_a_line(text: &str) -> String {
    terminal::line(&Untrusted::from(text))
}

fn set(answer: &mut Answer, name: &str, value: Value) {
    answer.tool.insert(name.to_owned(), value);
}

fn say(answer: &mut Answer, line: &str) {
    if !answer.summary.is_empty() {
        answer.summary.push('\n');
    }
    answer.summary.push_str(line);
}
