//! A run of repairs, step by step, for those who watch.

use crate::output::progress::Progress as Shown;
use orderly_core::fix::{Case, Effect};
use orderly_engine::fix::{FixProgress, FixWatch};

/// Shows what a run does.
pub(super) struct Follower {
    pub(super) shown: Shown,
}

impl FixWatch for Follower {
    fn see(&self, progress: FixProgress<'_>) {
        let text = match progress {
            FixProgress::Resuming(case) => format!("{}: going on where a run stopped", case.short_id),
            FixProgress::Doing(_, Effect::CleanUp { .. }) => return,
            FixProgress::Doing(case, effect) => format!("{}: {}", case.short_id, words(case, effect)),
            FixProgress::Checked(case, run) => {
                format!("{}: `{}` {}", case.short_id, run.check.name, run.outcome.words())
            }
            FixProgress::Ended(case) => {
                let word = case.end().map_or("open", |end| end.disposition.word());
                format!("{}: {word}", case.short_id)
            }
        };
        self.shown.step(&text);
    }
}

/// A step, in words.
pub fn words(case: &Case, effect: &Effect) -> String {
    match effect {
        Effect::Place => "making a worktree".to_owned(),
        Effect::CheckBase => "checks on the code before".to_owned(),
        Effect::Ask { attempt, .. } => format!("asking {} (attempt {attempt})", case.agent),
        Effect::Stage { change } => format!("staging {} files", change.files.len()),
        Effect::CheckFix { .. } => "checks on the change".to_owned(),
        Effect::Commit { .. } => "committing".to_owned(),
        Effect::Land { .. } => "bringing the commit to its branch".to_owned(),
        Effect::Resolve { .. } => "resolving in Sentry".to_owned(),
        Effect::Ignore { .. } => "ignoring in Sentry".to_owned(),
        Effect::CleanUp { .. } => "clearing away".to_owned(),
    }
}
