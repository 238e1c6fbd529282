//! How the tracker behaves where trackers differ, and how that is changed while it runs.

use jiff::SignedDuration;

use super::limits::Limits;

/// What happens when `issueCreate` names an id that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum RepeatedIds {
    /// `conflict on insert of Issue`, as Linear does.
    #[default]
    Refuse,
    /// The existing issue takes over the new content.
    Upsert,
    /// The id means nothing: every creation makes another issue with an id of the tracker's choice.
    Ignore,
}

/// The settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Behaviour {
    /// What a repeated client id does.
    pub repeated_ids: RepeatedIds,
    /// How long a new issue stays invisible to search.
    pub search_lag: SignedDuration,
    /// Request, complexity and search limits.
    pub limits: Limits,
}
