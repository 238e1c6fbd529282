//! Release health: sessions and users, by how they ended.

use std::collections::{BTreeMap, BTreeSet};

use axum::routing::get;
use axum::{Json, Router};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::question::length;
use super::steps::Steps;
use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::Access;
use crate::sentry::api::error::{ApiError, ApiResult};
use crate::sentry::api::issues::selection::Selection;
use crate::sentry::api::params::Params;
use crate::sentry::model::from_micros;
use crate::sentry::search::query::ReleaseName;
use crate::sentry::search::value::Pattern;
use crate::sentry::search::{Filter, Fragment, Polarity, parse};
use crate::sentry::store::health;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/organizations/{org}/sessions/", get(sessions))
}

/// How far back it looks when the client does not say.
const DEFAULT_PERIOD: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What sessions are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GroupBy {
    Project,
    Release,
    Environment,
    Status,
}

impl GroupBy {
    const ALL: [(&'static str, GroupBy); 4] = [
        ("project", GroupBy::Project),
        ("release", GroupBy::Release),
        ("environment", GroupBy::Environment),
        ("session.status", GroupBy::Status),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, one)| *one == self).map_or("", |(name, _)| name)
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    Sessions,
    Users,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Count,
    CrashRate,
    CrashFreeRate,
}

fn read_field(text: &str) -> Option<(Of, Shown)> {
    Some(match text {
        "sum(session)" => (Of::Sessions, Shown::Count),
        "count_unique(user)" => (Of::Users, Shown::Count),
        "crash_rate(session)" => (Of::Sessions, Shown::CrashRate),
        "crash_rate(user)" => (Of::Users, Shown::CrashRate),
        "crash_free_rate(session)" => (Of::Sessions, Shown::CrashFreeRate),
        "crash_free_rate(user)" => (Of::Users, Shown::CrashFreeRate),
        _ => return None,
    })
}

/// How a session ended, worst first.
const STATUSES: [&str; 4] = ["crashed", "abnormal", "errored", "healthy"];

