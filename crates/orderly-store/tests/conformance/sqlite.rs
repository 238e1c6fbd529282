//! In memory and in a file.

use crate::entries::{at, intended, key, run, scope};
use crate::place::{Kind, Place};
use crate::stories;
use orderly_core::time::Seconds;
use orderly_engine::ports::ledger::{LeaseAnswer, Ledger as _, LedgerError};
use orderly_store::{LedgerLocation, SqlLedger};
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::Path;

fn place(file: &Path) -> Place {
    Place {
        kind: Kind::Sqlite,
        location: LedgerLocation::File(file.to_owned()),
        url: format!("sqlite://{}?mode=rwc", file.display()),
    }
}

#[tokio::test]
async fn a_ledger_in_memory_tells_the_story() {
    let ledger = SqlLedger::open(&LedgerLocation::Memory).await.unwrap();
    stories::of_one(&ledger).await;
    stories::cases::of_one(&ledger).await;
    stories::incidents::of_one(&ledger).await;
    let another = SqlLedger::open(&LedgerLocation::Memory).await.unwrap();
    assert_eq!(another.runs(9).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_in_a_file_tells_the_story() {
    let base = tempfile::tempdir().unwrap();
    let ledger = place(&base.path().join("one/ledger.db")).open().await;
    stories::of_one(&ledger).await;
    stories::cases::of_one(&ledger).await;
    stories::incidents::of_one(&ledger).await;
    let mut count = 0;
    stories::of_a_place(async || {
        count += 1;
        place(&base.path().join(format!("place-{count}/ledger.db")))
    })
    .await;
}

#[tokio::test]
async fn every_file_of_a_ledger_is_private_while_it_is_open_and_after() {
    let base = tempfile::tempdir().unwrap();
    let folder = base.path().join("data/orderly");
    let ledger = place(&folder.join("ledger.db")).open().await;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o7777;
    let found = || {
        let mut names: Vec<String> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .inspect(|name| assert_eq!(mode(&folder.join(name)), 0o600, "{name}"))
            .collect();
        names.sort();
        names
    };
    ledger.take_lease(&scope("private"), &run("r"), at(0), Seconds(1)).await.unwrap();
    assert_eq!(found(), ["ledger.db", "ledger.db-shm", "ledger.db-wal"]);
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&base.path().join("data")), 0o700);
    ledger.close().await;
    assert_eq!(found(), ["ledger.db"]);
    ledger.take_lease(&scope("private"), &run("r"), at(0), Seconds(1)).await.unwrap();
    assert_eq!(found(), ["ledger.db", "ledger.db-shm", "ledger.db-wal"]);
}

#[tokio::test]
async fn a_file_that_cannot_be_a_ledger_is_refused_with_its_reason() {
    let base = tempfile::tempdir().unwrap();
    let notes = base.path().join("notes.db");
    std::fs::write(&notes, "my notes, which are no database at all\n".repeat(100)).unwrap();
    let link = base.path().join("link.db");
    symlink(&notes, &link).unwrap();
    let folder = base.path().join("folder");
    std::fs::create_dir(&folder).unwrap();
    for (path, says) in [
        (notes.clone(), "the file is no ledger"),
        (link, "is a symbolic link"),
        (notes.join("below.db"), "could not create"),
        (folder, "is not a regular file"),
    ] {
        let refused = SqlLedger::open(&LedgerLocation::File(path.clone())).await.unwrap_err();
        let LedgerError::Unreachable { place, why } = &refused else { panic!("{refused}") };
        assert_eq!(place, &path.display().to_string());
        assert!(why.contains(says), "{why}");
    }
    assert!(std::fs::read_to_string(&notes).unwrap().starts_with("my notes"));
}

/// A copy of the files, taken between two writes, is what a power cut would leave. The last write is complete in it;
/// and when the end of the log is torn off, everything before the last write still is.
#[tokio::test]
async fn what_was_acknowledged_is_in_the_files_at_that_moment() {
    let base = tempfile::tempdir().unwrap();
    let folder = base.path().join("live");
    let ledger = place(&folder.join("ledger.db")).open().await;
    let scope = scope("power-cut");
    let lease = match ledger.take_lease(&scope, &run("r"), at(0), Seconds(60)).await.unwrap() {
        LeaseAnswer::Held(lease) => lease,
        LeaseAnswer::Busy { .. } => unreachable!("the ledger is new"),
    };
    for n in 1..=40_u32 {
        let mut entry = intended(key(&scope, 1), &run("r"));
        entry.attempts = n;
        ledger.record(&lease, &entry, at(1)).await.unwrap();
        if n % 4 != 0 {
            continue;
        }
        for torn in [0, 1, 3000] {
            let cut = base.path().join(format!("cut-{n}-{torn}"));
            std::fs::create_dir(&cut).unwrap();
            std::fs::copy(folder.join("ledger.db"), cut.join("ledger.db")).unwrap();
            let mut log = std::fs::read(folder.join("ledger.db-wal")).unwrap();
            log.truncate(log.len() - torn);
            std::fs::write(cut.join("ledger.db-wal"), log).unwrap();
            let after = place(&cut.join("ledger.db")).open().await;
            let found = after.entry(&entry.key).await.unwrap().unwrap().attempts;
            assert!(found == n || (torn > 0 && found == n - 1), "{found} of {n}, torn {torn}");
        }
    }
}
