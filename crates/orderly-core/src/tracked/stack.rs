//! When two events failed at the same place.

use super::fingerprint::hex12;
use crate::sync::snapshot::{EventEvidence, Frame, FrameOrigin};
use regex::Regex;
use std::sync::LazyLock;

/// Names the place an event failed at. Equal signatures say "possibly the same problem", never more.
pub trait StackSignature: Sync {
    /// 12 hex digits, as in a marker; `None` when the event has no stack trace.
    fn signature(&self, event: &EventEvidence) -> Option<String>;
}

/// Equality of the top frames: own code before library code, names without what a compiler or bundler adds, together
/// with the exception's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopFrames {
    /// How many frames count.
    pub frames: usize,
}

impl Default for TopFrames {
    fn default() -> Self {
        Self { frames: 5 }
    }
}

impl StackSignature for TopFrames {
    fn signature(&self, event: &EventEvidence) -> Option<String> {
        let thrown = event.exceptions.iter().find(|e| !e.frames.is_empty())?;
        let mut key = String::from("frames-v1\n");
        key.push_str(&without_noise(thrown.kind.as_raw_str()));
        for frame in top(&thrown.frames, self.frames) {
            key.push('\n');
            key.push_str(&frame_name(frame));
        }
        Some(hex12(key.as_bytes()))
    }
}

/// The first `most` frames, own code first, each group from the crash outwards.
pub fn top(frames: &[Frame], most: usize) -> impl Iterator<Item = &Frame> {
    let of = |origin| frames.iter().filter(move |frame| frame.origin == origin);
    of(FrameOrigin::InApp).chain(of(FrameOrigin::Library)).take(most)
}

/// Module and function, or the file's name where the function has none. Lines and columns move with every edit and are
/// left out.
fn frame_name(frame: &Frame) -> String {
    let function = without_noise(frame.function.as_raw_str());
    let module = frame.module.as_ref().map(|m| without_noise(m.as_raw_str())).filter(|m| !m.is_empty());
    let place = module.or_else(|| frame.file.as_ref().map(|f| file_name(f.as_raw_str()))).unwrap_or_default();
    // Rust and Java functions carry their module; it must not count twice for one SDK and once for another.
    let function =
        function.strip_prefix(&place).map_or(function.as_str(), |rest| rest.trim_start_matches(['.', ':']));
    format!("{place} {function}")
}

/// `/srv/app/static/main.3f2a9c81.js` is `main.js`.
fn file_name(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let kept: Vec<&str> = name.split('.').filter(|part| !HASH.is_match(part)).collect();
    kept.join(".").to_ascii_lowercase()
}

static HASH: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[0-9a-f]{6,}$"));

/// What compilers, runtimes and bundlers put into names: hashes, closure and lambda names, counters.
static NOISE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x)
        ::h[0-9a-f]{16}\b                       # Rust symbol hash
        | \{\{closure\}\}(?:\#[0-9]+)? | \{closure(?:\#[0-9]+|@[^}]*)?\} | \{\{impl\}\}(?:\#[0-9]+)?
        | \$\$?[Ll]ambda(?:\$[0-9]+)?(?:/0x[0-9a-f]+)? | \blambda\$[\w$]*?\$?[0-9]+ | \$anonfun(?:\$[\w$]*)?
        | \b__lambda_?[0-9]* | \bfunc[0-9]+(?:\.[0-9]+)*$
        | \b(?:async|new|bound|get|set)\x20     # how a function was called
        | @?0x[0-9a-f]+                         # addresses
        | \[native\x20code\]
        | [$_][0-9]+\b                          # counters of generated names
        ",
    )
});

static ANONYMOUS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\(anonymous(?: function| namespace)?\)|anonymous namespace|\?anonymous|<(?:anonymous|lambda|unknown|genexpr|listcomp|dictcomp|setcomp|locals|module|eval)>|^(?:anonymous|lambda|\?)$",
    )
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern, compiled by every test of signatures")
}

fn without_noise(name: &str) -> String {
    let name = ANONYMOUS.replace_all(name.trim(), "");
    let name = without_generics(&name);
    let name = NOISE.replace_all(&name, "");
    let mut clean = String::with_capacity(name.len());
    // Separators that stood around what was taken out.
    for part in name.split(['.', ':', '/', '\\', '$', '#', ' ']).filter(|part| !part.is_empty()) {
        if !clean.is_empty() {
            clean.push('.');
        }
        clean.push_str(part);
    }
    clean
}

/// `Vec<Option<T>>::push` is `Vec::push`; `<A as B>::f` keeps its inside, because it is all there is. Unbalanced
/// brackets (operators) stay.
fn without_generics(name: &str) -> String {
    let opened = name.matches('<').count();
    if opened == 0 || name.replace("->", "").matches('>').count() != opened || name.starts_with('<') {
        return name.replace(['<', '>'], "");
    }
    let mut depth = 0_u32;
    let mut kept = String::with_capacity(name.len());
    let mut previous = ' ';
    for c in name.chars() {
        match c {
            '<' => depth += 1,
            '>' if previous != '-' => depth = depth.saturating_sub(1),
            c if depth == 0 => kept.push(c),
            _ => {}
        }
        previous = c;
    }
    kept
}
