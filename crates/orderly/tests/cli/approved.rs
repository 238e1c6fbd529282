//! What was approved is worked through: units, crashed code, issues that are fixed already or nobody's bug here.

use crate::screen::typed;
use crate::world::{World, run};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

const CRASHES: &str =
    "def total(orders):\n    return orders[0]\n\n\ndef mean(orders):\n    return sum(orders) / len(orders)\n";
/// An agent that mends whichever function the case is about, and keeps what it was told.
const AGENT: &str = r#"
import pathlib, re, sys
case = sys.stdin.read()
orders = pathlib.Path("orders.py")
text = orders.read_text()
if "IndexError" in case:
    text = text.replace("    return orders[0]\n", "    return orders[0] if orders else 0\n")
else:
    text = text.replace("    return sum(orders) / len(orders)\n", "    return sum(orders) / len(orders) if orders else 0\n")
orders.write_text(text)
crashed = re.search(r"to read only: `(.*)`", case)
if crashed:
    seen = pathlib.Path(crashed.group(1), "orders.py").read_text()
    print("It was", len(seen.splitlines()), "lines.")
if "BOTH" in case:
    print("told of both")
print("Root cause: no orders")
print("Fix: nothing comes to 0, after " + (str(len(seen.splitlines())) if crashed else "no") + " lines that crashed")
"#;

/// A repository in a world, with an agent that runs without a sandbox.
struct Repo {
    world: World,
}

impl Repo {
    fn with(agent: &str, more: &str) -> Self {
        let world = World::start();
        let repo = Self { world };
        repo.world.write("orders.py", CRASHES);
        repo.world.write("agent.py", agent);
        repo.world.write(".gitignore", ".orderly/\norderly.toml\nagent.py\n");
        let agent = repo.dir().join("agent.py");
        let config = format!(
            "{}\n[fix]\nsandbox = \"off\"\nchecks = [[\"python3\", \"-m\", \"py_compile\", \"orders.py\"]]\ntries = 1\n{more}\n\n[fix.agents.script]\ncommand = {}\n",
            repo.world.config(),
            json!(["python3", agent.display().to_string()]),
        );
        repo.world.write("orderly.toml", &config);
        repo.git(&["init", "--quiet", "--initial-branch=main"]);
        repo.commit("Orders");
        repo.git(&["tag", "v1.0.0"]);
        repo
    }

    fn dir(&self) -> &Path {
        self.world.dir()
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@shop.example"])
            .args(arguments)
            .current_dir(self.dir())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "-m", message]);
    }

    /// An event of a function of `orders.py`. Sentry groups by the fingerprint.
    fn crash(&self, kind: &str, message: &str, line: u32, fingerprint: &str) {
        let function = if line < 4 { "total" } else { "mean" };
        let context = CRASHES.lines().nth(line as usize - 1).unwrap();
        self.world.send_event(
            "backend",
            json!({
                "platform": "python", "level": "error", "release": "shop@1.0.0", "environment": "production",
                "fingerprint": [fingerprint],
                "exception": {"values": [{"type": kind, "value": message, "stacktrace": {"frames": [
                    {"filename": "orders.py", "abs_path": "/srv/shop/orders.py", "function": function, "lineno": line,
                     "context_line": context, "in_app": true}
                ]}}]}
            }),
        );
    }

    /// Tells Sentry of a release.
    fn release(&self, version: &str, more: Value) {
        let mut release = json!({"version": version, "projects": ["backend"]});
        release.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.world.sentry(reqwest::Method::POST, "releases/", Some(release));
    }

    /// Changes the ledger, which no command could: what was done is done.
    fn ledger(&self, change: &str) {
        let script =
            "import sqlite3, sys\nwith sqlite3.connect(sys.argv[1]) as ledger: ledger.execute(sys.argv[2])";
        let file = self.dir().join(".orderly/ledger.db");
        let done = Command::new("python3").args(["-c", script]).arg(file).arg(change).status().unwrap();
        assert!(done.success());
    }

    fn status(&self, short: &str) -> String {
        let issue = self.world.issue(&format!("issue:{short}"));
        issue["status"].as_str().unwrap().to_owned()
    }

    fn page_of_the_day(&self) -> String {
        let folder = std::fs::read_dir(self.dir().join(".orderly/triage")).unwrap();
        let page: PathBuf = folder
            .map(|entry| entry.unwrap().path())
            .find(|path| path.extension().is_some_and(|ending| ending == "md"))
            .unwrap();
        std::fs::read_to_string(page).unwrap()
    }
}

/// The dispositions of a run, case by case.
fn ends(report: &Value) -> Vec<(&str, &str)> {
    let cases = report["cases"].as_array().unwrap().iter();
    cases.map(|case| (case["short_id"].as_str().unwrap(), case["disposition"].as_str().unwrap())).collect()
}

