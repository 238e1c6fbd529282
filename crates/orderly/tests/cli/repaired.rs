//! What becomes of an issue: by whom it is changed, where the commit goes, and when nobody is asked for one.

use crate::repo::{AGENT, CRASHES, Repo, ends};
use crate::world::run;
use serde_json::json;

#[test]
fn a_fix_that_stays_on_its_branch_is_resolved_once_it_is_merged_and_verified_once_silence_proves_it() {
    let repo = Repo::with(AGENT, "land = \"branch\"\nresolve_in = \"shop@2.0.0\"");
    repo.crash("IndexError", "list index out of range", 2, "one");
    let base = repo.git(&["rev-parse", "HEAD"]);
    let report = repo.world.orderly(&["fix", "BACKEND-1", "--json"]).exits(0).json();
    let case = &report["cases"][0];
    let branch = case["branch"].as_str().unwrap();
    assert_eq!((&case["disposition"], &case["resolution"]["resolution"]), (&json!("fixed"), &json!("waits")));
    let waiting = repo.world.orderly(&["verify", "--json"]).exits(0).json();
    assert_eq!(waiting[0]["verdict"]["verdict"], "not_released", "{waiting}");
    assert_eq!((repo.status("BACKEND-1").as_str(), repo.git(&["rev-parse", "HEAD"])), ("unresolved", base));

    repo.release("shop@2.0.0", json!({}));
    repo.git(&["merge", "--quiet", "--no-ff", "-m", "Merge a fix", branch]);
    repo.world.orderly(&["verify"]).exits(0);
    assert_eq!(repo.status("BACKEND-1"), "resolved");
    let issue = repo.world.issue("issue:BACKEND-1");
    assert_eq!(issue["statusDetails"]["inRelease"], "shop@2.0.0", "{issue}");
    assert_eq!(repo.git(&["branch", "--format=%(refname:short)"]).trim(), "main");
    assert_eq!(repo.git(&["worktree", "list"]).lines().count(), 1);

    // As if that were two days ago, and a release with the commit a day old.
    repo.ledger("UPDATE ledger_cases SET content = json_set(content, '$.opened_at', datetime('now', '-2 days') || 'Z')");
    repo.git(&["tag", "v1.1.0"]);
    let day = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24);
    repo.release("shop@1.1.0", json!({"dateReleased": day}));
    let verified = repo.world.orderly(&["verify", "--json"]).exits(0).json();
    assert_eq!(verified[0]["verdict"]["verdict"], "verified", "{verified}");
    assert!(verified[0]["verdict"]["luck"].as_f64().unwrap() < 0.05, "{verified}");
}

#[test]
fn a_person_makes_the_change_in_an_editor_and_reads_what_the_repository_says_of_itself() {
    let repo = Repo::with(AGENT, "");
    repo.world.write("AGENTS.md", "# Orders\n\n- no compatibility shims\n");
    let script = "import pathlib, sys\nfile = pathlib.Path(sys.argv[1])\ntext = file.read_text()\n\
                  assert '    - no compatibility shims' in text and 'IndexError' in text\n\
                  orders = pathlib.Path('orders.py')\n\
                  orders.write_text(orders.read_text().replace('orders[0]', 'orders[0] if orders else 0'))\n\
                  file.write_text(text.replace('\\nRoot cause:\\n', '\\nRoot cause: no orders\\n'))\n";
    repo.world.write("agent.py", script);
    repo.commit("How code is written here");
    repo.crash("IndexError", "list index out of range", 2, "one");
    let mut command = repo.world.command(&["fix", "BACKEND-1", "--agent", "editor", "--json"]);
    command.env("EDITOR", format!("python3 {}", repo.dir().join("agent.py").display()));
    let report = run(command).exits(0).json();
    assert_eq!(ends(&report), [("BACKEND-1", "fixed")], "{report}");
    assert_eq!(report["cases"][0]["agent"], "a person");
    assert!(repo.git(&["log", "-1", "--format=%B"]).contains("\nRoot cause: no orders\n"));
}

