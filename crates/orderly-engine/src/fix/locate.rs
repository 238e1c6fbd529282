//! The files that the frames of own code name: where a change is expected.

use crate::ports::repair::{Standing, Trouble, Workshop};
use orderly_core::diagnose::{Evidence, Frame};
use orderly_core::fix::Suspected;
use orderly_core::normal::platform::Platform;
use orderly_core::source::{LookUp, Manifests, RepoPath, Traced, TrackedFiles, look_up, settle};
use std::collections::BTreeSet;

/// Tracked files of the frames, nearest to the crash first, each with what named it. A name of an event is only ever
/// compared with what git tracks.
pub(super) async fn suspected(
    workshop: &dyn Workshop,
    standing: &Standing,
    evidence: &Evidence,
) -> Result<Vec<Suspected>, Trouble> {
    let files = TrackedFiles::of(standing.tracked.iter().map(String::as_str));
    let wanted = Manifests::wanted(&files);
    let texts = workshop.texts(&standing.head, &wanted).await?;
    let manifests = Manifests::read(texts.iter().map(|(path, text)| (path, text.as_str())));
    let platform =
        |frame: &Frame| Platform::of(frame.platform.as_ref().unwrap_or(&evidence.platform).as_raw_str());
    let traced: Vec<Traced<'_>> = evidence
        .in_app_frames()
        .map(|frame| Traced { frame, platform: platform(frame), original: None })
        .collect();
    let looks = look_up(&traced, &files, &manifests, &[]);
    let mut needed: BTreeSet<RepoPath> = BTreeSet::new();
    for look in &looks {
        if let LookUp::Fits(candidates) = look {
            needed.extend(candidates.paths().cloned());
        }
    }
    let needed: Vec<RepoPath> = needed.into_iter().collect();
    let texts = workshop.texts(&standing.head, &needed).await?;
    let mut suspects: Vec<Suspected> = Vec::new();
    for (traced, look) in traced.iter().zip(&looks) {
        let mapped = settle(traced, look, &texts);
        let Some(located) = mapped.found() else { continue };
        if suspects.iter().any(|known| known.path == located.path.as_str()) {
            continue;
        }
        let line = located.line.map(|line| format!("line {line}, ")).unwrap_or_default();
        let why = format!("{line}a frame of the stack trace, {} ({})", located.named, located.agreement);
        suspects.push(Suspected { path: located.path.as_str().to_owned(), why });
    }
    Ok(suspects)
}
