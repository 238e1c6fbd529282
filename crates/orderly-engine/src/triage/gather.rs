//! Everything that triage asks before it decides: access, the pages of unresolved issues, and a closer look at those
//! that the list alone does not call noise.

use crate::locate::{Crashed, LocateJob};
use crate::ports::crash::CrashRead;
use crate::ports::head::HeadRead;
use crate::ports::triage::{IssuePage, LARGEST_PAGE, TriageRead, TriageScope};
use futures::future::join;
use futures::stream::{self, StreamExt as _};
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::{IssueId, ShortId};
use orderly_core::noise::{Closer, HeadFix};
use orderly_core::time::{Now, Timestamp};
use orderly_core::triage::{Cut, Gathered, Listed, TriagePolicy, closer_looks};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Issues that are looked at side by side: below the rate at which sentry.io refuses.
const SIDE_BY_SIDE: usize = 8;

/// What triage is given.
#[derive(Clone, Copy)]
pub struct TriagePorts<'a> {
    /// Lists, tags and releases.
    pub sentry: &'a dyn TriageRead,
    /// Single crashes.
    pub crash: &'a dyn CrashRead,
    /// The checked-out repository, where there is one.
    pub head: Option<Head<'a>>,
}

/// What the checked-out code says about issues.
#[derive(Clone, Copy)]
pub struct Head<'a> {
    /// Which of them its commits name.
    pub history: &'a dyn HeadRead,
    /// What became of the lines that crashed.
    pub locate: LocateJob<'a>,
}

/// Triage of one scope.
pub struct TriageJob<'a> {
    /// Ports.
    pub ports: TriagePorts<'a>,
    /// What is looked at.
    pub scope: &'a TriageScope,
    /// How it is tuned.
    pub policy: &'a TriagePolicy,
    /// Unresolved issues that are read at most.
    pub most: u32,
    /// Issues that are looked at closer at most.
    pub closer: u32,
    /// Told about each step; must not block.
    pub watch: &'a (dyn Fn(Step) + Send + Sync),
}

/// A step, for those who follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many unresolved issues were read so far.
    Listed(usize),
    /// One more issue was looked at.
    LookedAt {
        /// How many so far.
        done: usize,
        /// Of how many.
        of: usize,
    },
}

/// Nothing could be gathered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The credentials do not reach what is configured.
    #[error("the configured Sentry cannot be read: {0}")]
    Access(Cause),
    /// They do, and the list could not be read all the same.
    #[error("the unresolved issues cannot be read: {0}")]
    List(Cause),
}

