//! Creating, changing, archiving and deleting issues.

use super::input::{self, IssueBatchCreate, IssueCreate, IssueUpdate, Patch};
use super::issue_fields::enter_state;
use super::{Decision, Desk, history};
use crate::tracker::behaviour::RepeatedIds;
use crate::tracker::call::Call;
use crate::tracker::markdown;
use crate::tracker::model::{Issue, IssueId, Presence, Team};
use crate::tracker::problem::Problem;
use crate::tracker::render::Payload;
use crate::tracker::world::Change;

pub(super) fn create(desk: &Desk<'_>, call: &Call) -> Result<Decision, Problem> {
    let input: IssueCreate = call.input()?;
    let (id, changes) = create_one(desk, input, None)?;
    Ok(Decision { changes, payload: Payload::Issue(id) })
}

/// All of them or none.
pub(super) fn create_batch(desk: &Desk<'_>, call: &Call) -> Result<Decision, Problem> {
    let input: IssueBatchCreate = call.input()?;
    let mut batch = Vec::new();
    let mut ids = Vec::new();
    for issue in input.issues {
        let (id, changes) = create_one(desk, issue, Some(&batch))?;
        ids.push(id);
        batch.extend(changes);
    }
    Ok(Decision { changes: batch, payload: Payload::Issues(ids) })
}

/// `batch` holds what the same request has decided before.
fn create_one(
    desk: &Desk<'_>,
    input: IssueCreate,
    batch: Option<&[Change]>,
) -> Result<(IssueId, Vec<Change>), Problem> {
    let id = match input.id.as_deref().map(input::client_id).transpose()? {
        Some(id) if desk.repeated_ids != RepeatedIds::Ignore => IssueId::from(id),
        _ => IssueId::random(),
    };
    let earlier = batch.into_iter().flatten();
    let taken_in_batch = earlier.clone().any(|change| matches!(change, Change::Issue(it) if it.id == id));
    match (desk.world.issues.get(&id), desk.repeated_ids) {
        (Some(known), RepeatedIds::Upsert) => return overwrite(desk, known, input),
        (Some(_), _) => return Err(Problem::conflict("Issue", id.as_str())),
        (None, _) if taken_in_batch => return Err(Problem::conflict("Issue", id.as_str())),
        (None, _) => {}
    }
    let in_batch = |change: &Change| match change {
        Change::Team(team) if team.id.as_str() == input.team_id => Some(team.clone()),
        _ => None,
    };
    let mut team = match earlier.rev().find_map(in_batch) {
        Some(team) => team,
        None => desk.team(&input.team_id)?.clone(),
    };
    team.last_number += 1;
    let issue = new_issue(desk, id.clone(), &team, input)?;
    Ok((id, vec![Change::Team(team), Change::Issue(issue)]))
}

fn new_issue(desk: &Desk<'_>, id: IssueId, team: &Team, input: IssueCreate) -> Result<Issue, Problem> {
    let now = desk.now;
    let title = input::title(input.title.as_deref().unwrap_or_default())?;
    let state = match &input.state_id {
        Some(id) => desk.state(id, &team.id)?,
        None => desk.first_state(team, desk.viewer)?,
    };
    let created_at = input.created_at.unwrap_or(now);
    if created_at > now || input.completed_at.is_some_and(|at| at > now) {
        return Err(Problem::argument("createdAt and completedAt must not be in the future."));
    }
    let mut issue = Issue {
        id,
        team: team.id.clone(),
        number: team.last_number,
        previous_identifiers: Vec::new(),
        title,
        description: input.description.as_deref().map(markdown::stored),
        priority: input::priority(input.priority.unwrap_or(0))?,
        estimate: input.estimate,
        due_date: input.due_date.as_deref().map(input::date).transpose()?,
        state: state.id.clone(),
        assignee: input.assignee_id.as_deref().map(|id| desk.user(id)).transpose()?,
        creator: Some(desk.viewer.id.clone()),
        parent: input.parent_id.as_deref().map(|id| desk.parent(id, None)).transpose()?,
        labels: desk.labels(&input.label_ids.unwrap_or_default(), &team.id)?,
        subscribers: match &input.subscriber_ids {
            Some(ids) => desk.users(ids)?,
            None => vec![desk.viewer.id.clone()],
        },
        presence: Presence::Active,
        created_at,
        updated_at: now,
        stored_at: now,
        started_at: None,
        completed_at: input.completed_at,
        canceled_at: None,
        triaged_at: None,
        started_triage_at: None,
        snoozed_until: None,
    };
    enter_state(&mut issue, None, state, now);
    Ok(issue)
}

