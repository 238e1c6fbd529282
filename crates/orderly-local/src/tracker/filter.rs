//! The filters of connections: what clients may ask of each record.

mod compare;
#[cfg(test)]
mod tests;

use apollo_compiler::response::serde_json_bytes::from_value;
use apollo_compiler::response::{JsonMap, JsonValue};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use self::compare::{FlagComparator, IdComparator, NumberComparator, TextComparator, TimeComparator};
use super::model::{
    Attachment, Comment, Issue, Label, LabelKind, RelationKind, Role, Team, User, WorkflowState,
};
use super::problem::Problem;
use super::scene::Scene;

/// Reads a filter argument; `None` when it was not given.
pub fn from_arguments<F: DeserializeOwned>(arguments: &JsonMap) -> Result<Option<F>, Problem> {
    match arguments.get("filter") {
        None | Some(JsonValue::Null) => Ok(None),
        Some(value) => read(value.clone()).map(Some),
    }
}

/// Reads a filter.
pub fn read<F: DeserializeOwned>(value: JsonValue) -> Result<F, Problem> {
    from_value(value).map_err(|error| Problem::argument(format!("The filter cannot be read: {error}.")))
}

/// Something that lets records of one type through.
pub trait Filter<T>: DeserializeOwned {
    fn lets(&self, scene: &Scene<'_>, item: &T) -> bool;
}

/// A filter inside the filter of another record.
trait NestedFilter<T> {
    /// As filter of a record that may be missing.
    fn lets_optional(&self, scene: &Scene<'_>, item: Option<&T>) -> bool;

    /// As filter of a collection: fields stand for `some`.
    fn lets_collection(&self, scene: &Scene<'_>, items: &[&T]) -> bool;
}

/// For connections without a filter.
#[derive(Deserialize)]
pub struct NoFilter {}

impl<T> Filter<T> for NoFilter {
    fn lets(&self, _: &Scene<'_>, _: &T) -> bool {
        true
    }
}

type Condition<T> = Option<Box<T>>;

fn holds<T>(condition: &Condition<T>, test: impl FnOnce(&T) -> bool) -> bool {
    condition.as_deref().is_none_or(test)
}

/// Defines a filter over one record. Every filter serves as plain, nullable and collection filter; the schema decides
/// which of `null`, `some`, `every` and `length` a client can send where.
macro_rules! filters {
    ($($(#[$doc:meta])* $name:ident over $item:ty { $($field:ident: $condition:ty),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Default, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            and: Option<Vec<$name>>,
            or: Option<Vec<$name>>,
            null: Option<bool>,
            some: Condition<$name>,
            every: Condition<$name>,
            length: Condition<NumberComparator>,
            $($field: Condition<$condition>,)+
        }

        impl Filter<$item> for $name {
            fn lets(&self, scene: &Scene<'_>, item: &$item) -> bool {
                self.fields_hold(scene, item)
                    && self.and.iter().flatten().all(|filter| filter.lets(scene, item))
                    && either(self.or.as_deref(), |filter| filter.lets(scene, item))
            }
        }

        impl NestedFilter<$item> for $name {
            fn lets_optional(&self, scene: &Scene<'_>, item: Option<&$item>) -> bool {
                match item {
                    Some(item) => self.null != Some(true) && self.lets(scene, item),
                    None => self.null == Some(true),
                }
            }

            fn lets_collection(&self, scene: &Scene<'_>, items: &[&$item]) -> bool {
                let has_fields = [$(self.$field.is_some()),+].contains(&true);
                (!has_fields || items.iter().any(|item| self.fields_hold(scene, item)))
                    && holds(&self.some, |filter| items.iter().any(|item| filter.lets(scene, item)))
                    && holds(&self.every, |filter| items.iter().all(|item| filter.lets(scene, item)))
                    && holds(&self.length, |length| length.holds(Some(items.len() as f64)))
                    && self.null.is_none_or(|null| items.is_empty() == null)
                    && self.and.iter().flatten().all(|filter| filter.lets_collection(scene, items))
                    && either(self.or.as_deref(), |filter| filter.lets_collection(scene, items))
            }
        }
    )+};
}

/// An absent or empty `or` asks for nothing.
fn either<T>(alternatives: Option<&[T]>, test: impl Fn(&T) -> bool) -> bool {
    alternatives.is_none_or(|alternatives| alternatives.is_empty() || alternatives.iter().any(test))
}

filters! {
    /// `IssueFilter`, `NullableIssueFilter`, `IssueCollectionFilter`.
    IssueFilter over Issue {
        id: IdComparator, created_at: TimeComparator, updated_at: TimeComparator, number: NumberComparator,
        title: TextComparator, description: TextComparator, priority: NumberComparator,
        estimate: NumberComparator, state: StateFilter, team: TeamFilter, labels: LabelFilter,
        assignee: UserFilter, creator: UserFilter, parent: IssueFilter, children: IssueFilter,
        attachments: AttachmentFilter, comments: CommentFilter,
        has_duplicate_relations: FlagComparator, has_related_relations: FlagComparator,
        has_blocking_relations: FlagComparator, has_blocked_by_relations: FlagComparator,
        archived_at: TimeComparator, started_at: TimeComparator, completed_at: TimeComparator,
        canceled_at: TimeComparator, triaged_at: TimeComparator, snoozed_until_at: TimeComparator,
    }
    /// `AttachmentFilter`, `AttachmentCollectionFilter`.
    AttachmentFilter over Attachment {
        id: IdComparator, created_at: TimeComparator, updated_at: TimeComparator, title: TextComparator,
        subtitle: TextComparator, url: TextComparator, source_type: TextComparator, creator: UserFilter,
    }
    /// `CommentFilter`, `NullableCommentFilter`, `CommentCollectionFilter`.
    CommentFilter over Comment {
        id: IdComparator, created_at: TimeComparator, updated_at: TimeComparator, body: TextComparator,
        user: UserFilter, issue: IssueFilter, parent: CommentFilter,
    }
    /// `IssueLabelFilter`, `IssueLabelCollectionFilter`.
    LabelFilter over Label {
        id: IdComparator, created_at: TimeComparator, updated_at: TimeComparator, name: TextComparator,
        is_group: FlagComparator, team: TeamFilter, parent: LabelFilter, creator: UserFilter,
    }
    /// `WorkflowStateFilter`.
    StateFilter over WorkflowState {
        id: IdComparator, created_at: TimeComparator, updated_at: TimeComparator, name: TextComparator,
        description: TextComparator, r#type: TextComparator, position: NumberComparator, team: TeamFilter,
        issues: IssueFilter,
    }
    /// `TeamFilter`, `NullableTeamFilter`.
    TeamFilter over Team {
        id: IdComparator, created_at: TimeComparator, updated_at: TimeComparator, key: TextComparator,
        name: TextComparator, description: TextComparator, private: FlagComparator, issues: IssueFilter,
    }
    /// `UserFilter`, `NullableUserFilter`.
    UserFilter over User {
        id: IdComparator, created_at: TimeComparator, updated_at: TimeComparator, name: TextComparator,
        display_name: TextComparator, email: TextComparator, active: FlagComparator, admin: FlagComparator,
        app: FlagComparator, is_me: FlagComparator, assigned_issues: IssueFilter,
    }
}

impl IssueFilter {
    fn fields_hold(&self, scene: &Scene<'_>, issue: &Issue) -> bool {
        let world = scene.world;
        holds(&self.id, |id| id.holds(&[issue.id.as_str(), &world.identifier(issue)]))
            && holds(&self.created_at, |time| time.holds(Some(issue.created_at), scene.now))
            && holds(&self.updated_at, |time| time.holds(Some(issue.updated_at), scene.now))
            && holds(&self.number, |number| number.holds(Some(f64::from(issue.number))))
            && holds(&self.title, |text| text.holds(Some(&issue.title)))
            && holds(&self.description, |text| text.holds(issue.description.as_deref()))
            && holds(&self.priority, |number| number.holds(Some(issue.priority.number())))
            && holds(&self.estimate, |number| number.holds(issue.estimate.map(|points| points as f64)))
            && holds(&self.state, |filter| filter.lets(scene, world.state(&issue.state)))
            && holds(&self.team, |filter| filter.lets(scene, world.team(&issue.team)))
            && holds(&self.assignee, |filter| filter.lets_optional(scene, scene.user(&issue.assignee)))
            && holds(&self.creator, |filter| filter.lets_optional(scene, scene.user(&issue.creator)))
            && holds(&self.archived_at, |time| time.holds(issue.presence.archived_at(), scene.now))
            && holds(&self.started_at, |time| time.holds(issue.started_at, scene.now))
            && holds(&self.completed_at, |time| time.holds(issue.completed_at, scene.now))
            && holds(&self.canceled_at, |time| time.holds(issue.canceled_at, scene.now))
            && holds(&self.triaged_at, |time| time.holds(issue.triaged_at, scene.now))
            && holds(&self.snoozed_until_at, |time| time.holds(issue.snoozed_until, scene.now))
            && self.links_hold(scene, issue)
    }

    fn links_hold(&self, scene: &Scene<'_>, issue: &Issue) -> bool {
        let world = scene.world;
        let related = |kind| world.relations_of(&issue.id).any(|relation| relation.kind == kind);
        let related_either_way = |kind| {
            related(kind) || world.inverse_relations_of(&issue.id).any(|relation| relation.kind == kind)
        };
        holds(&self.labels, |filter| {
            let labels: Vec<_> = issue.labels.iter().filter_map(|id| world.labels.get(id)).collect();
            filter.lets_collection(scene, &labels)
        }) && holds(&self.attachments, |filter| {
            filter.lets_collection(scene, &world.attachments_of(&issue.id).collect::<Vec<_>>())
        }) && holds(&self.comments, |filter| {
            filter.lets_collection(scene, &world.comments_of(&issue.id).collect::<Vec<_>>())
        }) && holds(&self.parent, |filter| {
            filter.lets_optional(scene, issue.parent.as_ref().and_then(|id| world.issues.get(id)))
        }) && holds(&self.children, |filter| {
            filter.lets_collection(scene, &scene.children(&issue.id).collect::<Vec<_>>())
        }) && holds(&self.has_duplicate_relations, |flag| {
            flag.holds(related_either_way(RelationKind::Duplicate))
        }) && holds(&self.has_related_relations, |flag| flag.holds(related_either_way(RelationKind::Related)))
            && holds(&self.has_blocking_relations, |flag| flag.holds(related(RelationKind::Blocks)))
            && holds(&self.has_blocked_by_relations, |flag| {
                let mut inverse = world.inverse_relations_of(&issue.id);
                flag.holds(inverse.any(|relation| relation.kind == RelationKind::Blocks))
            })
    }
}

impl AttachmentFilter {
    fn fields_hold(&self, scene: &Scene<'_>, attachment: &Attachment) -> bool {
        holds(&self.id, |id| id.holds(&[attachment.id.as_str()]))
            && holds(&self.created_at, |time| time.holds(Some(attachment.created_at), scene.now))
            && holds(&self.updated_at, |time| time.holds(Some(attachment.updated_at), scene.now))
            && holds(&self.title, |text| text.holds(Some(&attachment.title)))
            && holds(&self.subtitle, |text| text.holds(attachment.subtitle.as_deref()))
            && holds(&self.url, |text| text.holds(Some(&attachment.url)))
            && holds(&self.source_type, |text| text.holds(Some(attachment.source_type())))
            && holds(&self.creator, |filter| filter.lets_optional(scene, scene.user(&attachment.creator)))
    }
}

impl CommentFilter {
    fn fields_hold(&self, scene: &Scene<'_>, comment: &Comment) -> bool {
        holds(&self.id, |id| id.holds(&[comment.id.as_str()]))
            && holds(&self.created_at, |time| time.holds(Some(comment.created_at), scene.now))
            && holds(&self.updated_at, |time| time.holds(Some(comment.updated_at), scene.now))
            && holds(&self.body, |text| text.holds(Some(&comment.body)))
            && holds(&self.user, |filter| filter.lets_optional(scene, scene.user(&comment.user)))
            && holds(&self.issue, |filter| {
                filter.lets_optional(scene, scene.world.issues.get(&comment.issue))
            })
            && holds(&self.parent, |filter| {
                let parent = comment.parent.as_ref().and_then(|id| scene.world.comments.get(id));
                filter.lets_optional(scene, parent)
            })
    }
}

impl LabelFilter {
    fn fields_hold(&self, scene: &Scene<'_>, label: &Label) -> bool {
        holds(&self.id, |id| id.holds(&[label.id.as_str()]))
            && holds(&self.created_at, |time| time.holds(Some(label.created_at), scene.now))
            && holds(&self.updated_at, |time| time.holds(Some(label.created_at), scene.now))
            && holds(&self.name, |text| text.holds(Some(&label.name)))
            && holds(&self.is_group, |flag| flag.holds(label.kind == LabelKind::Group))
            && holds(&self.team, |filter| {
                filter.lets_optional(scene, label.team.as_ref().map(|id| scene.world.team(id)))
            })
            && holds(&self.parent, |filter| {
                filter.lets_optional(scene, label.parent.as_ref().and_then(|id| scene.world.labels.get(id)))
            })
            && holds(&self.creator, |filter| filter.lets_optional(scene, scene.user(&label.creator)))
    }
}

impl StateFilter {
    fn fields_hold(&self, scene: &Scene<'_>, state: &WorkflowState) -> bool {
        holds(&self.id, |id| id.holds(&[state.id.as_str()]))
            && holds(&self.created_at, |time| time.holds(Some(state.created_at), scene.now))
            && holds(&self.updated_at, |time| time.holds(Some(state.created_at), scene.now))
            && holds(&self.name, |text| text.holds(Some(&state.name)))
            && holds(&self.description, |text| text.holds(None))
            && holds(&self.r#type, |text| text.holds(Some(state.kind.as_str())))
            && holds(&self.position, |number| number.holds(Some(state.position)))
            && holds(&self.team, |filter| filter.lets(scene, scene.world.team(&state.team)))
            && holds(&self.issues, |filter| {
                let issues = scene.world.issues.values().filter(|issue| issue.state == state.id);
                filter.lets_collection(scene, &issues.collect::<Vec<_>>())
            })
    }
}

impl TeamFilter {
    fn fields_hold(&self, scene: &Scene<'_>, team: &Team) -> bool {
        holds(&self.id, |id| id.holds(&[team.id.as_str()]))
            && holds(&self.created_at, |time| time.holds(Some(team.created_at), scene.now))
            && holds(&self.updated_at, |time| time.holds(Some(team.created_at), scene.now))
            && holds(&self.key, |text| text.holds(Some(&team.key)))
            && holds(&self.name, |text| text.holds(Some(&team.name)))
            && holds(&self.description, |text| text.holds(None))
            && holds(&self.private, |flag| flag.holds(false))
            && holds(&self.issues, |filter| {
                let issues = scene.world.issues.values().filter(|issue| issue.team == team.id);
                filter.lets_collection(scene, &issues.collect::<Vec<_>>())
            })
    }
}

impl UserFilter {
    fn fields_hold(&self, scene: &Scene<'_>, user: &User) -> bool {
        holds(&self.id, |id| id.holds(&[user.id.as_str()]))
            && holds(&self.created_at, |time| time.holds(Some(user.created_at), scene.now))
            && holds(&self.updated_at, |time| time.holds(Some(user.created_at), scene.now))
            && holds(&self.name, |text| text.holds(Some(&user.name)))
            && holds(&self.display_name, |text| text.holds(Some(&user.display_name)))
            && holds(&self.email, |text| text.holds(Some(&user.email)))
            && holds(&self.active, |flag| flag.holds(true))
            && holds(&self.admin, |flag| flag.holds(user.role == Role::Admin))
            && holds(&self.app, |flag| flag.holds(false))
            && holds(&self.is_me, |flag| flag.holds(user.id == scene.viewer.id))
            && holds(&self.assigned_issues, |filter| {
                let issues = scene.world.issues.values();
                let issues = issues.filter(|issue| issue.assignee.as_ref() == Some(&user.id));
                filter.lets_collection(scene, &issues.collect::<Vec<_>>())
            })
    }
}
