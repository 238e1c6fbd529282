//! Searches and lists.

use super::desk::{OrderlyDesk, refusal};
use crate::clients;
use crate::config::duration::Span;
use orderly_connect::sentry::SentryClient;
use orderly_core::answer::{Cause, Looked};
use orderly_core::encode::terminal;
use orderly_core::ids::ProjectSlug;
use orderly_core::sync::snapshot::Issue;
use orderly_core::time::Seconds;
use orderly_core::untrusted::Untrusted;
use orderly_engine::ports::look::{self as port, EventSearch, LookRead as _};
use orderly_engine::ports::sentry::SentryRead as _;
use orderly_engine::ports::triage::{
    IssuePage, LARGEST_PAGE, PageCursor, Sort, TriageRead as _, TriageScope,
};
use orderly_serve::mcp::{
    Answer, Dataset, FindReleases, IssueSort, List, Origin, Refusal, SearchEvents, SearchIssues,
};
use serde_json::{Map, Value, json};

/// Rows of a page, unless somebody wants more.
const ROWS: u32 = 10;
/// Characters of a cell.
const CELL: usize = 160;

/// `sentry_search_issues`
pub(super) async fn issues(desk: &OrderlyDesk, search: SearchIssues) -> Result<Answer, Refusal> {
    let sentry = client(desk).await?;
    let scope = TriageScope {
        projects: projects_of(desk, search.project),
        environments: Vec::new(),
        window: desk.config.settings.triage.window,
        sort: sort(search.sort.unwrap_or_default()),
        page: page(search.limit)?,
    };
    let query = search.query.as_deref().unwrap_or("is:unresolved");
    let from = search.cursor.map(PageCursor);
    let IssuePage { issues, next } = saw(sentry.issues(query, &scope, from.as_ref()).await)?;
    let site = sentry.site();
    let mut answer = Answer { summary: counted(issues.len(), "issue", next.is_some()), ..Answer::default() };
    answer.tool.insert("query".to_owned(), Value::from(query));
    let rows: Vec<Value> = issues
        .iter()
        .map(|listed| Value::Object(metadata(&listed.issue, &site.permalink(listed.issue.id))))
        .collect();
    answer.lists.push(List { origin: Origin::Sentry, name: "issues", rows });
    cursor(&mut answer, next);
    let title = |issue: &Issue| format!("{} title: {}", issue.short_id, cell(desk, &issue.title));
    answer.event = issues.iter().map(|listed| title(&listed.issue)).collect();
    Ok(answer)
}

/// What Sentry itself says of an issue.
pub(super) fn metadata(issue: &Issue, permalink: &str) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut field = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    field("short_id", json!(issue.short_id));
    field("project", json!(issue.project));
    field("status", json!(issue.status));
    field("level", json!(issue.level));
    if let Some(priority) = issue.priority {
        field("priority", json!(priority));
    }
    field("events", json!(issue.events));
    field("users", json!(issue.users));
    field("first_seen", json!(issue.first_seen));
    field("last_seen", json!(issue.last_seen));
    field("url", json!(permalink));
    fields
}

/// `sentry_search_events`
pub(super) async fn events(desk: &OrderlyDesk, search: SearchEvents) -> Result<Answer, Refusal> {
    let window = match &search.period {
        None => Seconds::hours(24),
        Some(text) => {
            let span: Result<Span, _> = text.parse();
            span.map_err(|why| Refusal::new(format!("`period` is `{text}`")).hint(why))?.0
        }
    };
    let wanted = EventSearch {
        query: search.query.unwrap_or_default(),
        fields: search.fields,
        sort: search.sort,
        dataset: match search.dataset.unwrap_or_default() {
            Dataset::Errors => port::Dataset::Errors,
            Dataset::Transactions => port::Dataset::Transactions,
        },
        projects: projects_of(desk, search.project),
        window,
        until: None,
        page: page(search.limit)?,
    };
    let sentry = client(desk).await?;
    let from = search.cursor.map(PageCursor);
    let found = saw(sentry.events(&wanted, from.as_ref()).await)?;
    let mut answer =
        Answer { summary: counted(found.rows.len(), "row", found.next.is_some()), ..Answer::default() };
    answer.tool.insert("fields".to_owned(), json!(wanted.fields));
    cursor(&mut answer, found.next);
    for (n, row) in found.rows.iter().enumerate() {
        let cells: Vec<String> = wanted
            .fields
            .iter()
            .filter_map(|field| Some(format!("{field}={}", cell(desk, row.get(field)?))))
            .collect();
        answer.event.push(format!("{}. {}", n + 1, cells.join(" | ")));
    }
    Ok(answer)
}

/// `sentry_find_teams`
pub(super) async fn teams(desk: &OrderlyDesk, part: Option<&str>) -> Result<Answer, Refusal> {
    let teams = saw(client(desk).await?.teams().await)?;
    let rows: Vec<Value> = teams
        .into_iter()
        .filter(|team| holds(&team.slug, part))
        .map(|team| json!({"slug": team.slug, "name": cell(desk, &team.name)}))
        .collect();
    Ok(listed("teams", "team", rows))
}

