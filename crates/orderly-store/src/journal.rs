//! What is to be written in the tracker, and how far it is.

use crate::connection::Connections;
use crate::leases;
use crate::row::{Columns, micros};
use orderly_core::digest;
use orderly_core::ids::{Generation, OrgSlug, RunId, SentryHost, TeamKey, TrackKey};
use orderly_core::sync::machine::{Failure, Journal, JournalEntry, LinkBackStage, Stage, Work};
use orderly_core::time::Now;
use orderly_engine::ports::ledger::{Lease, LeaseScope, LedgerError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::query;

const TABLE: &str = "ledger_journal";
const KEY: [&str; 5] = ["host", "org", "team", "issue", "generation"];

const RECORD: &str = "
    INSERT INTO ledger_journal (host, org, team, issue, generation, backlog_team, run, is_open, stage, failure,
        failure_detail, attempts, work, work_digest, item, link_back, link_back_detail, created_us, updated_us)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18)
    ON CONFLICT (host, org, team, issue, generation) DO UPDATE
    SET backlog_team = excluded.backlog_team, run = excluded.run, is_open = excluded.is_open, stage = excluded.stage,
        failure = excluded.failure, failure_detail = excluded.failure_detail, attempts = excluded.attempts,
        work = excluded.work, work_digest = excluded.work_digest, item = excluded.item,
        link_back = excluded.link_back, link_back_detail = excluded.link_back_detail, updated_us = excluded.updated_us";

const TOUCH: &str = "
    INSERT INTO ledger_touches (run, host, org, team, issue, generation, touched_us)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (run, host, org, team, issue, generation) DO NOTHING";

macro_rules! select {
    ($($rest:literal)+) => {
        concat!(
            "SELECT j.host, j.org, j.team, j.issue, j.generation, j.run, j.is_open, j.stage, j.failure, ",
            "j.failure_detail, j.attempts, j.work, j.work_digest, j.item, j.link_back, j.link_back_detail ",
            $($rest),+
        )
    };
}

const ENTRY: &str = select!(
    "FROM ledger_journal j WHERE j.host = $1 AND j.org = $2 AND j.team = $3 AND j.issue = $4 AND j.generation = $5"
);

const OPEN: &str = select!(
    "FROM ledger_journal j WHERE j.host = $1 AND j.org = $2 AND j.backlog_team = $3 AND j.is_open <> 0"
);

const OF_RUN: &str = select!(
    ", t.touched_us FROM ledger_touches t JOIN ledger_journal j ON j.host = t.host AND j.org = t.org "
    "AND j.team = t.team AND j.issue = t.issue AND j.generation = t.generation WHERE t.run = $1"
);

/// Stores an entry if the lease is still held, in one transaction.
pub(crate) async fn record(
    connections: &Connections,
    lease: &Lease,
    entry: &JournalEntry,
    now: Now,
) -> Result<(), LedgerError> {
    let key = &entry.key;
    let what = format!("store the journal entry of issue {} ({})", key.issue, key.generation);
    if (&key.host, &key.org) != (&lease.scope.host, &lease.scope.org) {
        let why = "it belongs to another Sentry organization than the lease".to_owned();
        return Err(LedgerError::Failed { what, why });
    }
    let work = json(&entry.work, &what)?;
    let work_digest = digest::of_bytes(work.as_bytes());
    let item = entry.item.as_ref().map(|item| json(item, &what)).transpose()?;
    let (stage, failure) = stage_words(&entry.stage);
    let (failure, failure_detail) = failure.unzip();
    let failure_detail = failure_detail.map(|detail| json(detail, &what)).transpose()?;
    let (link_back, link_back_detail) = link_back_words(&entry.link_back);
    let link_back_detail = link_back_detail.map(|detail| json(detail, &what)).transpose()?;

    let mut session = leases::fence(connections.begin(what).await?, lease).await?;
    let statement = query(RECORD)
        .bind(key.host.as_str())
        .bind(key.org.as_str())
        .bind(key.team.as_str())
        .bind(key.issue.to_string())
        .bind(i64::from(key.generation.0))
        .bind(lease.scope.team.as_str())
        .bind(entry.run.as_str())
        .bind(i16::from(!entry.is_closed()))
        .bind(stage)
        .bind(failure)
        .bind(failure_detail)
        .bind(i64::from(entry.attempts))
        .bind(work)
        .bind(work_digest.as_str())
        .bind(item)
        .bind(link_back)
        .bind(link_back_detail)
        .bind(micros(now.0));
    session.change(statement).await?;
    let statement = query(TOUCH)
        .bind(entry.run.as_str())
        .bind(key.host.as_str())
        .bind(key.org.as_str())
        .bind(key.team.as_str())
        .bind(key.issue.to_string())
        .bind(i64::from(key.generation.0))
        .bind(micros(now.0));
    session.change(statement).await?;
    session.commit().await
}

