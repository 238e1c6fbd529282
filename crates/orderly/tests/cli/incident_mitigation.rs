//! Trying an option against the embedded servers: never unasked, once, journaled before it runs, and taken back.

use crate::mitigated::OWNER;
use crate::repo::{AGENT, Repo};
use crate::world::{Burst, Ran, World, run};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const EXPECT: [&str; 2] = ["--expect", "below 12/h by 30m"];

/// An incident over an error that came twenty minutes ago, and options.
fn world(options: &str) -> World {
    let world = World::start();
    world.write("orderly.toml", &format!("{}{options}", world.config()));
    let clock = world.servers().clock().clone();
    let now = clock.now();
    clock.set(now - SignedDuration::from_mins(20));
    world.send(Burst { events: 40, ..Burst::default() });
    clock.set(now);
    incident(&world, &["declare", "BACKEND-1"]).exits(0);
    world
}

fn command(world: &World, arguments: &[&str]) -> Command {
    let mut all = vec!["incident"];
    all.extend(arguments);
    let mut command = world.command(&all);
    command.env("ORDERLY_AS", OWNER).env("SECRET_OF_THE_TEST", "hunter2");
    command
}

fn incident(world: &World, arguments: &[&str]) -> Ran {
    run(command(world, arguments))
}

fn option(name: &str, command: &str, more: &str) -> String {
    format!("\n[[incident.mitigation]]\nname = \"{name}\"\nkind = \"scale\"\ncommand = {command}\n{more}\n")
}

/// The digest of what would be run.
fn digest(world: &World, arguments: &[&str]) -> String {
    let shown = incident(world, &[arguments, &["--json"]].concat()).exits(0).json();
    shown["digest"].as_str().unwrap().to_owned()
}

fn trials(world: &World) -> Value {
    incident(world, &["show", "INC-1", "--json"]).exits(0).json()["trials"].clone()
}

#[test]
fn nothing_runs_that_was_not_shown_and_what_runs_gets_its_words_and_no_credentials() {
    let more = "undo = [\"rm\", \"said\"]\nenvironment = [\"HOME\"]";
    let world = world(&option("print", "[\"/usr/bin/env\"]", more));
    let ask = [&["try", "INC-1", "print"][..], &EXPECT].concat();
    let shown = incident(&world, &ask).exits(0);
    assert!(shown.stdout.contains("/usr/bin/env") && shown.stdout.contains("rm said"), "{}", shown.stdout);
    assert!(shown.stderr.contains("nothing was run; to run it: "), "{}", shown.stderr);
    incident(&world, &[&ask[..], &["--approve", "0123456789ab"]].concat()).exits(4);
    assert_eq!(trials(&world), json!([]));

    // Another expectation is another approval.
    let digest = digest(&world, &ask);
    let other = ["try", "INC-1", "print", "--expect", "below 13/h by 30m", "--approve", &digest];
    incident(&world, &other).exits(4);
    let approve = [&ask[..], &["--approve", &digest[..12]]].concat();
    incident(&world, &approve).exits(0);
    incident(&world, &approve).exits(4);
    let timeline = incident(&world, &["timeline", "INC-1", "--json"]).exits(0).stdout;
    assert!(timeline.contains("trying print (scale)") && timeline.contains("ended well"), "{timeline}");
    assert!(!timeline.contains("hunter2") && !timeline.contains("SENTRY_AUTH_TOKEN"), "{timeline}");
    let one = &trials(&world)[0];
    assert_eq!((&one["state"], &one["command"]), (&json!("done"), &json!("/usr/bin/env")));

    // Its undo command fails: it is in force still, and a person may say otherwise.
    let undo = ["undo", "INC-1"];
    let digest = self::digest(&world, &undo);
    let approve = [&undo[..], &["--approve", &digest]].concat();
    incident(&world, &approve).exits(1);
    assert_eq!(trials(&world)[0]["state"], "done");
    incident(&world, &["tried", "INC-1", "1", "taken-back", "by hand"]).exits(0);
    assert_eq!(trials(&world)[0]["state"], "taken_back");
    incident(&world, &["tried", "INC-1", "1", "done", "no"]).exits(4);
}

