//! What an agent is told, and what people are told afterwards.

use super::machine::case;
use crate::diagnose::{
    Breadcrumb, Evidence, Exception, Frame, FrameOrigin, Position, SourceLine, Surroundings,
};
use crate::fix::*;
use crate::ids::{CommitId, IssueId, ShortId};
use crate::locate::{Base, Place, SuspectCommit};
use crate::scrub::Scrubber;
use crate::source::presence::Presence;
use crate::source::{Agreement, Located, Mapped, Named, RepoPath, TrackedFiles};
use crate::suspect::{Reason, Suspect, Suspicion};
use crate::time::Timestamp;
use crate::untrusted::Untrusted;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn frame(file: &str, line: u32) -> Frame {
    Frame {
        function: "total".into(),
        raw_function: None,
        module: None,
        package: None,
        file: Some(file.into()),
        abs_path: None,
        position: Some(Position { line, column: None }),
        origin: FrameOrigin::InApp,
        platform: None,
        context: vec![SourceLine { line, text: "    return orders[0].price".into() }],
    }
}

fn evidence(message: &str) -> Evidence {
    Evidence {
        issue: IssueId(7),
        event: "e".into(),
        at: Timestamp::UNIX_EPOCH,
        platform: "python".into(),
        level: None,
        release: Some("shop@1.0.0+0123456789abcdef0123456789abcdef01234567".into()),
        dist: None,
        environment: Some("production".into()),
        transaction: Some("/total".into()),
        message: None,
        exceptions: vec![Exception {
            kind: "IndexError".into(),
            value: Untrusted::from(message),
            module: None,
            mechanism: None,
            frames: vec![frame("shop/orders.py", 12)],
        }],
        breadcrumbs: vec![Breadcrumb {
            at: None,
            category: Some("http".into()),
            level: None,
            message: Some("GET /orders".into()),
            data: BTreeMap::from([("token".into(), "sntrys_abcdefghijklmnopqrstuvwxyz0123456789".into())]),
        }],
        request: None,
        tags: BTreeMap::from([("region".into(), "eu-1".into())]),
        around: Surroundings::default(),
        bundles: Vec::new(),
        left_out: Vec::new(),
    }
}

fn fence() -> Fence {
    Fence::new([7; 16])
}

fn tracked(path: &str) -> RepoPath {
    TrackedFiles::of([path]).tracked(path).unwrap()
}

fn sealed(message: &str, feedback: &[Feedback]) -> Result<Sealed, FenceTaken> {
    let (policy, evidence, title) = (FixPolicy::default(), evidence(message), Untrusted::from(message));
    let house = "# Style\n\n- no compatibility shims\u{1b}[2J\n";
    let case = case();
    let commit = |digit: &str| CommitId::parse(&digit.repeat(40)).unwrap();
    let mapped = Mapped::Found(Located {
        path: tracked("shop/orders.py"),
        line: Some(12),
        named: Named::File,
        agreement: Agreement::SameLine,
    });
    let source = vec![(11, "def total(orders):".to_owned()), (12, "    return orders[0].price".to_owned())];
    let place = Place { function: Untrusted::from(message), mapped, presence: Some(Presence::Still), source };
    let base = Base::Release { commit: commit("c"), named: "v1.0.0".to_owned() };
    let mut location = crate::locate::tests::location(base, Some(place));
    location.commits.push(SuspectCommit {
        commit: commit("d"),
        at: Timestamp::UNIX_EPOCH,
        summary: message.to_owned(),
        lines: Vec::new(),
    });
    let reasons = vec![Reason::Place { place: 1 }];
    let suspect =
        Suspect { path: "shop/orders.py".to_owned(), functions: Vec::new(), probability: 0.72, reasons };
    location.suspicion = Suspicion { suspects: vec![suspect], elsewhere: 0.28 };
    let file = CaseFile {
        short_id: &ShortId::new("BACKEND-3F"),
        permalink: "https://sentry.example/organizations/acme/issues/7/",
        title: &title,
        related: &[super::machine::card(8)],
        evidence: &evidence,
        location: &location,
        crashed: Some("/srv/worktrees/crashed"),
        diagnosis: &crate::diagnose::diagnose(&evidence),
        checks: &case.checks,
        policy: &policy,
        house: &BTreeMap::from([(tracked("AGENTS.md"), house.to_owned())]),
        attempt: 1,
        feedback,
    };
    file.seal(&Scrubber::built_in(), &fence())
}

