//! JavaScript and TypeScript: bundlers, servers and browsers.

use super::compiled::sources_of;
use super::{Raw, Spelling, clean};
use crate::source::located::Named;

/// Names of the file of a frame that no source map was applied to.
pub(super) fn spellings(raw: &Raw<'_>) -> Vec<Spelling> {
    let mut all = Vec::new();
    for (name, named) in [(raw.abs_path, Named::AbsolutePath), (raw.file, Named::File)] {
        if !name.is_empty() {
            all.push(Spelling::new(clean_source(name), named));
        }
    }
    let compiled: Vec<Spelling> =
        all.iter().flat_map(|spelling| sources_of(&spelling.path)).map(Spelling::compiled).collect();
    all.extend(compiled);
    all
}

/// A source's name without what a bundler put around it.
pub(super) fn clean_source(name: &str) -> String {
    // Loaders stand before the file: `webpack:///./node_modules/ts-loader!./src/cart.ts`.
    let name = name.rsplit('!').next().unwrap_or(name);
    let name = name.split_once("/@fs/").map_or(name, |(_, path)| path);
    let name = ["webpack-internal:///", "webpack:///", "turbopack:///", "app:///", "rsc://React/Server/"]
        .iter()
        .find_map(|start| name.strip_prefix(start))
        .unwrap_or(name);
    let mut name = name;
    // Layers of a bundle: `(app-pages-browser)/./src/cart.tsx`, `[project]/src/cart.tsx`.
    while let Some((layer, rest)) = name.split_once('/')
        && (layer.starts_with('(') && layer.ends_with(')') && rest.starts_with("./")
            || matches!(layer, "[project]" | "[root]"))
    {
        name = rest;
    }
    let path = clean(name);
    let path = path.strip_prefix("[project]/").map_or(path.clone(), str::to_owned);
    // Turbopack says what it did to a file after it: `cart.tsx [app-client] (ecmascript)`.
    path.split(" [").next().unwrap_or(&path).to_owned()
}

/// Whether a file is what a bundler wrote: minified, or with a hash in its name.
pub(in crate::source) fn is_bundle(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let name = name.split(['?', '#']).next().unwrap_or(name);
    let Some((stem, "js" | "mjs" | "cjs" | "jsbundle" | "bundle")) = name.rsplit_once('.') else {
        return name.ends_with(".hbc");
    };
    let hash = |part: &&str| {
        let digits = part.chars().filter(char::is_ascii_digit).count();
        part.len() >= 6 && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && digits > 0
    };
    stem.ends_with(".min")
        || stem.ends_with(".bundle")
        || stem.ends_with(".chunk")
        || matches!(stem, "bundle" | "main.android" | "index.android" | "main")
        || stem.split(['.', '-']).skip(1).any(|part| hash(&part))
        || stem.split(['.', '-']).count() == 1 && stem.len() >= 16 && hash(&stem)
}
