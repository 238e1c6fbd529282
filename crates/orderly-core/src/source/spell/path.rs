//! Paths as machines write them.

/// A path with `/` between its components, without schemes, drives, `.`, `..` and what a browser asks for after it.
pub(crate) fn clean(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let path = path.replace('\\', "/");
    let path = without_scheme(&path);
    let mut parts: Vec<String> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." | "~" => {}
            ".." => {
                parts.pop();
            }
            drive if parts.is_empty() && drive.len() == 2 && drive.ends_with(':') => {}
            part => parts.push(decoded(part)),
        }
    }
    parts.join("/")
}

/// `https://host/a/b` is `a/b`; `file:///a/b` is `a/b`.
fn without_scheme(path: &str) -> &str {
    let Some((scheme, rest)) = path.split_once("://") else {
        return path.strip_prefix("file:").unwrap_or(path);
    };
    let is_scheme =
        !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if !is_scheme {
        return path;
    }
    // What follows is a host, or the name of a bundle.
    rest.split_once('/').map_or("", |(_, path)| path)
}

/// `%5Bslug%5D` is `[slug]`; what would part or end the name stays.
fn decoded(part: &str) -> String {
    if !part.contains('%') {
        return part.to_owned();
    }
    let bytes = part.as_bytes();
    let (mut text, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let hex = part.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if byte >= b' ' && !b"/\\".contains(&byte) => {
                text.push(byte);
                at += 3;
            }
            _ => {
                text.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(text).unwrap_or_else(|_| part.to_owned())
}

/// Folders that hold what others wrote. A name that stands before the last component and is one of these means that the
/// file is no own code, wherever the repository keeps it.
const FOREIGN: &[&str] = &[
    "node_modules/",
    "/site-packages/",
    "/dist-packages/",
    "/.cargo/registry/",
    "/.cargo/git/",
    "/rustc/",
    "/go/pkg/mod/",
    "/usr/local/go/src/",
    "/libexec/src/runtime/",
    "/gems/",
    "/vendor/bundle/",
    "/usr/lib/",
    "/usr/include/",
    "/lib/python",
    "/.pub-cache/",
    "/.rustup/",
    "/DerivedSources/",
    "/vendor/composer/",
    "webpack/bootstrap",
    "webpack/runtime",
];

/// How paths begin that are no own code.
const FOREIGN_STARTS: &[&str] = &[
    "node:",
    "node:internal",
    "chrome-extension://",
    "moz-extension://",
    "safari-extension://",
    "safari-web-extension://",
    "dart:",
    "package:flutter/",
    "org-dartlang-sdk:",
    "/rustc/",
    "rustc/",
    "library/std/",
    "library/core/",
    "library/alloc/",
    "/_/src/",
    "<frozen ",
    "<internal:",
    "../node_modules/",
];

/// Whether a path is one of a dependency, a runtime or a browser extension.
pub(in crate::source) fn is_outside(path: &str) -> bool {
    let path = path.replace('\\', "/");
    FOREIGN_STARTS.iter().any(|start| path.starts_with(start))
        || FOREIGN.iter().any(|part| path.contains(part))
}

/// Whether a name stands for no file: `<anonymous>`, `native code`, `eval at …`, `[unknown]`.
pub(super) fn is_generated(name: &str) -> bool {
    let bracketed = |open: char, close: char| name.starts_with(open) && name.ends_with(close);
    bracketed('<', '>')
        || (bracketed('[', ']') && !name.contains('/'))
        || name == "native code"
        || name.starts_with("eval at ")
        || name.contains(" > eval")
        || name.ends_with("eval()'d code")
        || name.starts_with("blob:")
        || name.starts_with("data:")
        || name.starts_with("VM") && name[2..].chars().all(|c| c.is_ascii_digit())
}
