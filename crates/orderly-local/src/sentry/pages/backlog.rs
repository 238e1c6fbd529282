//! What waits for each team: the open issues of its projects, those that matter most first.

use axum::extract::State;
use maud::{Markup, html};

use super::issues::rows;
use super::layout::{self, PageResult, Tab};
use super::words::shown;
use crate::sentry::api::AppState;
use crate::sentry::api::issues::order::Sort;
use crate::sentry::api::issues::selection::Selection;
use crate::sentry::api::issues::{anybody, condition};
use crate::sentry::api::params::Params;
use crate::sentry::search::parse;
use crate::sentry::store::{issues_read, people};

/// Issues of one team.
const MOST: i64 = 15;

/// Counts go no further.
const MOST_COUNTED: i64 = 1_000;

pub(super) async fn page(State(state): State<AppState>, params: Params) -> PageResult {
    let sort = Sort::Recommended;
    let query = parse("is:unresolved").map_err(crate::sentry::api::error::ApiError::from)?;
    let mut sections: Vec<Markup> = Vec::new();
    for team in people::teams(state.pool()).await? {
        let projects = people::projects_of_team(state.pool(), team.id).await?;
        if projects.is_empty() {
            continue;
        }
        let mut selection = Selection::read(&state, &params, sort.default_period()).await?;
        selection.projects = projects.iter().map(|project| project.id).collect();
        let condition = condition(&state, &anybody(), &query, &selection, sort).await?;
        let ids = issues_read::search(state.pool(), &condition, &sort.order(&selection), MOST, 0).await?;
        let count = issues_read::count(state.pool(), &condition, MOST_COUNTED).await?;
        let issues = issues_read::load(state.pool(), &ids, None).await?;
        sections.push(html! {
            section {
                h2 { (shown(&team.name)) }
                p.quiet {
                    (count) " open in "
                    @for project in &projects { (project.slug) " " }
                }
                @if !issues.is_empty() { (rows(&state, &issues).await?) }
            }
        });
    }
    let content = html! {
        h1 { "Backlog of each team" }
        @for section in &sections { (section) }
        @if sections.is_empty() { p { "No team has a project." } }
    };
    Ok(layout::page("Backlog", Some(Tab::Backlog), &content))
}
