//! Ledgers of other versions.

use super::leases::take;
use crate::entries::{at, every_shape, run, scope};
use crate::place::{Kind, Place};
use orderly_core::ids::{Generation, IssueId, OrgSlug, SentryHost, TeamKey, TrackKey};
use orderly_core::sync::machine::{Stage, Work};
use orderly_engine::ports::ledger::{LeaseScope, Ledger as _, LedgerError};
use orderly_store::{SqlLedger, schema};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{Executor as _, Row as _, SqlSafeStr as _};

/// A version that follows: it adds a column, fills it from what is there and adds an index.
const FOLLOWING: &str = "
    ALTER TABLE ledger_journal ADD COLUMN title_length BIGINT NOT NULL DEFAULT 0;
    UPDATE ledger_journal SET title_length = length(work);
    CREATE INDEX ledger_journal_run ON ledger_journal (run);";

fn with_following(text: &'static str) -> Migrator {
    let mut all: Vec<Migration> = schema::migrator().iter().cloned().collect();
    let version = schema::KNOWN + 1;
    all.push(Migration::new(version, "following".into(), MigrationType::Simple, text.into_sql_str(), false));
    let mut migrator = Migrator::with_migrations(all);
    migrator.dangerous_set_table_name(schema::VERSIONS);
    migrator
}

async fn refusal(place: &Place) -> LedgerError {
    SqlLedger::open(&place.location).await.expect_err("a ledger of another version is refused")
}

pub async fn a_newer_ledger_is_refused(place: &Place) {
    place.open().await.close().await;
    with_following(FOLLOWING).run(&mut place.connect().await).await.unwrap();
    let refused = refusal(place).await;
    assert!(
        matches!(refused, LedgerError::Newer { found, known } if found == schema::KNOWN + 1 && known == schema::KNOWN),
        "{refused}"
    );
    assert!(refused.to_string().contains("use the newer Orderly"), "{refused}");
}

pub async fn a_ledger_of_another_text_is_refused(place: &Place) {
    place.open().await.close().await;
    let falsify = match place.kind {
        Kind::Sqlite => "UPDATE ledger_versions SET checksum = CAST('other' AS BLOB)",
        Kind::Postgres => "UPDATE ledger_versions SET checksum = CAST('other' AS BYTEA)",
    };
    place.connect().await.execute(sqlx::raw_sql(falsify)).await.unwrap();
    let refused = refusal(place).await;
    assert!(
        matches!(&refused, LedgerError::Impossible { table: "ledger_versions", key, .. } if key == "1"),
        "{refused}"
    );
}

pub async fn a_version_that_follows_keeps_what_is_stored(place: &Place) {
    let scope = scope("following");
    let entries: Vec<_> = every_shape(&scope, &run("old")).into_iter().step_by(29).collect();
    let ledger = place.open().await;
    let lease = take(&ledger, &scope, "old", 0).await;
    for entry in &entries {
        ledger.record(&lease, entry, at(1)).await.unwrap();
    }

    // One that fails half-way leaves everything as it was.
    let half =
        with_following("ALTER TABLE ledger_journal ADD COLUMN half BIGINT; SELECT nothing FROM nowhere;");
    half.run(&mut place.connect().await).await.unwrap_err();
    drop(ledger);
    let ledger = place.open().await;
    assert_eq!(ledger.entries_of_run(&run("old")).await.unwrap().len(), entries.len());
    ledger.close().await;

    let mut connection = place.connect().await;
    with_following(FOLLOWING).run(&mut connection).await.unwrap();
    let rows =
        connection.fetch_all(sqlx::raw_sql("SELECT work, title_length FROM ledger_journal")).await.unwrap();
    assert_eq!(rows.len(), entries.len());
    for row in rows {
        let length = row.get::<String, _>("work").chars().count();
        assert_eq!(row.get::<i64, _>("title_length"), i64::try_from(length).unwrap());
    }
}

/// The rows are frozen: when this fails, a stored form changed and needs a migration.
pub async fn what_the_first_version_stored_is_still_understood(place: &Place) {
    let mut connection = place.connect().await;
    let mut first =
        Migrator::with_migrations(schema::migrator().iter().filter(|m| m.version == 1).cloned().collect());
    first.dangerous_set_table_name(schema::VERSIONS);
    first.run(&mut connection).await.unwrap();
    connection.execute(sqlx::raw_sql(include_str!("../fixtures/version_1.sql"))).await.unwrap();
    drop(connection);

    let ledger = place.open().await;
    let scope = LeaseScope {
        host: SentryHost::new("sentry.io"),
        org: OrgSlug::new("acme"),
        team: TeamKey::new("PLAT"),
    };
    let key = TrackKey {
        host: scope.host.clone(),
        org: scope.org.clone(),
        issue: IssueId(4_242),
        team: scope.team.clone(),
        generation: Generation(1),
    };
    let open = ledger.open_entries(&scope).await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].key, key);
    assert_eq!((&open[0].stage, open[0].attempts), (&Stage::Sent, 2));
    let Work::Create { order } = &open[0].work else { panic!("{open:?}") };
    assert_eq!(order.item, key.item_id());
    assert_eq!(order.title, "TypeError: x is undefined");
    let all = ledger.entries_of_run(&run("run-1")).await.unwrap();
    let kinds: Vec<_> = all.iter().map(|entry| entry.work.item_id().to_string().len()).collect();
    assert_eq!(kinds, [36, 36, 36]);
    assert_eq!(ledger.runs(9).await.unwrap().len(), 2);
    assert_eq!(ledger.last_reports(&scope.host, &scope.org, &[IssueId(4_242)]).await.unwrap().len(), 1);
    let lease = take(&ledger, &scope, "run-3", 1_000_000).await;
    assert_eq!(lease.epoch, 8);
    ledger.record(&lease, &open[0], at(0)).await.unwrap();
    assert_eq!(ledger.open_entries(&scope).await.unwrap(), open);
}
