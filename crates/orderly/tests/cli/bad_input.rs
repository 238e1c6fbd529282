//! Wrong input: one clear message with the next step, the right exit code, and no token anywhere.

use crate::look::results;
use crate::world::{Ran, World, run};
use orderly_local::DataLocation;
use orderly_local::knobs::{Effect, Fault, Match};
use reqwest::StatusCode;
use serde_json::json;
use std::process::Command;

/// Runs the command and checks what holds for every failure: its code, what it says, and that no token is printed.
fn fails(world: &World, command: Command, code: i32, says: &[&str]) -> Ran {
    let ran = run(command).exits(code);
    let text = format!("{}{}", ran.stdout, ran.stderr);
    for part in says {
        assert!(text.contains(part), "`{part}` is missing:\n{text}");
    }
    let written = if world.dir().join(".orderly").is_dir() { world.written() } else { String::new() };
    for token in world.tokens().iter().map(String::as_str).chain(["wrong-token-1234567"]) {
        assert!(!text.contains(token) && !written.contains(token), "a token is shown:\n{text}");
    }
    assert!(world.own_items().is_empty());
    ran
}

#[test]
fn a_wrong_sentry_token_is_an_access_failure() {
    let world = World::start();
    world.crashes(1);
    for arguments in [&["sync"][..], &["sync", "--apply", "-vv"], &["doctor"]] {
        let mut command = world.command(arguments);
        command.env("SENTRY_AUTH_TOKEN", "wrong-token-1234567");
        drop(fails(&world, command, 3, &["token", "SENTRY_AUTH_TOKEN"]));
    }
}

#[test]
fn no_token_at_all_says_how_to_get_one() {
    let world = World::start();
    let mut command = world.command(&["sync"]);
    command.env_remove("SENTRY_AUTH_TOKEN");
    let ran = fails(&world, command, 3, &["no Sentry token was found", "hint: create a token in Sentry"]);
    assert!(ran.stdout.is_empty());
    let mut command = world.command(&["sync", "--json"]);
    command.env_remove("SENTRY_AUTH_TOKEN");
    let told = fails(&world, command, 3, &[]).json();
    assert_eq!(told["error"]["kind"], "access");
}

#[test]
fn a_token_without_the_scope_for_events_is_an_access_failure_and_doctor_names_the_scope() {
    let data = tempfile::TempDir::new().unwrap();
    let world = World::with_data(&["backend"], DataLocation::Dir(data.path().to_owned()));
    world.crashes(1);
    let file = data.path().join("local.sqlite3");
    drop(crate::look::sqlite(&world, &file, "UPDATE token SET scopes = 'org:read project:read'"));
    drop(fails(&world, world.command(&["sync", "--apply"]), 3, &["event:read"]));
    drop(fails(&world, world.command(&["doctor"]), 1, &["missing: event:read", "give the token event:read"]));
}

#[test]
fn a_wrong_linear_key_makes_the_run_a_preview_that_says_so() {
    let world = World::start();
    world.crashes(1);
    let mut command = world.command(&["sync", "--apply"]);
    command.env("LINEAR_API_KEY", "wrong-token-1234567");
    let ran = fails(&world, command, 3, &["## Setup Gaps"]);
    assert!(ran.stdout.contains("BACKEND-1"), "{}", ran.stdout);
}

#[test]
fn without_a_linear_key_the_run_is_a_preview_with_a_setup_gap() {
    let world = World::start();
    world.crashes(1);
    for (arguments, code) in [(&["sync", "--json"][..], 0), (&["sync", "--apply", "--json"], 3)] {
        let mut command = world.command(arguments);
        command.env_remove("LINEAR_API_KEY");
        let report = fails(&world, command, code, &["no Linear key was found"]).json();
        assert_eq!(report["prepared_only"].as_array().unwrap().len(), 1, "{report}");
        assert!(report["setup_gaps"].to_string().contains("LINEAR_API_KEY"), "{report}");
    }
}

#[test]
fn an_unreachable_host_is_named_with_the_next_step() {
    let world = World::start();
    world.crashes(1);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = world.command(&["sync"]);
    command.env("SENTRY_URL", format!("http://{nobody}"));
    drop(fails(&world, command, 1, &[&nobody.to_string()]));
    let mut command = world.command(&["sync", "--apply"]);
    command.env("LINEAR_API_URL", format!("http://{nobody}/graphql"));
    drop(fails(&world, command, 1, &["## Setup Gaps", "BACKEND-1"]));
}

#[test]
fn html_instead_of_json_is_told_and_never_shown() {
    let world = World::start();
    world.crashes(1);
    let page = Effect::answer(StatusCode::OK, "text/html", "<html><script>alert(1)</script></html>");
    world.servers().sentry_knobs().inject(Fault::new(Match::path("/api/0/"), page.clone()).times(500));
    let ran = fails(&world, world.command(&["sync", "-vv"]), 1, &["answered a web page", "instead of JSON"]);
    assert!(!ran.stdout.contains("<script>") && !ran.stderr.contains("<script>"), "{}", ran.stderr);
    world.servers().sentry_knobs().clear_faults();
    world.servers().tracker_knobs().inject(Fault::new(Match::path("/graphql"), page).times(500));
    let mut command = world.command(&["sync", "--apply"]);
    command.env("TERM", "dumb");
    let ran = run(command);
    world.servers().tracker_knobs().clear_faults();
    let ran = ran.exits(1);
    assert!(ran.stdout.contains("## Setup Gaps") && !ran.stdout.contains("<script>"), "{}", ran.stdout);
    assert!(world.items().is_empty());
}

