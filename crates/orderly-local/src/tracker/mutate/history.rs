//! The line of history that a change of an issue leaves.

use jiff::Timestamp;

use crate::tracker::model::{FieldChange, History, HistoryId, Issue, LabelId, UserId};

/// What differs between two versions of an issue; `None` when nothing that history tells of does.
pub fn line(before: &Issue, after: &Issue, actor: &UserId, now: Timestamp) -> Option<History> {
    let mut changes = Vec::new();
    if before.state != after.state {
        changes.push(FieldChange::State { from: before.state.clone(), to: after.state.clone() });
    }
    if before.assignee != after.assignee {
        changes.push(FieldChange::Assignee { from: before.assignee.clone(), to: after.assignee.clone() });
    }
    if before.priority != after.priority {
        changes.push(FieldChange::Priority { from: before.priority, to: after.priority });
    }
    if before.title != after.title {
        changes.push(FieldChange::Title { from: before.title.clone(), to: after.title.clone() });
    }
    if before.description != after.description {
        changes.push(FieldChange::Description);
    }
    if before.labels != after.labels {
        let missing_in = |labels: &[LabelId], others: &[LabelId]| -> Vec<LabelId> {
            labels.iter().filter(|label| !others.contains(label)).cloned().collect()
        };
        changes.push(FieldChange::Labels {
            added: missing_in(&after.labels, &before.labels),
            removed: missing_in(&before.labels, &after.labels),
        });
    }
    if before.presence != after.presence {
        changes.push(FieldChange::Presence { to: after.presence });
    }
    (!changes.is_empty()).then(|| History {
        id: HistoryId::random(),
        issue: after.id.clone(),
        actor: Some(actor.clone()),
        created_at: now,
        changes,
    })
}
