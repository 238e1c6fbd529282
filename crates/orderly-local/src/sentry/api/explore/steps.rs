//! Steps of time: `interval`, and the starts of the steps of a period.

use jiff::SignedDuration;

use super::question::{end_of, length};
use crate::sentry::api::error::{ApiError, ApiResult};
use crate::sentry::api::issues::selection::Period;
use crate::sentry::api::params::Params;
use crate::sentry::search::value::duration;

/// Most steps of one answer.
const MOST_STEPS: i64 = 10_000;

/// Equal steps that cover a period. Microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    /// Start of the first step.
    pub from: i64,
    /// End of the last step.
    pub until: i64,
    /// Length of each.
    pub length: i64,
}

impl Steps {
    /// Reads `interval`; without one, a length that gives some dozens to hundreds of steps. Not shorter than `shortest`.
    ///
    /// # Errors
    /// 400 for an interval that does not read, is too short or gives too many steps.
    pub fn read(params: &Params, period: &Period, shortest: SignedDuration) -> ApiResult<Steps> {
        let step = match params.first_non_empty("interval") {
            Some(text) => duration(text).filter(|step| step.is_positive()).ok_or_else(|| {
                ApiError::bad_request(format!("Invalid interval: {text:?}. Use for example 5m, 1h or 1d."))
            })?,
            None => usual(period).max(shortest),
        };
        if step < shortest {
            let least = shortest.as_mins();
            return Err(ApiError::bad_request(format!("Interval must be at least {least} minutes.")));
        }
        let length = i64::try_from(step.as_micros()).unwrap_or(i64::MAX);
        let (from, until) = (period.from.as_microsecond(), end_of(period).as_microsecond());
        let from = from - from.rem_euclid(length);
        let until = (until + length - 1) - (until + length - 1).rem_euclid(length);
        if (until - from) / length > MOST_STEPS {
            return Err(ApiError::bad_request(
                "Your interval and date range would create too many results. Use a larger interval, or a smaller date range.",
            ));
        }
        Ok(Steps { from, until: until.max(from + length), length })
    }

    /// The start of each step.
    pub fn starts(self) -> impl Iterator<Item = i64> {
        (0..(self.until - self.from) / self.length).map(move |index| self.from + index * self.length)
    }

    /// Seconds of a step.
    pub fn seconds(self) -> f64 {
        SignedDuration::from_micros(self.length).as_secs_f64()
    }
}

fn usual(period: &Period) -> SignedDuration {
    const HOUR: f64 = 3_600.0;
    let length = length(period);
    if length <= HOUR {
        SignedDuration::from_mins(1)
    } else if length <= 24.0 * HOUR {
        SignedDuration::from_mins(5)
    } else if length <= 15.0 * 24.0 * HOUR {
        SignedDuration::from_hours(1)
    } else if length <= 60.0 * 24.0 * HOUR {
        SignedDuration::from_hours(4)
    } else {
        SignedDuration::from_hours(24)
    }
}
