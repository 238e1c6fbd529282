//! What the engine needs of the world, split by power: a job that is not given a port cannot do what it does.

pub mod backlog;
pub mod cases;
pub mod clock;
pub mod code;
pub mod crash;
pub mod flags;
pub mod head;
pub mod incident;
pub mod investigate;
pub mod ledger;
pub mod look;
pub mod maps;
pub mod merges;
pub mod repair;
pub mod sentry;
pub mod tracker;
pub mod triage;
pub mod watch;
