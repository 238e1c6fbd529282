//! Who is at work.

use crate::entries::{at, intended, key, run, scope};
use futures::future::join_all;
use orderly_core::ids::{OrgSlug, SentryHost, TeamKey};
use orderly_core::time::Seconds;
use orderly_engine::ports::ledger::{Lease, LeaseAnswer, LeaseScope, Ledger, LedgerError};

/// Takes a lease that must be free.
pub async fn take(ledger: &dyn Ledger, scope: &LeaseScope, holder: &str, second: i64) -> Lease {
    match ledger.take_lease(scope, &run(holder), at(second), Seconds(60)).await.unwrap() {
        LeaseAnswer::Held(lease) => lease,
        LeaseAnswer::Busy { holder, until } => panic!("{holder} has it until {until}"),
    }
}

/// The holder that a refused write names.
pub fn named_holder(result: Result<impl std::fmt::Debug, LedgerError>) -> String {
    match result {
        Err(LedgerError::LeaseLost { holder, .. }) => holder,
        other => panic!("the lease was lost, and this came: {other:?}"),
    }
}

/// Many ask at once, over however many ledgers.
pub async fn one_of_many_wins(ledgers: &[&dyn Ledger]) {
    let scope = scope("race");
    let mut last_epoch = 0;
    for round in 0..5_i64 {
        let second = round * 100;
        let asked = (0..24).map(|n| {
            let ledger = ledgers[n % ledgers.len()];
            let scope = &scope;
            async move {
                ledger
                    .take_lease(scope, &run(&format!("r{round}-{n}")), at(second), Seconds(60))
                    .await
                    .unwrap()
            }
        });
        let answers = join_all(asked).await;
        let held: Vec<&Lease> = answers
            .iter()
            .filter_map(|a| if let LeaseAnswer::Held(lease) = a { Some(lease) } else { None })
            .collect();
        assert_eq!(held.len(), 1, "round {round}");
        assert!(held[0].epoch > last_epoch, "round {round}");
        last_epoch = held[0].epoch;
        for answer in &answers {
            if let LeaseAnswer::Busy { holder, until } = answer {
                assert_eq!((holder, until), (&held[0].holder, &held[0].until));
            }
        }
    }
}

pub async fn a_lapsed_lease_is_taken_over_and_the_stale_one_writes_nothing(ledger: &dyn Ledger) {
    let scope = scope("takeover");
    let stale = take(ledger, &scope, "first", 0).await;
    let entry = intended(key(&scope, 1), &run("first"));
    ledger.record(&stale, &entry, at(1)).await.unwrap();

    let busy = ledger.take_lease(&scope, &run("second"), at(59), Seconds(60)).await.unwrap();
    assert_eq!(busy, LeaseAnswer::Busy { holder: run("first"), until: at(60).0 });
    let fresh = take(ledger, &scope, "second", 60).await;
    assert!(fresh.epoch > stale.epoch);

    let mut late = entry.clone();
    late.attempts = 9;
    assert_eq!(named_holder(ledger.record(&stale, &late, at(61)).await), "second");
    assert_eq!(named_holder(ledger.renew_lease(&stale, at(61), Seconds(60)).await), "second");
    ledger.release_lease(&stale).await.unwrap();
    assert_eq!(ledger.entry(&entry.key).await.unwrap(), Some(entry.clone()));
    assert_eq!(ledger.open_entries(&scope).await.unwrap(), std::slice::from_ref(&entry));

    // What was refused left nothing behind, and the lease is still the second one's.
    ledger.record(&fresh, &entry, at(62)).await.unwrap();
    let third = ledger.take_lease(&scope, &run("third"), at(62), Seconds(60)).await.unwrap();
    assert_eq!(third, LeaseAnswer::Busy { holder: run("second"), until: at(120).0 });
}

pub async fn a_lease_that_was_given_back_is_free_and_writes_nothing(ledger: &dyn Ledger) {
    let scope = scope("given-back");
    let first = take(ledger, &scope, "first", 0).await;
    ledger.release_lease(&first).await.unwrap();
    ledger.release_lease(&first).await.unwrap();
    let entry = intended(key(&scope, 1), &run("first"));
    assert_eq!(named_holder(ledger.record(&first, &entry, at(1)).await), "nobody (it was given back)");
    assert_eq!(ledger.entry(&entry.key).await.unwrap(), None);
    let second = take(ledger, &scope, "second", 1).await;
    assert!(second.epoch > first.epoch);

    let never_taken = Lease { scope: LeaseScope { team: TeamKey::new("OTHER"), ..scope }, ..second };
    let refused = ledger.renew_lease(&never_taken, at(1), Seconds(60)).await;
    assert_eq!(named_holder(refused), "nobody (the ledger does not know it)");
}

pub async fn who_asks_again_gets_the_lease_again(ledger: &dyn Ledger) {
    let scope = scope("again");
    let first = take(ledger, &scope, "only", 0).await;
    let again = take(ledger, &scope, "only", 1).await;
    assert!(again.epoch > first.epoch);
    let entry = intended(key(&scope, 1), &run("only"));
    assert_eq!(named_holder(ledger.record(&first, &entry, at(2)).await), "a later lease of only");
    ledger.record(&again, &entry, at(2)).await.unwrap();
}

pub async fn a_renewed_lease_lasts_longer(ledger: &dyn Ledger) {
    let scope = scope("renewed");
    let lease = take(ledger, &scope, "first", 0).await;
    assert_eq!(lease.until, at(60).0);
    let renewed = ledger.renew_lease(&lease, at(50), Seconds(60)).await.unwrap();
    assert_eq!(renewed, Lease { until: at(110).0, ..lease.clone() });
    let busy = ledger.take_lease(&scope, &run("second"), at(109), Seconds(60)).await.unwrap();
    assert_eq!(busy, LeaseAnswer::Busy { holder: run("first"), until: at(110).0 });
    // Late, but nobody took it: it goes on.
    let late = ledger.renew_lease(&renewed, at(500), Seconds(u64::MAX)).await.unwrap();
    assert_eq!(late.epoch, lease.epoch);
    let busy = ledger.take_lease(&scope, &run("second"), at(1_000_000), Seconds(60)).await.unwrap();
    assert_eq!(busy, LeaseAnswer::Busy { holder: run("first"), until: late.until });
}

pub async fn backlogs_do_not_wait_for_each_other(ledger: &dyn Ledger) {
    let one = scope("side-by-side");
    let others = [
        LeaseScope { team: TeamKey::new("OTHER"), ..one.clone() },
        LeaseScope { org: OrgSlug::new("side-by-side-2"), ..one.clone() },
        LeaseScope { host: SentryHost::new("127.0.0.1:9000"), ..one.clone() },
    ];
    take(ledger, &one, "first", 0).await;
    for other in &others {
        assert_eq!(take(ledger, other, "second", 0).await.epoch, 1);
    }
}
