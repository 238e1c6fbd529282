//! From a crash to its code: a repository with history, events as SDKs send them, and the binary.

use crate::world::World;
use serde_json::{Value, json};
use std::process::Command;

const BEFORE: &str = "import json\n\n\ndef parse_amount(text):\n    return json.loads(text)['amount']\n\n\ndef pay(order):\n    return charge(parse_amount(order.body))\n";
const AFTER: &str = "import json\nimport log\n\n\ndef parse_amount(text):\n    return json.loads(text).get('amount', 0)\n\n\ndef pay(order):\n    return charge(parse_amount(order.body))\n";

/// Git with no configuration but an author.
fn git(world: &World, arguments: &[&str]) {
    let mut command = Command::new("git");
    command
        .current_dir(world.dir())
        .args(["-c", "user.name=n", "-c", "user.email=e@example.org"])
        .args(arguments);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    assert!(command.output().unwrap().status.success(), "git {arguments:?}");
}

fn commit(world: &World, message: &str) {
    git(world, &["add", "app", "server"]);
    git(world, &["commit", "-qm", message]);
}

/// A repository whose release 1.0.0 crashes; since then one line was fixed, and one file renamed.
fn repository(world: &World) {
    for folder in ["app", "server/src"] {
        std::fs::create_dir_all(world.dir().join(folder)).unwrap();
    }
    git(world, &["init", "-q", "-b", "main"]);
    world.write("app/pay.py", BEFORE);
    world.write(
        "app/views.py",
        "def post(request):\n    return pay(request)\n\n\ndef get(request):\n    return None\n",
    );
    world.write("server/src/cart.ts", "export const total = (items) => {\n  return items[0].price;\n};\n");
    commit(world, "Pay");
    git(world, &["tag", "backend-v1.0.0"]);
    world.write("app/pay.py", AFTER);
    git(world, &["mv", "app/views.py", "app/handlers.py"]);
    commit(world, "An order without an amount costs nothing");
}

fn crash() -> Value {
    let frame = |file: &str, function: &str, line: u32, text: &str| {
        json!({"filename": file, "abs_path": format!("/srv/{file}"), "module": file.trim_end_matches(".py").replace('/', "."),
               "function": function, "lineno": line, "in_app": true, "context_line": text})
    };
    json!({"platform": "python", "level": "error", "environment": "production", "release": "backend@1.0.0",
    "exception": {"values": [{"type": "KeyError", "value": "'amount'", "stacktrace": {"frames": [
        {"filename": "flask/app.py", "abs_path": "/usr/lib/python3/dist-packages/flask/app.py", "function": "dispatch", "lineno": 9, "in_app": false},
        frame("app/gone.py", "<module>", 3, "run()"),
        frame("app/views.py", "post", 2, "    return pay(request)"),
        frame("app/pay.py", "pay", 9, "    return charge(parse_amount(order.body))"),
        frame("app/pay.py", "parse_amount", 5, "    return json.loads(text)['amount']"),
    ]}}]}})
}

