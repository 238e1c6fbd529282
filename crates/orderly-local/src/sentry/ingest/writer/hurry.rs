//! When what was acknowledged is filed: soon, and at once when somebody waits for it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// How long acknowledged events wait for others, when nobody asks for them: the more are filed at once, the less each
/// of them costs.
const LINGER: Duration = Duration::from_millis(50);

/// Who waits for the database: as long as anybody does, nothing lingers.
#[derive(Debug, Default)]
pub(in crate::sentry::ingest) struct Hurry {
    told: Notify,
    waiting: AtomicUsize,
}

/// Somebody who waits until it is dropped.
pub(super) struct Waiting<'h>(&'h Hurry);

impl Hurry {
    /// Something came that is awaited.
    pub(in crate::sentry::ingest) fn tell(&self) {
        self.told.notify_one();
    }

    /// Somebody waits until what this gives is dropped.
    pub(super) fn wait(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        self.tell();
        Waiting(self)
    }

    /// Waits for others to come, unless somebody waits for the database.
    pub(super) async fn linger(&self) {
        if self.waiting.load(Ordering::SeqCst) == 0 {
            // Either way it is time.
            let _ = tokio::time::timeout(LINGER, self.told.notified()).await;
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}
