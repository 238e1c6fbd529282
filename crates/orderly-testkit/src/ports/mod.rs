//! The world behind the engine's ports. Each call takes 100 ms of tokio's clock, which tests pause, so that what waits
//! for what can be counted without timing anything; and each call can be made to fail.

mod backlog;
mod ledger;
mod sentry;
mod tracker;

use crate::world::ledger::Ledger;
use crate::world::look::permitted;
use crate::world::now;
use crate::world::sentry::Sentry;
use crate::world::tracker::Tracker;
use orderly_core::sync::snapshot::RepeatedIds;
use orderly_core::time::{Now, Timestamp};
use orderly_engine::ports::backlog::StoredBacklog;
use orderly_engine::ports::clock::Clock;
use orderly_engine::ports::ledger::RunRecord;
use orderly_engine::sync::{SyncPorts, UndoJob};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long each call takes.
pub const LATENCY: Duration = Duration::from_millis(100);

/// A world behind ports.
pub struct FakeWorld {
    state: Mutex<State>,
    trouble: Box<dyn Fn(&Call) -> Trouble + Send + Sync>,
}

/// What is in the world.
pub struct State {
    /// Second of the world.
    pub second: u64,
    /// Sentry.
    pub sentry: Sentry,
    /// Tracker.
    pub tracker: Tracker,
    /// Journal, lease and reports.
    pub ledger: Ledger,
    /// What is remembered of tracked work.
    pub backlog: Option<StoredBacklog>,
    /// Runs, oldest first.
    pub runs: Vec<RunRecord>,
    /// Every call, in order.
    pub calls: Vec<Call>,
}

/// One call of a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Port and method: `tracker.create`.
    pub what: &'static str,
    /// How many calls of this method came before.
    pub nth: usize,
}

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing.
    None,
    /// It does not arrive.
    Lost,
    /// It arrives, and its answer is lost.
    AnswerLost,
    /// It never ends.
    Hangs,
}

impl FakeWorld {
    /// A world with `issues` issues that qualify, and nothing going wrong.
    pub fn new(issues: u64) -> Self {
        Self::with(issues, |_| Trouble::None)
    }

    /// A world in which calls go wrong.
    pub fn with(issues: u64, trouble: impl Fn(&Call) -> Trouble + Send + Sync + 'static) -> Self {
        let state = State {
            second: 1000,
            sentry: Sentry::with_issues(issues),
            tracker: Tracker::new(RepeatedIds::Refused),
            ledger: Ledger::default(),
            backlog: None,
            runs: Vec::new(),
            calls: Vec::new(),
        };
        Self { state: Mutex::new(state), trouble: Box::new(trouble) }
    }

    /// What is in it.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often a port's method was called; a prefix (`tracker.`) counts all of them.
    pub fn count(&self, what: &str) -> usize {
        self.state().calls.iter().filter(|call| call.what.starts_with(what)).count()
    }

    /// Ports of a sync.
    pub fn ports(&self) -> SyncPorts<'_> {
        SyncPorts {
            sentry: self,
            link: self,
            tracker: self,
            create: self,
            write: self,
            ledger: self,
            backlog: self,
            clock: self,
        }
    }

    /// An undo.
    pub fn undo(&self) -> UndoJob<'_> {
        let site = crate::world::site();
        UndoJob {
            tracker: self,
            ledger: self,
            clock: self,
            host: site.host(),
            org: site.org,
            team: crate::world::team(),
        }
    }

    /// Notes a call and lets its time pass.
    async fn call(&self, what: &'static str) -> Trouble {
        let call = {
            let mut state = self.state();
            let nth = state.calls.iter().filter(|call| call.what == what).count();
            let call = Call { what, nth };
            state.calls.push(call.clone());
            call
        };
        let trouble = (self.trouble)(&call);
        if trouble == Trouble::Hangs {
            std::future::pending::<()>().await;
        }
        // The ledger is next door.
        if !what.starts_with("ledger.") {
            tokio::time::sleep(LATENCY).await;
        }
        trouble
    }
}

#[async_trait::async_trait]
impl Clock for FakeWorld {
    fn now(&self) -> Now {
        now(self.state().second)
    }

    async fn sleep_until(&self, until: Timestamp) {
        let ahead = until.as_second().saturating_sub(self.now().0.as_second()).max(0);
        let ahead = u64::try_from(ahead).unwrap_or(0);
        tokio::time::sleep(Duration::from_secs(ahead)).await;
        let mut state = self.state();
        state.second = state.second.saturating_add(ahead);
    }
}

impl State {
    /// What the tracker says of team and permissions.
    pub fn facts(&self) -> orderly_core::sync::snapshot::TrackerFacts {
        permitted(&self.tracker)
    }
}
