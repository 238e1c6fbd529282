//! Everything about a page of issues, looked up in a fixed number of queries whatever its length.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use crate::sentry::api::AppState;
use crate::sentry::api::error::{ApiError, ApiResult};
use crate::sentry::api::params::Params;
use crate::sentry::model::hour_of;
use crate::sentry::store::external_issues::{self, ExternalIssue};
use crate::sentry::store::issue_people;
use crate::sentry::store::issue_stats::{self, Window};
use crate::sentry::store::issues_read::{self, Issue};
use crate::sentry::store::owners::{self, OwnerId, SuggestedOwner};
use crate::sentry::store::people::Member;

use super::selection::Selection;

/// A page of issues with what belongs to them.
#[derive(Debug)]
pub(super) struct Page {
    pub issues: Vec<Issue>,
    pub members: HashMap<i64, Member>,
    /// Slug and name.
    pub teams: HashMap<i64, (String, String)>,
    pub links: HashMap<i64, Vec<ExternalIssue>>,
    pub numbers: HashMap<i64, Numbers>,
    pub series: Vec<Counts>,
    /// Only when asked for.
    pub owners: Option<HashMap<i64, Vec<SuggestedOwner>>>,
    /// Only when asked for.
    pub with_attachments: Option<HashSet<i64>>,
}

/// What the API shows of an issue's events in the selected time and environments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbers {
    pub events: i64,
    pub users: i64,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
}

/// A row of buckets to count events in, such as the last 24 hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sentry) struct Series {
    /// Its key in `stats`.
    pub name: &'static str,
    /// First second of the first bucket.
    pub from: i64,
    /// Seconds per bucket.
    pub step: i64,
    /// How many.
    pub buckets: i64,
}

/// The counts of a series.
#[derive(Debug)]
pub(super) struct Counts {
    series: Series,
    /// (issue, bucket) -> events
    events: HashMap<(i64, i64), i64>,
}

impl Counts {
    /// The series of one issue as `[[second, events], ..]`.
    pub fn points(&self, issue: i64) -> Vec<(i64, i64)> {
        self.series.points(&self.events, issue)
    }

    pub fn name(&self) -> &'static str {
        self.series.name
    }
}

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

impl Series {
    /// The last 24 hours, the current one included.
    pub fn last_day(now: Timestamp) -> Series {
        Series { name: "24h", from: hour_of(now) - 23 * HOUR, step: HOUR, buckets: 24 }
    }

    /// The last `days` days (UTC), the current one included.
    pub fn last_days(name: &'static str, days: i64, now: Timestamp) -> Series {
        let today = now.as_second() - now.as_second().rem_euclid(DAY);
        Series { name, from: today - (days - 1) * DAY, step: DAY, buckets: days }
    }

    /// Reads `groupStatsPeriod`; `None` when the client wants none.
    ///
    /// # Errors
    /// 400 for a period that does not exist.
    pub fn read(params: &Params, selection: &Selection) -> ApiResult<Option<Series>> {
        let now = selection.period.now;
        match params.first("groupStatsPeriod") {
            None | Some("24h") => Ok(Some(Series::last_day(now))),
            Some("14d") => Ok(Some(Series::last_days("14d", 14, now))),
            Some("auto") => Ok(Some(Series::over(selection))),
            Some("") => Ok(None),
            Some(other) => Err(ApiError::bad_request(format!(
                "Invalid groupStatsPeriod: {other:?}. Use 24h, 14d, auto or nothing."
            ))),
        }
    }

    /// The selected period in hours if it is up to two days, else in days.
    fn over(selection: &Selection) -> Series {
        let start = selection.period.from.as_second();
        let end = selection.period.until.unwrap_or(selection.period.now).as_second();
        let step = if end - start <= 2 * DAY { HOUR } else { DAY };
        let from = start - start.rem_euclid(step);
        Series { name: "auto", from, step, buckets: ((end - from) / step + 1).min(1000) }
    }

    /// The counts of one issue, (issue, bucket) -> events, as `[[second, events], ..]`.
    pub fn points(&self, counts: &HashMap<(i64, i64), i64>, issue: i64) -> Vec<(i64, i64)> {
        let count = |bucket| counts.get(&(issue, bucket)).copied().unwrap_or(0);
        (0..self.buckets).map(|bucket| (self.from + bucket * self.step, count(bucket))).collect()
    }

    /// The time that it covers.
    pub fn window<'a>(&self, environments: Option<&'a [i64]>) -> Window<'a> {
        let second = |second: i64| Timestamp::from_second(second).unwrap_or_default();
        Window { from: second(self.from), until: second(self.from + self.step * self.buckets), environments }
    }
}

