//! Repairs.

use crate::entries::{at, run};
use orderly_core::fix::{CASE_VERSION, Case, CaseKey, Disposition, End, Resolution, Stage};
use orderly_core::ids::{CommitId, Digest, IssueId, OrgSlug, ProjectSlug, RepositoryId, SentryHost, ShortId};
use orderly_core::time::Timestamp;
use orderly_core::verify::{Before, Verdict};
use orderly_engine::ports::cases::{CaseLedger, Opening};
use orderly_engine::ports::ledger::LedgerError;

fn case(org: &str, issue: u64, of: &str) -> Case {
    Case {
        version: CASE_VERSION,
        key: CaseKey {
            host: SentryHost::new("sentry.example"),
            org: OrgSlug::new(org),
            issue: IssueId(issue),
            run: run(of),
        },
        short_id: ShortId::new("BACKEND-1"),
        project: ProjectSlug::new("backend"),
        title: "a\u{0}b \u{1b}[2J 😀".into(),
        permalink: "https://sentry.example/organizations/acme/issues/7/".to_owned(),
        related: Vec::new(),
        found: Vec::new(),
        repository: RepositoryId::new("r"),
        plan: Digest::new("plan"),
        before: Before { events: 3, hours: 0.125 },
        agent: "script".to_owned(),
        opened_at: Timestamp::UNIX_EPOCH,
        base: CommitId::parse(&"b".repeat(40)).unwrap(),
        crashed: None,
        branch: "orderly/backend-1".to_owned(),
        declared: vec!["a.py".to_owned()],
        checks: Vec::new(),
        stage: Stage::Opened,
    }
}

fn fixed() -> Stage {
    let commit = CommitId::parse(&"c".repeat(40)).unwrap();
    let disposition =
        Disposition::Fixed { commit, branch: "main".to_owned(), resolution: Resolution::Resolved };
    Stage::Ended {
        end: End { disposition, receipt: None, files: vec!["a.py".to_owned()], related: Vec::new() },
        holds: None,
    }
}

pub async fn of_one(ledger: &dyn CaseLedger) {
    an_issue_has_one_open_case(ledger).await;
    only_its_holder_writes_a_case(ledger).await;
    an_ended_case_is_kept_and_can_be_amended(ledger).await;
}

async fn an_issue_has_one_open_case(ledger: &dyn CaseLedger) {
    let (first, second) = (case("one-open", 7, "r1"), case("one-open", 7, "r2"));
    assert_eq!(ledger.open_case(&first, at(60).0, at(0)).await.unwrap(), Opening::Opened);
    let Opening::Exists(held) = ledger.open_case(&second, at(60).0, at(1)).await.unwrap() else {
        panic!("a second case was opened")
    };
    assert_eq!((held.case, held.holder), (first.clone(), run("r1")));
    assert_eq!(ledger.open_case(&case("one-open", 8, "r2"), at(60).0, at(1)).await.unwrap(), Opening::Opened);
    let open = ledger.open_cases(&first.key.host, &first.key.org).await.unwrap();
    assert_eq!(open.iter().map(|held| held.case.key.issue.0).collect::<Vec<_>>(), [7, 8]);

    let over = Case { stage: fixed(), ..first };
    ledger.record_case(&run("r1"), &over, at(60).0, at(2)).await.unwrap();
    assert_eq!(ledger.open_case(&second, at(60).0, at(3)).await.unwrap(), Opening::Opened);
}

async fn only_its_holder_writes_a_case(ledger: &dyn CaseLedger) {
    let mut case = case("holder", 7, "r1");
    ledger.open_case(&case, at(60).0, at(0)).await.unwrap();
    case.stage = Stage::Placed;
    ledger.record_case(&run("r1"), &case, at(90).0, at(1)).await.unwrap();
    let held = ledger.open_cases(&case.key.host, &case.key.org).await.unwrap().remove(0);
    assert_eq!((&held.case, held.until), (&case, at(90).0));

    assert!(ledger.take_case(&case.key, &run("r1"), &run("r2"), at(120).0).await.unwrap());
    assert!(!ledger.take_case(&case.key, &run("r1"), &run("r3"), at(120).0).await.unwrap());
    let lost = ledger.record_case(&run("r1"), &case, at(90).0, at(2)).await.unwrap_err();
    assert!(matches!(&lost, LedgerError::LeaseLost { holder, .. } if holder == "r2"), "{lost}");
    ledger.record_case(&run("r2"), &case, at(150).0, at(3)).await.unwrap();
}

async fn an_ended_case_is_kept_and_can_be_amended(ledger: &dyn CaseLedger) {
    let mut case = case("ended", 7, "r1");
    ledger.open_case(&case, at(60).0, at(0)).await.unwrap();
    let early = ledger.amend_case(&case, at(1)).await.unwrap_err();
    assert!(early.to_string().contains("no such ended case"), "{early}");
    case.stage = fixed();
    ledger.record_case(&run("r1"), &case, at(60).0, at(1)).await.unwrap();
    let lost = ledger.record_case(&run("r1"), &case, at(60).0, at(2)).await.unwrap_err();
    assert!(lost.to_string().contains("it is over"), "{lost}");
    if let Stage::Ended { holds, .. } = &mut case.stage {
        *holds = Some(Verdict::NotReleased);
    }
    ledger.amend_case(&case, at(3)).await.unwrap();
    assert_eq!(ledger.fixed_cases(&case.key.host, &case.key.org).await.unwrap(), [case.clone()]);
    assert_eq!(ledger.open_cases(&case.key.host, &case.key.org).await.unwrap(), []);
}
