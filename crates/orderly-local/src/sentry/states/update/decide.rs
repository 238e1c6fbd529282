//! What an update means for one issue.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::sentry::model::{ActivityKind, InboxReason, Priority, Status, Substatus};
use crate::sentry::states::aging;

use super::{Archive, Assignee, Commit, Inbox, Release, ResolvedUpdate, Snooze, StatusChange, Target};

/// What an update needs to know about an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// Its status.
    pub status: Status,
    /// Its substatus.
    pub substatus: Option<Substatus>,
    /// Its priority.
    pub priority: Option<Priority>,
    /// When its first event happened.
    pub first_seen: Timestamp,
    /// Whether it waits for review.
    pub in_inbox: bool,
    /// Whether a release or commit was named when it was resolved.
    pub has_resolution: bool,
    /// Who has it.
    pub assignee: Option<Assignee>,
    /// Whether it is shared with the public.
    pub public: bool,
}

/// One change to carry out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Status and substatus become these; the time of resolution and of opening follow.
    Status(Status, Option<Substatus>),
    /// From when on the fix counts; replaces what was said before. `Target::Now` removes it.
    Resolution(Target<Release, Commit>),
    /// The condition that ends the archive; `None` removes it.
    Snooze(Option<Snooze>),
    /// A forecast is made now, against which escalation is measured; without it an old one is removed.
    Forecast(Forecast),
    /// It no longer waits for review.
    LeaveInbox,
    /// It waits for review.
    EnterInbox(InboxReason),
    /// A priority that no automatic change touches any more.
    LockPriority(Priority),
    /// Who has it.
    Assign(Option<Assignee>),
    /// The caller has (not) seen it.
    Seen(bool),
    /// The caller has (not) bookmarked it.
    Bookmarked(bool),
    /// The caller is (not) subscribed.
    Subscribed(bool),
    /// The caller is subscribed unless they have said otherwise.
    SubscribeByActing,
    /// It is (not) shared.
    Public(bool),
    /// A line in its history.
    Record(ActivityKind, Value),
}

/// What becomes of the escalation forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forecast {
    /// Make one.
    Make,
    /// Remove it.
    Drop,
}

/// The effects of `update` on an issue, in order. Asking for what already holds has no effect.
pub fn decide(before: &Before, update: &ResolvedUpdate, now: Timestamp) -> Vec<Effect> {
    let mut effects = Vec::new();
    if let Some(status) = &update.status {
        change_status(before, status, now, &mut effects);
    }
    if let Some(priority) = update.priority {
        effects.push(Effect::LockPriority(priority));
        if before.priority != Some(priority) {
            effects.push(Effect::Record(ActivityKind::SetPriority, json!({"priority": priority})));
        }
    }
    if let Some(assignee) = &update.assignee
        && *assignee != before.assignee
    {
        assign(assignee, &mut effects);
    }
    match update.inbox {
        Some(Inbox::Reviewed) if before.in_inbox => {
            effects.push(Effect::LeaveInbox);
            effects.push(Effect::Record(ActivityKind::MarkReviewed, json!({})));
        }
        Some(Inbox::ToReview) if !before.in_inbox => effects.push(Effect::EnterInbox(InboxReason::Manual)),
        _ => {}
    }
    effects.extend(update.seen.map(Effect::Seen));
    effects.extend(update.bookmarked.map(Effect::Bookmarked));
    effects.extend(update.subscribed.map(Effect::Subscribed));
    if let Some(public) = update.public
        && public != before.public
    {
        let kind = if public { ActivityKind::SetPublic } else { ActivityKind::SetPrivate };
        effects.extend([Effect::Public(public), Effect::Record(kind, json!({}))]);
    }
    effects
}

