//! Ownership rules of a project.

use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::AppState;
use super::asked::Asked;
use super::auth::Access;
use super::body::JsonBody;
use super::error::{ApiError, ApiResult};
use crate::sentry::ownership_rules::{self, OwnerName, Rule};
use crate::sentry::store::ownership::{self, Ownership};
use crate::sentry::store::people;

/// Longest rule text that is taken.
const MAX_RAW: usize = 250_000;

/// The choices of the settings page.
const AUTO_ASSIGNMENT: [&str; 3] =
    ["Auto Assign to Suspect Commits", "Auto Assign to Issue Owner", "Turn off Auto-Assignment"];

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/projects/{org}/{project}/ownership/", get(read).put(write))
        .route("/projects/{org}/{project}/codeowners/", get(code_owners))
}

async fn read(asked: Asked, Path((_, project)): Path<(String, String)>) -> ApiResult<Json<Value>> {
    let project = asked.project(&project, Access::ReadProjects).await?;
    let stored = ownership::of_project(asked.state.pool(), project.id).await?;
    Ok(Json(render(&stored)))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnershipBody {
    raw: Option<String>,
    fallthrough: Option<bool>,
    is_active: Option<bool>,
    auto_assignment: Option<String>,
    codeowners_auto_sync: Option<bool>,
}

async fn write(
    asked: Asked,
    Path((_, project)): Path<(String, String)>,
    JsonBody(body): JsonBody<OwnershipBody>,
) -> ApiResult<Json<Value>> {
    let project = asked.project(&project, Access::WriteProjects).await?;
    let mut stored = ownership::of_project(asked.state.pool(), project.id).await?;
    if let Some(raw) = body.raw {
        check_rules(&asked.state, &raw).await?;
        stored.raw = raw;
    }
    if let Some(choice) = body.auto_assignment {
        if !AUTO_ASSIGNMENT.contains(&choice.as_str()) {
            return Err(ApiError::invalid_field("autoAssignment", "Invalid selection."));
        }
        stored.auto_assignment = choice;
    }
    stored.fallthrough = body.fallthrough.unwrap_or(stored.fallthrough);
    stored.is_active = body.is_active.unwrap_or(stored.is_active);
    stored.codeowners_auto_sync = body.codeowners_auto_sync.unwrap_or(stored.codeowners_auto_sync);
    let saved = ownership::save(asked.state.pool(), project.id, &stored, asked.state.clock().now()).await?;
    Ok(Json(render(&saved)))
}

/// Refuses text that does not parse, and owners that do not exist.
async fn check_rules(state: &AppState, raw: &str) -> ApiResult<()> {
    if raw.len() > MAX_RAW {
        return Err(ApiError::invalid_field(
            "raw",
            format!("Raw needs to be <= {MAX_RAW} characters in length"),
        ));
    }
    let rules =
        ownership_rules::parse(raw).map_err(|error| ApiError::invalid_field("raw", error.to_string()))?;
    let members = people::members(state.pool()).await?;
    let teams = people::teams(state.pool()).await?;
    let exists = |owner: &OwnerName| match owner {
        OwnerName::User(email) => members.iter().any(|member| member.email.eq_ignore_ascii_case(email)),
        OwnerName::Team(slug) => teams.iter().any(|team| team.slug == *slug),
    };
    let unknown = rules.iter().flat_map(|rule| &rule.owners).find(|owner| !exists(owner));
    match unknown {
        Some(owner) => {
            Err(ApiError::invalid_field("raw", format!("Invalid rule owners: {}", owner.as_written())))
        }
        None => Ok(()),
    }
}

async fn code_owners(asked: Asked, Path((_, project)): Path<(String, String)>) -> ApiResult<Json<Value>> {
    asked.project(&project, Access::ReadProjects).await?;
    Ok(Json(json!([])))
}

fn render(ownership: &Ownership) -> Value {
    let rules = ownership_rules::parse(&ownership.raw).unwrap_or_default();
    let schema = (!rules.is_empty())
        .then(|| json!({"$version": 1, "rules": rules.iter().map(render_rule).collect::<Vec<_>>()}));
    json!({
        "raw": ownership.created_at.map(|_| &ownership.raw),
        "fallthrough": ownership.fallthrough,
        "isActive": ownership.is_active,
        "autoAssignment": ownership.auto_assignment,
        "codeownersAutoSync": ownership.codeowners_auto_sync,
        "dateCreated": ownership.created_at,
        "lastUpdated": ownership.updated_at,
        "schema": schema,
    })
}

fn render_rule(rule: &Rule) -> Value {
    let owners: Vec<Value> = rule
        .owners
        .iter()
        .map(|owner| match owner {
            OwnerName::User(email) => json!({"type": "user", "identifier": email}),
            OwnerName::Team(slug) => json!({"type": "team", "identifier": slug}),
        })
        .collect();
    json!({"matcher": {"type": rule.matcher.kind_name(), "pattern": rule.pattern}, "owners": owners})
}
