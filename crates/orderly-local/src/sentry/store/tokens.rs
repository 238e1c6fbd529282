//! API tokens. The database keeps hashes; only the token that the server prints when it starts is kept readable.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sqlx::SqlitePool;

use crate::sentry::api::auth::{Caller, Scope, TokenHash};

/// A token to create.
#[derive(Clone, Debug)]
pub struct NewToken<'a> {
    /// The token itself.
    pub secret: &'a str,
    /// For people.
    pub name: &'a str,
    /// Whom it acts for.
    pub owner: TokenOwner,
    /// What it allows; may be nothing.
    pub scopes: &'a [Scope],
}

/// Whom a token acts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenOwner {
    /// A member, by row id.
    Member(i64),
    /// An app installation, by row id: an internal integration's own token.
    Installation(i64),
    /// The organization (`org:ci` tokens).
    Organization,
}

/// Stores a token. The same secret again changes nothing.
///
/// # Errors
/// When the database refuses, for example an owner that does not exist.
pub async fn create(pool: &SqlitePool, token: &NewToken<'_>, now: Timestamp) -> Result<(), sqlx::Error> {
    let (member, installation) = match token.owner {
        TokenOwner::Member(id) => (Some(id), None),
        TokenOwner::Installation(id) => (None, Some(id)),
        TokenOwner::Organization => (None, None),
    };
    let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.as_str()).collect();
    sqlx::query(
        "INSERT INTO token (secret_hash, name, member_id, installation_id, scopes, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (secret_hash) DO NOTHING",
    )
    .bind(TokenHash::of(token.secret).as_str())
    .bind(token.name)
    .bind(member)
    .bind(installation)
    .bind(scopes.join(" "))
    .bind(now.as_microsecond())
    .execute(pool)
    .await?;
    Ok(())
}

/// The caller that a token stands for; `None` for an unknown or expired one.
///
/// # Errors
/// When the database refuses, or holds a scope that does not exist.
pub async fn find(
    pool: &SqlitePool,
    hash: &TokenHash,
    now: Timestamp,
) -> Result<Option<Caller>, sqlx::Error> {
    let row: Option<(i64, Option<i64>, Option<i64>, String)> = sqlx::query_as(
        "SELECT id, member_id, installation_id, scopes FROM token
         WHERE secret_hash = $1 AND (expires_at IS NULL OR expires_at > $2)",
    )
    .bind(hash.as_str())
    .bind(now.as_microsecond())
    .fetch_optional(pool)
    .await?;
    let Some((token, member, installation, scopes)) = row else { return Ok(None) };
    let scopes: Result<BTreeSet<Scope>, _> = scopes.split_whitespace().map(str::parse).collect();
    let scopes = scopes.map_err(|unknown| sqlx::Error::Decode(Box::new(unknown)))?;
    Ok(Some(Caller { token, member, installation, scopes }))
}

/// The token that the server prints when it starts, made by the first call and the same ever after.
///
/// # Errors
/// When the database refuses.
pub async fn printed(
    pool: &SqlitePool,
    member: i64,
    fresh_secret: &str,
    now: Timestamp,
) -> Result<String, sqlx::Error> {
    let known: Option<String> = sqlx::query_scalar(
        "SELECT printed_secret FROM token WHERE printed_secret IS NOT NULL ORDER BY id LIMIT 1",
    )
    .fetch_optional(pool)
    .await?;
    if let Some(secret) = known {
        return Ok(secret);
    }
    let token = NewToken {
        secret: fresh_secret,
        name: "printed at start",
        owner: TokenOwner::Member(member),
        scopes: &Scope::ALL,
    };
    create(pool, &token, now).await?;
    sqlx::query("UPDATE token SET printed_secret = $1 WHERE secret_hash = $2")
        .bind(fresh_secret)
        .bind(TokenHash::of(fresh_secret).as_str())
        .execute(pool)
        .await?;
    Ok(fresh_secret.to_owned())
}
