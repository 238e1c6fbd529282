//! What the filter looks at, and how it is tuned.

use super::rule::Rule;
use super::spread::Spread;
use crate::answer::Looked;
use crate::diagnose::Evidence;
use crate::ids::{CommitId, ProjectSlug};
use crate::source::RepoPath;
use crate::sync::snapshot::{Issue, Level};
use crate::time::{Seconds, Timestamp};
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An issue, and what is known of it. What was not looked at is absent: the rules that need it then hide nothing.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The issue, as the list answers it.
    pub issue: &'a Issue,
    /// Its platform.
    pub platform: Option<&'a Untrusted<String>>,
    /// The closer look, when one was made.
    pub closer: Option<&'a Closer>,
    /// Releases of its project, when they are known.
    pub releases: Option<&'a [ReleaseSeen]>,
    /// A commit on HEAD that fixes the issue.
    pub head: Option<&'a HeadFix>,
}

/// What a closer look at an issue showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closer {
    /// Its latest event.
    pub evidence: Looked<Evidence>,
    /// How its events spread over tags.
    pub spread: Looked<Spread>,
}

/// A release of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseSeen {
    /// Version.
    pub version: Untrusted<String>,
    /// Since when it is there.
    pub since: Timestamp,
    /// Projects that have it.
    pub projects: BTreeSet<ProjectSlug>,
    /// Its latest event, of whatever issue: a release that sends nothing proves nothing.
    pub last_event: Option<Timestamp>,
}

/// A commit on HEAD that fixes an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadFix {
    /// The commit.
    pub commit: CommitId,
    /// Who says so.
    pub told_by: HeadFixToldBy,
}

/// Who says that a commit fixes an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "told_by", rename_all = "snake_case")]
pub enum HeadFixToldBy {
    /// Its message.
    Message {
        /// When it was made.
        at: Timestamp,
    },
    /// History: it changed or removed the line that crashed, and no release that has the crash has the commit.
    Line {
        /// File of the line, in the release that crashed.
        path: RepoPath,
        /// Its number there.
        line: u32,
    },
}

/// How the filter is tuned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoisePolicy {
    /// Rules that are not asked.
    pub off: BTreeSet<Rule>,
    /// The least level that is shown.
    pub level: Level,
    /// An issue that was not seen for so long is stale.
    pub stale_after: Seconds,
    /// An issue with one event that was not seen for so long is a fluke.
    pub fluke_after: Seconds,
    /// What is never noise.
    pub guard: Guard,
    /// Environments of developers and tests, in lower case.
    pub dev_environments: Vec<String>,
    /// Further hosts of third-party scripts, in lower case.
    pub third_party: Vec<String>,
    /// Tags that name an installation.
    pub installation_tags: Vec<String>,
}

/// From here on an issue is never noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// Events in the window.
    pub events: u64,
    /// Users in the window.
    pub users: u64,
}

impl Default for NoisePolicy {
    fn default() -> Self {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            off: BTreeSet::new(),
            level: Level::Error,
            stale_after: Seconds::days(7),
            fluke_after: Seconds::days(3),
            guard: Guard { events: 1000, users: 50 },
            dev_environments: words(&[
                "dev",
                "development",
                "local",
                "localhost",
                "test",
                "testing",
                "tests",
                "ci",
                "e2e",
            ]),
            third_party: Vec::new(),
            installation_tags: words(&[
                "installation",
                "installation_id",
                "install_id",
                "device.id",
                "device_id",
            ]),
        }
    }
}
