//! Comments on issues.

use super::input::{self, CommentCreate, CommentUpdate};
use super::{Decision, Desk};
use crate::tracker::call::Call;
use crate::tracker::markdown;
use crate::tracker::model::{Comment, CommentId, IssueId};
use crate::tracker::problem::Problem;
use crate::tracker::render::Payload;
use crate::tracker::world::Change;

pub(super) fn create(desk: &Desk<'_>, call: &Call) -> Result<Decision, Problem> {
    let input: CommentCreate = call.input()?;
    let id = input.id.as_deref().map(input::client_id).transpose()?;
    if let Some(id) = id.as_deref().filter(|id| desk.world.comments.contains_key(*id)) {
        return Err(Problem::conflict("Comment", id));
    }
    let issue = input.issue_id.as_deref().ok_or_else(|| Problem::argument("issueId must be given."))?;
    let issue = desk.issue(issue)?.id.clone();
    let parent = match &input.parent_id {
        None => None,
        Some(id) => match desk.world.comments.get(id.as_str()) {
            Some(parent) if parent.issue == issue => Some(parent.id.clone()),
            _ => return Err(Problem::not_found("Comment")),
        },
    };
    let mut comment = new(desk, issue, input.body.as_deref().unwrap_or_default())?;
    comment.parent = parent;
    if let Some(id) = id {
        comment.id = CommentId::from(id);
    }
    if let Some(at) = input.created_at {
        comment.created_at = at;
    }
    Ok(put(comment))
}

/// A new comment of the viewer.
pub(super) fn new(desk: &Desk<'_>, issue: IssueId, body: &str) -> Result<Comment, Problem> {
    Ok(Comment {
        id: CommentId::random(),
        issue,
        parent: None,
        body: text(body)?,
        user: Some(desk.viewer.id.clone()),
        created_at: desk.now,
        updated_at: desk.now,
        edited_at: None,
    })
}

fn text(body: &str) -> Result<String, Problem> {
    if body.trim().is_empty() {
        return Err(Problem::argument("body should not be empty."));
    }
    Ok(markdown::stored(body))
}

pub(super) fn update(desk: &Desk<'_>, call: &Call) -> Result<Decision, Problem> {
    let input: CommentUpdate = call.input()?;
    let mut comment = known(desk, call)?.clone();
    if let Some(body) = &input.body {
        comment.body = text(body)?;
    }
    (comment.updated_at, comment.edited_at) = (desk.now, Some(desk.now));
    Ok(put(comment))
}

pub(super) fn delete(desk: &Desk<'_>, call: &Call) -> Result<Decision, Problem> {
    let id = known(desk, call)?.id.clone();
    let payload = Payload::Deleted(id.as_str().to_owned());
    let answers = desk.world.comments.values().filter(|it| it.parent.as_ref() == Some(&id));
    let mut changes: Vec<Change> =
        answers.map(|it| Change::Comment(Comment { parent: None, ..it.clone() })).collect();
    changes.push(Change::RemoveComment(id));
    Ok(Decision { changes, payload })
}

fn put(comment: Comment) -> Decision {
    let payload = Payload::Comment(comment.id.clone());
    Decision { changes: vec![Change::Comment(comment)], payload }
}

fn known<'w>(desk: &Desk<'w>, call: &Call) -> Result<&'w Comment, Problem> {
    desk.world.comments.get(call.text("id")).ok_or_else(|| Problem::not_found("Comment"))
}
