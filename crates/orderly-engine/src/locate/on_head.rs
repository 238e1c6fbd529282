//! Of many crashes, which a commit on HEAD has fixed: the line that crashed is followed from the commit of its release. Only
//! what is certain counts, because what is fixed is not shown.

use super::run::{LocateError, LocateJob, code, map, own_frames, platform};
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
struct Line<'a> {
    issue: IssueId,
    /// Where the crash was seen.
    releases: &'a TagSpread,
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
                    let issue = line.issue;
                    if let Some(fix) = self.fix(line, &at, &head, &mut gaps).await? {
                        fixed.insert(issue, fix);
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
    async fn gone<'a>(
        &self,
        crashes: &[&Crashed<'a>],
        at: &CommitId,
        head: &CommitId,
        gaps: &mut Vec<String>,
    ) -> Result<Vec<Line<'a>>, LocateError> {
        let mut frames: Vec<(&Crashed<'a>, &Frame, Option<Original>)> = Vec::new();
        for crash in crashes {
            if let Some(frame) = crash.frame() {
                frames.push((crash, frame, self.original(crash.evidence, frame, gaps).await));
            }
        }
        let Some((first, ..)) = frames.first() else { return Ok(Vec::new()) };
        let mappings = self.mappings(first.issue, gaps).await;
        let traced = frames.iter().map(|(crash, frame, original)| Traced {
            frame,
            platform: platform(frame, Platform::of(crash.evidence.platform.as_raw_str())),
            original: original.as_ref(),
        });
        let files = code(self.code.tracked(at).await)?;
        let mapped = map(self.code, at, &traced.collect::<Vec<_>>(), &files, &mappings).await?;
        let lines = std::iter::zip(&frames, mapped).filter_map(|((crash, ..), (mapped, source))| {
            let located = mapped.found()?;
            let line = located.line?;
            let text = source.into_iter().find(|(number, _)| *number == line)?.1.trim().to_owned();
            let (issue, releases) = (crash.issue, crash.releases);
            Some(Line { issue, releases, path: located.path.clone(), line, text })
        });
        let lines: Vec<Line<'_>> = lines.collect();
        let paths: BTreeSet<RepoPath> = lines.iter().map(|line| line.path.clone()).collect();
        let now = code(self.code.texts(head, &paths.into_iter().collect::<Vec<_>>()).await)?;
        let stands = |line: &Line<'_>| {
            now.get(&line.path).is_some_and(|text| text.lines().any(|one| one.trim() == line.text))
        };
        Ok(lines.into_iter().filter(|line| !stands(line)).collect())
    }

    /// The commit that changed a line, unless the crash was seen in a release that has it, or in one that nobody knows.
    async fn fix(
        &self,
        line: Line<'_>,
        at: &CommitId,
        head: &CommitId,
        gaps: &mut Vec<String>,
    ) -> Result<Option<HeadFix>, LocateError> {
        let Line { releases, path, line, .. } = line;
        let presence = self.presence(&path, line, at, head, gaps).await;
        let (Some(Presence::Changed { by: Some(commit) }), Some(releases)) = (presence, releases.values())
        else {
            return Ok(None);
        };
        for release in releases {
            let Some((_, built_from)) = self.commit_of(release, gaps).await else { return Ok(None) };
            match self.code.reaches(&built_from, &commit).await {
                Looked::Saw(false) => {}
                Looked::Saw(true) => return Ok(None),
                Looked::CouldNotLook(cause) => return Err(LocateError::Code(cause)),
            }
        }
        Ok(Some(HeadFix { commit, told_by: HeadFixToldBy::Line { path, line } }))
    }
}