/// `sentry_find_projects`
pub(super) async fn projects(desk: &OrderlyDesk, part: Option<&str>) -> Result<Answer, Refusal> {
    let projects = saw(client(desk).await?.projects().await)?;
    let rows: Vec<Value> = projects
        .into_iter()
        .filter(|project| holds(project.slug.as_str(), part))
        .map(|project| match project.platform {
            Some(platform) => json!({"slug": project.slug, "platform": cell(desk, &platform)}),
            None => json!({"slug": project.slug}),
        })
        .collect();
    Ok(listed("projects", "project", rows))
}

/// The slugs of all projects.
pub(super) async fn slugs(desk: &OrderlyDesk) -> Result<Vec<String>, Refusal> {
    let projects = saw(client(desk).await?.projects().await)?;
    Ok(projects.into_iter().map(|project| project.slug.as_str().to_owned()).collect())
}

/// `sentry_find_releases`
pub(super) async fn releases(desk: &OrderlyDesk, wanted: FindReleases) -> Result<Answer, Refusal> {
    let sentry = client(desk).await?;
    let releases = saw(sentry.releases(&projects_of(desk, wanted.project)).await)?;
    let releases: Vec<_> = releases
        .into_iter()
        .filter(|release| holds(release.version.as_raw_str(), wanted.version.as_deref()))
        .collect();
    let rows = releases.iter().enumerate().map(|(n, release)| {
        json!({"row": n + 1, "since": release.since, "last_event": release.last_event, "projects": release.projects})
    });
    let mut answer = listed("releases", "release", rows.collect());
    // An event names its release, so the name may be anybody's.
    let version =
        |text: &Untrusted<String>| terminal::scrubbed_line(&desk.scrubber.scrub_version(text).capped(CELL));
    answer.event = releases
        .iter()
        .enumerate()
        .map(|(n, release)| format!("{}. {}", n + 1, version(&release.version)))
        .collect();
    Ok(answer)
}

/// The Sentry client.
pub(super) async fn client(desk: &OrderlyDesk) -> Result<SentryClient, Refusal> {
    clients::sentry(&desk.config).await.map_err(|failure| refusal(&failure))
}

/// What was seen, or why nothing could be.
pub(super) fn saw<T>(looked: Looked<T>) -> Result<T, Refusal> {
    match looked {
        Looked::Saw(value) => Ok(value),
        Looked::CouldNotLook(cause) => Err(unseen(&cause)),
    }
}

pub(super) fn unseen(cause: &Cause) -> Refusal {
    let refusal = Refusal::new(terminal::visible(&cause.to_string()));
    match cause {
        Cause::Access(_) => refusal.hint("`orderly doctor` checks the token and its scopes"),
        Cause::RateLimited => refusal.hint("wait a minute"),
        Cause::MorePages | Cause::NoReply(_) | Cause::Missing(_) | Cause::NoInput(_) => refusal,
    }
}

fn projects_of(desk: &OrderlyDesk, named: Option<String>) -> Vec<ProjectSlug> {
    named.map_or_else(|| desk.config.settings.projects.clone(), |slug| vec![ProjectSlug::new(slug)])
}

fn page(limit: Option<u32>) -> Result<u32, Refusal> {
    let limit = limit.unwrap_or(ROWS);
    if (1..=LARGEST_PAGE).contains(&limit) {
        return Ok(limit);
    }
    Err(Refusal::new(format!("`limit` is {limit}; it may be 1 to {LARGEST_PAGE}")))
}

const fn sort(sort: IssueSort) -> Sort {
    match sort {
        IssueSort::Date => Sort::Date,
        IssueSort::Freq => Sort::Freq,
        IssueSort::New => Sort::New,
        IssueSort::User => Sort::User,
        IssueSort::Trends => Sort::Trends,
    }
}

fn cell(desk: &OrderlyDesk, text: &Untrusted<String>) -> String {
    terminal::scrubbed_line(&desk.scrubber.scrub(text).capped(CELL))
}

fn holds(text: &str, part: Option<&str>) -> bool {
    part.is_none_or(|part| text.to_lowercase().contains(&part.to_lowercase()))
}

fn listed(name: &'static str, one: &str, rows: Vec<Value>) -> Answer {
    let summary = counted(rows.len(), one, false);
    Answer { summary, lists: vec![List { origin: Origin::Sentry, name, rows }], ..Answer::default() }
}

fn counted(count: usize, one: &str, more: bool) -> String {
    let plural = if count == 1 { "" } else { "s" };
    let more = if more { "; there are more, see `cursor`" } else { "" };
    format!("{count} {one}{plural}{more}.")
}

fn cursor(answer: &mut Answer, next: Option<PageCursor>) {
    if let Some(PageCursor(next)) = next {
        answer.tool.insert("cursor".to_owned(), next.into());
    }
}
