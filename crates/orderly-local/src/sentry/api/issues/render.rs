//! An issue as JSON: every key that the API's description requires.

use serde_json::{Map, Value, json};

use crate::sentry::api::AppState;
use crate::sentry::api::members::render_user;
use crate::sentry::model::{ResolutionKind, Status, Substatus, short_id};
use crate::sentry::store::external_issues::ExternalIssue;
use crate::sentry::store::issues_read::Issue;
use crate::sentry::store::owners::{OwnerId, Reason, SuggestedOwner};

use super::page::{Ask, Numbers, Page};

/// An issue as lists show it.
pub(super) fn listed(
    state: &AppState,
    org: &str,
    page: &Page,
    issue: &Issue,
    ask: &Ask<'_>,
) -> Map<String, Value> {
    let mut shown = if ask.collapses("base") {
        object(json!({"id": issue.id.to_string()}))
    } else {
        base(state, org, page, issue)
    };
    let numbers = page.numbers.get(&issue.id).copied().unwrap_or(lifetime(issue));
    if !ask.collapses("stats") && !ask.collapses("lifetime") {
        shown.extend(object(counts(numbers)));
    }
    if !ask.collapses("stats") {
        shown.insert("stats".to_owned(), stats(page, issue.id));
    }
    if !ask.collapses("lifetime") {
        let mut whole = object(counts(lifetime(issue)));
        whole.insert("stats".to_owned(), Value::Null);
        shown.insert("lifetime".to_owned(), whole.into());
    }
    if !ask.collapses("filtered") {
        shown.insert("filtered".to_owned(), Value::Null);
    }
    if ask.collapses("unhandled") {
        shown.remove("isUnhandled");
    }
    shown
}

/// What does not depend on the selected time.
pub(super) fn base(state: &AppState, org: &str, page: &Page, issue: &Issue) -> Map<String, Value> {
    let no_links = Vec::new();
    let links = page.links.get(&issue.id).unwrap_or(&no_links);
    let mut shown = object(json!({
        "id": issue.id.to_string(),
        "shareId": issue.share_id,
        "shortId": short_id(&issue.project.slug, issue.short_id),
        "title": issue.title,
        "culprit": issue.culprit,
        "permalink": state.issue_permalink(org, issue.id),
        "logger": issue.logger,
        "level": issue.level,
        "status": issue.status,
        "statusDetails": status_details(page, issue),
        "substatus": issue.substatus,
        "isPublic": issue.is_public,
        "platform": issue.platform,
        "priority": issue.priority,
        "priorityLockedAt": issue.priority_locked_at,
        "seerFixabilityScore": null,
        "seerAutofixLastTriggered": null,
        "seerExplorerAutofixLastTriggered": null,
        "project": {
            "id": issue.project.id.to_string(),
            "name": issue.project.name,
            "slug": issue.project.slug,
            "platform": issue.project.platform,
        },
        "type": issue.kind,
        "issueType": issue.kind.issue_type(),
        "issueCategory": issue.kind.category(),
        "metadata": issue.metadata,
        "numComments": issue.num_comments,
        "assignedTo": assignee(page, issue),
    }));
    shown.extend(object(json!({
        "isBookmarked": issue.viewer.is_bookmarked,
        "isSubscribed": issue.viewer.subscription == Some(true),
        "subscriptionDetails": issue.viewer.subscription.map(|_| json!({"reason": "unknown"})),
        "hasSeen": issue.viewer.has_seen,
        "annotations": links
            .iter()
            .map(|link| json!({"displayName": link.display_name, "url": link.web_url}))
            .collect::<Vec<_>>(),
        "isUnhandled": issue.is_unhandled,
        "sessionCount": null,
        "inbox": issue.inbox.as_ref().map(|inbox| json!({
            "reason": inbox.reason.number(),
            "reason_details": inbox.details,
            "date_added": inbox.added_at,
        })),
        "owners": page.owners.as_ref().map(|owners| {
            owners.get(&issue.id).map_or_else(Vec::new, |owners| owners.iter().map(|owner| suggestion(page, owner)).collect())
        }),
        "integrationIssues": [],
        "sentryAppIssues": links.iter().map(link).collect::<Vec<_>>(),
        "latestEventHasAttachments": page.with_attachments.as_ref().map(|with| with.contains(&issue.id)),
        "derivedData": {
            "blocker": null,
            "progress": null,
            "status": null,
            "hasOpenFixPr": false,
            "isAssigned": issue.assigned_member.is_some() || issue.assigned_team.is_some(),
            "hasRootCause": false,
            "lastCompletedAutofixStep": null,
            "lastProgressedAt": null,
            "viewCount": 0,
        },
        "matchingEventId": null,
        "matchingEventEnvironment": null,
    })));
    shown
}

