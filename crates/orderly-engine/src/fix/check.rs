//! Checks on the base and on the fix.

use super::progress::FixProgress;
use super::run::FixJob;
use crate::ports::repair::{Scene, Trouble};
use orderly_core::fix::{Case, Change, CheckRun, Checked, Outcome, is_test};
use orderly_core::ids::TreeId;

/// How often a check that fails only with the fix is run again.
const RERUNS: usize = 2;

impl FixJob<'_> {
    pub(super) async fn check_base(&self, case: &Case) -> Result<Vec<CheckRun>, Trouble> {
        self.ports.workshop.show(case, &Scene::Base).await?;
        let mut runs = Vec::new();
        for check in &case.checks {
            runs.push(self.run_check(case, check).await);
        }
        Ok(runs)
    }

    /// Runs the checks on a tree; what passed before and fails now is run again, because it may be flaky. Then the tests
    /// of the change run on the base, to see that they fail there.
    pub(super) async fn check_fix(
        &self,
        case: &Case,
        tree: &TreeId,
        change: &Change,
        before: &[CheckRun],
    ) -> Result<Checked, Trouble> {
        let ports = &self.ports;
        ports.workshop.show(case, &Scene::Tree(tree.clone())).await?;
        let mut after = Vec::new();
        for check in &case.checks {
            let passed_before =
                before.iter().any(|run| run.check == *check && run.outcome == Outcome::Passed);
            for _ in 0..=RERUNS {
                let run = self.run_check(case, check).await;
                let again = passed_before && matches!(run.outcome, Outcome::Failed { .. });
                after.push(run);
                if !again {
                    break;
                }
            }
        }
        let tests: Vec<String> = change.paths().into_iter().filter(|path| is_test(path)).collect();
        let mut red = Vec::new();
        if !tests.is_empty() {
            ports.workshop.show(case, &Scene::BaseWith { tree: tree.clone(), paths: tests }).await?;
            for check in &case.checks {
                red.push(self.run_check(case, check).await);
            }
        }
        Ok(Checked { red, after, sandbox: ports.checks.sandbox().to_owned(), at: ports.clock.now().0 })
    }

    async fn run_check(&self, case: &Case, check: &orderly_core::fix::Check) -> CheckRun {
        let folder = self.ports.workshop.check_folder(case);
        let run = self.ports.checks.run(&folder, check).await;
        self.watch.see(FixProgress::Checked(case, &run));
        run
    }
}
