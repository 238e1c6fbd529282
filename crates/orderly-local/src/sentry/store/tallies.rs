//! Counters of a batch of events, gathered in memory and written with one statement per table.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::events::{Filing, as_json};
use crate::sentry::ingest::event::PreparedEvent;
use crate::sentry::model::hour_of;

/// How often, first and last.
#[derive(Debug, Clone, Copy)]
struct Seen {
    times: u64,
    first: i64,
    last: i64,
}

impl Seen {
    fn at(at: i64) -> Self {
        Self { times: 1, first: at, last: at }
    }

    fn add(&mut self, at: i64) {
        self.times += 1;
        self.first = self.first.min(at);
        self.last = self.last.max(at);
    }
}

/// The counters of one batch.
#[derive(Debug, Default)]
pub struct Tallies {
    hours: HashMap<(i64, i64, i64), u64>,
    environments: HashMap<(i64, i64), Seen>,
    users: HashMap<(i64, String, i64), Seen>,
    releases: HashMap<(i64, i64, i64), Seen>,
    tags: HashMap<(i64, String, String), Seen>,
    project_releases: HashMap<(i64, i64, i64), Seen>,
    newest_by_hash: HashMap<(i64, String), String>,
    outcomes: HashMap<(i64, i64, String, &'static str, String), u64>,
}

/// What became of something that was sent, in Sentry's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Stored or counted.
    Accepted,
    /// Dropped because its group is discarded, or because it was here already.
    Filtered,
    /// Dropped because the key sent too much.
    RateLimited,
    /// Dropped by the SDK itself.
    ClientDiscard,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Filtered => "filtered",
            Self::RateLimited => "rate_limited",
            Self::ClientDiscard => "client_discard",
        }
    }
}

impl Tallies {
    /// Counts an event of an issue.
    pub fn event(&mut self, event: &PreparedEvent, filing: Filing) {
        let Filing { project, issue, environment, release } = filing;
        let at = event.occurred.as_microsecond();
        *self.hours.entry((issue, hour_of(event.occurred), environment)).or_default() += 1;
        note(&mut self.environments, (issue, environment), at);
        if let Some(user) = &event.user_key {
            note(&mut self.users, (issue, user.clone(), environment), at);
        }
        if let Some(release) = release {
            note(&mut self.releases, (issue, release, environment), at);
            note(&mut self.project_releases, (release, project, environment), at);
        }
        for (key, value) in &event.tags {
            note(&mut self.tags, (issue, key.clone(), value.clone()), at);
        }
        for hash in event.hashes.all() {
            self.newest_by_hash.insert((project, hash.to_owned()), event.id.to_string());
        }
    }

    /// Counts what became of `quantity` things of a category.
    pub fn outcome(
        &mut self,
        project: i64,
        category: &str,
        outcome: (Outcome, &str),
        quantity: u64,
        now: Timestamp,
    ) {
        let (outcome, reason) = outcome;
        let key = (project, hour_of(now), category.to_owned(), outcome.as_str(), reason.to_owned());
        *self.outcomes.entry(key).or_default() += quantity;
    }

    /// How many users each issue has that it did not have before this batch. Asked before [`Tallies::write`].
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn new_users(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<HashMap<i64, i64>, sqlx::Error> {
        let pairs: HashSet<(i64, &str)> =
            self.users.keys().map(|(issue, user, _)| (*issue, user.as_str())).collect();
        if pairs.is_empty() {
            return Ok(HashMap::new());
        }
        let pairs: Vec<(i64, &str)> = pairs.into_iter().collect();
        let rows: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT sent.value ->> 0 AS issue, COUNT(*) FROM json_each($1) AS sent
             WHERE NOT EXISTS (SELECT 1 FROM issue_user
                               WHERE issue_id = sent.value ->> 0 AND user_key = sent.value ->> 1)
             GROUP BY issue",
        )
        .bind(as_json(&pairs))
        .fetch_all(connection)
        .await?;
        Ok(rows.into_iter().collect())
    }

    /// Adds the counters to the tables and starts again from nothing.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write(&mut self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let Self { hours, environments, users, releases, tags, project_releases, newest_by_hash, outcomes } =
            std::mem::take(self);
        let c = connection;
        run(c, HOURS, hours.into_iter().map(|((i, h, e), n)| (i, h, e, n))).await?;
        run(c, ENVIRONMENTS, environments.into_iter().map(|((i, e), s)| (i, e, s.times, s.first, s.last)))
            .await?;
        run(c, USERS, users.into_iter().map(|((i, u, e), s)| (i, u, e, s.times, s.first, s.last))).await?;
        run(c, RELEASES, releases.into_iter().map(|((i, r, e), s)| (i, r, e, s.times, s.first, s.last)))
            .await?;
        run(c, TAGS, tags.into_iter().map(|((i, k, v), s)| (i, k, v, s.times, s.first, s.last))).await?;
        let seen: Vec<_> =
            project_releases.into_iter().map(|((r, p, e), s)| (r, p, e, s.first, s.last)).collect();
        run(c, RELEASE_PROJECTS, seen.iter()).await?;
        run(c, RELEASE_ENVIRONMENTS, seen.iter()).await?;
        run(c, HASHES, newest_by_hash.into_iter().map(|((p, h), event)| (p, h, event))).await?;
        run(c, OUTCOMES, outcomes.into_iter().map(|((p, h, c, o, r), n)| (p, h, c, o, r, n))).await
    }
}

