use super::*;

async fn setting(connections: &Connections, pragma: &'static str) -> String {
    let mut session = connections.read("look at a setting").await.unwrap();
    let row = session.connection.fetch_one(sqlx::raw_sql(pragma)).await.unwrap();
    session.done();
    row.try_get::<String, _>(0).or_else(|_| row.try_get::<i64, _>(0).map(|n| n.to_string())).unwrap()
}

#[tokio::test]
async fn a_file_is_opened_with_the_settings_that_make_a_commit_durable() {
    let base = tempfile::tempdir().unwrap();
    let file = LedgerLocation::File(base.path().join("ledger.db"));
    let connections = Connections::open(&file).await.unwrap();
    for (pragma, expected) in [
        ("PRAGMA journal_mode", "wal"),
        ("PRAGMA synchronous", "2"),
        ("PRAGMA busy_timeout", "10000"),
        ("PRAGMA trusted_schema", "0"),
        ("PRAGMA fullfsync", "1"),
    ] {
        assert_eq!(setting(&connections, pragma).await, expected, "{pragma}");
        // A connection that replaces another one is opened the same way.
        connections.close().await;
        assert_eq!(setting(&connections, pragma).await, expected, "{pragma}");
    }
}

#[tokio::test]
async fn a_path_may_hold_every_character_that_means_something_in_an_url() {
    let base = tempfile::tempdir().unwrap();
    for name in
        ["a b.db", "50%.db", "%2e%2e.db", "what?.db", "a#b.db", "ü–🦀.db", "a\\b.db", "-x.db", "a&b=c.db"]
    {
        let file = base.path().join(name);
        drop(Connections::open(&LedgerLocation::File(file.clone())).await.unwrap());
        let written = std::fs::read(&file).unwrap();
        assert!(written.starts_with(b"SQLite format 3"), "{name}");
    }
}

#[tokio::test]
async fn a_session_that_is_dropped_takes_its_transaction_with_it_and_the_next_one_works() {
    let base = tempfile::tempdir().unwrap();
    for location in [LedgerLocation::Memory, LedgerLocation::File(base.path().join("ledger.db"))] {
        let connections = Connections::open(&location).await.unwrap();
        for _ in 0..3 {
            let mut session = connections.begin("write").await.unwrap();
            let insert =
                "INSERT INTO ledger_runs (id, kind, state, started_us) VALUES ('r', 'apply', 'started', 0)";
            assert_eq!(session.change(sqlx::query(insert)).await.unwrap(), 1);
            drop(session);
            let mut session = connections.begin("read").await.unwrap();
            // A write, so that it waits for the lock of the dropped transaction.
            assert_eq!(session.change(sqlx::query("DELETE FROM ledger_runs")).await.unwrap(), 0);
            session.commit().await.unwrap();
        }
    }
}
