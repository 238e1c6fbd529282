//! Which issue a grouping hash belongs to.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use sqlx::SqliteConnection;

use super::events::as_json;
use crate::sentry::grouping::hashes::Hashes;

/// What a project knows of an event's hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Nothing: the event opens an issue.
    Unknown,
    /// The issue with this row id.
    Issue(i64),
    /// A person discarded the group: its events are dropped.
    Discarded,
}

/// What projects know of grouping hashes, while events are filed under them.
#[derive(Debug, Default)]
pub struct Groups {
    known: HashMap<(i64, String), Option<i64>>,
    new: Vec<(i64, String, i64)>,
}

impl Groups {
    /// Looks up what is known of these hashes of these projects.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn look_up(
        connection: &mut SqliteConnection,
        wanted: &[(i64, &str)],
    ) -> Result<Self, sqlx::Error> {
        let found: Vec<(i64, String, Option<i64>)> = sqlx::query_as(
            "SELECT issue_hash.project_id, issue_hash.hash, issue_hash.issue_id FROM json_each($1) AS sent
             JOIN issue_hash ON issue_hash.project_id = sent.value ->> 0 AND issue_hash.hash = sent.value ->> 1",
        )
        .bind(as_json(&wanted))
        .fetch_all(connection)
        .await?;
        let known = found.into_iter().map(|(project, hash, issue)| ((project, hash), issue)).collect();
        Ok(Self { known, new: Vec::new() })
    }

    /// The issues that were found.
    pub fn issues(&self) -> Vec<i64> {
        let mut issues: Vec<i64> = self.known.values().flatten().copied().collect();
        issues.sort_unstable();
        issues.dedup();
        issues
    }

    /// Where an event belongs. The app hash decides over the system hash.
    pub fn find(&self, project: i64, hashes: &Hashes) -> Group {
        let known = |hash: &str| self.known.get(&(project, hash.to_owned())).copied();
        match known(&hashes.app).or_else(|| known(hashes.system.as_deref()?)) {
            None => Group::Unknown,
            Some(None) => Group::Discarded,
            Some(Some(issue)) => Group::Issue(issue),
        }
    }

    /// Makes an issue known by these hashes, too; hashes of other issues stay theirs.
    pub fn add(&mut self, project: i64, issue: i64, hashes: &Hashes) {
        for hash in hashes.all() {
            if let Entry::Vacant(place) = self.known.entry((project, hash.to_owned())) {
                place.insert(Some(issue));
                self.new.push((project, hash.to_owned(), issue));
            }
        }
    }

    /// Writes what was added.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write(&mut self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let new = std::mem::take(&mut self.new);
        if new.is_empty() {
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO issue_hash (project_id, hash, issue_id)
             SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each($1) WHERE TRUE ON CONFLICT DO NOTHING",
        )
        .bind(as_json(&new))
        .execute(connection)
        .await?;
        Ok(())
    }
}
