//! Rust: symbol hashes, crate disambiguators, generics, closures and async blocks.

use super::RawFrame;
use super::names::{CLOSURE, is_number, join, outside};
use super::path;

/// Whether a native frame was compiled by rustc.
pub fn is_rust(frame: &RawFrame<'_>) -> bool {
    let name = frame.function;
    let hashed = name.rsplit_once("::h").is_some_and(|(_, hash)| hash.len() == 16 && is_hex(hash));
    hashed
        || ["{{closure}}", "{closure#", "{impl#", "{async_", "{{impl}}"]
            .iter()
            .any(|mark| name.contains(mark))
        || without_position(frame.file).ends_with(".rs")
}

pub fn normal(frame: &RawFrame<'_>) -> (String, String) {
    let function = path_of(frame.function);
    let module = path_of(frame.module);
    // The module is the beginning of the function's path; only a function without one needs the file.
    let place = match function.rsplit_once('.') {
        _ if !module.is_empty() => module,
        Some(_) => String::new(),
        None => path::tail(&path::parts(without_position(frame.file))),
    };
    (place, function)
}

fn without_position(file: &str) -> &str {
    file.trim_end_matches(|c: char| c.is_ascii_digit() || c == ':')
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn path_of(name: &str) -> String {
    let name = name.trim().trim_start_matches("[inlined] ").trim_end_matches(" (inlined)");
    let name = self_type(name);
    let name = outside(&outside(&name, '<', '>'), '[', ']');
    let name = outside(&name, '(', ')');
    join(name.split([':', '.', ' ']), part)
}

/// `<shop::Cart<T> as core::fmt::Display>::fmt` is `shop::Cart<T>::fmt`: the type names it, the trait is known from the
/// method.
fn self_type(name: &str) -> String {
    let mut name = name.to_owned();
    let inside = name.strip_prefix("_<").or_else(|| name.strip_prefix('<'));
    if let Some(inside) = inside {
        let (mut depth, mut previous, mut end) = (1_usize, ' ', None);
        for (at, c) in inside.char_indices() {
            match c {
                '<' => depth += 1,
                '>' if previous != '-' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                end = Some(at);
                break;
            }
            previous = c;
        }
        if let Some(end) = end {
            let (within, rest) = (&inside[..end], &inside[end + 1..]);
            let itself = type_before_as(within).trim_start_matches(['<', '&', '*', ' ']);
            name = [itself, rest].concat();
        }
    }
    name
}

fn type_before_as(within: &str) -> &str {
    let mut depth = 0_usize;
    for (at, c) in within.char_indices() {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            ' ' if depth == 0 && within[at..].starts_with(" as ") => return &within[..at],
            _ => {}
        }
    }
    within
}

fn part(part: &str) -> Option<&str> {
    let bare = part.trim_matches(['{', '}']);
    let bare = bare.split(['#', '@']).next().unwrap_or(bare);
    let hash = part.len() == 17 && part.starts_with('h') && is_hex(&part[1..]);
    if hash
        || is_number(part)
        || matches!(bare, "" | "impl" | "llvm" | "as" | "dyn" | "mut" | "vtable" | "shim")
    {
        return None;
    }
    let closure =
        bare == CLOSURE || bare == "closure_env" || bare.starts_with("async_") && part.starts_with('{');
    Some(if closure { CLOSURE } else { bare })
}
