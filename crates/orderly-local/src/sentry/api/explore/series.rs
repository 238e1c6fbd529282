//! Aggregates in steps of time, as the older endpoint shows them: `[[second, [{"count": n}]], ..]`.

use axum::routing::get;
use axum::{Json, Router};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::events::meta;
use super::question::{About, fields, order};
use super::steps::Steps;
use crate::sentry::api::AppState;
use crate::sentry::api::asked::Asked;
use crate::sentry::api::auth::Access;
use crate::sentry::api::error::{ApiError, ApiResult};
use crate::sentry::api::params::Params;
use crate::sentry::explore::{Dataset, Field};
use crate::sentry::store::explore::{Point, ask, series};

/// Most groups that are drawn apart.
const MOST_TOP: usize = 10;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/organizations/{org}/events-stats/", get(stats))
}

/// Series of some aggregates, of all rows together or apart for the largest groups.
#[derive(Debug)]
pub(super) struct Drawn {
    pub dataset: Dataset,
    pub steps: Steps,
    pub axes: Vec<Field>,
    pub columns: Vec<Field>,
    /// For each group its column values, and for each axis the values by step start.
    pub groups: Vec<(Vec<Value>, Vec<Line>)>,
}

/// Start of each step, and the value in it.
pub(super) type Line = Vec<(i64, Value)>;

/// Reads `yAxis`, `interval`, `topEvents` with `field` or `groupBy`, and everything that a question has; draws it.
pub(super) async fn draw(state: &AppState, params: &Params) -> ApiResult<Drawn> {
    let about = About::read(state, params).await?;
    let axes = axes(about.dataset, params)?;
    let steps = Steps::read(params, &about.selection.period, SignedDuration::from_mins(1))?;
    let top = match params.first_non_empty("topEvents") {
        None => 0,
        Some(text) => text
            .parse::<usize>()
            .ok()
            .filter(|n| *n <= MOST_TOP)
            .ok_or_else(|| ApiError::bad_request(format!("Can only get up to {MOST_TOP} top events")))?,
    };
    let mut columns = Vec::new();
    if top > 0 {
        let named = fields(about.dataset, params, "groupBy")?.into_iter();
        let named = named.chain(fields(about.dataset, params, "field")?);
        columns = named.filter(|field| matches!(field, Field::Column(_))).collect();
        if columns.is_empty() {
            return Err(ApiError::bad_request("topEvents needs groupBy"));
        }
    }
    let largest =
        if top > 0 { Some(largest(state, &about, params, &columns, &axes, top).await?) } else { None };
    let shown: Vec<Field> = columns.iter().chain(&axes).cloned().collect();
    let mut question = about.question(shown, Vec::new());
    question.seconds = steps.seconds();
    let points = series(state.pool(), &question, steps.length).await?;
    let wanted = largest.unwrap_or_else(|| vec![Vec::new()]);
    let groups = wanted.into_iter().map(|group| {
        let own: Vec<&Point> = points.iter().filter(|point| point.group == group).collect();
        let lines = (0..axes.len()).map(|axis| line(steps, &own, axis)).collect();
        (group, lines)
    });
    let groups = groups.collect();
    Ok(Drawn { dataset: about.dataset, steps, axes, columns, groups })
}

fn axes(dataset: Dataset, params: &Params) -> ApiResult<Vec<Field>> {
    let mut axes = fields(dataset, params, "yAxis")?;
    if axes.is_empty() {
        axes.push(Field::parse(dataset, "count()")?);
    }
    match axes.iter().find(|field| !matches!(field, Field::Function(_))) {
        None => Ok(axes),
        Some(column) => {
            Err(ApiError::bad_request(format!("yAxis needs a function, not `{}`", column.name())))
        }
    }
}

async fn largest(
    state: &AppState,
    about: &About,
    params: &Params,
    columns: &[Field],
    axes: &[Field],
    top: usize,
) -> ApiResult<Vec<Vec<Value>>> {
    let mut shown: Vec<Field> = columns.iter().chain(axes).cloned().collect();
    let order = order(about.dataset, params, &mut shown)?;
    let mut question = about.question(shown, order);
    question.limit = i64::try_from(top).unwrap_or(i64::MAX);
    let rows = ask(state.pool(), &question).await?;
    Ok(rows.into_iter().map(|row| row.into_iter().take(columns.len()).collect()).collect())
}

fn line(steps: Steps, points: &[&Point], axis: usize) -> Line {
    let mut rest = points.iter().peekable();
    let mut values = Vec::new();
    for start in steps.starts() {
        while rest.next_if(|point| point.at < start).is_some() {}
        let here = rest.next_if(|point| point.at == start);
        let value = here.and_then(|point| point.values.get(axis)).filter(|value| !value.is_null());
        values.push((start, value.cloned().unwrap_or_else(|| json!(0))));
    }
    values
}

async fn stats(asked: Asked, params: Params) -> ApiResult<Json<Value>> {
    asked.organization(Access::Explore).await?;
    let drawn = draw(&asked.state, &params).await?;
    let mut answers = drawn.groups.iter().enumerate().map(|(order, (group, lines))| {
        let axes = drawn.axes.iter().zip(lines).enumerate();
        let mut one: Vec<(String, Value)> = axes
            .map(|(index, (axis, line))| (axis.name().to_owned(), shape(&drawn, axis, line, index)))
            .collect();
        let whole =
            if one.len() == 1 { one.remove(0).1 } else { one.into_iter().collect::<Map<_, _>>().into() };
        (name_of(group), order, whole)
    });
    if drawn.columns.is_empty() {
        return Ok(Json(answers.next().map_or(Value::Null, |(_, _, whole)| whole)));
    }
    let apart = answers.map(|(name, order, mut whole)| {
        if let Some(fields) = whole.as_object_mut() {
            fields.insert("order".to_owned(), json!(order));
        }
        (name, whole)
    });
    Ok(Json(apart.collect::<Map<_, _>>().into()))
}

fn name_of(group: &[Value]) -> String {
    let texts = group.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    texts.collect::<Vec<_>>().join(",")
}

fn shape(drawn: &Drawn, axis: &Field, line: &[(i64, Value)], order: usize) -> Value {
    let points: Vec<Value> =
        line.iter().map(|(at, value)| json!([at / 1_000_000, [{"count": value}]])).collect();
    json!({
        "data": points,
        "start": drawn.steps.from / 1_000_000,
        "end": drawn.steps.until / 1_000_000,
        "isMetricsData": false,
        "order": order,
        "meta": meta(drawn.dataset.as_str(), std::slice::from_ref(axis)),
    })
}
