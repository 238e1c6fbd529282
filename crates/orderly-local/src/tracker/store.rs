//! The tracker's rows in SQLite: loading all of them, committing changes, API keys.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::{Sqlite, SqlitePool, Transaction};

use super::access::{Access, ApiKey};
use super::model::{Organization, UserId};
use super::world::{Change, World};
use crate::error::LocalError;

/// The tables of the tracker.
#[derive(Clone, Debug)]
pub struct Store {
    pool: SqlitePool,
}

impl Store {
    /// Creates the tables where they are missing.
    pub async fn open(pool: SqlitePool) -> Result<Self, LocalError> {
        crate::store::apply_schema(&pool, include_str!("schema.sql")).await?;
        Ok(Self { pool })
    }

    /// Everything stored, or `None` when nothing has been stored yet.
    pub async fn load(&self) -> Result<Option<World>, LocalError> {
        let Some(organization) = self.records::<Organization>("tracker_organization").await?.pop() else {
            return Ok(None);
        };
        let last_sync_id: i64 = sqlx::query_scalar("SELECT last_sync_id FROM tracker_sync")
            .fetch_one(&self.pool)
            .await
            .map_err(LocalError::database("read the tracker's counter"))?;
        let mut world = World::new(organization, last_sync_id.unsigned_abs());
        self.load_into(&mut world, "tracker_user", Change::User).await?;
        self.load_into(&mut world, "tracker_team", Change::Team).await?;
        self.load_into(&mut world, "tracker_state", Change::State).await?;
        self.load_into(&mut world, "tracker_label", Change::Label).await?;
        self.load_into(&mut world, "tracker_issue", Change::Issue).await?;
        self.load_into(&mut world, "tracker_attachment", Change::Attachment).await?;
        self.load_into(&mut world, "tracker_comment", Change::Comment).await?;
        self.load_into(&mut world, "tracker_relation", Change::Relation).await?;
        self.load_into(&mut world, "tracker_history", Change::History).await?;
        Ok(Some(world))
    }

    async fn load_into<T: DeserializeOwned>(
        &self,
        world: &mut World,
        table: &'static str,
        wrap: fn(T) -> Change,
    ) -> Result<(), LocalError> {
        for record in self.records(table).await? {
            world.load(wrap(record));
        }
        Ok(())
    }

    async fn records<T: DeserializeOwned>(&self, table: &'static str) -> Result<Vec<T>, LocalError> {
        let rows: Vec<(String, String)> =
            sqlx::query_as(sqlx::AssertSqlSafe(format!("SELECT id, record FROM {table} ORDER BY rowid")))
                .fetch_all(&self.pool)
                .await
                .map_err(LocalError::database("read the tracker's records"))?;
        rows.into_iter()
            .map(|(key, record)| {
                serde_json::from_str(&record).map_err(|error| LocalError::CorruptRow {
                    table,
                    key,
                    why: error.to_string(),
                })
            })
            .collect()
    }

