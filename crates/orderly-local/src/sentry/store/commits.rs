//! Repositories, and the commits of releases.

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqliteConnection, SqlitePool};

use crate::sentry::model::from_micros;

/// A repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// Row id.
    pub id: i64,
    /// Name, usually `owner/name`.
    pub name: String,
    /// `integrations:github`, or `unknown` for one that a client registered.
    pub provider_id: String,
    /// Name of the provider for people.
    pub provider_name: String,
    /// Where it is.
    pub url: Option<String>,
    /// `active`, ...
    pub status: String,
    /// When it was registered.
    pub created_at: Timestamp,
}

impl FromRow<'_, SqliteRow> for Repository {
    fn from_row(row: &SqliteRow) -> Result<Repository, sqlx::Error> {
        Ok(Repository {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            provider_id: row.try_get("provider_id")?,
            provider_name: row.try_get("provider_name")?,
            url: row.try_get("url")?,
            status: row.try_get("status")?,
            created_at: from_micros(row.try_get("created_at")?),
        })
    }
}

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Row id.
    pub id: i64,
    /// Hash.
    pub sha: String,
    /// Row id of its repository.
    pub repository_id: i64,
    /// What the author wrote.
    pub message: Option<String>,
    /// Who wrote it.
    pub author_name: Option<String>,
    /// The author's address.
    pub author_email: Option<String>,
    /// When.
    pub committed_at: Timestamp,
}

impl FromRow<'_, SqliteRow> for Commit {
    fn from_row(row: &SqliteRow) -> Result<Commit, sqlx::Error> {
        Ok(Commit {
            id: row.try_get("id")?,
            sha: row.try_get("sha")?,
            repository_id: row.try_get("repo_id")?,
            message: row.try_get("message")?,
            author_name: row.try_get("author_name")?,
            author_email: row.try_get("author_email")?,
            committed_at: from_micros(row.try_get("committed_at")?),
        })
    }
}

/// A commit as a client reports it with a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCommit {
    /// Hash.
    pub sha: String,
    /// Name of its repository; made if it does not exist.
    pub repository: String,
    /// What the author wrote.
    pub message: Option<String>,
    /// Who wrote it.
    pub author_name: Option<String>,
    /// The author's address.
    pub author_email: Option<String>,
    /// When.
    pub committed_at: Timestamp,
    /// Changed files: path and kind of change.
    pub files: Vec<(String, FileChange)>,
}

/// What a commit did to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// `A`
    Added,
    /// `M`
    Modified,
    /// `D`
    Deleted,
}

impl FileChange {
    /// The letter on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            FileChange::Added => "A",
            FileChange::Modified => "M",
            FileChange::Deleted => "D",
        }
    }

    /// Reads the letter.
    pub fn from_letter(letter: &str) -> Option<FileChange> {
        [FileChange::Added, FileChange::Modified, FileChange::Deleted]
            .into_iter()
            .find(|change| change.as_str() == letter)
    }
}

/// A part of the repositories, by name.
///
/// # Errors
/// When the database refuses.
pub async fn repositories(pool: &SqlitePool) -> Result<Vec<Repository>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM repo ORDER BY name").fetch_all(pool).await
}

/// Registers a repository. `None` when the name is taken.
///
/// # Errors
/// When the database refuses.
pub async fn register(
    pool: &SqlitePool,
    name: &str,
    provider: Option<&str>,
    url: Option<&str>,
    now: Timestamp,
) -> Result<Option<Repository>, sqlx::Error> {
    let (provider_id, provider_name) = match provider {
        Some(id) => (id, id.trim_start_matches("integrations:")),
        None => ("unknown", "Unknown Provider"),
    };
    sqlx::query_as(
        "INSERT INTO repo (name, provider_id, provider_name, url, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING RETURNING *",
    )
    .bind(name)
    .bind(provider_id)
    .bind(provider_name)
    .bind(url)
    .bind(now.as_microsecond())
    .fetch_optional(pool)
    .await
}

