//! When issues were last reported.

use crate::entries::at;
use orderly_core::ids::{Digest, IssueId, OrgSlug, SentryHost};
use orderly_core::sync::snapshot::LastReport;
use orderly_engine::ports::ledger::Ledger;
use std::collections::BTreeMap;

fn report(second: i64, content: &str) -> LastReport {
    LastReport { at: at(second).0, content: Digest::new(content) }
}

pub async fn the_last_report_of_each_issue_is_kept(ledger: &dyn Ledger) {
    let host = SentryHost::new("reports.example");
    let (org, other) = (OrgSlug::new("one"), OrgSlug::new("other"));
    let all: BTreeMap<IssueId, LastReport> = (1..=90)
        .map(|n| (IssueId(u64::MAX - n), report(i64::try_from(n).unwrap(), &format!("d{n}"))))
        .collect();
    let ids: Vec<IssueId> = all.keys().copied().collect();

    assert_eq!(ledger.last_reports(&host, &org, &ids).await.unwrap(), BTreeMap::new());
    ledger.remember_reports(&host, &org, &BTreeMap::new()).await.unwrap();
    ledger.remember_reports(&host, &org, &all).await.unwrap();
    for count in [0, 1, 19, 20, 21, 40, 90] {
        let expected: BTreeMap<_, _> = all.clone().into_iter().take(count).collect();
        assert_eq!(ledger.last_reports(&host, &org, &ids[..count]).await.unwrap(), expected, "{count}");
    }
    assert_eq!(ledger.last_reports(&host, &org, &[IssueId(5), ids[0], ids[0]]).await.unwrap().len(), 1);
    assert_eq!(ledger.last_reports(&host, &other, &ids).await.unwrap(), BTreeMap::new());

    // The last one to speak is believed, also when its clock is behind.
    let newer = BTreeMap::from([(ids[3], report(-500, "changed")), (IssueId(5), report(0, "new"))]);
    ledger.remember_reports(&host, &org, &newer).await.unwrap();
    assert_eq!(ledger.last_reports(&host, &org, &[ids[3], IssueId(5)]).await.unwrap(), newer);
    assert_eq!(ledger.last_reports(&host, &org, &ids[4..5]).await.unwrap()[&ids[4]], all[&ids[4]]);
}
