mod machine;
mod telling;

use super::*;
use crate::digest;
use crate::ids::{CommitId, Digest, IssueId, ShortId, TreeId};
use crate::scrub::Scrubber;
use crate::time::Timestamp;
use crate::untrusted::Untrusted;
use proptest::prelude::*;

fn file(path: &str, lines: u64) -> FileChange {
    FileChange { path: path.to_owned(), kind: FileKind::Text, added: lines, removed: 0 }
}

fn run(name: &str, outcome: Outcome, output: &str) -> CheckRun {
    CheckRun {
        check: Check { name: name.to_owned(), argv: vec![name.to_owned()] },
        outcome,
        output: digest::of_bytes(output.as_bytes()),
        tail: Untrusted::from(output),
        failures: failure_lines(output),
    }
}

fn failed(name: &str, output: &str) -> CheckRun {
    run(name, Outcome::Failed { code: Some(1) }, output)
}

fn passed(name: &str) -> CheckRun {
    run(name, Outcome::Passed, "ok")
}

fn written(title: &str, words: &AgentWords) -> String {
    let case = Case { title: Untrusted::from(title), ..machine::case() };
    message(&SubjectStyle::default(), &case, words, &Scrubber::built_in())
}

#[test]
fn an_agent_that_asks_is_permitted_what_its_sandbox_and_the_gates_let_through() {
    let bounds = |programs, network| Bounds { zones: Zones::default(), programs, network };
    let (open, apart) = (bounds(Grant::Withheld, Grant::Withheld), bounds(Grant::Given, Grant::Withheld));
    let inside = |path: &str| Place::Inside(path.to_owned());
    let protected = |zone: &str| Some(Refusal::Protected { zone: zone.to_owned() });
    for (deed, places, refusal) in [
        (Deed::Look, vec![], None),
        (Deed::Look, vec![inside("auth/login.py")], None),
        (Deed::Look, vec![inside("a.py"), Place::Outside], Some(Refusal::Outside)),
        (Deed::Look, vec![inside(".git/config")], Some(Refusal::Odd)),
        (Deed::Look, vec![inside("../a.py")], Some(Refusal::Odd)),
        (Deed::Change, vec![inside("a.py")], None),
        (Deed::Change, vec![], Some(Refusal::Nowhere)),
        (Deed::Change, vec![inside("a.py"), inside("auth/login.py")], protected("authentication")),
        (Deed::Change, vec![Place::Outside], Some(Refusal::Outside)),
        (Deed::Run, vec![], Some(Refusal::Programs)),
        (Deed::Fetch, vec![], Some(Refusal::Network)),
        (Deed::Other, vec![inside("a.py")], Some(Refusal::Unknown)),
    ] {
        assert_eq!(open.refusal(deed, &places), refusal, "{deed:?} {places:?}");
    }
    assert_eq!(apart.refusal(Deed::Run, &[]), None);
    assert_eq!(apart.refusal(Deed::Change, &[]), None, "where it runs, nothing else can be written");
    assert_eq!(bounds(Grant::Withheld, Grant::Given).refusal(Deed::Fetch, &[]), None);
}

#[test]
fn protected_zones_and_odd_paths_stop_a_change() {
    let policy = FixPolicy::default();
    for (path, zone) in [
        ("src/Auth/token.rs", "authentication"),
        ("app/login.py", "authentication"),
        ("db/migrations/0001_init.py", "database schema"),
        (".github/workflows/ci.yml", "continuous integration and delivery"),
        ("web/package.json", "how checks run"),
        ("CLAUDE.md", "git and agents"),
        ("config/.env.local", "secrets"),
        ("billing/total.ts", "payments"),
        (".orderly/active-runs.md", "Orderly itself"),
    ] {
        let change = Change { files: vec![file(path, 1)] };
        let expected = Objection::Protected { path: path.to_owned(), zone: zone.to_owned() };
        assert_eq!(change.objection(&policy), Some(expected), "{path}");
    }
    for path in [
        "../a.rs",
        "/etc/passwd",
        "-rf",
        "a/./b",
        "a\u{1b}[2J.rs",
        "a\u{202e}sr.rs",
        "x/.GIT/hooks/a",
        "a\\b",
    ] {
        let objection = Change { files: vec![file(path, 1)] }.objection(&policy);
        assert!(matches!(objection, Some(Objection::OddPath { .. })), "{path:?}: {objection:?}");
    }
    for path in ["src/orders.rs", "app/pay.py", "lib/author.rb", "src/keyboard.ts"] {
        assert_eq!(Change { files: vec![file(path, 9)] }.objection(&policy), None, "{path}");
    }
}

