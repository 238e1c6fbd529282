//! What follows from a check-in, and from none: the next expected run, failures in a row, the issue.

use jiff::Timestamp;
use serde_json::json;
use sqlx::{SqliteConnection, SqlitePool};

use super::check_in::CheckIn;
use crate::sentry::ingest::event::PreparedEvent;
use crate::sentry::ingest::file;
use crate::sentry::ingest::normalize::Arrival;
use crate::sentry::model::IssueKind;
use crate::sentry::model::watch::{CheckInStatus, JobStatus};
use crate::sentry::states::update::{StatusChange, Target, Update, decide};
use crate::sentry::store::activity::Actor;
use crate::sentry::store::issue_update;
use crate::sentry::store::monitors::{self, Monitor, NewRun, Place};

/// Missed runs of one place that are made up for when the clock has gone far.
const MOST_MISSED: usize = 200;

/// Writes down what a job said, and files an event when it fails. Whether there is such a monitor.
///
/// # Errors
/// When the database refuses.
pub async fn check_in(
    connection: &mut SqliteConnection,
    project: i64,
    said: &CheckIn,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    if let Some(config) = &said.config {
        monitors::save(connection, project, (&said.slug, &said.slug), config, now).await?;
    }
    let Some(monitor) = monitors::by_slug(connection, &said.slug).await? else { return Ok(false) };
    if monitor.project != project {
        return Ok(false);
    }
    let mut place = monitors::place(connection, monitor.id, &said.environment, now).await?;
    let going_on = said.status == CheckInStatus::InProgress;
    let run = NewRun {
        place: place.id,
        guid: said.guid.as_deref(),
        status: said.status,
        duration: said.duration,
        expected_at: place.next_check_in,
        timeout_at: going_on.then(|| later(now, monitor.config.runtime())),
    };
    if !monitors::tell(connection, &run, now).await? {
        return Ok(true);
    }
    place.last_check_in = Some(now);
    expect_next(&monitor, &mut place, now);
    match said.status {
        CheckInStatus::Ok => succeeded(connection, &monitor, &mut place, now).await?,
        CheckInStatus::Error => failed(connection, &monitor, &mut place, said.status, now).await?,
        _ => {}
    }
    monitors::save_place(connection, &place).await?;
    Ok(true)
}

/// Runs that did not begin, and runs that did not end.
///
/// # Errors
/// When the database refuses; nothing is changed then.
pub async fn sweep(pool: &SqlitePool, now: Timestamp) -> Result<(), sqlx::Error> {
    if !monitors::has_work(pool, now).await? {
        return Ok(());
    }
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    for run in monitors::timed_out(&mut tx, now).await? {
        let (monitor, mut place) = monitors::of_place(&mut tx, run.place).await?;
        let ended = NewRun {
            place: run.place,
            guid: Some(&run.guid),
            status: CheckInStatus::Timeout,
            duration: None,
            expected_at: None,
            timeout_at: None,
        };
        monitors::tell(&mut tx, &ended, now).await?;
        failed(&mut tx, &monitor, &mut place, CheckInStatus::Timeout, now).await?;
        monitors::save_place(&mut tx, &place).await?;
    }
    for place in monitors::overdue(&mut tx, now).await? {
        let (monitor, mut place) = monitors::of_place(&mut tx, place.id).await?;
        for _ in 0..MOST_MISSED {
            let (Some(expected), Some(latest)) = (place.next_check_in, place.next_latest) else { break };
            if latest > now {
                break;
            }
            let missed = NewRun {
                place: place.id,
                guid: None,
                status: CheckInStatus::Missed,
                duration: None,
                expected_at: Some(expected),
                timeout_at: None,
            };
            monitors::tell(&mut tx, &missed, latest).await?;
            failed(&mut tx, &monitor, &mut place, CheckInStatus::Missed, latest).await?;
            expect_next(&monitor, &mut place, expected);
        }
        if place.next_latest.is_some_and(|latest| latest <= now) {
            expect_next(&monitor, &mut place, now);
        }
        monitors::save_place(&mut tx, &place).await?;
    }
    tx.commit().await
}

fn expect_next(monitor: &Monitor, place: &mut Place, from: Timestamp) {
    place.next_check_in = monitor.config.next(from);
    place.next_latest = place.next_check_in.map(|next| later(next, monitor.config.margin()));
}

fn later(at: Timestamp, by: jiff::SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

async fn failed(
    connection: &mut SqliteConnection,
    monitor: &Monitor,
    place: &mut Place,
    how: CheckInStatus,
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    place.failures += 1;
    place.successes = 0;
    if place.failures < monitor.config.failures_allowed() {
        return Ok(());
    }
    place.status = JobStatus::Error;
    place.incident_at.get_or_insert(at);
    let Some(event) = event(monitor, place, how, at) else { return Ok(()) };
    place.incident_event = Some(event.id.to_string());
    file(connection, monitor.project, &event, at).await
}

async fn succeeded(
    connection: &mut SqliteConnection,
    monitor: &Monitor,
    place: &mut Place,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    place.failures = 0;
    place.successes += 1;
    if place.incident_at.is_none() {
        place.status = JobStatus::Ok;
    } else if place.successes >= monitor.config.successes_needed() {
        place.status = JobStatus::Ok;
        place.incident_at = None;
        if let Some(event) = place.incident_event.take() {
            resolve(connection, monitor.project, &event, now).await?;
        }
    }
    Ok(())
}

/// The job runs again: its issue is resolved.
async fn resolve(
    connection: &mut SqliteConnection,
    project: i64,
    event: &str,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let issue: Option<i64> = sqlx::query_scalar(
        "SELECT issue_id FROM event JOIN issue ON issue.id = event.issue_id
         WHERE event.project_id = $1 AND event.event_id = $2 AND issue.status = 'unresolved'",
    )
    .bind(project)
    .bind(event)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(issue) = issue else { return Ok(()) };
    let update = Update { status: Some(StatusChange::Resolve(Target::Now)), ..Update::default() };
    let effects = decide(&issue_update::before(connection, issue).await?, &update, now);
    issue_update::apply(connection, issue, &effects, Actor::SERVER, now).await
}

/// The event that tells of a failure; failures of one job in one environment are one issue.
fn event(monitor: &Monitor, place: &Place, how: CheckInStatus, at: Timestamp) -> Option<PreparedEvent> {
    let what = match how {
        CheckInStatus::Missed => "A missed check-in was detected",
        CheckInStatus::Timeout => "A timeout check-in was detected",
        _ => "An error check-in was detected",
    };
    let level = if how == CheckInStatus::Missed { "warning" } else { "error" };
    let sent = json!({
        "message": format!("Cron failure: {}", monitor.name),
        "transaction": what,
        "level": level,
        "platform": "other",
        "environment": place.name,
        "timestamp": at.to_string(),
        "fingerprint": ["monitor", monitor.guid, place.name],
        "tags": {"monitor.slug": monitor.slug, "monitor.id": monitor.guid},
        "contexts": {"monitor": {
            "id": monitor.guid,
            "slug": monitor.slug,
            "name": monitor.name,
            "config": monitor.config,
            "status": how,
            "failures": place.failures,
        }},
    });
    let arrival = Arrival { envelope_id: None, received: at };
    let mut event = PreparedEvent::new(sent.as_object()?.into(), 0, arrival).ok()?;
    event.headline.kind = IssueKind::Generic;
    Some(event)
}
