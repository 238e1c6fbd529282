//! Who is at work on a backlog: compare-and-set on one row, with an epoch that only rises.

use crate::connection::{Connections, Session};
use crate::row::{Columns, micros};
use jiff::{SignedDuration, Timestamp};
use orderly_core::ids::RunId;
use orderly_core::time::{Now, Seconds};
use orderly_engine::ports::ledger::{Lease, LeaseAnswer, LeaseScope, LedgerError};
use sqlx::query;

const TABLE: &str = "ledger_leases";
const KEY: [&str; 3] = ["host", "org", "team"];

/// The condition is judged and the row changed in one statement, which locks the row on both databases. A run that asks
/// again gets its lease again, with a higher epoch: it may not know that its first request was granted.
const TAKE: &str = "
    INSERT INTO ledger_leases (host, org, team, holder, epoch, until_us) VALUES ($1, $2, $3, $4, 1, $5)
    ON CONFLICT (host, org, team) DO UPDATE
    SET holder = excluded.holder, epoch = ledger_leases.epoch + 1, until_us = excluded.until_us
    WHERE ledger_leases.holder IS NULL OR ledger_leases.holder = excluded.holder OR ledger_leases.until_us <= $6
    RETURNING host, org, team, epoch";

const READ: &str =
    "SELECT host, org, team, holder, until_us FROM ledger_leases WHERE host = $1 AND org = $2 AND team = $3";

const RENEW: &str = "
    UPDATE ledger_leases SET until_us = $6
    WHERE host = $1 AND org = $2 AND team = $3 AND holder = $4 AND epoch = $5";

const RELEASE: &str = "
    UPDATE ledger_leases SET holder = NULL
    WHERE host = $1 AND org = $2 AND team = $3 AND holder = $4 AND epoch = $5";

/// Changes nothing and locks the row until the transaction ends, so that nobody takes over in between.
const FENCE: &str = "
    UPDATE ledger_leases SET until_us = until_us
    WHERE host = $1 AND org = $2 AND team = $3 AND holder = $4 AND epoch = $5";

pub(crate) async fn take(
    connections: &Connections,
    scope: &LeaseScope,
    holder: &RunId,
    now: Now,
    length: Seconds,
) -> Result<LeaseAnswer, LedgerError> {
    let until = end(now, length);
    let mut session = connections.begin(format!("take the lease on {}", spelled(scope))).await?;
    let taken = session
        .rows(
            TABLE,
            query(TAKE)
                .bind(scope.host.as_str())
                .bind(scope.org.as_str())
                .bind(scope.team.as_str())
                .bind(holder.as_str())
                .bind(micros(until))
                .bind(micros(now.0)),
        )
        .await?;
    if let Some(row) = taken.first() {
        let epoch = Columns::new(row, TABLE, &KEY).integer("epoch")?;
        session.commit().await?;
        return Ok(LeaseAnswer::Held(Lease { scope: scope.clone(), holder: holder.clone(), epoch, until }));
    }
    // The refused update still locks the row: what is read now is what it was refused for.
    let found = session.rows(TABLE, bound_to(READ, scope)).await?;
    session.give_up().await;
    let Some(row) = found.first() else {
        let why = "it refuses a new lease and is not there".to_owned();
        return Err(LedgerError::Impossible { table: TABLE, key: spelled(scope), why });
    };
    let row = Columns::new(row, TABLE, &KEY);
    match row.optional_text("holder")? {
        Some(holder) => Ok(LeaseAnswer::Busy { holder: RunId::new(holder), until: row.time("until_us")? }),
        None => Err(row.impossible("nobody holds it and it refuses a new lease")),
    }
}

pub(crate) async fn renew(
    connections: &Connections,
    lease: &Lease,
    now: Now,
    length: Seconds,
) -> Result<Lease, LedgerError> {
    let until = end(now, length);
    let mut session = connections.begin(format!("renew the lease on {}", spelled(&lease.scope))).await?;
    if session.change(guarded(RENEW, lease).bind(micros(until))).await? == 1 {
        session.commit().await?;
        Ok(Lease { until, ..lease.clone() })
    } else {
        Err(lost(session, lease).await)
    }
}

pub(crate) async fn release(connections: &Connections, lease: &Lease) -> Result<(), LedgerError> {
    let mut session = connections.begin(format!("give back the lease on {}", spelled(&lease.scope))).await?;
    session.change(guarded(RELEASE, lease)).await?;
    session.commit().await
}

/// Goes on with the transaction only while the lease is held in the same epoch, and keeps it so until its end.
pub(crate) async fn fence<'a>(mut session: Session<'a>, lease: &Lease) -> Result<Session<'a>, LedgerError> {
    if session.change(guarded(FENCE, lease)).await? == 1 {
        Ok(session)
    } else {
        Err(lost(session, lease).await)
    }
}

async fn lost(mut session: Session<'_>, lease: &Lease) -> LedgerError {
    let found = match session.rows(TABLE, bound_to(READ, &lease.scope)).await {
        Ok(found) => found,
        Err(error) => return error,
    };
    session.give_up().await;
    let holder = match found.first() {
        Some(row) => match Columns::new(row, TABLE, &KEY).optional_text("holder") {
            Ok(Some(holder)) if holder == lease.holder.as_str() => format!("a later lease of {holder}"),
            Ok(Some(holder)) => holder,
            Ok(None) => "nobody (it was given back)".to_owned(),
            Err(error) => return error,
        },
        None => "nobody (the ledger does not know it)".to_owned(),
    };
    LedgerError::LeaseLost { scope: spelled(&lease.scope), holder }
}

type Bound<'q> = sqlx::query::Query<'q, sqlx::Any, sqlx::any::AnyArguments>;

fn bound_to<'q>(statement: &'static str, scope: &'q LeaseScope) -> Bound<'q> {
    query(statement).bind(scope.host.as_str()).bind(scope.org.as_str()).bind(scope.team.as_str())
}

fn guarded<'q>(statement: &'static str, lease: &'q Lease) -> Bound<'q> {
    bound_to(statement, &lease.scope).bind(lease.holder.as_str()).bind(lease.epoch)
}

/// When a lease lapses, as exactly as it can be stored.
fn end(now: Now, length: Seconds) -> Timestamp {
    let length = SignedDuration::from_secs(i64::try_from(length.0).unwrap_or(i64::MAX));
    let end = now.0.checked_add(length).unwrap_or(Timestamp::MAX);
    Timestamp::from_microsecond(micros(end)).unwrap_or(end)
}

fn spelled(scope: &LeaseScope) -> String {
    format!("{}/{}/{}", scope.host, scope.org, scope.team)
}
