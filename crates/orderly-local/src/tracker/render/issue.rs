//! Fields of issues.

use apollo_compiler::response::{JsonMap, JsonValue};

use super::connection::listed;
use super::{Field, Node, Out, empty_list, empty_object, leaf, null, optional_time, strings, text, time};
use crate::tracker::filter::{
    AttachmentFilter, CommentFilter, IssueFilter, LabelFilter, NoFilter, UserFilter,
};
use crate::tracker::model::{
    Attachment, Comment, History, Issue, Label, LabelId, Presence, Relation, User, UserId,
};
use crate::tracker::scene::{Scene, slug};

pub(super) fn issue<'w>(
    scene: &'w Scene<'w>,
    issue: &'w Issue,
    name: &str,
    arguments: &JsonMap,
) -> Field<'w> {
    if let Some(out) = own(scene, issue, name) {
        return Ok(Some(out));
    }
    let world = scene.world;
    match name {
        "attachments" => listed::<Attachment, AttachmentFilter>(
            scene,
            "AttachmentConnection",
            world.attachments_of(&issue.id),
            arguments,
        ),
        "formerAttachments" => {
            let former =
                world.attachments.values().filter(|it| it.original_issue.as_ref() == Some(&issue.id));
            listed::<Attachment, AttachmentFilter>(scene, "AttachmentConnection", former, arguments)
        }
        "comments" => listed::<Comment, CommentFilter>(
            scene,
            "CommentConnection",
            world.comments_of(&issue.id),
            arguments,
        ),
        "labels" => {
            let labels = issue.labels.iter().filter_map(|id: &LabelId| world.labels.get(id));
            listed::<Label, LabelFilter>(scene, "IssueLabelConnection", labels, arguments)
        }
        "relations" => listed::<Relation, NoFilter>(
            scene,
            "IssueRelationConnection",
            world.relations_of(&issue.id),
            arguments,
        ),
        "inverseRelations" => listed::<Relation, NoFilter>(
            scene,
            "IssueRelationConnection",
            world.inverse_relations_of(&issue.id),
            arguments,
        ),
        "children" => {
            listed::<Issue, IssueFilter>(scene, "IssueConnection", scene.children(&issue.id), arguments)
        }
        "subscribers" => {
            let users = issue.subscribers.iter().filter_map(|id: &UserId| world.users.get(id));
            listed::<User, UserFilter>(scene, "UserConnection", users, arguments)
        }
        "history" => listed::<History, NoFilter>(
            scene,
            "IssueHistoryConnection",
            world.history_of(&issue.id),
            arguments,
        ),
        _ => Ok(None),
    }
}

pub(super) fn found<'w>(
    scene: &'w Scene<'w>,
    found: &'w Issue,
    score: f64,
    name: &str,
    arguments: &JsonMap,
) -> Field<'w> {
    if name == "metadata" {
        let mut metadata = JsonMap::new();
        metadata.insert("score", score.into());
        return Ok(leaf(metadata));
    }
    issue(scene, found, name, arguments)
}

/// Fields that take no arguments.
fn own<'w>(scene: &'w Scene<'w>, issue: &'w Issue, name: &str) -> Option<Out<'w>> {
    let world = scene.world;
    match name {
        "id" => text(issue.id.as_str()),
        "identifier" => leaf(world.identifier(issue)),
        "number" => leaf(f64::from(issue.number)),
        "title" => text(&issue.title),
        "description" => leaf(issue.description.clone()),
        "priority" => leaf(issue.priority.number()),
        "priorityLabel" => text(issue.priority.label()),
        // The newest on top, as the tracker orders what nobody has dragged.
        "sortOrder" | "prioritySortOrder" | "boardOrder" => leaf(-f64::from(issue.number)),
        "estimate" => leaf(issue.estimate.map(|points| points as f64)),
        "dueDate" => leaf(issue.due_date.clone()),
        "url" => leaf(scene.issue_url(issue)),
        "branchName" => {
            let identifier = world.identifier(issue).to_lowercase();
            leaf(format!("{}/{identifier}-{}", slug(&scene.viewer.display_name), slug(&issue.title)))
        }
        "state" => Some(Out::One(world.state(&issue.state).into())),
        "team" => Some(Out::One(world.team(&issue.team).into())),
        "assignee" => Some(Out::maybe(scene.user(&issue.assignee).map(Node::from))),
        "creator" => Some(Out::maybe(scene.user(&issue.creator).map(Node::from))),
        "parent" => {
            Some(Out::maybe(issue.parent.as_ref().and_then(|id| world.issues.get(id)).map(Node::from)))
        }
        "labelIds" => strings(issue.labels.iter().map(LabelId::as_str)),
        "previousIdentifiers" => strings(issue.previous_identifiers.iter().map(String::as_str)),
        "customerTicketCount" => leaf(JsonValue::from(serde_json::Value::from(0))),
        "reactionData" => empty_object(),
        "reactions" => empty_list(),
        "sharedAccess" => Some(Out::One(Node::Fixed("IssueSharedAccess", not_shared()))),
        "inheritsSharedAccess" => leaf(false),
        "trashed" => match issue.presence {
            Presence::Trashed(_) => leaf(true),
            Presence::Active | Presence::Archived(_) => null(),
        },
        "createdAt" => time(issue.created_at),
        "updatedAt" => time(issue.updated_at),
        "archivedAt" => optional_time(issue.presence.archived_at()),
        "autoArchivedAt" => null(),
        "startedAt" => optional_time(issue.started_at),
        "completedAt" => optional_time(issue.completed_at),
        "canceledAt" => optional_time(issue.canceled_at),
        "triagedAt" => optional_time(issue.triaged_at),
        "startedTriageAt" => optional_time(issue.started_triage_at),
        "snoozedUntilAt" => optional_time(issue.snoozed_until),
        _ => None,
    }
}

fn not_shared() -> JsonMap {
    let mut content = JsonMap::new();
    content.insert("disallowedIssueFields", Vec::<String>::new().into());
    content.insert("isShared", false.into());
    content.insert("sharedWithCount", serde_json::Value::from(0).into());
    content.insert("sharedWithUsers", Vec::<String>::new().into());
    content.insert("viewerHasOnlySharedAccess", false.into());
    content
}
