//! Projects: lists, details, changes, creation, and the look-up by DSN.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::AppState;
use super::asked::Asked;
use super::auth::{Access, Caller};
use super::body::JsonBody;
use super::error::{ApiError, ApiResult};
use super::lookup::{read_slug, slugify};
use super::organizations::render as render_organization;
use super::page::{PageRequest, Paged};
use super::params::Params;
use crate::sentry::store::people::{self, Team};
use crate::sentry::store::projects::{self, NewProject, Project, ProjectChange};

/// Flags of kinds of data that this server does not keep; clients expect each of them.
const ABSENT: [&str; 20] = [
    "hasUserReports",
    "hasMinifiedStackTrace",
    "hasMonitors",
    "hasProfiles",
    "hasReplays",
    "hasFeedbacks",
    "hasNewFeedbacks",
    "hasFlags",
    "hasSessions",
    "hasLogs",
    "hasInsightsHttp",
    "hasInsightsDb",
    "hasInsightsAssets",
    "hasInsightsAppStart",
    "hasInsightsScreenLoad",
    "hasInsightsVitals",
    "hasInsightsCaches",
    "hasInsightsQueues",
    "hasInsightsLlmMonitoring",
    "hasInsightsAgentMonitoring",
];

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/projects/", get(everywhere))
        .route("/organizations/{org}/projects/", get(of_organization).post(create_for_first_team))
        .route("/teams/{org}/{team}/projects/", get(of_team).post(create_for_team))
        .route("/projects/{org}/{project}/", get(detail).put(change))
        .route("/projects/{org}/{project}/teams/{team}/", post(add_team).delete(remove_team))
}

/// `GET /projects/?query=dsn:<public key>`, which clients use to find the project of a DSN.
async fn everywhere(
    State(state): State<AppState>,
    caller: Caller,
    page: PageRequest,
    params: Params,
) -> ApiResult<Paged<Value>> {
    caller.require(Access::ReadProjects)?;
    let query = params.first("query").unwrap_or_default();
    let found = match query.strip_prefix("dsn:") {
        Some(key) => projects::by_public_key(state.pool(), key.trim()).await?.into_iter().collect(),
        None => matching(&state, query).await?,
    };
    let mut rendered = render_all(&state, &found).await?;
    for project in &mut rendered {
        if let Some(fields) = project.as_object_mut() {
            let org = crate::sentry::store::organization::list(state.pool()).await?;
            fields.insert(
                "organization".to_owned(),
                json!(org.first().map(|org| render_organization(&state, org))),
            );
        }
    }
    Ok(Paged::from_whole(rendered, &page))
}

async fn matching(state: &AppState, query: &str) -> ApiResult<Vec<Project>> {
    let all = projects::list(state.pool()).await?;
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let matches = |project: &Project| {
        words.iter().all(|word| match word.split_once(':') {
            Some(("id", id)) => project.id.to_string() == id,
            Some(("slug", slug)) => project.slug == slug,
            Some(("name", name)) => project.name.to_lowercase().contains(name),
            Some(("platform", platform)) => project.platform.as_deref() == Some(platform),
            _ => project.slug.contains(word) || project.name.to_lowercase().contains(word),
        })
    };
    Ok(all.into_iter().filter(matches).collect())
}

async fn of_organization(asked: Asked, page: PageRequest, params: Params) -> ApiResult<Paged<Value>> {
    asked.organization(Access::ReadOrganization).await?;
    let found = matching(&asked.state, params.first("query").unwrap_or_default()).await?;
    Ok(Paged::from_whole(render_all(&asked.state, &found).await?, &page))
}

async fn of_team(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, team)): Path<(String, String)>,
    page: PageRequest,
) -> ApiResult<Paged<Value>> {
    let team = state.team(&org, &team).await?;
    caller.require(Access::ReadProjects)?;
    let found = people::projects_of_team(state.pool(), team.id).await?;
    Ok(Paged::from_whole(render_all(&state, &found).await?, &page))
}

async fn detail(
    asked: Asked,
    Path((_, project)): Path<(String, String)>,
    params: Params,
) -> ApiResult<Json<Value>> {
    let project = asked.project(&project, Access::ReadProjects).await?;
    let mut answer = render_detail(&asked.state, &asked.caller, &project).await?;
    if let Some(fields) = answer.as_object_mut() {
        let owner = asked.state.organization(&asked.org).await?;
        let organization = if params.has("collapse", "organization") {
            json!({"id": owner.id.to_string(), "slug": owner.slug, "name": owner.name})
        } else {
            render_organization(&asked.state, &owner)
        };
        fields.insert("organization".to_owned(), organization);
    }
    Ok(Json(answer))
}

#[derive(Debug, Deserialize)]
struct ChangeBody {
    slug: Option<String>,
    name: Option<String>,
    platform: Option<String>,
}

async fn change(
    asked: Asked,
    Path((_, project)): Path<(String, String)>,
    JsonBody(body): JsonBody<ChangeBody>,
) -> ApiResult<Json<Value>> {
    let project = asked.project(&project, Access::WriteProjects).await?;
    let slug = body.slug.as_deref().map(|slug| read_slug("slug", slug)).transpose()?;
    let change = ProjectChange { slug, name: body.name.as_deref(), platform: body.platform.as_deref() };
    let changed = projects::update(asked.state.pool(), project.id, change).await?;
    let changed = changed
        .ok_or_else(|| ApiError::invalid_field("slug", "Another project is already using that slug"))?;
    Ok(Json(render_detail(&asked.state, &asked.caller, &changed).await?))
}

#[derive(Debug, Deserialize)]
struct CreateBody {
    name: Option<String>,
    slug: Option<String>,
    platform: Option<String>,
}

