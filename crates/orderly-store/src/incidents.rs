//! The logs of incidents.

use crate::connection::Connections;
use crate::row::{Columns, micros};
use orderly_core::ids::{Digest, OrgSlug, SentryHost};
use orderly_core::incident::{Entry, IncidentKey, Log, Logged};
use orderly_core::time::Now;
use orderly_engine::ports::incident::Appended;
use orderly_engine::ports::ledger::LedgerError;
use sqlx::any::AnyRow;
use sqlx::query;

const TABLE: &str = "ledger_incidents";
const KEY: [&str; 4] = ["host", "org", "incident", "sequence"];

/// Nothing happens when the place is taken: somebody else was quicker.
const APPEND: &str = "
    INSERT INTO ledger_incidents (host, org, incident, sequence, digest, content, recorded_us)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";

const LOG: &str = "
    SELECT host, org, incident, sequence, digest, content FROM ledger_incidents
    WHERE host = $1 AND org = $2 AND incident = $3 ORDER BY sequence";

const NUMBERS: &str = "
    SELECT host, org, incident, sequence FROM ledger_incidents
    WHERE host = $1 AND org = $2 AND sequence = 1 ORDER BY incident";

pub(crate) async fn append(
    connections: &Connections,
    key: &IncidentKey,
    logged: &Logged,
    now: Now,
) -> Result<Appended, LedgerError> {
    let what = format!("append to the log of {key}");
    let content = serde_json::to_string(&logged.entry)
        .map_err(|error| LedgerError::Failed { what: what.clone(), why: error.to_string() })?;
    let mut session = connections.begin(what).await?;
    let statement = query(APPEND)
        .bind(key.host.as_str())
        .bind(key.org.as_str())
        .bind(i64::from(key.number))
        .bind(i64::from(logged.sequence))
        .bind(logged.digest.as_str())
        .bind(content)
        .bind(micros(now.0));
    let added = session.change(statement).await? == 1;
    session.commit().await?;
    Ok(if added { Appended::Added } else { Appended::Taken })
}

pub(crate) async fn log(connections: &Connections, key: &IncidentKey) -> Result<Option<Log>, LedgerError> {
    let mut session = connections.read(format!("read the log of {key}")).await?;
    let statement = query(LOG).bind(key.host.as_str()).bind(key.org.as_str()).bind(i64::from(key.number));
    let rows = session.rows(TABLE, statement).await?;
    session.done();
    if rows.is_empty() {
        return Ok(None);
    }
    let entries = rows.iter().map(logged).collect::<Result<Vec<_>, _>>()?;
    Log::read(key.clone(), entries).map(Some).map_err(|broken| LedgerError::Impossible {
        table: TABLE,
        key: key.to_string(),
        why: broken.to_string(),
    })
}

pub(crate) async fn numbers(
    connections: &Connections,
    host: &SentryHost,
    org: &OrgSlug,
) -> Result<Vec<u32>, LedgerError> {
    let mut session = connections.read(format!("list the incidents of {org}")).await?;
    let rows = session.rows(TABLE, query(NUMBERS).bind(host.as_str()).bind(org.as_str())).await?;
    session.done();
    rows.iter().map(|row| Columns::new(row, TABLE, &KEY).count("incident")).collect()
}

fn logged(row: &AnyRow) -> Result<Logged, LedgerError> {
    let row = Columns::new(row, TABLE, &KEY);
    let entry: Entry = serde_json::from_str(&row.text("content")?)
        .map_err(|error| row.impossible(format!("`content`: {error}")))?;
    Ok(Logged { sequence: row.count("sequence")?, digest: Digest::new(row.text("digest")?), entry })
}