#[test]
fn an_approved_selection_is_worked_through_unit_by_unit_and_stands_on_the_page_of_the_day() {
    let repo = Repo::with(AGENT, "");
    repo.crash("IndexError", "list index out of range", 2, "one");
    repo.crash("IndexError", "ada has none", 2, "two");
    repo.crash("ZeroDivisionError", "division by zero", 6, "three");
    repo.crash("KeyError", "left alone", 6, "four");
    let base = repo.git(&["rev-parse", "HEAD"]);

    let none = repo.world.orderly(&["fix", "--approved"]).exits(2);
    assert!(none.stderr.contains("nothing was approved today"), "{}", none.stderr);
    let listed = repo.world.orderly(&["triage", "top", "--json"]).exits(0).json();
    let number = |short: &str| {
        let rows = listed["table"]["rows"].as_array().unwrap().iter();
        rows.clone().find(|row| row["short_id"] == short).unwrap()["number"].to_string()
    };
    let choice = [number("BACKEND-1"), number("BACKEND-2"), number("BACKEND-3")].join(",");
    let approved = repo.world.orderly(&["triage", "top", "--select", &choice, "--json"]).exits(0).json();
    assert_eq!(approved["selection"]["units"].as_array().unwrap().len(), 2, "{approved}");

    repo.world.servers().sentry_knobs().forget_requests();
    let report = repo.world.orderly(&["fix", "--approved", "--json"]).exits(0).json();

    let cases = report["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 2, "{report}");
    let unit = cases.iter().find(|case| !case["related"].as_array().unwrap().is_empty()).unwrap();
    assert_eq!(
        (&unit["disposition"], &unit["related"][0]["disposition"]),
        (&json!("fixed"), &json!("fixed"))
    );
    assert_eq!(unit["related"][0]["resolution"]["resolution"], "resolved", "{report}");
    for short in ["BACKEND-1", "BACKEND-2", "BACKEND-3"] {
        assert_eq!(repo.status(short), "resolved", "{short}");
    }
    assert_eq!(repo.status("BACKEND-4"), "unresolved", "nobody chose it");
    let writes = repo.world.servers().sentry_knobs().requests();
    let writes: Vec<_> = writes.iter().filter(|request| request.method != "GET").collect();
    assert_eq!(writes.len(), 3, "an issue, a request: {writes:?}");
    assert_eq!(repo.git(&["rev-list", "--count", &format!("{}..HEAD", base.trim())]).trim(), "2");
    let message = repo.git(&["log", "--format=%B", &format!("{}..HEAD", base.trim())]);
    assert_eq!(message.matches("\nSentry: BACKEND-").count(), 3, "{message}");

    let page = repo.page_of_the_day();
    for line in [
        "- triaged: 4",
        "- fixed: 3",
        "- fixed and resolved: 3",
        "- skipped: 1",
        "- commits: 2",
        "- files: 1",
    ] {
        assert!(page.contains(line), "{line} in {page}");
    }
    assert!(page.contains("On HEAD: still present: orders.py:2 is as it was"), "{page}");
    let history = repo.world.orderly(&["history"]).exits(0).stdout;
    assert!(history.contains("fix") && history.contains("3 fixed"), "{history}");
    let run = report["run"].as_str().unwrap();
    let told = repo.world.orderly(&["history", run]).exits(0).stdout;
    assert!(told.contains("# Repairs") && told.contains("Resolved in Sentry: 3"), "{told}");

    // The same approval again finds nothing to do, and says so.
    let again = repo.world.orderly(&["fix", "--approved", "--json"]).exits(0).json();
    assert_eq!(again["left_out"].as_array().unwrap().len(), 3, "{again}");
    assert_eq!(again["left_out"][0]["reason"], "it is resolved in Sentry");
}

#[test]
fn rows_are_chosen_and_worked_through_at_once_behind_the_same_gate() {
    let repo = Repo::with(AGENT, "");
    repo.crash("IndexError", "list index out of range", 2, "one");
    repo.crash("ZeroDivisionError", "division by zero", 6, "two");
    repo.world.orderly(&["fix", "--select", "the first"]).exits(2);
    repo.world.orderly(&["fix", "--select", "3"]).exits(2);
    for arguments in [["fix", "--select=all"], ["fix", "BACKEND-1"]] {
        let mut command = repo.world.command(&arguments);
        command.env("SENTRY_AUTH_TOKEN", "nobodys-token");
        let refused = run(command).exits(3);
        assert!(!refused.stderr.contains("nobodys-token"), "{}", refused.stderr);
    }
    repo.world.servers().sentry_knobs().forget_requests();
    let skipped = repo.world.orderly(&["fix", "--select", "skip", "--json"]).exits(0).json();
    assert_eq!((&skipped["run"], &skipped["cases"]), (&Value::Null, &json!([])));
    let asked = repo.world.servers().sentry_knobs().requests();
    assert!(
        asked.iter().all(|request| request.method == "GET"),
        "a skip leaves everything as it is: {asked:?}"
    );

    // The first row is the same whether the table was shown whole or not.
    let listed = repo.world.orderly(&["triage", "top", "1", "--json"]).exits(0).json();
    let (digest, first) =
        (&listed["table"]["digest"], listed["table"]["rows"][0]["short_id"].as_str().unwrap());
    let chosen = ["fix", "--select", "top 3", "--table", &digest.as_str().unwrap()[..12], "--json"];
    let ran = repo.world.orderly(&chosen).exits(0);
    assert!(ran.stderr.contains("approved: 1 unit, digest "), "{}", ran.stderr);
    let report = ran.json();
    assert_eq!(ends(&report), [(first, "fixed")], "{report}");
    let plan = repo.git(&["notes", "--ref=orderly", "show", "HEAD"]);
    let plan = plan.lines().find_map(|line| line.strip_prefix("plan ")).unwrap();
    let kept = repo.dir().join(format!(".orderly/triage/selection-{}.json", &plan[..12]));
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(kept).unwrap()).unwrap();
    assert_eq!((&kept["digest"], &kept["selection"]["table"]), (&json!(plan), digest));

    let changed = repo.world.orderly(&chosen).exits(4);
    assert!(changed.stderr.contains("the table changed since"), "{}", changed.stderr);
    let rest = repo.world.orderly(&["fix", "--select", "all", "--json"]).exits(0).json();
    assert_eq!(rest["cases"].as_array().unwrap().len(), 1, "{rest}");
    assert_eq!((repo.status("BACKEND-1"), repo.status("BACKEND-2")), ("resolved".into(), "resolved".into()));
}

