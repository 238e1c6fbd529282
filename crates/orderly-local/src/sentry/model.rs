//! The words of the embedded Sentry's data model: each state is an enum whose text is what the
//! database and the web API say.

use jiff::Timestamp;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Decode, Encode, Sqlite, Type};

/// A stored or received text that names no variant of the enum it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {kind}; expected one of {expected}")]
pub struct UnknownWord {
    /// What was being read, for example `status`.
    pub kind: &'static str,
    /// The text that was found.
    pub text: String,
    /// The texts that exist, comma separated.
    pub expected: String,
}

/// Declares an enum with one text per variant, readable from and writable to SQLite and JSON.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $kind:literal { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// Every variant, in order of declaration.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The text in the database and in the web API.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(UnknownWord {
                        kind: $kind,
                        text: text.to_owned(),
                        expected: [$($text),+].join(", "),
                    }),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl Type<Sqlite> for $name {
            fn type_info() -> SqliteTypeInfo {
                <str as Type<Sqlite>>::type_info()
            }
        }

        impl Encode<'_, Sqlite> for $name {
            fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
                <&str as Encode<'_, Sqlite>>::encode_by_ref(&self.as_str(), buffer)
            }
        }

        impl<'r> Decode<'r, Sqlite> for $name {
            fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
                Ok(<&str as Decode<'r, Sqlite>>::decode(value)?.parse()?)
            }
        }
    };
}

pub mod watch;

words! {
    /// Where an issue stands.
    Status, "status" {
        /// Open.
        Unresolved = "unresolved",
        /// Fixed, until an event says otherwise.
        Resolved = "resolved",
        /// Archived.
        Ignored = "ignored",
    }
}

words! {
    /// Why an issue stands where it stands; resolved issues have none.
    Substatus, "substatus" {
        /// Archived until it escalates past its forecast.
        ArchivedUntilEscalating = "archived_until_escalating",
        /// Archived until its snooze condition is met.
        ArchivedUntilConditionMet = "archived_until_condition_met",
        /// Archived for good.
        ArchivedForever = "archived_forever",
        /// Open and far above its usual rate.
        Escalating = "escalating",
        /// Open and known.
        Ongoing = "ongoing",
        /// Open again after it was resolved.
        Regressed = "regressed",
        /// Open and younger than seven days.
        New = "new",
    }
}

impl Substatus {
    /// The status an issue with this substatus has.
    pub const fn status(self) -> Status {
        match self {
            Self::ArchivedUntilEscalating | Self::ArchivedUntilConditionMet | Self::ArchivedForever => {
                Status::Ignored
            }
            Self::Escalating | Self::Ongoing | Self::Regressed | Self::New => Status::Unresolved,
        }
    }
}

words! {
    /// Severity as the SDK reports it.
    Level, "level" {
        /// Sampled data, below debug.
        Sample = "sample",
        /// Debugging output.
        Debug = "debug",
        /// For information.
        Info = "info",
        /// Something to look at.
        Warning = "warning",
        /// Something failed.
        Error = "error",
        /// The program ended.
        Fatal = "fatal",
        /// The SDK sent a level that does not exist.
        Unknown = "unknown",
    }
}

words! {
    /// How much an issue matters.
    Priority, "priority" {
        /// 25 in Sentry's numbers.
        Low = "low",
        /// 50.
        Medium = "medium",
        /// 75.
        High = "high",
    }
}

impl Priority {
    /// Sentry's number for it; larger matters more.
    pub const fn number(self) -> i64 {
        match self {
            Self::Low => 25,
            Self::Medium => 50,
            Self::High => 75,
        }
    }
}

words! {
    /// Why an issue is up for review.
    InboxReason, "inbox reason" {
        /// First seen.
        New = "new",
        /// Its archive condition was met.
        Unignored = "unignored",
        /// It came back after it was resolved.
        Regression = "regression",
        /// A person put it there.
        Manual = "manual",
        /// Its events were processed again.
        Reprocessed = "reprocessed",
        /// It rose above its forecast.
        Escalating = "escalating",
        /// It became ongoing.
        Ongoing = "ongoing",
    }
}

impl InboxReason {
    /// `inbox.reason` in the web API.
    pub const fn number(self) -> i64 {
        match self {
            Self::New => 0,
            Self::Unignored => 1,
            Self::Regression => 2,
            Self::Manual => 3,
            Self::Reprocessed => 4,
            Self::Escalating => 5,
            Self::Ongoing => 6,
        }
    }
}