#[test]
fn a_crash_is_located_in_the_commit_of_its_release_and_followed_to_what_is_checked_out() {
    let world = World::start();
    repository(&world);
    world.send_event("backend", crash());
    let answer = world.orderly(&["locate", "@latest", "--json"]).exits(0).json();
    assert_eq!(answer["base"]["named"], "backend-v1.0.0");
    let frames = answer["frames"].as_array().unwrap();
    let shown: Vec<String> = frames
        .iter()
        .map(|frame| {
            let (mapped, presence) = (&frame["mapped"], &frame["presence"]);
            format!(
                "{}:{} {} {} {}:{}",
                mapped["path"].as_str().unwrap_or("-"),
                mapped["line"],
                mapped["agreement"]["agreement"].as_str().or(mapped["reason"].as_str()).unwrap_or("-"),
                presence["presence"].as_str().unwrap_or("-"),
                presence["path"].as_str().unwrap_or("-"),
                presence["line"],
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "app/pay.py:5 same_line changed -:null",
            "app/pay.py:9 same_line moved app/pay.py:10",
            "app/views.py:2 same_line moved app/handlers.py:2",
            "-:null untracked - -:null",
        ]
    );
    assert_eq!(frames[0]["presence"]["by"], answer["head"]);
    assert_eq!(answer["claimed"], "app/pay.py");
    assert_eq!(answer["commits"][0]["summary"], "Pay");
    let text = world.orderly(&["locate", "@latest"]).exits(0).stdout;
    for part in [
        "app/pay.py:5 parse_amount",
        "changed since by",
        "moved to app/handlers.py:2",
        "no tracked file is called `app/gone.py`",
    ] {
        assert!(text.contains(part), "`{part}` is missing:\n{text}");
    }
}

#[test]
fn a_minified_crash_says_why_and_its_message_is_searched_for() {
    let world = World::start();
    repository(&world);
    world.write(
        "server/src/pay.ts",
        "export const pay = () => {\n  throw new Error('The card was not accepted by the bank');\n};\n",
    );
    commit(&world, "Cards");
    let frame = json!({"filename": "https://shop.example/assets/index-3f2a9c81.js", "function": "t", "lineno": 1, "colno": 9000, "in_app": true});
    let event = json!({"platform": "javascript", "level": "error", "environment": "production", "release": "frontend@\u{1b}[31m9.9.9",
        "exception": {"values": [{"type": "Error", "value": "The card was not accepted by the bank: 4711", "stacktrace": {"frames": [frame]}}]}});
    world.send_event("frontend", event);
    let text = world.orderly(&["locate", "@latest"]).exits(0).stdout;
    assert!(text.contains("is a bundle, and no source map for it was found"), "{text}");
    assert!(text.contains("Its message stands at server/src/pay.ts:2"), "{text}");
    assert!(text.contains("(HEAD)") && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn a_source_map_of_the_build_leads_from_the_bundle_to_the_source() {
    let world = World::start();
    repository(&world);
    std::fs::create_dir_all(world.dir().join("dist/assets")).unwrap();
    let map = json!({"version": 3, "sources": ["../../src/cart.ts"], "names": [], "mappings": "AACE"});
    world.write("dist/assets/index-3f2a9c81.js.map", &map.to_string());
    let frame = json!({"filename": "https://shop.example/assets/index-3f2a9c81.js", "function": "t", "lineno": 1, "colno": 9000, "in_app": true});
    let event = json!({"platform": "javascript", "level": "error", "environment": "production",
        "exception": {"values": [{"type": "TypeError", "value": "x is undefined", "stacktrace": {"frames": [frame]}}]}});
    world.send_event("frontend", event);
    let text = world.orderly(&["locate", "@latest"]).exits(0).stdout;
    assert!(text.contains("server/src/cart.ts:2 t (by its source map"), "{text}");
}

#[test]
fn code_mappings_of_sentry_name_the_folder_and_those_of_the_configuration_go_before_them() {
    let world = World::start();
    repository(&world);
    for folder in ["app/pay", "app/mail"] {
        std::fs::create_dir_all(world.dir().join(folder)).unwrap();
        world.write(&format!("{folder}/handler.py"), "def run(job):\n    return job.do()\n");
    }
    commit(&world, "Two handlers");
    let frame = json!({"filename": "handler.py", "abs_path": "/opt/handler.py", "function": "run", "lineno": 2, "in_app": true});
    let event = json!({"platform": "python", "level": "error", "environment": "production",
        "exception": {"values": [{"type": "OSError", "value": "gone", "stacktrace": {"frames": [frame]}}]}});
    world.send_event("backend", event);
    let located =
        || world.orderly(&["locate", "@latest", "--json"]).exits(0).json()["frames"][0]["mapped"].clone();
    assert_eq!(located()["reason"], "ambiguous");

    for (project, source_root) in [("backend", "app/pay/"), ("frontend", "app/mail/")] {
        let mappings = json!({"project": project, "repository": "acme/shop", "mappings": [{"stackRoot": "/opt/", "sourceRoot": source_root}]});
        world.sentry(reqwest::Method::POST, "code-mappings/bulk/", Some(mappings));
    }
    let mapped = located();
    assert_eq!((&mapped["path"], &mapped["named"]), (&json!("app/pay/handler.py"), &json!("code_mapping")));

    let configured =
        "\n[source]\ncode_mappings = [{ stack_root = \"/opt/\", source_root = \"app/mail/\" }]\n";
    world.write("orderly.toml", &(world.config() + configured));
    assert_eq!(located()["path"], "app/mail/handler.py");
}

#[test]
fn a_wrong_name_or_folder_is_told_before_anything_is_asked() {
    let world = World::start();
    let outside = world.orderly(&["locate", "BACKEND-1"]).exits(2);
    assert!(outside.stderr.contains("--repo"), "{}", outside.stderr);
    git(&world, &["init", "-q", "-b", "main"]);
    world.send_event("backend", crash());
    let empty = world.orderly(&["locate", "BACKEND-1"]).exits(2);
    assert!(
        empty.stderr.contains("it has no commit yet") && empty.stderr.contains("--repo"),
        "{}",
        empty.stderr
    );
    repository(&world);
    let place = world.dir().join("crashed");
    world.send_event("backend", crash());
    world.orderly(&["locate", "@latest", "--checkout", place.to_str().unwrap()]).exits(0);
    assert_eq!(std::fs::read_to_string(place.join("app/pay.py")).unwrap(), BEFORE);
    let twice = world.orderly(&["locate", "@latest", "--checkout", place.to_str().unwrap()]).exits(1);
    assert!(twice.stderr.contains("cannot hold the code that crashed"), "{}", twice.stderr);
    let unknown = world.orderly(&["locate", "not an issue"]).exits(2);
    assert!(unknown.stderr.contains("names no issue"), "{}", unknown.stderr);
    let missing = world.orderly(&["locate", "BACKEND-999"]).exits(2);
    assert!(missing.stderr.contains("no issue is called that"), "{}", missing.stderr);
}