/// Replaces the commits of a release; the first one is the newest.
///
/// # Errors
/// When the database refuses.
pub async fn set_for_release(
    pool: &SqlitePool,
    release: i64,
    commits: &[NewCommit],
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query("DELETE FROM release_commit WHERE release_id = $1").bind(release).execute(&mut *tx).await?;
    for (position, commit) in commits.iter().enumerate() {
        let id = store_commit(&mut tx, commit, now).await?;
        sqlx::query(
            "INSERT INTO release_commit (release_id, commit_id, position) VALUES ($1, $2, $3)
             ON CONFLICT DO NOTHING",
        )
        .bind(release)
        .bind(id)
        .bind(i64::try_from(position).unwrap_or(i64::MAX))
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await
}

async fn store_commit(
    connection: &mut SqliteConnection,
    commit: &NewCommit,
    now: Timestamp,
) -> Result<i64, sqlx::Error> {
    sqlx::query("INSERT INTO repo (name, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(&commit.repository)
        .bind(now.as_microsecond())
        .execute(&mut *connection)
        .await?;
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO vcs_commit (repo_id, sha, message, author_name, author_email, committed_at)
         SELECT id, $2, $3, $4, $5, $6 FROM repo WHERE name = $1
         ON CONFLICT (repo_id, sha) DO UPDATE SET message = COALESCE(excluded.message, message),
             author_name = COALESCE(excluded.author_name, author_name),
             author_email = COALESCE(excluded.author_email, author_email)
         RETURNING id",
    )
    .bind(&commit.repository)
    .bind(&commit.sha)
    .bind(&commit.message)
    .bind(&commit.author_name)
    .bind(&commit.author_email)
    .bind(commit.committed_at.as_microsecond())
    .fetch_one(&mut *connection)
    .await?;
    for (path, change) in &commit.files {
        sqlx::query(
            "INSERT INTO vcs_commit_file (commit_id, path, change) VALUES ($1, $2, $3)
             ON CONFLICT (commit_id, path) DO UPDATE SET change = excluded.change",
        )
        .bind(id)
        .bind(path)
        .bind(change.as_str())
        .execute(&mut *connection)
        .await?;
    }
    Ok(id)
}

/// The commits of a release, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn of_release(pool: &SqlitePool, release: i64) -> Result<Vec<Commit>, sqlx::Error> {
    sqlx::query_as(
        "SELECT vcs_commit.* FROM vcs_commit JOIN release_commit ON release_commit.commit_id = vcs_commit.id
         WHERE release_commit.release_id = $1 ORDER BY release_commit.position",
    )
    .bind(release)
    .fetch_all(pool)
    .await
}

/// A file that a commit of a release changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitFile {
    /// Row id of the commit.
    pub commit_id: i64,
    /// Path in the repository.
    pub path: String,
    /// `A`, `M` or `D`.
    pub change: String,
}

/// The files that the commits of a release changed, newest commit first.
///
/// # Errors
/// When the database refuses.
pub async fn files_of_release(pool: &SqlitePool, release: i64) -> Result<Vec<CommitFile>, sqlx::Error> {
    let rows: Vec<(i64, String, String)> = sqlx::query_as(
        "SELECT vcs_commit_file.commit_id, vcs_commit_file.path, vcs_commit_file.change FROM vcs_commit_file
         JOIN release_commit ON release_commit.commit_id = vcs_commit_file.commit_id
         WHERE release_commit.release_id = $1 ORDER BY release_commit.position, vcs_commit_file.path",
    )
    .bind(release)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(commit_id, path, change)| CommitFile { commit_id, path, change }).collect())
}

/// The versions of the releases that carry a commit, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn releases_with(pool: &SqlitePool, commit: i64) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT release.version FROM release JOIN release_commit ON release_commit.release_id = release.id
         WHERE release_commit.commit_id = $1 ORDER BY release.created_at, release.id",
    )
    .bind(commit)
    .fetch_all(pool)
    .await
}

/// The issue that an event of a project belongs to, and the release that issue was first seen in. `None` for an
/// unknown event.
///
/// # Errors
/// When the database refuses.
pub async fn first_release_of_event(
    pool: &SqlitePool,
    project: i64,
    event_id: &str,
) -> Result<Option<(i64, Option<i64>)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT issue.id, issue.first_release_id FROM event JOIN issue ON issue.id = event.issue_id
         WHERE event.project_id = $1 AND event.event_id = $2",
    )
    .bind(project)
    .bind(event_id)
    .fetch_optional(pool)
    .await
}

/// The commits of a release that changed a file of the issue's in-app frames, each with the number of such files;
/// most files first, then newest first.
///
/// # Errors
/// When the database refuses.
pub async fn touching(
    pool: &SqlitePool,
    release: i64,
    issue: i64,
) -> Result<Vec<(Commit, i64)>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT vcs_commit.*, COUNT(DISTINCT file.path) AS files FROM vcs_commit
         JOIN release_commit ON release_commit.commit_id = vcs_commit.id
         JOIN vcs_commit_file AS file ON file.commit_id = vcs_commit.id
         JOIN issue_term ON issue_term.issue_id = $2 AND issue_term.key = 'in_app.path'
              AND (file.path = issue_term.value
                   OR substr(file.path, -length(issue_term.value) - 1) = '/' || issue_term.value
                   OR substr(issue_term.value, -length(file.path) - 1) = '/' || file.path)
         WHERE release_commit.release_id = $1
         GROUP BY vcs_commit.id ORDER BY files DESC, release_commit.position",
    )
    .bind(release)
    .bind(issue)
    .fetch_all(pool)
    .await?;
    rows.iter().map(|row| Ok((Commit::from_row(row)?, row.try_get("files")?))).collect()
}