#[test]
fn a_case_file_tells_all_that_is_needed_and_no_secret() {
    let feedback = [Feedback {
        what: "the check `test` failed (1)".to_owned(),
        printed: Some("FAILED test_a\n\u{1b}[2J".into()),
    }];
    let text = sealed("list index out of range, password=hunter2secret", &feedback).unwrap().text;
    insta::assert_snapshot!(text);
}

#[test]
fn what_holds_the_fence_is_not_sealed_with_it() {
    let taken = format!("quoted-{}", "07".repeat(16));
    assert_eq!(sealed(&taken, &[]), Err(FenceTaken));
}

#[test]
fn the_report_of_a_run_says_how_each_case_ended() {
    let mut fixed = case();
    let receipt = super::receipt(vec![super::passed("test")]);
    let commit = CommitId::parse(&"c".repeat(40)).unwrap();
    let disposition =
        Disposition::Fixed { commit, branch: "main".to_owned(), resolution: Resolution::Resolved };
    let files = vec!["shop/orders.py".to_owned()];
    let end = End { disposition, receipt: Some(receipt), files, related: Vec::new() };
    fixed.stage = Stage::Ended { end, holds: None };
    let mut failed = case();
    failed.short_id = ShortId::new("BACKEND-4");
    failed.title = "`x` [y](https://evil.example) | @all".into();
    let reason = "3 of 3 attempts: nothing was changed".to_owned();
    failed.stage = Stage::Closing { end: End::without_commit(Disposition::Failed { reason }) };
    insta::assert_snapshot!(page::markdown(&[fixed, failed], &Scrubber::built_in()));
}

#[test]
fn checks_are_found_by_the_names_of_files() {
    let found = |names: &[&str]| -> Vec<String> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        found_checks(&names).into_iter().map(|check| check.name).collect()
    };
    assert_eq!(found(&["Cargo.toml", "src/lib.rs"]), ["cargo check --all-targets", "cargo test"]);
    assert_eq!(found(&["shop.py", "test_shop.py"]), ["python3 -m unittest discover"]);
    assert_eq!(found(&["tests/conftest.py", "tests/test_a.py"]), ["python3 -m pytest -q"]);
    assert_eq!(found(&["tsconfig.json"]), ["npx --no-install tsc --noEmit"]);
    assert_eq!(found(&["README.md"]), Vec::<String>::new());
}

#[test]
fn tests_are_told_from_other_files_by_their_names() {
    for path in [
        "tests/a.rs",
        "src/test_a.py",
        "pkg/a_test.go",
        "src/a.test.ts",
        "spec/a_spec.rb",
        "src/OrderTest.java",
    ] {
        assert!(is_test(path), "{path}");
    }
    for path in ["src/a.rs", "src/contest.py", "src/latest/a.ts", "src/attestation.go"] {
        assert!(!is_test(path), "{path}");
    }
}

proptest! {
    #[test]
    fn no_text_leaves_its_fence_or_hides_anything(message in any::<String>(), printed in any::<String>()) {
        let feedback = [Feedback { what: "x".to_owned(), printed: Some(Untrusted::new(printed)) }];
        let text = sealed(&message, &feedback).unwrap().text;
        let fence = format!("quoted-{}", "07".repeat(16));
        prop_assert_eq!(text.lines().filter(|line| *line == fence).count(), 4);
        prop_assert!(text.chars().all(|c| c == '\n' || !(c.is_control() || crate::encode::is_invisible(c))));
    }
}
