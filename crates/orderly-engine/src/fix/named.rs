//! Issues that a person named one by one, and the unresolved ones that crash alike.

use super::look::{LookError, Seen};
use super::run::FixJob;
use crate::ports::triage::{LARGEST_PAGE, Sort, TriageScope};
use futures::stream::{self, StreamExt as _};
use orderly_core::answer::{Cause, Looked};
use orderly_core::diagnose::Evidence;
use orderly_core::ids::{Digest, IssueId, ProjectSlug, ShortId};
use orderly_core::sync::snapshot::Issue;
use orderly_core::triage::{ApprovedSelection, Chosen, IssueName, Listed, crash_key};
use std::collections::BTreeSet;

/// Issues whose latest crash is compared, of those that died of the same exception.
const MOST_COMPARED: usize = 20;
/// How many are read side by side.
const SIDE_BY_SIDE: usize = 8;

/// Issues that were named.
#[derive(Debug, Default)]
pub struct Named {
    chosen: Vec<(Chosen, Option<Digest>)>,
    seen: Seen,
}

/// Issues that nobody named and that crash in the same own frame with the same chain of exceptions as a named one: one
/// repair may be for all of them.
#[derive(Clone, Debug)]
pub struct Alike {
    /// The named one.
    pub lead: ShortId,
    crash: Digest,
    issues: Vec<(Issue, Evidence)>,
}

impl Alike {
    /// The others, as people name them.
    pub fn short_ids(&self) -> impl Iterator<Item = &ShortId> {
        self.issues.iter().map(|(issue, _)| &issue.short_id)
    }
}

impl FixJob<'_> {
    /// Reads the issues that a person named.
    ///
    /// # Errors
    /// When there is no such issue, or Sentry cannot be asked.
    pub async fn named(&self, names: &[(String, IssueName)]) -> Result<Named, LookError> {
        let mut named = Named::default();
        for (text, name) in names {
            let issue =
                self.read(text, name).await?.ok_or_else(|| LookError::NoIssue { name: text.clone() })?;
            if named.has(issue.id) {
                continue;
            }
            let evidence = self.ports.crash.latest_crash(issue.id).await;
            let crash = evidence.saw().and_then(|evidence| crash_key(&issue.project, evidence));
            self.add(&mut named, issue, evidence, crash);
        }
        Ok(named)
    }

    /// The unresolved issues of the same projects that crash like a named one, among the most frequent ones.
    ///
    /// # Errors
    /// Why they could not be read.
    pub async fn alike(&self, named: &Named) -> Result<Vec<Alike>, Cause> {
        let mut found: Vec<Alike> = Vec::new();
        let leads = || named.chosen.iter().filter_map(|(lead, crash)| Some((lead, crash.as_ref()?)));
        let projects: BTreeSet<&ProjectSlug> = leads().map(|(lead, _)| &lead.project).collect();
        for project in projects {
            for (issue, evidence) in self.others(project, named).await? {
                let key = crash_key(project, &evidence);
                let Some((lead, crash)) = leads().find(|(_, crash)| Some(*crash) == key.as_ref()) else {
                    continue;
                };
                match found.iter_mut().find(|alike| alike.crash == *crash) {
                    Some(alike) => alike.issues.push((issue, evidence)),
                    None => found.push(Alike {
                        lead: lead.short_id.clone(),
                        crash: crash.clone(),
                        issues: vec![(issue, evidence)],
                    }),
                }
            }
        }
        Ok(found)
    }

    /// A person wants these repaired, too.
    #[must_use]
    pub fn joined(&self, mut named: Named, alike: Alike) -> Named {
        for (issue, evidence) in alike.issues {
            self.add(&mut named, issue, Looked::Saw(evidence), Some(alike.crash.clone()));
        }
        named
    }

    /// What was named is approved by that.
    pub fn approved(&self, named: Named) -> (ApprovedSelection, Seen) {
        let site = self.ports.crash.site();
        (ApprovedSelection::named(site, named.chosen, self.ports.clock.now()), named.seen)
    }

    fn add(&self, named: &mut Named, issue: Issue, evidence: Looked<Evidence>, crash: Option<Digest>) {
        let platform = evidence.saw().map(|evidence| evidence.platform.clone());
        let number = u32::try_from(named.chosen.len()).unwrap_or(u32::MAX).saturating_add(1);
        let chosen = Chosen::of(number, &self.ports.crash.site(), &issue, platform);
        named.chosen.push((chosen, crash));
        named.seen.0.insert(issue.id, (issue, evidence));
    }

    /// Unresolved issues of a project that died of the same exception as a named one, with their latest crash.
    async fn others(&self, project: &ProjectSlug, named: &Named) -> Result<Vec<(Issue, Evidence)>, Cause> {
        let scope = TriageScope {
            projects: vec![project.clone()],
            environments: Vec::new(),
            window: self.window,
            sort: Sort::Freq,
            page: LARGEST_PAGE,
        };
        let page = self.ports.triage.unresolved(&scope, None).await.seen()?;
        let kinds: BTreeSet<_> =
            named.seen.0.values().filter_map(|(issue, _)| issue.error_type.as_ref()).collect();
        let free = |Listed { issue, .. }: &Listed| {
            let left = self.policy.triage.do_not_fix.reason(issue.id, &issue.short_id).is_some();
            !left
                && !named.has(issue.id)
                && issue.error_type.as_ref().is_some_and(|kind| kinds.contains(kind))
        };
        let wanted = page.issues.into_iter().filter(free).take(MOST_COMPARED);
        let looks = wanted.map(|Listed { issue, .. }| async move {
            let evidence = self.ports.crash.latest_crash(issue.id).await;
            (issue, evidence)
        });
        let looked: Vec<(Issue, Looked<Evidence>)> =
            stream::iter(looks).buffered(SIDE_BY_SIDE).collect().await;
        let mut others = Vec::new();
        for (issue, evidence) in looked {
            match evidence {
                Looked::Saw(evidence) => others.push((issue, evidence)),
                // Events are deleted after a while; the issue then says nothing.
                Looked::CouldNotLook(Cause::NoInput(_)) => {}
                Looked::CouldNotLook(cause) => return Err(cause),
            }
        }
        Ok(others)
    }
}

impl Named {
    fn has(&self, issue: IssueId) -> bool {
        self.seen.0.contains_key(&issue)
    }
}
