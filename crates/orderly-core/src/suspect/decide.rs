//! The files of a trace, ranked.

use super::inputs::{Crash, Sight};
use super::raising::{is_implicit, raises};
use super::weights as weight;
use crate::diagnose::FrameOrigin;
use crate::normal::platform::Platform;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Below this probability of the first suspect nothing is claimed.
const CLAIM: f64 = 0.4;

/// The files of a trace by how probably the mistake is in them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suspicion {
    /// The most probable first.
    pub suspects: Vec<Suspect>,
    /// Probability that it is in none of them.
    pub elsewhere: f64,
}

/// A file that may hold the mistake.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suspect {
    /// Its path.
    pub path: String,
    /// Its functions in the trace, the one nearest to the crash first; those that only raise come last.
    pub functions: Vec<String>,
    /// How probably the fix changes it, 0 to 1.
    pub probability: f64,
    /// What speaks for it and against it, the weightiest first.
    pub reasons: Vec<Reason>,
}

/// A clue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "clue", rename_all = "snake_case")]
pub enum Reason {
    /// Its place among the files of the trace that do not only raise, from 1.
    Place {
        /// 1: nearest to the crash.
        place: usize,
    },
    /// Its functions in the trace only raise what others did wrong.
    OnlyRaises,
    /// So many of the own frames are in it.
    Frames {
        /// In it.
        frames: usize,
        /// In all.
        of: usize,
    },
    /// The crash is inside a library, and this is the own code that called it.
    CallsCrashedLibrary,
    /// The runtime itself raised the exception at its statement.
    StatementFailed,
    /// The message has its name.
    NamedInMessage,
    /// It stands beside the class of the exception, which often reports for others.
    BesideException,
    /// The trace enters the own code there.
    Entry,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place { place: 1 } => f.write_str("nearest to the crash"),
            Self::Place { place } => write!(f, "number {place} from the crash"),
            Self::OnlyRaises => f.write_str("its functions only raise what others did wrong"),
            Self::Frames { frames, of } => write!(f, "{frames} of {of} own frames"),
            Self::CallsCrashedLibrary => f.write_str("called the library that crashed"),
            Self::StatementFailed => f.write_str("its statement failed in the runtime itself"),
            Self::NamedInMessage => f.write_str("the message names it"),
            Self::BesideException => f.write_str("stands beside the class of the exception"),
            Self::Entry => f.write_str("the trace enters the own code there"),
        }
    }
}

/// Whether a suspicion is worth a claim.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict<'a> {
    /// This file.
    Suspect(&'a Suspect),
    /// The clues are too weak to name one.
    TooWeak,
}

impl Suspicion {
    /// Whether the first suspect is worth a claim.
    pub fn verdict(&self) -> Verdict<'_> {
        match self.suspects.first() {
            Some(first) if first.probability >= CLAIM => Verdict::Suspect(first),
            _ => Verdict::TooWeak,
        }
    }
}

/// Ranks the files of the own frames of a crash.
pub fn suspects(crash: &Crash) -> Suspicion {
    let files = files(crash);
    let own: usize = files.iter().map(|file| file.frames).sum();
    let context = Context::of(crash, &files, own);
    let scored: Vec<(f64, Vec<Reason>)> = files.iter().map(|file| context.score(file)).collect();
    let elsewhere =
        weight::ELSEWHERE + if crash.platform == Platform::Jvm { weight::ELSEWHERE_JVM } else { 0.0 };
    let highest = scored.iter().map(|(score, _)| *score).fold(elsewhere, f64::max);
    let total: f64 =
        (elsewhere - highest).exp() + scored.iter().map(|(score, _)| (score - highest).exp()).sum::<f64>();
    let mut suspects: Vec<Suspect> = std::iter::zip(files, scored)
        .map(|(file, (score, reasons))| Suspect {
            path: file.path.to_owned(),
            functions: file.functions(),
            probability: (score - highest).exp() / total,
            reasons,
        })
        .collect();
    // Equal ones stay in the order of the trace.
    suspects.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    Suspicion { suspects, elsewhere: (elsewhere - highest).exp() / total }
}

/// A file of the trace.
struct File<'a> {
    path: &'a str,
    /// Place among all files of the trace, from 0.
    order: usize,
    /// Files before it that do not only raise.
    before: usize,
    frames: usize,
    /// Functions and whether they raise.
    functions: Vec<(&'a str, bool)>,
}