/// The numbers over an issue's whole life.
pub(super) fn lifetime(issue: &Issue) -> Numbers {
    Numbers {
        events: issue.times_seen,
        users: issue.user_count,
        first_seen: issue.first_seen,
        last_seen: issue.last_seen,
    }
}

/// `count` is a text in this API.
pub(super) fn counts(numbers: Numbers) -> Value {
    json!({
        "count": numbers.events.to_string(),
        "userCount": numbers.users,
        "firstSeen": numbers.first_seen,
        "lastSeen": numbers.last_seen,
    })
}

/// `{"24h": [[second, events], ..]}`
pub(super) fn stats(page: &Page, issue: i64) -> Value {
    let series = page.series.iter().map(|counts| (counts.name().to_owned(), json!(counts.points(issue))));
    Value::Object(series.collect())
}

/// A link as `external-issues` and `sentryAppIssues` show it.
pub(super) fn link(link: &ExternalIssue) -> Value {
    json!({
        "id": link.id.to_string(),
        "issueId": link.issue.to_string(),
        "serviceType": link.app_slug,
        "displayName": link.display_name,
        "webUrl": link.web_url,
    })
}

/// What was said when the issue was resolved or archived.
pub(super) fn status_details(page: &Page, issue: &Issue) -> Value {
    let mut details = Map::new();
    let actor = |id: Option<i64>| id.and_then(|id| page.members.get(&id)).map(render_user);
    match issue.status {
        Status::Resolved => {
            if let Some(resolution) = &issue.resolution {
                match resolution.kind {
                    ResolutionKind::InNextRelease => details.insert("inNextRelease".to_owned(), true.into()),
                    ResolutionKind::InRelease => {
                        details.insert("inRelease".to_owned(), json!(resolution.version))
                    }
                    ResolutionKind::InCommit => details.insert(
                        "inCommit".to_owned(),
                        json!({
                            "id": resolution.commit,
                            "commit": resolution.commit,
                            "repository": {"name": resolution.repository},
                        }),
                    ),
                };
                details.insert("actor".to_owned(), json!(actor(resolution.actor)));
            }
        }
        Status::Ignored => {
            if issue.substatus == Some(Substatus::ArchivedUntilEscalating) {
                details.insert("ignoreUntilEscalating".to_owned(), true.into());
            }
            if let Some(snooze) = &issue.snooze {
                details.extend(object(json!({
                    "ignoreUntil": snooze.until,
                    "ignoreCount": snooze.event_count,
                    "ignoreWindow": snooze.event_window,
                    "ignoreUserCount": snooze.user_count,
                    "ignoreUserWindow": snooze.user_window,
                    "actor": actor(snooze.actor),
                })));
            }
        }
        Status::Unresolved => {}
    }
    details.into()
}

/// Who has the issue; null for nobody.
pub(super) fn assignee(page: &Page, issue: &Issue) -> Value {
    if let Some(member) = issue.assigned_member.and_then(|id| page.members.get(&id)) {
        return json!({"type": "user", "id": member.id.to_string(), "name": member.name, "email": member.email});
    }
    match issue.assigned_team.and_then(|id| page.teams.get(&id).map(|team| (id, team))) {
        Some((id, (slug, _name))) => json!({"type": "team", "id": id.to_string(), "name": slug}),
        None => Value::Null,
    }
}

fn suggestion(page: &Page, suggested: &SuggestedOwner) -> Value {
    let (kind, reason) = match &suggested.reason {
        Reason::Rule(rule) => ("ownershipRule", rule),
        Reason::SuspectCommit(sha) => ("suspectCommit", sha),
    };
    let (owner, name, email) = match suggested.owner {
        OwnerId::Member(id) => {
            let member = page.members.get(&id);
            (format!("user:{id}"), member.map(|member| &member.name), member.map(|member| &member.email))
        }
        OwnerId::Team(id) => (format!("team:{id}"), page.teams.get(&id).map(|(slug, _)| slug), None),
    };
    json!({
        "type": kind,
        "owner": owner,
        "date_added": suggested.since,
        "name": name,
        "email": email,
        "reason": reason,
    })
}

/// The fields of a JSON object that was written as one.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
