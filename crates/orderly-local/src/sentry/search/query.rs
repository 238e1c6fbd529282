//! What a search asks for, once understood.

use crate::sentry::model::{Priority, Status, Substatus};

use super::value::{NumberTest, Pattern, TimeTest};

/// A whole search: every term must match.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// The terms, in the order they were written.
    pub terms: Vec<Term>,
}

/// One filter, perhaps negated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Whether the filter must match or must not.
    pub polarity: Polarity,
    /// The filter.
    pub filter: Filter,
}

/// Whether a filter must match or must not (`!key:value`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polarity {
    /// `key:value`
    Is,
    /// `!key:value`
    IsNot,
}

/// One filter. A list of alternatives matches if any of them does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// `is:`
    State(Vec<State>),
    /// Free text and `message:`; each pattern is looked for anywhere in message, title and culprit.
    Message(Vec<Pattern>),
    /// A column of the issue: `title`, `culprit`, `level`, ...
    Column(Column, Vec<Pattern>),
    /// `issue:`
    Issue(Vec<IssueName>),
    /// `issue.priority:`
    Priority(Vec<Priority>),
    /// `issue.category:`
    Category(Vec<Pattern>),
    /// `assigned:`
    Assigned(Vec<Person>),
    /// `assigned_or_suggested:`
    AssignedOrSuggested(Vec<Person>),
    /// `bookmarks:`
    Bookmarks(Vec<Person>),
    /// `subscribed:`
    Subscribed(Vec<Person>),
    /// `age:`, `firstSeen:`, `lastSeen:`, `event.timestamp:`
    Time(TimeColumn, TimeTest),
    /// `timesSeen:`, `userCount:`
    Number(NumberColumn, NumberTest),
    /// `firstRelease:`
    FirstRelease(Vec<ReleaseName>),
    /// `release:`
    Release(Vec<ReleaseName>),
    /// `regressed_in_release:`
    RegressedInRelease(Vec<ReleaseName>),
    /// `environment:`; the empty name is the environment of events that name none.
    Environment(Vec<Pattern>),
    /// `project:`: slugs or ids.
    Project(Vec<Pattern>),
    /// `error.handled:` (and `error.unhandled:`, turned round).
    Handled(Handled),
    /// `error.type`, `error.value`, `stack.*`, `user.*`: values kept per issue in `issue_term`.
    TermValue(TermKey, Vec<Pattern>),
    /// `user:`, in the form `id:42`.
    User(Vec<Pattern>),
    /// `id:`, `trace:`: one of the issue's events.
    Event(EventColumn, Vec<Pattern>),
    /// Any other key.
    Tag(String, Vec<Pattern>),
    /// `has:`
    Has(Presence),
}

/// What `is:` can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// A status.
    Status(Status),
    /// A substatus; implies its status.
    Substatus(Substatus),
    /// Unresolved and in the inbox.
    ForReview,
    /// Has an assignee.
    Assigned,
    /// Has none.
    Unassigned,
    /// Has an external issue.
    Linked,
    /// Has none.
    Unlinked,
}

/// Columns of an issue that are compared as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// `title`
    Title,
    /// `culprit`
    Culprit,
    /// `location`
    Location,
    /// `level`
    Level,
    /// `logger`
    Logger,
    /// `platform`
    Platform,
    /// `issue.type`, `event.type`
    Kind,
}

/// Columns of an issue that are times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeColumn {
    /// When its first event happened.
    FirstSeen,
    /// When its last event happened.
    LastSeen,
    /// When any of its events happened.
    EventTimestamp,
}

/// Columns of an issue that are numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberColumn {
    /// Events in all.
    TimesSeen,
    /// Users in all.
    UserCount,
}

/// Whether the error reached the user's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handled {
    /// Every exception was caught, or nothing says otherwise.
    Yes,
    /// An exception was not caught.
    No,
}

/// Columns of an event that identify it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventColumn {
    /// 32 hex digits.
    Id,
    /// 32 hex digits.
    Trace,
}

