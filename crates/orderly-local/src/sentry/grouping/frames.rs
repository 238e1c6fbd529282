//! What a stack frame contributes to a grouping hash: the parts that stay when the code around it moves.

use std::borrow::Cow;
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

/// What a stack of frames contributes.
#[derive(Debug)]
pub struct Contributions {
    /// Of each frame: whether it is the application's own, and its parts.
    frames: Vec<(bool, Vec<String>)>,
    has_own: bool,
}

impl Contributions {
    /// Looks at each frame once.
    pub fn of(frames: &[Frame<'_>], event_platform: Platform) -> Self {
        let look = |frame: &Frame<'_>| (frame.in_app(), contribution(*frame, event_platform));
        let frames: Vec<_> = frames.iter().map(look).collect();
        Self { has_own: frames.iter().any(|(is_own, _)| *is_own), frames }
    }

    /// The application's own frames, in order, or all where it has none. Repetitions of a recursion count once.
    pub fn own(&self) -> Vec<&[String]> {
        self.parts(|(is_own, _)| *is_own || !self.has_own)
    }

    /// All frames in the same way.
    pub fn all(&self) -> Vec<&[String]> {
        self.parts(|_| true)
    }

    fn parts(&self, wanted: impl Fn(&(bool, Vec<String>)) -> bool) -> Vec<&[String]> {
        let wanted = self.frames.iter().filter(|frame| wanted(frame));
        let mut parts: Vec<&[String]> =
            wanted.map(|(_, parts)| parts.as_slice()).filter(|parts| !parts.is_empty()).collect();
        parts.dedup();
        parts
    }
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
    // Most names have none of it, which is seen faster than searched for.
    if !name.contains(['$', '@']) && !name.contains("::h") {
        return Some(name.to_owned());
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
    if has_long_hex(name) { HASH.replace_all(name, "$1<hash>").into_owned() } else { name.to_owned() }
}

/// Whether eight hex digits stand together: without them there is no build hash to look for.
fn has_long_hex(name: &str) -> bool {
    let mut together = 0;
    name.bytes().any(|byte| {
        together = if matches!(byte, b'0'..=b'9' | b'a'..=b'f') { together + 1 } else { 0 };
        together == 8
    })
}

fn context_line(frame: Frame<'_>) -> Option<String> {
    let line = frame.text("context_line")?.trim();
    (!line.is_empty() && line.len() <= LONGEST_CONTEXT_LINE).then(|| fold_spaces(line).into_owned())
}

/// The text with one space wherever it has white space.
fn fold_spaces(line: &str) -> Cow<'_, str> {
    let is_folded = line.is_ascii()
        && !line.bytes().any(|byte| byte.is_ascii_whitespace() && byte != b' ' || byte == 0x0b)
        && !line.contains("  ");
    if is_folded {
        return Cow::Borrowed(line);
    }
    Cow::Owned(line.split_whitespace().collect::<Vec<_>>().join(" "))
}
