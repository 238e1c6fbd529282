//! Fields of what issues are filed in: organization, users, teams, states, labels.

use apollo_compiler::response::JsonMap;

use super::connection::{Connection, listed};
use super::{Field, Node, Out, empty_list, empty_object, leaf, null, text, time};
use crate::tracker::filter::{IssueFilter, LabelFilter, NoFilter, StateFilter, TeamFilter, UserFilter};
use crate::tracker::model::{Issue, Label, LabelKind, Organization, Role, Team, Triage, User, WorkflowState};
use crate::tracker::scene::Scene;

/// A count as a GraphQL Int.
fn count<'w>(number: usize) -> Option<Out<'w>> {
    leaf(serde_json::Value::from(number))
}

pub(super) fn organization<'w>(
    scene: &'w Scene<'w>,
    it: &'w Organization,
    name: &str,
    arguments: &JsonMap,
) -> Field<'w> {
    let world = scene.world;
    Ok(match name {
        "users" => return listed::<User, NoFilter>(scene, "UserConnection", world.users.values(), arguments),
        "teams" => {
            return listed::<Team, TeamFilter>(scene, "TeamConnection", world.teams.values(), arguments);
        }
        "id" => text(it.id.as_str()),
        "name" => text(&it.name),
        "urlKey" => text(&it.url_key),
        "createdAt" | "updatedAt" => time(it.created_at),
        "userCount" => count(world.users.len()),
        "customerCount" => count(0),
        "createdIssueCount" => count(world.teams.values().map(|team| team.last_number as usize).sum()),
        "allowedAuthServices" | "previousUrlKeys" | "projectStatuses" => empty_list(),
        "periodUploadVolume" | "fiscalYearStartMonth" => leaf(0.0),
        _ if name.ends_with("Enabled") || name == "hideNonPrimaryOrganizations" => leaf(false),
        _ => None,
    })
}

pub(super) fn user<'w>(scene: &'w Scene<'w>, it: &'w User, name: &str, arguments: &JsonMap) -> Field<'w> {
    let world = scene.world;
    Ok(match name {
        "teams" => {
            let teams = world.teams.values().filter(|team| team.members.contains(&it.id));
            return listed::<Team, TeamFilter>(scene, "TeamConnection", teams, arguments);
        }
        "assignedIssues" => {
            let issues = world.issues.values().filter(|issue| issue.assignee.as_ref() == Some(&it.id));
            return listed::<Issue, IssueFilter>(scene, "IssueConnection", issues, arguments);
        }
        "createdIssues" => {
            let issues = world.issues.values().filter(|issue| issue.creator.as_ref() == Some(&it.id));
            return listed::<Issue, IssueFilter>(scene, "IssueConnection", issues, arguments);
        }
        "id" => text(it.id.as_str()),
        "name" => text(&it.name),
        "displayName" => text(&it.display_name),
        "email" => text(&it.email),
        "initials" => leaf(initials(&it.name)),
        "avatarBackgroundColor" => text("#5e6ad2"),
        "avatarUrl" | "archivedAt" => null(),
        "url" => {
            leaf(format!("{}/{}/profiles/{}", scene.base_url, world.organization.url_key, it.display_name))
        }
        "admin" | "owner" => leaf(it.role == Role::Admin),
        "active" | "isAssignable" | "isMentionable" | "canAccessAnyPublicTeam" => leaf(true),
        "guest" | "app" | "supportsAgentSessions" => leaf(false),
        "isMe" => leaf(it.id == scene.viewer.id),
        "createdIssueCount" => {
            count(world.issues.values().filter(|issue| issue.creator.as_ref() == Some(&it.id)).count())
        }
        "inviteHash" => text(""),
        "createdAt" | "updatedAt" => time(it.created_at),
        "organization" => Some(Out::One((&world.organization).into())),
        _ => None,
    })
}

fn initials(name: &str) -> String {
    name.split_whitespace()
        .filter_map(|word| word.chars().next())
        .flat_map(char::to_uppercase)
        .take(2)
        .collect()
}