/// The creation of an issue that exists, by a tracker that merges: its content becomes the new one.
fn overwrite(desk: &Desk<'_>, known: &Issue, input: IssueCreate) -> Result<(IssueId, Vec<Change>), Problem> {
    let update = IssueUpdate {
        title: input.title,
        description: input.description.map_or(Patch::Keep, Patch::Set),
        priority: input.priority,
        state_id: input.state_id,
        assignee_id: input.assignee_id.map_or(Patch::Keep, Patch::Set),
        label_ids: input.label_ids,
        ..IssueUpdate::default()
    };
    let changes = patched(desk, known, update)?;
    Ok((known.id.clone(), changes))
}

pub(super) fn update(desk: &Desk<'_>, call: &Call) -> Result<Decision, Problem> {
    let input: IssueUpdate = call.input()?;
    let issue = desk.issue(call.text("id"))?;
    let changes = patched(desk, issue, input)?;
    Ok(Decision { changes, payload: Payload::Issue(issue.id.clone()) })
}

fn patched(desk: &Desk<'_>, before: &Issue, input: IssueUpdate) -> Result<Vec<Change>, Problem> {
    let mut issue = before.clone();
    let mut changes = Vec::new();
    if let Some(id) = input.team_id.as_deref().filter(|id| *id != before.team.as_str()) {
        changes.push(move_to_team(desk, &mut issue, id)?);
    }
    if let Some(title) = &input.title {
        issue.title = input::title(title)?;
    }
    match input.description {
        Patch::Keep => {}
        Patch::Clear => issue.description = None,
        Patch::Set(text) => issue.description = Some(markdown::stored(&text)),
    }
    if let Some(number) = input.priority {
        issue.priority = input::priority(number)?;
    }
    match input.assignee_id {
        Patch::Keep => {}
        Patch::Clear => issue.assignee = None,
        Patch::Set(id) => issue.assignee = Some(desk.user(&id)?),
    }
    match input.parent_id {
        Patch::Keep => {}
        Patch::Clear => issue.parent = None,
        Patch::Set(id) => issue.parent = Some(desk.parent(&id, Some(&issue.id))?),
    }
    match input.estimate {
        Patch::Keep => {}
        Patch::Clear => issue.estimate = None,
        Patch::Set(points) => issue.estimate = Some(points),
    }
    match input.due_date {
        Patch::Keep => {}
        Patch::Clear => issue.due_date = None,
        Patch::Set(text) => issue.due_date = Some(input::date(&text)?),
    }
    match input.snoozed_until_at {
        Patch::Keep => {}
        Patch::Clear => issue.snoozed_until = None,
        Patch::Set(at) => issue.snoozed_until = Some(at),
    }
    if let Some(ids) = &input.subscriber_ids {
        issue.subscribers = desk.users(ids)?;
    }
    let mut labels: Vec<String> = match input.label_ids {
        Some(ids) => ids,
        None => issue.labels.iter().map(|label| label.as_str().to_owned()).collect(),
    };
    labels.extend(input.added_label_ids.unwrap_or_default());
    let removed = input.removed_label_ids.unwrap_or_default();
    labels.retain(|label| !removed.contains(label));
    issue.labels = desk.labels(&labels, &issue.team)?;
    if let Some(id) = &input.state_id {
        let state = desk.state(id, &issue.team)?;
        if state.id != issue.state {
            let from = desk.world.state(&issue.state).kind;
            enter_state(&mut issue, Some(from), state, desk.now);
        }
    }
    match input.trashed {
        Some(true) => issue.presence = Presence::Trashed(desk.now),
        Some(false) if matches!(issue.presence, Presence::Trashed(_)) => issue.presence = Presence::Active,
        Some(false) | None => {}
    }
    changes.extend(changed(desk, before, issue));
    Ok(changes)
}