#[test]
fn a_large_change_is_no_fix() {
    let policy = FixPolicy::default();
    let files: Vec<FileChange> = (0..7).map(|n| file(&format!("src/f{n}.rs"), 1)).collect();
    assert_eq!(Change { files }.objection(&policy), Some(Objection::TooManyFiles { files: 7, allowed: 6 }));
    let long = Change { files: vec![file("src/a.rs", 201)] };
    assert_eq!(long.objection(&policy), Some(Objection::TooManyLines { lines: 201, allowed: 200 }));
    let link = FileChange { kind: FileKind::Link, ..file("src/a.rs", 1) };
    assert!(matches!(Change { files: vec![link] }.objection(&policy), Some(Objection::NotText { .. })));
}

#[test]
fn new_failures_are_told_from_old_and_flaky_ones() {
    let old = "FAILED tests/a.py::test_one - took 0.13s";
    let same = "FAILED tests/a.py::test_one - took 0.57s";
    let more = "FAILED tests/a.py::test_one - took 0.57s\nFAILED tests/a.py::test_two";
    let base = [failed("a", old), passed("b"), passed("c"), failed("d", "boom"), failed("e", old)];
    let fix = [
        failed("a", same),
        failed("b", "x"),
        failed("c", "x"),
        failed("d", "bang"),
        failed("e", more),
        passed("f"),
        passed("c"),
    ];
    let compared = compare(&base, &fix);
    assert_eq!(compared.old, ["a"]);
    assert_eq!(compared.new, ["b", "d", "e"]);
    assert_eq!(compared.flaky, ["c"]);
    assert_eq!(compared.green, ["f"]);
    assert!(!compared.is_green());
    assert!(!compare(&[failed("a", old)], &[failed("a", same)]).is_green(), "nothing was shown to work");
    assert!(compare(&base[..1], &[failed("a", same), passed("f")]).is_green());
}

#[test]
fn a_test_shows_the_bug_only_when_it_fails_before_and_passes_after() {
    assert!(red_then_green(&[failed("t", "x")], &[passed("t")]));
    assert!(!red_then_green(&[passed("t")], &[passed("t")]));
    assert!(!red_then_green(&[failed("t", "x")], &[failed("t", "x")]));
    assert!(!red_then_green(&[run("t", Outcome::TimedOut, "")], &[passed("t")]));
}

#[test]
fn an_agents_words_are_its_last_lines() {
    let answer = read_answer(
        "Looking.\nRoot cause: guess\n**Fix:** none\n- Root cause: `None` order\n> Fix: guard it\n",
    );
    let words = AgentWords { root_cause: Some("`None` order".into()), fix: Some("guard it".into()) };
    assert_eq!(answer, Answer::Changed(words));
    assert_eq!(
        read_answer("Root cause: x\nDECLINE: needs a migration"),
        Answer::Declined("needs a migration".into())
    );
    assert_eq!(read_answer("Ünïcödé\nFix:\n"), Answer::Changed(AgentWords::default()));
}

#[test]
fn a_commit_message_names_issue_cause_and_fix() {
    let words =
        AgentWords { root_cause: Some("orders may be empty".into()), fix: Some("total of none is 0".into()) };
    insta::assert_snapshot!(written("IndexError: list index out of range", &words));
}

#[test]
fn a_hostile_title_does_nothing_in_a_commit_message() {
    let title = "Fixes PLAT-1, closes #12 [skip ci]\n\nCo-authored-by: Eve <eve@evil.example>\u{1b}]52;c;x\u{7} https://evil.example/issues/1 ***NO_CI***";
    let words = AgentWords {
        root_cause: Some("x\nSigned-off-by: Eve <e@evil.example>\nfixes ACME-9".into()),
        fix: Some("#12 GH-3 !4 skip-checks: true".into()),
    };
    insta::assert_snapshot!(written(title, &words));
}

#[test]
fn a_style_without_the_short_id_is_refused() {
    assert!(SubjectStyle::new("fix: {title}").is_err());
    assert!(SubjectStyle::new("fix: {short_id}\n{title}").is_err());
    assert!(SubjectStyle::new("bug {short_id}: {title}").is_ok());
}

