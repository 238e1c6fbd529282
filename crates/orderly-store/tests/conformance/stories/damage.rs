//! Rows that no Orderly writes.

use super::leases::take;
use crate::entries::{at, intended, key, run, scope, started};
use crate::place::{Kind, Place};
use orderly_core::ids::{Digest, IssueId};
use orderly_core::sync::snapshot::LastReport;
use orderly_core::time::Seconds;
use orderly_engine::ports::ledger::{Ledger, LedgerError};
use sqlx::Executor as _;
use std::collections::BTreeMap;

/// What is done to the row of a table, and what the error says about it.
const DAMAGES: [(&str, &str, &str); 24] = [
    ("ledger_journal", "stage = 'maybe'", "no stage \"maybe\""),
    ("ledger_journal", "stage = 'failed'", "no stage \"failed\" with such a failure"),
    (
        "ledger_journal",
        "failure = 'refused', failure_detail = '\"x\"'",
        "no stage \"intended\" with such a failure",
    ),
    ("ledger_journal", "stage = 'failed', failure = 'mood', failure_detail = '\"x\"'", "no stage \"failed\""),
    ("ledger_journal", "link_back = 'wanted'", "no link back \"wanted\" with such a detail"),
    ("ledger_journal", "link_back = 'half'", "no link back \"half\""),
    ("ledger_journal", "link_back_detail = '{'", "`link_back_detail`"),
    ("ledger_journal", "attempts = -1", "`attempts` cannot be -1"),
    ("ledger_journal", "attempts = 4294967296", "`attempts` cannot be 4294967296"),
    (
        "ledger_journal",
        "work = replace(work, 'TypeError', 'RangeError')",
        "`work` was changed after it was stored",
    ),
    ("ledger_journal", "work = ''", "`work` was changed"),
    (
        "ledger_journal",
        "work = '{}', work_digest = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'",
        "`work`: missing field",
    ),
    ("ledger_journal", "item = 'null and void'", "`item`"),
    ("ledger_journal", "is_open = 0", "`is_open` is 0"),
    ("ledger_journal", "generation = 5", "creates an item for another key"),
    ("ledger_journal", "generation = -5", "`generation` cannot be -5"),
    ("ledger_journal", "issue = '0017'", "`issue` is \"0017\", no issue id"),
    ("ledger_touches", "touched_us = 9223372036854775807", "`touched_us`"),
    ("ledger_reports", "at_us = 9223372036854775807", "`at_us`"),
    ("ledger_runs", "kind = 'walk'", "no kind \"walk\""),
    ("ledger_runs", "state = 'lost'", "no state \"lost\""),
    ("ledger_runs", "state = 'finished'", "a run that ended has an end"),
    ("ledger_runs", "ended_us = 1", "a run that is at work has no end"),
    ("ledger_leases", "until_us = 9223372036854775807", "`until_us`"),
];

/// SQLite lets a column hold a value of another type.
const DAMAGES_OF_A_FILE: [(&str, &str, &str); 6] = [
    ("ledger_journal", "attempts = 'many'", "`attempts`"),
    ("ledger_journal", "attempts = 1.5", "`attempts`"),
    ("ledger_journal", "work = x'00ff'", "`work`"),
    ("ledger_journal", "item = CAST(x'ff' AS TEXT)", "utf-8"),
    ("ledger_leases", "until_us = 'later'", "`until_us`"),
    ("ledger_runs", "report = x'07'", "`report`"),
];

/// Reads everything there is; the first refusal is the answer.
async fn read_all(ledger: &dyn Ledger) -> Result<(), LedgerError> {
    let scope = scope("damage");
    ledger.take_lease(&scope, &run("other"), at(1), Seconds(1)).await?;
    ledger.open_entries(&scope).await?;
    ledger.entry(&key(&scope, 17)).await?;
    ledger.entries_of_run(&run("damage")).await?;
    ledger.last_reports(&scope.host, &scope.org, &[IssueId(17)]).await?;
    ledger.runs(9).await?;
    Ok(())
}

pub async fn an_impossible_row_is_named(place: &Place) {
    let scope = scope("damage");
    let ledger = place.open().await;
    let lease = take(&ledger, &scope, "damage", 0).await;
    ledger.record(&lease, &intended(key(&scope, 17), &run("damage")), at(0)).await.unwrap();
    ledger.begin_run(&started("damage", 0)).await.unwrap();
    let report = LastReport { at: at(0).0, content: Digest::new("d") };
    ledger.remember_reports(&scope.host, &scope.org, &BTreeMap::from([(IssueId(17), report)])).await.unwrap();
    read_all(&ledger).await.unwrap();

    let of_a_file = if place.kind == Kind::Sqlite { &DAMAGES_OF_A_FILE[..] } else { &[] };
    for (table, damage, says) in DAMAGES.iter().chain(of_a_file) {
        let mut connection = place.connect().await;
        for statement in
            [format!("CREATE TABLE kept AS SELECT * FROM {table}"), format!("UPDATE {table} SET {damage}")]
        {
            connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(statement))).await.unwrap();
        }
        let refused = read_all(&ledger).await.expect_err(damage);
        let LedgerError::Impossible { table: named, key, why } = &refused else {
            panic!("{damage}: {refused}")
        };
        assert_eq!(named, table, "{damage}");
        assert!(key.contains("damage") || key.starts_with("one of the rows"), "{damage}: {key}");
        assert!(why.contains(says), "{damage}: {why}");

        let back = format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept;");
        connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(back))).await.unwrap();
        read_all(&ledger).await.unwrap();
    }
}
