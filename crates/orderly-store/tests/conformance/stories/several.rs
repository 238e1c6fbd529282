//! Several runners on one ledger.

use super::leases::{self, take};
use crate::entries::{at, intended, key, run, scope};
use crate::place::Place;
use futures::future::join_all;
use orderly_core::time::Seconds;
use orderly_engine::ports::ledger::{LeaseAnswer, Ledger, LedgerError};

pub async fn runners_that_open_a_new_ledger_at_once_all_succeed(place: &Place) {
    let opened = (0..8).map(|n| {
        let place = place.clone();
        tokio::spawn(async move {
            let ledger = place.open().await;
            let scope = scope(&format!("at-once-{n}"));
            let lease = take(&ledger, &scope, "runner", 0).await;
            ledger.record(&lease, &intended(key(&scope, n), &run("runner")), at(1)).await.unwrap();
        })
    });
    for opened in join_all(opened).await {
        opened.unwrap();
    }
    let ledger = place.open().await;
    assert_eq!(ledger.entries_of_run(&run("runner")).await.unwrap().len(), 8);
}

pub async fn one_of_many_runners_wins(place: &Place) {
    let ledgers = join_all((0..6).map(|_| place.open())).await;
    let ledgers: Vec<&dyn Ledger> = ledgers.iter().map(|ledger| ledger as &dyn Ledger).collect();
    leases::one_of_many_wins(&ledgers).await;
}

/// Each reads a number, adds one and writes it, under the lease: a number that is missing at the end was lost.
pub async fn nothing_is_lost_when_runners_take_turns(place: &Place) {
    const RUNNERS: u32 = 4;
    const TURNS: u32 = 10;
    let scope = scope("turns");
    let first = place.open().await;
    let lease = take(&first, &scope, "zero", 0).await;
    first.record(&lease, &intended(key(&scope, 1), &run("zero")), at(0)).await.unwrap();
    first.release_lease(&lease).await.unwrap();

    let runners = (0..RUNNERS).map(|n| {
        let (place, scope) = (place.clone(), scope.clone());
        tokio::spawn(async move {
            let ledger = place.open().await;
            let mut left = TURNS;
            while left > 0 {
                let holder = run(&format!("turn-{n}-{left}"));
                let answer = ledger.take_lease(&scope, &holder, at(1), Seconds(3600)).await.unwrap();
                let LeaseAnswer::Held(lease) = answer else {
                    tokio::task::yield_now().await;
                    continue;
                };
                let mut entry = ledger.entry(&key(&scope, 1)).await.unwrap().unwrap();
                entry.attempts += 1;
                entry.run = holder;
                ledger.record(&lease, &entry, at(1)).await.unwrap();
                ledger.release_lease(&lease).await.unwrap();
                let late = ledger.record(&lease, &entry, at(1)).await;
                assert!(matches!(late, Err(LedgerError::LeaseLost { .. })), "{late:?}");
                left -= 1;
            }
        })
    });
    for runner in join_all(runners).await {
        runner.unwrap();
    }
    let entry = first.entry(&key(&scope, 1)).await.unwrap().unwrap();
    assert_eq!(entry.attempts, RUNNERS * TURNS);
}
