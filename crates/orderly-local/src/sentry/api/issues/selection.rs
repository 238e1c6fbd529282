//! Which projects, environments and times a request is about.

use jiff::{SignedDuration, Timestamp};

use crate::sentry::api::AppState;
use crate::sentry::api::error::{ApiError, ApiResult};
use crate::sentry::api::lookup::missing;
use crate::sentry::api::params::Params;
use crate::sentry::model::hour_of;
use crate::sentry::search::Fragment;
use crate::sentry::search::value::{duration, moment};
use crate::sentry::store::environments::{self, Visibility};
use crate::sentry::store::issue_stats::Window;

use super::order::Sort;

/// How far back a list looks when the client does not say.
pub const DEFAULT_PERIOD: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The part of the data a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Row ids of projects; empty: all.
    pub projects: Vec<i64>,
    /// Row ids of environments; `None`: all.
    pub environments: Option<Vec<i64>>,
    /// The time it is about.
    pub period: Period,
}

/// A span of time that ends now unless an end was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its start.
    pub from: Timestamp,
    /// Its end; `None`: no end, now and the near future.
    pub until: Option<Timestamp>,
    /// The present.
    pub now: Timestamp,
}

impl Period {
    /// The end, if need be the present and the minute that clocks may differ by.
    pub fn end(&self) -> Timestamp {
        self.until
            .unwrap_or_else(|| self.now.saturating_add(SignedDuration::from_hours(1)).unwrap_or(self.now))
    }
}

impl Selection {
    /// Reads `project`, `environment`, `statsPeriod`, `start` and `end`.
    ///
    /// # Errors
    /// 400 for unreadable times and unknown projects, 404 for an environment that no event ever had.
    pub async fn read(state: &AppState, params: &Params, default: SignedDuration) -> ApiResult<Selection> {
        let now = state.clock().now();
        Ok(Selection {
            projects: state.projects_in(params).await?,
            environments: read_environments(state, params).await?,
            period: read_period(params, now, default)?,
        })
    }

    /// The window of events that count.
    pub fn window(&self) -> Window<'_> {
        Window {
            from: self.period.from,
            until: self.period.end(),
            environments: self.environments.as_deref(),
        }
    }

    /// The condition on the table `issue` that it was seen in this selection, for a list in this order.
    pub fn condition(&self, sort: Sort) -> Fragment {
        let mut conditions = Vec::new();
        if !self.projects.is_empty() {
            conditions.push(Fragment::new("issue.project_id IN ").ints(&self.projects));
        }
        let from = self.period.from.as_microsecond();
        // Implied by the environments' own times, too, and answered by an index. The plus keeps the database from
        // walking the index of another order than the list's.
        let last_seen = if sort == Sort::New { "+issue.last_seen_at >= " } else { "issue.last_seen_at >= " };
        conditions.push(Fragment::new(last_seen).int(from));
        if let Some(environments) = &self.environments {
            conditions.push(
                Fragment::new(
                    "EXISTS (SELECT 1 FROM issue_environment ie WHERE ie.issue_id = issue.id AND ie.environment_id IN ",
                )
                .ints(environments)
                .sql(" AND ie.last_seen_at >= ")
                .int(from)
                .sql(")"),
            );
        }
        if let Some(until) = self.period.until {
            conditions.push(
                Fragment::new(
                    "EXISTS (SELECT 1 FROM issue_hourly ih WHERE ih.issue_id = issue.id AND ih.hour >= ",
                )
                .int(hour_of(self.period.from))
                .sql(" AND ih.hour < ")
                .int(until.as_second())
                .then(in_environments(" AND ih.environment_id IN ", self.environments.as_deref()))
                .sql(")"),
            );
        }
        Fragment::all(conditions)
    }

    /// The condition on the table `event` that it lies in this selection.
    pub fn event_condition(&self) -> Fragment {
        let mut conditions =
            vec![Fragment::new("event.occurred_at >= ").int(self.period.from.as_microsecond())];
        if let Some(until) = self.period.until {
            conditions.push(Fragment::new("event.occurred_at < ").int(until.as_microsecond()));
        }
        if !self.projects.is_empty() {
            conditions.push(Fragment::new("event.project_id IN ").ints(&self.projects));
        }
        if let Some(environments) = &self.environments {
            conditions.push(Fragment::new("event.environment_id IN ").ints(environments));
        }
        Fragment::all(conditions)
    }
}

/// `prefix (1, 2)`, or nothing for all environments.
pub fn in_environments(prefix: &'static str, environments: Option<&[i64]>) -> Fragment {
    environments.map_or_else(Fragment::default, |environments| Fragment::new(prefix).ints(environments))
}

/// The environments that `environment=` names.
///
/// # Errors
/// 404 for one that does not exist: a whole list is lost by one wrong name, as in Sentry.
pub async fn read_environments(state: &AppState, params: &Params) -> ApiResult<Option<Vec<i64>>> {
    let wanted: Vec<&str> = params.all("environment").collect();
    if wanted.is_empty() {
        return Ok(None);
    }
    let known = environments::list(state.pool(), None, Visibility::All).await?;
    let id = |name: &str| known.iter().find(|known| known.name == name).map(|known| known.id);
    wanted.into_iter().map(|name| id(name).ok_or_else(missing)).collect::<ApiResult<Vec<i64>>>().map(Some)
}

fn read_period(params: &Params, now: Timestamp, default: SignedDuration) -> ApiResult<Period> {
    if let Some(text) = params.first_non_empty("statsPeriod") {
        let length = duration(text).ok_or_else(|| {
            ApiError::bad_request(format!("Invalid statsPeriod: {text:?}. Use for example 24h, 14d or 90d."))
        })?;
        let from = now.checked_sub(length).unwrap_or(Timestamp::UNIX_EPOCH);
        return Ok(Period { from, until: None, now });
    }
    let time = |name: &'static str| {
        let text = params.first_non_empty(name);
        text.map(|text| {
            moment(text).ok_or_else(|| {
                ApiError::bad_request(format!(
                    "Invalid {name}: {text:?}. Use for example 2026-01-31T12:00:00Z."
                ))
            })
        })
        .transpose()
    };
    match (time("start")?, time("end")?) {
        (None, None) => {
            Ok(Period { from: now.checked_sub(default).unwrap_or(Timestamp::UNIX_EPOCH), until: None, now })
        }
        (Some(start), Some(end)) if start <= end => Ok(Period { from: start, until: Some(end), now }),
        (Some(_), Some(_)) => Err(ApiError::bad_request("start must be before end")),
        _ => Err(ApiError::bad_request("start and end must be given together")),
    }
}
