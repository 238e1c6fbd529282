//! Java, Kotlin, Scala, Groovy: a package is a folder, a class stands in the file that the frame names.

use super::{Raw, Spelling, clean};
use crate::source::located::Named;

/// Endings that are tried when a frame names no file.
const ENDINGS: &[&str] = &["java", "kt", "scala", "groovy"];

pub(super) fn spellings(raw: &Raw<'_>) -> Vec<Spelling> {
    let module = raw.module.rsplit('/').next().unwrap_or(raw.module);
    let class = module.split_once('$').map_or(module, |(outer, _)| outer);
    let (package, class) = class.rsplit_once('.').unwrap_or(("", class));
    let folder = package.replace('.', "/");
    let beside = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let mut all = Vec::new();
    let file = clean(raw.file);
    if names_a_file(raw.file) {
        if file.contains('/') {
            all.push(Spelling::new(file, Named::File));
        } else {
            all.push(Spelling::new(beside(&file), Named::Module));
        }
    }
    if !class.is_empty() && !class.contains(['<', '>', ' ']) {
        // `CartKt` holds the functions of `Cart.kt` that stand in no class.
        if let Some(stem) = class.strip_suffix("Kt") {
            all.push(Spelling::new(beside(&format!("{stem}.kt")), Named::Module));
        }
        all.extend(
            ENDINGS.iter().map(|ending| Spelling::new(beside(&format!("{class}.{ending}")), Named::Module)),
        );
    }
    all
}

fn names_a_file(file: &str) -> bool {
    file.contains('.') && !file.starts_with("Unknown")
}

/// Whether an obfuscator took the names: the file's name is a stand-in, and the class is a letter or two.
pub(super) fn is_obfuscated(raw: &Raw<'_>) -> bool {
    let stand_in = matches!(raw.file, "" | "SourceFile" | "Unknown Source" | "ProGuard" | "R8" | "Unknown")
        || raw.file.starts_with("r8-map-id-");
    let class = raw.module.rsplit(['.', '$']).next().unwrap_or(raw.module);
    stand_in
        && (class.is_empty()
            || class.len() <= 3 && class.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()))
}
