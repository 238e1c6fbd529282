//! What a stack frame contributes to a grouping hash: the parts that stay when the code around it moves.

use std::sync::LazyLock;

use regex::Regex;

use super::payload::{Frame, Platform};

/// A source line longer than this is generated code and says nothing.
const LONGEST_CONTEXT_LINE: usize = 120;

/// The parts of a frame that identify it; empty when it contributes nothing.
pub fn contribution(frame: Frame<'_>, event_platform: Platform) -> Vec<String> {
    let function = function_name(frame);
    match frame.platform().unwrap_or(event_platform) {
        Platform::Native => Vec::from_iter(function),
        Platform::Python => {
            let parts = [module_or_file(frame), function, context_line(frame)];
            parts.into_iter().flatten().collect()
        }
        Platform::JavaScript => match context_line(frame) {
            Some(line) => module_or_file(frame).into_iter().chain([line]).collect(),
            None => module_or_file(frame).into_iter().chain(function).collect(),
        },
        Platform::Other => module_or_file(frame).into_iter().chain(function).collect(),
    }
}

/// The frames' contributions in order; repetitions of a recursion count once.
pub fn contributions(frames: &[Frame<'_>], event_platform: Platform) -> Vec<Vec<String>> {
    let mut parts: Vec<Vec<String>> = frames
        .iter()
        .map(|frame| contribution(*frame, event_platform))
        .filter(|parts| !parts.is_empty())
        .collect();
    parts.dedup();
    parts
}

/// The function without what a compiler appends: symbol hashes, lambda numbers, generated class suffixes.
pub fn function_name(frame: Frame<'_>) -> Option<String> {
    static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"::h[0-9a-f]{16}$|\$\$Lambda\$\d+(/(0x)?[0-9a-f]+)?|\$\d+|@[0-9a-f]{6,}\b")
            .expect("the pattern is constant and tested")
    });
    let name = frame.text("function")?;
    if matches!(name, "?" | "<unknown>" | "<anonymous>" | "anonymous" | "<lambda>" | "[native code]") {
        return None;
    }
    let trimmed = NUMBERED.replace_all(name, "");
    (!trimmed.is_empty()).then(|| trimmed.into_owned())
}

fn module_or_file(frame: Frame<'_>) -> Option<String> {
    if let Some(module) = frame.text("module") {
        return Some(without_build_hash(module));
    }
    let file = frame.text("filename").or_else(|| frame.text("abs_path"))?;
    let path = file.split(['?', '#']).next().unwrap_or(file);
    let name = path.rsplit(['/', '\\']).next().filter(|name| !name.is_empty())?;
    Some(without_build_hash(&name.to_lowercase()))
}

/// Bundlers put content hashes into names: `main.3f2a9c1b.js` and `main-3f2a9c1b.js` are one file.
fn without_build_hash(name: &str) -> String {
    static HASH: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"([.-])[0-9a-f]{8,40}\b").expect("the pattern is constant and tested"));
    HASH.replace_all(name, "$1<hash>").into_owned()
}

fn context_line(frame: Frame<'_>) -> Option<String> {
    let line = frame.text("context_line")?.trim();
    (!line.is_empty() && line.len() <= LONGEST_CONTEXT_LINE)
        .then(|| line.split_whitespace().collect::<Vec<_>>().join(" "))
}
