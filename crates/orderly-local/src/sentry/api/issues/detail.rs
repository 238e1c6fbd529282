//! One issue with its history, people, releases and tags.

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::{Access, Caller};
use crate::sentry::api::error::ApiResult;
use crate::sentry::api::lookup::missing;
use crate::sentry::api::members::render_user;
use crate::sentry::api::params::Params;
use crate::sentry::api::release_shape::render_brief;
use crate::sentry::model::ActivityKind;
use crate::sentry::store::activity::{self, Activity, Which};
use crate::sentry::store::issues_read::{self, Issue};
use crate::sentry::store::{events_read, issue_people, organization, tags};

use super::activities::render_all;
use super::lookup::issue_named;
use super::page::{Ask, Page, Series};
use super::selection::{DEFAULT_PERIOD, Period, Selection, read_environments};
use super::{change, render};

/// How much of its history an issue shows.
const HISTORY: i64 = 100;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route(
            "/organizations/{org}/issues/{issue}/",
            get(of_organization).put(change::one).delete(change::delete_one),
        )
        .route(
            "/issues/{issue}/",
            get(unscoped).put(change::one_unscoped).delete(change::delete_one_unscoped),
        )
}

async fn of_organization(
    asked: Asked,
    Path((_, issue)): Path<(String, String)>,
    params: Params,
) -> ApiResult<Json<Value>> {
    let organization = asked.organization(Access::ReadEvents).await?;
    let issue = issue_named(&asked.state, &issue).await?;
    full(&asked.state, &asked.caller, &organization.slug, issue, &params).await
}

async fn unscoped(
    State(state): State<AppState>,
    caller: Caller,
    Path(issue): Path<String>,
    params: Params,
) -> ApiResult<Json<Value>> {
    caller.require(Access::ReadEvents)?;
    let org = only_organization(&state).await?;
    let issue = issue_named(&state, &issue).await?;
    full(&state, &caller, &org, issue, &params).await
}

/// The slug of the organization of addresses that name none.
///
/// # Errors
/// 404 when there is none.
pub async fn only_organization(state: &AppState) -> ApiResult<String> {
    let organizations = organization::list(state.pool()).await?;
    organizations.into_iter().next().map(|organization| organization.slug).ok_or_else(missing)
}

/// An issue and its JSON.
pub(super) struct Shown {
    pub issue: Issue,
    pub rendered: Map<String, Value>,
}

/// An issue in the shape of lists, but never without its counts.
pub(super) async fn listed(
    state: &AppState,
    caller: &Caller,
    org: &str,
    id: i64,
    params: &Params,
) -> ApiResult<Shown> {
    let selection = whole_life(state, params).await?;
    let series = vec![Series::last_day(selection.period.now)];
    let ask = Ask { params, selection: &selection, series };
    let mut page = Page::load(state, caller.member, &[id], &ask).await?;
    let issue = page.issues.pop().ok_or_else(missing)?;
    let mut rendered = render::listed(state, org, &page, &issue, &ask);
    rendered.extend(render::object(render::counts(render::lifetime(&issue))));
    Ok(Shown { issue, rendered })
}

/// An issue as webhooks carry it; `None` when it is gone.
///
/// # Errors
/// When the database refuses.
pub async fn hooked_issue(state: &AppState, id: i64) -> ApiResult<Option<Value>> {
    let org = only_organization(state).await?;
    let params = Params::default();
    let selection = whole_life(state, &params).await?;
    let ask = Ask { params: &params, selection: &selection, series: Vec::new() };
    let page = Page::load(state, None, &[id], &ask).await?;
    let Some(issue) = page.issues.first() else { return Ok(None) };
    let mut shown = render::base(state, &org, &page, issue);
    shown.extend(render::object(render::counts(render::lifetime(issue))));
    let web = state.issue_permalink(&org, id);
    shown.extend(render::object(json!({
        "url": format!("{}/api/0/organizations/{org}/issues/{id}/", state.base_url()),
        "web_url": web,
        "project_url": format!("{}/organizations/{org}/issues/?project={}", state.base_url(), issue.project.id),
    })));
    Ok(Some(shown.into()))
}

/// Everything about an issue.
pub(super) async fn full(
    state: &AppState,
    caller: &Caller,
    org: &str,
    id: i64,
    params: &Params,
) -> ApiResult<Json<Value>> {
    let selection = whole_life(state, params).await?;
    let now = selection.period.now;
    let series = vec![Series::last_day(now), Series::last_days("30d", 30, now)];
    let ask = Ask { params, selection: &selection, series };
    let mut page = Page::load(state, caller.member, &[id], &ask).await?;
    let issue = page.issues.pop().ok_or_else(missing)?;
    let mut shown = render::base(state, org, &page, &issue);
    let numbers = page.numbers.get(&id).copied().unwrap_or(render::lifetime(&issue));
    shown.extend(render::object(render::counts(numbers)));
    shown.extend(render::object(json!({
        "lifetime": render::counts(render::lifetime(&issue)),
        "filtered": null,
        "pluginActions": [],
        "pluginContexts": [],
        "pluginIssues": [],
    })));
    if !ask.collapses("stats") {
        shown.insert("stats".to_owned(), render::stats(&page, id));
    }
    if !ask.collapses("tags") {
        shown.insert("tags".to_owned(), tag_list(state, id).await?);
    }
    if !ask.collapses("release") {
        shown.extend(releases(state, &issue).await?);
    }
    shown.extend(people_and_history(state, &issue, now).await?);
    Ok(Json(shown.into()))
}

