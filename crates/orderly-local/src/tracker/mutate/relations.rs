//! Relations between issues. Marking a duplicate moves it out of the way and its links to the issue that stays.

use jiff::Timestamp;

use super::input::{self, RelationCreate};
use super::issue_fields::enter_state;
use super::issues::changed;
use super::{Decision, Desk};
use crate::tracker::call::Call;
use crate::tracker::model::{Attachment, Issue, Relation, RelationId, RelationKind, StateKind};
use crate::tracker::problem::Problem;
use crate::tracker::render::Payload;
use crate::tracker::world::Change;

pub(super) fn create(desk: &Desk<'_>, call: &Call) -> Result<Decision, Problem> {
    let input: RelationCreate = call.input()?;
    let (issue, related) = (desk.issue(&input.issue_id)?, desk.issue(&input.related_issue_id)?);
    if issue.id == related.id {
        return Err(Problem::input("An issue cannot be related to itself."));
    }
    let id = match input.id.as_deref().map(input::client_id).transpose()? {
        Some(id) if desk.world.relations.contains_key(id.as_str()) => {
            return Err(Problem::conflict("IssueRelation", &id));
        }
        Some(id) => RelationId::from(id),
        None => RelationId::random(),
    };
    let same = |known: &&Relation| known.related == related.id && known.kind == input.r#type;
    if let Some(known) = desk.world.relations_of(&issue.id).find(same) {
        return Ok(Decision { changes: Vec::new(), payload: Payload::Relation(known.id.clone()) });
    }
    let created_at = match call.optional_text("overrideCreatedAt") {
        None => desk.now,
        Some(text) => text
            .parse::<Timestamp>()
            .map_err(|_| Problem::argument("overrideCreatedAt must be a time like 2030-12-31T00:00:00Z."))?,
    };
    let relation = Relation {
        id: id.clone(),
        issue: issue.id.clone(),
        related: related.id.clone(),
        kind: input.r#type,
        created_at,
    };
    let mut changes = vec![Change::Relation(relation)];
    if input.r#type == RelationKind::Duplicate {
        changes.extend(close_as_duplicate(desk, issue));
        changes.extend(desk.world.attachments_of(&issue.id).map(|it| hand_over(desk, it, related)));
    }
    Ok(Decision { changes, payload: Payload::Relation(id) })
}

fn close_as_duplicate(desk: &Desk<'_>, issue: &Issue) -> Vec<Change> {
    let Some(state) = desk.world.state_of_kind(&issue.team, StateKind::Duplicate) else {
        return Vec::new();
    };
    let from = desk.world.state(&issue.state).kind;
    let mut closed = issue.clone();
    enter_state(&mut closed, Some(from), state, desk.now);
    changed(desk, issue, closed)
}

/// Moves an attachment to the issue that stays, unless that one has the same link already.
fn hand_over(desk: &Desk<'_>, attachment: &Attachment, to: &Issue) -> Change {
    if desk.world.attachments_of(&to.id).any(|known| known.url == attachment.url) {
        return Change::RemoveAttachment(attachment.id.clone());
    }
    Change::Attachment(Attachment {
        issue: to.id.clone(),
        original_issue: Some(attachment.issue.clone()),
        updated_at: desk.now,
        ..attachment.clone()
    })
}

pub(super) fn delete(desk: &Desk<'_>, call: &Call) -> Result<Decision, Problem> {
    let known = desk.world.relations.get(call.text("id"));
    let id = known.ok_or_else(|| Problem::not_found("IssueRelation"))?.id.clone();
    let payload = Payload::Deleted(id.as_str().to_owned());
    Ok(Decision { changes: vec![Change::RemoveRelation(id)], payload })
}
