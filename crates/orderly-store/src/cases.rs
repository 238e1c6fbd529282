//! Repairs, and how far they are.

use crate::connection::Connections;
use crate::row::{Columns, micros};
use orderly_core::fix::{CASE_VERSION, Case, CaseKey, Disposition};
use orderly_core::ids::{OrgSlug, RunId, SentryHost};
use orderly_core::time::{Now, Timestamp};
use orderly_engine::ports::cases::{HeldCase, Opening};
use orderly_engine::ports::ledger::LedgerError;
use sqlx::any::AnyRow;
use sqlx::query;

const TABLE: &str = "ledger_cases";
const KEY: [&str; 4] = ["host", "org", "issue", "run"];

/// Nothing happens when the case is there, or its issue has an open one: two indexes, one answer.
const OPEN: &str = "
    INSERT INTO ledger_cases (host, org, issue, run, is_open, is_fixed, stage, holder, until_us, content, opened_us, updated_us)
    VALUES ($1, $2, $3, $4, 1, 0, $5, $6, $7, $8, $9, $9)
    ON CONFLICT DO NOTHING";

const OPEN_ONE: &str = "
    SELECT host, org, issue, run, stage, holder, until_us, content FROM ledger_cases
    WHERE host = $1 AND org = $2 AND issue = $3 AND is_open = 1";

/// Only the holder writes, and only while the case is open.
const RECORD: &str = "
    UPDATE ledger_cases
    SET is_open = $6, is_fixed = $7, stage = $8, until_us = $9, content = $10, updated_us = $11
    WHERE host = $1 AND org = $2 AND issue = $3 AND run = $4 AND holder = $5 AND is_open = 1";

const TAKE: &str = "
    UPDATE ledger_cases SET holder = $6, until_us = $7
    WHERE host = $1 AND org = $2 AND issue = $3 AND run = $4 AND holder = $5 AND is_open = 1";

const AMEND: &str = "
    UPDATE ledger_cases SET content = $5, updated_us = $6
    WHERE host = $1 AND org = $2 AND issue = $3 AND run = $4 AND is_open = 0";

const HOLDER: &str = "SELECT host, org, issue, run, holder, is_open FROM ledger_cases WHERE host = $1 AND org = $2 AND issue = $3 AND run = $4";

const ALL_OPEN: &str = "
    SELECT host, org, issue, run, stage, holder, until_us, content FROM ledger_cases
    WHERE host = $1 AND org = $2 AND is_open = 1 ORDER BY opened_us, issue";

const ALL_FIXED: &str = "
    SELECT host, org, issue, run, stage, holder, until_us, content FROM ledger_cases
    WHERE host = $1 AND org = $2 AND is_fixed = 1 ORDER BY opened_us, issue";

pub(crate) async fn open(
    connections: &Connections,
    case: &Case,
    until: Timestamp,
    now: Now,
) -> Result<Opening, LedgerError> {
    let what = format!("open the case of {}", case.short_id);
    let content = content(case, &what)?;
    let mut session = connections.begin(what).await?;
    let statement = keyed(OPEN, &case.key)
        .bind(case.stage.word())
        .bind(case.key.run.as_str())
        .bind(micros(until))
        .bind(content)
        .bind(micros(now.0));
    if session.change(statement).await? == 1 {
        session.commit().await?;
        return Ok(Opening::Opened);
    }
    let key = &case.key;
    let statement =
        query(OPEN_ONE).bind(key.host.as_str()).bind(key.org.as_str()).bind(key.issue.to_string());
    let rows = session.rows(TABLE, statement).await?;
    session.give_up().await;
    match rows.first() {
        Some(row) => Ok(Opening::Exists(held(row)?)),
        None => Err(LedgerError::Failed {
            what: format!("open the case of {}", case.short_id),
            why: "this run had a case of the same issue before".to_owned(),
        }),
    }
}