#[test]
fn issues_that_crash_like_a_named_one_are_proposed_as_one_unit_with_it() {
    let repo = Repo::with(AGENT, "");
    repo.crash("IndexError", "list index out of range", 2, "one");
    repo.crash("IndexError", "ada has none", 2, "two");
    repo.crash("ZeroDivisionError", "list index out of range", 6, "three");
    let report = repo.world.orderly(&["fix", "BACKEND-3", "--json"]).exits(0).json();
    assert_eq!(report["alike"], json!([]), "a title proposes nothing");

    let command = repo.world.command(&["fix", "BACKEND-1"]);
    let steps =
        json!([["BACKEND-2 crashes in the same own frame with the same exceptions as BACKEND-1", "y\n"]]);
    let asked = typed(&repo.world, &command, &steps);
    assert_eq!((&asked["code"], &asked["left"]), (&json!(0), &json!([])), "{asked}");
    assert_eq!((repo.status("BACKEND-1"), repo.status("BACKEND-2")), ("resolved".into(), "resolved".into()));
    assert_eq!(repo.git(&["log", "-1", "--format=%B"]).matches("\nSentry: BACKEND-").count(), 2);
}

#[test]
fn what_nobody_agreed_to_repair_along_is_told_and_left_alone() {
    let repo = Repo::with(AGENT, "");
    repo.crash("IndexError", "list index out of range", 2, "one");
    repo.crash("IndexError", "ada has none", 2, "two");
    let ran = repo.world.orderly(&["fix", "BACKEND-2", "--json"]).exits(0).json();
    assert_eq!(ends(&ran), [("BACKEND-2", "fixed")], "{ran}");
    assert_eq!(ran["alike"], json!([{"with": "BACKEND-2", "short_ids": ["BACKEND-1"]}]));
    assert_eq!(repo.status("BACKEND-1"), "unresolved");
    let told = repo.world.orderly(&["history", ran["run"].as_str().unwrap()]).exits(0).stdout;
    assert!(told.contains("BACKEND-1 crashes in the same own frame"), "{told}");
}

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
fn an_approval_that_was_changed_or_does_not_fit_any_more_is_refused() {
    let repo = Repo::with(AGENT, "");
    repo.crash("IndexError", "list index out of range", 2, "one");
    let approved = repo.world.orderly(&["triage", "top", "--select", "all", "--json"]).exits(0).json();
    let path = approved["selection"]["path"].as_str().unwrap();
    let stored = std::fs::read_to_string(path).unwrap();
    let base = repo.git(&["rev-parse", "HEAD"]);

    std::fs::write(path, stored.replace("\"id\": 1", "\"id\": 2")).unwrap();
    let changed = repo.world.orderly(&["fix", "--approved", path]).exits(4);
    assert!(changed.stderr.contains("was changed after it was approved"), "{}", changed.stderr);
    std::fs::write(path, "{}").unwrap();
    repo.world.orderly(&["fix", "--approved", path]).exits(2);
    std::fs::write(path, &stored).unwrap();

    // Another crash in the same issue is not what was approved.
    repo.crash("ZeroDivisionError", "division by zero", 6, "one");
    let moved = repo.world.orderly(&["fix", "--approved", "--json"]).exits(4).json();
    assert_eq!(moved["left_out"][0]["disposition"], "deferred", "{moved}");
    assert!(repo.page_of_the_day().contains("- deferred: 1"));
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), base);
    assert_eq!(repo.status("BACKEND-1"), "unresolved");
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