/// A detail is about the whole life of an issue, in the environments that were asked for.
async fn whole_life(state: &AppState, params: &Params) -> ApiResult<Selection> {
    let now = state.clock().now();
    let environments = read_environments(state, params).await?;
    let from = if environments.is_some() {
        now.checked_sub(DEFAULT_PERIOD).unwrap_or(Timestamp::UNIX_EPOCH)
    } else {
        Timestamp::UNIX_EPOCH
    };
    Ok(Selection { projects: Vec::new(), environments, period: Period { from, until: None, now } })
}

async fn tag_list(state: &AppState, issue: i64) -> ApiResult<Value> {
    let tags = tags::keys(state.pool(), issue).await?;
    let shown = tags.into_iter().map(|tag| {
        json!({
            "key": tag.key,
            "name": super::tags::name_of(&tag.key),
            "totalValues": tag.total_values,
            "uniqueValues": tag.unique_values,
        })
    });
    Ok(shown.collect())
}

async fn releases(state: &AppState, issue: &Issue) -> ApiResult<Map<String, Value>> {
    let ids: Vec<i64> = issue.first_release.into_iter().chain(issue.last_release).collect();
    let releases = issues_read::releases(state.pool(), &ids).await?;
    let shown = |id: Option<i64>| id.and_then(|id| releases.get(&id)).map(render_brief);
    Ok(render::object(json!({
        "firstRelease": shown(issue.first_release),
        "lastRelease": shown(issue.last_release),
    })))
}

async fn people_and_history(
    state: &AppState,
    issue: &Issue,
    now: Timestamp,
) -> ApiResult<Map<String, Value>> {
    let pool = state.pool();
    let history = activity::list(pool, issue.id, Which::All, HISTORY, 0).await?;
    let seen_by = issue_people::seen_by(pool, issue.id).await?;
    let participants = issue_people::participants(pool, issue.id).await?;
    let seen_by = seen_by.iter().map(|(member, at)| {
        let mut user = render::object(render_user(member));
        user.insert("lastSeen".to_owned(), json!(at));
        Value::from(user)
    });
    let mut activities = render_all(state, &history).await?;
    activities.push(json!({
        "id": "0",
        "type": ActivityKind::FirstSeen,
        "user": null,
        "sentry_app": null,
        "data": {},
        "dateCreated": issue.first_seen,
    }));
    Ok(render::object(json!({
        "activity": activities,
        "seenBy": seen_by.collect::<Vec<_>>(),
        "participants": participants.iter().map(render_user).collect::<Vec<_>>(),
        "userReportCount": events_read::user_report_count(pool, issue.id).await?,
        "openPeriods": open_periods(issue.first_seen, &history, now),
    })))
}

/// When the issue was open: from its first event or a regression until it was resolved. Newest first.
fn open_periods(first_seen: Timestamp, newest_first: &[Activity], now: Timestamp) -> Vec<Value> {
    let mut periods: Vec<(Timestamp, Option<Timestamp>)> = vec![(first_seen, None)];
    for activity in newest_first.iter().rev() {
        let Some(last) = periods.last_mut() else { break };
        match activity.kind {
            ActivityKind::SetResolved
            | ActivityKind::SetResolvedByAge
            | ActivityKind::SetResolvedInCommit
            | ActivityKind::SetResolvedInPullRequest
            | ActivityKind::SetResolvedInRelease => {
                last.1.get_or_insert(activity.created_at);
            }
            ActivityKind::SetRegression | ActivityKind::SetUnresolved if last.1.is_some() => {
                periods.push((activity.created_at, None));
            }
            _ => {}
        }
    }
    let shown = periods.into_iter().rev().map(|(start, end)| {
        json!({
            "start": start,
            "end": end,
            "duration": end.map(|end| end.duration_since(start).as_secs()),
            "isOpen": end.is_none(),
            "lastChecked": end.unwrap_or(now),
        })
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn happened(kind: ActivityKind, second: i64) -> Activity {
        Activity { id: second, kind, member: None, app: None, data: Value::Null, created_at: at(second) }
    }

    #[test]
    fn an_issue_was_open_until_resolved_and_again_from_its_regression() {
        let oldest_first = [
            happened(ActivityKind::Assigned, 5),
            happened(ActivityKind::SetIgnored, 6),
            happened(ActivityKind::SetUnresolved, 7),
            happened(ActivityKind::SetResolved, 10),
            happened(ActivityKind::SetResolvedInRelease, 12),
            happened(ActivityKind::SetRegression, 20),
        ];
        let newest_first: Vec<_> = oldest_first.into_iter().rev().collect();
        let periods = open_periods(at(1), &newest_first, at(30));
        assert_eq!(
            periods,
            [
                json!({"start": at(20), "end": null, "duration": null, "isOpen": true, "lastChecked": at(30)}),
                json!({"start": at(1), "end": at(10), "duration": 9, "isOpen": false, "lastChecked": at(10)}),
            ]
        );
    }
}
