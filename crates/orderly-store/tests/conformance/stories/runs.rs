//! The history.

use crate::entries::{at, finished, run, started};
use orderly_core::time::Timestamp;
use orderly_engine::ports::ledger::{Ledger, LedgerError, RunKind, RunRecord, RunState};

fn why(result: Result<(), LedgerError>) -> String {
    match result {
        Err(LedgerError::Failed { why, .. }) => why,
        other => panic!("it had to be refused: {other:?}"),
    }
}

pub async fn a_run_is_begun_and_completed_once(ledger: &dyn Ledger) {
    let begun = started("once", 0);
    assert_eq!(ledger.run(&begun.id).await.unwrap(), None);
    assert_eq!(why(ledger.end_run(&finished(&begun, 5)).await), "the history has no such run");
    ledger.begin_run(&begun).await.unwrap();
    assert_eq!(ledger.run(&begun.id).await.unwrap(), Some(begun.clone()));

    // The same again is the same run, for somebody who got no answer; another run is not.
    ledger.begin_run(&begun).await.unwrap();
    let fine = RunRecord {
        started_at: at(0).0.checked_add(jiff::SignedDuration::from_nanos(7)).unwrap(),
        ..begun.clone()
    };
    ledger.begin_run(&fine).await.unwrap();
    let other = RunRecord { kind: RunKind::Undo, ..begun.clone() };
    assert_eq!(why(ledger.begin_run(&other).await), "the history has another run with this id");

    for state in [RunState::Finished, RunState::Stopped] {
        let ended = RunRecord { state, ..finished(&begun, 5) };
        ledger.end_run(&ended).await.unwrap();
        ledger.end_run(&ended).await.unwrap();
        assert_eq!(ledger.run(&begun.id).await.unwrap(), Some(ended));
    }
    assert_eq!(why(ledger.begin_run(&begun).await), "the history has another run with this id");
}

pub async fn the_history_begins_with_the_newest(ledger: &dyn Ledger) {
    let kinds = [RunKind::Preview, RunKind::Apply, RunKind::Undo, RunKind::Fix];
    let runs: Vec<RunRecord> = (0..30_i64)
        .map(|n| RunRecord {
            kind: kinds[usize::try_from(n).unwrap() % kinds.len()],
            // Two at a time: the id decides between them.
            ..started(&format!("history-{n:02}"), 1_000_000 + n / 2)
        })
        .collect();
    for n in [3, 0, 7].into_iter().chain((0..30).filter(|n| ![3, 0, 7].contains(n))) {
        ledger.begin_run(&runs[n]).await.unwrap();
    }
    let expected: Vec<RunRecord> = runs.into_iter().rev().collect();
    for limit in [0, 1, 2, 7, 30] {
        assert_eq!(ledger.runs(limit).await.unwrap(), expected[..limit as usize], "{limit}");
    }
    let all = ledger.runs(u32::MAX).await.unwrap();
    assert_eq!(all[..30], expected);
}

pub async fn a_run_that_contradicts_itself_is_refused(ledger: &dyn Ledger) {
    let begun = started("contradiction", 0);
    let ended_at_work: RunRecord = RunRecord { ended_at: Some(Timestamp::UNIX_EPOCH), ..begun.clone() };
    assert_eq!(why(ledger.begin_run(&ended_at_work).await), "a run that is at work has no end");
    ledger.begin_run(&begun).await.unwrap();
    for state in [RunState::Finished, RunState::Stopped] {
        let endless = RunRecord { state, ..begun.clone() };
        assert_eq!(why(ledger.end_run(&endless).await), "a run that ended has an end");
    }
    assert_eq!(ledger.run(&run("contradiction")).await.unwrap(), Some(begun));
}
