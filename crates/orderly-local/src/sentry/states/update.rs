//! Changes that people make to issues (`PUT`): what a request body asks for, and what follows from it.
//!
//! [`UpdateRequest::read`] understands every body that the official clients send; [`decide`] says, for one issue,
//! which [`Effect`]s it has. The store carries them out.

mod body;
mod decide;

#[cfg(test)]
mod tests;

pub use body::InvalidUpdate;
pub use decide::{Before, Effect, Forecast, decide};

use crate::sentry::model::{Priority, Substatus};

/// A request body, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpdateRequest {
    /// Delete the issues and drop their future events.
    Discard,
    /// Merge the other issues into one of them.
    Merge,
    /// Change each issue.
    Change(Update),
}

/// What to change; `None` leaves it alone. Releases, commits and people are still named by `R`, `C` and `A`: by
/// their texts when the body was just read, by their rows once the store has found them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update<R = ReleaseName, C = CommitName, A = AssigneeName> {
    /// The new status.
    pub status: Option<StatusChange<R, C>>,
    /// A priority set by hand.
    pub priority: Option<Priority>,
    /// Who has it from now on.
    pub assignee: Option<A>,
    /// Whether it waits for review.
    pub inbox: Option<Inbox>,
    /// Whether the caller has seen it.
    pub seen: Option<bool>,
    /// Whether the caller has bookmarked it.
    pub bookmarked: Option<bool>,
    /// Whether the caller is subscribed to it.
    pub subscribed: Option<bool>,
    /// Whether it is shared with the public.
    pub public: Option<bool>,
}

impl<R, C, A> Default for Update<R, C, A> {
    fn default() -> Self {
        Update {
            status: None,
            priority: None,
            assignee: None,
            inbox: None,
            seen: None,
            bookmarked: None,
            subscribed: None,
            public: None,
        }
    }
}

/// A new status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusChange<R = ReleaseName, C = CommitName> {
    /// Fixed.
    Resolve(Target<R, C>),
    /// Out of sight.
    Archive(Archive),
    /// Open again; the substatus follows from where it was unless it is given.
    Reopen(Option<Substatus>),
}

/// From when on the fix counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target<R = ReleaseName, C = CommitName> {
    /// From now on: any later event is a regression.
    Now,
    /// From the release after the newest one.
    NextRelease(R),
    /// From this release on.
    InRelease(R),
    /// From the first release with this commit on.
    InCommit(C),
}

/// How a body names a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReleaseName {
    /// The newest one of the project.
    Latest,
    /// By version.
    Version(String),
}

/// How a body names a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitName {
    /// Its hash.
    pub commit: String,
    /// The repository's name.
    pub repository: String,
}

/// For how long an issue is archived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Archive {
    /// For good.
    Forever,
    /// Until it rises above its forecast.
    UntilEscalating,
    /// Until the first of the conditions is met.
    UntilCondition(Snooze),
}

impl Archive {
    /// The substatus it gives.
    pub const fn substatus(self) -> Substatus {
        match self {
            Archive::Forever => Substatus::ArchivedForever,
            Archive::UntilEscalating => Substatus::ArchivedUntilEscalating,
            Archive::UntilCondition(_) => Substatus::ArchivedUntilConditionMet,
        }
    }
}

/// What ends an archive. Durations and windows are minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Snooze {
    /// `ignoreDuration`: after so long.
    pub duration: Option<i64>,
    /// `ignoreCount`: after so many events.
    pub count: Option<i64>,
    /// `ignoreWindow`: within so long.
    pub window: Option<i64>,
    /// `ignoreUserCount`: after so many users.
    pub user_count: Option<i64>,
    /// `ignoreUserWindow`: within so long.
    pub user_window: Option<i64>,
}

/// Whether an issue waits for review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inbox {
    /// `inbox: false`: a person has looked at it.
    Reviewed,
    /// `inbox: true`: a person wants it looked at.
    ToReview,
}

/// How a body names an assignee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssigneeName {
    /// Nobody.
    Nobody,
    /// `user:ID`
    Member(i64),
    /// `team:ID`
    Team(i64),
    /// `#slug`
    TeamSlug(String),
    /// An email address or user name.
    Named(String),
}

/// An assignee that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assignee {
    /// A member.
    Member {
        /// Row id.
        id: i64,
        /// Email address, for the record of activities.
        email: String,
    },
    /// A team.
    Team {
        /// Row id.
        id: i64,
    },
}

/// A release that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Row id.
    pub id: i64,
    /// Its version.
    pub version: String,
}

/// A commit that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Row id.
    pub id: i64,
    /// Its hash.
    pub sha: String,
}

/// An update in which everything it names exists. An assignee of `None` is nobody.
pub type ResolvedUpdate = Update<Release, Commit, Option<Assignee>>;
