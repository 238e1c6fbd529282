//! The embedded Sentry.
//!
//! - [`alerts`]: metrics past a threshold, and issues that people want to hear of.
//! - [`monitors`]: scheduled jobs that say how they run.
//! - [`model`]: the enums everything speaks in.
//! - [`side`]: everything put together, ready to be served.
//! - [`ingest`]: where SDKs send events.
//! - [`grouping`]: which issue an event belongs to, and what it is called.
//! - [`api`]: the web API under `/api/0`.
//! - [`code_mapping`]: where in a repository the file of a stack frame is.
//! - [`explore`]: questions about single events, transactions and spans.
//! - [`pages`]: the same for people, as HTML.
//! - [`search`]: the issue search syntax.
//! - [`states`]: how issues move between states.
//! - [`passage`]: what the passage of time does.
//! - [`ownership_rules`]: who owns what, by the rules of a project.
//! - [`releases_order`]: which of two releases is newer, by name.
//! - [`store`]: the tables.
//! - [`texts`]: short texts side by side.
//! - [`tree`]: JSON that was sent, read without copying it.
//! - [`webhooks`]: apps are told what happens.

pub mod alerts;
pub mod api;
pub mod code_mapping;
pub mod explore;
pub mod grouping;
pub mod ingest;
pub mod model;
pub mod monitors;
pub mod ownership_rules;
pub(crate) mod pages;
pub mod passage;
pub mod releases_order;
pub mod search;
pub mod side;
pub mod states;
pub mod store;
pub mod texts;
pub mod tree;
pub mod webhooks;
