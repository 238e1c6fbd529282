//! Teams.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
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
use super::projects::render_all as render_projects;
use crate::sentry::store::people::{self, Team};

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/teams/", get(list).post(create))
        .route("/organizations/{org}/user-teams/", get(own))
        .route("/teams/{org}/{team}/", get(detail))
        .route("/projects/{org}/{project}/teams/", get(of_project))
}

async fn list(asked: Asked, page: PageRequest, params: Params) -> ApiResult<Paged<Value>> {
    asked.organization(Access::ReadOrganization).await?;
    let wanted = params.first("query").unwrap_or_default().to_lowercase();
    let mut teams = people::teams(asked.state.pool()).await?;
    teams.retain(|team| team.slug.contains(&wanted) || team.name.to_lowercase().contains(&wanted));
    Ok(Paged::from_whole(render_all(&asked.state, &asked.caller, &teams).await?, &page))
}

async fn own(asked: Asked) -> ApiResult<Json<Vec<Value>>> {
    asked.organization(Access::ReadOrganization).await?;
    let memberships = people::team_members(asked.state.pool()).await?;
    let mut teams = people::teams(asked.state.pool()).await?;
    teams.retain(|team| asked.caller.member.is_some_and(|member| memberships.contains(&(team.id, member))));
    Ok(Json(render_all(&asked.state, &asked.caller, &teams).await?))
}

async fn of_project(
    asked: Asked,
    Path((_, project)): Path<(String, String)>,
    page: PageRequest,
) -> ApiResult<Paged<Value>> {
    let project = asked.project(&project, Access::ReadProjects).await?;
    let owned = people::team_projects(asked.state.pool()).await?;
    let mut teams = people::teams(asked.state.pool()).await?;
    teams.retain(|team| owned.contains(&(team.id, project.id)));
    Ok(Paged::from_whole(render_all(&asked.state, &asked.caller, &teams).await?, &page))
}

async fn detail(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, team)): Path<(String, String)>,
) -> ApiResult<Json<Value>> {
    let team = state.team(&org, &team).await?;
    caller.require(Access::ReadTeams)?;
    let mut answer =
        render_all(&state, &caller, std::slice::from_ref(&team)).await?.pop().unwrap_or_default();
    if let Some(fields) = answer.as_object_mut() {
        let org = state.organization(&org).await?;
        fields.insert("organization".to_owned(), render_organization(&state, &org));
    }
    Ok(Json(answer))
}

#[derive(Debug, Deserialize)]
struct CreateBody {
    slug: Option<String>,
    name: Option<String>,
}

async fn create(asked: Asked, JsonBody(body): JsonBody<CreateBody>) -> ApiResult<(StatusCode, Json<Value>)> {
    asked.organization(Access::WriteTeams).await?;
    let slug = match (&body.slug, &body.name) {
        (Some(slug), _) => slug.clone(),
        (None, Some(name)) => slugify(name),
        (None, None) => return Err(ApiError::invalid_field("slug", "Name or slug is required")),
    };
    let slug = read_slug("slug", &slug)?;
    let name = body.name.as_deref().unwrap_or(slug);
    let created =
        people::create_team(asked.state.pool(), slug, name, asked.caller.member, asked.state.clock().now())
            .await?;
    let team =
        created.ok_or_else(|| ApiError::Conflict("A team with this slug already exists.".to_owned()))?;
    let rendered = render_all(&asked.state, &asked.caller, &[team]).await?.pop().unwrap_or_default();
    Ok((StatusCode::CREATED, Json(rendered)))
}

/// Teams as lists show them.
///
/// # Errors
/// When the store refuses.
pub async fn render_all(state: &AppState, caller: &Caller, teams: &[Team]) -> ApiResult<Vec<Value>> {
    let memberships = people::team_members(state.pool()).await?;
    let access: Vec<&str> = caller.scopes.iter().map(|scope| scope.as_str()).collect();
    let mut rendered = Vec::with_capacity(teams.len());
    for team in teams {
        let projects = people::projects_of_team(state.pool(), team.id).await?;
        rendered.push(json!({
            "id": team.id.to_string(),
            "slug": team.slug,
            "name": team.name,
            "dateCreated": team.created_at,
            "isMember": caller.member.is_some_and(|member| memberships.contains(&(team.id, member))),
            "teamRole": "admin",
            "flags": {"idp:provisioned": false},
            "access": access,
            "hasAccess": true,
            "isPending": false,
            "memberCount": team.member_count,
            "avatar": {"avatarType": "letter_avatar", "avatarUuid": null},
            "externalTeams": [],
            "projects": render_projects(state, &projects).await?,
        }));
    }
    Ok(rendered)
}