async fn create_for_first_team(
    State(state): State<AppState>,
    caller: Caller,
    Path(org): Path<String>,
    JsonBody(body): JsonBody<CreateBody>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    state.organization(&org).await?;
    let team = people::teams(state.pool()).await?.into_iter().min_by_key(|team| team.id);
    create(&state, &caller, team.as_ref(), &body).await
}

async fn create_for_team(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, team)): Path<(String, String)>,
    JsonBody(body): JsonBody<CreateBody>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let team = state.team(&org, &team).await?;
    create(&state, &caller, Some(&team), &body).await
}

async fn create(
    state: &AppState,
    caller: &Caller,
    team: Option<&Team>,
    body: &CreateBody,
) -> ApiResult<(StatusCode, Json<Value>)> {
    caller.require(Access::WriteProjects)?;
    let name = body.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| ApiError::invalid_field("name", "This field is required."))?;
    let slug = body.slug.clone().unwrap_or_else(|| slugify(name));
    let slug = read_slug("slug", &slug)?;
    let wanted =
        NewProject { slug, name, platform: body.platform.as_deref(), team: team.map(|team| team.id) };
    let created = projects::create(state.pool(), wanted, state.clock().now()).await?;
    let created =
        created.ok_or_else(|| ApiError::Conflict("A project with this slug already exists.".to_owned()))?;
    Ok((StatusCode::CREATED, Json(render_detail(state, caller, &created).await?)))
}

async fn add_team(
    asked: Asked,
    Path((_, project, team)): Path<(String, String, String)>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let project = asked.project(&project, Access::WriteProjects).await?;
    let team = asked.state.team(&asked.org, &team).await?;
    people::give_project(asked.state.pool(), team.id, project.id).await?;
    Ok((StatusCode::CREATED, Json(render_detail(&asked.state, &asked.caller, &project).await?)))
}

async fn remove_team(
    asked: Asked,
    Path((_, project, team)): Path<(String, String, String)>,
) -> ApiResult<Json<Value>> {
    let project = asked.project(&project, Access::WriteProjects).await?;
    let team = asked.state.team(&asked.org, &team).await?;
    people::take_project(asked.state.pool(), team.id, project.id).await?;
    Ok(Json(render_detail(&asked.state, &asked.caller, &project).await?))
}

/// Projects as lists show them.
///
/// # Errors
/// When the store refuses.
pub async fn render_all(state: &AppState, projects: &[Project]) -> ApiResult<Vec<Value>> {
    let teams = people::teams(state.pool()).await?;
    let pairs = people::team_projects(state.pool()).await?;
    let mut rendered = Vec::with_capacity(projects.len());
    for project in projects {
        let owners: Vec<Value> = teams
            .iter()
            .filter(|team| pairs.contains(&(team.id, project.id)))
            .map(|team| json!({"id": team.id.to_string(), "slug": team.slug, "name": team.name}))
            .collect();
        rendered.push(render(state, project, owners).await?);
    }
    Ok(rendered)
}

async fn render(state: &AppState, project: &Project, teams: Vec<Value>) -> ApiResult<Value> {
    let latest = projects::latest_release(state.pool(), project.id).await?;
    let platforms: Vec<&str> = project.platform.as_deref().into_iter().collect();
    let mut answer = json!({
        "id": project.id.to_string(),
        "slug": project.slug,
        "name": project.name,
        "platform": project.platform,
        "platforms": platforms,
        "dateCreated": project.created_at,
        "status": "active",
        "isBookmarked": false,
        "isMember": true,
        "isInternal": false,
        "isPublic": false,
        "hasAccess": true,
        "access": [],
        "features": ["discard-groups", "alert-filters"],
        "firstEvent": project.first_event_at,
        "firstTransactionEvent": false,
        "avatar": {"avatarType": "letter_avatar", "avatarUuid": null},
        "color": "#3fbf7f",
        "environments": [],
        "eventProcessing": {"symbolicationDegraded": false},
        "team": teams.first(),
        "teams": teams,
        "latestRelease": latest.map(|version| json!({"version": version})),
        "latestDeploys": null,
    });
    if let Some(fields) = answer.as_object_mut() {
        fields.extend(ABSENT.iter().map(|flag| ((*flag).to_owned(), Value::Bool(false))));
    }
    Ok(answer)
}

async fn render_detail(state: &AppState, caller: &Caller, project: &Project) -> ApiResult<Value> {
    let mut answer = render_all(state, std::slice::from_ref(project)).await?.pop().unwrap_or_default();
    let access: Vec<&str> = caller.scopes.iter().map(|scope| scope.as_str()).collect();
    let settings = json!({
        "access": access,
        "allowedDomains": ["*"],
        "dataScrubber": false,
        "dataScrubberDefaults": false,
        "defaultEnvironment": null,
        "digestsMaxDelay": 1800,
        "digestsMinDelay": 300,
        "groupingConfig": "local:1",
        "groupingEnhancements": "",
        "fingerprintingRules": "",
        "options": {},
        "organization": null,
        "plugins": [],
        "processingIssues": 0,
        "relayPiiConfig": null,
        "resolveAge": 0,
        "safeFields": [],
        "scrapeJavaScript": false,
        "scrubIPAddresses": false,
        "securityToken": "",
        "securityTokenHeader": null,
        "sensitiveFields": [],
        "storeCrashReports": null,
        "subjectPrefix": "",
        "subjectTemplate": "$shortID - $title",
        "symbolSources": "[]",
        "verifySSL": false,
    });
    if let (Some(fields), Value::Object(settings)) = (answer.as_object_mut(), settings) {
        fields.extend(settings);
    }
    Ok(answer)
}
