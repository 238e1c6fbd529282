//! The backlog sync as a job: gather, decide, apply, report.
//!
//! Reading order: [`SyncJob`] (`run.rs`: the job and the ports it is given) -> `gather.rs` (what is asked, at once where
//! that is possible) -> `wanted.rs` (what the tracker is asked for one issue), `backlog.rs` (what it is like) -> `apply.rs` (from effect to port call)
//! -> `undo.rs` (taking a run back) -> `progress.rs` and `cancel.rs` (how a person follows and stops it).

mod apply;
mod backlog;
mod cancel;
mod gather;
mod own_examples;
mod progress;
mod run;
mod undo;
mod wanted;

pub use backlog::{Indexed, Indexer};
pub use cancel::{Cancel, CancelSwitch};
pub use gather::asked_environments;
pub use own_examples::{MergesRead, OwnHistory, own_history};
pub use progress::{Progress, Watch};
pub use run::{Applied, Previewed, SyncError, SyncJob, SyncPorts, SyncScope, run_id};
pub use undo::{Undid, UndoError, UndoJob, UndoLine, UndoReport};
