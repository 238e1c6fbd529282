//! Triage: ranked, filtered, kept, and approved once.

use crate::world::{Burst, Ran, World, run};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Short ids of rows, in order.
fn shown(view: &Value) -> Vec<&str> {
    view["rows"].as_array().unwrap().iter().map(|row| row["short_id"].as_str().unwrap()).collect()
}

fn hidden(view: &Value) -> Vec<(&str, &str)> {
    let rows = view["hidden"].as_array().unwrap().iter();
    rows.map(|row| (row["short_id"].as_str().unwrap(), row["rule"].as_str().unwrap())).collect()
}

/// Three crashes, the later the more events; the first is BACKEND-1.
fn three_crashes(world: &World) {
    for (at, events) in [(1, 2), (2, 5), (3, 9)] {
        let message = format!("{} is gone", ["alpha", "bravo", "charlie"][at - 1]);
        let function = ["f_a", "f_b", "f_c"][at - 1];
        world.send(Burst { message: &message, function, kind: "KeyError", events, ..Burst::default() });
    }
}

fn files(world: &World, ending: &str) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(world.dir().join(".orderly/triage")).unwrap();
    let paths = folder.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.file_name().unwrap().to_string_lossy().ends_with(ending)).collect()
}

fn with_answers(world: &World, arguments: &[&str], answers: &str) -> Ran {
    let mut command = world.command(arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
    Ran::of(&child.wait_with_output().unwrap())
}

#[test]
fn the_list_is_ranked_filtered_explained_and_joins_the_page_of_the_day() {
    let world = World::start();
    three_crashes(&world);
    let mut noise = json!({"platform": "python", "level": "warning", "message": "slow"});
    world.send_event("backend", noise.clone());
    noise["level"] = json!("error");
    noise["message"] = json!("only here");
    noise["environment"] = json!("dev");
    world.send_event("backend", noise);

    let view = world.orderly(&["triage", "list", "--json"]).exits(0).json();
    assert_eq!(shown(&view), ["BACKEND-3", "BACKEND-2", "BACKEND-1"]);
    assert_eq!(hidden(&view), [("BACKEND-4", "level"), ("BACKEND-5", "not-production")]);
    let requests = world.servers().sentry_knobs().requests();
    let list = requests.iter().rfind(|request| request.path.ends_with("/issues/")).unwrap();
    let list = list.query.as_deref().unwrap();
    for part in ["query=is%3Aunresolved", "statsPeriod=14d", "limit=100", "sort=freq"] {
        assert!(list.contains(part), "{part} in {list}");
    }
    assert_eq!(view["totals"]["listed"], 5);
    let first = &view["rows"][0];
    assert_eq!((&first["platform"], &first["events"]), (&json!("python"), &json!(9)));
    assert!(first["score"]["parts"].as_array().unwrap().len() >= 3, "{first}");
    assert_eq!(first["diagnosis"].as_array().unwrap().len(), 6, "{first}");
    assert!(first["diagnosis"][2].as_str().unwrap().contains("rule python/key"), "{first}");

    let ran = world.orderly(&["triage", "list", "--explain", "--hidden", "--include-warn"]).exits(0);
    assert!(ran.stdout.starts_with("#  shortId"), "{}", ran.stdout);
    assert!(ran.stdout.contains("5 unresolved: 4 shown, 1 filtered"), "{}", ran.stdout);
    assert!(ran.stdout.contains("only in environment dev"), "{}", ran.stdout);
    assert!(ran.stdout.contains("BACKEND-3  score "), "{}", ran.stdout);

    world.change_issue(&world.issue("issue:BACKEND-3")["id"], json!({"status": "resolved"}));
    world.orderly(&["triage", "list"]).exits(0);
    let page = std::fs::read_to_string(&files(&world, ".md")[0]).unwrap();
    assert!(page.contains("| # | shortId | lvl | count | users | lastSeen | platform | title |"), "{page}");
    assert!(page.contains("3 runs, the last at"), "{page}");
    assert!(page.contains("| · | [BACKEND-3]("), "an earlier run showed it: {page}");
    assert!(page.contains("| level | 1 | 1 | 0 |"), "{page}");
    assert_eq!(files(&world, ".md").len(), 1);
}

#[test]
fn every_page_is_followed_and_what_is_beyond_the_bound_is_said() {
    let world = World::start();
    world.crashes(5);
    world.write("orderly.toml", &(world.config() + "\n[triage]\nlimit = 2\n"));
    world.servers().sentry_knobs().forget_requests();
    let view = world.orderly(&["triage", "list", "--json"]).exits(0).json();
    assert_eq!(shown(&view).len(), 5);
    assert_eq!(view["gaps"], json!([]));
    let lists = |world: &World| {
        let requests = world.servers().sentry_knobs().requests();
        requests.iter().filter(|request| request.path.ends_with("/issues/")).count()
    };
    assert_eq!(lists(&world), 3);
    let requests = world.servers().sentry_knobs().requests();
    assert!(requests.iter().all(|request| request.method == "GET"), "{requests:?}");

    world.write("orderly.toml", &(world.config() + "\n[triage]\nlimit = 2\nmost = 3\n"));
    let view = world.orderly(&["triage", "list", "--json"]).exits(0).json();
    assert_eq!(shown(&view).len(), 3);
    assert!(view["gaps"][0].as_str().unwrap().contains("more than the 3"), "{view}");
}

#[test]
fn what_the_token_does_not_reach_is_told_with_exit_3_and_without_the_token() {
    let world = World::start();
    let said = |arguments: &[&str]| {
        let ran = world.orderly(arguments).exits(3);
        let [token, key] = world.tokens();
        assert!(!ran.stderr.contains(&token) && !ran.stderr.contains(&key), "{}", ran.stderr);
        ran.stderr
    };
    let org = said(&["triage", "list", "--org", "acmee"]);
    assert!(org.contains("organization `acmee` (the token sees `acme`)"), "{org}");
    let project = said(&["triage", "stats", "--project", "bakend"]);
    assert!(project.contains("`bakend`") && project.contains("the nearest is `backend`"), "{project}");
    let mut bad = world.command(&["triage", "top"]);
    bad.env("SENTRY_AUTH_TOKEN", "not-a-token-of-anybody");
    let bad = run(bad).exits(3);
    assert!(
        bad.stderr.contains("SENTRY_AUTH_TOKEN") && !bad.stderr.contains("not-a-token-of-anybody"),
        "{}",
        bad.stderr
    );
    assert!(!world.dir().join(".orderly/triage").exists());
}

#[test]
fn what_is_approved_is_a_plan_with_a_digest_and_nothing_else_goes_on() {
    let world = World::start();
    three_crashes(&world);
    let config = world.config() + "\n[triage.do_not_fix]\nBACKEND-2 = \"legal works on it\"\n";
    world.write("orderly.toml", &config);

    let listed = world.orderly(&["triage", "top", "--json"]).exits(0).json();
    assert_eq!(listed["selection"], Value::Null);
    assert_eq!(listed["table"]["rows"][1]["left_to_a_person"], "legal works on it");
    assert!(files(&world, ".json").iter().all(|path| !path.to_string_lossy().contains("selection")));

    let digest = listed["table"]["digest"].as_str().unwrap()[..12].to_owned();
    let chosen = ["triage", "top", "--select", "1,3", "--table", &digest, "--json"];
    let approved = world.orderly(&chosen).exits(0).json();
    assert_eq!(approved["selection"]["units"], json!([["BACKEND-3"], ["BACKEND-1"]]));
    let path = approved["selection"]["path"].as_str().unwrap();
    let stored: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(stored["digest"], approved["selection"]["digest"]);
    assert_eq!(stored["selection"]["units"][0]["lead"]["short_id"], "BACKEND-3");

    let all = world.orderly(&["triage", "top", "--select", "all", "--json"]).exits(0).json();
    assert_eq!(all["selection"]["units"], approved["selection"]["units"], "the person's one is passed over");
    assert_ne!(all["selection"]["digest"], approved["selection"]["digest"], "each approval is its own");
    let refused = world.orderly(&["triage", "top", "--select", "2"]).exits(4);
    assert!(refused.stderr.contains("do-not-fix list: legal works on it"), "{}", refused.stderr);
    world.orderly(&["triage", "top", "--select", "9"]).exits(2);
    world.orderly(&["triage", "top", "--select", "first"]).exits(2);
    world.orderly(&["triage", "top", "2", "--select", "1", "--table", &digest]).exits(4);
    let skipped = world.orderly(&["triage", "top", "--select", "skip", "--json"]).exits(0).json();
    assert_eq!(skipped["selection"], Value::Null);
}

#[test]
fn one_line_is_asked_until_it_is_a_choice_and_the_end_of_the_input_chooses_nothing() {
    let world = World::start();
    three_crashes(&world);
    let ran = with_answers(&world, &["triage", "top", "--plain"], "first\n7\n\ntop 2\n").exits(0);
    assert!(ran.stderr.contains("`first` chooses nothing"), "{}", ran.stderr);
    assert!(ran.stderr.contains("the table has no row 7; its rows are 1 to 3"), "{}", ran.stderr);
    assert!(ran.stdout.contains("approved: 2 units, digest "), "{}", ran.stdout);
    let ran = with_answers(&world, &["triage", "top", "--plain"], "").exits(0);
    assert!(!ran.stdout.contains("approved"), "{}", ran.stdout);
    let ran = world.orderly(&["triage", "top", "2"]).exits(0);
    assert!(ran.stderr.contains("choose with: orderly triage top 2 --select"), "{}", ran.stderr);
}

#[test]
fn the_numbers_tell_how_often_where_since_which_release_and_with_whom() {
    let world = World::start();
    three_crashes(&world);
    world.send(Burst { project: "frontend", release: "web@2", kind: "TypeError", ..Burst::default() });
    let stats = world.orderly(&["triage", "stats", "--json"]).exits(0).json();
    assert_eq!((&stats["unresolved"], &stats["events"]), (&json!(4), &json!(19)));
    assert_eq!(stats["projects"][0], json!({"name": "backend", "issues": 3, "events": 16}));
    assert_eq!(stats["releases"][0], json!({"name": "backend@1.0.0", "issues": 3, "events": 16}));
    assert_eq!(stats["owners"][0]["name"], "nobody");
    let ran = world.orderly(&["triage", "stats"]).exits(0);
    assert!(ran.stdout.contains("4 issues unresolved, 19 events in 14d"), "{}", ran.stdout);
    assert!(ran.stdout.contains("affected release"), "{}", ran.stdout);
    assert!(ran.stdout.contains('█'), "{}", ran.stdout);
}

#[test]
fn what_a_commit_on_head_says_it_fixes_is_filtered() {
    let world = World::start();
    three_crashes(&world);
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(world.dir())
            .args(["-c", "user.name=A", "-c", "user.email=a@b.example"])
            .args(arguments);
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        assert!(git.output().unwrap().status.success(), "{arguments:?}");
    };
    git(&["init", "-q"]);
    git(&["commit", "-q", "--allow-empty", "-m", "fix(sentry): BACKEND-2 — bravo is there"]);
    let view = world.orderly(&["triage", "list", "--json"]).exits(0).json();
    assert_eq!(shown(&view), ["BACKEND-3", "BACKEND-1"]);
    assert_eq!(hidden(&view), [("BACKEND-2", "fixed-on-head")]);
}