/// Which parts of a page are looked up.
#[derive(Debug)]
pub(super) struct Ask<'a> {
    pub params: &'a Params,
    pub selection: &'a Selection,
    pub series: Vec<Series>,
}

impl Ask<'_> {
    pub fn expands(&self, part: &str) -> bool {
        self.params.has("expand", part)
    }

    pub fn collapses(&self, part: &str) -> bool {
        self.params.has("collapse", part)
    }
}

impl Page {
    /// Looks the issues up, in this order. `viewer` is the reading member.
    pub async fn load(state: &AppState, viewer: Option<i64>, ids: &[i64], ask: &Ask<'_>) -> ApiResult<Page> {
        let pool = state.pool();
        let issues = issues_read::load(pool, ids, viewer).await?;
        let selection = ask.selection;
        let environments = selection.environments.as_deref();
        let mut series = Vec::with_capacity(ask.series.len());
        for wanted in &ask.series {
            let events = issue_stats::series(pool, ids, &wanted.window(environments), wanted.step).await?;
            series.push(Counts { series: wanted.clone(), events });
        }
        let owners = if ask.expands("owners") {
            let facts: Vec<_> =
                issues.iter().map(|issue| (issue.id, issue.project.id, issue.first_seen)).collect();
            Some(owners::suggested(pool, &facts).await?)
        } else {
            None
        };
        let with_attachments = if ask.expands("latestEventHasAttachments") {
            Some(issues_read::with_attachments(pool, ids).await?.into_iter().collect())
        } else {
            None
        };
        let (members, teams) = people(&issues, owners.as_ref());
        Ok(Page {
            members: issue_people::members(pool, &members).await?,
            teams: issue_people::team_names(pool, &teams).await?,
            links: external_issues::of_issues(pool, ids).await?,
            numbers: numbers(state, &issues, selection).await?,
            series,
            owners,
            with_attachments,
            issues,
        })
    }
}

/// Row ids of everybody and every team that a page names.
fn people(issues: &[Issue], owners: Option<&HashMap<i64, Vec<SuggestedOwner>>>) -> (Vec<i64>, Vec<i64>) {
    let mut members = Vec::new();
    let mut teams = Vec::new();
    for issue in issues {
        members.extend(issue.assigned_member);
        teams.extend(issue.assigned_team);
        members.extend(issue.resolution.as_ref().and_then(|resolution| resolution.actor));
        members.extend(issue.snooze.as_ref().and_then(|snooze| snooze.actor));
    }
    for suggestion in owners.into_iter().flat_map(HashMap::values).flatten() {
        match suggestion.owner {
            OwnerId::Member(id) => members.push(id),
            OwnerId::Team(id) => teams.push(id),
        }
    }
    (members, teams)
}

/// The numbers of each issue. Issues that are younger than the period need no look-up: all their events lie in it.
async fn numbers(
    state: &AppState,
    issues: &[Issue],
    selection: &Selection,
) -> ApiResult<HashMap<i64, Numbers>> {
    let whole_life = |issue: &Issue| {
        selection.environments.is_none()
            && selection.period.until.is_none()
            && selection.period.from <= issue.first_seen
    };
    let partial: Vec<i64> = issues.iter().filter(|issue| !whole_life(issue)).map(|issue| issue.id).collect();
    let (mut events, mut users, mut seen) = (HashMap::new(), HashMap::new(), HashMap::new());
    if !partial.is_empty() {
        events = issue_stats::events(state.pool(), &partial, &selection.window()).await?;
        users = issue_stats::users(state.pool(), &partial, &selection.window()).await?;
        if let Some(environments) = &selection.environments {
            seen = issue_stats::seen_in(state.pool(), &partial, environments).await?;
        }
    }
    let partial: HashSet<i64> = partial.into_iter().collect();
    Ok(issues
        .iter()
        .map(|issue| {
            let in_period = partial.contains(&issue.id);
            let (first_seen, last_seen) =
                seen.get(&issue.id).copied().unwrap_or((issue.first_seen, issue.last_seen));
            let of = |counts: &HashMap<i64, i64>, all: i64| {
                if in_period { counts.get(&issue.id).copied().unwrap_or(0) } else { all }
            };
            let numbers = Numbers {
                events: of(&events, issue.times_seen),
                users: of(&users, issue.user_count),
                first_seen,
                last_seen,
            };
            (issue.id, numbers)
        })
        .collect())
}
