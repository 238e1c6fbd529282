//! What a sync may ask and tell the tracker. Looking is exact; ranked search is no port of a proof.

use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked, RequestRef};
use orderly_core::backlog::Span;
use orderly_core::ids::{ItemId, TeamKey};
use orderly_core::incident::FileOrder;
pub use orderly_core::sync::machine::{CreateReply, WriteReply};
use orderly_core::sync::plan::{AttachOrder, CommentOrder, CreateOrder};
use orderly_core::sync::snapshot::{Look, TrackedItem, TrackerFacts};
use orderly_core::time::Timestamp;
use orderly_core::tracked::AbsenceProof;

/// What is looked for, for one issue. All of it travels in one request with that of other issues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Short id, in title, description or comments.
    pub short_id: String,
    /// Permalink spellings, as attachments.
    pub permalinks: Vec<String>,
    /// The part of a permalink that names the issue (`/issues/4500123`), in attachments, descriptions and comments.
    /// Hits on longer numbers are dropped by the adapter.
    pub permalink_tail: String,
    /// Title fingerprint (12 hex digits, as in a marker) and the needle to find human titles by; the adapter returns
    /// what holds either, the core compares fingerprints.
    pub title: Option<TitleWanted>,
    /// Stack signature (12 hex digits, as in a marker).
    pub stack: Option<String>,
    /// Culprit or function to look for among the team's open items.
    pub culprit: Option<String>,
    /// Derived ids.
    pub own: Vec<ItemId>,
    /// Addresses that Sentry links to, to be resolved to items.
    pub linked_urls: Vec<String>,
}

/// How items with the same title fingerprint are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TitleWanted {
    /// Fingerprint.
    pub fingerprint: String,
    /// Longest fixed part of the title; at least 8 characters.
    pub needle: String,
}

/// What was found for one [`Wanted`], field by field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundItems {
    /// By short id.
    pub short_id: Look<TrackedItem>,
    /// By permalink.
    pub permalink: Look<TrackedItem>,
    /// By title.
    pub title: Look<TrackedItem>,
    /// By stack signature.
    pub stack: Look<TrackedItem>,
    /// By culprit.
    pub culprit: Look<TrackedItem>,
    /// By derived id.
    pub own: Look<TrackedItem>,
    /// For each of `linked_urls`, the item it leads to.
    pub linked: Vec<(String, Option<TrackedItem>)>,
}

/// A page of items by the time of their last change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedPage {
    /// The items.
    pub items: Vec<ChangedItem>,
    /// Mark of the next page; absent on the last.
    pub next: Option<String>,
    /// The request that gave it.
    pub request: RequestRef,
}

/// An item, with its description as its only text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedItem {
    /// The item.
    pub item: TrackedItem,
    /// The item that it was marked a duplicate of.
    pub merged_into: Option<ItemId>,
}

/// Reading the tracker.
#[async_trait]
pub trait TrackerRead: Send + Sync {
    /// Team, states, labels, people and permissions.
    async fn facts(&self, team: &TeamKey, other_teams: &[TeamKey]) -> Looked<TrackerFacts>;

    /// Looks for many issues in as few requests as the complexity limit allows; one answer per input, in order.
    async fn find(&self, team: &TeamKey, wanted: &[Wanted]) -> Vec<FoundItems>;

    /// A page of the items of these teams that changed within a span, newest change first, in archive and trash too.
    /// `after` is the mark of the page before.
    async fn changed(&self, teams: &[TeamKey], span: Span, after: Option<&str>) -> Looked<ChangedPage>;

    /// An item by id: a primary key, never search. `Saw(None)` says that no such item exists, in archive or trash
    /// neither.
    async fn item(&self, id: ItemId) -> Looked<Option<TrackedItem>>;
}

/// Creating items: the strongest power, in a port of its own.
#[async_trait]
pub trait TrackerCreate: Send + Sync {
    /// Sends exactly `order`. The proof shows that its issue was looked for everywhere.
    async fn create(&self, order: &CreateOrder, proof: &AbsenceProof) -> CreateReply;
}

/// Creating items for the actions of an incident, each under its derived id.
#[async_trait]
pub trait TrackerFile: Send + Sync {
    /// Sends exactly `order`.
    async fn file(&self, order: &FileOrder) -> CreateReply;
}

/// Writes on existing items; each is an upsert or carries a derived id, so each may be repeated.
#[async_trait]
pub trait TrackerLink: Send + Sync {
    /// Upserts an attachment on item and address.
    async fn attach(&self, order: &AttachOrder) -> WriteReply;

    /// Adds a comment under its derived id; a repeated id counts as done.
    async fn comment(&self, order: &CommentOrder) -> WriteReply;

    /// Moves an item to a state.
    async fn move_to(&self, item: ItemId, state: &str) -> WriteReply;

    /// Relates an item to its predecessor; an existing relation counts as done.
    async fn relate(&self, item: ItemId, predecessor: ItemId) -> WriteReply;
}

/// Taking back what a run did.
#[async_trait]
pub trait TrackerUndo: Send + Sync {
    /// Moves an item to the trash.
    async fn trash(&self, item: ItemId) -> Result<(), Cause>;

    /// Removes the attachment with this address from an item; absent counts as removed.
    async fn detach(&self, item: ItemId, url: &str) -> Result<(), Cause>;

    /// Whether anybody but us touched an item since we made it.
    async fn touched_since(&self, item: ItemId, made: Timestamp) -> Looked<Touched>;
}

/// Whether an item is still as we left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Touched {
    /// As we left it.
    No,
    /// Changed; says how.
    Yes(String),
    /// Not there any more.
    Gone,
}
