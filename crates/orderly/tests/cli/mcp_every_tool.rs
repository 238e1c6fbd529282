//! Official clients drive every tool of the MCP server: both SDKs over standard input and output, the inspector over HTTP.

use crate::mcp::{checked, crashed_shop, every_tool, taking};
use crate::mcp_client::{Person, Sdk, Serving, call, inspector, typescript};
use crate::shop::{Shop, build, succeed};
use crate::shown::PYTHON;
use crate::world::Burst;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

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

/// Whether a value is what a schema announces, with no field that it does not name. Clients check the former themselves.
fn fits(schema: &Value, value: &Value, at: &str) {
    let holds = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_u64(),
        Some("boolean") => value.is_boolean(),
        other => other.is_none(),
    };
    assert!(holds, "{at} is {value}, and not {schema}");
    for item in value.as_array().into_iter().flatten() {
        fits(&schema["items"], item, at);
    }
    let Some(named) = schema["properties"].as_object() else { return };
    for (name, field) in value.as_object().into_iter().flatten() {
        let at = format!("{at}.{name}");
        fits(named.get(name).unwrap_or_else(|| panic!("{at} is not announced")), field, &at);
    }
}

/// Checks an answer against what its tool announces.
fn announced(tools: &Value, tool: &str, structured: &Value) {
    let listed = tools.as_array().unwrap().iter().find(|listed| listed["name"] == tool).unwrap();
    assert!(structured.is_object(), "{tool}: {structured}");
    fits(&listed["outputSchema"], structured, tool);
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
            call("incident_preview", &json!({"action": "declare", "issues": ["BACKEND-1"]})),
            call("incident_apply", &json!({"plan_digest": from(reads + 8, &["tool", "plan_digest"])})),
            call("incident_list", &json!({})),
            call("incident_show", &json!({"incident": from(reads + 9, &["tool", "incident"])})),
        ]);
        let seen = sdk.drive(&shop.world, Person::SaysYes, &json!(calls), None);
        let answers = seen["answers"].as_array().unwrap();
        let mut driven = BTreeSet::new();
        for answer in answers.iter().filter(|answer| answer["run"].is_null()) {
            assert_eq!(answer["isError"], false, "{sdk:?}: {answer:#}");
            let tool = answer["tool"].as_str().unwrap();
            announced(&seen["tools"], tool, &answer["structured"]);
            driven.insert(tool.to_owned());
        }
        assert_eq!(driven, names(&seen["tools"]), "{sdk:?}");
        // The details of the crash name the files that are suspected.
        let details = &answers[3]["structured"]["tool"];
        for field in ["frames", "suspects"] {
            assert!(details[field][0].as_str().unwrap().starts_with("orders.py"), "{details}");
        }
        // The plan, the choice, the commit, the resolving and the declaration.
        assert_eq!(seen["asked"].as_array().unwrap().len(), 5, "{sdk:?}: {:#}", seen["asked"]);
        assert_eq!(names(&seen["prompts"]).len(), 7);
        assert_eq!(shop.world.own_items().len(), 1);
        assert_eq!(shop.git(&["rev-list", "--count", &format!("{base}..HEAD")]).trim(), "1");
        assert_eq!(shop.issue("BACKEND-1")["status"], "resolved");
    }
}

#[test]
fn the_official_inspector_drives_every_tool_with_a_process_a_call_over_one_server() {
    let shop = busy_shop();
    let world = &shop.world;
    // Its command line asks nobody.
    let config = std::fs::read_to_string(shop.dir().join("orderly.toml")).unwrap();
    world.write("orderly.toml", &format!("{config}\n[mcp]\napproval = \"digest\"\n"));
    // The server keeps the run of repairs, which no process of the client outlives.
    let serving = Serving::start(world);
    // A schema that some client cannot read would end it with another exit code.
    let tools = inspector(world, &serving, &["--method", "tools/list", "--strict"])["tools"].take();
    let mut driven = BTreeSet::new();
    let mut ask = |tool: &str, arguments: &[(&str, &str)]| {
        driven.insert(tool.to_owned());
        let pairs: Vec<String> = arguments.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut words = vec!["--method", "tools/call", "--tool-name", tool];
        for pair in &pairs {
            words.extend(["--tool-arg", pair]);
        }
        let answer = inspector(world, &serving, &words);
        assert_ne!(answer["isError"], true, "{answer:#}");
        announced(&tools, tool, &answer["structuredContent"]);
        answer["structuredContent"].clone()
    };
    let word = |answer: &Value, name: &str| answer["tool"][name].as_str().unwrap_or_default().to_owned();
    let preview = ask("sync_preview", &[]);
    let table = ask("triage", &[("top", "3")]);
    ask("sentry_search_issues", &[("query", "is:unresolved"), ("limit", "2")]);
    ask("sentry_get_issue_details", &[("issue", "BACKEND-1")]);
    ask("sentry_find_teams", &[]);
    ask("sentry_find_projects", &[("name", "back")]);
    ask("sentry_find_releases", &[("project", "backend")]);
    let rows = ask("sentry_search_events", &[("fields", r#"["title","count()"]"#)]);
    assert!(rows["event_payload"]["text"].as_str().unwrap().contains("count()=9"), "{rows}");
    ask("sentry_use_sentry", &[("request", "worst issues in backend last 24h")]);
    ask("sync_apply", &[("plan_digest", &word(&preview, "plan_digest"))]);

    let begun = ask("incident_preview", &[("action", "declare"), ("issues", r#"["BACKEND-1"]"#)]);
    let begun = ask("incident_apply", &[("plan_digest", &word(&begun, "plan_digest"))]);
    assert_eq!(ask("incident_list", &[])["tool"]["incidents"][0]["incident"], begun["tool"]["incident"]);
    ask("incident_show", &[("incident", &word(&begun, "incident"))]);

    let chosen =
        ask("triage", &[("select", "\"2\""), ("top", "3"), ("table_digest", &word(&table, "table_digest"))]);
    let case = ask("fix_start", &[("selection_digest", &word(&chosen, "selection_digest"))]);
    ask("more", &[("next", case["next"].as_str().unwrap())]);
    succeed(build(Path::new(&word(&case, "worktree")), "git", &["apply", &PYTHON.patch()]));
    let green = ask(
        "fix_check",
        &[
            ("case_digest", &word(&case, "case_digest")),
            ("root_cause", "a customer without orders divides by zero"),
            ("fix", "the average of no orders is 0"),
        ],
    );
    let made = ask("fix_commit", &[("receipt_digest", &word(&green, "receipt_digest"))]);
    ask("fix_resolve", &[("commit", &word(&made, "commit"))]);

    assert_eq!(driven, names(&tools));
    assert_eq!(world.own_items().len(), 1);
    assert_eq!(shop.issue("BACKEND-1")["status"], "resolved");
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
