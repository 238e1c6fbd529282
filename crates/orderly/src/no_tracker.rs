//! The tracker that is not there: without a key a sync still previews, and every look says why it was not possible.

use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::backlog::Span;
use orderly_core::ids::{ItemId, TeamKey};
use orderly_core::sync::plan::{AttachOrder, CommentOrder, CreateOrder};
use orderly_core::sync::snapshot::{Look, TrackedItem, TrackerFacts};
use orderly_core::tracked::AbsenceProof;
use orderly_engine::ports::tracker::{
    ChangedPage, CreateReply, FoundItems, TrackerCreate, TrackerLink, TrackerRead, Wanted, WriteReply,
};

/// No tracker, and why.
#[derive(Clone, Debug)]
pub struct NoTracker {
    why: String,
}

impl NoTracker {
    /// A tracker that cannot be reached for this reason.
    pub const fn because(why: String) -> Self {
        Self { why }
    }

    fn cause(&self) -> Cause {
        Cause::Access(self.why.clone())
    }

    fn blind(&self, looked_for: Vec<String>) -> Look<TrackedItem> {
        Look { answer: Looked::CouldNotLook(self.cause()), looked_for, requests: Vec::new() }
    }
}

#[async_trait]
impl TrackerRead for NoTracker {
    async fn facts(&self, _: &TeamKey, _: &[TeamKey]) -> Looked<TrackerFacts> {
        Looked::CouldNotLook(self.cause())
    }

    async fn find(&self, _: &TeamKey, wanted: &[Wanted]) -> Vec<FoundItems> {
        let blind = |wanted: &Wanted| FoundItems {
            short_id: self.blind(vec![wanted.short_id.clone()]),
            permalink: self.blind(wanted.permalinks.clone()),
            title: self.blind(wanted.title.iter().map(|title| title.needle.clone()).collect()),
            stack: self.blind(wanted.stack.iter().cloned().collect()),
            culprit: self.blind(wanted.culprit.iter().cloned().collect()),
            own: self.blind(wanted.own.iter().map(ToString::to_string).collect()),
            linked: wanted.linked_urls.iter().map(|url| (url.clone(), None)).collect(),
        };
        wanted.iter().map(blind).collect()
    }

    async fn changed(&self, _: &[TeamKey], _: Span, _: Option<&str>) -> Looked<ChangedPage> {
        Looked::CouldNotLook(self.cause())
    }

    async fn item(&self, _: ItemId) -> Looked<Option<TrackedItem>> {
        Looked::CouldNotLook(self.cause())
    }
}

#[async_trait]
impl TrackerCreate for NoTracker {
    async fn create(&self, _: &CreateOrder, _: &AbsenceProof) -> CreateReply {
        CreateReply::Denied(self.why.clone())
    }
}

#[async_trait]
impl TrackerLink for NoTracker {
    async fn attach(&self, _: &AttachOrder) -> WriteReply {
        WriteReply::Refused(self.why.clone())
    }

    async fn comment(&self, _: &CommentOrder) -> WriteReply {
        WriteReply::Refused(self.why.clone())
    }

    async fn move_to(&self, _: ItemId, _: &str) -> WriteReply {
        WriteReply::Refused(self.why.clone())
    }

    async fn relate(&self, _: ItemId, _: ItemId) -> WriteReply {
        WriteReply::Refused(self.why.clone())
    }
}
