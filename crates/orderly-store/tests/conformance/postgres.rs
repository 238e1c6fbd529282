//! On PostgreSQL. One test, because one server is started for all of it.

use crate::entries::{at, intended, key, run, scope};
use crate::place::Place;
use crate::postgres_server::{ENCODED_PASSWORD, PASSWORD, Server};
use crate::stories;
use crate::stories::leases::take;
use crate::wire::{Cut, Wire};
use orderly_core::time::Seconds;
use orderly_engine::ports::ledger::{LeaseAnswer, Ledger as _, LedgerError};
use orderly_store::{LedgerLocation, SecretUrl, SqlLedger};
use sqlx::{Executor as _, Row as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_on_postgresql_tells_the_story_and_survives_its_server() {
    let server = Server::start();
    let ledger = server.place("one").await.open().await;
    stories::of_one(&ledger).await;
    stories::cases::of_one(&ledger).await;
    stories::incidents::of_one(&ledger).await;
    let mut count = 0;
    stories::of_a_place(async || {
        count += 1;
        server.place(&format!("place-{count}")).await
    })
    .await;
    a_database_that_cannot_be_used_is_told_without_the_password(&server).await;
    a_commit_waits_for_the_disk_whatever_the_server_is_set_to(&server.place("asynchronous").await).await;
    a_database_that_refuses_to_write_is_told_as_such(&server.place("refusing").await).await;
    a_lost_answer_to_a_commit_is_an_error_and_reading_shows_what_happened(&server).await;
    a_killed_server_gives_an_error_and_loses_nothing_it_acknowledged(&server).await;
}

async fn a_database_that_cannot_be_used_is_told_without_the_password(server: &Server) {
    let nobody_there = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (url, says) in [
        (server.url("nowhere"), "\"nowhere\" does not exist: create it first"),
        (server.url("one").replace(ENCODED_PASSWORD, "wrong-secret"), "refused user or password"),
        (
            server.url("one").replace(&server.port.to_string(), &nobody_there.to_string()),
            "connection to the database failed",
        ),
        (server.url("one") + "?sslmode=require", "no safe connection"),
        (server.url("one") + "?options=-c%20wrong-secret%3Dx", ""),
    ] {
        let location = LedgerLocation::Database(SecretUrl::parse(&url).unwrap());
        let refused = SqlLedger::open(&location).await.unwrap_err();
        assert!(matches!(refused, LedgerError::Unreachable { .. }), "{refused}");
        let told = format!("{refused} {refused:?} {location} {location:?}");
        assert!(told.contains(says), "{told}");
        for secret in [PASSWORD, ENCODED_PASSWORD] {
            assert!(!told.contains(secret), "{told}");
        }
        assert!(!format!("{location} {location:?}").contains("wrong-secret"), "{told}");
    }
}

/// The database itself notes the setting under which an entry is written.
async fn a_commit_waits_for_the_disk_whatever_the_server_is_set_to(place: &Place) {
    let mut connection = place.connect().await;
    connection
        .execute(sqlx::raw_sql("ALTER DATABASE asynchronous SET synchronous_commit = off"))
        .await
        .unwrap();
    connection
        .execute(sqlx::raw_sql(
            "ALTER DATABASE asynchronous SET default_transaction_isolation = serializable",
        ))
        .await
        .unwrap();
    let ledger = place.open().await;
    let note = "
        CREATE TABLE noted (what TEXT);
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO noted VALUES (current_setting('synchronous_commit') || ', ' || current_setting('transaction_isolation'));
            RETURN NEW;
        END $$;
        CREATE TRIGGER note BEFORE INSERT ON ledger_journal FOR EACH ROW EXECUTE FUNCTION note();";
    connection.execute(sqlx::raw_sql(note)).await.unwrap();
    let scope = scope("noted");
    let lease = take(&ledger, &scope, "r", 0).await;
    ledger.record(&lease, &intended(key(&scope, 1), &run("r")), at(1)).await.unwrap();
    let noted = connection.fetch_one(sqlx::raw_sql("SELECT what FROM noted")).await.unwrap();
    assert_eq!(noted.get::<String, _>("what"), "on, read committed");
}

async fn a_database_that_refuses_to_write_is_told_as_such(place: &Place) {
    let ledger = place.open().await;
    let scope = scope("refusing");
    let lease = take(&ledger, &scope, "r", 0).await;
    let entry = intended(key(&scope, 1), &run("r"));
    ledger.record(&lease, &entry, at(1)).await.unwrap();

    let mut connection = place.connect().await;
    let full = "
        CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100';
        END $$;
        CREATE TRIGGER full_disk BEFORE INSERT ON ledger_touches FOR EACH ROW EXECUTE FUNCTION full_disk();";
    connection.execute(sqlx::raw_sql(full)).await.unwrap();
    let mut more = entry.clone();
    more.attempts = 5;
    let refused = ledger.record(&lease, &more, at(2)).await.unwrap_err().to_string();
    assert!(refused.contains("the disk of the database is full (could not extend file)"), "{refused}");
    assert!(refused.starts_with("the ledger could not store the journal entry of issue 1"), "{refused}");
    assert_eq!(ledger.entry(&entry.key).await.unwrap(), Some(entry.clone()));

    connection.execute(sqlx::raw_sql("DROP TRIGGER full_disk ON ledger_touches")).await.unwrap();
    connection
        .execute(sqlx::raw_sql("ALTER DATABASE refusing SET default_transaction_read_only = on"))
        .await
        .unwrap();
    ledger.close().await;
    let refused = ledger.record(&lease, &more, at(2)).await.unwrap_err().to_string();
    assert!(refused.contains("the database may only be read"), "{refused}");
    assert_eq!(ledger.entry(&entry.key).await.unwrap(), Some(entry));
}

async fn a_lost_answer_to_a_commit_is_an_error_and_reading_shows_what_happened(server: &Server) {
    let direct = server.place("lost").await;
    let wire = Wire::to(server.port).await;
    let url = direct.url.replace(&format!(":{}/", server.port), &format!(":{}/", wire.port));
    let over_wire = LedgerLocation::Database(SecretUrl::parse(&url).unwrap());
    let ledger = SqlLedger::open(&over_wire).await.unwrap();
    let witness = direct.open().await;
    let scope = scope("lost");
    let mut known = 0;
    let mut lease = take(&ledger, &scope, "r", 0).await;
    for (round, cut) in (1..).zip([Cut::BeforeTheAnswer, Cut::BeforeTheServer].repeat(3)) {
        let mut entry = intended(key(&scope, 1), &run("r"));
        entry.attempts = round;
        wire.cut_next(cut);
        let told = ledger.record(&lease, &entry, at(1)).await.unwrap_err().to_string();
        assert!(told.contains("Whether it is stored is not known"), "{told}");
        if cut == Cut::BeforeTheAnswer {
            known = round;
        }
        for reader in [&ledger, &witness] {
            let found = reader.entry(&entry.key).await.unwrap().map_or(0, |found| found.attempts);
            assert_eq!(found, known, "{cut:?}");
        }
        // A lease that was granted unheard is had by asking again.
        wire.cut_next(cut);
        ledger.take_lease(&scope, &run("r"), at(1), Seconds(60)).await.unwrap_err();
        let again = take(&ledger, &scope, "r", 1).await;
        assert!(again.epoch > lease.epoch);
        lease = again;
    }
}

async fn a_killed_server_gives_an_error_and_loses_nothing_it_acknowledged(server: &Server) {
    let place = server.place("killed").await;
    let ledger = Arc::new(place.open().await);
    let scope = scope("killed");
    let acknowledged = Arc::new(AtomicU32::new(0));
    let lease = take(&*ledger, &scope, "r", 0).await;
    for round in 1..=2 {
        let goal = acknowledged.load(Ordering::SeqCst) + 25;
        let writer = tokio::spawn({
            let (ledger, acknowledged, scope, lease) =
                (Arc::clone(&ledger), Arc::clone(&acknowledged), scope.clone(), lease.clone());
            async move {
                loop {
                    let mut entry = intended(key(&scope, 1), &run("r"));
                    entry.attempts = acknowledged.load(Ordering::SeqCst) + 1;
                    if let Err(error) = ledger.record(&lease, &entry, at(1)).await {
                        return error;
                    }
                    acknowledged.fetch_add(1, Ordering::SeqCst);
                }
            }
        });
        let reached = async {
            while acknowledged.load(Ordering::SeqCst) < goal {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), reached).await.expect("the writer makes progress");
        tokio::task::block_in_place(|| server.kill());
        let error = tokio::time::timeout(Duration::from_secs(60), writer).await.expect("it ends").unwrap();
        assert!(matches!(error, LedgerError::Failed { .. } | LedgerError::Unreachable { .. }), "{error:?}");
        let dead = ledger.entry(&key(&scope, 1)).await.unwrap_err();
        assert!(matches!(dead, LedgerError::Unreachable { .. }), "{dead:?}");

        tokio::task::block_in_place(|| server.restart());
        let known = acknowledged.load(Ordering::SeqCst);
        let found = ledger.entry(&key(&scope, 1)).await.unwrap().unwrap().attempts;
        assert!(found == known || found == known + 1, "round {round}: {found} stored, {known} acknowledged");
        acknowledged.store(found, Ordering::SeqCst);
        let busy = ledger.take_lease(&scope, &run("next"), at(1), Seconds(60)).await.unwrap();
        assert_eq!(busy, LeaseAnswer::Busy { holder: run("r"), until: at(60).0 });
    }
}
