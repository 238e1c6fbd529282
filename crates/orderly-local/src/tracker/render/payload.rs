//! Answers of mutations, and the state of the limits.

use super::{Node, Out, leaf, text};
use crate::tracker::limits::Reading;
use crate::tracker::model::{AttachmentId, CommentId, IssueId, LabelId, RelationId};
use crate::tracker::scene::Scene;

/// What a mutation did: the record it leaves behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    Issue(IssueId),
    Issues(Vec<IssueId>),
    /// Archived, restored, trashed, or gone for good.
    Archive(IssueId),
    Attachment(AttachmentId),
    Comment(CommentId),
    Relation(RelationId),
    Label(LabelId),
    /// The id of what was deleted.
    Deleted(String),
}

impl Payload {
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Issue(_) => "IssuePayload",
            Self::Issues(_) => "IssueBatchPayload",
            Self::Archive(_) => "IssueArchivePayload",
            Self::Attachment(_) => "AttachmentPayload",
            Self::Comment(_) => "CommentPayload",
            Self::Relation(_) => "IssueRelationPayload",
            Self::Label(_) => "IssueLabelPayload",
            Self::Deleted(_) => "DeletePayload",
        }
    }

    pub(super) fn field<'w>(&self, scene: &'w Scene<'w>, name: &str) -> Option<Out<'w>> {
        let world = scene.world;
        match (self, name) {
            (_, "success") => leaf(true),
            (_, "lastSyncId") => leaf(world.last_sync_id as f64),
            (Self::Issue(id), "issue") | (Self::Archive(id), "entity") => {
                Some(Out::maybe(world.issues.get(id).map(Node::from)))
            }
            (Self::Issues(ids), "issues") => {
                Some(Out::Many(ids.iter().filter_map(|id| world.issues.get(id)).map(Node::from).collect()))
            }
            (Self::Attachment(id), "attachment") => {
                Some(Out::maybe(world.attachments.get(id).map(Node::from)))
            }
            (Self::Comment(id), "comment") => Some(Out::maybe(world.comments.get(id).map(Node::from))),
            (Self::Relation(id), "issueRelation") => {
                Some(Out::maybe(world.relations.get(id).map(Node::from)))
            }
            (Self::Label(id), "issueLabel") => Some(Out::maybe(world.labels.get(id).map(Node::from))),
            (Self::Deleted(id), "entityId") => text(id),
            _ => None,
        }
    }
}

pub(super) fn rate_limits<'w>(scene: &'w Scene<'w>, name: &str) -> Option<Out<'w>> {
    match name {
        "identifier" => text(scene.viewer.id.as_str()),
        "kind" => text("apiKey"),
        "limits" => Some(Out::Many(scene.readings.iter().copied().map(Node::RateLimit).collect())),
        _ => None,
    }
}

pub(super) fn rate_limit<'w>(reading: &Reading, name: &str) -> Option<Out<'w>> {
    match name {
        "type" => text(reading.meter.name()),
        "requestedAmount" => leaf(reading.requested as f64),
        "allowedAmount" => leaf(f64::from(reading.allowed)),
        "remainingAmount" => leaf(f64::from(reading.remaining)),
        "period" => leaf(reading.meter.period().as_millis() as f64),
        "reset" => leaf(reading.reset.as_millisecond() as f64),
        _ => None,
    }
}
