//! Python: modules by path or by name, comprehensions, local functions, interactive cells.

use super::RawFrame;
use super::names::{CLOSURE, join};
use super::path;

pub fn normal(frame: &RawFrame<'_>) -> (String, String) {
    let place = match dotted(frame.module) {
        place if place.is_empty() => module_of(frame.file),
        place => place,
    };
    (place, function(frame.function))
}

fn dotted(module: &str) -> String {
    let module = module.trim();
    // Some SDKs put a path here.
    if module.contains(['/', '\\']) { module_of(module) } else { join(module.split('.'), part_of_module) }
}

fn module_of(file: &str) -> String {
    let file = file.trim();
    if let Some(made) = file.strip_prefix('<') {
        // `<frozen importlib._bootstrap>`, `<ipython-input-5-1a2b>`, `<string>`.
        let made = made.trim_end_matches('>').trim_start_matches("frozen ");
        let made = if made.starts_with("ipython-input") { "ipython-input" } else { made };
        return join(made.split('.'), part_of_module);
    }
    let parts = path::parts(file);
    if parts.iter().any(|part| part.starts_with("ipykernel_")) {
        return String::from("ipython-input");
    }
    let installed = parts.iter().rposition(|part| {
        matches!(*part, "site-packages" | "dist-packages")
            || part.starts_with("python3.")
            || part.starts_with("python2.")
    });
    let name = match installed {
        Some(at) if at + 1 < parts.len() => path::name(&parts[at + 1..]),
        _ => path::tail(&parts),
    };
    join(name.split('.'), part_of_module)
}

fn part_of_module(part: &str) -> Option<&str> {
    Some(part.trim_matches(['<', '>'])).filter(|part| *part != "__init__")
}

fn function(name: &str) -> String {
    join(name.split('.'), |part| match part {
        "<locals>" | "<module>" | "<unknown>" | "?" => None,
        "<lambda>" | "<listcomp>" | "<genexpr>" | "<dictcomp>" | "<setcomp>" => Some(CLOSURE),
        part => {
            Some(part.trim_matches(['<', '>', '(', ')'])).filter(|part| !matches!(*part, "module" | "locals"))
        }
    })
}
