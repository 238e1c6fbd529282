//! From the named cause of a story to its review: options, trials with harmless commands, effects that are measured on what the
//! embedded Sentry counted, and the lessons. The traffic recovers when the truth of the story says so, never before.

use crate::played::Played;
use crate::world::{Ran, World, run};
use jiff::Timestamp;
use orderly_local::traffic::scenario::Measure;
use serde_json::{Value, json};

/// Who does it.
pub const OWNER: &str = "owner@localhost";

/// What may be done in any of the stories. The commands only leave a file.
const OPTIONS: &str = r#"
[[incident.mitigation]]
name = "roll-back"
kind = "roll-back"
command = ["touch", "rolled-back-to-{previous_release}"]
undo = ["touch", "rolled-forward-to-{release}"]
time_to_effect = "2m"

[[incident.mitigation]]
name = "flag-off"
kind = "flag-off"
command = ["touch", "switched-off-{flag}"]
undo = ["touch", "switched-on-{flag}"]
time_to_effect = "1m"

[[incident.mitigation]]
name = "restart"
kind = "restart"
command = "touch restarted-{project}"
one_way = "what was in memory is gone"
time_to_effect = "2m"

[[incident.mitigation]]
name = "shift"
kind = "degrade"
command = ["touch", "shifted-half"]
blast_radius = "everyone"
shown_by = ["tag:cell=*"]
time_to_effect = "2m"

[[incident.mitigation]]
name = "drain"
kind = "degrade"
command = ["touch", "drained", "{tag.cell}"]
undo = ["rm", "-f", "drained"]
shown_by = ["tag:cell=*"]
time_to_effect = "2m"

[[incident.mitigation]]
name = "stop-reports"
kind = "degrade"
projects = ["checkout-api"]
blast_radius = "feature"
shown_by = ["span:db.pool *"]
time_to_effect = "2m"

[[incident.mitigation]]
name = "block"
kind = "block"
command = ["touch", "blocked", "{addresses}"]
undo = ["rm", "-f", "blocked"]
time_to_effect = "2m"
"#;

/// One thing that is tried in a story, at the minute of the truth.
pub struct Attempt {
    /// Name of the option.
    pub option: &'static str,
    /// What is expected of it.
    pub expect: &'static str,
}

/// The configuration with the options.
pub fn configure(world: &World) {
    world.write("orderly.toml", &format!("{}{OPTIONS}", world.config()));
}

/// `orderly incident …`, as of the clock of the servers.
pub fn incident(played: &Played, arguments: &[&str]) -> Ran {
    let now = played.world.servers().clock().now().to_string();
    let mut all = vec!["incident"];
    all.extend(arguments);
    all.extend(["--at", &now]);
    let mut command = played.world.command(&all);
    command.env("ORDERLY_AS", OWNER);
    run(command)
}

/// Whether a command has left its file.
pub fn left(played: &Played, file: &str) -> bool {
    played.world.dir().join(file).exists()
}

/// The options, the first to try first.
pub fn options(played: &Played) -> Vec<Value> {
    let told = incident(played, &["options", "INC-1", "--json"]).exits(0).json();
    assert_eq!(told["gaps"], json!([]), "{told:#}");
    told["options"].as_array().unwrap().clone()
}

/// Tries an option: what is shown runs nothing, what is approved runs exactly that.
pub fn try_out(played: &Played, attempt: &Attempt) -> Value {
    let ask = ["try", "INC-1", attempt.option, "--expect", attempt.expect, "--json"];
    let shown = incident(played, &ask).exits(0).json();
    assert_eq!(shown["trial"], Value::Null, "a preview runs nothing");
    let digest = shown["digest"].as_str().unwrap().to_owned();
    let approve = [&ask[..], &["--approve", &digest]].concat();
    let ran = incident(played, &approve).exits(0).json();
    incident(played, &approve).exits(4);
    ran["trial"].clone()
}

/// What `effect` says: the verdict, and all of it.
pub fn effect(played: &Played, trial: &str) -> (String, Value) {
    let ran = incident(played, &["effect", "INC-1", trial, "--json"]);
    let told = ran.json();
    let verdict = told["measured"]["effect"].as_str().unwrap().to_owned();
    let code = if matches!(verdict.as_str(), "no" | "partly") { 1 } else { 0 };
    ran.exits(code);
    (verdict, told)
}

