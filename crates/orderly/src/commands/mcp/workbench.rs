//! The run of repairs that this server has at work: one at a time.

use super::desk::refusal;
use super::handover::{Handover, Stand};
use crate::commands::fix::{Repairs, unseen};
use crate::commands::repository::Apart;
use crate::config::Config;
use crate::failure::Failure;
use crate::output::printer::Printer;
use orderly_core::ids::Digest;
use orderly_core::triage::ApprovedSelection;
use orderly_engine::fix::{Seen, Want};
use orderly_engine::sync::{Cancel, CancelSwitch};
use orderly_serve::mcp::Refusal;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

/// A place for one run.
#[derive(Default)]
pub(super) struct Workbench(Mutex<Option<AtWork>>);

struct AtWork {
    plan: Digest,
    handover: Arc<Handover>,
    switch: CancelSwitch,
    task: JoinHandle<()>,
}

impl Workbench {
    /// The run of a selection: the one at work, or a new one.
    ///
    /// # Errors
    /// When the run of another selection is at work.
    pub(super) async fn run(
        &self,
        config: &Arc<Config>,
        approved: ApprovedSelection,
        printer: Printer,
    ) -> Result<Arc<Handover>, Refusal> {
        let mut place = self.0.lock().await;
        let plan = approved.digest();
        if let Some(at_work) = place.as_ref() {
            if at_work.plan == plan {
                return Ok(at_work.handover.clone());
            }
            if !matches!(at_work.handover.now(), Stand::Over(_)) {
                return Err(Refusal::new("a run over another selection is at work")
                    .hint(format!("finish it: `fix_start` with selection_digest {}", at_work.plan)));
            }
        }
        let time = Duration::from_secs(config.settings.fix.budgets.time.0);
        let handover = Arc::new(Handover::new(time));
        let (switch, cancel) = CancelSwitch::new();
        let (config, hand) = (config.clone(), handover.clone());
        let task = tokio::spawn(async move {
            let done = work(&config, &approved, &hand, cancel, printer).await;
            hand.over(done.map_err(|failure| refusal(&failure)));
        });
        *place = Some(AtWork { plan, handover: handover.clone(), switch, task });
        Ok(handover)
    }

    /// The run at work.
    pub(super) async fn at_work(&self) -> Option<Arc<Handover>> {
        self.0.lock().await.as_ref().map(|at_work| at_work.handover.clone())
    }

    /// Takes away a run that is over, once its client knows.
    pub(super) async fn clear(&self) {
        let mut place = self.0.lock().await;
        if place.as_ref().is_some_and(|at_work| matches!(at_work.handover.now(), Stand::Over(_))) {
            *place = None;
        }
    }

    /// Stops the run at its next safe point and waits for that. The next run goes on from the journal.
    pub(super) async fn close(&self) {
        let Some(at_work) = self.0.lock().await.take() else { return };
        at_work.switch.stop();
        // A run that panicked has nothing left to be waited for; its holds lapse.
        let _ended = at_work.task.await;
    }
}

/// The run: the same as that of `orderly fix`, but for whom it asks.
async fn work(
    config: &Config,
    approved: &ApprovedSelection,
    hand: &Handover,
    cancel: Cancel,
    printer: Printer,
) -> Result<Value, Failure> {
    let repairs = Repairs::open(config, Apart::Wanted).await?;
    let job = repairs.job(hand).paced_by(hand).watched_by(hand).until(cancel);
    let prepared =
        job.look(approved, Seen::default(), Want::AsFound).await.map_err(|error| unseen(&error))?;
    let record = repairs.begin(prepared.plan()).await?;
    let done = job.run(&repairs.run, &prepared, &repairs.checks).await;
    let told = repairs.end(record, done, prepared).await?;
    let came_to = told.kept();
    told.keep(config, &repairs.site, &repairs.scrubber, printer);
    Ok(came_to)
}