/// Gives the issue a number in another team; answers with that team's change.
fn move_to_team(desk: &Desk<'_>, issue: &mut Issue, team: &str) -> Result<Change, Problem> {
    let mut team = desk.team(team)?.clone();
    let kind = desk.world.state(&issue.state).kind;
    let state = desk.world.state_of_kind(&team.id, kind).or_else(|| desk.world.default_state(&team));
    let state = state.ok_or_else(|| Problem::input("The team has no state for the issue."))?;
    team.last_number += 1;
    issue.previous_identifiers.push(desk.world.identifier(issue));
    issue.team = team.id.clone();
    issue.number = team.last_number;
    issue.state = state.id.clone();
    issue.labels.retain(|label| desk.world.labels.get(label).is_some_and(|label| label.team.is_none()));
    Ok(Change::Team(team))
}

pub(super) fn archive(desk: &Desk<'_>, call: &Call) -> Result<Decision, Problem> {
    let presence =
        if call.flag("trash") { Presence::Trashed(desk.now) } else { Presence::Archived(desk.now) };
    set_presence(desk, call, presence)
}

pub(super) fn unarchive(desk: &Desk<'_>, call: &Call) -> Result<Decision, Problem> {
    set_presence(desk, call, Presence::Active)
}

pub(super) fn delete(desk: &Desk<'_>, call: &Call) -> Result<Decision, Problem> {
    if !call.flag("permanentlyDelete") {
        return set_presence(desk, call, Presence::Trashed(desk.now));
    }
    let world = desk.world;
    let id = desk.issue(call.text("id"))?.id.clone();
    let mut changes = Vec::new();
    changes.extend(world.attachments_of(&id).map(|it| Change::RemoveAttachment(it.id.clone())));
    changes.extend(world.comments_of(&id).map(|it| Change::RemoveComment(it.id.clone())));
    changes.extend(world.relations_of(&id).map(|it| Change::RemoveRelation(it.id.clone())));
    changes.extend(world.inverse_relations_of(&id).map(|it| Change::RemoveRelation(it.id.clone())));
    changes.extend(world.history_of(&id).map(|it| Change::RemoveHistory(it.id.clone())));
    for child in world.issues.values().filter(|issue| issue.parent.as_ref() == Some(&id)) {
        changes.push(Change::Issue(Issue { parent: None, ..child.clone() }));
    }
    changes.push(Change::RemoveIssue(id.clone()));
    Ok(Decision { changes, payload: Payload::Archive(id) })
}

fn set_presence(desk: &Desk<'_>, call: &Call, presence: Presence) -> Result<Decision, Problem> {
    let before = desk.issue(call.text("id"))?;
    let changes = changed(desk, before, Issue { presence, ..before.clone() });
    Ok(Decision { changes, payload: Payload::Archive(before.id.clone()) })
}

/// The changes that replace one version of an issue by another: none when they are the same.
pub(super) fn changed(desk: &Desk<'_>, before: &Issue, mut after: Issue) -> Vec<Change> {
    if *before == after {
        return Vec::new();
    }
    after.updated_at = desk.now;
    let line = history::line(before, &after, &desk.viewer.id, desk.now);
    let mut changes = vec![Change::Issue(after)];
    changes.extend(line.map(Change::History));
    changes
}
