//! In which order a list of issues stands.

use jiff::SignedDuration;

use crate::sentry::api::error::{ApiError, ApiResult};
use crate::sentry::model::hour_of;
use crate::sentry::search::Fragment;

use super::selection::{Selection, in_environments};

/// What `sort=` can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// `date`: last seen first.
    Date,
    /// `new`: first seen last.
    New,
    /// `freq`: most events in the period.
    Freq,
    /// `user`: most users in the period.
    User,
    /// `trends`: most events above what the earlier part of the period would suggest.
    Trends,
    /// `inbox`: waiting for review, newest first.
    Inbox,
    /// `recommended`: state, priority, volume and recency together.
    Recommended,
}

impl Sort {
    /// Reads `sort=`; absent or empty is by date.
    ///
    /// # Errors
    /// 400 for an order that does not exist.
    pub fn read(text: Option<&str>) -> ApiResult<Sort> {
        Ok(match text.unwrap_or_default() {
            "" | "date" => Sort::Date,
            "new" => Sort::New,
            "freq" => Sort::Freq,
            "user" => Sort::User,
            "trends" => Sort::Trends,
            "inbox" => Sort::Inbox,
            "recommended" => Sort::Recommended,
            other => {
                return Err(ApiError::bad_request(format!(
                    "Invalid sort: {other:?}. Use date, new, trends, freq, user, inbox or recommended."
                )));
            }
        })
    }

    /// How far back a list in this order looks when the client does not say.
    pub fn default_period(self) -> SignedDuration {
        match self {
            Sort::Inbox => SignedDuration::from_hours(7 * 24),
            _ => super::selection::DEFAULT_PERIOD,
        }
    }

    /// The terms behind `ORDER BY`.
    pub fn order(self, selection: &Selection) -> Fragment {
        let first = match self {
            Sort::Date => return by_date(selection),
            Sort::New => return Fragment::new("issue.first_seen_at DESC, issue.id DESC"),
            Sort::Inbox => Fragment::new("issue.inbox_at"),
            Sort::Freq => events(selection, Fragment::new("h.events")),
            Sort::User => users(selection),
            Sort::Trends => events(selection, above_earlier(selection)),
            Sort::Recommended => recommended(selection),
        };
        first.sql(" DESC, issue.last_seen_at DESC, issue.id DESC")
    }
}

fn by_date(selection: &Selection) -> Fragment {
    match &selection.environments {
        None => Fragment::new("issue.last_seen_at DESC, issue.id DESC"),
        Some(environments) => Fragment::new(
            "(SELECT MAX(ie.last_seen_at) FROM issue_environment ie WHERE ie.issue_id = issue.id AND ie.environment_id IN ",
        )
        .ints(environments)
        .sql(") DESC, issue.id DESC"),
    }
}

/// The sum of `weight` over the hours of the period, `h` being the hour's row.
fn events(selection: &Selection, weight: Fragment) -> Fragment {
    Fragment::new("(SELECT COALESCE(SUM(")
        .then(weight)
        .sql("), 0) FROM issue_hourly h WHERE h.issue_id = issue.id AND h.hour >= ")
        .int(hour_of(selection.period.from))
        .sql(" AND h.hour < ")
        .int(selection.period.end().as_second())
        .then(in_environments(" AND h.environment_id IN ", selection.environments.as_deref()))
        .sql(")")
}

fn users(selection: &Selection) -> Fragment {
    Fragment::new(
        "(SELECT COUNT(DISTINCT u.user_key) FROM issue_user u WHERE u.issue_id = issue.id AND u.last_seen_at >= ",
    )
    .int(selection.period.from.as_microsecond())
    .sql(" AND u.first_seen_at < ")
    .int(selection.period.end().as_microsecond())
    .then(in_environments(" AND u.environment_id IN ", selection.environments.as_deref()))
    .sql(")")
}

/// The last quarter of the period against the three before it: events of the last quarter count three, earlier ones
/// minus one, so that a steady rate sums to nothing.
fn above_earlier(selection: &Selection) -> Fragment {
    let end = selection.period.until.unwrap_or(selection.period.now);
    let quarter = (end.as_second() - selection.period.from.as_second()) / 4;
    Fragment::new("CASE WHEN h.hour >= ")
        .int(end.as_second() - quarter.max(3600))
        .sql(" THEN 3 * h.events ELSE -h.events END")
}

fn recommended(selection: &Selection) -> Fragment {
    let day_ago = selection.period.now.as_microsecond() - 86_400_000_000;
    Fragment::new(
        "(CASE issue.substatus WHEN 'escalating' THEN 40 WHEN 'regressed' THEN 30 WHEN 'new' THEN 20 ELSE 0 END \
         + CASE issue.priority WHEN 'high' THEN 30 WHEN 'medium' THEN 15 ELSE 0 END \
         + CASE WHEN issue.times_seen >= 1000 THEN 30 WHEN issue.times_seen >= 100 THEN 20 \
                WHEN issue.times_seen >= 10 THEN 10 ELSE 0 END \
         + CASE WHEN issue.last_seen_at >= ",
    )
    .int(day_ago)
    .sql(" THEN 20 ELSE 0 END)")
}