pub(crate) async fn record(
    connections: &Connections,
    holder: &RunId,
    case: &Case,
    until: Timestamp,
    now: Now,
) -> Result<(), LedgerError> {
    let what = format!("store the case of {}", case.short_id);
    let content = content(case, &what)?;
    let fixed = case.is_ended() && is_fixed(case);
    let mut session = connections.begin(what).await?;
    let statement = keyed(RECORD, &case.key)
        .bind(holder.as_str())
        .bind(i16::from(!case.is_ended()))
        .bind(i16::from(fixed))
        .bind(case.stage.word())
        .bind(micros(until))
        .bind(content)
        .bind(micros(now.0));
    if session.change(statement).await? == 1 {
        return session.commit().await;
    }
    let rows = session.rows(TABLE, keyed(HOLDER, &case.key)).await?;
    session.give_up().await;
    let scope = format!("the case of {}", case.short_id);
    let Some(row) = rows.first() else {
        return Err(LedgerError::LeaseLost {
            scope,
            holder: "nobody (the ledger does not know it)".to_owned(),
        });
    };
    let row = Columns::new(row, TABLE, &KEY);
    let holder =
        if row.integer("is_open")? == 0 { "nobody (it is over)".to_owned() } else { row.text("holder")? };
    Err(LedgerError::LeaseLost { scope, holder })
}

pub(crate) async fn take(
    connections: &Connections,
    key: &CaseKey,
    from: &RunId,
    to: &RunId,
    until: Timestamp,
) -> Result<bool, LedgerError> {
    let mut session = connections.begin(format!("take over the case of issue {}", key.issue)).await?;
    let statement = keyed(TAKE, key).bind(from.as_str()).bind(to.as_str()).bind(micros(until));
    let taken = session.change(statement).await? == 1;
    session.commit().await?;
    Ok(taken)
}

pub(crate) async fn amend(connections: &Connections, case: &Case, now: Now) -> Result<(), LedgerError> {
    let what = format!("amend the case of {}", case.short_id);
    let content = content(case, &what)?;
    let mut session = connections.begin(what.clone()).await?;
    let statement = keyed(AMEND, &case.key).bind(content).bind(micros(now.0));
    if session.change(statement).await? == 0 {
        session.give_up().await;
        return Err(LedgerError::Failed { what, why: "the ledger has no such ended case".to_owned() });
    }
    session.commit().await
}

pub(crate) async fn all_open(
    connections: &Connections,
    host: &SentryHost,
    org: &OrgSlug,
) -> Result<Vec<HeldCase>, LedgerError> {
    all(connections, ALL_OPEN, host, org).await
}

pub(crate) async fn all_fixed(
    connections: &Connections,
    host: &SentryHost,
    org: &OrgSlug,
) -> Result<Vec<Case>, LedgerError> {
    Ok(all(connections, ALL_FIXED, host, org).await?.into_iter().map(|held| held.case).collect())
}

async fn all(
    connections: &Connections,
    statement: &'static str,
    host: &SentryHost,
    org: &OrgSlug,
) -> Result<Vec<HeldCase>, LedgerError> {
    let mut session = connections.read(format!("read the cases of {org}")).await?;
    let rows = session.rows(TABLE, query(statement).bind(host.as_str()).bind(org.as_str())).await?;
    session.done();
    rows.iter().map(held).collect()
}

type Bound<'q> = sqlx::query::Query<'q, sqlx::Any, sqlx::any::AnyArguments>;

fn keyed<'q>(statement: &'static str, key: &'q CaseKey) -> Bound<'q> {
    query(statement)
        .bind(key.host.as_str())
        .bind(key.org.as_str())
        .bind(key.issue.to_string())
        .bind(key.run.as_str())
}

fn is_fixed(case: &Case) -> bool {
    case.end().is_some_and(|end| matches!(end.disposition, Disposition::Fixed { .. }))
}

fn content(case: &Case, what: &str) -> Result<String, LedgerError> {
    serde_json::to_string(case)
        .map_err(|error| LedgerError::Failed { what: what.to_owned(), why: error.to_string() })
}

fn held(row: &AnyRow) -> Result<HeldCase, LedgerError> {
    let row = Columns::new(row, TABLE, &KEY);
    let case: Case = serde_json::from_str(&row.text("content")?)
        .map_err(|error| row.impossible(format!("`content`: {error}")))?;
    if case.version != CASE_VERSION {
        return Err(row.impossible(format!("`content` has version {}", case.version)));
    }
    let same = case.key.host.as_str() == row.text("host")?
        && case.key.org.as_str() == row.text("org")?
        && case.key.issue == row.issue("issue")?
        && case.key.run.as_str() == row.text("run")?
        && case.stage.word() == row.text("stage")?;
    if !same {
        return Err(row.impossible("its columns and its content are of different cases"));
    }
    Ok(HeldCase { case, holder: RunId::new(row.text("holder")?), until: row.time("until_us")? })
}