pub(super) fn team<'w>(scene: &'w Scene<'w>, it: &'w Team, name: &str, arguments: &JsonMap) -> Field<'w> {
    let world = scene.world;
    Ok(match name {
        "states" => {
            let states = world.states.values().filter(|state| state.team == it.id);
            return listed::<WorkflowState, StateFilter>(scene, "WorkflowStateConnection", states, arguments);
        }
        "labels" => {
            let labels =
                world.labels.values().filter(|label| label.team.as_ref().is_none_or(|team| *team == it.id));
            return listed::<Label, LabelFilter>(scene, "IssueLabelConnection", labels, arguments);
        }
        "members" => {
            let members = world.users.values().filter(|user| it.members.contains(&user.id));
            return listed::<User, UserFilter>(scene, "UserConnection", members, arguments);
        }
        "issues" => {
            let issues = world.issues.values().filter(|issue| issue.team == it.id);
            return listed::<Issue, IssueFilter>(scene, "IssueConnection", issues, arguments);
        }
        "projects" => Some(Out::One(Node::Connection(Connection::empty("ProjectConnection")))),
        "cycles" => Some(Out::One(Node::Connection(Connection::empty("CycleConnection")))),
        "id" => text(it.id.as_str()),
        "key" => text(&it.key),
        "name" | "displayName" => text(&it.name),
        "createdAt" | "updatedAt" => time(it.created_at),
        "triageEnabled" => leaf(it.triage == Triage::Enabled),
        "triageIssueState" => Some(Out::maybe(world.triage_state(it).map(Node::from))),
        "defaultIssueState" => Some(Out::maybe(world.default_state(it).map(Node::from))),
        "issueCount" => count(world.issues.values().filter(|issue| issue.team == it.id).count()),
        "organization" => Some(Out::One((&world.organization).into())),
        _ => team_setting(name),
    })
}

/// Settings of a team that are the same for all teams here.
fn team_setting<'w>(name: &str) -> Option<Out<'w>> {
    match name {
        "description" | "archivedAt" | "retiredAt" | "autoClosePeriod" => null(),
        "timezone" => text("Etc/UTC"),
        "visibility" => text("public"),
        // Nothing is archived by age here.
        "autoArchivePeriod" => leaf(0.0),
        "cycleDuration" => leaf(2.0),
        "cycleStartDay" | "defaultIssueEstimate" | "cycleCooldownTime" | "upcomingCycleCount" => leaf(0.0),
        "ledInitiativeCount" => count(0),
        "cycleCalenderUrl" | "inviteHash" => text(""),
        "issueEstimationType" => text("notUsed"),
        "setIssueSortOrderOnStateChange" => text("first"),
        "securitySettings" => empty_object(),
        "private"
        | "requirePriorityToLeaveTriage"
        | "cyclesEnabled"
        | "cycleIssueAutoAssignCompleted"
        | "cycleIssueAutoAssignStarted"
        | "cycleLockToActive"
        | "issueEstimationExtended"
        | "issueEstimationAllowZero"
        | "initiativesEnabled"
        | "scimManaged"
        | "inheritIssueEstimation"
        | "inheritWorkflowStatuses"
        | "aiDiscussionSummariesEnabled"
        | "aiThreadSummariesEnabled"
        | "groupIssueHistory"
        | "slackIssueComments"
        | "slackIssueStatuses"
        | "slackNewIssue"
        | "issueOrderingNoPriorityFirst"
        | "issueSortOrderDefaultToBottom" => leaf(false),
        _ => None,
    }
}

pub(super) fn state<'w>(
    scene: &'w Scene<'w>,
    it: &'w WorkflowState,
    name: &str,
    arguments: &JsonMap,
) -> Field<'w> {
    Ok(match name {
        "issues" => {
            let issues = scene.world.issues.values().filter(|issue| issue.state == it.id);
            return listed::<Issue, IssueFilter>(scene, "IssueConnection", issues, arguments);
        }
        "id" => text(it.id.as_str()),
        "name" => text(&it.name),
        "type" => text(it.kind.as_str()),
        "position" => leaf(it.position),
        "color" => text(&it.color),
        "description" | "archivedAt" => null(),
        "team" => Some(Out::One(scene.world.team(&it.team).into())),
        "createdAt" | "updatedAt" => time(it.created_at),
        _ => None,
    })
}

pub(super) fn label<'w>(scene: &'w Scene<'w>, it: &'w Label, name: &str, arguments: &JsonMap) -> Field<'w> {
    let world = scene.world;
    Ok(match name {
        "children" => {
            let children = world.labels.values().filter(|label| label.parent.as_ref() == Some(&it.id));
            return listed::<Label, LabelFilter>(scene, "IssueLabelConnection", children, arguments);
        }
        "issues" => {
            let issues = world.issues.values().filter(|issue| issue.labels.contains(&it.id));
            return listed::<Issue, IssueFilter>(scene, "IssueConnection", issues, arguments);
        }
        "id" => text(it.id.as_str()),
        "name" => text(&it.name),
        "description" => leaf(it.description.clone()),
        "color" => text(&it.color),
        "isGroup" => leaf(it.kind == LabelKind::Group),
        "parent" => Some(Out::maybe(it.parent.as_ref().and_then(|id| world.labels.get(id)).map(Node::from))),
        "team" => Some(Out::maybe(it.team.as_ref().map(|id| world.team(id).into()))),
        "creator" => Some(Out::maybe(scene.user(&it.creator).map(Node::from))),
        "createdAt" | "updatedAt" => time(it.created_at),
        "archivedAt" => null(),
        _ => None,
    })
}
