//! Telling people: one comment on each issue in Sentry and one message in each chat channel, edited and not repeated.
//!
//! Reading order: [`Place`] (where people are told, and what a place does with a message) -> [`PostOrder`] (exactly what is
//! sent) -> `messages.rs` (what became of it, by the log) -> [`TellPlan`] (what would be sent now).

mod messages;
mod order;
mod place;
mod plan;
#[cfg(test)]
mod tests;

pub(super) use messages::Messages;
pub use messages::{Fate, Sent};
pub use order::{PostKey, PostOrder, PostStep, Words};
pub use place::{Channel, ChannelKind, ChannelName, Keeps, MessageId, NoName, Place};
pub use plan::{Held, TellPlan};
