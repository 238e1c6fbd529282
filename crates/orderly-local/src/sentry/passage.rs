//! What the passage of time does: issues age and come back, scheduled jobs are missed, metrics are measured.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

use super::alerts::evaluate::evaluate;
use super::api::AppState;
use super::api::error::ApiResult;
use super::ingest::Writer;
use super::monitors::keep;
use super::store::retention::{self, Retention};
use super::store::sweep::sweep;

/// As often as Sentry's own jobs run.
const PERIOD: SignedDuration = SignedDuration::from_secs(60);

/// Lets time pass up to `now`.
///
/// # Errors
/// When the database refuses.
pub async fn pass(state: &AppState, now: Timestamp) -> ApiResult<()> {
    sweep(state.pool(), now).await?;
    keep::sweep(state.pool(), now).await?;
    evaluate(state, now).await
}

/// Lets time pass when a minute of the servers' time has gone since the last time. Cheap to clone and to ask.
#[derive(Debug, Clone)]
pub struct Sweeper(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: AppState,
    writer: Writer,
    retention: Retention,
    last: AtomicI64,
}

impl Sweeper {
    /// A sweeper that is due.
    pub(crate) fn new(state: AppState, writer: Writer, retention: Retention) -> Self {
        Self(Arc::new(Shared { state, writer, retention, last: AtomicI64::new(i64::MIN) }))
    }

    /// Lets time pass if it is time. A failure is logged and tried again when the next minute has passed.
    pub async fn run_if_due(&self) {
        let Shared { state, writer, retention, last: swept } = &*self.0;
        let now = state.clock().now();
        let (last, micros) = (swept.load(Ordering::SeqCst), now.as_microsecond());
        // The clock may be set back, too: any step of a minute counts.
        let period = u64::try_from(PERIOD.as_micros()).unwrap_or(u64::MAX);
        let mine = micros.abs_diff(last) >= period
            && swept.compare_exchange(last, micros, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        if !mine {
            return;
        }
        // What arrived before the time that passes is filed before it passes.
        writer.settled().await;
        if let Err(error) = pass(state, now).await {
            tracing::error!(%error, "what time does could not be carried out");
        }
        if let Err(error) = retention::forget(state.pool(), *retention, now).await {
            tracing::error!(%error, "old events could not be forgotten");
        }
    }
}
