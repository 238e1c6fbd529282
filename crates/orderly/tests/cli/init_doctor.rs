//! The first minutes: `init`, `doctor`, and `orderly` alone.

use crate::world::{Ran, World, bare, run};
use orderly_local::knobs::{Effect, Fault, Match};
use reqwest::StatusCode;
use reqwest::header::{self, HeaderValue};
use serde_json::json;
use std::process::Command;

/// A folder of a project that was not set up yet.
fn fresh(world: &World) -> tempfile::TempDir {
    drop(std::fs::remove_file(world.dir().join("orderly.toml")));
    tempfile::TempDir::new().unwrap()
}

fn command(world: &World, dir: &std::path::Path, arguments: &[&str]) -> Command {
    let [token, key] = world.tokens();
    let mut command = bare(dir, arguments);
    command.env("SENTRY_AUTH_TOKEN", token).env("LINEAR_API_KEY", key);
    command.env("LINEAR_API_URL", &world.servers().ready().tracker.url);
    command
}

fn shows_no_token(world: &World, ran: &Ran) {
    for token in world.tokens() {
        assert!(!ran.stdout.contains(&token) && !ran.stderr.contains(&token), "{}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn init_finds_the_server_the_organization_and_the_project_from_a_dsn_in_the_code() {
    let world = World::start();
    let dir = fresh(&world);
    let ready = world.servers().ready();
    std::fs::create_dir(dir.path().join("src")).unwrap();
    let code = format!("sentry_sdk.init(dsn=\"{}\")\n", ready.sentry.projects[0].dsn);
    std::fs::write(dir.path().join("src/main.py"), code).unwrap();
    let ran = run(command(&world, dir.path(), &["init", "--yes"])).exits(0);
    shows_no_token(&world, &ran);
    let text = std::fs::read_to_string(dir.path().join("orderly.toml")).unwrap();
    for line in [
        format!("url = \"{}\"", ready.sentry.url),
        "org = \"acme\"".to_owned(),
        "projects = [\"backend\"]".to_owned(),
        format!("url = \"{}\"", ready.tracker.url),
        "team = \"PLAT\"".to_owned(),
    ] {
        assert!(text.contains(&line), "{line} is missing in {text}");
    }
    assert!(ran.stderr.contains("src/main.py"), "{}", ran.stderr);
    let doctor = run(command(&world, dir.path(), &["doctor"])).exits(0);
    assert!(doctor.stdout.contains("acme, 1 project"), "{}", doctor.stdout);
}

#[test]
fn init_reads_what_sentry_cli_is_logged_in_to() {
    let world = World::start();
    let dir = fresh(&world);
    let ready = world.servers().ready();
    let file = format!(
        "[defaults]\nurl = {}\norg = acme\nproject = frontend\n\n[auth]\ntoken = {}\n",
        ready.sentry.url, ready.sentry.token
    );
    std::fs::write(dir.path().join(".sentryclirc"), file).unwrap();
    let mut init = command(&world, dir.path(), &["init", "--yes", "--json"]);
    init.env_remove("SENTRY_AUTH_TOKEN");
    let ran = run(init).exits(0);
    shows_no_token(&world, &ran);
    let told = ran.json();
    assert_eq!((&told["written"], &told["open"]), (&json!(true), &json!([])), "{told}");
    let text = told["file"].as_str().unwrap();
    assert!(text.contains("org = \"acme\"") && text.contains("projects = [\"frontend\"]"), "{text}");
    let mut sync = command(&world, dir.path(), &["sync"]);
    sync.env_remove("SENTRY_AUTH_TOKEN");
    drop(run(sync).exits(0));
}

#[test]
fn init_takes_the_environment_and_names_what_is_still_open() {
    let world = World::start();
    let dir = fresh(&world);
    let mut init = command(&world, dir.path(), &["init", "--yes"]);
    init.env("SENTRY_URL", &world.servers().ready().sentry.url).env_remove("LINEAR_API_KEY");
    let ran = run(init).exits(0);
    assert!(ran.stdout.contains("LINEAR_API_KEY"), "{}", ran.stdout);
    assert!(ran.stdout.contains("org: from the only one that the token sees"), "{}", ran.stdout);
}

#[test]
fn init_neither_writes_unasked_nor_over_a_file() {
    let world = World::start();
    let dir = fresh(&world);
    let mut init = command(&world, dir.path(), &["init"]);
    init.env("SENTRY_URL", &world.servers().ready().sentry.url);
    let ran = run(init).exits(0);
    assert!(ran.stderr.contains("orderly init --yes"), "{}", ran.stderr);
    assert!(!dir.path().join("orderly.toml").exists());
    std::fs::write(dir.path().join("orderly.toml"), "# mine\n").unwrap();
    let ran = run(command(&world, dir.path(), &["init", "--yes"])).exits(2);
    assert!(ran.stderr.contains("--force"), "{}", ran.stderr);
    assert_eq!(std::fs::read_to_string(dir.path().join("orderly.toml")).unwrap(), "# mine\n");
}

#[test]
fn doctor_is_content_with_a_world_that_has_everything() {
    let world = World::start();
    world.crashes(1);
    let ran = world.orderly(&["doctor"]).exits(0);
    shows_no_token(&world, &ran);
    assert!(
        ran.stdout.lines().take_while(|line| !line.is_empty()).all(|line| line.starts_with("ok ")),
        "{}",
        ran.stdout
    );
    let told = world.orderly(&["doctor", "--json"]).exits(0).json();
    assert_eq!(told["result"], "good");
}

#[test]
fn doctor_names_each_gap_with_the_step_that_closes_it() {
    let world = World::start();
    world.crashes(1);
    let config = world.config().replace("[tracker]", "link_app = \"nobody\"\n\n[tracker]");
    world.write("orderly.toml", &format!("{config}\n[sync]\nlabels = [\"no-such-label\"]\n"));
    let told = world.orderly(&["doctor", "--json"]).exits(0).json();
    assert_eq!(told["result"], "gap");
    let gaps: Vec<&str> = told["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| {
            check["result"] == "gap" && check["step"].as_str().is_some_and(|step| !step.is_empty())
        })
        .map(|check| check["name"].as_str().unwrap())
        .collect();
    assert_eq!(gaps, ["link back", "team"], "{told}");
}

#[test]
fn doctor_says_that_the_clocks_differ_and_how_to_set_ours() {
    let world = World::start();
    world.crashes(1);
    let root = json!({
        "version": "0",
        "user": {"name": "robin", "email": "robin@localhost"},
        "auth": {"scopes": ["org:read", "project:read", "event:read", "event:write"]},
    });
    let long_ago = Effect::Answer {
        status: StatusCode::OK,
        headers: vec![
            (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (header::DATE, HeaderValue::from_static("Thu, 01 Jan 2026 00:00:00 GMT")),
        ],
        body: root.to_string(),
    };
    let knobs = world.servers().sentry_knobs();
    knobs.inject(Fault::new(Match::path("/api/0/"), long_ago));
    let told = world.orderly(&["doctor", "--json"]).exits(0).json();
    assert_eq!(knobs.pending_faults(), 0);
    let clock = told["checks"].as_array().unwrap().iter().find(|check| check["name"] == "clock").unwrap();
    assert_eq!(clock["result"], "gap", "{told}");
    assert!(clock["step"].as_str().unwrap().contains("set the clock of this machine"), "{told}");
}

#[test]
fn doctor_without_credentials_says_how_to_get_each() {
    let world = World::start();
    let mut command = world.command(&["doctor"]);
    command.env_remove("SENTRY_AUTH_TOKEN").env_remove("LINEAR_API_KEY");
    let ran = run(command).exits(3);
    for step in ["SENTRY_AUTH_TOKEN", "LINEAR_API_KEY", "follow the arrows"] {
        assert!(ran.stdout.contains(step), "{}", ran.stdout);
    }
}

#[test]
fn orderly_alone_says_where_you_stand_and_what_comes_next() {
    let dir = tempfile::TempDir::new().unwrap();
    let ran = run(bare(dir.path(), &[])).exits(0);
    assert!(
        ran.stdout.contains("next: orderly init") && ran.stdout.contains("orderly demo"),
        "{}",
        ran.stdout
    );
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "looking leaves nothing behind");

    let world = World::start();
    world.crashes(1);
    let told = world.orderly(&["--json"]).exits(0).json();
    assert_eq!((&told["next"], &told["last_run"]), (&json!("orderly sync"), &json!(null)));
    let report = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
    let told = world.orderly(&["--json"]).exits(0).json();
    assert_eq!(told["last_run"], report["run"]);
    shows_no_token(&world, &world.orderly(&[]).exits(0));
}

#[test]
fn a_coding_agent_gets_server_and_skills_once_what_a_person_changed_stays_and_all_is_taken_back() {
    for (client, file, skills, before) in [
        (
            "claude",
            ".mcp.json",
            ".claude/skills",
            Some("{\n  \"mcpServers\": {\n    \"other\": {\n      \"command\": \"x\"\n    }\n  }\n}\n"),
        ),
        (
            "codex",
            ".codex/config.toml",
            ".agents/skills",
            Some("model = \"o\" # mine\n\n[mcp_servers.other]\ncommand = \"x\"\n"),
        ),
        ("cursor", ".cursor/mcp.json", ".cursor/skills", None),
        ("vscode", ".vscode/mcp.json", ".github/skills", None),
        ("zed", ".zed/settings.json", ".agents/skills", Some("{\n  \"theme\": \"One\"\n}\n")),
    ] {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("orderly.toml"), "[sentry]\norg = \"acme\"\n").unwrap();
        let path = dir.path().join(file);
        if let Some(text) = before {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
        }
        let init = |more: &[&str]| {
            let arguments = [&["init", "--agent", client, "--json"], more].concat();
            run(bare(dir.path(), &arguments)).exits(0).json()
        };
        // Nobody at a terminal says yes: it is shown, and nothing is written.
        let shown = init(&[]);
        assert_eq!(
            (&shown["written"], shown["files"].as_array().unwrap().len()),
            (&json!(false), 8),
            "{shown}"
        );
        assert_eq!(std::fs::read_to_string(&path).ok().as_deref(), before);

        assert_eq!(init(&["--yes"])["written"], true);
        let written = std::fs::read_to_string(&path).unwrap();
        assert!(written.contains("orderly") && written.contains("mcp"), "{written}");
        assert_eq!(init(&["--yes"])["written"], false, "{client}: the second time changes nothing");
        let skill = dir.path().join(skills).join("orderly-triage-and-fix/SKILL.md");
        let text = std::fs::read_to_string(&skill).unwrap();
        assert!(text.starts_with("---\nname: orderly-triage-and-fix\ndescription: "), "{text}");

        // A person's own words stay, and those of the project go everywhere.
        std::fs::write(&skill, "mine").unwrap();
        std::fs::create_dir_all(dir.path().join(".orderly/skills")).unwrap();
        std::fs::write(dir.path().join(".orderly/skills/orderly-error-analyst.md"), "Ask Ada first.\n")
            .unwrap();
        init(&["--yes", "--force"]);
        let analyst = dir.path().join(skills).join("orderly-error-analyst/SKILL.md");
        assert!(std::fs::read_to_string(&analyst).unwrap().ends_with("---\n\nAsk Ada first.\n"));
        std::fs::write(&skill, "mine").unwrap();
        init(&["--yes"]);
        assert_eq!(std::fs::read_to_string(&skill).unwrap(), "mine");

        init(&["--undo", "--yes"]);
        assert_eq!(std::fs::read_to_string(&path).ok().as_deref(), before, "{client}");
        assert!(skill.exists() && !analyst.exists());
    }
}
