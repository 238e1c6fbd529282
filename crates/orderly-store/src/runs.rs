//! The history: one row a run.

use crate::connection::Connections;
use crate::row::{Columns, micros};
use orderly_core::ids::{Digest, RunId};
use orderly_engine::ports::ledger::{LedgerError, RunKind, RunRecord, RunState};
use sqlx::any::AnyRow;
use sqlx::query;

const TABLE: &str = "ledger_runs";
const KEY: [&str; 1] = ["id"];

const BEGIN: &str = "
    INSERT INTO ledger_runs (id, kind, state, started_us, ended_us, plan, report) VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (id) DO NOTHING";

const END: &str = "
    UPDATE ledger_runs SET kind = $2, state = $3, started_us = $4, ended_us = $5, plan = $6, report = $7 WHERE id = $1";

const ONE: &str = "SELECT id, kind, state, started_us, ended_us, plan, report FROM ledger_runs WHERE id = $1";

const NEWEST: &str = "
    SELECT id, kind, state, started_us, ended_us, plan, report FROM ledger_runs
    ORDER BY started_us DESC, id DESC LIMIT $1";

/// Adds a run. Adding the very same run again changes nothing: the first time may have gone unanswered.
pub(crate) async fn begin(connections: &Connections, run: &RunRecord) -> Result<(), LedgerError> {
    let what = format!("begin the run {}", run.id);
    check(run, &what)?;
    let mut session = connections.begin(what.clone()).await?;
    if session.change(bound(BEGIN, run)).await? == 0 {
        let known = session.rows(TABLE, query(ONE).bind(run.id.as_str())).await?;
        let known = known.first().map(read).transpose()?;
        if known.as_ref() != Some(&as_stored(run)) {
            session.give_up().await;
            let why = "the history has another run with this id".to_owned();
            return Err(LedgerError::Failed { what, why });
        }
    }
    session.commit().await
}

pub(crate) async fn end(connections: &Connections, run: &RunRecord) -> Result<(), LedgerError> {
    let what = format!("complete the run {}", run.id);
    check(run, &what)?;
    let mut session = connections.begin(what.clone()).await?;
    if session.change(bound(END, run)).await? == 0 {
        session.give_up().await;
        return Err(LedgerError::Failed { what, why: "the history has no such run".to_owned() });
    }
    session.commit().await
}

pub(crate) async fn newest(connections: &Connections, limit: u32) -> Result<Vec<RunRecord>, LedgerError> {
    let mut session = connections.read("read the history").await?;
    let rows = session.rows(TABLE, query(NEWEST).bind(i64::from(limit))).await?;
    session.done();
    rows.iter().map(read).collect()
}

pub(crate) async fn one(connections: &Connections, id: &RunId) -> Result<Option<RunRecord>, LedgerError> {
    let mut session = connections.read(format!("read the run {id}")).await?;
    let rows = session.rows(TABLE, query(ONE).bind(id.as_str())).await?;
    session.done();
    rows.first().map(read).transpose()
}

fn bound<'q>(
    statement: &'static str,
    run: &'q RunRecord,
) -> sqlx::query::Query<'q, sqlx::Any, sqlx::any::AnyArguments> {
    query(statement)
        .bind(run.id.as_str())
        .bind(kind_word(run.kind))
        .bind(state_word(run.state))
        .bind(micros(run.started_at))
        .bind(run.ended_at.map(micros))
        .bind(run.plan.as_ref().map(Digest::as_str))
        .bind(run.report.as_deref())
}

fn read(row: &AnyRow) -> Result<RunRecord, LedgerError> {
    let row = Columns::new(row, TABLE, &KEY);
    let kind = row.text("kind")?;
    let kind = kind_of(&kind).ok_or_else(|| row.impossible(format!("there is no kind {kind:?}")))?;
    let state = row.text("state")?;
    let state = state_of(&state).ok_or_else(|| row.impossible(format!("there is no state {state:?}")))?;
    let run = RunRecord {
        id: RunId::new(row.text("id")?),
        kind,
        started_at: row.time("started_us")?,
        ended_at: row.optional_time("ended_us")?,
        state,
        plan: row.optional_text("plan")?.map(Digest::new),
        report: row.optional_text("report")?,
    };
    match contradiction(&run) {
        Some(why) => Err(row.impossible(why)),
        None => Ok(run),
    }
}

fn check(run: &RunRecord, what: &str) -> Result<(), LedgerError> {
    match contradiction(run) {
        Some(why) => Err(LedgerError::Failed { what: what.to_owned(), why: why.to_owned() }),
        None => Ok(()),
    }
}

/// State and end belong together.
fn contradiction(run: &RunRecord) -> Option<&'static str> {
    match (run.state, run.ended_at) {
        (RunState::Started, Some(_)) => Some("a run that is at work has no end"),
        (RunState::Finished | RunState::Stopped, None) => Some("a run that ended has an end"),
        (RunState::Started, None) | (RunState::Finished | RunState::Stopped, Some(_)) => None,
    }
}

/// The run with its times as exact as the ledger keeps them.
fn as_stored(run: &RunRecord) -> RunRecord {
    let cut = |at| jiff::Timestamp::from_microsecond(micros(at)).unwrap_or(at);
    RunRecord { started_at: cut(run.started_at), ended_at: run.ended_at.map(cut), ..run.clone() }
}

const fn kind_word(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Preview => "preview",
        RunKind::Apply => "apply",
        RunKind::Undo => "undo",
        RunKind::Fix => "fix",
    }
}

fn kind_of(word: &str) -> Option<RunKind> {
    [RunKind::Preview, RunKind::Apply, RunKind::Undo, RunKind::Fix]
        .into_iter()
        .find(|kind| kind_word(*kind) == word)
}

const fn state_word(state: RunState) -> &'static str {
    match state {
        RunState::Started => "started",
        RunState::Finished => "finished",
        RunState::Stopped => "stopped",
    }
}

fn state_of(word: &str) -> Option<RunState> {
    [RunState::Started, RunState::Finished, RunState::Stopped]
        .into_iter()
        .find(|state| state_word(*state) == word)
}
