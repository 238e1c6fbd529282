//! `/organizations/` and `/organizations/{org}/`.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::AppState;
use super::asked::Asked;
use super::auth::{Access, Caller};
use super::error::ApiResult;
use super::page::{PageRequest, Paged};
use super::params::Params;
use super::projects::render_all as render_projects;
use super::teams::render_all as render_teams;
use crate::sentry::store::organization::{self, Organization};
use crate::sentry::store::{people, projects};

/// Features that the clients ask for by name. Nothing that this server does not do is among them.
const FEATURES: [&str; 4] =
    ["integrations-issue-basic", "integrations-issue-sync", "open-membership", "shared-issues"];

/// The endpoints of this file, below `/api/0`.
pub fn router() -> Router<AppState> {
    Router::new().route("/organizations/", get(list)).route("/organizations/{org}/", get(detail))
}

async fn list(
    State(state): State<AppState>,
    _caller: Caller,
    page: PageRequest,
    params: Params,
) -> ApiResult<Paged<Value>> {
    let wanted = params.first("query").unwrap_or_default().to_lowercase();
    let all = organization::list(state.pool()).await?;
    let shown = all
        .iter()
        .filter(|org| org.slug.contains(&wanted) || org.name.to_lowercase().contains(&wanted))
        .map(|org| render(&state, org))
        .collect();
    Ok(Paged::from_whole(shown, &page))
}

async fn detail(asked: Asked, params: Params) -> ApiResult<Json<Value>> {
    let org = asked.organization(Access::ReadOrganization).await?;
    let mut answer = render(&asked.state, &org);
    let detailed = params.first("detailed") != Some("0");
    if let Some(fields) = answer.as_object_mut() {
        let access: Vec<&str> = asked.caller.scopes.iter().map(|scope| scope.as_str()).collect();
        fields.insert("access".to_owned(), json!(access));
        if let Value::Object(settings) = settings() {
            fields.extend(settings);
        }
        if detailed {
            let projects = projects::list(asked.state.pool()).await?;
            fields.insert("projects".to_owned(), json!(render_projects(&asked.state, &projects).await?));
            let teams = people::teams(asked.state.pool()).await?;
            fields
                .insert("teams".to_owned(), json!(render_teams(&asked.state, &asked.caller, &teams).await?));
        }
    }
    Ok(Json(answer))
}

/// The organization as lists show it. `links.regionUrl` stays empty: Sentry's MCP server accepts https there only,
/// and every client falls back to the address it was given.
pub fn render(state: &AppState, org: &Organization) -> Value {
    json!({
        "id": org.id.to_string(),
        "slug": org.slug,
        "name": org.name,
        "status": {"id": "active", "name": "active"},
        "dateCreated": org.created_at,
        "isEarlyAdopter": false,
        "require2FA": false,
        "requireEmailVerification": false,
        "hasAuthProvider": false,
        "allowMemberInvite": true,
        "allowMemberProjectCreation": true,
        "allowSuperuserAccess": false,
        "avatar": {"avatarType": "letter_avatar", "avatarUuid": null, "avatarUrl": null},
        "features": FEATURES,
        "onboardingTasks": [],
        "links": {
            "organizationUrl": format!("{}/organizations/{}", state.base_url(), org.slug),
            "regionUrl": "",
        },
    })
}

/// What the settings page of sentry.io holds and this server does not vary.
fn settings() -> Value {
    let roles: Vec<Value> =
        [("member", "Member"), ("admin", "Admin"), ("manager", "Manager"), ("owner", "Owner")]
            .iter()
            .map(|(id, name)| json!({"id": id, "name": name}))
            .collect();
    json!({
        "aggregatedDataConsent": false,
        "alertsMemberWrite": true,
        "allowJoinRequests": true,
        "allowSharedIssues": true,
        "attachmentsRole": "member",
        "availableRoles": roles,
        "dataScrubber": false,
        "dataScrubberDefaults": false,
        "debugFilesRole": "admin",
        "defaultAutofixAutomationTuning": "off",
        "defaultRole": "member",
        "enhancedPrivacy": false,
        "eventsMemberAdmin": true,
        "experiments": {},
        "genAIConsent": false,
        "githubNudgeInvite": false,
        "githubPRBot": false,
        "hideAiFeatures": true,
        "isDefault": true,
        "isDynamicallySampled": false,
        "issueAlertsThreadFlag": false,
        "metricAlertsThreadFlag": false,
        "openMembership": true,
        "orgRoleList": roles,
        "pendingAccessRequests": 0,
        "quota": {"maxRate": null, "maxRateInterval": 60, "accountLimit": 0, "projectLimit": 100},
        "relayPiiConfig": null,
        "role": "owner",
        "safeFields": [],
        "scrapeJavaScript": false,
        "scrubIPAddresses": false,
        "sensitiveFields": [],
        "storeCrashReports": 0,
        "streamlineOnly": null,
        "teamRoleList": [],
        "trustedRelays": [],
    })
}
