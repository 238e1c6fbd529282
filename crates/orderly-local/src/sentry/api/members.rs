//! People: the members of the organization, of a project and of a team.

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
use super::lookup::missing;
use super::page::{PageRequest, Paged};
use super::params::Params;
use crate::sentry::store::people::{self, Member, NewMember};

/// Roles in the organization, least powerful first.
const ROLES: [&str; 5] = ["billing", "member", "admin", "manager", "owner"];

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/organizations/{org}/members/", get(of_organization).post(invite))
        .route("/organizations/{org}/members/{member}/", get(detail))
        .route("/organizations/{org}/users/", get(of_organization))
        .route("/projects/{org}/{project}/members/", get(of_project))
        .route("/projects/{org}/{project}/users/", get(of_project))
        .route("/teams/{org}/{team}/members/", get(of_team))
}

async fn of_organization(asked: Asked, page: PageRequest, params: Params) -> ApiResult<Paged<Value>> {
    asked.organization(Access::ReadMembers).await?;
    let wanted = params.first("query").unwrap_or_default().to_lowercase();
    let members = people::members(asked.state.pool()).await?;
    let shown: Vec<Member> = members.into_iter().filter(|member| matches(member, &wanted)).collect();
    Ok(Paged::from_whole(render_members(&asked.state, &shown).await?, &page))
}

/// A bare word is looked for in names and addresses; `email:` asks for one address.
fn matches(member: &Member, query: &str) -> bool {
    query.split_whitespace().all(|word| match word.split_once(':') {
        Some(("email" | "user.email", email)) => member.email.to_lowercase() == email,
        Some(("role", role)) => member.role == role,
        _ => member.email.to_lowercase().contains(word) || member.name.to_lowercase().contains(word),
    })
}