/// Keys of `issue_term`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TermKey {
    /// Type of an exception.
    ErrorType,
    /// Value of an exception.
    ErrorValue,
    /// `true` or `false`, of a whole event.
    ErrorHandled,
    /// File of a frame.
    StackFilename,
    /// Module of a frame.
    StackModule,
    /// Function of a frame.
    StackFunction,
    /// File of an in-app frame: what ownership rules look at.
    InAppPath,
    /// Module of an in-app frame.
    InAppModule,
    /// `user.id`
    UserId,
    /// `user.email`
    UserEmail,
    /// `user.username`
    UserName,
    /// `user.ip`
    UserIp,
}

impl TermKey {
    /// The text in the column `issue_term.key`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ErrorType => "error.type",
            Self::ErrorValue => "error.value",
            Self::ErrorHandled => "error.handled",
            Self::StackFilename => "stack.filename",
            Self::StackModule => "stack.module",
            Self::StackFunction => "stack.function",
            Self::InAppPath => "in_app.path",
            Self::InAppModule => "in_app.module",
            Self::UserId => "user.id",
            Self::UserEmail => "user.email",
            Self::UserName => "user.username",
            Self::UserIp => "user.ip",
        }
    }
}

/// How a search names an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssueName {
    /// Its number.
    Id(i64),
    /// Project slug (lower case) and counter of its short id.
    Short {
        /// Lower-case project slug.
        project: String,
        /// Counter in the project.
        counter: i64,
    },
}

/// How a search names people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    /// The caller.
    Me,
    /// Any team of the caller.
    MyTeams,
    /// Nobody.
    Nobody,
    /// `#slug`
    Team(String),
    /// An email address or user name.
    Named(String),
}

/// How a search names releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReleaseName {
    /// The newest release of each project that is searched.
    Latest,
    /// A version, perhaps with wildcards; empty for none.
    Version(Pattern),
}

/// What `has:` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// A release.
    Release,
    /// A first release.
    FirstRelease,
    /// A named environment.
    Environment,
    /// An assignee.
    Assignee,
    /// A user.
    User,
    /// A non-empty column.
    Column(Column),
    /// A value kept in `issue_term`.
    Term(TermKey),
    /// A tag.
    Tag(String),
}

impl Query {
    /// The tags that the search names: the caller checks that they exist.
    pub fn tag_keys(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().filter_map(|term| match &term.filter {
            Filter::Tag(key, _) | Filter::Has(Presence::Tag(key)) => Some(key.as_str()),
            _ => None,
        })
    }

    /// Whether anything asks for `latest`: the caller then looks the newest releases up.
    pub fn names_latest_release(&self) -> bool {
        self.terms.iter().any(|term| match &term.filter {
            Filter::FirstRelease(names) | Filter::Release(names) | Filter::RegressedInRelease(names) => {
                names.contains(&ReleaseName::Latest)
            }
            _ => false,
        })
    }

    /// Whether suggested owners matter, which depend on ownership rules.
    pub fn names_suggested_owners(&self) -> bool {
        self.terms.iter().any(|term| matches!(term.filter, Filter::AssignedOrSuggested(_)))
    }

    /// Whether every term only says something about state or assignment, as `sort=inbox` demands: for review and
    /// unresolved, at most with an assignee.
    pub fn is_review_queue(&self) -> bool {
        let positive = |state: State| {
            self.terms
                .iter()
                .any(|term| term.polarity == Polarity::Is && term.filter == Filter::State(vec![state]))
        };
        positive(State::ForReview)
            && self.terms.iter().all(|term| {
                term.polarity == Polarity::Is
                    && match &term.filter {
                        Filter::State(states) => states.iter().all(|state| {
                            matches!(state, State::ForReview | State::Status(Status::Unresolved))
                        }),
                        Filter::Assigned(_) | Filter::AssignedOrSuggested(_) | Filter::Time(..) => true,
                        _ => false,
                    }
            })
    }
}