fn change_status(
    before: &Before,
    change: &StatusChange<Release, Commit>,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) {
    match change {
        StatusChange::Resolve(target) => {
            let already = before.status == Status::Resolved && !before.has_resolution;
            if already && *target == Target::Now {
                return;
            }
            effects.extend([
                Effect::Status(Status::Resolved, None),
                Effect::Resolution(target.clone()),
                Effect::Snooze(None),
                Effect::Forecast(Forecast::Drop),
                Effect::LeaveInbox,
                resolved(target),
                Effect::SubscribeByActing,
            ]);
        }
        StatusChange::Archive(archive) => {
            let (snooze, forecast) = match archive {
                Archive::Forever => (None, Forecast::Drop),
                Archive::UntilEscalating => (None, Forecast::Make),
                Archive::UntilCondition(snooze) => {
                    (Some(*snooze).filter(|snooze| *snooze != Snooze::default()), Forecast::Drop)
                }
            };
            effects.extend([
                Effect::Status(Status::Ignored, Some(archive.substatus())),
                Effect::Resolution(Target::Now),
                Effect::Snooze(snooze),
                Effect::Forecast(forecast),
                Effect::LeaveInbox,
                Effect::Record(ActivityKind::SetIgnored, archived(*archive, now)),
                Effect::SubscribeByActing,
            ]);
        }
        StatusChange::Reopen(given) => {
            if before.status == Status::Unresolved && (given.is_none() || *given == before.substatus) {
                return;
            }
            let substatus = given.unwrap_or_else(|| reopened_as(before, now));
            effects.push(Effect::Status(Status::Unresolved, Some(substatus)));
            if before.status != Status::Unresolved {
                effects.extend([
                    Effect::Resolution(Target::Now),
                    Effect::Snooze(None),
                    Effect::Forecast(Forecast::Drop),
                    Effect::Record(ActivityKind::SetUnresolved, json!({})),
                    Effect::SubscribeByActing,
                ]);
            }
        }
    }
}

fn reopened_as(before: &Before, now: Timestamp) -> Substatus {
    match before.status {
        Status::Resolved => Substatus::Regressed,
        Status::Ignored if now.duration_since(before.first_seen) < aging::UNTIL_ONGOING => Substatus::New,
        Status::Ignored | Status::Unresolved => Substatus::Ongoing,
    }
}

fn resolved(target: &Target<Release, Commit>) -> Effect {
    match target {
        Target::Now => Effect::Record(ActivityKind::SetResolved, json!({})),
        Target::NextRelease(current) => Effect::Record(
            ActivityKind::SetResolvedInRelease,
            json!({"version": "", "current_release_version": current.version}),
        ),
        Target::InRelease(release) => {
            Effect::Record(ActivityKind::SetResolvedInRelease, json!({"version": release.version}))
        }
        Target::InCommit(commit) => {
            Effect::Record(ActivityKind::SetResolvedInCommit, json!({"commit": commit.sha}))
        }
    }
}

fn archived(archive: Archive, now: Timestamp) -> Value {
    match archive {
        Archive::Forever => json!({"ignoreUntilEscalating": false}),
        Archive::UntilEscalating => json!({"ignoreUntilEscalating": true}),
        Archive::UntilCondition(snooze) => json!({
            "ignoreDuration": snooze.duration,
            "ignoreUntil": snooze.until(now).map(|at| at.to_string()),
            "ignoreCount": snooze.count,
            "ignoreWindow": snooze.window,
            "ignoreUserCount": snooze.user_count,
            "ignoreUserWindow": snooze.user_window,
            "ignoreUntilEscalating": false,
        }),
    }
}

impl Snooze {
    /// When the duration is over.
    pub fn until(&self, now: Timestamp) -> Option<Timestamp> {
        now.checked_add(SignedDuration::from_mins(self.duration?)).ok()
    }
}

fn assign(assignee: &Option<Assignee>, effects: &mut Vec<Effect>) {
    effects.push(Effect::Assign(assignee.clone()));
    effects.push(match assignee {
        Some(Assignee::Member { id, email }) => Effect::Record(
            ActivityKind::Assigned,
            json!({"assignee": id.to_string(), "assigneeEmail": email, "assigneeType": "user"}),
        ),
        Some(Assignee::Team { id }) => Effect::Record(
            ActivityKind::Assigned,
            json!({"assignee": id.to_string(), "assigneeEmail": null, "assigneeType": "team"}),
        ),
        None => Effect::Record(ActivityKind::Unassigned, json!({})),
    });
}
