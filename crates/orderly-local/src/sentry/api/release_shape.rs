//! A release as JSON.

use serde_json::{Map, Value, json};

use super::AppState;
use super::deploys::render as render_deploy;
use super::error::ApiResult;
use super::params::Params;
use super::release_commits::{authors, render_all as render_commits};
use crate::sentry::releases_order;
use crate::sentry::store::releases::{self, Release, ReleaseProject, SessionCounts};
use crate::sentry::store::{commits, deploys};

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
        "projects": projects.iter().map(|project| render_project(project, health)).collect::<Vec<_>>(),
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

fn render_project(project: &ReleaseProject, health: Health) -> Value {
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
        fields.insert("healthData".to_owned(), health_data(project.sessions));
    }
    answer
}

fn health_data(sessions: Option<SessionCounts>) -> Value {
    let crash_free = sessions
        .filter(|counts| counts.started > 0)
        .map(|counts| 100.0 * (1.0 - counts.crashed as f64 / counts.started as f64));
    json!({
        "hasHealthData": sessions.is_some(),
        "adoption": null,
        "sessionsAdoption": null,
        "crashFreeSessions": crash_free,
        "crashFreeUsers": null,
        "durationP50": null,
        "durationP90": null,
        "sessionsCrashed": sessions.map_or(0, |counts| counts.crashed),
        "sessionsErrored": sessions.map_or(0, |counts| counts.errored),
        "totalSessions": sessions.map(|counts| counts.started),
        "totalSessions24h": null,
        "totalProjectSessions24h": null,
        "totalUsers": null,
        "totalUsers24h": null,
        "totalProjectUsers24h": null,
        "stats": {},
    })
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