#[test]
fn a_run_of_another_tool_on_a_shared_page_is_in_the_way_for_two_hours_and_told_before_anything_is_touched() {
    let repo = Repo::with(AGENT, "");
    repo.crash("IndexError", "list index out of range", 2, "one");
    let base = repo.git(&["rev-parse", "HEAD"]);
    std::fs::create_dir(repo.dir().join(".claude")).unwrap();
    let hours_ago = |hours| {
        let at = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(hours);
        at.strftime("%Y-%m-%d %H:%M").to_string()
    };
    let page = |begun: i64| {
        let old = "- **[2020-01-01 09:00] /architect — old**\n  - **Paths:** `docs`\n  - **Status:** completed (commit: abc1234)\n";
        let active = format!(
            "- **[{}] /research — sums**\n  - **Paths:** `orders.py`\n  - **Status:** started\n",
            hours_ago(begun)
        );
        let page = format!(
            "# Active Runs Ledger\n\n## Active\n\n{active}\n## Recently completed (last 14 days)\n\n{old}"
        );
        repo.world.write(".claude/active-runs.md", &page);
        page
    };
    let read = || std::fs::read_to_string(repo.dir().join(".claude/active-runs.md")).unwrap();
    let before = page(1);
    let refused = repo.world.orderly(&["fix", "BACKEND-1"]).exits(4);
    assert!(
        refused.stderr.contains("`/research — sums` is at work on orders.py, begun 6"),
        "{}",
        refused.stderr
    );
    assert_eq!((repo.git(&["rev-parse", "HEAD"]), read()), (base, before));
    assert_eq!(repo.git(&["worktree", "list"]).lines().count(), 1);

    page(3);
    let ran = repo.world.orderly(&["fix", "BACKEND-1"]).exits(0);
    assert!(ran.stderr.contains("declared some of these paths over two hours ago"), "{}", ran.stderr);
    let (active, over) =
        read().split_once("## Recently completed").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert!(active.contains("/research — sums") && !active.contains("BACKEND-1"), "{active}");
    assert!(over.contains("BACKEND-1") && over.contains("completed (commit: "), "{over}");
    assert!(!over.contains("/architect — old"), "what is older than 14 days goes: {over}");
}

#[test]
fn the_crashed_code_is_shown_and_what_a_commit_changed_since_asks_no_agent() {
    let repo = Repo::with(AGENT, "");
    // Since the release a line was added above, and the other function was mended.
    let mended = CRASHES.replace("sum(orders) / len(orders)", "sum(orders) / max(len(orders), 1)");
    repo.world.write("orders.py", &format!("# Orders.\n{mended}"));
    repo.commit("A mean of none");
    let fix = repo.git(&["rev-parse", "HEAD"]).trim().to_owned();
    repo.crash("IndexError", "list index out of range", 2, "one");
    repo.crash("ZeroDivisionError", "division by zero", 6, "two");

    // Triage sees it, too; what only moved is shown.
    let listed = repo.world.orderly(&["triage", "list", "--json"]).exits(0).json();
    assert_eq!(
        (listed["rows"].as_array().unwrap().len(), &listed["rows"][0]["short_id"]),
        (1, &json!("BACKEND-1"))
    );
    let hidden = &listed["hidden"][0];
    assert_eq!(
        (&hidden["short_id"], &hidden["rule"]),
        (&json!("BACKEND-2"), &json!("fixed-on-head")),
        "{listed}"
    );
    let because = hidden["because"].as_str().unwrap();
    assert!(
        because.starts_with(&format!("orders.py:6, which crashed, was changed by {}", &fix[..12])),
        "{because}"
    );

    let report = repo.world.orderly(&["fix", "BACKEND-1", "BACKEND-2", "--json"]).exits(0).json();

    assert_eq!(ends(&report), [("BACKEND-1", "fixed"), ("BACKEND-2", "already fixed")]);
    let (fixed, already) = (&report["cases"][0], &report["cases"][1]);
    assert_eq!(fixed["crashed"], repo.git(&["rev-parse", "v1.0.0"]).trim());
    let found = fixed["found"].to_string();
    assert!(found.contains("moved: orders.py:2 is orders.py:3 now"), "{found}");
    let message = repo.git(&["log", "-1", "--format=%B"]);
    assert!(message.contains("after 6 lines that crashed"), "the crashed tree lay beside it: {message}");
    assert_eq!(already["by"], fix);
    assert!(
        already["reason"].as_str().unwrap().contains("orders.py:6, which crashed, was changed by"),
        "{already}"
    );
    assert_eq!(
        (repo.status("BACKEND-1"), repo.status("BACKEND-2")),
        ("resolved".into(), "unresolved".into())
    );
    assert_eq!(repo.git(&["worktree", "list"]).lines().count(), 1);

    // A person may know better; and a crash in a release that has the commit shows that it did not help.
    let anyway = repo.world.orderly(&["fix", "BACKEND-2", "--anyway", "--json"]).exits(1).json();
    assert!(anyway["cases"][0]["reason"].as_str().unwrap().contains("nothing was changed"), "{anyway}");
    repo.git(&["tag", "v1.1.0", &fix]);
    repo.crash("ZeroDivisionError", "division by zero", 6, "two");
    let mut later = json!({"platform": "python", "level": "error", "release": "shop@1.1.0", "environment": "production", "fingerprint": ["two"]});
    later["exception"] = json!({"values": [{"type": "ZeroDivisionError", "value": "division by zero"}]});
    repo.world.send_event("backend", later);
    repo.crash("ZeroDivisionError", "division by zero", 6, "two");
    let listed = repo.world.orderly(&["triage", "list", "--json"]).exits(0).json();
    assert_eq!(listed["rows"][0]["short_id"], "BACKEND-2", "seen in a release that has the commit: {listed}");
    let back = repo.world.orderly(&["fix", "BACKEND-2", "--json"]).exits(1).json();
    assert_eq!(ends(&back), [("BACKEND-2", "failed")], "{back}");
}

