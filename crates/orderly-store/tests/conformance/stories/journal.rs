//! What is to be written, and how far it is.

use super::leases::take;
use crate::entries::{at, creation, every_shape, intended, item, key, run, scope};
use orderly_core::ids::{OrgSlug, TeamKey};
use orderly_core::sync::machine::{Failure, JournalEntry, LinkBackStage, Stage, Work};
use orderly_engine::ports::ledger::{LeaseScope, Ledger, LedgerError};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

fn sorted(mut entries: Vec<JournalEntry>) -> Vec<JournalEntry> {
    entries.sort_by(|a, b| a.key.cmp(&b.key));
    entries
}

pub async fn every_shape_comes_back_as_it_was(ledger: &dyn Ledger) {
    let scope = scope("shapes");
    let run = run("shapes-run");
    let lease = take(ledger, &scope, "shapes-run", 0).await;
    let entries = every_shape(&scope, &run);
    assert_eq!(entries.len(), 11 * 5 * 6);
    for (second, entry) in (0_i64..).zip(&entries) {
        ledger.record(&lease, entry, at(second)).await.unwrap();
        assert_eq!(ledger.entry(&entry.key).await.unwrap().as_ref(), Some(entry));
    }
    let open: Vec<_> = entries.iter().filter(|entry| !entry.is_closed()).cloned().collect();
    assert!(!open.is_empty() && open.len() < entries.len());
    assert_eq!(ledger.open_entries(&scope).await.unwrap(), sorted(open));
    assert_eq!(ledger.entries_of_run(&run).await.unwrap(), entries);
}

pub async fn an_entry_is_replaced_and_stays_in_the_history_of_every_run(ledger: &dyn Ledger) {
    let scope = scope("replaced");
    let (first, second) = (run("replaced-1"), run("replaced-2"));
    let mut entry = intended(key(&scope, 4), &first);
    let other = intended(key(&scope, 3), &first);
    assert_eq!(ledger.entry(&entry.key).await.unwrap(), None);
    assert_eq!(ledger.entries_of_run(&first).await.unwrap(), []);

    let lease = take(ledger, &scope, "replaced-1", 0).await;
    ledger.record(&lease, &entry, at(1)).await.unwrap();
    ledger.record(&lease, &other, at(2)).await.unwrap();
    entry.stage = Stage::Sent;
    entry.attempts = 1;
    ledger.record(&lease, &entry, at(3)).await.unwrap();
    assert_eq!(ledger.open_entries(&scope).await.unwrap(), [other.clone(), entry.clone()]);

    let lease = take(ledger, &scope, "replaced-2", 100).await;
    entry.run = second.clone();
    entry.stage = Stage::Done;
    entry.item = Some(item("PLAT-4"));
    entry.link_back = LinkBackStage::Wanted { installation: "i".to_owned() };
    ledger.record(&lease, &entry, at(101)).await.unwrap();
    assert_eq!(ledger.open_entries(&scope).await.unwrap(), [other.clone(), entry.clone()]);
    entry.link_back = LinkBackStage::Done;
    ledger.record(&lease, &entry, at(102)).await.unwrap();

    assert_eq!(ledger.entry(&entry.key).await.unwrap(), Some(entry.clone()));
    assert_eq!(ledger.open_entries(&scope).await.unwrap(), std::slice::from_ref(&other));
    assert_eq!(ledger.entries_of_run(&first).await.unwrap(), [entry.clone(), other]);
    assert_eq!(ledger.entries_of_run(&second).await.unwrap(), [entry]);
}

pub async fn hostile_text_comes_back_as_it_was(ledger: &dyn Ledger) {
    let scope = scope("hostile");
    let lease = take(ledger, &scope, "hostile", 0).await;
    let fixed = [
        "",
        "\u{0}",
        "a\u{0}b",
        "'; DROP TABLE ledger_journal; --",
        "$1 ?1 :x @y",
        "\"}\\u0000\\",
        "\u{202e}\u{feff}\u{e0041}",
        "\u{10ffff}\r\n\t\u{1b}[31m",
        "e\u{301} é",
        "{\"work\":\"link\"}",
    ];
    let mut runner = TestRunner::deterministic();
    let any = proptest::collection::vec(proptest::char::any(), 0..200);
    let drawn = (0..30).map(|_| any.new_tree(&mut runner).unwrap().current().into_iter().collect::<String>());
    let texts: Vec<String> = fixed.into_iter().map(str::to_owned).chain(drawn).collect();
    for (issue, text) in (0_u64..).zip(&texts) {
        let key = key(&scope, issue);
        let mut entry = intended(key.clone(), &run("hostile"));
        entry.work = Work::Create { order: creation(&key, text) };
        entry.item = Some(item(text));
        for stage in [Stage::Sent, Stage::Failed(Failure::Refused(text.clone()))] {
            entry.stage = stage;
            entry.link_back = LinkBackStage::Failed { why: text.clone() };
            ledger.record(&lease, &entry, at(1)).await.unwrap();
            assert_eq!(ledger.entry(&key).await.unwrap().as_ref(), Some(&entry), "{text:?}");
        }
    }
}

pub async fn a_backlog_holds_what_was_recorded_under_its_lease(ledger: &dyn Ledger) {
    let ours = scope("ours");
    let theirs = LeaseScope { team: TeamKey::new("WEB"), ..ours.clone() };
    let our_lease = take(ledger, &ours, "ours", 0).await;
    let their_lease = take(ledger, &theirs, "theirs", 0).await;
    let first = intended(key(&ours, 1), &run("ours"));
    let second = intended(key(&theirs, 1), &run("theirs"));
    // A project of our backlog whose items go to another team.
    let mapped = intended(key(&LeaseScope { team: TeamKey::new("PAY"), ..ours.clone() }, 2), &run("ours"));
    ledger.record(&our_lease, &first, at(1)).await.unwrap();
    ledger.record(&their_lease, &second, at(1)).await.unwrap();
    ledger.record(&our_lease, &mapped, at(1)).await.unwrap();
    assert_eq!(ledger.open_entries(&ours).await.unwrap(), sorted(vec![first, mapped.clone()]));
    assert_eq!(ledger.open_entries(&theirs).await.unwrap(), [second]);

    let mut foreign = mapped;
    foreign.key.org = OrgSlug::new("elsewhere");
    let refused = ledger.record(&our_lease, &foreign, at(1)).await.unwrap_err();
    assert!(
        matches!(&refused, LedgerError::Failed { why, .. } if why.contains("another Sentry organization")),
        "{refused}"
    );
    assert_eq!(ledger.entry(&foreign.key).await.unwrap(), None);
}