#[test]
fn a_command_that_fails_ends_nothing_and_wrong_options_are_explained() {
    let world =
        world(&(option("break", "\"false\"", "") + &option("roll", "[\"x\", \"{previous_release}\"]", "")));
    let ask = [&["try", "INC-1", "break"][..], &EXPECT].concat();
    incident(&world, &[&ask[..], &["--approve", &digest(&world, &ask)]].concat()).exits(1);
    assert_eq!(trials(&world)[0]["state"], "failed");
    let refused = incident(&world, &["effect", "INC-1"]).exits(4);
    assert!(refused.stderr.contains("it has no effect to measure"), "{}", refused.stderr);
    let near = incident(&world, &[&["try", "INC-1", "brake"][..], &EXPECT].concat()).exits(2);
    assert!(near.stderr.contains("did you mean `break`?"), "{}", near.stderr);
    let open = incident(&world, &[&["try", "INC-1", "roll"][..], &EXPECT].concat()).exits(2);
    assert!(open.stderr.contains("--with previous_release=VALUE"), "{}", open.stderr);
    let hostile = [&["try", "INC-1", "roll"][..], &EXPECT, &["--with", "previous_release=--force"]].concat();
    incident(&world, &hostile).exits(2);
    let given = [&["try", "INC-1", "roll"][..], &EXPECT, &["--with", "previous_release=1.4.1"]].concat();
    let shown = incident(&world, &given).exits(0);
    assert!(shown.stdout.contains("x 1.4.1"), "{}", shown.stdout);
    assert!(shown.stderr.contains(" --with previous_release=1.4.1 --approve "), "{}", shown.stderr);
    let vain = incident(&world, &["try", "INC-1", "break", "--expect", "below 9000/h by 30m"]).exits(4);
    assert!(vain.stderr.contains("an expectation that holds already proves nothing"), "{}", vain.stderr);
}

/// Waits until a trial is in the log.
fn begun(world: &World) {
    let until = Instant::now() + Duration::from_secs(30);
    while trials(world) == json!([]) {
        assert!(Instant::now() < until, "no trial was begun");
    }
}

fn killed(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn after_a_crash_nobody_knows_and_nothing_runs_again_until_a_person_says_what_became_of_it() {
    let world = world(&option("slow", "[\"sleep\", \"5\"]", ""));
    let ask = [&["try", "INC-1", "slow"][..], &EXPECT].concat();
    let seen = digest(&world, &ask);
    let approve = [&ask[..], &["--approve", &seen]].concat();
    let child = command(&world, &approve).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    begun(&world);
    killed(child);
    let one = &trials(&world)[0];
    assert_eq!(one["state"], "unknown", "{one:#}");
    incident(&world, &["effect", "INC-1"]).exits(4);
    incident(&world, &approve).exits(4);
    let seen = digest(&world, &ask);
    let again = [&ask[..], &["--approve", &seen]].concat();
    let refused = incident(&world, &again).exits(4);
    assert!(refused.stderr.contains("nobody knows what became of trial 1"), "{}", refused.stderr);
    incident(&world, &["tried", "INC-1", "1", "not-done", "nothing is at the console"]).exits(0);
    assert_eq!(trials(&world)[0]["state"], "not_done");
}

#[test]
fn a_hotfix_goes_through_orderly_fix_and_is_followed_to_the_deploy_that_its_effect_begins_with() {
    let repo = Repo::with(AGENT, "");
    let world = &repo.world;
    let clock = world.servers().clock().clone();
    let now = clock.now();
    clock.set(now - SignedDuration::from_mins(20));
    (0..40).for_each(|_| repo.crash("IndexError", "list index out of range", 2, "one"));
    clock.set(now);
    incident(world, &["declare", "BACKEND-1"]).exits(0);
    let options = incident(world, &["options", "INC-1"]).exits(0);
    assert!(options.stdout.contains("orderly fix BACKEND-1"), "{}", options.stdout);
    assert!(options.stderr.contains("no option is configured"), "{}", options.stderr);

    let ask = [&["try", "INC-1", "hotfix"][..], &EXPECT].concat();
    incident(world, &[&ask[..], &["--approve", &digest(world, &ask)]].concat()).exits(0);
    assert_eq!(trials(world)[0]["state"], "done");
    assert!(repo.git(&["log", "--format=%B"]).contains("Root cause: no orders"));
    let told = incident(world, &["effect", "INC-1"]).exits(0).stdout;
    assert!(told.contains("its effect begins with its deploy"), "{told}");
    assert!(
        told.contains("repair of BACKEND-1: committed as ") && told.contains("no release has it yet"),
        "{told}"
    );

    repo.git(&["tag", "v1.1.0"]);
    repo.release("shop@1.1.0", json!({"dateReleased": jiff::Timestamp::now()}));
    let out = incident(world, &["effect", "INC-1", "--json"]).exits(0);
    assert!(out.stderr.contains("in shop@1.1.0"), "{}", out.stderr);
    assert_eq!(out.json()["measured"]["effect"], "not_yet_provable");
    let told = incident(world, &["options", "INC-1"]).exits(0).stdout;
    assert!(told.contains("repair of BACKEND-1: committed as ") && told.contains("out since"), "{told}");
}
