//! Checks of what an issue names, and what entering a workflow state does to it.

use std::collections::HashSet;

use jiff::Timestamp;

use super::Desk;
use crate::tracker::model::{
    Issue, IssueId, LabelId, LabelKind, StateKind, Team, TeamId, User, UserId, WorkflowState,
};
use crate::tracker::problem::Problem;

impl<'w> Desk<'w> {
    pub(super) fn team(&self, id: &str) -> Result<&'w Team, Problem> {
        self.world.teams.get(id).ok_or_else(|| Problem::not_found("Team"))
    }

    pub(super) fn user(&self, id: &str) -> Result<UserId, Problem> {
        self.world.users.get(id).map(|user| user.id.clone()).ok_or_else(|| Problem::not_found("User"))
    }

    pub(super) fn users(&self, ids: &[String]) -> Result<Vec<UserId>, Problem> {
        ids.iter().map(|id| self.user(id)).collect()
    }

    /// A state of this team.
    pub(super) fn state(&self, id: &str, team: &TeamId) -> Result<&'w WorkflowState, Problem> {
        let state = self.world.states.get(id).ok_or_else(|| Problem::not_found("WorkflowState"))?;
        if state.team == *team {
            Ok(state)
        } else {
            Err(Problem::input("The state does not belong to the team of the issue."))
        }
    }

    /// Where a new issue of this user starts: outsiders of the team wait in triage.
    pub(super) fn first_state(&self, team: &Team, creator: &User) -> Result<&'w WorkflowState, Problem> {
        let outsider = !team.members.contains(&creator.id);
        let triage = if outsider { self.world.triage_state(team) } else { None };
        triage
            .or_else(|| self.world.default_state(team))
            .ok_or_else(|| Problem::input("The team has no state for new issues."))
    }

    /// Labels that an issue of this team may carry together.
    pub(super) fn labels(&self, ids: &[String], team: &TeamId) -> Result<Vec<LabelId>, Problem> {
        let mut labels = Vec::new();
        let mut groups = HashSet::new();
        for id in ids {
            let label = self
                .world
                .labels
                .get(id.as_str())
                .filter(|label| label.team.as_ref().is_none_or(|owner| owner == team));
            let label = label
                .ok_or_else(|| Problem::input("labelIds contained an entry that could not be found."))?;
            if label.kind == LabelKind::Group {
                return Err(Problem::input(
                    "labelIds contained a label group, which cannot be put on an issue.",
                ));
            }
            if labels.contains(&label.id) {
                continue;
            }
            if label.parent.as_ref().is_some_and(|group| !groups.insert(group.clone())) {
                return Err(Problem::input("labelIds not exclusive child labels"));
            }
            labels.push(label.id.clone());
        }
        Ok(labels)
    }

    /// The parent of an issue, by UUID or identifier. An issue is not its own ancestor.
    pub(super) fn parent(&self, id: &str, child: Option<&IssueId>) -> Result<IssueId, Problem> {
        let not_found = || Problem::input("parentId contained an entry that could not be found.");
        let parent = self.world.issue_by_any_id(id).ok_or_else(not_found)?;
        let mut ancestor = Some(parent);
        while let Some(issue) = ancestor {
            if Some(&issue.id) == child {
                return Err(Problem::input(
                    "parentId must not be the issue itself or one of its sub-issues.",
                ));
            }
            ancestor = issue.parent.as_ref().and_then(|id| self.world.issues.get(id));
        }
        Ok(parent.id.clone())
    }
}

/// Moves an issue to a state and sets the times that tell of it.
pub(super) fn enter_state(issue: &mut Issue, from: Option<StateKind>, to: &WorkflowState, now: Timestamp) {
    issue.state = to.id.clone();
    if from == Some(StateKind::Triage) && to.kind != StateKind::Triage {
        issue.triaged_at = Some(now);
    }
    match to.kind {
        StateKind::Triage => {
            issue.started_triage_at = issue.started_triage_at.or(Some(now));
            (issue.started_at, issue.completed_at, issue.canceled_at) = (None, None, None);
        }
        StateKind::Backlog | StateKind::Unstarted => {
            (issue.started_at, issue.completed_at, issue.canceled_at) = (None, None, None);
        }
        StateKind::Started => {
            issue.started_at = issue.started_at.or(Some(now));
            (issue.completed_at, issue.canceled_at) = (None, None);
        }
        StateKind::Completed => {
            issue.completed_at = issue.completed_at.or(Some(now));
            issue.canceled_at = None;
        }
        StateKind::Canceled | StateKind::Duplicate => {
            issue.canceled_at = issue.canceled_at.or(Some(now));
            issue.completed_at = None;
        }
    }
}
