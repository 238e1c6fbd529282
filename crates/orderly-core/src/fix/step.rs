//! The machine of a case: from where it stands to what is done next, and from what happened to where it stands then.
//!
//! A runner stores the case, does what [`next`] says, and hands what happened to [`step`]. After a crash it goes on from
//! what was stored ([`resumed`]); everything that [`next`] asks for may be done twice.

use super::answer::Answer;
use super::case::{Attempt, Case, End, Feedback, Stage, Start};
use super::change::Objection;
use super::checks::{CheckRun, Compared, compare};
use super::disposition::{Disposition, Resolution};
use super::effect::{Checked, Effect, Event, Keep};
use super::landed::{Landed, arrive, fixed, tell, untold};
use super::policy::FixPolicy;
use super::proof::prove;
use super::receipt::{RECEIPT_VERSION, Receipt};
use crate::answer::Cause;
use crate::ids::TreeId;

/// An event that cannot follow on a stage: a mistake of the runner.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a case that is {stage} cannot hear of {event}")]
pub struct OutOfOrder {
    stage: &'static str,
    event: String,
}

/// What is done next; `None` when the case is over.
pub fn next(case: &Case, policy: &FixPolicy) -> Option<Effect> {
    Some(match &case.stage {
        Stage::Opened => Effect::Place,
        Stage::Placed => Effect::CheckBase,
        Stage::Asking { attempt, start, feedback, .. } => {
            Effect::Ask { attempt: *attempt, start: *start, feedback: feedback.clone() }
        }
        Stage::Staging { attempt } => Effect::Stage { change: attempt.change.clone() },
        Stage::Checking { attempt, tree } => Effect::CheckFix {
            tree: tree.clone(),
            change: attempt.change.clone(),
            before: attempt.before.clone(),
        },
        Stage::Proven { receipt, words, .. } => {
            Effect::Commit { receipt: receipt.clone(), words: words.clone() }
        }
        Stage::Committed { commit, .. } => Effect::Land { commit: commit.clone() },
        Stage::Ignoring { approval } => Effect::Ignore { approval: approval.clone() },
        Stage::Resolving { receipt, arrived, told, .. } => {
            let issue = untold(case, told)?;
            match prove(issue, &case.plan, arrived, receipt, &policy.branches) {
                Ok(proof) => Effect::Resolve { proof },
                // The policy changed since: the branch does not count any more.
                Err(_) => Effect::Land { commit: arrived.commit.clone() },
            }
        }
        Stage::Closing { end } => Effect::CleanUp { keep: kept(end) },
        Stage::Ended { .. } => return None,
    })
}

/// Where the case stands after something happened.
///
/// # Errors
/// When the event cannot follow.
pub fn step(mut case: Case, event: Event, policy: &FixPolicy) -> Result<Case, OutOfOrder> {
    let stage = std::mem::replace(&mut case.stage, Stage::Opened);
    let word = stage.word();
    let heard = format!("{event:?}");
    case.stage = after(&case, stage, event, policy).ok_or_else(|| OutOfOrder {
        stage: word,
        event: heard.split(['(', ' ']).next().unwrap_or_default().to_owned(),
    })?;
    Ok(case)
}

/// The case as the next run takes it up. An attempt whose end nobody saw counts, and nothing of it is kept.
pub fn resumed(mut case: Case, policy: &FixPolicy) -> Case {
    if let Stage::Asking { before, attempt, mut feedback, .. } = case.stage {
        feedback.push(Feedback { what: "the attempt was cut off".to_owned(), printed: None });
        case.stage = again(before, attempt, Start::Base, feedback, policy);
    }
    case
}

/// The case of an issue that was put on the do-not-fix list: over, unless its commit is made already.
pub fn called_off(mut case: Case, why: &str) -> Case {
    let made = matches!(
        case.stage,
        Stage::Committed { .. } | Stage::Resolving { .. } | Stage::Closing { .. } | Stage::Ended { .. }
    );
    if !made {
        case.stage = ends(Disposition::Declined { reason: why.to_owned() });
    }
    case
}

