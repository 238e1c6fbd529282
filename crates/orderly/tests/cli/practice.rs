//! Recording an incident, and playing it again: over a story of the embedded servers, and from the example.

use crate::played::Played;
use crate::stopping::signal;
use crate::watch::with_deploys;
use crate::world::{Ran, World, bare, run};
use jiff::{SignedDuration, Timestamp};
use orderly_local::traffic::Scenario;
use rustix::process::Signal;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

const OWNER: &str = "owner@localhost";
const FILES: [&str; 7] = [
    "evidence.json",
    "investigation.json",
    "log.jsonl",
    "manifest.json",
    "rules.json",
    "series.jsonl",
    "watch.json",
];

fn incident(world: &World, at: Timestamp, arguments: &[&str]) -> Ran {
    let at = at.to_string();
    let mut all = vec!["incident"];
    all.extend(arguments);
    all.extend(["--at", &at]);
    let mut command = world.command(&all);
    command.env("ORDERLY_AS", OWNER);
    run(command)
}

/// Without configuration, credentials, ledger or server.
fn replay(folder: &Path, arguments: &[&str]) -> Ran {
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = folder.to_str().unwrap();
    let ran = run(bare(elsewhere.path(), &[&["incident", "replay", folder], arguments].concat()));
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0, "it writes nothing");
    ran
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/bad-release")
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// What somebody else's timeline can be compared by: names and digests are the recording's own.
fn said(timeline: &Value) -> Vec<(Value, Value, Value)> {
    let entries = timeline.as_array().unwrap().iter();
    entries.map(|entry| (entry["at"].clone(), entry["kind"].clone(), entry["text"].clone())).collect()
}

#[test]
fn a_story_is_recorded_and_played_to_the_same_bytes_when_its_servers_are_gone() {
    let mut played = Played::from(Scenario::BadDeploy, 0, with_deploys);
    let truth = played.truth.incident.clone().unwrap();
    let minutes = |minutes: i64| truth.starts + SignedDuration::from_mins(minutes);
    played.until(truth.starts.as_second() - played.begins + 40 * 60);
    let world = &played.world;
    let issue = world.issues("tax_region").first().unwrap()["shortId"].as_str().unwrap().to_owned();
    let tell = |at: i64, arguments: &[&str]| incident(world, minutes(at), arguments).exits(0);
    tell(20, &["declare", &issue]);
    tell(26, &["assign", "INC-1", "commander", OWNER]);
    tell(27, &["note", "INC-1", "the release broke the tax, says jane@example.com", "--kind", "hypothesis"]);
    tell(30, &["mitigate", "INC-1", "rolled back, password=hunter2hunter2"]);
    tell(40, &["resolve", "INC-1", "the rollback holds"]);

    let kept = tempfile::tempdir().unwrap();
    let folder = kept.path().join("recorded");
    let name = folder.to_str().unwrap();
    let manifest = tell(42, &["record", "INC-1", name, "--json"]).json();
    assert_eq!((&manifest["entries"], &manifest["unseen"]), (&json!(6), &json!([])), "{manifest:#}");
    let again = incident(world, minutes(42), &["record", "INC-1", name]).exits(2);
    assert!(again.stderr.contains("is there and not empty; nothing was written"), "{}", again.stderr);
    let files = files(&folder);
    assert_eq!(files.keys().map(String::as_str).collect::<Vec<_>>(), FILES);
    let ready = world.servers().ready();
    for (file, text) in &files {
        for secret in
            [&ready.sentry.token, &ready.tracker.token, "hunter2", "jane@", "127.0.0.1", "@localhost"]
        {
            assert!(!text.contains(secret), "{secret} in {file}");
        }
    }

    let told = replay(&folder, &["--json"]).exits(0).json();
    let timeline = tell(42, &["timeline", "INC-1", "--json"]).json();
    assert_eq!(said(&told["timeline"]), said(&timeline["timeline"]));
    let review = tell(42, &["review", "INC-1", "--json"]).json()["review"].clone();
    for part in ["metrics", "impact", "patterns", "changed_before", "factors", "gaps", "missing", "chart"] {
        assert_eq!(told["review"][part], review[part], "{part}");
    }
    let found = tell(40, &["investigate", "INC-1", "--json"]).json()["investigation"].clone();
    let live = found["changes"][0]["what"].as_str().unwrap();
    assert_eq!(told["investigation"]["value"]["changes"][0]["what"], live);
    let shown = tell(42, &["show", "INC-1", "--json"]).json()["incident"].clone();
    for part in ["severity", "reasons", "facts", "duties", "mitigated_at", "resolved_at"] {
        assert_eq!(told["state"][part], shown[part], "{part}");
    }
    // The detectors would have told it before people did, and nobody was told at all.
    let steps = told["steps"].as_array().unwrap();
    assert_eq!(steps[0]["step"], "alarm", "{:#}", steps[0]);
    assert!(steps.iter().any(|step| step["step"] == "overdue" && step["task"] == "notice"), "{steps:#?}");
    let compared = told["compared"]["text"].to_string();
    assert!(compared.contains("before it was declared") && compared.contains("(never)"), "{compared}");

    if std::env::var_os("UPDATE_EXAMPLES").is_some() {
        let example = example();
        std::fs::create_dir_all(&example).unwrap();
        for (file, text) in &files {
            std::fs::write(example.join(file), text).unwrap();
        }
    }
    let before = [replay(&folder, &["--json"]), replay(&folder, &["--speed", "max"])];
    drop(played);
    let after = [replay(&folder, &["--json"]), replay(&folder, &["--speed", "max"])];
    for (before, after) in before.iter().zip(&after) {
        assert_eq!((before.code, &before.stderr), (Some(0), &String::new()));
        assert_eq!(before.stdout, after.stdout);
    }
    assert_eq!(self::files(&folder), files, "playing changes nothing");
}

