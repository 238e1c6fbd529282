//! The real clients: Sentry and Linear over HTTP, git through its program, behind the ports of the engine.
//!
//! - [`chat`]: `Teller` for Slack, Discord, Teams and webhooks.
//! - [`git`]: the hardened way to start git.
//! - [`http`]: one origin a client, no redirects, capped answers, tokens that nothing prints; reads are asked again, writes never.
//! - [`mitigation`]: runs the commands that end an impact, as they are configured.
//! - [`repair`]: worktrees, sandbox, agents, checks and the page of active runs, on this machine.
//! - [`sentry`]: `SentryRead`, `SentryLink`, `CrashRead`, `SentryResolve`, `SentryReleases`, `Teller`, `HistoryRead`, and a probe for set-up.
//! - [`source_maps`]: from a place in a bundle to the sources, by maps on this machine.
//! - [`linear`]: `TrackerRead`, `TrackerCreate`, `TrackerLink`, `TrackerUndo`, and a probe for set-up.
//!
//! Never here: decisions about issues, shared mutable globals.

pub mod chat;
pub mod git;
pub mod http;
pub mod linear;
pub mod mitigation;
pub mod repair;
pub mod sentry;
pub mod source_maps;
