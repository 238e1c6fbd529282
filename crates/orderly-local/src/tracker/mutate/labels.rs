//! Labels: new ones, and putting them on issues.

use super::input::{self, LabelCreate};
use super::issues::changed;
use super::{Decision, Desk};
use crate::tracker::call::Call;
use crate::tracker::model::{Issue, Label, LabelId, LabelKind};
use crate::tracker::problem::Problem;
use crate::tracker::render::Payload;
use crate::tracker::world::Change;

pub(super) fn create(desk: &Desk<'_>, call: &Call) -> Result<Decision, Problem> {
    let input: LabelCreate = call.input()?;
    let name = input.name.trim().to_owned();
    if name.is_empty() {
        return Err(Problem::argument("name should not be empty."));
    }
    let id = match input.id.as_deref().map(input::client_id).transpose()? {
        Some(id) if desk.world.labels.contains_key(id.as_str()) => {
            return Err(Problem::conflict("IssueLabel", &id));
        }
        Some(id) => LabelId::from(id),
        None => LabelId::random(),
    };
    let team = input.team_id.as_deref().map(|id| desk.team(id)).transpose()?.map(|team| team.id.clone());
    // A team sees its own labels and those of the workspace: in what it sees, a name is unique.
    let visible_together = |other: &Label| other.team == team || other.team.is_none() || team.is_none();
    let mut others = desk.world.labels.values().filter(|other| visible_together(other));
    if others.any(|other| other.name.to_lowercase() == name.to_lowercase()) {
        return Err(Problem::input("Duplicate label name"));
    }
    let parent = match &input.parent_id {
        None => None,
        Some(id) => match desk.world.labels.get(id.as_str()) {
            Some(group) if group.kind == LabelKind::Group => Some(group.id.clone()),
            Some(_) => return Err(Problem::input("parentId must name a label group.")),
            None => return Err(Problem::not_found("IssueLabel")),
        },
    };
    let label = Label {
        id: id.clone(),
        team,
        name,
        description: input.description,
        color: input.color.unwrap_or_else(|| "#bec2c8".to_owned()),
        parent,
        kind: if input.is_group == Some(true) { LabelKind::Group } else { LabelKind::Plain },
        creator: Some(desk.viewer.id.clone()),
        created_at: desk.now,
    };
    Ok(Decision { changes: vec![Change::Label(label)], payload: Payload::Label(id) })
}

pub(super) fn add(desk: &Desk<'_>, call: &Call) -> Result<Decision, Problem> {
    let before = desk.issue(call.text("id"))?;
    let mut ids: Vec<String> = before.labels.iter().map(|label| label.as_str().to_owned()).collect();
    ids.push(call.text("labelId").to_owned());
    relabel(desk, before, desk.labels(&ids, &before.team)?)
}

pub(super) fn remove(desk: &Desk<'_>, call: &Call) -> Result<Decision, Problem> {
    let before = desk.issue(call.text("id"))?;
    let mut labels = before.labels.clone();
    labels.retain(|label| label.as_str() != call.text("labelId"));
    relabel(desk, before, labels)
}

fn relabel(desk: &Desk<'_>, before: &Issue, labels: Vec<LabelId>) -> Result<Decision, Problem> {
    let changes = changed(desk, before, Issue { labels, ..before.clone() });
    Ok(Decision { changes, payload: Payload::Issue(before.id.clone()) })
}
