//! Where SDKs send what they saw: `/api/{project}/envelope/` and `/api/{project}/store/`.
//!
//! Reading order: [`endpoints`] (the two addresses), [`auth`] (whose key), [`body`] (encodings and sizes), [`budget`] (how
//! much of them is in memory), [`items`] (what an envelope carries), [`event`] (an event made ready; [`normalize`] and
//! [`tags`] are its parts), [`transaction`] (the same of a transaction), [`cron`] (check-ins without an envelope),
//! [`rate_limit`], then [`writer`], which commits many requests at once, [`journal`], so that events need not wait for
//! that, [`batch`], which files them, and [`dictionary`], what they are packed against.

mod auth;
mod batch;
mod body;
mod budget;
mod cron;
mod dictionary;
mod endpoints;
pub mod event;
pub(crate) mod items;
mod journal;
pub mod normalize;
mod rate_limit;
mod refusal;
pub mod tags;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod transaction;
mod writer;

pub(crate) use batch::file;
pub(crate) use endpoints::Endpoints;
pub use journal::Journal;
pub(crate) use writer::{Writer, WriterTask};