/// Plays the story on: each attempt at the minute at which the truth has it, each effect measured before the next one, the
/// last half an hour later. Every verdict has to be that of the truth.
pub fn attempts(played: &mut Played, attempts: &[Attempt]) {
    let truth = played.truth.incident.clone().unwrap();
    assert_eq!(truth.mitigations.len(), attempts.len());
    let second = |at: Timestamp| at.as_second() - played.begins;
    let times: Vec<i64> = truth.mitigations.iter().map(|done| second(done.at)).collect();
    for (number, (attempt, done)) in attempts.iter().zip(&truth.mitigations).enumerate() {
        played.until(times[number]);
        let trial = try_out(played, attempt);
        let name = trial["number"].to_string();
        if trial["state"] == "unknown" {
            // Nobody can measure what nobody knows to be done.
            incident(played, &["effect", "INC-1", &name]).exits(4);
            incident(played, &["tried", "INC-1", &name, "done", "seen in the list of jobs"]).exits(0);
        }
        let until = times.get(number + 1).copied().unwrap_or(times[number] + 1800);
        // A few minutes later nothing is certain yet, unless it worked.
        played.until(times[number] + 360);
        let (early, told) = effect(played, &name);
        let expected = match done.effect {
            Measure::Worked => "worked",
            Measure::Partly => "partly",
            Measure::No => "no",
        };
        assert!(early == "not_yet_provable" || (early == "worked" && expected == "worked"), "{told:#}");
        played.until(until);
        let (verdict, told) = effect(played, &name);
        assert_eq!(verdict, expected, "{} at minute {}: {told:#}", attempt.option, (until - times[0]) / 60);
        if verdict != "worked" {
            let next = &told["next"];
            assert!(
                next.is_null() || attempts[..=number].iter().all(|tried| next["name"] != tried.option),
                "{next:#}"
            );
        }
    }
}

/// Resolves the incident, writes down what was learned, and expects a review that lacks nothing.
pub fn review(played: &Played) -> Value {
    let tell = |arguments: &[&str]| incident(played, arguments).exits(0);
    tell(&["resolve", "INC-1", "the errors are gone, as measured"]);
    let timeline = tell(&["timeline", "INC-1", "--restricted", "--json"]).json()["timeline"].clone();
    let entries = timeline.as_array().unwrap();
    let hypothesis = entries.iter().find(|entry| entry["kind"] == "hypothesis").unwrap();
    let number = hypothesis["sequence"].to_string();
    tell(&["learn", "INC-1", "it was as supposed first", "--kind", "factor", "--confirms", &number]);
    tell(&["learn", "INC-1", "nobody had tried it before", "--kind", "factor"]);
    tell(&["learn", "INC-1", "an alarm on this rate would have shown it", "--kind", "gap"]);
    tell(&["learn", "INC-1", "the effect was measured", "--kind", "went-well"]);
    let action = ["action", "INC-1", "an alarm on this rate", "--owner", OWNER, "--due", "2999-01-01"];
    tell(&[&action[..], &["--verify", "the alarm fires in a drill"]].concat());
    let ran = tell(&["review", "INC-1", "--restricted", "--json"]);
    assert_eq!(ran.stderr, "", "nothing is missing");
    let review = ran.json()["review"].clone();
    assert_eq!((&review["missing"], &review["unseen"]), (&json!([]), &json!([])), "{review:#}");
    assert_eq!(review["metrics"]["mitigation_measured"], true, "{:#}", review["metrics"]);
    // The measured end of the impact, counted from the first error: within two minutes of the truth.
    let truth = played.truth.incident.as_ref().unwrap();
    let began: Timestamp = review["metrics"]["began_at"].as_str().unwrap().parse().unwrap();
    let took = review["metrics"]["to_mitigate"].as_i64().unwrap();
    let off = began.as_second() + took - truth.ends.as_second();
    assert!((0..=120).contains(&off), "{off} s: {:#}", review["metrics"]);
    review
}
