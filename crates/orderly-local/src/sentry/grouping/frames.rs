//! What a stack frame contributes to a grouping hash: the parts that stay when the code around it moves.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::payload::{Frame, Platform};

/// A source line longer than this is generated code and says nothing.
const LONGEST_CONTEXT_LINE: usize = 120;

/// The parts of a frame that identify it, one after another; none when it contributes nothing.
#[derive(Debug, PartialEq, Eq)]
pub struct Parts<'a>([Option<Cow<'a, str>>; 3]);

impl<'a> Parts<'a> {
    /// Those of a frame.
    pub fn of(frame: &Frame<'a>, event_platform: Platform) -> Self {
        let place = || module_or_file(frame);
        let function = || function_name(frame);
        let parts = match frame.platform.unwrap_or(event_platform) {
            Platform::Native => [function(), None, None],
            Platform::Python => [place(), function(), context_line(frame)],
            Platform::JavaScript => [place(), context_line(frame).or_else(function), None],
            Platform::Other => [place(), function(), None],
        };
        let mut parts = parts.into_iter().flatten();
        Self([parts.next(), parts.next(), parts.next()])
    }

    /// One after another.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flatten().map(|part| &**part)
    }

    fn is_empty(&self) -> bool {
        self.0[0].is_none()
    }
}

/// What a stack of frames contributes.
#[derive(Debug)]
pub struct Contributions<'a> {
    /// Of each frame: whether it is the application's own, and its parts.
    frames: Vec<(bool, Parts<'a>)>,
    has_own: bool,
}

impl<'a> Contributions<'a> {
    /// Bytes of memory for each frame, texts aside.
    pub const PER_FRAME: usize = size_of::<(bool, Parts<'a>)>();

    /// Looks at each frame once.
    pub fn of(frames: &[Frame<'a>], event_platform: Platform) -> Self {
        let look = |frame: &Frame<'a>| (frame.in_app, Parts::of(frame, event_platform));
        let frames: Vec<_> = frames.iter().map(look).collect();
        Self { has_own: frames.iter().any(|(is_own, _)| *is_own), frames }
    }

    /// The application's own frames, in order, or all where it has none. Repetitions of a recursion count once.
    pub fn own(&self) -> Vec<&Parts<'a>> {
        self.wanted(|is_own| is_own || !self.has_own)
    }

    /// All frames in the same way.
    pub fn all(&self) -> Vec<&Parts<'a>> {
        self.wanted(|_| true)
    }

    fn wanted(&self, wanted: impl Fn(bool) -> bool) -> Vec<&Parts<'a>> {
        let frames = self.frames.iter().filter(|(is_own, parts)| wanted(*is_own) && !parts.is_empty());
        let mut parts: Vec<&Parts<'a>> = frames.map(|(_, parts)| parts).collect();
        parts.dedup();
        parts
    }
}

/// The function without what a compiler appends: symbol hashes, lambda numbers, generated class suffixes.
pub fn function_name<'a>(frame: &Frame<'a>) -> Option<Cow<'a, str>> {
    static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"::h[0-9a-f]{16}$|\$\$Lambda\$\d+(/(0x)?[0-9a-f]+)?|\$\d+|@[0-9a-f]{6,}\b")
            .expect("the pattern is constant and tested")
    });
    let name = frame.function?;
    if matches!(name, "?" | "<unknown>" | "<anonymous>" | "anonymous" | "<lambda>" | "[native code]") {
        return None;
    }
    // Most names have none of it, which is seen faster than searched for.
    if !name.contains(['$', '@']) && !name.contains("::h") {
        return Some(Cow::Borrowed(name));
    }
    let trimmed = NUMBERED.replace_all(name, "");
    (!trimmed.is_empty()).then_some(trimmed)
}

fn module_or_file<'a>(frame: &Frame<'a>) -> Option<Cow<'a, str>> {
    if let Some(module) = frame.module {
        return Some(without_build_hash(module));
    }
    let file = frame.filename.or(frame.abs_path)?;
    let path = file.split(['?', '#']).next().unwrap_or(file);
    let name = path.rsplit(['/', '\\']).next().filter(|name| !name.is_empty())?;
    Some(Cow::Owned(without_build_hash(&name.to_lowercase()).into_owned()))
}

/// Bundlers put content hashes into names: `main.3f2a9c1b.js` and `main-3f2a9c1b.js` are one file.
fn without_build_hash(name: &str) -> Cow<'_, str> {
    static HASH: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"([.-])[0-9a-f]{8,40}\b").expect("the pattern is constant and tested"));
    if has_long_hex(name) { HASH.replace_all(name, "$1<hash>") } else { Cow::Borrowed(name) }
}

/// Whether eight hex digits stand together: without them there is no build hash to look for.
fn has_long_hex(name: &str) -> bool {
    let mut together = 0;
    name.bytes().any(|byte| {
        together = if matches!(byte, b'0'..=b'9' | b'a'..=b'f') { together + 1 } else { 0 };
        together == 8
    })
}

fn context_line<'a>(frame: &Frame<'a>) -> Option<Cow<'a, str>> {
    let line = frame.context_line?.trim();
    (!line.is_empty() && line.len() <= LONGEST_CONTEXT_LINE).then(|| fold_spaces(line))
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
