//! Dependencies point inwards. Who may know whom is written here, and nowhere else.

use crate::run::{command, say};
use anyhow::{Context, Result, bail};
use serde_json::Value;

/// For each crate, the crates of the workspace that it may use outside of its tests.
const MAY_USE: &[(&str, &[&str])] = &[
    ("orderly-core", &[]),
    ("orderly-wire", &[]),
    ("orderly-engine", &["orderly-core"]),
    ("orderly-store", &["orderly-core", "orderly-engine"]),
    ("orderly-connect", &["orderly-core", "orderly-engine", "orderly-wire"]),
    ("orderly-local", &["orderly-core", "orderly-wire"]),
    ("orderly-eval", &["orderly-core"]),
    ("orderly-tui", &["orderly-core"]),
    ("orderly-serve", &[]),
    ("orderly-testkit", &["orderly-core", "orderly-engine"]),
    (
        "orderly",
        &[
            "orderly-core",
            "orderly-wire",
            "orderly-engine",
            "orderly-store",
            "orderly-connect",
            "orderly-local",
            "orderly-eval",
            "orderly-tui",
            "orderly-serve",
        ],
    ),
    ("xtask", &[]),
    // Measures all of it, so it may use all of it.
    (
        "orderly-bench",
        &[
            "orderly-core",
            "orderly-wire",
            "orderly-engine",
            "orderly-store",
            "orderly-connect",
            "orderly-local",
            "orderly-eval",
        ],
    ),
];

/// Compares what the manifests say with what is allowed.
pub fn check() -> Result<()> {
    let arguments = ["metadata", "--format-version", "1", "--no-deps"];
    let output = command("cargo", &arguments).output().context("cargo metadata cannot be started")?;
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata gave no JSON")?;
    let wrong: Vec<String> = entries(&metadata, "packages").iter().flat_map(wrong_uses).collect();
    if !wrong.is_empty() {
        bail!("dependencies must point inwards:\n  {}", wrong.join("\n  "));
    }
    say("== layers: every dependency points inwards");
    Ok(())
}

fn wrong_uses(package: &Value) -> Vec<String> {
    let name = package["name"].as_str().unwrap_or_default();
    let Some((_, allowed)) = MAY_USE.iter().find(|(known, _)| *known == name) else {
        return vec![format!("{name} is not on the map: say in xtask/src/layers.rs what it may use")];
    };
    entries(package, "dependencies")
        .iter()
        .filter(|dependency| dependency["kind"].as_str() != Some("dev"))
        .filter_map(|dependency| dependency["name"].as_str())
        .filter(|used| MAY_USE.iter().any(|(known, _)| known == used) && !allowed.contains(used))
        .map(|used| format!("{name} uses {used}"))
        .collect()
}

fn entries<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}
