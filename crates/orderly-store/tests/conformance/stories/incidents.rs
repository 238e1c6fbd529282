//! The logs of incidents.

use crate::entries::at;
use orderly_core::ids::{OrgSlug, SentryHost};
use orderly_core::incident::{Author, Entry, IncidentKey, Log, Logged, NoteKind, What};
use orderly_engine::ports::incident::{Appended, IncidentLedger};
use orderly_engine::ports::ledger::LedgerError;

fn key(org: &str, number: u32) -> IncidentKey {
    IncidentKey { host: SentryHost::new("sentry.example"), org: OrgSlug::new(org), number }
}

fn entry(seconds: i64, what: What) -> Entry {
    Entry { at: at(seconds).0, author: Author::Orderly, source: None, what }
}

fn declared(key: IncidentKey) -> Log {
    let title = "a\u{0}b \u{1b}[2J 😀".into();
    Log::begun(key, entry(0, What::Declared { title, issues: Vec::new() })).unwrap()
}

fn noted(seconds: i64, text: &str) -> Entry {
    entry(seconds, What::Noted { kind: NoteKind::Fact, text: text.into() })
}

pub async fn of_one(ledger: &dyn IncidentLedger) {
    a_log_comes_back_as_it_was_and_a_place_is_taken_once(ledger).await;
    what_no_orderly_wrote_is_refused(ledger).await;
}

async fn a_log_comes_back_as_it_was_and_a_place_is_taken_once(ledger: &dyn IncidentLedger) {
    let key = key("taken-once", 1);
    assert_eq!(ledger.incident_log(&key).await.unwrap(), None);
    let log = declared(key.clone());
    assert_eq!(ledger.append(&key, log.last(), at(0)).await.unwrap(), Appended::Added);
    assert_eq!(ledger.append(&key, log.last(), at(1)).await.unwrap(), Appended::Taken);
    let (mine, other) = (log.clone().and(noted(2, "mine")).unwrap(), log.and(noted(2, "other")).unwrap());
    assert_eq!(ledger.append(&key, other.last(), at(2)).await.unwrap(), Appended::Added);
    assert_eq!(ledger.append(&key, mine.last(), at(2)).await.unwrap(), Appended::Taken);
    assert_eq!(ledger.incident_log(&key).await.unwrap(), Some(other));

    let second = declared(IncidentKey { number: 2, ..key.clone() });
    ledger.append(second.incident().key(), second.last(), at(3)).await.unwrap();
    assert_eq!(ledger.incident_numbers(&key.host, &key.org).await.unwrap(), [1, 2]);
    assert_eq!(ledger.incident_numbers(&key.host, &OrgSlug::new("another")).await.unwrap(), [0_u32; 0]);
}

async fn what_no_orderly_wrote_is_refused(ledger: &dyn IncidentLedger) {
    let key = key("changed", 1);
    let log = declared(key.clone());
    ledger.append(&key, log.last(), at(0)).await.unwrap();
    let after = log.and(noted(2, "as it was")).unwrap();
    let changed = Logged { entry: noted(2, "as it was not"), ..after.last().clone() };
    ledger.append(&key, &changed, at(2)).await.unwrap();
    let refused = ledger.incident_log(&key).await.unwrap_err();
    assert!(
        matches!(&refused, LedgerError::Impossible { table: "ledger_incidents", key, .. } if key == "INC-1"),
        "{refused}"
    );
    assert!(refused.to_string().contains("entry 2 is not what was written"), "{refused}");
}
