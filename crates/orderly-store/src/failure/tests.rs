use super::*;
use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, ConnectOptions as _, Executor as _};

fn failures(engine: Engine) -> Failures {
    Failures { engine, place: "here".to_owned(), secret: None }
}

async fn sqlite(url: &str) -> Result<AnyConnection, Error> {
    sqlx::any::install_default_drivers();
    url.parse::<AnyConnectOptions>()?.connect().await
}

async fn refused(setting: &'static str) -> Error {
    let mut connection = sqlite("sqlite::memory:").await.unwrap();
    connection.execute(sqlx::raw_sql("CREATE TABLE t (x TEXT)")).await.unwrap();
    connection.execute(sqlx::raw_sql(setting)).await.unwrap();
    connection.execute(sqlx::raw_sql("INSERT INTO t VALUES (hex(zeroblob(100000)))")).await.unwrap_err()
}

#[tokio::test]
async fn a_full_disk_is_told_as_one_and_as_harmless_to_what_was_stored() {
    let error = refused("PRAGMA max_page_count = 2").await;
    let told = failures(Engine::Sqlite).failed("store it", &error).to_string();
    assert_eq!(
        told,
        "the ledger could not store it: the disk is full (database or disk is full): free some space and run again; \
         what was stored before is whole"
    );
}

#[tokio::test]
async fn a_ledger_that_may_only_be_read_says_what_to_check() {
    let error = refused("PRAGMA query_only = ON").await;
    let told = failures(Engine::Sqlite).failed("store it", &error).to_string();
    assert!(
        told.starts_with("the ledger could not store it: it may only be read here (attempt to write"),
        "{told}"
    );
    assert!(told.contains("check who owns the file"), "{told}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told_as_such() {
    let base = tempfile::tempdir().unwrap();
    let path = base.path().join("notes.db");
    std::fs::write(&path, "my notes, which are no database at all\n".repeat(100)).unwrap();
    let error = match sqlite(&format!("sqlite://{}", path.display())).await {
        Ok(mut connection) => connection.execute(sqlx::raw_sql("SELECT * FROM t")).await.unwrap_err(),
        Err(error) => error,
    };
    let told = failures(Engine::Sqlite).unreachable(&error).to_string();
    assert!(told.starts_with("the ledger here cannot be opened: the file is no ledger"), "{told}");
}

#[test]
fn only_a_failure_of_the_connection_leaves_a_commit_open() {
    let broke = Error::Io(std::io::ErrorKind::ConnectionReset.into());
    let told = failures(Engine::Postgres).failed_at_commit("store it", &broke).to_string();
    assert!(told.contains("the connection to the database failed"), "{told}");
    assert!(told.contains("Whether it is stored is not known"), "{told}");
    let refused = Error::RowNotFound;
    assert!(
        !failures(Engine::Postgres).failed_at_commit("store it", &refused).to_string().contains("not known")
    );
}

#[test]
fn every_postgresql_state_that_a_person_can_do_something_about_says_what() {
    for (state, says) in [
        ("53100", "free some space there"),
        ("25006", "name the primary server"),
        ("42501", "must own the ledger's tables"),
        ("28P01", "refused user or password"),
        ("3D000", "create it first"),
        ("53300", "no connection left"),
        ("55P03", "took too long"),
        ("57P01", "going down or starting up"),
        ("XX000", "SQLSTATE XX000"),
    ] {
        let told = of_postgres(state, "the message");
        assert!(told.contains(says) && told.contains("the message"), "{state}: {told}");
    }
}
