//! `orderly demo`: the whole job in one command.

use crate::world::{bare, run};

#[test]
fn the_demo_runs_every_act_and_leaves_nothing_behind() {
    let dir = tempfile::TempDir::new().unwrap();
    let mut command = bare(dir.path(), &["demo"]);
    command.env("TMPDIR", dir.path());
    let ran = run(command).exits(0);
    let at =
        |text: &str| ran.stdout.find(text).unwrap_or_else(|| panic!("{text} is missing: {}", ran.stdout));
    let acts = [
        "A day in a small shop",
        "$ orderly sync\n",
        "$ orderly sync --apply\n",
        "Once more",
        "Where to look",
    ];
    let places = acts.map(at);
    assert!(places.is_sorted(), "{places:?}");
    let last = &ran.stdout[at("Once more")..];
    assert!(last.contains("Nothing qualified") || !last.contains("| created"), "{last}");
    assert!(ran.stdout.contains("| created PLAT-"), "{}", ran.stdout);
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.is_empty(), "{left:?}");
}