fn after(case: &Case, stage: Stage, event: Event, policy: &FixPolicy) -> Option<Stage> {
    Some(match (stage, event) {
        (Stage::Ended { .. }, _) => return None,
        // What the case used stays behind, which is no reason to hide how it ended.
        (Stage::Closing { end }, Event::Broke(_) | Event::CleanedUp) => Stage::Ended { end, holds: None },
        (Stage::Committed { receipt, commit, files }, Event::Broke(reason) | Event::Stays(reason)) => {
            let landed = Landed { branch: case.branch.clone(), commit, receipt, files };
            fixed(case, landed, &[], &Resolution::Waits { reason })
        }
        (Stage::Resolving { receipt, arrived, files, told }, Event::Broke(why)) => {
            let landed = Landed { branch: arrived.branch, commit: arrived.commit, receipt, files };
            fixed(case, landed, &told, &Resolution::NotTold(Cause::NoReply(why)))
        }
        (_, Event::Broke(reason)) => ends(Disposition::Failed { reason }),
        (Stage::Opened, Event::Placed) => Stage::Placed,
        (Stage::Opened | Stage::Staging { .. }, Event::InTheWay(reason)) => {
            ends(Disposition::Deferred { reason })
        }
        (Stage::Placed, Event::BaseChecked(before)) => {
            Stage::Asking { before, attempt: 1, start: Start::Base, feedback: Vec::new() }
        }
        (Stage::Asking { before, attempt, mut feedback, .. }, Event::NoAnswer(why)) => {
            feedback.push(Feedback { what: why, printed: None });
            again(before, attempt, Start::Base, feedback, policy)
        }
        (Stage::Asking { before, attempt, mut feedback, .. }, Event::Answered(answer, change)) => {
            match (answer, change.objection(policy)) {
                (Answer::Declined(reason), _) => {
                    let reason = crate::encode::terminal::line(&reason);
                    ends(Disposition::Declined { reason: format!("{} said: {}", case.agent, cut(&reason)) })
                }
                (_, Some(objection)) => ends(stopped(&objection)),
                (Answer::Changed(_), None) if change.files.is_empty() => {
                    feedback.push(Feedback { what: "nothing was changed".to_owned(), printed: None });
                    again(before, attempt, Start::Base, feedback, policy)
                }
                (Answer::Changed(words), None) => {
                    Stage::Staging { attempt: Attempt { before, number: attempt, change, words, feedback } }
                }
            }
        }
        (Stage::Staging { attempt }, Event::Staged(tree)) => Stage::Checking { attempt, tree },
        (Stage::Checking { attempt, tree }, Event::FixChecked(checked)) => {
            judged(case, attempt, tree, checked, policy)
        }
        (Stage::Proven { receipt, files, .. }, Event::Committed(commit)) => {
            Stage::Committed { receipt, commit, files }
        }
        (Stage::Committed { receipt, files, .. }, Event::Landed(arrived)) => {
            arrive(case, Stage::Resolving { receipt, arrived, files, told: Vec::new() }, policy)
        }
        (Stage::Resolving { receipt, files, told, .. }, Event::Landed(arrived)) => {
            arrive(case, Stage::Resolving { receipt, arrived, files, told }, policy)
        }
        (Stage::Resolving { receipt, arrived, files, told }, Event::Stays(reason)) => {
            let landed = Landed { branch: case.branch.clone(), commit: arrived.commit, receipt, files };
            fixed(case, landed, &told, &Resolution::Waits { reason })
        }
        (Stage::Resolving { receipt, arrived, files, told }, Event::Resolved) => {
            tell(case, receipt, arrived, files, told, Resolution::Resolved)
        }
        (Stage::Resolving { receipt, arrived, files, told }, Event::NotTold(cause)) => {
            tell(case, receipt, arrived, files, told, Resolution::NotTold(cause))
        }
        (Stage::Ignoring { approval }, Event::Ignored) => {
            ends(Disposition::WontFix { reason: approval.reason().to_owned() })
        }
        (Stage::Ignoring { .. }, Event::NotTold(cause)) => ends(Disposition::Failed {
            reason: format!("it was to be ignored, and Sentry was not told: {cause}"),
        }),
        _ => return None,
    })
}

/// Green: the receipt, and on to the commit. Otherwise another attempt, with what the new failures printed.
fn judged(case: &Case, attempt: Attempt, tree: TreeId, checked: Checked, policy: &FixPolicy) -> Stage {
    let Attempt { before, number, change, words, mut feedback } = attempt;
    let compared = compare(&before, &checked.after);
    if !compared.is_green() {
        feedback.push(complaint(&compared, &checked.after));
        return again(before, number, Start::AsLeft, feedback, policy);
    }
    let receipt = Receipt {
        version: RECEIPT_VERSION,
        issue: case.key.issue,
        short_id: case.short_id.clone(),
        related: case.related.iter().map(|related| related.issue).collect(),
        plan: case.plan.clone(),
        base: case.base.clone(),
        tree,
        agent: case.agent.clone(),
        tries: number,
        sandbox: checked.sandbox,
        before,
        red: checked.red,
        after: checked.after,
        at: checked.at,
    };
    Stage::Proven { receipt, words, files: change.paths() }
}

fn complaint(compared: &Compared, after: &[CheckRun]) -> Feedback {
    let Some(name) = compared.new.first() else {
        return Feedback {
            what: "no check passes, so nothing shows that it works".to_owned(),
            printed: None,
        };
    };
    let run = after.iter().find(|run| &run.check.name == name);
    let how = run.map(|run| run.outcome.words()).unwrap_or_default();
    Feedback { what: format!("the check `{name}` {how}"), printed: run.map(|run| run.tail.clone()) }
}

fn again(
    before: Vec<CheckRun>,
    attempt: u32,
    start: Start,
    feedback: Vec<Feedback>,
    policy: &FixPolicy,
) -> Stage {
    if attempt < policy.budgets.tries {
        return Stage::Asking { before, attempt: attempt + 1, start, feedback };
    }
    let last = feedback.last().map(|feedback| feedback.what.as_str()).unwrap_or_default();
    let reason = format!("{attempt} of {} attempts: {last}", policy.budgets.tries);
    ends(Disposition::Failed { reason })
}

fn stopped(objection: &Objection) -> Disposition {
    Disposition::Failed { reason: format!("stopped, because {objection}") }
}

const fn ends(disposition: Disposition) -> Stage {
    Stage::Closing { end: End::without_commit(disposition) }
}

const fn kept(end: &End) -> Keep {
    match &end.disposition {
        Disposition::Fixed { resolution: Resolution::Waits { .. }, .. } => Keep::Branch,
        Disposition::Failed { .. } => Keep::Worktree,
        _ => Keep::Nothing,
    }
}

fn cut(text: &str) -> String {
    text.chars().take(300).collect()
}
