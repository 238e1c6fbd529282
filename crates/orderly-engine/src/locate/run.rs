//! Gathers what a repository says about a crash and lets the core judge it.

use crate::ports::code::CodeRead;
use crate::ports::crash::CrashRead;
use crate::ports::maps::MapRead;
use orderly_core::answer::{Cause, Looked};
use orderly_core::diagnose::{Evidence, Frame, FrameOrigin};
use orderly_core::ids::{CommitId, IssueId, ShortId};
use orderly_core::locate::{Base, Location, Place, SuspectCommit, Text};
use orderly_core::normal::platform::Platform;
use orderly_core::source::fragment::fragments;
use orderly_core::source::presence::{Presence, presence};
use orderly_core::source::release::{ReleaseName, release_names};
use orderly_core::source::{
    CodeMapping, Located, LookUp, Manifests, Mapped, Original, RepoPath, Traced, TrackedFiles, look_up,
    settle,
};
use orderly_core::suspect::{Crash, Verdict, suspects, tracked_leads};
use orderly_core::time::Seconds;
use orderly_core::triage::IssueName;
use orderly_core::untrusted::Untrusted;
use std::collections::{BTreeMap, BTreeSet};

/// Frames whose lines are followed through history: each costs a walk over it.
const MOST_FOLLOWED: usize = 8;
/// Lines of source on either side of a frame's line.
const AROUND: u32 = 4;
/// Places of one part of a message.
const MOST_PLACES: usize = 3;

/// Finds the code of a crash.
#[derive(Clone, Copy)]
pub struct LocateJob<'a> {
    /// Where the crash is read.
    pub sentry: &'a dyn CrashRead,
    /// Where the code is.
    pub code: &'a dyn CodeRead,
    /// Where the source maps of bundles are.
    pub maps: &'a dyn MapRead,
    /// Code mappings, as configured. They go before those that Sentry was told.
    pub mappings: &'a [CodeMapping],
    /// Window over which issues are counted.
    pub window: Seconds,
}

/// Why there is no answer at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocateError {
    /// No issue has the name.
    #[error("no issue is called that in this organization")]
    NoIssue,
    /// Sentry could not be asked.
    #[error("Sentry could not be asked: {0}")]
    Sentry(Cause),
    /// The repository could not be read.
    #[error("the repository could not be read: {0}")]
    Code(Cause),
}

fn sentry<T>(looked: Looked<T>) -> Result<T, LocateError> {
    match looked {
        Looked::Saw(value) => Ok(value),
        Looked::CouldNotLook(cause) => Err(LocateError::Sentry(cause)),
    }
}

pub(super) fn code<T>(looked: Looked<T>) -> Result<T, LocateError> {
    match looked {
        Looked::Saw(value) => Ok(value),
        Looked::CouldNotLook(cause) => Err(LocateError::Code(cause)),
    }
}

