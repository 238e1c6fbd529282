//! The files of a trace, and which of their functions only raise.

use super::inputs::{Crash, Sight};
use super::raising::raises;
use crate::diagnose::FrameOrigin;
use crate::normal::platform::Platform;
use std::collections::{BTreeMap, BTreeSet};

/// A file of the trace.
pub(super) struct File<'a> {
    pub path: &'a str,
    /// Files before it that do not only raise.
    pub before: usize,
    pub frames: usize,
    /// Whether it has a function that is called like one of a file before it.
    pub hands_on: bool,
    /// Functions and whether they raise.
    functions: Vec<(&'a str, bool)>,
}

impl File<'_> {
    pub fn only_raises(&self) -> bool {
        self.functions.iter().all(|(_, raises)| *raises)
    }

    /// The functions, the one nearest to the crash first; those that only raise come last.
    pub fn functions(&self) -> Vec<String> {
        let of = |raising: bool| self.functions.iter().filter(move |(_, raises)| *raises == raising);
        let mut names: Vec<String> = Vec::new();
        for (name, _) in of(false).chain(of(true)) {
            if !name.is_empty() && !names.iter().any(|known| known == name) {
                names.push((*name).to_owned());
            }
        }
        names
    }
}

/// The files of the own frames in the order of the trace, the deepest cause first.
pub(super) fn files(crash: &Crash) -> Vec<File<'_>> {
    let mut files: Vec<File<'_>> = Vec::new();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for failure in &crash.failures {
        let mut run = Run::Begins;
        for (frame, path) in failure.frames.iter().filter_map(own) {
            let raises = raises(&frame.function, class(crash.platform, frame));
            let raises = run.goes_on(path, raises);
            let at = *known.entry(path).or_insert_with(|| {
                files.push(File { path, before: 0, frames: 0, hands_on: false, functions: Vec::new() });
                files.len() - 1
            });
            files[at].frames += 1;
            files[at].functions.push((&frame.function, raises));
        }
    }
    let mut before = 0;
    let mut nearer: BTreeSet<&str> = BTreeSet::new();
    for file in &mut files {
        file.before = before;
        before += usize::from(!file.only_raises());
        let names = || file.functions.iter().map(|(name, _)| *name).filter(|name| !name.is_empty());
        file.hands_on = names().any(|name| nearer.contains(name));
        nearer.extend(names());
    }
    files
}

/// A frame of own code with its file.
fn own(frame: &Sight) -> Option<(&Sight, &str)> {
    let path = frame.path.as_deref()?;
    (frame.origin == FrameOrigin::InApp).then_some((frame, path))
}

/// The frames at the top of a trace that raise. What such a function was called by in its own file decides to raise, and
/// does no other work either.
enum Run<'a> {
    Begins,
    Raises(&'a str),
    Ended,
}

impl<'a> Run<'a> {
    /// Whether the next frame raises, which by its name alone `raises`.
    fn goes_on(&mut self, path: &'a str, raises: bool) -> bool {
        let raises_here = match self {
            Self::Raises(before) => raises || *before == path,
            Self::Begins | Self::Ended => raises,
        };
        *self = match self {
            Self::Begins | Self::Raises(_) if raises_here => Self::Raises(path),
            _ => Self::Ended,
        };
        raises_here
    }
}

/// The outer class of a frame, where files are named after classes.
fn class(platform: Platform, frame: &Sight) -> &str {
    if platform != Platform::Jvm {
        return "";
    }
    let name = frame.module.rsplit('.').next().unwrap_or_default();
    name.split('$').next().unwrap_or(name)
}

/// The folder of a path.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The name of a path's file without its ending.
pub(super) fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('.').next().unwrap_or(name)
}
