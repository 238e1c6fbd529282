//! The searchable values of issues that are neither columns nor tags.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use sqlx::SqliteConnection;

use super::rows::ManyRows;
use crate::sentry::search::query::TermKey;
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
pub struct AddedTerms<'w> {
    rows: Vec<(i64, TermKey, &'w str)>,
    hashes: HashSet<u64>,
}

/// Values that are stored as soon as their transaction is committed.
#[derive(Debug, Default)]
pub struct StoredTerms(HashSet<u64>);

impl KnownTerms {
    /// Remembers what was added, once it is committed.
    pub fn commit(&mut self, added: StoredTerms) {
        if self.known.len() + added.0.len() > MOST_KNOWN {
            self.known.clear();
        }
        self.known.extend(added.0);
    }

    /// Those of an issue's values that are not known to be stored, added to what one transaction adds.
    pub fn pick<'w>(&self, added: &mut AddedTerms<'w>, issue: i64, terms: &'w Terms) {
        for (key, value) in terms.iter() {
            let hash = self.hasher.hash_one((issue, key, value));
            if !self.known.contains(&hash) && added.hashes.insert(hash) {
                added.rows.push((issue, key, value));
            }
        }
    }
}

impl AddedTerms<'_> {
    /// Stores them.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write(mut self, connection: &mut SqliteConnection) -> Result<StoredTerms, sqlx::Error> {
        self.rows.sort_unstable();
        INSERTION
            .run(connection, &self.rows, |query, (issue, key, value)| {
                query.bind(*issue).bind(key.as_str()).bind(*value)
            })
            .await?;
        Ok(StoredTerms(self.hashes))
    }
}

static INSERTION: LazyLock<ManyRows> = LazyLock::new(|| {
    ManyRows::new("INSERT OR IGNORE INTO issue_term (issue_id, key, value)", "(?, ?, ?)", "")
});
