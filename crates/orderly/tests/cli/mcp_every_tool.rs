//! Official clients drive every tool of the MCP server: both SDKs over standard input and output, the inspector over HTTP.

use crate::mcp::{checked, crashed_shop, every_tool, taking, with_crashes};
use crate::mcp_client::{Person, Sdk, Serving, call, inspector, typescript};
use crate::shop::Shop;
use crate::shown::PYTHON;
use crate::world::Burst;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A shop that died once, and whose other program fails often enough for the backlog: that one is the first row of a table.
fn busy_shop() -> Shop {
    let shop = crashed_shop("");
    shop.world.send(Burst { project: "frontend", events: 9, ..Burst::default() });
    shop
}

/// The value of an answer before.
fn from(answer: usize, names: &[&str]) -> Value {
    let path: Vec<Value> =
        std::iter::once(json!(answer)).chain(names.iter().map(|name| json!(name))).collect();
    json!({"from": path})
}

fn names(listed: &Value) -> BTreeSet<String> {
    listed.as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn both_official_sdks_drive_every_tool_from_a_preview_to_a_resolved_issue() {
    for sdk in [Sdk::TypeScript, Sdk::Python] {
        let shop = busy_shop();
        let base = shop.head();
        let Value::Array(mut calls) = every_tool() else { unreachable!() };
        let reads = calls.len();
        calls.extend([
            call("sync_apply", &json!({"plan_digest": from(0, &["tool", "plan_digest"])})),
            call("triage", &json!({"top": 3, "select": "2", "table_digest": from(1, &["tool", "table_digest"])})),
            call("fix_start", &json!({"selection_digest": from(reads + 1, &["tool", "selection_digest"])})),
            json!({"run": ["git", "apply", PYTHON.patch()], "in": from(reads + 2, &["tool", "worktree"])}),
            call("fix_check", &json!({"case_digest": from(reads + 2, &["tool", "case_digest"]),
                "root_cause": "a customer without orders divides by zero", "fix": "the average of no orders is 0"})),
            call("fix_commit", &json!({"receipt_digest": from(reads + 4, &["tool", "receipt_digest"])})),
            call("fix_resolve", &json!({"commit": from(reads + 5, &["tool", "commit"])})),
            call("more", &json!({"next": from(reads + 2, &["next"])})),
        ]);
        let seen = sdk.drive(&shop.world, Person::SaysYes, &json!(calls), None);
        let answers = seen["answers"].as_array().unwrap();
        let mut driven = BTreeSet::new();
        for answer in answers.iter().filter(|answer| answer["run"].is_null()) {
            assert_eq!(answer["isError"], false, "{sdk:?}: {answer:#}");
            driven.insert(answer["tool"].as_str().unwrap().to_owned());
        }
        assert_eq!(driven, names(&seen["tools"]), "{sdk:?}");
        // The plan, the choice, the commit and the resolving.
        assert_eq!(seen["asked"].as_array().unwrap().len(), 4, "{sdk:?}: {:#}", seen["asked"]);
        assert_eq!(names(&seen["prompts"]).len(), 7);
        assert_eq!(shop.world.own_items().len(), 1);
        assert_eq!(shop.git(&["rev-list", "--count", &format!("{base}..HEAD")]).trim(), "1");
        assert_eq!(shop.issue("BACKEND-1")["status"], "resolved");
    }
}

#[test]
fn the_official_inspector_drives_every_tool_that_reads_and_one_that_writes() {
    let world = with_crashes();
    // Its command line asks nobody.
    world.write("orderly.toml", &format!("{}\n[mcp]\napproval = \"digest\"\n", world.config()));
    let serving = Serving::start(&world);
    // A schema that some client cannot read would end it with another exit code.
    let tools = inspector(&world, &serving, &["--method", "tools/list", "--strict"])["tools"].take();
    let mut driven = BTreeSet::new();
    let mut ask = |tool: &str, arguments: &[(&str, String)]| {
        driven.insert(tool.to_owned());
        let pairs: Vec<String> = arguments.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut words = vec!["--method", "tools/call", "--tool-name", tool];
        for pair in &pairs {
            words.extend(["--tool-arg", pair]);
        }
        let answer = inspector(&world, &serving, &words);
        assert_ne!(answer["isError"], true, "{answer:#}");
        answer["structuredContent"].clone()
    };
    let preview = ask("sync_preview", &[]);
    let text = |text: &str| text.to_owned();
    ask("sentry_search_issues", &[("query", text("is:unresolved")), ("limit", text("2"))]);
    ask("sentry_get_issue_details", &[("issue", text("BACKEND-1"))]);
    ask("sentry_find_teams", &[]);
    ask("sentry_find_projects", &[("name", text("back"))]);
    ask("sentry_find_releases", &[("project", text("backend"))]);
    let rows = ask("sentry_search_events", &[("fields", text(r#"["title","count()"]"#))]);
    assert!(rows["event_payload"]["text"].as_str().unwrap().contains("count()=9"), "{rows}");
    ask("sentry_use_sentry", &[("request", text("worst issues in backend last 24h"))]);
    ask("more", &[("next", text(preview["next"].as_str().unwrap()))]);
    let applied =
        ask("sync_apply", &[("plan_digest", text(preview["tool"]["plan_digest"].as_str().unwrap()))]);
    assert_eq!(applied["tool"]["created_or_linked"].as_array().unwrap().len(), 2, "{applied}");
    assert_eq!(world.own_items().len(), 2);
    for tool in tools.as_array().unwrap() {
        let (name, reads) = (tool["name"].as_str().unwrap(), tool["annotations"]["readOnlyHint"] == true);
        assert!(!reads || driven.contains(name), "{name} was not driven");
    }
}

#[test]
fn a_commit_that_waits_on_its_branch_is_resolved_by_the_same_call_once_it_was_merged_and_not_before() {
    let shop = crashed_shop("land = \"branch\"");
    let base = shop.head();
    let mut calls = taking();
    calls.extend(checked(&["git", "apply", &PYTHON.patch()], 2));
    let made = |name: &str| from(5, &["tool", "ended", "0", name]);
    calls.extend([
        call("fix_commit", &json!({"receipt_digest": from(4, &["tool", "receipt_digest"])})),
        call("fix_resolve", &json!({"commit": made("commit")})),
        json!({"run": ["git", "merge", "--quiet", "--ff-only", made("branch")], "in": shop.dir()}),
        call("fix_resolve", &json!({"commit": made("commit")})),
    ]);
    let seen = typescript(&shop.world, Person::SaysYes, &json!(calls));
    let ended = |n: usize| &seen["answers"][n]["structured"]["tool"]["ended"][0];
    assert_eq!(ended(5)["resolution"]["resolution"], "waits", "{seen:#}");
    assert_eq!(ended(6)["resolution"]["resolution"], "waits", "{seen:#}");
    assert_eq!(ended(8)["resolution"]["resolution"], "resolved", "{seen:#}");
    assert_eq!(ended(8)["branch"], "main");
    assert_eq!(shop.git(&["rev-list", "--count", &format!("{base}..HEAD")]).trim(), "1");
    assert_eq!(shop.issue("BACKEND-1")["status"], "resolved");
}
