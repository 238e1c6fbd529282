//! Repairs on this machine: worktrees of a repository, programs in a sandbox, agents, and the page of active runs.
//!
//! Reading order: [`GitWorkshop`] (`workshop.rs` and below: worktrees, staging, the commit, where it lands) -> [`Sandbox`]
//! (`sandbox.rs`: what a program may see) -> `program.rs` (running one within its limits) -> [`CheckRunner`] (`checks.rs`)
//! -> [`CommandAgent`], [`EditorAgent`] (`agent.rs`: who makes the change), [`AcpAgent`] (`acp.rs` and below: who does so over the
//! Agent Client Protocol; `beneath.rs`: files that it may reach) -> [`RunsFile`] (`runs_file.rs`: who works on which
//! paths).

#[cfg(unix)]
mod acp;
mod agent;
#[cfg(unix)]
mod beneath;
mod checks;
mod program;
mod runs_file;
mod sandbox;
mod workshop;

#[cfg(unix)]
pub use acp::AcpAgent;
pub use agent::{CommandAgent, EditorAgent, Hand};
pub use checks::CheckRunner;
pub(crate) use checks::tail;
pub use program::{Ended, Limits, Program};
pub use runs_file::RunsFile;
pub use sandbox::{Network, Sandbox, SandboxSettings, find as find_sandbox};
pub use workshop::{Cleared, GitWorkshop};