fn note<K: Eq + std::hash::Hash>(seen: &mut HashMap<K, Seen>, key: K, at: i64) {
    seen.entry(key).and_modify(|seen| seen.add(at)).or_insert_with(|| Seen::at(at));
}

/// Runs a statement whose only parameter is a JSON list of rows; no rows, no statement.
async fn run<T: serde::Serialize>(
    connection: &mut SqliteConnection,
    sql: &'static str,
    rows: impl Iterator<Item = T>,
) -> Result<(), sqlx::Error> {
    let rows: Vec<T> = rows.collect();
    if !rows.is_empty() {
        sqlx::query(sql).bind(as_json(&rows)).execute(connection).await?;
    }
    Ok(())
}

const HOURS: &str = "INSERT INTO issue_hourly (issue_id, hour, environment_id, events)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each($1) WHERE TRUE
    ON CONFLICT DO UPDATE SET events = events + excluded.events";

const ENVIRONMENTS: &str =
    "INSERT INTO issue_environment (issue_id, environment_id, times_seen, first_seen_at, last_seen_at)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each($1) WHERE TRUE
    ON CONFLICT DO UPDATE SET times_seen = times_seen + excluded.times_seen,
        first_seen_at = MIN(first_seen_at, excluded.first_seen_at),
        last_seen_at = MAX(last_seen_at, excluded.last_seen_at)";

const USERS: &str =
    "INSERT INTO issue_user (issue_id, user_key, environment_id, times_seen, first_seen_at, last_seen_at)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 FROM json_each($1) WHERE TRUE
    ON CONFLICT DO UPDATE SET times_seen = times_seen + excluded.times_seen,
        first_seen_at = MIN(first_seen_at, excluded.first_seen_at),
        last_seen_at = MAX(last_seen_at, excluded.last_seen_at)";

const RELEASES: &str =
    "INSERT INTO issue_release (issue_id, release_id, environment_id, times_seen, first_seen_at, last_seen_at)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 FROM json_each($1) WHERE TRUE
    ON CONFLICT DO UPDATE SET times_seen = times_seen + excluded.times_seen,
        first_seen_at = MIN(first_seen_at, excluded.first_seen_at),
        last_seen_at = MAX(last_seen_at, excluded.last_seen_at)";

const TAGS: &str = "INSERT INTO issue_tag (issue_id, key, value, times_seen, first_seen_at, last_seen_at)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 FROM json_each($1) WHERE TRUE
    ON CONFLICT DO UPDATE SET times_seen = times_seen + excluded.times_seen,
        first_seen_at = MIN(first_seen_at, excluded.first_seen_at),
        last_seen_at = MAX(last_seen_at, excluded.last_seen_at)";

const RELEASE_PROJECTS: &str =
    "INSERT INTO release_project (release_id, project_id, first_event_at, last_event_at)
    SELECT value ->> 0, value ->> 1, MIN(value ->> 3), MAX(value ->> 4) FROM json_each($1) GROUP BY 1, 2
    ON CONFLICT DO UPDATE SET
        first_event_at = MIN(COALESCE(first_event_at, excluded.first_event_at), excluded.first_event_at),
        last_event_at = MAX(COALESCE(last_event_at, excluded.last_event_at), excluded.last_event_at)";

const RELEASE_ENVIRONMENTS: &str =
    "INSERT INTO release_environment (release_id, project_id, environment_id, first_event_at, last_event_at)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each($1) WHERE TRUE
    ON CONFLICT DO UPDATE SET first_event_at = MIN(first_event_at, excluded.first_event_at),
        last_event_at = MAX(last_event_at, excluded.last_event_at)";

const HASHES: &str = "UPDATE issue_hash SET last_event_id = sent.value ->> 2 FROM json_each($1) AS sent
    WHERE project_id = sent.value ->> 0 AND hash = sent.value ->> 1";

const OUTCOMES: &str = "INSERT INTO outcome_hourly (project_id, hour, category, outcome, reason, quantity)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 FROM json_each($1) WHERE TRUE
    ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity";