/// Sessions and users of one group, in one step or in all.
#[derive(Debug, Clone, Default)]
struct Tally {
    sessions: BTreeMap<&'static str, i64>,
    users: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Tally {
    fn value(&self, (of, shown): (Of, Shown), status: Option<&str>) -> Value {
        let in_status = |name: &str| match of {
            Of::Sessions => self.sessions.get(name).copied().unwrap_or(0),
            Of::Users => {
                self.users.get(name).map_or(0, |users| i64::try_from(users.len()).unwrap_or(i64::MAX))
            }
        };
        let all = match of {
            Of::Sessions => self.sessions.values().sum(),
            Of::Users => {
                let users: BTreeSet<&String> = self.users.values().flatten().collect();
                i64::try_from(users.len()).unwrap_or(i64::MAX)
            }
        };
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
        let rate = || (all > 0).then(|| in_status("crashed") as f64 / all as f64);
        match shown {
            Shown::Count => json!(status.map_or(all, in_status)),
            Shown::CrashRate => json!(rate()),
            Shown::CrashFreeRate => json!(rate().map(|rate| 1.0 - rate)),
        }
    }
}

async fn sessions(asked: Asked, params: Params) -> ApiResult<Json<Value>> {
    asked.organization(Access::ReadOrganization).await?;
    let names: Vec<&str> = params.all("field").collect();
    if names.is_empty() {
        return Err(ApiError::bad_request("Request is missing a \"field\""));
    }
    let field = |name: &&str| {
        read_field(name).ok_or_else(|| ApiError::bad_request(format!("Invalid field: \"{name}\"")))
    };
    let fields = names.iter().map(field).collect::<ApiResult<Vec<_>>>()?;
    let group = |name: &str| {
        let found = GroupBy::ALL.iter().find(|(known, _)| *known == name).map(|(_, one)| *one);
        found.ok_or_else(|| ApiError::bad_request(format!("Invalid groupBy: \"{name}\"")))
    };
    let group_by = params.all("groupBy").map(group).collect::<ApiResult<Vec<_>>>()?;
    let selection = Selection::read(&asked.state, &params, DEFAULT_PERIOD).await?;
    let shortest = SignedDuration::from_hours(1);
    let steps = match params.first_non_empty("interval") {
        Some(_) => Steps::read(&params, &selection.period, shortest)?,
        None if length(&selection.period) > 3.0 * 86_400.0 => {
            Steps::read(&Params::parse("interval=1d"), &selection.period, shortest)?
        }
        None => Steps::read(&Params::parse("interval=1h"), &selection.period, shortest)?,
    };
    let query = params.first("query").unwrap_or_default();
    let condition = condition(&selection, steps, query)?;
    let groups = gather(&asked.state, &condition, &group_by, steps).await?;
    let starts: Vec<i64> = steps.starts().collect();
    let by_status = group_by.contains(&GroupBy::Status);
    let mut shown = Vec::new();
    for (by, (totals, series)) in &groups {
        let statuses: &[Option<&str>] = if by_status {
            &[Some("crashed"), Some("abnormal"), Some("errored"), Some("healthy")]
        } else {
            &[None]
        };
        for status in statuses {
            let mut named = Map::new();
            for (key, value) in by {
                let number = (key == "project").then(|| value.parse::<i64>().ok()).flatten();
                named.insert(key.clone(), number.map_or_else(|| json!(value), |id| json!(id)));
            }
            named.extend(status.map(|status| ("session.status".to_owned(), json!(status))));
            let nothing = Tally::default();
            let each = names.iter().zip(&fields);
            let sums: Map<String, Value> = each
                .clone()
                .map(|(name, field)| ((*name).to_owned(), totals.value(*field, *status)))
                .collect();
            let lines: Map<String, Value> = each
                .map(|(name, field)| {
                    let at = |start: &i64| series.get(start).unwrap_or(&nothing).value(*field, *status);
                    ((*name).to_owned(), starts.iter().map(at).collect())
                })
                .collect();
            shown.push(json!({"by": named, "totals": sums, "series": lines}));
        }
    }
    Ok(Json(json!({
        "start": from_micros(steps.from),
        "end": from_micros(steps.until),
        "intervals": starts.iter().map(|start| from_micros(*start)).collect::<Vec<_>>(),
        "groups": shown,
        "query": query,
    })))
}

fn condition(selection: &Selection, steps: Steps, query: &str) -> ApiResult<Fragment> {
    let mut conditions = vec![
        Fragment::new("session.hour >= ").int(steps.from / 1_000_000),
        Fragment::new("session.hour < ").int(steps.until / 1_000_000),
    ];
    if !selection.projects.is_empty() {
        conditions.push(Fragment::new("session.project_id IN ").ints(&selection.projects));
    }
    if let Some(environments) = &selection.environments {
        conditions.push(Fragment::new("session.environment_id IN ").ints(environments));
    }
    for term in parse(query)?.terms {
        let positive = match &term.filter {
            Filter::Release(names) => {
                let versions = names.iter().map(|name| match name {
                    ReleaseName::Version(pattern) => Ok(like("release.version", pattern)),
                    ReleaseName::Latest => Err(ApiError::bad_request("release:latest is not supported here")),
                });
                Fragment::any(versions.collect::<ApiResult<Vec<_>>>()?)
            }
            Filter::Environment(names) => {
                Fragment::any(names.iter().map(|pattern| like("environment.name", pattern)))
            }
            _ => return Err(ApiError::bad_request("Sessions can be filtered by release and environment")),
        };
        conditions.push(match term.polarity {
            Polarity::Is => positive,
            Polarity::IsNot => positive.negated(),
        });
    }
    Ok(Fragment::all(conditions))
}

fn like(column: &'static str, pattern: &Pattern) -> Fragment {
    match pattern.as_literal() {
        Some(literal) => Fragment::new(column).sql(" = ").text(literal),
        None => Fragment::new(column).sql(" LIKE ").text(pattern.like()).sql(" ESCAPE '\\'"),
    }
}

type By = Vec<(String, String)>;
type Groups = BTreeMap<By, (Tally, BTreeMap<i64, Tally>)>;

async fn gather(
    state: &AppState,
    condition: &Fragment,
    group_by: &[GroupBy],
    steps: Steps,
) -> ApiResult<Groups> {
    let mut groups = Groups::new();
    if group_by.iter().all(|one| *one == GroupBy::Status) {
        groups.insert(Vec::new(), Default::default());
    }
    let key = |project: i64, release: &str, environment: &str| -> By {
        let value = |one: &GroupBy| match one {
            GroupBy::Project => Some(project.to_string()),
            GroupBy::Release => Some(release.to_owned()),
            GroupBy::Environment => Some(environment.to_owned()),
            GroupBy::Status => None,
        };
        group_by.iter().filter_map(|one| Some((one.name().to_owned(), value(one)?))).collect()
    };
    let step = |hour: i64| {
        let micros = hour * 1_000_000;
        micros - (micros - steps.from).rem_euclid(steps.length)
    };
    for hour in health::sessions(state.pool(), condition).await? {
        let (totals, series) = groups.entry(key(hour.project, &hour.release, &hour.environment)).or_default();
        // A crash may be told before the session it ends; then it has begun all the same.
        let healthy = (hour.started - hour.errored - hour.crashed - hour.abnormal).max(0);
        let counts = [hour.crashed, hour.abnormal, hour.errored, healthy];
        for tally in [totals, series.entry(step(hour.hour)).or_default()] {
            for (status, count) in STATUSES.into_iter().zip(counts) {
                *tally.sessions.entry(status).or_default() += count;
            }
        }
    }
    for user in health::users(state.pool(), condition).await? {
        let (totals, series) = groups.entry(key(user.project, &user.release, &user.environment)).or_default();
        let status = match (user.crashed, user.abnormal, user.errored) {
            (true, ..) => "crashed",
            (_, true, _) => "abnormal",
            (.., true) => "errored",
            _ => "healthy",
        };
        for tally in [totals, series.entry(step(user.hour)).or_default()] {
            tally.users.entry(status).or_default().insert(user.user.clone());
        }
    }
    Ok(groups)
}
