//! From a compiled JavaScript file to the sources it may come from.

/// Endings of sources by the ending of what is made of them.
const SOURCES: &[(&str, &[&str])] = &[
    ("js", &["ts", "tsx", "jsx", "coffee", "vue", "svelte"]),
    ("mjs", &["mts", "ts"]),
    ("cjs", &["cts", "ts"]),
    ("jsx", &["tsx"]),
];

/// Folders that compilers write to.
const OUTPUT: &[&str] = &["dist", "build", "lib", "out", "output", ".next", "server-build", "compiled"];

/// Paths of the sources of `dist/cart.js`: `dist/cart.ts`, `src/cart.ts`, `cart.ts` and so on.
pub(super) fn sources_of(path: &str) -> Vec<String> {
    let Some((stem, ending)) = path.rsplit_once('.') else { return Vec::new() };
    let Some((_, endings)) = SOURCES.iter().find(|(known, _)| *known == ending) else { return Vec::new() };
    let mut stems = vec![stem.to_owned()];
    let parts: Vec<&str> = stem.split('/').collect();
    // The outermost output folder is the one that mirrors the sources.
    if let Some(at) = parts[..parts.len() - 1].iter().position(|part| OUTPUT.contains(part)) {
        for instead in [Some("src"), None] {
            let mut parts: Vec<&str> = parts.clone();
            parts.splice(at..=at, instead);
            if parts.len() > 1 || at == 0 {
                stems.push(parts.join("/"));
            }
        }
    }
    let same = stems.iter().skip(1).map(|stem| format!("{stem}.{ending}")).collect::<Vec<_>>();
    let other = stems.iter().flat_map(|stem| endings.iter().map(move |ending| format!("{stem}.{ending}")));
    same.into_iter().chain(other.collect::<Vec<_>>()).collect()
}