async fn detail(asked: Asked, Path((_, member)): Path<(String, String)>) -> ApiResult<Json<Value>> {
    asked.organization(Access::ReadMembers).await?;
    let id = if member == "me" { asked.caller.member } else { member.parse().ok() };
    let found = match id {
        Some(id) => people::member(asked.state.pool(), id).await?,
        None => None,
    };
    let found = found.ok_or_else(missing)?;
    let mut rendered = render_members(&asked.state, &[found]).await?;
    Ok(Json(rendered.pop().unwrap_or_default()))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct InviteBody {
    email: Option<String>,
    org_role: Option<String>,
    role: Option<String>,
    teams: Option<Vec<String>>,
}

/// An invited person is a member at once: nobody could accept an invitation here.
async fn invite(asked: Asked, JsonBody(body): JsonBody<InviteBody>) -> ApiResult<(StatusCode, Json<Value>)> {
    asked.organization(Access::WriteMembers).await?;
    let email = body.email.as_deref().map(str::trim).unwrap_or_default();
    if email.len() > 75
        || !email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
    {
        return Err(ApiError::invalid_field("email", "Enter a valid email address."));
    }
    let role = body.org_role.as_deref().or(body.role.as_deref()).unwrap_or("member");
    if !ROLES.contains(&role) {
        return Err(ApiError::invalid_field(
            "orgRole",
            "You do not have permission to set that asked.org-level role",
        ));
    }
    let all = people::teams(asked.state.pool()).await?;
    let mut teams = Vec::new();
    for slug in body.teams.iter().flatten() {
        let team = all.iter().find(|team| team.slug == *slug);
        teams.push(team.ok_or_else(|| ApiError::invalid_field("teams", "Invalid teams"))?.id);
    }
    let person = NewMember { email, role, teams: &teams };
    let added = people::add_member(asked.state.pool(), person, asked.state.clock().now()).await?;
    let added = added
        .ok_or_else(|| ApiError::invalid_field("email", format!("The user {email} is already a member")))?;
    let rendered = render_members(&asked.state, &[added]).await?.pop().unwrap_or_default();
    Ok((StatusCode::CREATED, Json(rendered)))
}

async fn of_project(
    asked: Asked,
    Path((_, project)): Path<(String, String)>,
    page: PageRequest,
) -> ApiResult<Paged<Value>> {
    let project = asked.project(&project, Access::ReadMembers).await?;
    let members = people::members_of_project(asked.state.pool(), project.id).await?;
    Ok(Paged::from_whole(render_members(&asked.state, &members).await?, &page))
}

async fn of_team(
    State(state): State<AppState>,
    caller: Caller,
    Path((org, team)): Path<(String, String)>,
    page: PageRequest,
) -> ApiResult<Paged<Value>> {
    let team = state.team(&org, &team).await?;
    caller.require(Access::ReadTeams)?;
    let members = people::members_of_team(state.pool(), team.id).await?;
    Ok(Paged::from_whole(render_members(&state, &members).await?, &page))
}

async fn render_members(state: &AppState, members: &[Member]) -> ApiResult<Vec<Value>> {
    let teams = people::teams(state.pool()).await?;
    let memberships = people::team_members(state.pool()).await?;
    let owned = people::team_projects(state.pool()).await?;
    let projects = crate::sentry::store::projects::list(state.pool()).await?;
    Ok(members
        .iter()
        .map(|member| {
            let own_teams: Vec<_> =
                teams.iter().filter(|team| memberships.contains(&(team.id, member.id))).collect();
            let own_projects = projects
                .iter()
                .filter(|project| own_teams.iter().any(|team| owned.contains(&(team.id, project.id))));
            json!({
                "id": member.id.to_string(),
                "email": member.email,
                "name": member.name,
                "user": render_user(member),
                "orgRole": member.role,
                "role": member.role,
                "roleName": capitalized(&member.role),
                "pending": false,
                "expired": false,
                "flags": {
                    "idp:provisioned": false,
                    "idp:role-restricted": false,
                    "sso:linked": false,
                    "sso:invalid": false,
                    "member-limit:restricted": false,
                    "partnership:restricted": false,
                },
                "dateCreated": member.created_at,
                "inviteStatus": "approved",
                "inviterName": null,
                "teams": own_teams.iter().map(|team| &team.slug).collect::<Vec<_>>(),
                "teamRoles": own_teams.iter().map(|team| json!({"teamSlug": team.slug, "role": null})).collect::<Vec<_>>(),
                "projects": own_projects.map(|project| &project.slug).collect::<Vec<_>>(),
            })
        })
        .collect())
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A user as issues, notes, commits and members show it.
pub fn render_user(member: &Member) -> Value {
    json!({
        "id": member.id.to_string(),
        "name": member.name,
        "username": member.username,
        "email": member.email,
        "avatarUrl": null,
        "avatar": {"avatarType": "letter_avatar", "avatarUuid": null, "avatarUrl": null},
        "isActive": true,
        "isManaged": false,
        "isStaff": false,
        "isSuperuser": false,
        "has2fa": false,
        "hasPasswordAuth": true,
        "dateJoined": member.created_at,
        "lastLogin": member.created_at,
        "lastActive": member.created_at,
        "emails": [{"id": member.id.to_string(), "email": member.email, "is_verified": true}],
        "experiments": {},
        "type": "user",
    })
}

/// A user as the user sees itself.
pub fn render_self(state: &AppState, member: &Member) -> Value {
    let mut answer = render_user(member);
    if let Some(fields) = answer.as_object_mut() {
        fields.insert("lastActive".to_owned(), json!(state.clock().now()));
        fields.insert("canReset2fa".to_owned(), json!(false));
        fields.insert("flags".to_owned(), json!({"newsletter_consent_prompt": false}));
        fields.insert("identities".to_owned(), json!([]));
        fields.insert(
            "options".to_owned(),
            json!({"theme": "system", "language": "en", "timezone": "UTC", "clock24Hours": true, "stacktraceOrder": -1}),
        );
    }
    answer
}
