//! Every decision of Orderly as a pure function: typed inputs in, typed plan out.
//!
//! Never here: I/O, async, a clock, randomness, the environment (`clippy.toml` of this crate forbids them).
//!
//! - [`ids`], [`time`], [`untrusted`], [`answer`]: the words everything shares.
//! - [`encode`], [`scrub`]: the only ways out for text that an event could set.
//! - [`patterns`]: makes what both are built on ready early.
//! - [`normal`]: frames, messages and titles in one form; stack traces that people pasted.
//! - [`select`]: which listed issues are looked at closer. [`tracked`]: the six provers of "not tracked".
//! - [`similar`]: is an error like one that is known? [`calibrate`]: what may be said about that, and how often it is wrong.
//!   [`backlog`]: what is tracked, ready to be compared with.
//! - [`rate`]: how many events are expected, and how unlikely a count is. On it: [`blame`], which change made a rate rise;
//!   [`detect`], whether there is more than usual; [`effect`], whether a mitigation worked; [`silence`], whether an error
//!   stayed away long enough. [`escalation`]: Sentry's own formulas for "too much".
//! - [`watch`]: alarms over everything that is counted, and what of them is one incident.
//! - [`triage`]: which issues a person is shown, and what was approved; with [`noise`], what is hidden, and [`rank`], what
//!   goes first. [`diagnose`]: from the evidence of a crash to what is probably wrong. [`brief`]: a crash in few lines.
//! - [`sync`]: the backlog sync: snapshot, policy, plan, state machine, report.
//! - [`source`]: from a stack frame to a file and a line of a repository.
//! - [`suspect`]: the files that probably hold the mistake behind a crash. [`locate`]: what became of the search for its code.
//! - [`fix`]: from a selected issue to a proven commit. [`active_runs`]: who is at work on which paths. [`verify`]: whether
//!   a fix holds in production.
//! - [`incident`]: from a declared incident to its resolution: severity, command, clock, log. [`investigate`]: what is
//!   behind it, as competing hypotheses with their evidence. [`specialist`]: four reports about it.

pub mod active_runs;
pub mod answer;
pub mod backlog;
pub mod blame;
pub mod brief;
pub mod calibrate;
pub mod detect;
pub mod diagnose;
pub mod digest;
pub mod effect;
pub mod encode;
pub mod escalation;
pub mod fix;
pub mod ids;
pub mod incident;
pub mod investigate;
pub mod locate;
pub mod noise;
pub mod normal;
pub mod patterns;
pub mod rank;
pub mod rate;
pub mod scrub;
pub mod select;
mod side_by_side;
pub mod silence;
pub mod similar;
pub mod source;
pub mod specialist;
pub mod suspect;
pub mod sync;
pub mod time;
pub mod tracked;
pub mod triage;
pub mod untrusted;
pub mod verify;
pub mod watch;
