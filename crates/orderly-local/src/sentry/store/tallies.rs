//! Counters of a batch of events, gathered in memory and written with one statement per table and some rows.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use jiff::Timestamp;
use orderly_wire::sentry::event_id::EventId;
use sqlx::SqliteConnection;

use super::events::{Filing, as_json};
use super::rows::{Bound, ManyRows};
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

    fn bind(self, query: Bound<'_>) -> Bound<'_> {
        query.bind(whole(self.times)).bind(self.first).bind(self.last)
    }

    fn add(&mut self, at: i64) {
        self.times += 1;
        self.first = self.first.min(at);
        self.last = self.last.max(at);
    }
}

/// The counters of one batch.
#[derive(Debug, Default)]
pub struct Tallies<'w> {
    hours: HashMap<(i64, i64, i64), u64>,
    environments: HashMap<(i64, i64), Seen>,
    users: HashMap<(i64, &'w str, i64), Seen>,
    releases: HashMap<(i64, i64, i64), Seen>,
    tags: HashMap<(i64, &'w str, &'w str), Seen>,
    project_releases: HashMap<(i64, i64, i64), Seen>,
    newest_by_hash: HashMap<(i64, &'w str), EventId>,
    outcomes: HashMap<(i64, i64, &'w str, &'static str, &'w str), u64>,
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

impl<'w> Tallies<'w> {
    /// Counts an event of an issue.
    pub fn event(&mut self, event: &'w PreparedEvent, filing: Filing) {
        let Filing { project, issue, environment, release } = filing;
        let at = event.occurred.as_microsecond();
        *self.hours.entry((issue, hour_of(event.occurred), environment)).or_default() += 1;
        note(&mut self.environments, (issue, environment), at);
        if let Some(user) = &event.user_key {
            note(&mut self.users, (issue, user.as_str(), environment), at);
        }
        if let Some(release) = release {
            note(&mut self.releases, (issue, release, environment), at);
            note(&mut self.project_releases, (release, project, environment), at);
        }
        for (key, value) in event.tags.iter() {
            note(&mut self.tags, (issue, key, value), at);
        }
        for hash in event.hashes.all() {
            self.newest_by_hash.insert((project, hash), event.id);
        }
    }

    /// Counts what became of `quantity` things of a category.
    pub fn outcome(
        &mut self,
        project: i64,
        category: &'w str,
        outcome: (Outcome, &'w str),
        quantity: u64,
        now: Timestamp,
    ) {
        let (outcome, reason) = outcome;
        let key = (project, hour_of(now), category, outcome.as_str(), reason);
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
        let pairs: HashSet<(i64, &str)> = self.users.keys().map(|(issue, user, _)| (*issue, *user)).collect();
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
        HOURS
            .run(c, &sorted(hours), |q, ((i, h, e), n)| q.bind(*i).bind(*h).bind(*e).bind(whole(*n)))
            .await?;
        ENVIRONMENTS
            .run(c, &sorted(environments), |q, ((i, e), seen)| seen.bind(q.bind(*i).bind(*e)))
            .await?;
        USERS.run(c, &sorted(users), |q, ((i, u, e), seen)| seen.bind(q.bind(*i).bind(*u).bind(*e))).await?;
        RELEASES
            .run(c, &sorted(releases), |q, ((i, r, e), seen)| seen.bind(q.bind(*i).bind(*r).bind(*e)))
            .await?;
        TAGS.run(c, &sorted(tags), |q, ((i, k, v), seen)| seen.bind(q.bind(*i).bind(*k).bind(*v))).await?;
        let releases = sorted(project_releases);
        RELEASE_PROJECTS
            .run(c, &releases, |q, ((r, p, _), seen)| q.bind(*r).bind(*p).bind(seen.first).bind(seen.last))
            .await?;
        RELEASE_ENVIRONMENTS
            .run(c, &releases, |q, ((r, p, e), seen)| {
                q.bind(*r).bind(*p).bind(*e).bind(seen.first).bind(seen.last)
            })
            .await?;
        HASHES
            .run(c, &sorted(newest_by_hash), |q, ((p, h), id)| q.bind(*p).bind(*h).bind(id.to_string()))
            .await?;
        OUTCOMES
            .run(c, &sorted(outcomes), |q, ((p, hour, category, outcome, reason), n)| {
                q.bind(*p).bind(*hour).bind(*category).bind(*outcome).bind(*reason).bind(whole(*n))
            })
            .await
    }
}

/// In the order of the keys, in which the rows are stored.
fn sorted<K: Ord, V>(counted: HashMap<K, V>) -> Vec<(K, V)> {
    let mut rows: Vec<(K, V)> = counted.into_iter().collect();
    rows.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
    rows
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn note<K: Eq + std::hash::Hash>(seen: &mut HashMap<K, Seen>, key: K, at: i64) {
    seen.entry(key).and_modify(|seen| seen.add(at)).or_insert_with(|| Seen::at(at));
}

const SEEN: &str = "ON CONFLICT DO UPDATE SET times_seen = times_seen + excluded.times_seen,
        first_seen_at = MIN(first_seen_at, excluded.first_seen_at),
        last_seen_at = MAX(last_seen_at, excluded.last_seen_at)";

static HOURS: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO issue_hourly (issue_id, hour, environment_id, events)",
        "(?, ?, ?, ?)",
        "ON CONFLICT DO UPDATE SET events = events + excluded.events",
    )
});

static ENVIRONMENTS: LazyLock<ManyRows> = LazyLock::new(|| {
    let before =
        "INSERT INTO issue_environment (issue_id, environment_id, times_seen, first_seen_at, last_seen_at)";
    ManyRows::new(before, "(?, ?, ?, ?, ?)", SEEN)
});

static USERS: LazyLock<ManyRows> = LazyLock::new(|| {
    let before = "INSERT INTO issue_user (issue_id, user_key, environment_id, times_seen, first_seen_at, last_seen_at)";
    ManyRows::new(before, "(?, ?, ?, ?, ?, ?)", SEEN)
});

static RELEASES: LazyLock<ManyRows> = LazyLock::new(|| {
    let before = "INSERT INTO issue_release (issue_id, release_id, environment_id, times_seen, first_seen_at, last_seen_at)";
    ManyRows::new(before, "(?, ?, ?, ?, ?, ?)", SEEN)
});

static TAGS: LazyLock<ManyRows> = LazyLock::new(|| {
    let before = "INSERT INTO issue_tag (issue_id, key, value, times_seen, first_seen_at, last_seen_at)";
    ManyRows::new(before, "(?, ?, ?, ?, ?, ?)", SEEN)
});

static RELEASE_PROJECTS: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO release_project (release_id, project_id, first_event_at, last_event_at)",
        "(?, ?, ?, ?)",
        "ON CONFLICT DO UPDATE SET
            first_event_at = MIN(COALESCE(first_event_at, excluded.first_event_at), excluded.first_event_at),
            last_event_at = MAX(COALESCE(last_event_at, excluded.last_event_at), excluded.last_event_at)",
    )
});

static RELEASE_ENVIRONMENTS: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO release_environment (release_id, project_id, environment_id, first_event_at, last_event_at)",
        "(?, ?, ?, ?, ?)",
        "ON CONFLICT DO UPDATE SET first_event_at = MIN(first_event_at, excluded.first_event_at),
            last_event_at = MAX(last_event_at, excluded.last_event_at)",
    )
});

static HASHES: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "WITH sent (project_id, hash, event_id) AS (",
        "(?, ?, ?)",
        ") UPDATE issue_hash SET last_event_id = sent.event_id FROM sent
         WHERE issue_hash.project_id = sent.project_id AND issue_hash.hash = sent.hash",
    )
});

static OUTCOMES: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new(
        "INSERT INTO outcome_hourly (project_id, hour, category, outcome, reason, quantity)",
        "(?, ?, ?, ?, ?, ?)",
        "ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity",
    )
});