impl TriageJob<'_> {
    /// Gathers.
    ///
    /// # Errors
    /// When not even the first page can be read. Every later gap is part of what is gathered.
    pub async fn run(&self, now: Now) -> Result<Gathered, Refused> {
        let TriagePorts { sentry, crash, .. } = self.ports;
        if let Looked::CouldNotLook(cause) = sentry.access(&self.scope.projects).await {
            return Err(Refused::Access(cause));
        }
        let (list, releases) = join(self.list(), sentry.releases(&self.scope.projects)).await;
        let (listed, cut) = list?;
        let mut gathered = Gathered {
            site: crash.site(),
            window: self.scope.window,
            listed,
            cut,
            closer: BTreeMap::new(),
            releases,
            on_head: BTreeMap::new(),
        };
        gathered.on_head = self.named_on_head(&gathered.listed).await;
        let wanted = closer_looks(&gathered, self.policy, now);
        gathered.closer = self.look_closer(wanted).await;
        let changed = self.changed_on_head(&gathered).await;
        gathered.on_head.extend(changed);
        Ok(gathered)
    }

    /// Page after page, until there are no more or enough were read. An issue that moved between two pages counts once.
    async fn list(&self) -> Result<(Vec<Listed>, Option<Cut>), Refused> {
        let mut listed: Vec<Listed> = Vec::new();
        let mut seen: BTreeSet<IssueId> = BTreeSet::new();
        let mut from = None;
        loop {
            let left = self.most.saturating_sub(u32::try_from(listed.len()).unwrap_or(u32::MAX));
            let page = self.scope.page.min(LARGEST_PAGE).min(left).max(1);
            let scope = TriageScope { page, ..self.scope.clone() };
            let IssuePage { issues, next } = match self.ports.sentry.unresolved(&scope, from.as_ref()).await {
                Looked::Saw(page) => page,
                Looked::CouldNotLook(cause) if from.is_none() => return Err(Refused::List(cause)),
                Looked::CouldNotLook(cause) => return Ok((listed, Some(Cut::Lost { cause }))),
            };
            let empty = issues.is_empty();
            listed.extend(issues.into_iter().filter(|one| seen.insert(one.issue.id)));
            (self.watch)(Step::Listed(listed.len()));
            match next {
                // A server that promises more and gives nothing would be asked for ever.
                Some(next) if !empty && listed.len() < self.most as usize => from = Some(next),
                Some(_) if !empty => return Ok((listed, Some(Cut::AtMost { issues: self.most }))),
                _ => return Ok((listed, None)),
            }
        }
    }

    /// Fixes that commits on HEAD name. Outside of a repository, or when git cannot say, none are known: then nothing is hidden.
    async fn named_on_head(&self, listed: &[Listed]) -> BTreeMap<ShortId, HeadFix> {
        let Some(head) = self.ports.head else { return BTreeMap::new() };
        let Some(since) = listed.iter().map(|one| one.issue.first_seen).min() else { return BTreeMap::new() };
        let names = listed.iter().map(|one| one.issue.short_id.clone()).collect();
        match head.history.fixes(&names, since.max(Timestamp::UNIX_EPOCH)).await {
            Looked::Saw(fixes) => fixes,
            Looked::CouldNotLook(cause) => {
                tracing::warn!(%cause, "the history of HEAD could not be read; nothing counts as fixed there");
                BTreeMap::new()
            }
        }
    }

    /// Fixes that the lines tell which crashed, of the issues that were looked at closer.
    async fn changed_on_head(&self, gathered: &Gathered) -> BTreeMap<ShortId, HeadFix> {
        let Some(head) = self.ports.head else { return BTreeMap::new() };
        let crashes = gathered.listed.iter().filter_map(|Listed { issue, .. }| {
            let closer = gathered.closer.get(&issue.id)?;
            let (evidence, releases) = (closer.evidence.saw()?, closer.spread.saw()?.of("release")?);
            Some(Crashed { issue: issue.id, project: &issue.project, evidence, releases })
        });
        let fixed = match head.locate.fixed_on_head(&crashes.collect::<Vec<_>>()).await {
            Ok(fixed) => fixed,
            Err(error) => {
                tracing::warn!(%error, "the lines that crashed could not be followed; none counts as changed");
                return BTreeMap::new();
            }
        };
        let name =
            |Listed { issue, .. }: &Listed| Some((issue.short_id.clone(), fixed.get(&issue.id)?.clone()));
        gathered.listed.iter().filter_map(name).collect()
    }

    async fn look_closer(&self, mut wanted: Vec<IssueId>) -> BTreeMap<IssueId, Closer> {
        wanted.truncate(self.closer as usize);
        let of = wanted.len();
        let done = AtomicUsize::new(0);
        let done = &done;
        let TriagePorts { sentry, crash, .. } = self.ports;
        let looks = wanted.into_iter().map(|id| async move {
            let (evidence, spread) = join(crash.latest_crash(id), sentry.spread(id)).await;
            (self.watch)(Step::LookedAt { done: done.fetch_add(1, Ordering::Relaxed) + 1, of });
            (id, Closer { evidence, spread })
        });
        stream::iter(looks).buffer_unordered(SIDE_BY_SIDE).collect().await
    }
}
