//! Sentry on the wire: what SDKs send ([`dsn`], [`envelope`], [`event_id`]), how webhooks are signed ([`hook`]), and what the web API answers
//! ([`issue`], [`event`], [`merged`], [`crash`], [`code_mapping`], [`tags`], [`release`], [`released`], [`explore`], [`sessions`],
//! [`trace`], [`changes`], [`activity`], [`alert`], [`external`], [`organization`], page by page with [`link`], or a [`refusal`]).

pub mod activity;
pub mod alert;
pub mod changes;
pub mod code_mapping;
pub mod crash;
pub mod dsn;
pub mod envelope;
pub mod event;
pub mod event_id;
pub mod explore;
pub mod external;
pub mod hook;
pub mod issue;
pub mod link;
pub mod merged;
pub mod organization;
pub mod refusal;
pub mod release;
pub mod released;
pub mod sessions;
pub mod tags;
mod tolerant;
pub mod trace;