#[test]
fn the_example_is_played_with_every_step_and_what_they_come_to() {
    let page = replay(&example(), &["--speed", "max"]).exits(0).stdout;
    for part in [
        "INC-1, recorded ",
        "ALARM         checkout-api: ",
        "OVERDUE       tell people that there is an incident",
        "declared: ",
        "[SEV2; due ",
        "# What is behind INC-1",
        "Suspected: the deploy of checkout-api",
        "# Review of INC-1",
        "# Detectors and people",
        "before it was declared",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert_eq!(replay(&example(), &["--speed", "max"]).exits(0).stdout, page);
    // Neither the place nor the time zone nor the width has a say.
    let mut elsewhere =
        bare(Path::new("/"), &["incident", "replay", example().to_str().unwrap(), "--speed", "max"]);
    elsewhere.env("TZ", "Asia/Tokyo").env("LC_ALL", "de_DE.UTF-8").env("COLUMNS", "40");
    assert_eq!(run(elsewhere).exits(0).stdout, page);
    let json = replay(&example(), &["--json", "--speed", "max"]).exits(0).json();
    assert_eq!(json["incident"]["number"], 1);
    replay(&example(), &["--json", "--speed", "60"]).exits(2);
    replay(&example(), &["--speed", "0"]).exits(2);
}

#[test]
fn it_waits_as_long_as_it_is_told_and_ends_when_it_is_interrupted() {
    let elsewhere = tempfile::tempdir().unwrap();
    let example = example();
    let mut command =
        bare(elsewhere.path(), &["incident", "replay", example.to_str().unwrap(), "--speed", "1"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut told, mut byte) = (Vec::new(), [0]);
    let mut out = child.stdout.take().unwrap();
    while !String::from_utf8_lossy(&told).contains("ALARM") {
        out.read_exact(&mut byte).unwrap();
        told.extend(byte);
    }
    signal(&child, Signal::INT);
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(!rest.contains("# Review"), "minutes are left: {rest}");
    let mut wrong = String::new();
    child.stderr.take().unwrap().read_to_string(&mut wrong).unwrap();
    assert_eq!(wrong, "");
}

/// A copy of the example that something was done to.
fn forged(change: impl Fn(&Path)) -> Ran {
    let kept = tempfile::tempdir().unwrap();
    let folder = kept.path().join("copy");
    std::fs::create_dir(&folder).unwrap();
    for (file, text) in files(&example()) {
        std::fs::write(folder.join(file), text).unwrap();
    }
    change(&folder);
    replay(&folder, &["--speed", "max"])
}

#[test]
fn a_folder_that_was_not_recorded_is_refused_with_one_line() {
    let refused = |code: i32, said: &str, change: &dyn Fn(&Path)| {
        let ran = forged(change).exits(code);
        assert!(ran.stdout.is_empty() && ran.stderr.contains(said), "{said}: {}", ran.stderr);
        let lines = ran.stderr.lines().filter(|line| line.starts_with("error: ")).count();
        assert_eq!(lines, 1, "{}", ran.stderr);
    };
    let remove = |folder: &Path, file: &str| std::fs::remove_file(folder.join(file)).unwrap();
    refused(2, "manifest.json is not there", &|folder| remove(folder, "manifest.json"));
    refused(2, "log.jsonl is not there", &|folder| remove(folder, "log.jsonl"));
    refused(2, "manifest.json is not there", &|folder| std::fs::remove_dir_all(folder).unwrap());
    refused(2, "log.jsonl is no plain file", &|folder| {
        let elsewhere = folder.with_extension("log");
        std::fs::rename(folder.join("log.jsonl"), &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, folder.join("log.jsonl")).unwrap();
    });
    refused(2, "series.jsonl is no plain file", &|folder| {
        remove(folder, "series.jsonl");
        std::os::unix::fs::symlink("/dev/zero", folder.join("series.jsonl")).unwrap();
    });
    refused(2, "evidence.json is no plain file", &|folder| {
        remove(folder, "evidence.json");
        std::fs::create_dir(folder.join("evidence.json")).unwrap();
    });
    refused(2, "watch.json is no plain file", &|folder| {
        remove(folder, "watch.json");
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mkfifoat(rustix::fs::CWD, folder.join("watch.json"), mode).unwrap();
    });
    refused(2, "rules.json is larger than 16 MiB", &|folder| {
        let file = std::fs::OpenOptions::new().write(true).open(folder.join("rules.json")).unwrap();
        file.set_len(1 << 40).unwrap();
    });
    let write = |folder: &Path, file: &str, change: &dyn Fn(String) -> String| {
        let path = folder.join(file);
        let text = change(std::fs::read_to_string(&path).unwrap());
        std::fs::write(path, text).unwrap();
    };
    refused(4, "log.jsonl was changed since it was recorded", &|folder| {
        write(folder, "log.jsonl", &|text| text.replacen("rolled", "rowed", 1));
    });
    refused(4, "names `../../../etc/passwd`", &|folder| {
        write(folder, "manifest.json", &|text| text.replacen("log.jsonl", "../../../etc/passwd", 1));
    });
    refused(4, "manifest.json is not what a recording holds", &|folder| {
        write(folder, "manifest.json", &|text| text.replace('}', ""));
    });
    refused(4, "version 9 of the form", &|folder| {
        write(folder, "manifest.json", &|text| text.replacen("\"version\": 1", "\"version\": 9", 1));
    });
}

#[test]
fn a_restricted_incident_tells_its_details_only_to_whoever_asks_for_them() {
    let world = World::start();
    let now = world.servers().clock().now();
    let tell = |arguments: &[&str]| incident(&world, now, arguments).exits(0).stdout;
    tell(&["declare", "--title", "the vault is open"]);
    tell(&["note", "INC-1", "keys of the vault were copied", "--kind", "hypothesis"]);
    let plan = ["action", "INC-1", "rotate the vault", "--owner", "#platform", "--due", "2999-01-01"];
    tell(&[&plan[..], &["--verify", "the vault opens with no old key"]].concat());
    let told_all = tell(&["timeline", "INC-1"]);
    assert!(told_all.contains("the vault is open"), "it is not restricted yet: {told_all}");
    tell(&["restrict", "INC-1", "thieves at the vault"]);

    let page = world.dir().join("review.html");
    let page = page.to_str().unwrap();
    for asked in [
        &["timeline", "INC-1"][..],
        &["timeline", "INC-1", "--json"],
        &["review", "INC-1"],
        &["review", "INC-1", "--json"],
        &["review", "INC-1", "--html", page],
        &["file", "INC-1"],
        &["file", "INC-1", "--json"],
    ] {
        let all = tell(asked) + &std::fs::read_to_string(page).unwrap_or_default();
        assert!(!all.contains("vault"), "{asked:?}: {all}");
        let few = tell(&[asked, &["--restricted"]].concat());
        assert!(few.contains("vault"), "{asked:?}: {few}");
        drop(std::fs::remove_file(page));
    }
    let folder = world.dir().join("recorded");
    let name = folder.to_str().unwrap();
    let refused = incident(&world, now, &["record", "INC-1", name]).exits(4);
    assert!(refused.stderr.contains("INC-1 is restricted") && !folder.exists(), "{}", refused.stderr);
    let recorded = tell(&["record", "INC-1", name, "--restricted"]);
    assert!(recorded.contains("not looked at: investigation: nothing to look with"), "{recorded}");
    let refused = replay(&folder, &["--speed", "max"]).exits(4);
    assert!(refused.stdout.is_empty() && !refused.stderr.contains("vault"), "{refused:?}");
    let told = replay(&folder, &["--speed", "max", "--restricted"]).exits(0).stdout;
    assert!(told.contains("keys of the vault were copied"), "{told}");
}
