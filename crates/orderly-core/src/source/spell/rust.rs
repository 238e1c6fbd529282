//! Rust: the modules of a function's path are files and folders below the root of its crate.

use super::{Raw, Spelling};
use crate::source::located::Named;
use crate::source::manifest::{Manifests, join};

/// Files that may hold `app_lib::commands::foo::bar`: the deepest module first, each of a crate that is known by its
/// manifest before those that only look like it.
pub(super) fn spellings(raw: &Raw<'_>, manifests: &Manifests) -> Vec<Spelling> {
    let name = if raw.function.contains("::") { raw.function } else { raw.module };
    let modules = modules(name);
    let Some((root, modules)) = modules.split_first() else { return Vec::new() };
    let mut known = Vec::new();
    for length in (0..=modules.len()).rev() {
        let path = modules[..length].join("/");
        let files = if length == 0 {
            vec!["src/lib.rs".to_owned(), "src/main.rs".to_owned()]
        } else {
            vec![format!("src/{path}.rs"), format!("src/{path}/mod.rs")]
        };
        for folder in manifests.crates(root) {
            known.extend(files.iter().map(|file| Spelling::at_top(join(folder, file), Named::Function)));
        }
        if length > 0 && manifests.crates(root).next().is_none() {
            known.extend(files.into_iter().map(|file| Spelling::new(file, Named::Function)));
        }
    }
    known
}

/// The modules of a path, the crate first: without types, functions, closures, generics and the symbol's hash.
pub(in crate::source) fn modules(name: &str) -> Vec<String> {
    // `<app::cart::Cart as app::Total>::total` stands where its type does, most of the time.
    let name = name.trim_start_matches(['_', '&']).trim_start_matches("dyn ");
    let name = name.strip_prefix('<').unwrap_or(name);
    let name = name.split(" as ").next().unwrap_or(name);
    let mut flat = String::new();
    let mut depth = 0_u32;
    for c in name.chars() {
        match c {
            '<' | '(' | '{' => depth += 1,
            '>' | ')' | '}' => depth = depth.saturating_sub(1),
            c if depth == 0 => flat.push(c),
            _ => {}
        }
    }
    let is_module = |part: &&str| {
        part.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let parts: Vec<&str> = flat.split("::").map(|part| part.trim_end_matches('!')).collect();
    let modules: Vec<String> =
        parts.iter().take_while(|part| is_module(part)).map(|part| (*part).to_owned()).collect();
    // A crate alone says nothing, and the last part of a whole path is the function.
    if parts.len() < 2 { Vec::new() } else { modules }
}