pub(crate) async fn entry(
    connections: &Connections,
    key: &TrackKey,
) -> Result<Option<JournalEntry>, LedgerError> {
    let mut session = connections.read(format!("read the journal entry of issue {}", key.issue)).await?;
    let statement = query(ENTRY)
        .bind(key.host.as_str())
        .bind(key.org.as_str())
        .bind(key.team.as_str())
        .bind(key.issue.to_string())
        .bind(i64::from(key.generation.0));
    let rows = session.rows(TABLE, statement).await?;
    session.done();
    rows.first().map(|row| read(&Columns::new(row, TABLE, &KEY))).transpose()
}

pub(crate) async fn open_entries(
    connections: &Connections,
    scope: &LeaseScope,
) -> Result<Journal, LedgerError> {
    let mut session = connections.read("read the open journal entries").await?;
    let statement = query(OPEN).bind(scope.host.as_str()).bind(scope.org.as_str()).bind(scope.team.as_str());
    let rows = session.rows(TABLE, statement).await?;
    session.done();
    let mut open =
        rows.iter().map(|row| read(&Columns::new(row, TABLE, &KEY))).collect::<Result<Journal, _>>()?;
    // Not by the database: each collates text in its own way.
    open.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(open)
}

/// Entries in the order in which the run first touched them, as they are now: a later run may have gone on with them.
pub(crate) async fn entries_of_run(
    connections: &Connections,
    run: &RunId,
) -> Result<Vec<JournalEntry>, LedgerError> {
    let mut session = connections.read(format!("read what the run {run} wrote")).await?;
    let rows = session.rows(TABLE, query(OF_RUN).bind(run.as_str())).await?;
    session.done();
    let mut touched = Vec::with_capacity(rows.len());
    for row in &rows {
        let at = Columns::new(row, "ledger_touches", &KEY).time("touched_us")?;
        touched.push((at, read(&Columns::new(row, TABLE, &KEY))?));
    }
    touched.sort_by(|(first, a), (second, b)| (first, &a.key).cmp(&(second, &b.key)));
    Ok(touched.into_iter().map(|(_, entry)| entry).collect())
}

fn read(row: &Columns<'_>) -> Result<JournalEntry, LedgerError> {
    let key = TrackKey {
        host: SentryHost::new(row.text("host")?),
        org: OrgSlug::new(row.text("org")?),
        issue: row.issue("issue")?,
        team: TeamKey::new(row.text("team")?),
        generation: Generation(row.count("generation")?),
    };
    let work = read_work(row, &key)?;
    let failure = row.optional_text("failure")?.zip(optional_json::<String>(row, "failure_detail")?);
    let stage = row.text("stage")?;
    let stage = stage_of(&stage, failure)
        .ok_or_else(|| row.impossible(format!("there is no stage {stage:?} with such a failure")))?;
    let link_back = row.text("link_back")?;
    let link_back = link_back_of(&link_back, optional_json(row, "link_back_detail")?)
        .ok_or_else(|| row.impossible(format!("there is no link back {link_back:?} with such a detail")))?;
    let entry = JournalEntry {
        key,
        run: RunId::new(row.text("run")?),
        work,
        stage,
        attempts: row.count("attempts")?,
        item: optional_json(row, "item")?,
        link_back,
    };
    match (row.integer("is_open")?, entry.is_closed()) {
        (1, false) | (0, true) => Ok(entry),
        (flag, _) => Err(row.impossible(format!("`is_open` is {flag}, which its stage contradicts"))),
    }
}

