//! The searchable values of issues that are neither columns nor tags.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use sqlx::SqliteConnection;

use super::events::as_json;
use crate::sentry::search::terms::Terms;

/// Values that are remembered to be stored; the oldest knowledge goes when there are more.
const MOST_KNOWN: usize = 200_000;

/// Which values are stored for sure. Issues have the same few again and again, and writing one that is there costs as
/// much as writing a new one.
#[derive(Debug, Default)]
pub struct KnownTerms {
    hasher: RandomState,
    known: HashSet<u64>,
}

/// Values that one transaction adds.
#[derive(Debug, Default)]
pub struct AddedTerms(Vec<u64>);

impl KnownTerms {
    /// Remembers what was added, once it is committed.
    pub fn commit(&mut self, added: AddedTerms) {
        if self.known.len() + added.0.len() > MOST_KNOWN {
            self.known.clear();
        }
        self.known.extend(added.0);
    }

    /// Adds values to those of their issues. One statement, whatever their number.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn record(
        &self,
        connection: &mut SqliteConnection,
        terms: &BTreeMap<i64, Terms>,
    ) -> Result<AddedTerms, sqlx::Error> {
        let mut added = AddedTerms::default();
        let mut rows: Vec<(i64, &str, &String)> = Vec::new();
        for (issue, terms) in terms {
            for (key, value) in terms {
                let row = (*issue, key.as_str(), value);
                let hash = self.hasher.hash_one(row);
                if !self.known.contains(&hash) {
                    rows.push(row);
                    added.0.push(hash);
                }
            }
        }
        if !rows.is_empty() {
            sqlx::query(
                "INSERT OR IGNORE INTO issue_term (issue_id, key, value)
                 SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each($1)",
            )
            .bind(as_json(&rows))
            .execute(connection)
            .await?;
        }
        Ok(added)
    }
}