    /// Writes the changes, all or none.
    pub async fn commit(&self, changes: &[Change]) -> Result<(), sqlx::Error> {
        if changes.is_empty() {
            return Ok(());
        }
        let mut transaction = self.pool.begin().await?;
        for change in changes {
            write(&mut transaction, change).await?;
        }
        let written = i64::try_from(changes.len()).unwrap_or(i64::MAX);
        sqlx::query("UPDATE tracker_sync SET last_sync_id = last_sync_id + $1")
            .bind(written)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    /// All API keys.
    pub async fn keys(&self) -> Result<Vec<ApiKey>, LocalError> {
        let rows: Vec<(String, String, String)> =
            sqlx::query_as("SELECT key, user_id, access FROM tracker_api_key ORDER BY rowid")
                .fetch_all(&self.pool)
                .await
                .map_err(LocalError::database("read the tracker's API keys"))?;
        rows.into_iter()
            .map(|(key, user, access)| {
                let access = Access::parse(&access).ok_or_else(|| LocalError::CorruptRow {
                    table: "tracker_api_key",
                    key: user.clone(),
                    why: format!("access {access:?} is neither `full` nor `read`"),
                })?;
                Ok(ApiKey { key, user: UserId::from(user), access })
            })
            .collect()
    }

    /// Adds an API key.
    pub async fn add_key(&self, key: &ApiKey) -> Result<(), LocalError> {
        sqlx::query("INSERT INTO tracker_api_key (key, user_id, access) VALUES ($1, $2, $3)")
            .bind(&key.key)
            .bind(key.user.as_str())
            .bind(key.access.as_str())
            .execute(&self.pool)
            .await
            .map_err(LocalError::database("add an API key to the tracker"))?;
        Ok(())
    }
}

async fn write(transaction: &mut Transaction<'_, Sqlite>, change: &Change) -> Result<(), sqlx::Error> {
    match change {
        Change::Organization(it) => put(transaction, "organization", it.id.as_str(), it).await,
        Change::User(it) => put(transaction, "user", it.id.as_str(), it).await,
        Change::Team(it) => put(transaction, "team", it.id.as_str(), it).await,
        Change::State(it) => put(transaction, "state", it.id.as_str(), it).await,
        Change::Label(it) => put(transaction, "label", it.id.as_str(), it).await,
        Change::Issue(it) => {
            let sql = "INSERT INTO tracker_issue (id, record, team_id, number) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (id) DO UPDATE SET record = $2, team_id = $3, number = $4";
            let query = sqlx::query(sql).bind(it.id.as_str()).bind(json(it)?);
            run(transaction, query.bind(it.team.as_str()).bind(i64::from(it.number))).await
        }
        Change::Attachment(it) => {
            let sql = "INSERT INTO tracker_attachment (id, record, issue_id, url) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (id) DO UPDATE SET record = $2, issue_id = $3, url = $4";
            let query = sqlx::query(sql).bind(it.id.as_str()).bind(json(it)?);
            run(transaction, query.bind(it.issue.as_str()).bind(&it.url)).await
        }
        Change::Comment(it) => {
            let sql = "INSERT INTO tracker_comment (id, record, issue_id) VALUES ($1, $2, $3) \
                 ON CONFLICT (id) DO UPDATE SET record = $2, issue_id = $3";
            run(transaction, sqlx::query(sql).bind(it.id.as_str()).bind(json(it)?).bind(it.issue.as_str()))
                .await
        }
        Change::Relation(it) => {
            let sql = "INSERT INTO tracker_relation (id, record, issue_id, related_id) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (id) DO UPDATE SET record = $2, issue_id = $3, related_id = $4";
            let query = sqlx::query(sql).bind(it.id.as_str()).bind(json(it)?);
            run(transaction, query.bind(it.issue.as_str()).bind(it.related.as_str())).await
        }
        Change::History(it) => {
            let sql = "INSERT INTO tracker_history (id, record, issue_id) VALUES ($1, $2, $3)";
            run(transaction, sqlx::query(sql).bind(it.id.as_str()).bind(json(it)?).bind(it.issue.as_str()))
                .await
        }
        Change::RemoveIssue(id) => remove(transaction, "issue", id.as_str()).await,
        Change::RemoveAttachment(id) => remove(transaction, "attachment", id.as_str()).await,
        Change::RemoveComment(id) => remove(transaction, "comment", id.as_str()).await,
        Change::RemoveRelation(id) => remove(transaction, "relation", id.as_str()).await,
        Change::RemoveHistory(id) => remove(transaction, "history", id.as_str()).await,
    }
}

type Query<'q> = sqlx::query::Query<'q, Sqlite, sqlx::sqlite::SqliteArguments>;

async fn run(transaction: &mut Transaction<'_, Sqlite>, query: Query<'_>) -> Result<(), sqlx::Error> {
    query.execute(&mut **transaction).await.map(|_| ())
}

async fn put(
    transaction: &mut Transaction<'_, Sqlite>,
    table: &'static str,
    id: &str,
    record: &impl Serialize,
) -> Result<(), sqlx::Error> {
    let sql = format!(
        "INSERT INTO tracker_{table} (id, record) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET record = $2"
    );
    run(transaction, sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id).bind(json(record)?)).await
}

async fn remove(
    transaction: &mut Transaction<'_, Sqlite>,
    table: &'static str,
    id: &str,
) -> Result<(), sqlx::Error> {
    let sql = format!("DELETE FROM tracker_{table} WHERE id = $1");
    run(transaction, sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id)).await
}

fn json(record: &impl Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(record).map_err(|error| sqlx::Error::Encode(Box::new(error)))
}