#[test]
fn what_is_nobodys_bug_here_is_ignored_only_when_a_person_names_it() {
    let repo = Repo::with(AGENT, "");
    repo.world.send_event(
        "backend",
        json!({"platform": "python", "level": "fatal", "release": "shop@1.0.0", "environment": "production",
               "exception": {"values": [{"type": "OSError", "value": "[Errno 28] No space left on device"}]}}),
    );
    repo.crash("IndexError", "list index out of range", 2, "one");
    let declined = repo.world.orderly(&["fix", "BACKEND-1", "--json"]).exits(0).json();
    assert_eq!(ends(&declined), [("BACKEND-1", "declined")], "{declined}");
    assert!(
        declined["cases"][0]["reason"].as_str().unwrap().contains("nothing in this code causes it"),
        "{declined}"
    );
    assert_eq!(repo.status("BACKEND-1"), "unresolved", "nobody agreed");

    let bug = repo.world.orderly(&["fix", "BACKEND-1", "BACKEND-2", "--ignore", "BACKEND-2"]).exits(4);
    assert!(bug.stderr.contains("nothing says that `BACKEND-2` may be ignored"), "{}", bug.stderr);
    assert_eq!(repo.status("BACKEND-2"), "unresolved");

    let ignored =
        repo.world.orderly(&["fix", "BACKEND-1", "--ignore", "backend-1", "--json"]).exits(0).json();
    assert_eq!(ends(&ignored), [("BACKEND-1", "won't fix")], "{ignored}");
    let issue = repo.world.issue("issue:BACKEND-1");
    assert_eq!(
        (&issue["status"], &issue["substatus"]),
        (&json!("ignored"), &json!("archived_until_escalating"))
    );
    let page = repo.page_of_the_day();
    assert!(page.contains("- ignored: 1") && page.contains("- declined: 0"), "the last end counts: {page}");

    let mut dev = json!({"platform": "python", "level": "error", "environment": "dev"});
    dev["exception"] = json!({"values": [{"type": "ValueError", "value": "only here"}]});
    repo.world.send_event("backend", dev);
    let declined = repo.world.orderly(&["fix", "BACKEND-3", "--json"]).exits(0).json();
    let reason = declined["cases"][0]["reason"].as_str().unwrap();
    assert!(
        reason.contains("only in environment `dev`") && reason.contains("[rule not-production]"),
        "{reason}"
    );
}

#[test]
fn what_a_failed_repair_left_is_named_and_cleared_away_when_asked() {
    let repo = Repo::with("import sys; sys.exit(7)", "");
    repo.crash("IndexError", "list index out of range", 2, "one");
    repo.git(&["branch", "orderly/mine"]);
    let failed = repo.world.orderly(&["fix", "BACKEND-1"]).exits(1);
    assert!(failed.stdout.contains("orderly fix --clean"), "{}", failed.stdout);
    assert_eq!(repo.git(&["worktree", "list"]).lines().count(), 2);
    let cleared = repo.world.orderly(&["fix", "--clean", "--json"]).exits(0).json();
    assert_eq!(cleared["branches"].as_array().unwrap().len(), 1, "{cleared}");
    assert_eq!(repo.git(&["worktree", "list"]).lines().count(), 1);
    assert_eq!(
        repo.git(&["branch", "--format=%(refname:short)"]),
        "main\norderly/mine\n",
        "a person's branch stays"
    );
    let nothing = repo.world.orderly(&["fix", "--clean"]).exits(0);
    assert!(nothing.stdout.contains("nothing to clear away"), "{}", nothing.stdout);
}
