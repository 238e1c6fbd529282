//! What an envelope item is.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The `type` of an item. Types nobody here knows are kept by name, so that they can be counted and skipped.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ItemKind {
    /// An error or message: at most one per envelope.
    Event,
    /// A finished performance transaction: at most one per envelope.
    Transaction,
    /// A file that belongs to the event.
    Attachment,
    /// An update of one user session.
    Session,
    /// Counts of many sessions.
    Sessions,
    /// A user's feedback, as an event.
    Feedback,
    /// A user's feedback on a crash.
    UserReport,
    /// What the SDK itself dropped, and why.
    ClientReport,
    /// A cron check-in.
    CheckIn,
    /// Structured logs.
    Log,
    /// Any other type, by name.
    Other(String),
}

impl ItemKind {
    /// The name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Event => "event",
            Self::Transaction => "transaction",
            Self::Attachment => "attachment",
            Self::Session => "session",
            Self::Sessions => "sessions",
            Self::Feedback => "feedback",
            Self::UserReport => "user_report",
            Self::ClientReport => "client_report",
            Self::CheckIn => "check_in",
            Self::Log => "log",
            Self::Other(name) => name,
        }
    }
}

impl From<&str> for ItemKind {
    fn from(name: &str) -> Self {
        match name {
            "event" => Self::Event,
            "transaction" => Self::Transaction,
            "attachment" => Self::Attachment,
            "session" => Self::Session,
            "sessions" => Self::Sessions,
            "feedback" => Self::Feedback,
            "user_report" => Self::UserReport,
            "client_report" => Self::ClientReport,
            "check_in" => Self::CheckIn,
            "log" => Self::Log,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl Serialize for ItemKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ItemKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = <std::borrow::Cow<'de, str> as Deserialize>::deserialize(deserializer)?;
        Ok(Self::from(name.as_ref()))
    }
}
