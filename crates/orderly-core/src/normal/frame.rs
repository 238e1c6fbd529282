//! Stack frames in one form: where (`shop.orders`) and what (`Cart.total`), parted by points, without what a compiler,
//! bundler, runtime or machine added.

mod dotnet;
mod go;
mod jvm;
mod names;
mod native;
mod path;
mod php;
mod python;
mod ruby;
mod rust;
mod script;
#[cfg(test)]
mod tests;

use super::platform::Platform;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Characters of a name that are looked at; what is longer was generated.
const LONGEST: usize = 2_000;

/// A frame as an event or a person's text names it. Empty text says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RawFrame<'a> {
    /// Function or method, with or without its class.
    pub function: &'a str,
    /// Module, package or class.
    pub module: &'a str,
    /// File as the trace names it.
    pub file: &'a str,
}

/// A frame without noise.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NormalFrame {
    /// Module, class or file. Empty when nothing said it.
    pub place: String,
    /// Function, without its place. Empty when it has no name.
    pub function: String,
}

impl NormalFrame {
    /// Whether anything is known of the frame.
    pub const fn is_blank(&self) -> bool {
        self.place.is_empty() && self.function.is_empty()
    }
}

impl fmt::Display for NormalFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.place.as_str(), self.function.as_str()) {
            ("", one) | (one, "") => f.write_str(one),
            (place, function) => write!(f, "{place}.{function}"),
        }
    }
}

/// The normal form of a frame.
///
/// A closure keeps the name of the function it stands in, followed by `closure`. Lines and columns are no part of a
/// frame here: they move with every edit.
pub fn normal(platform: Platform, frame: &RawFrame<'_>) -> NormalFrame {
    let frame = &RawFrame {
        function: names::capped(frame.function, LONGEST),
        module: names::capped(frame.module, LONGEST),
        file: names::capped(frame.file, LONGEST),
    };
    let (place, function) = match platform {
        Platform::Native if rust::is_rust(frame) => rust::normal(frame),
        Platform::Rust => rust::normal(frame),
        Platform::JavaScript => script::normal(frame),
        Platform::Python => python::normal(frame),
        Platform::Jvm => jvm::normal(frame),
        Platform::Go => go::normal(frame),
        Platform::Ruby => ruby::normal(frame),
        Platform::Php => php::normal(frame),
        Platform::DotNet => dotnet::normal(frame),
        Platform::Native | Platform::Other => native::normal(frame),
    };
    // The function often carries its place; it must not count twice for one SDK and once for another.
    let function = match function.strip_prefix(&place).and_then(|rest| rest.strip_prefix('.')) {
        Some(rest) if !place.is_empty() => rest.to_owned(),
        _ => function,
    };
    NormalFrame { place, function }
}

/// The frames of a stack, crash frame first as given: normal forms, without blank ones, a frame that repeats the one
/// before it (recursion, inlining) kept once.
pub fn stack<'a>(platform: Platform, frames: impl IntoIterator<Item = RawFrame<'a>>) -> Vec<NormalFrame> {
    let mut stack: Vec<NormalFrame> = Vec::new();
    for frame in frames {
        let frame = normal(platform, &frame);
        if !frame.is_blank() && stack.last() != Some(&frame) {
            stack.push(frame);
        }
    }
    stack
}
