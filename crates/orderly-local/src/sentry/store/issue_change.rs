//! One update of one or many issues: what it names is looked up, what follows is decided, all in one transaction.

use jiff::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::activity::Actor;
use super::issue_update::{apply, before};
use crate::sentry::releases_order;
use crate::sentry::states::update::{
    Assignee, AssigneeName, Commit, CommitName, InvalidUpdate, Release, ReleaseName, ResolvedUpdate,
    StatusChange, Target, Update, decide,
};

/// Why an update was not carried out; nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// It names something that does not exist or does not fit.
    #[error(transparent)]
    Invalid(#[from] InvalidUpdate),
    /// The database refused.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Updates issues. Either all of them change or none.
///
/// # Errors
/// Names of releases, commits or people that do not exist; a release for issues of several projects.
pub async fn change(
    pool: &SqlitePool,
    issues: &[i64],
    update: &Update,
    actor: Actor,
    now: Timestamp,
) -> Result<(), ChangeError> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let mut project = None;
    for issue in issues {
        let place: Option<Place> =
            sqlx::query_as("SELECT project_id, last_release_id FROM issue WHERE id = $1")
                .bind(issue)
                .fetch_optional(&mut *tx)
                .await?
                .map(|(project, last_release)| Place { project, last_release });
        // An issue that was deleted in the meantime.
        let Some(place) = place else { continue };
        if names_release(update) && project.is_some_and(|first| first != place.project) {
            return Err(InvalidUpdate::new(
                "statusDetails",
                "A release can only be named for issues of one project.",
            )
            .into());
        }
        project = Some(place.project);
        let resolved = resolve(&mut tx, update, place).await?;
        let effects = decide(&before(&mut tx, *issue).await?, &resolved, now);
        apply(&mut tx, *issue, &effects, actor, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Where an issue lives, as far as names depend on it.
#[derive(Debug, Clone, Copy)]
struct Place {
    project: i64,
    last_release: Option<i64>,
}

fn names_release(update: &Update) -> bool {
    matches!(&update.status, Some(StatusChange::Resolve(Target::NextRelease(_) | Target::InRelease(_))))
}

async fn resolve(
    connection: &mut SqliteConnection,
    update: &Update,
    place: Place,
) -> Result<ResolvedUpdate, ChangeError> {
    let status = match &update.status {
        None => None,
        Some(StatusChange::Archive(archive)) => Some(StatusChange::Archive(*archive)),
        Some(StatusChange::Reopen(substatus)) => Some(StatusChange::Reopen(*substatus)),
        Some(StatusChange::Resolve(target)) => {
            Some(StatusChange::Resolve(resolve_target(connection, target, place).await?))
        }
    };
    let assignee = match &update.assignee {
        None => None,
        Some(name) => Some(resolve_assignee(connection, name, place.project).await?),
    };
    Ok(Update {
        status,
        assignee,
        priority: update.priority,
        inbox: update.inbox,
        seen: update.seen,
        bookmarked: update.bookmarked,
        subscribed: update.subscribed,
        public: update.public,
    })
}

async fn resolve_target(
    connection: &mut SqliteConnection,
    target: &Target,
    place: Place,
) -> Result<Target<Release, Commit>, ChangeError> {
    Ok(match target {
        Target::Now => Target::Now,
        Target::NextRelease(_) => {
            let current = current_release(connection, place).await?;
            Target::NextRelease(current.ok_or_else(|| {
                InvalidUpdate::new(
                    "inNextRelease",
                    "The project has no release yet that a next one could follow.",
                )
            })?)
        }
        Target::InRelease(ReleaseName::Latest) => {
            let newest = newest_releases(connection, place.project).await?.into_iter().next();
            Target::InRelease(
                newest.ok_or_else(|| InvalidUpdate::new("inRelease", "The project has no release yet."))?,
            )
        }
        Target::InRelease(ReleaseName::Version(version)) => {
            let releases = newest_releases(connection, place.project).await?;
            let found = releases.into_iter().find(|release| release.version == *version);
            Target::InRelease(found.ok_or_else(|| {
                InvalidUpdate::new("inRelease", "The project has no release with this version.")
            })?)
        }
        Target::InCommit(name) => Target::InCommit(commit(connection, name).await?),
    })
}

/// Open releases of a project, the newest first: by the day they were released, or else added.
async fn newest_releases(
    connection: &mut SqliteConnection,
    project: i64,
) -> Result<Vec<Release>, sqlx::Error> {
    let rows: Vec<(i64, String)> = sqlx::query_as(
        "SELECT release.id, release.version FROM release
         JOIN release_project ON release_project.release_id = release.id
         WHERE release_project.project_id = $1 AND release.status = 'open'
         ORDER BY COALESCE(release.released_at, release.created_at) DESC, release.id DESC",
    )
    .bind(project)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(id, version)| Release { id, version }).collect())
}

/// The release after which the next one comes: the greatest version where versions have an order, else the one the
/// issue was last seen in.
async fn current_release(
    connection: &mut SqliteConnection,
    place: Place,
) -> Result<Option<Release>, sqlx::Error> {
    let releases = newest_releases(connection, place.project).await?;
    let names: Vec<&str> = releases.iter().map(|release| release.version.as_str()).collect();
    if releases_order::follows_semver(&names, None) {
        let versions = releases.iter().filter(|release| releases_order::is_semver(&release.version));
        let greatest = versions.max_by(|one, other| {
            releases_order::compare(&one.version, &other.version).unwrap_or(std::cmp::Ordering::Equal)
        });
        return Ok(greatest.cloned());
    }
    let last = releases.iter().find(|release| Some(release.id) == place.last_release);
    Ok(last.or(releases.first()).cloned())
}

async fn commit(connection: &mut SqliteConnection, name: &CommitName) -> Result<Commit, ChangeError> {
    let repository: Option<i64> = sqlx::query_scalar("SELECT id FROM repo WHERE name = $1")
        .bind(&name.repository)
        .fetch_optional(&mut *connection)
        .await?;
    let repository = repository
        .ok_or_else(|| InvalidUpdate::new("inCommit", "The organization has no repository of this name."))?;
    let found: Option<(i64, String)> =
        sqlx::query_as("SELECT id, sha FROM vcs_commit WHERE repo_id = $1 AND sha = $2")
            .bind(repository)
            .bind(&name.commit)
            .fetch_optional(connection)
            .await?;
    let (id, sha) =
        found.ok_or_else(|| InvalidUpdate::new("inCommit", "No release has told of this commit yet."))?;
    Ok(Commit { id, sha })
}

async fn resolve_assignee(
    connection: &mut SqliteConnection,
    name: &AssigneeName,
    project: i64,
) -> Result<Option<Assignee>, ChangeError> {
    let unknown = |what: &str| InvalidUpdate::new("assignedTo", format!("There is no such {what}."));
    let (id, named) = match name {
        AssigneeName::Nobody => return Ok(None),
        AssigneeName::Member(id) => (Some(*id), None),
        AssigneeName::Named(text) => (None, Some(text)),
        AssigneeName::Team(id) => return team(connection, Some(*id), None, project).await.map(Some),
        AssigneeName::TeamSlug(slug) => return team(connection, None, Some(slug), project).await.map(Some),
    };
    let member: Option<(i64, String)> = sqlx::query_as(
        "SELECT id, email FROM member WHERE id = $1 OR lower(email) = lower($2) OR lower(username) = lower($2)
         ORDER BY id LIMIT 1",
    )
    .bind(id)
    .bind(named)
    .fetch_optional(connection)
    .await?;
    let (id, email) = member.ok_or_else(|| unknown("user"))?;
    Ok(Some(Assignee::Member { id, email }))
}

async fn team(
    connection: &mut SqliteConnection,
    id: Option<i64>,
    slug: Option<&str>,
    project: i64,
) -> Result<Assignee, ChangeError> {
    let found: Option<(i64, bool)> = sqlx::query_as(
        "SELECT team.id, EXISTS (SELECT 1 FROM team_project WHERE team_id = team.id AND project_id = $3)
         FROM team WHERE team.id = $1 OR team.slug = $2",
    )
    .bind(id)
    .bind(slug)
    .bind(project)
    .fetch_optional(connection)
    .await?;
    match found {
        Some((id, true)) => Ok(Assignee::Team { id }),
        Some((_, false)) => {
            Err(InvalidUpdate::new("assignedTo", "This team does not own the issue's project.").into())
        }
        None => Err(InvalidUpdate::new("assignedTo", "There is no such team.").into()),
    }
}
