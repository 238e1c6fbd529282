//! The files of a trace and those that it leads to, ranked.

use super::inputs::{Crash, Sight};
use super::leads::{Lead, Link};
use super::raising::is_implicit;
use super::trace::{File, files, folder, stem};
use super::weights as weight;
use crate::diagnose::FrameOrigin;
use crate::normal::platform::Platform;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Below this probability of the first suspect nothing is claimed.
const CLAIM: f64 = 0.4;

/// The files of a crash by how probably the mistake is in them.
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
    /// It hands on to a function of the same name in a file nearer to the crash.
    HandsOn,
    /// It is not in the trace, but the other half of a pair with one of its first files.
    Counterpart,
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
            Self::HandsOn => f.write_str("hands on to a function of the same name"),
            Self::Counterpart => {
                f.write_str("not in the trace, but writes what the crash reads, or reads what it writes")
            }
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

/// Ranks the files of the own frames of a crash, and those that it leads to.
pub fn suspects(crash: &Crash, leads: &[Lead]) -> Suspicion {
    let files = files(crash);
    let context = Context::of(crash, &files);
    let of_trace = files.iter().map(|file| {
        let (score, reasons) = context.score(file);
        suspect(file.path, file.functions(), score, reasons)
    });
    let beyond = leads.iter().map(|lead| {
        let (score, reason) = match lead.link {
            Link::Named => (weight::ONLY_NAMED, Reason::NamedInMessage),
            Link::Counterpart => (weight::COUNTERPART, Reason::Counterpart),
        };
        suspect(&lead.path, Vec::new(), score, vec![reason])
    });
    let scored: Vec<(f64, Suspect)> = of_trace.chain(beyond).collect();
    let elsewhere =
        weight::ELSEWHERE + if crash.platform == Platform::Jvm { weight::ELSEWHERE_JVM } else { 0.0 };
    let highest = scored.iter().map(|(score, _)| *score).fold(elsewhere, f64::max);
    let total: f64 =
        (elsewhere - highest).exp() + scored.iter().map(|(score, _)| (score - highest).exp()).sum::<f64>();
    let probable = |(score, suspect): (f64, Suspect)| Suspect {
        probability: (score - highest).exp() / total,
        ..suspect
    };
    let mut suspects: Vec<Suspect> = scored.into_iter().map(probable).collect();
    // Equal ones stay in the order of the trace.
    suspects.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    Suspicion { suspects, elsewhere: (elsewhere - highest).exp() / total }
}

/// A file with its score; how probable that makes it depends on the others.
fn suspect(path: &str, functions: Vec<String>, score: f64, reasons: Vec<Reason>) -> (f64, Suspect) {
    (score, Suspect { path: path.to_owned(), functions, probability: 0.0, reasons })
}

/// What all files of a crash are judged against.
struct Context<'a> {
    own: usize,
    folders: BTreeMap<&'a str, usize>,
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

impl<'a> Context<'a> {
    fn of(crash: &Crash, files: &[File<'a>]) -> Self {
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
            own: files.iter().map(|file| file.frames).sum(),
            folders,
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
        if file.only_raises() {
            clues.push((weight::RAISES, Some(Reason::OnlyRaises)));
        } else {
            let place = file.before + 1;
            let worth = match place {
                1 => weight::FIRST,
                2 => weight::SECOND,
                3 => weight::THIRD,
                _ => 0.0,
            };
            clues.push((worth, Some(Reason::Place { place })));
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
        if self.words.contains(&stem(file.path).to_ascii_lowercase()) {
            clues.push((weight::NAMED, Some(Reason::NamedInMessage)));
        }
        if !self.exception_folder.is_empty() && folder.ends_with(&self.exception_folder) {
            clues.push((weight::BESIDE_EXCEPTION, Some(Reason::BesideException)));
        }
        if file.hands_on {
            clues.push((weight::HANDS_ON, Some(Reason::HandsOn)));
        }
        clues.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
        let score = clues.iter().map(|(worth, _)| worth).sum();
        (score, clues.into_iter().filter_map(|(_, reason)| reason).collect())
    }
}
