//! A release as JSON.

use serde_json::{Map, Value, json};

use super::AppState;
use super::deploys::render as render_deploy;
use super::error::ApiResult;
use super::params::Params;
use super::release_commits::{authors, render_all as render_commits};
use crate::sentry::releases_order;
use crate::sentry::store::releases::{self, Release, ReleaseProject};
use crate::sentry::store::{commits, deploys, health};

/// Whether a client asked for release health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// `health=1`
    Asked,
    /// Not.
    Unasked,
}

impl Health {
    /// Reads `health=1` or `health=true`.
    pub fn asked_by(params: &Params) -> Health {
        match params.first("health") {
            Some("1" | "true") => Health::Asked,
            _ => Health::Unasked,
        }
    }
}

/// A release with its projects, commits and deploys, as lists and details show it.
///
/// # Errors
/// When the store refuses.
pub async fn render(state: &AppState, release: &Release, health: Health) -> ApiResult<Value> {
    let projects = releases::projects_of(state.pool(), release.id).await?;
    let commits = commits::of_release(state.pool(), release.id).await?;
    let deploys = deploys::of_release(state.pool(), release.id).await?;
    let last_commit = render_commits(state, commits.get(..1).unwrap_or_default()).await?.pop();
    let new_groups: i64 = projects.iter().map(|project| project.new_groups).sum();
    let mut answer = render_brief(release);
    let more = json!({
        "data": {},
        "newGroups": new_groups,
        "owner": null,
        "commitCount": commits.len(),
        "lastCommit": last_commit,
        "deployCount": deploys.len(),
        "lastDeploy": deploys.first().map(render_deploy),
        "authors": authors(state, &commits).await?,
        "projects": render_projects(state, release, &projects, health).await?,
        "firstEvent": projects.iter().filter_map(|project| project.first_event_at).min(),
        "lastEvent": projects.iter().filter_map(|project| project.last_event_at).max(),
        "currentProjectMeta": {},
        "userAgent": null,
        "adoptionStages": projects
            .iter()
            .map(|project| (project.slug.clone(), json!({"stage": null, "adopted": null, "unadopted": null})))
            .collect::<Map<_, _>>(),
    });
    if let (Some(fields), Value::Object(more)) = (answer.as_object_mut(), more) {
        fields.extend(more);
    }
    Ok(answer)
}

/// The part of a release that needs no further look-up: what issues, events and commits show of it.
pub fn render_brief(release: &Release) -> Value {
    json!({
        "id": release.id,
        "version": release.version,
        "shortVersion": release.version,
        "versionInfo": version_info(&release.version),
        "status": release.status,
        "ref": release.reference,
        "url": release.url,
        "dateCreated": release.created_at,
        "dateStarted": release.started_at,
        "dateReleased": release.released_at,
    })
}

fn version_info(version: &str) -> Value {
    let build_hash = is_hash(version).then_some(version);
    let Some(parsed) = releases_order::parse(version) else {
        let (package, raw) = match version.rsplit_once('@') {
            Some((package, raw)) if !package.is_empty() => (Some(package), raw),
            _ => (None, version),
        };
        return json!({
            "package": package,
            "version": {"raw": raw},
            "description": raw.get(..12).filter(|_| is_hash(raw)).unwrap_or(raw),
            "buildHash": build_hash.or_else(|| is_hash(raw).then_some(raw)),
        });
    };
    let raw = version.rsplit_once('@').map_or(version, |(_, raw)| raw);
    let [major, minor, patch, revision] = parsed.numbers;
    let number = raw.split('+').next().unwrap_or(raw);
    let description = match parsed.build {
        "" => number.to_owned(),
        build => format!("{number} ({build})"),
    };
    let text = |part: &str| (!part.is_empty()).then(|| part.to_owned());
    json!({
        "package": parsed.package,
        "version": {
            "raw": raw,
            "major": major,
            "minor": minor,
            "patch": patch,
            "revision": revision,
            "pre": text(parsed.pre),
            "buildCode": text(parsed.build),
            "components": parsed.components,
        },
        "description": description,
        "buildHash": is_hash(parsed.build).then_some(parsed.build),
    })
}

fn is_hash(text: &str) -> bool {
    (12..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

async fn render_projects(
    state: &AppState,
    release: &Release,
    projects: &[ReleaseProject],
    health: Health,
) -> ApiResult<Vec<Value>> {
    let mut rendered = Vec::with_capacity(projects.len());
    for project in projects {
        let platforms: Vec<&str> = project.platform.as_deref().into_iter().collect();
        let mut answer = json!({
            "id": project.project_id,
            "slug": project.slug,
            "name": project.name,
            "newGroups": project.new_groups,
            "platform": project.platform,
            "platforms": platforms,
            "hasHealthData": project.sessions.is_some(),
        });
        if let (Health::Asked, Some(fields)) = (health, answer.as_object_mut()) {
            fields.insert("healthData".to_owned(), health_data(state, release, project).await?);
        }
        rendered.push(answer);
    }
    Ok(rendered)
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn percent(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| 100.0 * part as f64 / whole as f64)
}

async fn health_data(state: &AppState, release: &Release, project: &ReleaseProject) -> ApiResult<Value> {
    let (users, crashed_users) =
        health::users_of_release(state.pool(), release.id, project.project_id).await?;
    let day_ago = state.clock().now().as_second() - 86_400;
    let recent = health::recent(state.pool(), release.id, project.project_id, day_ago).await?;
    let sessions = project.sessions;
    let crash_free = sessions.and_then(|counts| percent(counts.started - counts.crashed, counts.started));
    Ok(json!({
        "hasHealthData": sessions.is_some(),
        "adoption": percent(recent.users, recent.all_users),
        "sessionsAdoption": percent(recent.sessions, recent.all_sessions),
        "crashFreeSessions": crash_free,
        "crashFreeUsers": percent(users - crashed_users, users),
        "durationP50": null,
        "durationP90": null,
        "sessionsCrashed": sessions.map_or(0, |counts| counts.crashed),
        "sessionsErrored": sessions.map_or(0, |counts| counts.errored),
        "totalSessions": sessions.map(|counts| counts.started),
        "totalSessions24h": recent.sessions,
        "totalProjectSessions24h": recent.all_sessions,
        "totalUsers": users,
        "totalUsers24h": recent.users,
        "totalProjectUsers24h": recent.all_users,
        "stats": {},
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_shown_without_its_package() {
        let info = version_info("shop@1.2.3-rc.1+77");
        assert_eq!(info["package"], "shop");
        assert_eq!(info["description"], "1.2.3-rc.1 (77)");
        assert_eq!(info["version"]["minor"], 2);
        assert_eq!(info["version"]["buildCode"], "77");
    }

    #[test]
    fn a_commit_hash_is_its_own_build_hash() {
        let info = version_info("e3b0c44298fc1c149afbf4c8996fb92427ae41e4");
        assert_eq!(info["description"], "e3b0c44298fc");
        assert_eq!(info["buildHash"], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4");
        assert_eq!(version_info("shop@next")["version"]["raw"], "next");
    }
}
