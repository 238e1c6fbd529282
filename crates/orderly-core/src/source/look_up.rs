//! Frames against the tracked files: which files have their names.

use super::files::{RepoPath, TrackedFiles, last};
use super::located::{Miss, Named};
use super::manifest::Manifests;
use super::spell::{Anchor, LineWorth, Spelling, is_bundle, spellings};
use super::{CodeMapping, Traced};
use crate::normal::platform::Platform;
use crate::untrusted::Untrusted;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Most files of one name that are looked at: `index.js` of a big repository.
const MOST_NAMESAKES: usize = 5_000;
/// Most files whose texts may be needed to choose between them.
const MOST_CANDIDATES: usize = 8;

/// How many numbers [`shape`] tells apart.
const SHAPES: usize = 1 << 14;

/// What the names of a frame led to.
#[derive(Clone, Debug)]
pub enum LookUp {
    /// Files that fit equally well; the text decides between them, if anything does.
    Fits(Candidates),
    /// No file.
    Missed(Miss),
}

/// Files that may be the one of a frame.
#[derive(Clone, Debug)]
pub struct Candidates {
    /// The name that was looked for, as shown to a person.
    pub(super) name: Untrusted<String>,
    pub(super) files: Vec<Candidate>,
    /// Whether there were more than are kept.
    pub(super) cut: Cut,
}

/// Whether candidates were left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    Nothing,
    Some,
}

/// A file that may be the one.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub path: RepoPath,
    pub named: Named,
    pub line: LineWorth,
    pub fit: Fit,
    /// What stands before the common part: of the frame's path and of the tracked one.
    roots: (String, String),
}

/// How much of a name a path has; the last is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// The last components, at least the file's name.
    End(usize),
    /// All of the name, or all of the path.
    Whole(usize),
    /// Exactly it.
    Exact,
}

impl Candidates {
    /// The files whose texts tell which of them it is.
    pub fn paths(&self) -> impl Iterator<Item = &RepoPath> {
        self.files.iter().map(|candidate| &candidate.path)
    }
}

/// Looks up all frames of an event in one pass over the tracked files. The answers are in the order of the frames.
pub fn look_up(
    frames: &[Traced<'_>],
    files: &TrackedFiles,
    manifests: &Manifests,
    mappings: &[CodeMapping],
) -> Vec<LookUp> {
    let spelled: Vec<_> = frames.iter().map(|traced| spellings(traced, manifests, mappings)).collect();
    let namesakes = namesakes(&spelled, files);
    let mut found: Vec<LookUp> = std::iter::zip(frames, spelled)
        .map(|(traced, spelled)| match spelled {
            Ok(spelled) => fitting(traced, &spelled, &namesakes),
            Err(miss) => LookUp::Missed(miss),
        })
        .collect();
    prefer_common_roots(&mut found);
    found
}

/// The name under which the file of a frame is most likely tracked, for when there is no repository to look into.
pub fn likely_path(traced: &Traced<'_>) -> Option<String> {
    let spelled = spellings(traced, &Manifests::default(), &[]).ok()?;
    spelled.into_iter().next().map(|spelling| spelling.path)
}

/// The tracked files that have the last component of some name.
fn namesakes<'a>(
    spelled: &[Result<Vec<Spelling>, Miss>],
    files: &'a TrackedFiles,
) -> BTreeMap<String, Vec<&'a str>> {
    let wanted =
        spelled.iter().flatten().flatten().map(|spelling| (last(&spelling.path).to_owned(), Vec::new()));
    let mut namesakes: BTreeMap<String, Vec<&str>> = wanted.collect();
    // Of the files of a big repository few are asked for: most are told apart by a number from their name.
    let mut asked = vec![false; SHAPES];
    for name in namesakes.keys() {
        asked[shape(name)] = true;
    }
    for (path, name) in files.with_names() {
        if asked[shape(name)]
            && let Some(known) = namesakes.get_mut(name)
            && known.len() < MOST_NAMESAKES
        {
            known.push(path);
        }
    }
    namesakes
}

/// A number from a name, below [`SHAPES`]: FNV-1a, folded.
fn shape(name: &str) -> usize {
    let hash =
        name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash >> 16 ^ hash) as usize % SHAPES
}

