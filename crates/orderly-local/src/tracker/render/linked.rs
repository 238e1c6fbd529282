//! Fields of what hangs on issues: attachments, comments, relations, history.

use apollo_compiler::response::JsonMap;

use super::connection::listed;
use super::{Field, Node, Out, empty_list, empty_object, leaf, null, optional_time, strings, text, time};
use crate::tracker::filter::CommentFilter;
use crate::tracker::model::{
    Attachment, Comment, FieldChange, Grouping, History, LabelId, Presence, Relation, StateId, UserId,
};
use crate::tracker::scene::Scene;

pub(super) fn attachment<'w>(scene: &'w Scene<'w>, it: &'w Attachment, name: &str) -> Option<Out<'w>> {
    match name {
        "id" => text(it.id.as_str()),
        "title" => text(&it.title),
        "subtitle" => leaf(it.subtitle.clone()),
        "url" => text(&it.url),
        "metadata" => leaf(it.metadata.clone()),
        "sourceType" => text(it.source_type()),
        "groupBySource" => leaf(it.grouping == Grouping::BySource),
        "source" | "bodyData" | "archivedAt" => null(),
        "issue" => Some(Out::maybe(scene.issue_of(it).map(Node::from))),
        "originalIssue" => {
            let original = it.original_issue.as_ref().and_then(|id| scene.world.issues.get(id));
            Some(Out::maybe(original.map(Node::from)))
        }
        "creator" => Some(Out::maybe(scene.user(&it.creator).map(Node::from))),
        "createdAt" => time(it.created_at),
        "updatedAt" => time(it.updated_at),
        _ => None,
    }
}

pub(super) fn comment<'w>(
    scene: &'w Scene<'w>,
    it: &'w Comment,
    name: &str,
    arguments: &JsonMap,
) -> Field<'w> {
    let comments = &scene.world.comments;
    if name == "children" {
        let children = comments.values().filter(|child| child.parent.as_ref() == Some(&it.id));
        return listed::<Comment, CommentFilter>(scene, "CommentConnection", children, arguments);
    }
    Ok(match name {
        "id" => text(it.id.as_str()),
        "body" => text(&it.body),
        "url" => leaf(scene.comment_url(it)),
        "issue" => Some(Out::maybe(scene.world.issues.get(&it.issue).map(Node::from))),
        "issueId" => text(it.issue.as_str()),
        "parent" => Some(Out::maybe(it.parent.as_ref().and_then(|id| comments.get(id)).map(Node::from))),
        "parentId" => leaf(it.parent.as_ref().map(|id| id.as_str())),
        "user" => Some(Out::maybe(scene.user(&it.user).map(Node::from))),
        "reactions" => empty_list(),
        "reactionData" => empty_object(),
        "createdAt" => time(it.created_at),
        "updatedAt" => time(it.updated_at),
        "editedAt" => optional_time(it.edited_at),
        "archivedAt" => null(),
        _ => None,
    })
}

pub(super) fn relation<'w>(scene: &'w Scene<'w>, it: &'w Relation, name: &str) -> Option<Out<'w>> {
    let issues = &scene.world.issues;
    match name {
        "id" => text(it.id.as_str()),
        "type" => text(it.kind.as_str()),
        "issue" => Some(Out::maybe(issues.get(&it.issue).map(Node::from))),
        "relatedIssue" => Some(Out::maybe(issues.get(&it.related).map(Node::from))),
        "createdAt" | "updatedAt" => time(it.created_at),
        "archivedAt" => null(),
        _ => None,
    }
}

pub(super) fn history<'w>(scene: &'w Scene<'w>, it: &'w History, name: &str) -> Option<Out<'w>> {
    match name {
        "id" => text(it.id.as_str()),
        "issue" => Some(Out::maybe(scene.world.issues.get(&it.issue).map(Node::from))),
        "actor" => Some(Out::maybe(scene.user(&it.actor).map(Node::from))),
        "actorId" => leaf(it.actor.as_ref().map(UserId::as_str)),
        "createdAt" | "updatedAt" => time(it.created_at),
        _ => it
            .changes
            .iter()
            .find_map(|change| changed(scene, change, name))
            .or_else(|| CHANGE_FIELDS.contains(&name).then_some(Out::Leaf(().into()))),
    }
}

/// The fields of a history line that are null unless the line is about them.
const CHANGE_FIELDS: [&str; 17] = [
    "fromState",
    "fromStateId",
    "toState",
    "toStateId",
    "fromAssignee",
    "fromAssigneeId",
    "toAssignee",
    "toAssigneeId",
    "fromPriority",
    "toPriority",
    "fromTitle",
    "toTitle",
    "updatedDescription",
    "addedLabelIds",
    "removedLabelIds",
    "archived",
    "trashed",
];

fn changed<'w>(scene: &'w Scene<'w>, change: &'w FieldChange, name: &str) -> Option<Out<'w>> {
    let state = |id: &StateId| Some(Out::maybe(scene.world.states.get(id).map(Node::from)));
    match (change, name) {
        (FieldChange::State { from, .. }, "fromState") => state(from),
        (FieldChange::State { from, .. }, "fromStateId") => text(from.as_str()),
        (FieldChange::State { to, .. }, "toState") => state(to),
        (FieldChange::State { to, .. }, "toStateId") => text(to.as_str()),
        (FieldChange::Assignee { from, .. }, "fromAssignee") => {
            Some(Out::maybe(scene.user(from).map(Node::from)))
        }
        (FieldChange::Assignee { from, .. }, "fromAssigneeId") => leaf(from.as_ref().map(UserId::as_str)),
        (FieldChange::Assignee { to, .. }, "toAssignee") => Some(Out::maybe(scene.user(to).map(Node::from))),
        (FieldChange::Assignee { to, .. }, "toAssigneeId") => leaf(to.as_ref().map(UserId::as_str)),
        (FieldChange::Priority { from, .. }, "fromPriority") => leaf(from.number()),
        (FieldChange::Priority { to, .. }, "toPriority") => leaf(to.number()),
        (FieldChange::Title { from, .. }, "fromTitle") => text(from),
        (FieldChange::Title { to, .. }, "toTitle") => text(to),
        (FieldChange::Description, "updatedDescription") => leaf(true),
        (FieldChange::Labels { added, .. }, "addedLabelIds") => strings(added.iter().map(LabelId::as_str)),
        (FieldChange::Labels { removed, .. }, "removedLabelIds") => {
            strings(removed.iter().map(LabelId::as_str))
        }
        (FieldChange::Presence { to }, "archived") => leaf(to.archived_at().is_some()),
        (FieldChange::Presence { to }, "trashed") => leaf(matches!(to, Presence::Trashed(_))),
        _ => None,
    }
}
