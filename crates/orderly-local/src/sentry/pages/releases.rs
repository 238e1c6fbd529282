//! The newest releases, and what they brought.

use axum::extract::State;
use maud::html;

use super::layout::{self, PageResult, Tab};
use super::words::{ago, exactly, shown};
use crate::sentry::api::AppState;
use crate::sentry::api::params::Params;
use crate::sentry::store::releases::{self, ReleaseFilter};

/// Releases that are shown.
const MOST: i64 = 50;

pub(super) async fn page(State(state): State<AppState>, params: Params) -> PageResult {
    let now = state.clock().now();
    let text = params.first("query").unwrap_or_default();
    let filter = ReleaseFilter { text, ..ReleaseFilter::default() };
    let mut rows = Vec::new();
    for release in releases::list(state.pool(), filter, 0, MOST).await? {
        let projects = releases::projects_of(state.pool(), release.id).await?;
        rows.push((release, projects));
    }
    let issues_of = |version: &str| {
        let query = format!("first-release:\"{version}\"");
        let query =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("query", &query).finish();
        format!("/issues/?{query}")
    };
    let content = html! {
        h1 { "Releases" }
        form.search role="search" method="get" action="/releases/" {
            label { "Version " input type="search" name="query" value=(text); }
            button { "Search" }
        }
        @if rows.is_empty() {
            p { "No release is known yet: an event that names one, or a deploy, makes it known." }
        } @else {
            table {
                thead { tr {
                    th scope="col" { "Version" } th scope="col" { "Projects" } th scope="col" { "New issues" }
                    th scope="col" { "Since" }
                } }
                tbody {
                    @for (release, projects) in &rows {
                        @let since = release.released_at.unwrap_or(release.created_at);
                        tr {
                            td { (shown(&release.version)) }
                            td { @for project in projects { (project.slug) " " } }
                            td.number {
                                a href=(issues_of(&release.version)) {
                                    (projects.iter().map(|project| project.new_groups).sum::<i64>())
                                }
                            }
                            td { time datetime=(exactly(since)) title=(exactly(since)) { (ago(since, now)) } }
                        }
                    }
                }
            }
        }
    };
    Ok(layout::page("Releases", Some(Tab::Releases), &content))
}