words! {
    /// Whether an issue is made of exceptions or of plain messages.
    IssueKind, "issue kind" {
        /// Has an exception or a stack trace.
        Error = "error",
        /// Anything else.
        Default = "default",
        /// Failures of a scheduled job.
        Generic = "generic",
    }
}

impl IssueKind {
    /// `issueType` of the web API.
    pub const fn issue_type(self) -> &'static str {
        match self {
            Self::Error | Self::Default => "error",
            Self::Generic => "monitor_check_in_failure",
        }
    }

    /// `issueCategory` of the web API.
    pub const fn category(self) -> &'static str {
        match self {
            Self::Error | Self::Default => "error",
            Self::Generic => "outage",
        }
    }
}

words! {
    /// What a resolution names.
    ResolutionKind, "resolution kind" {
        /// The release after the newest one at that moment.
        InNextRelease = "in_next_release",
        /// A release by name.
        InRelease = "in_release",
        /// A commit; counts once a release carries it.
        InCommit = "in_commit",
    }
}

words! {
    /// What happened to an issue.
    ActivityKind, "activity type" {
        /// Resolved without a release.
        SetResolved = "set_resolved",
        /// Resolved in a release (`data.version`, empty for the next one).
        SetResolvedInRelease = "set_resolved_in_release",
        /// Resolved by a commit.
        SetResolvedInCommit = "set_resolved_in_commit",
        /// Resolved by a pull request.
        SetResolvedInPullRequest = "set_resolved_in_pull_request",
        /// Resolved because nothing was seen for long.
        SetResolvedByAge = "set_resolved_by_age",
        /// Opened again.
        SetUnresolved = "set_unresolved",
        /// Archived.
        SetIgnored = "set_ignored",
        /// Shared publicly.
        SetPublic = "set_public",
        /// No longer shared.
        SetPrivate = "set_private",
        /// Seen again after it was resolved.
        SetRegression = "set_regression",
        /// Linked to a new external issue.
        CreateIssue = "create_issue",
        /// A person's comment.
        Note = "note",
        /// Seen for the first time.
        FirstSeen = "first_seen",
        /// Given to a person or team.
        Assigned = "assigned",
        /// Given to nobody.
        Unassigned = "unassigned",
        /// Other issues were merged into it.
        Merge = "merge",
        /// A person looked at it.
        MarkReviewed = "mark_reviewed",
        /// Seven days passed.
        AutoSetOngoing = "auto_set_ongoing",
        /// Rose above its forecast.
        SetEscalating = "set_escalating",
        /// Its priority changed.
        SetPriority = "set_priority",
        /// Named in a commit.
        ReferencedInCommit = "referenced_in_commit",
        /// Deployed.
        Deploy = "deploy",
    }
}

/// Alphabet of Crockford's base 32: no I, L, O or U.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// `PROJECT-SLUG-<counter>`: how people name an issue. `counter` starts at 1 in each project.
pub fn short_id(project_slug: &str, counter: i64) -> String {
    let mut rest = counter.unsigned_abs();
    let mut digits = Vec::new();
    while rest > 0 || digits.is_empty() {
        digits.push(char::from(CROCKFORD[(rest % 32) as usize]));
        rest /= 32;
    }
    let number: String = digits.into_iter().rev().collect();
    format!("{}-{number}", project_slug.to_uppercase())
}

/// The project slug (lower case) and counter that a short id names; `None` if it is not one.
/// Letters are read as Crockford prescribes: I and L as 1, O as 0, case does not matter.
pub fn parse_short_id(text: &str) -> Option<(String, i64)> {
    let (slug, number) = text.rsplit_once('-')?;
    if slug.is_empty() || number.is_empty() || number.len() > 12 {
        return None;
    }
    let mut counter: i64 = 0;
    for byte in number.bytes() {
        let read = match byte.to_ascii_uppercase() {
            b'I' | b'L' => b'1',
            b'O' => b'0',
            other => other,
        };
        let digit = CROCKFORD.iter().position(|c| *c == read)?;
        counter = counter.checked_mul(32)?.checked_add(i64::try_from(digit).ok()?)?;
    }
    Some((slug.to_lowercase(), counter))
}

/// A stored time (microseconds since 1970) as a timestamp; out-of-range values become the epoch.
pub fn from_micros(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or_default()
}

/// The first second of the clock hour that `at` lies in.
pub fn hour_of(at: Timestamp) -> i64 {
    let second = at.as_second();
    second - second.rem_euclid(3600)
}
