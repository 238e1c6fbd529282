//! Of many crashes, which a commit on HEAD has fixed: the line that crashed is followed from the commit of its release. Only
//! what is certain counts, because what is fixed is not shown.

use super::run::{LocateError, LocateJob, code, own_frames, platform};
use orderly_core::answer::Looked;
use orderly_core::diagnose::{Evidence, Frame};
use orderly_core::ids::{CommitId, IssueId, ProjectSlug};
use orderly_core::noise::{HeadFix, HeadFixToldBy, TagSpread};
use orderly_core::normal::platform::Platform;
use orderly_core::source::presence::Presence;
use orderly_core::source::{Original, RepoPath, Traced};
use orderly_core::untrusted::Untrusted;
use std::collections::{BTreeMap, BTreeSet};

/// A crash, and in which releases it was seen.
#[derive(Clone, Copy, Debug)]
pub struct Crashed<'a> {
    /// The issue.
    pub issue: IssueId,
    /// Its project.
    pub project: &'a ProjectSlug,
    /// Its latest event.
    pub evidence: &'a Evidence,
    /// How its events spread over releases.
    pub releases: &'a TagSpread,
}

impl<'a> Crashed<'a> {
    /// The frame that crashed: the first own one of the deepest cause.
    fn frame(&self) -> Option<&'a Frame> {
        own_frames(self.evidence).next().map(|(_, _, frame)| frame)
    }
}

/// A line that crashed, in the commit of its release.
struct Line {
    issue: IssueId,
    path: RepoPath,
    line: u32,
    text: String,
}

impl LocateJob<'_> {
    /// The commits on HEAD that changed or removed the line that crashed, where no release with such a commit has the crash.
    /// Crashes of one release are looked up together.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub async fn fixed_on_head(
        &self,
        crashes: &[Crashed<'_>],
    ) -> Result<BTreeMap<IssueId, HeadFix>, LocateError> {
        let head = code(self.code.head().await)?;
        let mut by_release: BTreeMap<(&Untrusted<String>, &ProjectSlug), Vec<&Crashed<'_>>> = BTreeMap::new();
        for crash in crashes {
            if let Some(release) = &crash.evidence.release {
                by_release.entry((release, crash.project)).or_default().push(crash);
            }
        }
        let mut fixed = BTreeMap::new();
        for ((release, _), crashes) in by_release {
            let mut gaps = Vec::new();
            if let Some((_, at)) = self.commit_of(release, &mut gaps).await
                && at != head
            {
                for line in self.gone(&crashes, &at, &head, &mut gaps).await? {
                    let crash = crashes.iter().find(|crash| crash.issue == line.issue);
                    let seen = crash.map(|crash| crash.releases);
                    if let Some(fix) = self.fix(line, seen, &at, &head, &mut gaps).await? {
                        fixed.insert(fix.0, fix.1);
                    }
                }
            }
            for gap in gaps {
                tracing::warn!(%gap, "it hides nothing");
            }
        }
        Ok(fixed)
    }

    /// The lines that crashed at a commit and do not stand in their file on HEAD any more. Most do, and need not be followed.
    async fn gone(
        &self,
        crashes: &[&Crashed<'_>],
        at: &CommitId,
        head: &CommitId,
        gaps: &mut Vec<String>,
    ) -> Result<Vec<Line>, LocateError> {
        let mut frames: Vec<(IssueId, &Frame, Platform, Option<Original>)> = Vec::new();
        for crash in crashes {
            if let Some(frame) = crash.frame() {
                let of_event = Platform::of(crash.evidence.platform.as_raw_str());
                let original = self.original(frame, gaps).await;
                frames.push((crash.issue, frame, platform(frame, of_event), original));
            }
        }
        let Some((first, ..)) = frames.first() else { return Ok(Vec::new()) };
        let mappings = self.mappings(*first, gaps).await;
        let traced: Vec<Traced<'_>> = frames
            .iter()
            .map(|(_, frame, platform, original)| Traced {
                frame,
                platform: *platform,
                original: original.as_ref(),
            })
            .collect();
        let mapped = self.map(&traced, at, &mappings).await?;
        let lines = std::iter::zip(&frames, mapped).filter_map(|((issue, ..), (mapped, source))| {
            let located = mapped.found()?;
            let line = located.line?;
            let text = source.into_iter().find(|(number, _)| *number == line)?.1.trim().to_owned();
            Some(Line { issue: *issue, path: located.path.clone(), line, text })
        });
        let lines: Vec<Line> = lines.collect();
        let paths: BTreeSet<RepoPath> = lines.iter().map(|line| line.path.clone()).collect();
        let now = code(self.code.texts(head, &paths.into_iter().collect::<Vec<_>>()).await)?;
        let stands = |line: &Line| {
            now.get(&line.path).is_some_and(|text| text.lines().any(|one| one.trim() == line.text))
        };
        Ok(lines.into_iter().filter(|line| !stands(line)).collect())
    }

    /// The commit that changed a line, unless the crash was seen in a release that has it, or in one that nobody knows.
    async fn fix(
        &self,
        line: Line,
        seen: Option<&TagSpread>,
        at: &CommitId,
        head: &CommitId,
        gaps: &mut Vec<String>,
    ) -> Result<Option<(IssueId, HeadFix)>, LocateError> {
        let Line { issue, path, line, .. } = line;
        let presence = self.presence(&path, line, at, head, gaps).await;
        let (Some(Presence::Changed { by: Some(commit) }), Some(seen)) = (presence, seen) else {
            return Ok(None);
        };
        let Some(releases) = seen.values() else { return Ok(None) };
        for release in releases {
            let Some((_, built_from)) = self.commit_of(release, gaps).await else { return Ok(None) };
            match self.code.reaches(&built_from, &commit).await {
                Looked::Saw(false) => {}
                Looked::Saw(true) => return Ok(None),
                Looked::CouldNotLook(cause) => return Err(LocateError::Code(cause)),
            }
        }
        Ok(Some((issue, HeadFix { commit, told_by: HeadFixToldBy::Line { path, line } })))
    }
}
