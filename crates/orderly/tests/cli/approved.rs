//! What was approved is worked through, and nothing else.

use crate::repo::{AGENT, Repo, ends};
use crate::screen::typed;
use crate::world::run;
use serde_json::{Value, json};

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
