//! What the endpoints over events read from a query string.

use jiff::{SignedDuration, Timestamp};

use crate::sentry::api::AppState;
use crate::sentry::api::error::{ApiError, ApiResult};
use crate::sentry::api::issues::selection::{Period, Selection};
use crate::sentry::api::params::Params;
use crate::sentry::explore::field::{Direction, Field, Order, split};
use crate::sentry::explore::filter::{self, Filter};
use crate::sentry::explore::{Dataset, ExploreError};
use crate::sentry::search::Fragment;
use crate::sentry::store::explore::Question;

/// How far back these endpoints look when the client does not say.
pub const DEFAULT_PERIOD: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Most fields of one question.
pub const MOST_FIELDS: usize = 20;

impl From<ExploreError> for ApiError {
    fn from(error: ExploreError) -> ApiError {
        ApiError::bad_request(error.to_string())
    }
}

/// The part of a question that does not depend on what is shown.
#[derive(Debug)]
pub struct About {
    /// About what.
    pub dataset: Dataset,
    /// Projects, environments and times.
    pub selection: Selection,
    /// What is searched for.
    pub filter: Filter,
}

impl About {
    /// Reads `dataset`, `project`, `environment`, `statsPeriod`, `start`, `end` and `query`.
    ///
    /// # Errors
    /// 400 for what does not read, 404 for an unknown environment.
    pub async fn read(state: &AppState, params: &Params) -> ApiResult<About> {
        let dataset: Dataset = params.first_non_empty("dataset").unwrap_or("errors").parse()?;
        let selection = Selection::read(state, params, DEFAULT_PERIOD).await?;
        let text = params.first("query").unwrap_or_default();
        let filter = filter::compile(dataset, text, selection.period.now)?;
        Ok(About { dataset, selection, filter })
    }

    /// Which rows it is about.
    pub fn condition(&self) -> Fragment {
        Fragment::all([self.selection.event_condition(), self.filter.rows.clone()])
    }

    /// The question that shows these fields.
    pub fn question(&self, fields: Vec<Field>, order: Vec<Order>) -> Question {
        Question {
            dataset: self.dataset,
            fields,
            condition: self.condition(),
            groups: self.filter.groups.clone(),
            order,
            offset: 0,
            limit: i64::MAX,
            seconds: length(&self.selection.period),
        }
    }
}

/// Seconds of a period; one that has no end ends now.
pub fn length(period: &Period) -> f64 {
    end_of(period).duration_since(period.from).as_secs_f64()
}

/// The end of a period; one that has no end ends now.
pub fn end_of(period: &Period) -> Timestamp {
    period.until.unwrap_or(period.now)
}

/// Reads what `key` lists.
///
/// # Errors
/// 400 for fields that do not exist, and for too many.
pub fn fields(dataset: Dataset, params: &Params, key: &str) -> ApiResult<Vec<Field>> {
    let names: Vec<&str> = params.all(key).filter(|name| !name.trim().is_empty()).collect();
    if names.len() > MOST_FIELDS {
        return Err(ApiError::bad_request(format!(
            "You can view up to {MOST_FIELDS} fields at a time. Please delete some and try again."
        )));
    }
    Ok(names.into_iter().map(|name| Field::parse(dataset, name)).collect::<Result<_, _>>()?)
}

/// Reads `sort` (or `orderby`). Rows may be sorted by columns that are not shown: these are added to `fields`.
///
/// # Errors
/// 400 for a field that does not exist, or is not selected where rows are grouped.
pub fn order(dataset: Dataset, params: &Params, fields: &mut Vec<Field>) -> ApiResult<Vec<Order>> {
    let grouped = fields.iter().any(|field| matches!(field, Field::Function(_)));
    let asked: Vec<&str> =
        params.all("sort").chain(params.all("orderby")).filter(|name| !name.is_empty()).collect();
    if asked.is_empty() {
        if grouped {
            let first = fields.iter().position(|field| matches!(field, Field::Function(_))).unwrap_or(0);
            return Ok(vec![Order { field: first, direction: Direction::Descending }]);
        }
        fields.push(Field::parse(dataset, "timestamp")?);
        return Ok(vec![Order { field: fields.len() - 1, direction: Direction::Descending }]);
    }
    asked
        .into_iter()
        .map(|text| match Order::parse(fields, text) {
            Ok(order) => Ok(order),
            Err(error) if grouped => Err(error.into()),
            Err(_) => {
                let (direction, name) = split(text);
                let field = Field::parse(dataset, name)?;
                if matches!(field, Field::Function(_)) {
                    return Err(ExploreError::NotSelected(name.to_owned()).into());
                }
                fields.push(field);
                Ok(Order { field: fields.len() - 1, direction })
            }
        })
        .collect()
}
