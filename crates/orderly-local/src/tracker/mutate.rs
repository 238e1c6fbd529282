//! The fields of the mutation root. Each decides what changes, without changing anything: the changes are committed
//! and applied by the caller.

mod attachments;
mod comments;
mod history;
mod input;
mod issue_fields;
mod issues;
mod labels;
mod relations;

use jiff::Timestamp;

use super::behaviour::RepeatedIds;
use super::call::Call;
use super::model::{Issue, User};
use super::problem::Problem;
use super::render::Payload;
use super::world::{Change, World};

/// What a mutation decides with.
pub struct Desk<'w> {
    pub world: &'w World,
    pub now: Timestamp,
    pub viewer: &'w User,
    pub repeated_ids: RepeatedIds,
}

/// What a mutation changes and answers.
#[derive(Debug)]
pub struct Decision {
    pub changes: Vec<Change>,
    pub payload: Payload,
}

/// Decides one root field.
pub fn decide(desk: &Desk<'_>, call: &Call) -> Result<Decision, Problem> {
    match call.field.as_str() {
        "issueCreate" => issues::create(desk, call),
        "issueBatchCreate" => issues::create_batch(desk, call),
        "issueUpdate" => issues::update(desk, call),
        "issueArchive" => issues::archive(desk, call),
        "issueUnarchive" => issues::unarchive(desk, call),
        "issueDelete" => issues::delete(desk, call),
        "issueAddLabel" => labels::add(desk, call),
        "issueRemoveLabel" => labels::remove(desk, call),
        "issueLabelCreate" => labels::create(desk, call),
        "issueRelationCreate" => relations::create(desk, call),
        "issueRelationDelete" => relations::delete(desk, call),
        "attachmentCreate" => attachments::create(desk, call),
        "attachmentUpdate" => attachments::update(desk, call),
        "attachmentLinkURL" => attachments::link(desk, call),
        "attachmentDelete" => attachments::delete(desk, call),
        "commentCreate" => comments::create(desk, call),
        "commentUpdate" => comments::update(desk, call),
        "commentDelete" => comments::delete(desk, call),
        field => Err(Problem::document(format!("Mutation.{field} is not served"))),
    }
}

impl<'w> Desk<'w> {
    /// The issue with this UUID or identifier.
    fn issue(&self, id: &str) -> Result<&'w Issue, Problem> {
        self.world.issue_by_any_id(id).ok_or_else(|| Problem::not_found("Issue"))
    }
}
