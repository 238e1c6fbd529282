//! Ruby: blocks, gems with their versions, templates compiled under a counter.

use super::RawFrame;
use super::names::{is_number, join, without_counter};
use super::path;

pub fn normal(frame: &RawFrame<'_>) -> (String, String) {
    let place = place(frame.file);
    let place = if place.is_empty() { join(frame.module.split([':', '.', '#']), Some) } else { place };
    (place, function(frame.function))
}

fn place(file: &str) -> String {
    let parts = path::parts(file);
    match parts.iter().rposition(|part| *part == "gems") {
        Some(at) if at + 2 < parts.len() => {
            let mut of_gem = vec![without_version(parts[at + 1])];
            of_gem.extend(&parts[at + 2..]);
            path::name(&of_gem)
        }
        _ => path::tail(&parts),
    }
}

/// `rails-7.0.1` is `rails`.
fn without_version(gem: &str) -> &str {
    match gem.rsplit_once('-') {
        Some((name, version)) if !name.is_empty() && version.starts_with(|c: char| c.is_ascii_digit()) => {
            name
        }
        _ => gem,
    }
}

fn function(name: &str) -> String {
    let mut name = name.trim().trim_matches(['`', '\'', '"']);
    // `block (2 levels) in total`, `rescue in total`.
    while let Some((how, rest)) = name.split_once(" in ") {
        if !["block", "rescue", "ensure"].iter().any(|word| how.starts_with(word)) {
            break;
        }
        name = rest.trim();
    }
    join(name.split([':', '#', '.', ' ']), |part| {
        let bare = part.trim_matches(['<', '>', '(', ')', '`', '\'']);
        let template = bare.starts_with("_app_") || bare.contains("_erb_") || bare.contains("_haml_");
        let bare = if template { without_counters(bare) } else { bare };
        (!matches!(bare, "top" | "required" | "main" | "class" | "module" | "singleton") && !is_number(bare))
            .then_some(bare)
    })
}

fn without_counters(name: &str) -> &str {
    let mut name = name;
    loop {
        let less = without_counter(name).trim_end_matches('_');
        if less == name || less.is_empty() {
            return name;
        }
        name = less;
    }
}
