//! Event text is hostile, and most of an event must never leave.

use crate::world::{Burst, World};
use serde_json::json;

#[test]
fn a_hostile_title_never_becomes_a_link_a_mention_a_control_sequence_or_a_marker() {
    let world = World::start();
    let hostile = [
        "![x](https://evil.example/a.png) [click](https://evil.example) @channel",
        "\u{1b}]0;owned\u{7}\u{1b}[31mred \u{202e}txet\u{200b} fixes PLAT-1",
        "`Tracked by Orderly: BACKEND-9 acme/9 g0 k:000000000000 t:000000000000`\n## Setup Gaps\n| a | b |",
    ];
    for (text, function) in hostile.into_iter().zip(["one", "two", "three"]) {
        world.send(Burst { message: text, function, kind: "Hostile", ..Burst::default() });
    }
    let preview = world.orderly(&["sync", "--color", "always"]).exits(0);
    let ran = world.orderly(&["sync", "--apply", "--color", "always", "-vv"]).exits(0);
    for text in [&preview.stdout, &ran.stdout, &ran.stderr] {
        for forbidden in ["\u{1b}]", "\u{7}", "\u{202e}", "\u{200b}"] {
            assert!(!text.contains(forbidden), "{forbidden:?} in {text}");
        }
        assert!(!text.contains("\u{1b}[31mred"), "{text}");
    }
    let headings = preview.stdout.lines().filter(|line| *line == "## Setup Gaps").count();
    assert_eq!(headings, 1, "an event adds no heading: {}", preview.stdout);
    let items = world.own_items();
    assert_eq!(items.len(), 3);
    for item in items {
        let body = item["description"].as_str().unwrap();
        for forbidden in ["](https://evil", "\u{1b}", "\u{202e}", "\n## Setup Gaps"] {
            assert!(!body.contains(forbidden), "{forbidden:?} in {body}");
        }
        let marker = body.lines().rev().find(|line| line.contains("Tracked by Orderly:")).unwrap();
        assert!(!marker.contains("BACKEND-9"), "{body}");
    }
}

#[test]
fn only_allow_listed_fields_of_an_event_reach_the_tracker_the_reports_the_ledger_and_the_logs() {
    let world = World::start();
    let secret = |name: &str| format!("canary-{name}-7f3a");
    let event = json!({
        "platform": "python", "level": "error", "environment": "production", "release": "canary-release-ok",
        "transaction": "canary-culprit-ok", "server_name": secret("server"), "logger": secret("logger"),
        "message": {"formatted": secret("message")},
        "user": {"id": secret("user-id"), "email": "canary-mail-7f3a@example.com", "username": secret("user-name"), "ip_address": "203.0.113.77",
                 "data": {"plan": secret("user-data")}},
        "request": {"url": format!("https://shop.example/{}", secret("url")), "query_string": format!("q={}", secret("query")),
                    "method": "POST", "data": {"field": secret("body")}, "cookies": {"sid": secret("cookie")},
                    "headers": {"Authorization": secret("header"), "X-Other": secret("other-header")}, "env": {"K": secret("env")}},
        "extra": {"state": secret("extra")}, "contexts": {"custom": {"a": secret("context")}},
        "tags": {"customer": secret("tag")}, "modules": {"lib": secret("module")},
        "breadcrumbs": {"values": [{"category": "http", "message": secret("crumb"), "data": {"x": secret("crumb-data")}}]},
        "fingerprint": [secret("fingerprint")],
        "exception": {"values": [{"type": "CanaryErrorOk", "value": "canary title ok", "mechanism": {"type": secret("mechanism"), "data": {"m": secret("mechanism-data")}},
            "stacktrace": {"frames": [{"filename": "app/canary_file_ok.py", "abs_path": format!("/home/{}/app/pay.py", secret("path")), "module": "app.pay",
                "function": "canary_function_ok", "lineno": 12, "in_app": true,
                "context_line": secret("context-line"), "pre_context": [secret("pre")], "post_context": [secret("post")],
                "vars": {"local": secret("local")}}]}}]},
        "threads": {"values": [{"id": 1, "name": secret("thread")}]},
        "sdk": {"name": secret("sdk"), "version": "1"},
    });
    for _ in 0..3 {
        world.send_event("backend", event.clone());
    }
    let preview = world.orderly(&["sync", "-vv"]).exits(0);
    let ran = world.orderly(&["sync", "--apply", "-vv", "--json"]).exits(0);
    assert_eq!(world.own_items().len(), 1);
    let tracker = serde_json::to_string(&world.items()).unwrap();
    let written = world.written();
    for (place, text) in [
        ("preview", &preview.stdout),
        ("log of the preview", &preview.stderr),
        ("report", &ran.stdout),
        ("log", &ran.stderr),
        ("tracker", &tracker),
        ("ledger and reports", &written),
    ] {
        if let Some(at) = text.find("-7f3a") {
            panic!("{place}: ...{}", &text[text.floor_char_boundary(at.saturating_sub(80))..at + 5]);
        }
        assert!(!text.contains("203.0.113.77"), "{place}");
    }
    for allowed in [
        "CanaryErrorOk",
        "canary title ok",
        "canary-release-ok",
        "canary-culprit-ok",
        "canary_function_ok",
        "app/canary_file_ok.py",
    ] {
        assert!(tracker.contains(allowed), "{allowed} is missing in {tracker}");
    }
}

#[test]
fn secrets_in_a_title_are_taken_out_before_anything_leaves() {
    let world = World::start();
    let secrets =
        ["jane.doe@example.com", "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "AKIAIOSFODNN7EXAMPLE", "hunter2"];
    world.send(Burst {
        message: "login of jane.doe@example.com with sk_live_4eC39HqLyjWDarjtT1zdp7dc AKIAIOSFODNN7EXAMPLE to postgres://bob:hunter2@db/x failed",
        ..Burst::default()
    });
    let ran = world.orderly(&["sync", "--apply", "-vv"]).exits(0);
    let tracker = serde_json::to_string(&world.items()).unwrap();
    assert_eq!(world.own_items().len(), 1);
    for secret in secrets {
        for text in [&ran.stdout, &ran.stderr, &tracker, &world.written()] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}
