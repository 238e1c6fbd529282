//! The Model Context Protocol: what an agent may ask for, and in which form it is answered.
//!
//! Reading order: [`Call`] (`call.rs`: one variant a tool) with its arguments (`arguments.rs`) -> [`Tool`] (`tool.rs`: the
//! catalogue) -> [`Skill`] (`skill.rs`: prompts, and the skills of clients) -> [`Desk`] (`desk.rs`: who answers) -> [`Answer`] (`answer.rs`: three origins, one fence; `holds.rs`: its fields) -> [`Server`]
//! (`server.rs`: the protocol) over standard input and output (`stdio.rs`) or HTTP (`http.rs`).

mod answer;
mod arguments;
mod call;
mod desk;
mod fence;
mod holds;
mod http;
mod kept;
mod plain;
mod schema;
mod server;
mod skill;
mod stdio;
mod tool;

pub use answer::{Answer, List, Origin};
pub use arguments::{
    Dataset, FindProjects, FindReleases, FindTeams, FixCheck, FixCommit, FixResolve, FixStart,
    GetIssueDetails, IncidentApply, IncidentList, IncidentPreview, IncidentShow, IssueSort, More, NoteKind,
    SearchEvents, SearchIssues, SyncApply, SyncPreview, Triage, UseSentry,
};
pub use call::{Call, NotACall};
pub use desk::{Consent, Desk, Kept, Outcome, Refusal};
pub use fence::Fence;
pub use http::{PATH, serve_http};
pub use plain::plan;
pub use server::Server;
pub use skill::{Skill, Spelling};
pub use stdio::{ServeError, serve_stdio};
pub use tool::{Power, Tool};