impl LocateJob<'_> {
    /// From the name of an issue to the code of its latest crash.
    ///
    /// # Errors
    /// When there is no such issue, or Sentry or the repository cannot be read. What fails on the way is a gap of the
    /// answer.
    pub async fn run(&self, name: &IssueName) -> Result<Location, LocateError> {
        let issue = sentry(self.sentry.named(name, self.window).await)?.ok_or(LocateError::NoIssue)?;
        let evidence = sentry(self.sentry.latest_crash(issue.id).await)?;
        self.of_evidence(issue.id, &issue.short_id, &evidence).await
    }

    /// The code of a crash whose evidence was read already.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub async fn of_evidence(
        &self,
        issue: IssueId,
        short_id: &ShortId,
        evidence: &Evidence,
    ) -> Result<Location, LocateError> {
        let mut gaps =
            evidence.left_out.iter().map(|what| format!("not read from the event: {what}")).collect();
        let head = code(self.code.head().await)?;
        let base = self.base(evidence, &mut gaps).await;
        let at = match &base {
            Base::Release { commit, .. } => commit,
            Base::Head => &head,
        };
        let originals = self.originals(evidence, &mut gaps).await;
        let frames = frames(evidence, &originals);
        let mappings = self.mappings(issue, &mut gaps).await;
        let traced: Vec<Traced<'_>> = frames.iter().map(|own| own.traced).collect();
        let files = code(self.code.tracked(at).await)?;
        let mapped = map(self.code, at, &traced, &files, &mappings).await?;
        let places = self.places(&frames, mapped, at, &head, &mut gaps).await;
        let crash = crash(evidence, &places);
        let suspicion = suspects(&crash, &tracked_leads(&crash, &files));
        let claimed = match suspicion.verdict() {
            Verdict::Suspect(first) => Some(first.path.clone()),
            Verdict::TooWeak => None,
        };
        let commits = self.commits(&places, at, &mut gaps).await;
        let texts = if places.iter().any(|(_, place)| place.mapped.found().is_some()) {
            Vec::new()
        } else {
            self.texts(evidence, at, &mut gaps).await
        };
        Ok(Location {
            issue,
            short_id: short_id.clone(),
            release: evidence.release.clone(),
            base,
            head,
            library_frames: evidence.exceptions.iter().map(|e| e.frames.len()).sum::<usize>() - frames.len(),
            frames: places.into_iter().map(|(_, place)| place).collect(),
            suspicion,
            claimed,
            commits,
            texts,
            gaps,
        })
    }

    async fn base(&self, evidence: &Evidence, gaps: &mut Vec<String>) -> Base {
        let Some(release) = &evidence.release else { return Base::Head };
        match self.commit_of(release, gaps).await {
            Some((named, commit)) => Base::Release { commit, named },
            None => Base::Head,
        }
    }

    /// The commit of a release, with the tag or the digits that named it.
    pub(super) async fn commit_of(
        &self,
        release: &Untrusted<String>,
        gaps: &mut Vec<String>,
    ) -> Option<(String, CommitId)> {
        let told = match self.sentry.release_commits(release).await {
            Looked::Saw(told) => told,
            Looked::CouldNotLook(cause) => {
                gaps.push(format!("the commits that Sentry knows of the release: {cause}"));
                Vec::new()
            }
        };
        let told = told.iter().map(|commit| ReleaseName::Commit(commit.as_str().to_owned()));
        let names: Vec<ReleaseName> = told.chain(release_names(release.as_raw_str())).collect();
        match self.code.commit_of(&names).await {
            Looked::Saw(Some((name, commit))) => {
                let (ReleaseName::Commit(named) | ReleaseName::Tag(named)) = name;
                Some((named, commit))
            }
            Looked::Saw(None) => None,
            Looked::CouldNotLook(cause) => {
                gaps.push(format!("the commit of the release: {cause}"));
                None
            }
        }
    }

    /// Of each frame of own code the place in the sources, where a source map has it.
    async fn originals(&self, evidence: &Evidence, gaps: &mut Vec<String>) -> Vec<Option<Original>> {
        let mut originals = Vec::new();
        for (_, _, frame) in own_frames(evidence) {
            originals.push(self.original(evidence, frame, gaps).await);
        }
        originals
    }

    /// The place in the sources of a frame, where the source map of its build has it.
    pub(super) async fn original(
        &self,
        evidence: &Evidence,
        frame: &Frame,
        gaps: &mut Vec<String>,
    ) -> Option<Original> {
        let name = frame.abs_path.as_ref().or(frame.file.as_ref())?;
        let at = frame.position.filter(|at| at.column.is_some())?;
        let bundle = evidence.bundles.iter().find(|bundle| bundle.file == *name);
        let build = bundle.map(|bundle| bundle.debug_id.as_raw_str());
        match self.maps.original(name.as_raw_str(), build, at).await {
            Looked::Saw(original) => original,
            Looked::CouldNotLook(cause) => {
                // All frames of a bundle have the same map.
                let gap = format!("a source map: {cause}");
                if !gaps.contains(&gap) {
                    gaps.push(gap);
                }
                None
            }
        }
    }

    /// Sentry's first: of two with one root, the later counts.
    pub(super) async fn mappings(&self, issue: IssueId, gaps: &mut Vec<String>) -> Vec<CodeMapping> {
        let mut all = match self.sentry.code_mappings(issue).await {
            Looked::Saw(told) => told,
            Looked::CouldNotLook(cause) => {
                gaps.push(format!("the code mappings that Sentry knows: {cause}"));
                Vec::new()
            }
        };
        all.extend_from_slice(self.mappings);
        all
    }

    async fn places<'f>(
        &self,
        frames: &[Own<'f>],
        mapped: Vec<(Mapped, Vec<(u32, String)>)>,
        at: &CommitId,
        head: &CommitId,
        gaps: &mut Vec<String>,
    ) -> Vec<(Own<'f>, Place)> {
        let mut places = Vec::new();
        for (number, (own, (mapped, source))) in std::iter::zip(frames, mapped).enumerate() {
            let followed = mapped.found().filter(|_| number < MOST_FOLLOWED && at != head);
            let presence = match followed {
                Some(Located { path, line: Some(line), .. }) => {
                    self.presence(path, *line, at, head, gaps).await
                }
                _ => None,
            };
            let function = own.traced.frame.function.clone();
            places.push((*own, Place { function, mapped, presence, source }));
        }
        places
    }

    pub(super) async fn presence(
        &self,
        path: &RepoPath,
        line: u32,
        at: &CommitId,
        head: &CommitId,
        gaps: &mut Vec<String>,
    ) -> Option<Presence> {
        match self.code.line_fate(at, head, path, line).await {
            Looked::Saw(fate) => Some(presence(path, line, &fate, head)),
            Looked::CouldNotLook(cause) => {
                gaps.push(format!("what became of {path}:{line}: {cause}"));
                None
            }
        }
    }

    async fn commits(
        &self,
        places: &[(Own<'_>, Place)],
        at: &CommitId,
        gaps: &mut Vec<String>,
    ) -> Vec<SuspectCommit> {
        let mut commits: BTreeMap<CommitId, SuspectCommit> = BTreeMap::new();
        let located = places.iter().filter_map(|(_, place)| place.mapped.found());
        let lines: Vec<(RepoPath, u32)> =
            located.filter_map(|located| Some((located.path.clone(), located.line?))).collect();
        let mut seen = BTreeSet::new();
        for (path, line) in lines.into_iter().filter(|line| seen.insert(line.clone())).take(MOST_FOLLOWED) {
            match self.code.author_of(at, &path, line).await {
                Looked::Saw(authored) => {
                    let suspect = commits.entry(authored.commit.clone()).or_insert_with(|| SuspectCommit {
                        commit: authored.commit,
                        at: authored.at,
                        summary: authored.summary,
                        lines: Vec::new(),
                    });
                    suspect.lines.push((path, line));
                }
                Looked::CouldNotLook(cause) => gaps.push(format!("who wrote {path}:{line}: {cause}")),
            }
        }
        let mut commits: Vec<SuspectCommit> = commits.into_values().collect();
        commits.sort_by_key(|commit| std::cmp::Reverse(commit.at));
        commits
    }

    async fn texts(&self, evidence: &Evidence, at: &CommitId, gaps: &mut Vec<String>) -> Vec<Text> {
        let mut texts = Vec::new();
        let message = evidence.root_cause().map(|cause| &cause.value).or(evidence.message.as_ref());
        for part in message.map(|message| fragments(message.as_raw_str())).unwrap_or_default() {
            match self.code.occurrences(at, &part, MOST_PLACES).await {
                Looked::Saw(places) => texts.extend(places.into_iter().map(|(path, line)| Text {
                    text: Untrusted::from(part.as_str()),
                    path,
                    line,
                })),
                Looked::CouldNotLook(cause) => gaps.push(format!("a search for the message: {cause}")),
            }
        }
        texts
    }
}

/// Of each frame the place in the sources of a commit, which tracks `files`, and the lines around it with their numbers.
///
/// # Errors
/// When the repository cannot be read.
pub async fn map(
    repository: &dyn CodeRead,
    at: &CommitId,
    frames: &[Traced<'_>],
    files: &TrackedFiles,
    mappings: &[CodeMapping],
) -> Result<Vec<(Mapped, Vec<(u32, String)>)>, LocateError> {
    let manifests = code(repository.texts(at, &Manifests::wanted(files)).await)?;
    let manifests = Manifests::read(manifests.iter().map(|(path, text)| (path, text.as_str())));
    let looked = look_up(frames, files, &manifests, mappings);
    let wanted: BTreeSet<RepoPath> = looked
        .iter()
        .filter_map(|look| match look {
            LookUp::Fits(candidates) => Some(candidates.paths().cloned()),
            LookUp::Missed(_) => None,
        })
        .flatten()
        .collect();
    let wanted: Vec<RepoPath> = wanted.into_iter().collect();
    let texts = code(repository.texts(at, &wanted).await)?;
    let settled = std::iter::zip(frames, &looked).map(|(traced, look)| settle(traced, look, &texts));
    let with_source = |mapped: Mapped| {
        let lines = source(&mapped, &texts);
        (mapped, lines)
    };
    Ok(settled.map(with_source).collect())
}

/// The lines around a place, with their numbers.
fn source(mapped: &Mapped, texts: &BTreeMap<RepoPath, String>) -> Vec<(u32, String)> {
    let Some(Located { path, line: Some(line), .. }) = mapped.found() else { return Vec::new() };
    let Some(text) = texts.get(path) else { return Vec::new() };
    let around = line.saturating_sub(AROUND)..=line.saturating_add(AROUND);
    let numbered = (1_u32..).zip(text.lines()).filter(|(number, _)| around.contains(number));
    numbered.map(|(number, text)| (number, text.to_owned())).collect()
}

/// A frame of own code, and where the evidence has it.
#[derive(Clone, Copy)]
struct Own<'a> {
    exception: usize,
    frame: usize,
    traced: Traced<'a>,
}

/// The frames of own code, the deepest cause first, with the places that source maps gave them.
fn frames<'a>(evidence: &'a Evidence, originals: &'a [Option<Original>]) -> Vec<Own<'a>> {
    let of_event = Platform::of(evidence.platform.as_raw_str());
    std::iter::zip(own_frames(evidence), originals)
        .map(|((exception, number, frame), original)| {
            let traced = Traced { frame, platform: platform(frame, of_event), original: original.as_ref() };
            Own { exception, frame: number, traced }
        })
        .collect()
}

/// The frames of own code with the number of their exception and their own.
pub(super) fn own_frames(evidence: &Evidence) -> impl Iterator<Item = (usize, usize, &Frame)> {
    let exceptions = evidence.exceptions.iter().enumerate().rev();
    let all = exceptions.flat_map(|(at, exception)| {
        exception.frames.iter().enumerate().map(move |(number, frame)| (at, number, frame))
    });
    all.filter(|(_, _, frame)| frame.origin == FrameOrigin::InApp)
}

pub(super) fn platform(frame: &Frame, of_event: Platform) -> Platform {
    frame.platform.as_ref().map_or(of_event, |platform| Platform::of(platform.as_raw_str()))
}

fn crash(evidence: &Evidence, places: &[(Own<'_>, Place)]) -> Crash {
    let mut paths: Vec<Vec<Option<String>>> =
        evidence.exceptions.iter().map(|exception| vec![None; exception.frames.len()]).collect();
    for (own, place) in places {
        paths[own.exception][own.frame] =
            place.mapped.found().map(|located| located.path.as_str().to_owned());
    }
    Crash::of(evidence, Platform::of(evidence.platform.as_raw_str()), &paths)
}