fn receipt(after: Vec<CheckRun>) -> Receipt {
    Receipt {
        version: RECEIPT_VERSION,
        issue: IssueId(7),
        short_id: ShortId::new("BACKEND-3F"),
        related: Vec::new(),
        plan: Digest::new("plan"),
        base: CommitId::parse(&"b".repeat(40)).unwrap(),
        tree: TreeId::new("t".repeat(40)),
        agent: "script".to_owned(),
        tries: 1,
        sandbox: "none".to_owned(),
        before: vec![passed("test")],
        red: vec![failed("test", "FAILED tests/a.py::test_one")],
        after,
        at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn nothing_is_resolved_without_branch_tree_checks_plan_and_issue() {
    let arrived = Arrived {
        commit: CommitId::parse(&"c".repeat(40)).unwrap(),
        tree: TreeId::new("t".repeat(40)),
        branch: "main".to_owned(),
    };
    let (plan, main) = (Digest::new("plan"), ["main".to_owned()]);
    let green = receipt(vec![passed("test")]);
    let proof = prove(IssueId(7), &plan, &arrived, &green, &main).unwrap();
    assert_eq!((proof.issue(), proof.commit()), (IssueId(7), &arrived.commit));
    assert!(green.shows_the_bug());

    let says = |result: Result<ResolveProof, Unproven>| result.unwrap_err().to_string();
    assert!(says(prove(IssueId(8), &plan, &arrived, &green, &main)).contains("issue 7"));
    assert!(says(prove(IssueId(7), &Digest::new("x"), &arrived, &green, &main)).contains("another plan"));
    assert!(says(prove(IssueId(7), &plan, &arrived, &green, &[])).contains("fix.branches"));
    let other = Arrived { tree: TreeId::new("u".repeat(40)), ..arrived.clone() };
    assert!(says(prove(IssueId(7), &plan, &other, &green, &main)).contains("checks ran on"));
    let red = receipt(vec![failed("test", "FAILED x")]);
    assert!(says(prove(IssueId(7), &plan, &arrived, &red, &main)).contains("test"));
    let unchecked = receipt(Vec::new());
    assert!(prove(IssueId(7), &plan, &arrived, &unchecked, &main).is_err(), "no check, no proof");
}

#[test]
fn a_related_issue_is_resolved_by_the_receipt_that_covers_it_and_by_no_other() {
    let arrived = Arrived {
        commit: CommitId::parse(&"c".repeat(40)).unwrap(),
        tree: TreeId::new("t".repeat(40)),
        branch: "main".to_owned(),
    };
    let (plan, main) = (Digest::new("plan"), ["main".to_owned()]);
    let alone = receipt(vec![passed("test")]);
    let both = Receipt { related: vec![IssueId(8)], ..alone.clone() };
    assert_eq!(prove(IssueId(8), &plan, &arrived, &both, &main).unwrap().issue(), IssueId(8));
    assert!(prove(IssueId(8), &plan, &arrived, &alone, &main).is_err());
    assert!(prove(IssueId(9), &plan, &arrived, &both, &main).is_err());
    assert_ne!(alone.digest(), both.digest());
}

#[test]
fn a_commit_message_names_every_issue_of_its_unit() {
    let mut case = machine::case();
    case.related.push(machine::card(8));
    let text = message(&SubjectStyle::default(), &case, &AgentWords::default(), &Scrubber::built_in());
    let named: Vec<&str> = text.lines().filter(|line| line.starts_with("Sentry: ")).collect();
    assert_eq!(
        named,
        [
            "Sentry: BACKEND-3F — https://sentry.example/organizations/acme/issues/7/",
            "Sentry: BACKEND-8 — https://sentry.example/organizations/acme/issues/8/",
        ]
    );
}

#[test]
fn a_receipt_tells_commands_hashes_and_results() {
    insta::assert_snapshot!(receipt(vec![passed("test")]).note());
}

proptest! {
    #[test]
    fn no_text_adds_a_line_or_a_control_character_to_a_commit_message(title in any::<String>(), cause in any::<String>(), fix in "(\\n|\\r|fixes #1|Co-authored-by: a|[a-z: ]){0,12}") {
        let words = AgentWords { root_cause: Some(Untrusted::new(cause)), fix: Some(Untrusted::new(fix)) };
        let text = written(&title, &words);
        prop_assert_eq!(text.lines().count(), 5, "{}", text);
        prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
        let starts: Vec<&str> = text.lines().map(|line| line.split(' ').next().unwrap_or_default()).collect();
        prop_assert_eq!(starts, ["fix(sentry):", "", "Sentry:", "Root", "Fix:"]);
    }
}
