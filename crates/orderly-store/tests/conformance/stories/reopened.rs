//! What is left when the program is gone.

use super::leases::{named_holder, take};
use crate::entries::{at, every_shape, finished, intended, key, run, scope, started};
use crate::place::Place;
use orderly_core::ids::{Digest, IssueId};
use orderly_core::sync::snapshot::LastReport;
use orderly_core::time::Seconds;
use orderly_engine::ports::ledger::{LeaseAnswer, Ledger as _};
use std::collections::BTreeMap;

pub async fn everything_is_there_after_a_crash(place: &Place) {
    let scope = scope("crash");
    let entries: Vec<_> = every_shape(&scope, &run("crashed")).into_iter().step_by(17).collect();
    let report = BTreeMap::from([(IssueId(1), LastReport { at: at(1).0, content: Digest::new("d") })]);
    let begun = started("crashed", 0);
    let ended = started("before", -9);

    let ledger = place.open().await;
    let lease = take(&ledger, &scope, "crashed", 0).await;
    ledger.begin_run(&ended).await.unwrap();
    ledger.end_run(&finished(&ended, -8)).await.unwrap();
    ledger.begin_run(&begun).await.unwrap();
    for entry in &entries {
        ledger.record(&lease, entry, at(1)).await.unwrap();
    }
    ledger.remember_reports(&scope.host, &scope.org, &report).await.unwrap();
    // No goodbye: for the others, it may as well be dead.
    let silent = ledger;

    for reopening in 0..2 {
        let ledger = place.open().await;
        for entry in &entries {
            assert_eq!(ledger.entry(&entry.key).await.unwrap().as_ref(), Some(entry));
        }
        assert_eq!(ledger.entries_of_run(&run("crashed")).await.unwrap().len(), entries.len());
        assert_eq!(ledger.last_reports(&scope.host, &scope.org, &[IssueId(1)]).await.unwrap(), report);
        assert_eq!(ledger.runs(9).await.unwrap(), [begun.clone(), finished(&ended, -8)]);
        let busy = ledger.take_lease(&scope, &run("next"), at(2), Seconds(60)).await.unwrap();
        assert_eq!(busy, LeaseAnswer::Busy { holder: run("crashed"), until: at(60).0 }, "{reopening}");
        ledger.close().await;
    }

    let ledger = place.open().await;
    let next = take(&ledger, &scope, "next", 60).await;
    assert!(next.epoch > lease.epoch);
    let late = intended(key(&scope, 1), &run("crashed"));
    assert_eq!(named_holder(silent.record(&lease, &late, at(61)).await), "next");
}