fn fitting(traced: &Traced<'_>, spelled: &[Spelling], namesakes: &BTreeMap<String, Vec<&str>>) -> LookUp {
    let mut all: Vec<Candidate> = Vec::new();
    for spelling in spelled {
        let same = namesakes.get(last(&spelling.path)).map_or(&[][..], Vec::as_slice);
        for path in same {
            if let Some(fit) = fit(spelling, path) {
                let roots = roots(&spelling.path, path);
                let path = TrackedFiles::certified(path);
                match all.iter_mut().find(|known| known.path == path) {
                    // Two names of one file: the better fit, and of equal ones the more trusted, which came first.
                    Some(known) if known.fit < fit => {
                        *known = Candidate { path, named: spelling.named, line: spelling.line, fit, roots };
                    }
                    Some(_) => {}
                    None => {
                        all.push(Candidate { path, named: spelling.named, line: spelling.line, fit, roots });
                    }
                }
            }
        }
    }
    let name = shown(traced, spelled);
    if all.is_empty() {
        return LookUp::Missed(if is_unmapped_bundle(traced) {
            Miss::Minified { bundle: name }
        } else {
            Miss::Untracked { name }
        });
    }
    // The best fit; where a name of a compiled file and a name of a source fit, the source is meant.
    let rank = |candidate: &Candidate| {
        let mapped = matches!(candidate.named, Named::CodeMapping | Named::SourceMap);
        let own = candidate.line == LineWorth::Own;
        let (whole, length) = match candidate.fit {
            Fit::Exact => (2, usize::MAX),
            Fit::Whole(length) => (2, length),
            Fit::End(length) => (1, length),
        };
        // What a function is called says where it was declared, which need not be where its body stands.
        let by_file = candidate.named != Named::Function;
        // A path that is wholly there beats one that ends alike, however its name was found.
        (whole, mapped, own, by_file, length)
    };
    let best = all.iter().map(rank).max();
    let mut equal: Vec<Candidate> =
        all.into_iter().filter(|candidate| Some(rank(candidate)) == best).collect();
    // The path exactly as it was said, at the top of the repository, before those of its parts that look like it.
    if let Some(exact) = equal.iter().position(|candidate| candidate.fit == Fit::Exact) {
        equal.swap(0, exact);
    }
    equal[1..].sort_by(|a, b| a.path.cmp(&b.path));
    let cut = if equal.len() > MOST_CANDIDATES { Cut::Some } else { Cut::Nothing };
    equal.truncate(MOST_CANDIDATES);
    LookUp::Fits(Candidates { name, files: equal, cut })
}

/// How much of a name is in a path; `None` when it says too little.
fn fit(spelling: &Spelling, path: &str) -> Option<Fit> {
    if spelling.path == path {
        return Some(Fit::Exact);
    }
    if spelling.anchor == Anchor::Top {
        return None;
    }
    let common =
        std::iter::zip(spelling.path.rsplit('/'), path.rsplit('/')).take_while(|(a, b)| a == b).count();
    let (said, held) = (spelling.path.split('/').count(), path.split('/').count());
    // A file at the top of a repository has only its name in common with any other of that name.
    let whole = common == said || common == held && common > 1;
    match (whole, spelling.line) {
        (_, _) if common == 0 => None,
        (true, _) => Some(Fit::Whole(common)),
        // The sources of a compiled file are guessed, so more of the path must agree.
        (false, LineWorth::Compiled) if common < 2 => None,
        (false, _) => Some(Fit::End(common)),
    }
}

fn roots(said: &str, held: &str) -> (String, String) {
    let common: usize = std::iter::zip(said.rsplit('/'), held.rsplit('/'))
        .take_while(|(a, b)| a == b)
        .map(|(part, _)| part.len() + 1)
        .sum();
    let root = |path: &str| path[..(path.len() + 1).saturating_sub(common)].to_owned();
    (root(said), root(held))
}

/// What is shown as the name that was looked for: the longest of what the frame itself says.
fn shown(traced: &Traced<'_>, spelled: &[Spelling]) -> Untrusted<String> {
    if let Some(original) = traced.original {
        return Untrusted::new(original.source.clone());
    }
    let said = [&traced.frame.file, &traced.frame.abs_path].into_iter().flatten();
    let said = said.map(|name| name.as_raw_str().trim()).find(|name| !name.is_empty());
    Untrusted::from(
        said.or_else(|| spelled.first().map(|spelling| spelling.path.as_str())).unwrap_or_default(),
    )
}

fn is_unmapped_bundle(traced: &Traced<'_>) -> bool {
    let may_be_script = matches!(traced.platform, Platform::JavaScript | Platform::Other | Platform::Native);
    let far_right =
        traced.frame.position.and_then(|position| position.column).is_some_and(|column| column > 500);
    let mut names = [&traced.frame.file, &traced.frame.abs_path].into_iter().flatten();
    may_be_script
        && traced.original.is_none()
        && (far_right || names.any(|name| is_bundle(name.as_raw_str())))
}

/// Frames of one build stand below one folder: where several files fit one frame, those count that stand below the
/// folders which the frames with only one file led to.
fn prefer_common_roots(found: &mut [LookUp]) {
    let mut votes: BTreeMap<(String, String), usize> = BTreeMap::new();
    for look in found.iter() {
        if let LookUp::Fits(Candidates { files, .. }) = look
            && let [only] = files.as_slice()
        {
            *votes.entry(only.roots.clone()).or_default() += 1;
        }
    }
    for look in found {
        let LookUp::Fits(candidates) = look else { continue };
        if candidates.files.len() < 2 || candidates.files[0].fit == Fit::Exact {
            continue;
        }
        let vote = |candidate: &Candidate| votes.get(&candidate.roots).copied().unwrap_or(0);
        let most = candidates.files.iter().map(vote).max().unwrap_or(0);
        if most > 0 {
            candidates.files.retain(|candidate| vote(candidate) == most);
            candidates.cut = Cut::Nothing;
        }
        candidates.files.sort_by_key(|candidate| Reverse(candidate.fit));
    }
}
