//! The keys of the issue search and their spellings.

use super::query::{Column, EventColumn, NumberColumn, TermKey, TimeColumn};

/// What a key speaks about. Everything that is not one of these is a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Is,
    Has,
    Issue,
    Priority,
    Category,
    Assigned,
    AssignedOrSuggested,
    Bookmarks,
    Subscribed,
    Time(TimeColumn),
    Number(NumberColumn),
    FirstRelease,
    Release,
    RegressedInRelease,
    Environment,
    Project,
    Handled,
    Unhandled,
    Message,
    Column(Column),
    Term(TermKey),
    User,
    Event(EventColumn),
}

/// Every spelling of every key.
const KEYS: &[(&str, Key)] = &[
    ("is", Key::Is),
    ("has", Key::Has),
    ("issue", Key::Issue),
    ("issue.id", Key::Issue),
    ("issue.priority", Key::Priority),
    ("priority", Key::Priority),
    ("issue.category", Key::Category),
    ("issue.type", Key::Column(Column::Kind)),
    ("event.type", Key::Column(Column::Kind)),
    ("assigned", Key::Assigned),
    ("assigned_to", Key::Assigned),
    ("assigned_or_suggested", Key::AssignedOrSuggested),
    ("bookmarks", Key::Bookmarks),
    ("subscribed", Key::Subscribed),
    ("age", Key::Time(TimeColumn::FirstSeen)),
    ("firstSeen", Key::Time(TimeColumn::FirstSeen)),
    ("first_seen", Key::Time(TimeColumn::FirstSeen)),
    ("lastSeen", Key::Time(TimeColumn::LastSeen)),
    ("last_seen", Key::Time(TimeColumn::LastSeen)),
    ("event.timestamp", Key::Time(TimeColumn::EventTimestamp)),
    ("timestamp", Key::Time(TimeColumn::EventTimestamp)),
    ("timesSeen", Key::Number(NumberColumn::TimesSeen)),
    ("times_seen", Key::Number(NumberColumn::TimesSeen)),
    ("userCount", Key::Number(NumberColumn::UserCount)),
    ("user_count", Key::Number(NumberColumn::UserCount)),
    ("firstRelease", Key::FirstRelease),
    ("first_release", Key::FirstRelease),
    ("first-release", Key::FirstRelease),
    ("release", Key::Release),
    ("regressed_in_release", Key::RegressedInRelease),
    ("environment", Key::Environment),
    ("project", Key::Project),
    ("project.name", Key::Project),
    ("project.id", Key::Project),
    ("error.handled", Key::Handled),
    ("error.unhandled", Key::Unhandled),
    ("error.type", Key::Term(TermKey::ErrorType)),
    ("error.value", Key::Term(TermKey::ErrorValue)),
    ("stack.filename", Key::Term(TermKey::StackFilename)),
    ("stack.module", Key::Term(TermKey::StackModule)),
    ("stack.function", Key::Term(TermKey::StackFunction)),
    ("message", Key::Message),
    ("title", Key::Column(Column::Title)),
    ("culprit", Key::Column(Column::Culprit)),
    ("location", Key::Column(Column::Location)),
    ("level", Key::Column(Column::Level)),
    ("logger", Key::Column(Column::Logger)),
    ("platform", Key::Column(Column::Platform)),
    ("platform.name", Key::Column(Column::Platform)),
    ("user", Key::User),
    ("user.id", Key::Term(TermKey::UserId)),
    ("user.email", Key::Term(TermKey::UserEmail)),
    ("user.username", Key::Term(TermKey::UserName)),
    ("user.ip", Key::Term(TermKey::UserIp)),
    ("id", Key::Event(EventColumn::Id)),
    ("trace", Key::Event(EventColumn::Trace)),
];

/// Tags that SDKs set by themselves: known even before the first event that has them.
pub const USUAL_TAGS: &[&str] = &[
    "app.device",
    "browser",
    "browser.name",
    "client_os",
    "client_os.name",
    "device",
    "device.class",
    "device.family",
    "dist",
    "handled",
    "http.method",
    "http.status_code",
    "mechanism",
    "os",
    "os.name",
    "runtime",
    "runtime.name",
    "sdk.name",
    "sdk.version",
    "server_name",
    "site",
    "transaction",
    "url",
];

/// The search key with this spelling.
pub(super) fn find(spelling: &str) -> Option<Key> {
    KEYS.iter().find(|(text, _)| *text == spelling).map(|(_, key)| *key)
}

/// The search key, usual tag or one of `tags` that looks most like `spelling`, if any looks like it at all.
pub fn nearest<'a>(spelling: &str, tags: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let wanted = spelling.to_lowercase();
    KEYS.iter()
        .map(|(text, _)| *text)
        .chain(USUAL_TAGS.iter().copied())
        .chain(tags)
        .map(|known| (strsim::damerau_levenshtein(&wanted, &known.to_lowercase()), known))
        .filter(|(distance, known)| *distance <= 2 || *distance * 3 <= known.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known.to_owned())
}
