//! The approval screen, through the binary in a terminal.

use crate::world::{Burst, World, run};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

const ENTER: &str = "\u{1b}[?1049h";
const LEAVE: &str = "\u{1b}[?1049l";

/// Runs the binary in a terminal of 80 by 24 and types. Only cells that change are written, so a step waits for a new word.
fn at_terminal(world: &World, arguments: &[&str], colors: &str, steps: &Value) -> Value {
    let mut binary = world.command(arguments);
    binary.env("NO_COLOR", colors);
    typed(world, &binary, steps)
}

/// The same with a command that was made ready.
pub fn typed(world: &World, binary: &Command, steps: &Value) -> Value {
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/at_terminal.py");
    let mut command = Command::new("python3");
    command.arg(driver).arg(steps.to_string()).arg(binary.get_program()).args(binary.get_args());
    command.current_dir(world.dir()).env_clear();
    command.envs(binary.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("TERM", "xterm-256color");
    run(command).exits(0).json()
}

fn two_crashes() -> World {
    let world = World::start();
    world.send(Burst { kind: "KeyError", message: "alpha", function: "f_a", events: 9, ..Burst::default() });
    let hostile = "\u{1b}[2J\u{1b}]52;c;eA==\u{7} \u{202e}gnp";
    world.send(Burst { kind: "TypeError", message: hostile, function: "f_b", events: 2, ..Burst::default() });
    world
}

fn selections(world: &World) -> usize {
    let folder = std::fs::read_dir(world.dir().join(".orderly/triage")).unwrap();
    folder
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("selection-"))
        .count()
}

#[test]
fn rows_are_marked_and_confirmed_on_the_screen_and_every_other_way_out_approves_nothing() {
    let world = two_crashes();
    for (steps, colors) in [
        (json!([["BACKEND-1", "q"]]), ""),
        (json!([["BACKEND-1", " c"], ["Work", "n\u{3}"]]), "1"),
        (json!([["BACKEND-1", "SIGTERM"]]), ""),
    ] {
        let ran = at_terminal(&world, &["triage", "top"], colors, &steps);
        let wrote = ran["wrote"].as_str().unwrap();
        assert_eq!(
            (&ran["code"], &ran["restored"], &ran["left"]),
            (&json!(0), &json!(true), &json!([])),
            "{ran}"
        );
        let (screen, after) = wrote.split_once(LEAVE).unwrap();
        assert!(screen.contains(ENTER) && after.contains("nothing was chosen"), "{wrote:?}");
        assert!(!wrote.contains("\u{1b}]52") && !wrote.contains('\u{202e}') && !wrote.contains("\u{1b}[31m"));
        assert!(wrote.contains("\\u{1b}[2J"), "what an event says is text: {wrote:?}");
        assert_eq!(wrote.contains("\u{1b}[38;5;"), colors.is_empty(), "{wrote:?}");
    }
    assert_eq!(selections(&world), 0);

    for what in ["top", "list"] {
        let steps = json!([["BACKEND-1", "?"], ["unmark", "xac"], ["Work", "y"]]);
        let ran = at_terminal(&world, &["triage", what], "", &steps);
        let wrote = ran["wrote"].as_str().unwrap();
        assert_eq!((&ran["code"], &ran["restored"]), (&json!(0), &json!(true)), "{ran}");
        assert!(wrote.split_once(LEAVE).unwrap().1.contains("approved: 2 units, digest "), "{wrote:?}");
    }
    assert!(selections(&world) >= 1);

    // As before where a line is wanted, or only a table.
    let ran = at_terminal(&world, &["triage", "top", "--plain"], "", &json!([["work on which?", "1\n"]]));
    let wrote = ran["wrote"].as_str().unwrap();
    assert!(!wrote.contains(ENTER) && wrote.contains("approved: 1 unit"), "{wrote:?}");
    let ran = at_terminal(&world, &["triage", "list", "--plain"], "", &json!([]));
    assert!(!ran["wrote"].as_str().unwrap().contains(ENTER), "{ran}");
}
