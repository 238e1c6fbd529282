//! From a declared incident to its resolution: how bad it is, who leads it, what is due, what happened.
//!
//! Reading order: [`severity`] (the judgement) -> [`Entry`] (`entry.rs`: what can happen) -> [`Incident`] (`state.rs`: what the
//! entries come to, and which of them are refused; `command.rs`: roles) -> [`ClockPolicy`] and [`duties`] (`clock.rs`: what
//! is due) -> [`Log`] (`log.rs`: entries in an order that cannot be changed unseen; `timeline.rs`: shown; `import`: what others
//! recorded) -> [`Draft`] (`draft.rs`: an update; `tell`: where it goes) -> [`IncidentPlan`] (`plan.rs`: an entry before it is
//! written) -> [`IncidentView`] (`view.rs`: what every surface shows; [`Audience`]: whom) -> [`mitigation`] (what is tried to end
//! it, and whether it did) -> [`review`] (what it took) -> [`Action`] (`action.rs`: what is to be done; `filing.rs`: as an item of
//! the tracker) -> [`replay`] (all of it again, for practice).

mod action;
mod audience;
mod clock;
mod command;
mod draft;
mod entry;
mod filing;
mod import;
mod log;
pub mod mitigation;
mod plan;
mod policy;
mod refused;
pub mod replay;
pub mod review;
pub mod severity;
mod state;
mod tell;
#[cfg(test)]
mod tests;
mod timeline;
mod view;

pub use action::{Action, Filing, Planned};
pub use audience::Audience;
pub use clock::{ClockPolicy, Duty, Pace, Standing, Task, duties};
pub use command::{Breach, Role, Unknown, named, same};
pub use draft::Draft;
pub use entry::{Affected, Author, Entry, IncidentKey, Lesson, NotAnIncident, NoteKind, Says, What};
pub use filing::{ActionKey, FileOrder, FilePlan};
pub use import::{Activity, Comment, Doer, Origin, Recorded, imports, window};
pub use log::{Broken, LOG_VERSION, Log, Logged};
pub use plan::{IncidentPlan, Stale};
pub use policy::IncidentPolicy;
pub use refused::Refused;
pub use review::{ActionView, Review};
pub use state::{Given, Incident, Ownership, Phase};
pub use tell::{
    Channel, ChannelKind, ChannelName, Fate, Held, Keeps, MessageId, NoName, Place, PostKey, PostOrder,
    PostStep, Sent, TellPlan, Words,
};
pub use view::{DutyView, IncidentView, IssueView, PlaceView, RoleView, TimelineView};
