//! What is remembered of tracked work.

use crate::connection::{Connections, Session};
use crate::row::Columns;
use orderly_core::backlog::{Coverage, KnownItem};
use orderly_core::ids::{IssueId, TeamKey};
use orderly_core::similar::Signature;
use orderly_engine::ports::backlog::{BacklogNews, OwnExamples, StoredBacklog};
use orderly_engine::ports::ledger::{LeaseScope, LedgerError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::query;
use std::collections::BTreeMap;

const TABLE: &str = "ledger_backlog";
const KEY: [&str; 5] = ["host", "org", "team", "kind", "key"];

const READ: &str = "
    SELECT host, org, team, kind, key, content FROM ledger_backlog
    WHERE host = $1 AND org = $2 AND team = $3 AND kind = $4 ORDER BY key";

const KEEP: &str = "
    INSERT INTO ledger_backlog (host, org, team, kind, key, content) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (host, org, team, kind, key) DO UPDATE SET content = excluded.content";

/// Changes nothing and waits for whoever writes: a transaction that reads first cannot become one that writes while
/// another runner does.
const LOCK: &str = "
    UPDATE ledger_backlog SET content = content WHERE host = $1 AND org = $2 AND team = $3 AND kind = 'coverage'";

const FORGET: &str = "
    DELETE FROM ledger_backlog WHERE host = $1 AND org = $2 AND team = $3 AND kind IN ('coverage', 'item', 'error')";

const FORGET_ITEMS: &str = "
    DELETE FROM ledger_backlog WHERE host = $1 AND org = $2 AND team = $3 AND kind = 'item'";

pub(crate) async fn load(
    connections: &Connections,
    scope: &LeaseScope,
    teams: &[TeamKey],
) -> Result<StoredBacklog, LedgerError> {
    let mut session = connections.read("read what is remembered of tracked work").await?;
    let Some(coverage) = coverage(&mut session, scope, teams).await? else {
        session.done();
        let coverage = Coverage::none(teams.to_vec());
        return Ok(StoredBacklog { coverage, items: Vec::new(), errors: BTreeMap::new() });
    };
    let items = rows::<KnownItem>(&mut session, scope, "item").await?;
    let errors = rows::<Signature>(&mut session, scope, "error").await?;
    session.done();
    let mut by_issue = BTreeMap::new();
    for (key, signature) in errors {
        let issue = key.parse().map(IssueId).map_err(|_| LedgerError::Impossible {
            table: TABLE,
            key: format!("{}/{}/{}/error/{key}", scope.host, scope.org, scope.team),
            why: "it is no issue id".to_owned(),
        })?;
        by_issue.insert(issue, signature);
    }
    Ok(StoredBacklog { coverage, items: items.into_iter().map(|(_, item)| item).collect(), errors: by_issue })
}

pub(crate) async fn learn_items(
    connections: &Connections,
    scope: &LeaseScope,
    teams: &[TeamKey],
    news: &BacklogNews,
) -> Result<(), LedgerError> {
    let what = format!("remember {} tracked items", news.items.len());
    let mut session = connections.begin(what.clone()).await?;
    let whole = |statement| {
        query(statement).bind(scope.host.as_str()).bind(scope.org.as_str()).bind(scope.team.as_str())
    };
    session.change(whole(LOCK)).await?;
    if coverage(&mut session, scope, teams).await?.is_none() {
        session.change(whole(FORGET)).await?;
    }
    for known in &news.items {
        keep(&mut session, scope, ("item", &known.item.id.to_string()), known, &what).await?;
    }
    keep(&mut session, scope, ("coverage", ""), &news.coverage, &what).await?;
    session.commit().await
}

pub(crate) async fn forget_items(
    connections: &Connections,
    scope: &LeaseScope,
    teams: &[TeamKey],
) -> Result<(), LedgerError> {
    let what = "forget the tracked items";
    let mut session = connections.begin(what).await?;
    let whole = |statement| {
        query(statement).bind(scope.host.as_str()).bind(scope.org.as_str()).bind(scope.team.as_str())
    };
    session.change(whole(LOCK)).await?;
    // Without a coverage that serves these teams the rest is forgotten when something is learned.
    if coverage(&mut session, scope, teams).await?.is_some() {
        session.change(whole(FORGET_ITEMS)).await?;
        keep(&mut session, scope, ("coverage", ""), &Coverage::none(teams.to_vec()), what).await?;
    }
    session.commit().await
}

pub(crate) async fn learn_errors(
    connections: &Connections,
    scope: &LeaseScope,
    errors: &BTreeMap<IssueId, Signature>,
) -> Result<(), LedgerError> {
    if errors.is_empty() {
        return Ok(());
    }
    let what = format!("remember the errors of {} issues", errors.len());
    let mut session = connections.begin(what.clone()).await?;
    for (issue, signature) in errors {
        keep(&mut session, scope, ("error", &issue.to_string()), signature, &what).await?;
    }
    session.commit().await
}

pub(crate) async fn examples(
    connections: &Connections,
    scope: &LeaseScope,
) -> Result<Option<OwnExamples>, LedgerError> {
    let mut session = connections.read("read the labelled examples").await?;
    let found = rows(&mut session, scope, "examples").await?;
    session.done();
    Ok(found.into_iter().next().map(|(_, examples)| examples))
}

pub(crate) async fn learn_examples(
    connections: &Connections,
    scope: &LeaseScope,
    examples: &OwnExamples,
) -> Result<(), LedgerError> {
    let what = format!("remember {} labelled examples", examples.examples.len());
    let mut session = connections.begin(what.clone()).await?;
    keep(&mut session, scope, ("examples", ""), examples, &what).await?;
    session.commit().await
}

/// What was read before, if it serves these teams. Anything else, also a form of another version, is no answer: it is
/// read anew.
async fn coverage(
    session: &mut Session<'_>,
    scope: &LeaseScope,
    teams: &[TeamKey],
) -> Result<Option<Coverage>, LedgerError> {
    let stored = contents(session, scope, "coverage").await?;
    let coverage = stored.first().and_then(|(_, content)| serde_json::from_str::<Coverage>(content).ok());
    Ok(coverage.filter(|coverage| coverage.serves(teams)))
}

async fn rows<T: DeserializeOwned>(
    session: &mut Session<'_>,
    scope: &LeaseScope,
    kind: &'static str,
) -> Result<Vec<(String, T)>, LedgerError> {
    let read = |(key, content): (String, String)| match serde_json::from_str(&content) {
        Ok(value) => Ok((key, value)),
        Err(error) => Err(LedgerError::Impossible {
            table: TABLE,
            key: format!("{}/{}/{}/{kind}/{key}", scope.host, scope.org, scope.team),
            why: format!("its content cannot be read: {error}"),
        }),
    };
    contents(session, scope, kind).await?.into_iter().map(read).collect()
}

async fn contents(
    session: &mut Session<'_>,
    scope: &LeaseScope,
    kind: &'static str,
) -> Result<Vec<(String, String)>, LedgerError> {
    let statement =
        query(READ).bind(scope.host.as_str()).bind(scope.org.as_str()).bind(scope.team.as_str()).bind(kind);
    let rows = session.rows(TABLE, statement).await?;
    let read = |row| {
        let row = Columns::new(row, TABLE, &KEY);
        Ok((row.text("key")?, row.text("content")?))
    };
    rows.iter().map(read).collect()
}

async fn keep(
    session: &mut Session<'_>,
    scope: &LeaseScope,
    (kind, key): (&'static str, &str),
    value: &impl Serialize,
    what: &str,
) -> Result<(), LedgerError> {
    let content = serde_json::to_string(value)
        .map_err(|error| LedgerError::Failed { what: what.to_owned(), why: error.to_string() })?;
    let statement = query(KEEP)
        .bind(scope.host.as_str())
        .bind(scope.org.as_str())
        .bind(scope.team.as_str())
        .bind(kind)
        .bind(key)
        .bind(content);
    session.change(statement).await.map(drop)
}
