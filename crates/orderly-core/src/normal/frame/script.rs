//! JavaScript and TypeScript: bundles, anonymous functions, and three browsers' words for the same thing.

use super::RawFrame;
use super::names::{CLOSURE, before, is_number, join};
use super::path;

pub fn normal(frame: &RawFrame<'_>) -> (String, String) {
    let file = if frame.file.trim().is_empty() { frame.module } else { frame.file };
    (place(file), function(frame.function))
}

/// A file, within its package where it comes from one.
fn place(file: &str) -> String {
    let parts = path::parts(file);
    match parts.iter().rposition(|part| matches!(*part, "node_modules" | "bower_components")) {
        // A dependency is named by its package; where it was installed says nothing.
        Some(at) if at + 1 < parts.len() => path::name(&parts[at + 1..]),
        _ => path::tail(&parts),
    }
}

fn function(name: &str) -> String {
    let name = before(name.trim(), &[" [as ", " ["]).trim();
    if matches!(name, "" | "?" | "anonymous" | "(anonymous)" | "(anonymous function)" | "(unknown)") {
        return String::new();
    }
    let mut name = name;
    // How it was called is no part of what it is.
    while let Some(rest) = ["async ", "new ", "bound ", "get ", "set ", "static ", "*"]
        .iter()
        .find_map(|word| name.strip_prefix(word))
    {
        name = rest.trim_start();
    }
    join(name.split(['.', '/', '#', '~', ' ', ':']), part)
}

fn part(part: &str) -> Option<&str> {
    let bare = part.trim_matches(['<', '>', '(', ')', '[', ']', '"', '\'']);
    // Bundlers count names that meet: `total$1`, `_callee2$`.
    let bare = bare.trim_end_matches('$');
    let bare = match bare.rsplit_once('$') {
        Some((name, counter)) if is_number(counter) && !name.is_empty() => name.trim_end_matches('$'),
        _ => bare,
    };
    match bare {
        "" | "anonymous" | "Object" | "Module" | "exports" | "module" | "window" | "self" | "globalThis"
        | "global" | "code" | "eval" | "this" | "_this" => None,
        "lambda" | CLOSURE => Some(CLOSURE),
        _ => Some(bare),
    }
}
