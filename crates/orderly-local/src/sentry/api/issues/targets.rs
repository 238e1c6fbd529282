//! Which issues a bulk request is about: those it names, or those its query finds.

use crate::sentry::api::AppState;
use crate::sentry::api::auth::Caller;
use crate::sentry::api::error::{ApiError, ApiResult};
use crate::sentry::api::params::Params;
use crate::sentry::model::Status;
use crate::sentry::search::parse;
use crate::sentry::store::issues_read;

use super::list::condition;
use super::lookup::issue_named;
use super::order::Sort;
use super::selection::Selection;

/// A request without ids changes no more issues than this.
const MOST: i64 = 1000;

/// What a bulk request is about.
#[derive(Debug)]
pub(super) struct Targets {
    /// Row ids.
    pub issues: Vec<i64>,
    /// How they were found.
    pub found_by: FoundBy,
}

/// How the targets of a bulk request were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FoundBy {
    /// `id=`
    Ids,
    /// `query=` or `status=`
    Query,
}

/// The targets of a request on the organization or, if given, on one project. Ids that do not exist are left out.
///
/// # Errors
/// 400 for queries that cannot be run.
pub(super) async fn read(
    state: &AppState,
    caller: &Caller,
    params: &Params,
    project: Option<i64>,
) -> ApiResult<Targets> {
    let named: Vec<&str> = params.all("id").filter(|id| !id.is_empty()).collect();
    if !named.is_empty() {
        let mut issues = Vec::with_capacity(named.len());
        for name in named {
            match issue_named(state, name).await {
                Ok(id) if !issues.contains(&id) => issues.push(id),
                Ok(_) | Err(ApiError::NotFound(_)) => {}
                Err(other) => return Err(other),
            }
        }
        let known = issues_read::load(state.pool(), &issues, None).await?;
        let here = known.iter().filter(|issue| project.is_none_or(|project| issue.project.id == project));
        return Ok(Targets { issues: here.map(|issue| issue.id).collect(), found_by: FoundBy::Ids });
    }
    let mut selection = Selection::read(state, params, Sort::Date.default_period()).await?;
    selection.projects.extend(project);
    let text = match params.first_non_empty("status") {
        Some(status) => format!("is:{}", read_status(status)?),
        None => params.first("query").unwrap_or("is:unresolved").to_owned(),
    };
    let condition = condition(state, caller, &parse(&text)?, &selection, Sort::Date).await?;
    let order = Sort::Date.order(&selection);
    let issues = issues_read::search(state.pool(), &condition, &order, MOST, 0).await?;
    Ok(Targets { issues, found_by: FoundBy::Query })
}

fn read_status(text: &str) -> ApiResult<Status> {
    match text {
        "muted" => Ok(Status::Ignored),
        other => other.parse().map_err(|_| {
            ApiError::bad_request("Invalid status. Use resolved, unresolved, ignored or muted.")
        }),
    }
}
