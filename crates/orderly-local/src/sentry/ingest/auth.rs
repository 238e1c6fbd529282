//! Whose key an envelope was sent with.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, Uri, header};
use orderly_wire::sentry::dsn::Dsn;
use sqlx::{Row, SqlitePool};

use super::rate_limit::KeyLimit;
use super::refusal::Refusal;

/// A DSN key that may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    /// Row id.
    pub id: i64,
    /// Row id of its project.
    pub project: i64,
    /// How much it may send.
    pub limit: Option<KeyLimit>,
}

/// The public key in `X-Sentry-Auth`, in `Authorization: Sentry ..`, or in the query.
pub(super) fn key_of_request(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let from_header = [header::HeaderName::from_static("x-sentry-auth"), header::AUTHORIZATION]
        .iter()
        .filter_map(|name| headers.get(name)?.to_str().ok())
        .find_map(key_of_auth_header);
    from_header.or_else(|| key_of_query(uri.query().unwrap_or_default()))
}

/// `Sentry sentry_version=7, sentry_key=abc, ...`
fn key_of_auth_header(value: &str) -> Option<String> {
    let (scheme, rest) = value.trim().split_once(char::is_whitespace)?;
    if !scheme.eq_ignore_ascii_case("sentry") {
        return None;
    }
    rest.split(',').find_map(|pair| {
        let (name, key) = pair.split_once('=')?;
        let key = key.trim().trim_matches('"');
        (name.trim() == "sentry_key" && !key.is_empty()).then(|| key.to_owned())
    })
}

fn key_of_query(query: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, value)| name == "sentry_key" && !value.is_empty())
        .map(|(_, key)| key.into_owned())
}

/// The public key in an envelope's `dsn` header.
pub(super) fn key_of_dsn(dsn: &str) -> Result<String, Refusal> {
    let dsn: Dsn = dsn
        .parse()
        .map_err(|error: orderly_wire::sentry::dsn::InvalidDsn| Refusal::BadDsn(error.to_string()))?;
    Ok(dsn.public_key().to_owned())
}

/// How long a key is believed to be what it was: a look at the database for every envelope would cost more than
/// reading it. A key that is changed or disabled is heeded this much later.
const BELIEVED: Duration = Duration::from_secs(1);

/// Keys that are remembered; there are few, and an unknown one is never.
const MOST_KEYS: usize = 1_000;

/// The DSN keys. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    pool: SqlitePool,
    known: Arc<RwLock<HashMap<String, Known>>>,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    key: Key,
    is_active: bool,
    looked: Instant,
}

impl Keys {
    /// None is known yet.
    pub(super) fn new(pool: SqlitePool) -> Self {
        Self { pool, known: Arc::default() }
    }

    /// Looks a key up for a project.
    pub(super) async fn authorize(&self, public_key: &str, project: i64) -> Result<Key, Refusal> {
        let Known { key, is_active, .. } = match self.remembered(public_key) {
            Some(known) => known,
            None => self.look_up(public_key).await?,
        };
        if !is_active {
            return Err(Refusal::DisabledKey);
        }
        if key.project != project {
            return Err(Refusal::OtherProject(project));
        }
        Ok(key)
    }

    fn remembered(&self, public_key: &str) -> Option<Known> {
        // Nothing under this lock can leave the map half changed, so a poisoned lock is still good.
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(public_key).copied().filter(|known| known.looked.elapsed() < BELIEVED)
    }

    async fn look_up(&self, public_key: &str) -> Result<Known, Refusal> {
        let found = sqlx::query(
            "SELECT id, project_id, is_active, rate_limit_count, rate_limit_window FROM project_key WHERE public_key = $1",
        )
        .bind(public_key)
        .fetch_optional(&self.pool)
        .await
        .and_then(|row| row.map(|row| read_key(&row)).transpose());
        let (key, is_active) = found
            .map_err(|error| {
                tracing::error!(%error, "a DSN key could not be looked up");
                Refusal::NotStored
            })?
            .ok_or(Refusal::UnknownKey)?;
        let known = Known { key, is_active, looked: Instant::now() };
        let mut all = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_KEYS {
            all.clear();
        }
        all.insert(public_key.to_owned(), known);
        Ok(known)
    }
}

fn read_key(row: &sqlx::sqlite::SqliteRow) -> Result<(Key, bool), sqlx::Error> {
    let number = |column: &str| row.try_get::<Option<i64>, _>(column).map(|n| n.map(i64::unsigned_abs));
    let limit = number("rate_limit_count")?
        .zip(number("rate_limit_window")?)
        .map(|(events, window_seconds)| KeyLimit { events, window_seconds });
    Ok((
        Key { id: row.try_get("id")?, project: row.try_get("project_id")?, limit },
        row.try_get("is_active")?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_found_wherever_sdks_put_it() {
        let headers = |name: &'static str, value: &'static str| {
            HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())])
        };
        let none = HeaderMap::new();
        let plain: Uri = "/api/1/envelope/".parse().unwrap();
        let query: Uri = "/api/1/envelope/?sentry_version=7&sentry_key=abc&sentry_client=x".parse().unwrap();
        let auth = "Sentry sentry_version=7, sentry_client=x/1, sentry_key=abc, sentry_secret=no";
        for (headers, uri, expected) in [
            (headers("x-sentry-auth", auth), &plain, Some("abc")),
            (headers("authorization", auth), &plain, Some("abc")),
            (headers("authorization", "Bearer sentry_key=abc"), &plain, None),
            (headers("x-sentry-auth", "Sentry sentry_key="), &plain, None),
            (headers("x-sentry-auth", "Sentry sentry_key=hdr"), &query, Some("hdr")),
            (none.clone(), &query, Some("abc")),
            (none, &plain, None),
        ] {
            assert_eq!(key_of_request(&headers, uri).as_deref(), expected, "{headers:?} {uri}");
        }
    }
}