impl File<'_> {
    fn only_raises(&self) -> bool {
        self.functions.iter().all(|(_, raises)| *raises)
    }

    fn functions(&self) -> Vec<String> {
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

fn own_frames(crash: &Crash) -> impl Iterator<Item = (&Sight, &str)> {
    let frames = crash.failures.iter().flat_map(|failure| &failure.frames);
    frames
        .filter(|frame| frame.origin == FrameOrigin::InApp)
        .filter_map(|frame| Some((frame, frame.path.as_deref()?)))
}

/// The files of the own frames in the order of the trace, the deepest cause first.
fn files(crash: &Crash) -> Vec<File<'_>> {
    let mut files: Vec<File<'_>> = Vec::new();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for (frame, path) in own_frames(crash) {
        let at = *known.entry(path).or_insert_with(|| {
            files.push(File { path, order: files.len(), before: 0, frames: 0, functions: Vec::new() });
            files.len() - 1
        });
        files[at].frames += 1;
        files[at].functions.push((&frame.function, raises(&frame.function, class(crash.platform, frame))));
    }
    let mut before = 0;
    for file in &mut files {
        file.before = before;
        before += usize::from(!file.only_raises());
    }
    files
}

/// The outer class of a frame, where files are named after classes.
fn class(platform: Platform, frame: &Sight) -> &str {
    if platform != Platform::Jvm {
        return "";
    }
    let name = frame.module.rsplit('.').next().unwrap_or_default();
    name.split('$').next().unwrap_or(name)
}

/// What all files of a crash are judged against.
struct Context<'a> {
    own: usize,
    files: usize,
    folders: BTreeMap<&'a str, usize>,
    first_folder: Option<&'a str>,
    exception_folder: String,
    words: BTreeSet<String>,
    implicit: Answer,
    library_crashed: Answer,
}

/// Whether something is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
}

impl From<bool> for Answer {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

impl<'a> Context<'a> {
    fn of(crash: &Crash, files: &[File<'a>], own: usize) -> Self {
        let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
        for file in files {
            *folders.entry(folder(file.path)).or_default() += file.frames;
        }
        let has_own = |frames: &[Sight]| frames.iter().any(|frame| frame.origin == FrameOrigin::InApp);
        let root = crash.failures.iter().find(|failure| has_own(&failure.frames)).or(crash.failures.first());
        let crash_frame = root.and_then(|failure| failure.frames.first());
        let thrown = crash.failures.last().map_or("", |failure| failure.kind.as_str());
        let words = crash.failures.iter().flat_map(|failure| {
            let words = failure.message.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            words.filter(|word| word.len() >= 4).map(str::to_ascii_lowercase)
        });
        Self {
            own,
            files: files.len(),
            folders,
            first_folder: files.first().map(|file| folder(file.path)),
            exception_folder: thrown
                .rsplit_once('.')
                .map_or(String::new(), |(package, _)| package.replace('.', "/")),
            words: words.collect(),
            implicit: root.is_some_and(|failure| is_implicit(&failure.kind)).into(),
            library_crashed: crash_frame.is_some_and(|frame| frame.origin != FrameOrigin::InApp).into(),
        }
    }

    fn score(&self, file: &File<'_>) -> (f64, Vec<Reason>) {
        let mut clues: Vec<(f64, Option<Reason>)> = Vec::new();
        let share = |part: usize| part as f64 / self.own.max(1) as f64;
        let only_raises = file.only_raises();
        let place = if only_raises { file.order + 2 } else { file.before + 1 };
        let by_place = match place {
            _ if only_raises => 0.0,
            1 => weight::FIRST,
            2 => weight::SECOND,
            3 => weight::THIRD,
            _ => 0.0,
        };
        let shown = (!only_raises).then_some(Reason::Place { place });
        clues.push((by_place + weight::PLACE * (place as f64).ln(), shown));
        if only_raises {
            clues.push((weight::RAISES, Some(Reason::OnlyRaises)));
        }
        let frames = Reason::Frames { frames: file.frames, of: self.own };
        clues.push((weight::SHARE * share(file.frames), Some(frames)));
        let folder = folder(file.path);
        let beside = self.folders.get(folder).copied().unwrap_or(0);
        clues.push((weight::FOLDER * share(beside), None));
        if self.library_crashed == Answer::Yes && file.before == 0 {
            clues.push((weight::CALLS_CRASHED_LIBRARY, Some(Reason::CallsCrashedLibrary)));
        }
        if self.implicit == Answer::Yes && file.before == 0 {
            clues.push((weight::STATEMENT_FAILED, Some(Reason::StatementFailed)));
        }
        let name = file.path.rsplit('/').next().unwrap_or(file.path);
        let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
        if self.words.contains(&stem) {
            clues.push((weight::NAMED, Some(Reason::NamedInMessage)));
        }
        if !self.exception_folder.is_empty() && folder.ends_with(&self.exception_folder) {
            clues.push((weight::BESIDE_EXCEPTION, Some(Reason::BesideException)));
        }
        if self.files > 1 && file.order + 1 == self.files {
            clues.push((weight::ENTRY, Some(Reason::Entry)));
        }
        if file.order > 0 && Some(folder) == self.first_folder {
            clues.push((weight::BESIDE_CRASH, None));
        }
        clues.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
        let score = clues.iter().map(|(worth, _)| worth).sum();
        (score, clues.into_iter().filter_map(|(_, reason)| reason).collect())
    }
}