#[test]
fn a_tracker_that_is_down_makes_the_run_a_preview_and_the_next_run_files() {
    let world = World::start();
    world.crashes(1);
    let down = Effect::answer(StatusCode::SERVICE_UNAVAILABLE, "text/plain", "down for maintenance");
    world.servers().tracker_knobs().inject(Fault::new(Match::Any, down).times(500));
    let ran = world.orderly(&["sync", "--apply", "--json"]);
    world.servers().tracker_knobs().clear_faults();
    let report = ran.exits(1).json();
    assert_eq!(report["kind"], "preview");
    assert_eq!(report["created_or_linked"], json!([]));
    assert_ne!(report["setup_gaps"], json!([]));
    assert!(world.items().is_empty());
    let report = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
    assert_eq!(report["kind"], "applied");
    assert_eq!(results(&report), ["created"]);
}

#[test]
fn a_team_that_does_not_exist_is_a_setup_gap_and_doctor_lists_the_teams() {
    let world = World::start();
    world.crashes(1);
    drop(fails(&world, world.command(&["sync", "--team", "NOPE"]), 0, &["## Setup Gaps", "NOPE"]));
    drop(fails(&world, world.command(&["sync", "--apply", "--team", "NOPE"]), 1, &["## Setup Gaps", "NOPE"]));
    drop(fails(&world, world.command(&["doctor", "--team", "NOPE"]), 1, &["NOPE", "PLAT"]));
}

#[test]
fn a_project_or_organization_that_does_not_exist_is_named() {
    let world = World::start();
    world.crashes(1);
    drop(fails(&world, world.command(&["doctor", "-p", "bakend"]), 1, &["bakend", "backend, frontend"]));
    drop(fails(&world, world.command(&["sync", "-o", "nobody"]), 1, &["nobody"]));
    drop(fails(&world, world.command(&["sync", "-p", "bakend"]), 1, &["bakend"]));
}

#[test]
fn what_is_written_wrong_in_the_configuration_is_named_with_its_line_and_the_nearest_name() {
    let world = World::start();
    for (section, says) in [
        ("[sync]\nsignals = [\"is:regresed\"]", &["is:regresed", "is:regressed"][..]),
        ("[sync]\nmax_create = 2", &["orderly.toml:10", "`max_create`", "did you mean `max_creates`?"]),
        ("[snyc]\npool = 2", &["`snyc`", "did you mean `sync`?"]),
        ("[sync]\nmode = \"link\"", &["orderly.toml:10", "link-only"]),
        ("[sync]\nmax_creates = 21", &["sync.max_creates", "21", "between 0 and 20"]),
        ("[sync]\npool = 0", &["sync.pool", "between 1 and 100"]),
        ("[sync]\nwindow = \"a day\"", &["orderly.toml:10", "24h"]),
        ("[sync]\nredact = [\"(\"]", &["redact"]),
        ("[sync]\npool = ", &["orderly.toml:10"]),
        ("[ledger]\ndatabase = \"mysql://x/y\"", &["postgres"]),
    ] {
        world.write("orderly.toml", &format!("{}\n{section}\n", world.config()));
        let ran = fails(&world, world.command(&["sync", "--apply"]), 2, says);
        assert!(ran.stderr.contains("hint: "), "{section}: {}", ran.stderr);
        assert!(ran.stdout.is_empty());
    }
    let plain = world.config().replace("127.0.0.1", "sentry.example");
    world.write("orderly.toml", &plain);
    drop(fails(&world, world.command(&["sync"]), 2, &["http"]));
    drop(fails(
        &world,
        world.command(&["sync", "--config", "nowhere.toml"]),
        2,
        &["nowhere.toml", "orderly init"],
    ));
    drop(fails(&world, world.command(&["synk"]), 2, &["sync"]));
}

#[test]
fn a_password_in_an_argument_is_refused_and_not_repeated() {
    let world = World::start();
    for url in ["postgres://u:hunter22@127.0.0.1/x", "postgres://u@127.0.0.1/x?password=hunter22"] {
        let ran = fails(&world, world.command(&["sync", "--database", url]), 2, &["PGPASSWORD"]);
        assert!(!ran.stderr.contains("hunter22"), "{}", ran.stderr);
    }
}

#[test]
fn a_ledger_that_cannot_be_kept_stops_the_run_before_anything_is_sent() {
    let world = World::start();
    world.crashes(1);
    for place in ["/dev/full", "/proc/ledger.db", "orderly.toml/ledger.db", "."] {
        world.write("orderly.toml", &format!("{}\n[ledger]\npath = \"{place}\"\n", world.config()));
        drop(fails(&world, world.command(&["sync", "--apply"]), 1, &["ledger", "hint: "]));
        assert_eq!(world.asked("issueCreate"), 0);
    }
    let damaged = world.dir().join("damaged.db");
    std::fs::write(damaged, "this is no database ".repeat(400)).unwrap();
    world.write("orderly.toml", &format!("{}\n[ledger]\npath = \"damaged.db\"\n", world.config()));
    drop(fails(&world, world.command(&["sync", "--apply"]), 1, &["ledger", "damaged.db"]));
}