/// What is sent again must be what was meant the first time, to the byte, and for the same issue.
fn read_work(row: &Columns<'_>, key: &TrackKey) -> Result<Work, LedgerError> {
    let text = row.text("work")?;
    if digest::of_bytes(text.as_bytes()).as_str() != row.text("work_digest")? {
        return Err(row.impossible("`work` was changed after it was stored"));
    }
    let work: Work =
        serde_json::from_str(&text).map_err(|error| row.impossible(format!("`work`: {error}")))?;
    match &work {
        Work::Create { order } if order.key != *key => {
            Err(row.impossible("`work` creates an item for another key"))
        }
        Work::Create { .. } | Work::Link { .. } | Work::Update { .. } => Ok(work),
    }
}

fn json<T: Serialize + ?Sized>(value: &T, what: &str) -> Result<String, LedgerError> {
    serde_json::to_string(value)
        .map_err(|error| LedgerError::Failed { what: what.to_owned(), why: error.to_string() })
}

fn optional_json<T: DeserializeOwned>(row: &Columns<'_>, column: &str) -> Result<Option<T>, LedgerError> {
    let text = row.optional_text(column)?;
    text.map(|text| {
        serde_json::from_str(&text).map_err(|error| row.impossible(format!("`{column}`: {error}")))
    })
    .transpose()
}

/// The stage's word, and of a failure its word and detail.
fn stage_words(stage: &Stage) -> (&'static str, Option<(&'static str, &str)>) {
    match stage {
        Stage::Intended => ("intended", None),
        Stage::Sent => ("sent", None),
        Stage::Exists => ("exists", None),
        Stage::Done => ("done", None),
        Stage::Failed(failure) => ("failed", Some(failure_words(failure))),
    }
}

fn stage_of(word: &str, failure: Option<(String, String)>) -> Option<Stage> {
    match (word, failure) {
        ("intended", None) => Some(Stage::Intended),
        ("sent", None) => Some(Stage::Sent),
        ("exists", None) => Some(Stage::Exists),
        ("done", None) => Some(Stage::Done),
        ("failed", Some((word, detail))) => failure_of(&word, detail).map(Stage::Failed),
        _ => None,
    }
}

fn failure_words(failure: &Failure) -> (&'static str, &str) {
    match failure {
        Failure::Refused(detail) => ("refused", detail),
        Failure::Denied(detail) => ("denied", detail),
        Failure::ForeignItem(detail) => ("foreign_item", detail),
        Failure::IdIgnored(detail) => ("id_ignored", detail),
        Failure::Declined(detail) => ("declined", detail),
        Failure::Superseded(detail) => ("superseded", detail),
        Failure::NoAnswer(detail) => ("no_answer", detail),
    }
}

fn failure_of(word: &str, detail: String) -> Option<Failure> {
    match word {
        "refused" => Some(Failure::Refused(detail)),
        "denied" => Some(Failure::Denied(detail)),
        "foreign_item" => Some(Failure::ForeignItem(detail)),
        "id_ignored" => Some(Failure::IdIgnored(detail)),
        "declined" => Some(Failure::Declined(detail)),
        "superseded" => Some(Failure::Superseded(detail)),
        "no_answer" => Some(Failure::NoAnswer(detail)),
        _ => None,
    }
}

fn link_back_words(link_back: &LinkBackStage) -> (&'static str, Option<&str>) {
    match link_back {
        LinkBackStage::Off => ("off", None),
        LinkBackStage::Unavailable => ("unavailable", None),
        LinkBackStage::Wanted { installation } => ("wanted", Some(installation)),
        LinkBackStage::Done => ("done", None),
        LinkBackStage::Failed { why } => ("failed", Some(why)),
    }
}

fn link_back_of(word: &str, detail: Option<String>) -> Option<LinkBackStage> {
    match (word, detail) {
        ("off", None) => Some(LinkBackStage::Off),
        ("unavailable", None) => Some(LinkBackStage::Unavailable),
        ("wanted", Some(installation)) => Some(LinkBackStage::Wanted { installation }),
        ("done", None) => Some(LinkBackStage::Done),
        ("failed", Some(why)) => Some(LinkBackStage::Failed { why }),
        _ => None,
    }
}
