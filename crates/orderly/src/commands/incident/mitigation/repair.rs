//! A hotfix on its way: from its case to the release that carries it.

use super::super::desk::Desk;
use crate::commands::verify::Fixes;
use orderly_core::answer::Looked;
use orderly_core::fix::{Disposition, Stage};
use orderly_core::ids::{IssueId, ShortId};
use orderly_core::incident::Incident;
use orderly_core::incident::mitigation::Order;
use orderly_core::time::Timestamp;
use orderly_engine::fix::Followed;

/// How far a repair is.
pub(super) struct Repair {
    /// When the release with it went out.
    pub deployed: Option<Timestamp>,
    /// In words.
    pub text: String,
}

/// The hotfixes that were tried, each with how far it is.
pub(super) async fn of_incident(desk: &Desk, incident: &Incident) -> Vec<Repair> {
    let mut all = Vec::new();
    for trial in incident.trials() {
        if let Order::Repair { issue, short_id } = &trial.intent.order {
            all.push(of_issue(desk, *issue, short_id).await);
        }
    }
    all
}

/// The repair of an issue.
pub(super) async fn of_issue(desk: &Desk, issue: IssueId, short_id: &ShortId) -> Repair {
    let unknown = |why: String| Repair {
        deployed: None,
        text: format!("repair of {short_id}: could not be followed: {why}"),
    };
    let fixes = match Fixes::open(desk.config()).await {
        Ok(fixes) => fixes,
        Err(failure) => return unknown(failure.message),
    };
    let followed = fixes.job().follow(issue).await;
    match fixes.closed(followed).await {
        Ok(Some(followed)) => told(&followed, short_id),
        Ok(None) => {
            Repair { deployed: None, text: format!("repair of {short_id}: there is no case with a fix") }
        }
        Err(failure) => unknown(failure.message),
    }
}

fn told(followed: &Followed, short_id: &ShortId) -> Repair {
    let mut deployed = None;
    let fixed = match (&followed.case.stage, followed.case.end().map(|end| &end.disposition)) {
        (Stage::Ended { .. }, Some(Disposition::Fixed { commit, branch, .. })) => {
            Some(format!("committed as {} on {branch}", commit.short()))
        }
        _ => None,
    };
    let how = match (fixed, &followed.deployed) {
        (None, _) => format!("its case is {}", followed.case.stage.word()),
        (Some(fixed), Looked::Saw(Some(release))) => {
            deployed = Some(release.at);
            let scrubber = orderly_core::scrub::Scrubber::built_in();
            let name =
                orderly_core::encode::terminal::scrubbed_line(&scrubber.scrub_version(&release.release));
            format!("{fixed}, out since {} in {name}", release.at.strftime("%F %R UTC"))
        }
        (Some(fixed), Looked::Saw(None)) => format!("{fixed}; no release has it yet"),
        (Some(fixed), Looked::CouldNotLook(cause)) => {
            format!("{fixed}; whether a release has it could not be looked at: {cause}")
        }
    };
    Repair { deployed, text: format!("repair of {short_id}: {how}") }
}
