//! Everything a sync asks before it decides: read-only, at once where nothing has to be known first, each gap a value.
//!
//! The longest chain of requests that wait for each other is: environments -> searches -> events -> the tracker.

use super::backlog::Indexer;
use super::cancel::Cancel;
use super::progress::{Progress, Watch};
use super::run::{SyncPorts, SyncScope};
use super::wanted::{lookups, unanswered, wanted};
use crate::ports::ledger::{LeaseScope, LedgerError};
use crate::ports::sentry::{Answered, SearchScope};
use futures::future::{join, join_all, join3};
use futures::stream::{self, StreamExt as _};
use orderly_core::answer::{Cause, Looked, RequestRef};
use orderly_core::ids::{IssueId, SentrySite, TeamKey};
use orderly_core::scrub::Scrubber;
use orderly_core::select::{IntentState, Listed, Remembered, Selection, select};
use orderly_core::sync::machine::{Journal, Stage, Work};
use orderly_core::sync::policy::{LinkBack, SyncPolicy};
use orderly_core::sync::snapshot::{
    AppLinks, Candidate, EventEvidence, ExternalLink, Issue, LinkBackPath, Memory, OpenIntent, OwnerClue,
    SetupGap, Signal, Snapshot,
};
use orderly_core::time::Now;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Issues that are looked at side by side.
const SIDE_BY_SIDE: usize = 24;
/// Issues a search may name; Sentry's own limit for a page.
const NAMED: u32 = 100;
/// The names under which production runs, as people spell them.
const PRODUCTION: [&str; 4] = ["production", "prod", "prd", "live"];

/// What was gathered.
pub(super) struct Gathered {
    /// What is decided from.
    pub(super) snapshot: Snapshot,
    /// What earlier runs left open.
    pub(super) open: Journal,
    /// Issues of open entries that Sentry does not know any more.
    pub(super) gone: BTreeSet<IssueId>,
}

/// What is asked, and for whom.
pub(super) struct Gather<'a> {
    pub(super) ports: SyncPorts<'a>,
    pub(super) scope: &'a SyncScope,
    pub(super) policy: &'a SyncPolicy,
    pub(super) watch: &'a dyn Watch,
    pub(super) cancel: &'a Cancel,
}

/// One issue as Sentry answered about it.
struct Seen {
    listed: Listed,
    event: Looked<EventEvidence>,
    links: Looked<Answered<Vec<ExternalLink>>>,
    owners: Vec<OwnerClue>,
}

/// The issues that the signals named.
struct Named {
    answers: BTreeMap<Signal, Looked<u32>>,
    issues: BTreeMap<IssueId, (Issue, BTreeSet<Signal>)>,
    /// The searches whose answers told the links of apps.
    told: BTreeMap<IssueId, RequestRef>,
    gaps: Vec<SetupGap>,
    asked: SearchScope,
}

impl Gather<'_> {
    /// Gathers.
    ///
    /// # Errors
    /// Only the ledger's: without it nothing can be decided safely. Whatever Sentry or the tracker could not say is
    /// part of the snapshot.
    pub(super) async fn run(&self, now: Now) -> Result<Gathered, LedgerError> {
        let site = self.ports.sentry.site();
        let backlog = LeaseScope { host: site.host(), org: site.org.clone(), team: self.scope.team.clone() };
        let teams: Vec<TeamKey> = self.policy.teams(&self.scope.team).into_iter().collect();
        let other_teams: Vec<TeamKey> =
            teams.iter().filter(|team| **team != self.scope.team).cloned().collect();
        let scrubber = Scrubber::new(&self.policy.redact).unwrap_or_else(|_| Scrubber::built_in());
        let indexer = Indexer {
            store: self.ports.backlog,
            tracker: self.ports.tracker,
            scope: &backlog,
            teams: &teams,
            scrubber: &scrubber,
            watch: self.watch,
        };
        let facts = self.ports.tracker.facts(&self.scope.team, &other_teams);
        let around = join3(facts, self.link_back(), indexer.load(now));
        let chain = async {
            let (named, open) = join(self.named(), self.ports.ledger.open_entries(&backlog)).await;
            let open = open?;
            let (mut named, gone) = self.with_open(named, &open).await;
            let selection = self.select(&site, &mut named, &open, now).await?;
            let seen = self.look_at(selection.selected, &named.told).await;
            let candidates = self.compare(&site, seen, &open).await;
            Ok::<_, LedgerError>((named, open, gone, selection.held, candidates))
        };
        let ((tracker, link_back, indexed), chain) = join(around, chain).await;
        let (named, open, gone, held, mut candidates) = chain?;
        let indexed = indexed?;
        let errors = indexed.compare(&mut candidates, &scrubber);
        self.ports.backlog.learn_errors(&backlog, &errors).await?;
        let snapshot = Snapshot {
            site,
            team: self.scope.team.clone(),
            signals: named.answers,
            candidates,
            held,
            tracker,
            link_back,
            gaps: named.gaps,
            calibration: indexed.calibration,
        };
        Ok(Gathered { snapshot, open, gone })
    }

    async fn link_back(&self) -> LinkBackPath {
        match self.policy.link_back {
            LinkBack::Off => LinkBackPath::Off,
            LinkBack::BestEffort | LinkBack::Required => self.ports.sentry.link_back_path().await,
        }
    }

    /// Asks every signal, within the environments that exist.
    async fn named(&self) -> Named {
        let mut asked = SearchScope {
            projects: self.scope.projects.clone(),
            environments: Vec::new(),
            window: self.policy.window,
            limit: NAMED,
        };
        let mut gaps = Vec::new();
        if !self.scope.environments.is_empty() {
            let exist = self.ports.sentry.environments().await;
            match environments(&self.scope.environments, &exist) {
                Ok(names) => asked.environments = names,
                Err(gap) => {
                    let cause = Cause::Missing(gap.what.clone());
                    let answers = self
                        .policy
                        .signals
                        .iter()
                        .map(|&signal| (signal, Looked::CouldNotLook(cause.clone())))
                        .collect();
                    gaps.push(gap);
                    return Named { answers, issues: BTreeMap::new(), told: BTreeMap::new(), gaps, asked };
                }
            }
        }
        let searches = self.policy.signals.iter().map(|&signal| {
            let asked = &asked;
            async move {
                let answer = self.ports.sentry.search(signal, asked).await;
                let issues = answer.saw().map(|seen| u32::try_from(seen.value.len()).unwrap_or(u32::MAX));
                self.watch.see(Progress::Searched { signal, issues });
                (signal, answer)
            }
        });
        let mut found = join_all(searches).await;
        // The order of the signals, not of the replies, says whose copy of an issue counts.
        found.sort_by_key(|(signal, _)| *signal);
        let mut answers = BTreeMap::new();
        let mut issues: BTreeMap<IssueId, (Issue, BTreeSet<Signal>)> = BTreeMap::new();
        let mut told = BTreeMap::new();
        for (signal, answer) in found {
            answers.insert(
                signal,
                match answer {
                    Looked::Saw(seen) => {
                        let count = u32::try_from(seen.value.len()).unwrap_or(u32::MAX);
                        for issue in seen.value {
                            if issue.app_links == AppLinks::Told && !issues.contains_key(&issue.id) {
                                told.insert(issue.id, seen.request.clone());
                            }
                            issues
                                .entry(issue.id)
                                .or_insert_with(|| (issue, BTreeSet::new()))
                                .1
                                .insert(signal);
                        }
                        Looked::Saw(count)
                    }
                    Looked::CouldNotLook(cause) => Looked::CouldNotLook(cause),
                },
            );
        }
        Named { answers, issues, told, gaps, asked }
    }

    /// Adds the issues of open entries that no signal named; says which of them Sentry does not know any more.
    async fn with_open(&self, mut named: Named, open: &Journal) -> (Named, BTreeSet<IssueId>) {
        let unnamed: BTreeSet<_> =
            open.iter().map(|entry| entry.key.issue).filter(|id| !named.issues.contains_key(id)).collect();
        let asked = &named.asked;
        let looks =
            unnamed.into_iter().map(|id| async move { (id, self.ports.sentry.issue(id, asked).await) });
        let found: Vec<_> = stream::iter(looks).buffer_unordered(SIDE_BY_SIDE).collect().await;
        let mut gone = BTreeSet::new();
        for (id, answer) in found {
            match answer {
                Looked::Saw(Some(issue)) => {
                    named.issues.insert(id, (issue, BTreeSet::new()));
                }
                Looked::Saw(None) => {
                    gone.insert(id);
                }
                Looked::CouldNotLook(cause) => named.gaps.push(SetupGap {
                    what: format!("issue {id}, which an earlier run left unfinished, could not be read"),
                    step: "run `orderly sync` again; `orderly doctor` checks the token".to_owned(),
                    cause: Some(cause),
                }),
            }
        }
        named.gaps.sort();
        (named, gone)
    }

    async fn select(
        &self,
        site: &SentrySite,
        named: &mut Named,
        open: &Journal,
        now: Now,
    ) -> Result<Selection, LedgerError> {
        let issues = std::mem::take(&mut named.issues);
        let ids: Vec<_> = issues.keys().copied().collect();
        let mut reports = self.ports.ledger.last_reports(&site.host(), &site.org, &ids).await?;
        let open: BTreeSet<_> = open.iter().map(|entry| entry.key.issue).collect();
        let listed = issues.into_iter().map(|(id, (issue, signals))| {
            let intent = if open.contains(&id) { IntentState::Open } else { IntentState::None };
            Listed { issue, signals, remembered: Remembered { last_report: reports.remove(&id), intent } }
        });
        let selection = select(listed.collect(), self.policy, now);
        self.watch.see(Progress::Selected { issues: selection.selected.len(), held: selection.held.len() });
        Ok(selection)
    }

    /// Looks at each selected issue in Sentry; the order of the selection is kept.
    async fn look_at(&self, selected: Vec<Listed>, told: &BTreeMap<IssueId, RequestRef>) -> Vec<Seen> {
        let of = selected.len();
        let done = AtomicUsize::new(0);
        let done = &done;
        let looks = selected.into_iter().map(|listed| async move {
            if self.cancel.is_asked() {
                let cause = Cause::NoReply("the run was stopped".to_owned());
                return Seen {
                    listed,
                    event: Looked::CouldNotLook(cause.clone()),
                    links: Looked::CouldNotLook(cause),
                    owners: Vec::new(),
                };
            }
            let id = listed.issue.id;
            let sentry = self.ports.sentry;
            let links = async {
                match told.get(&id) {
                    Some(request) => {
                        let value = listed.issue.links.clone();
                        Looked::Saw(Answered { value, request: request.clone() })
                    }
                    None => sentry.external_links(id).await,
                }
            };
            let (event, links, owners) =
                join3(sentry.latest_event(id), links, sentry.owners(&listed.issue)).await;
            self.watch.see(Progress::LookedAt { done: done.fetch_add(1, Ordering::Relaxed) + 1, of });
            // Who may own it is a help for people, never a reason to hold an issue back.
            Seen { listed, event, links, owners: owners.saw().cloned().unwrap_or_default() }
        });
        stream::iter(looks).buffered(SIDE_BY_SIDE).collect().await
    }

    /// Asks the tracker for all of them.
    async fn compare(&self, site: &SentrySite, seen: Vec<Seen>, open: &Journal) -> Vec<Candidate> {
        let team = &self.scope.team;
        let question = |one: &Seen| {
            let issue = &one.listed.issue;
            wanted(site, self.policy.team_of(&issue.project, team), issue, &one.event, &one.links)
        };
        let questions: Vec<_> = seen.iter().map(question).collect();
        let mut found =
            if questions.is_empty() { Vec::new() } else { self.ports.tracker.find(team, &questions).await };
        self.watch.see(Progress::Compared { issues: questions.len() });
        found.resize_with(seen.len(), unanswered);
        let candidate = |(one, found): (Seen, _)| {
            let Seen { listed: Listed { issue, signals, remembered }, event, links, owners } = one;
            let lookups = lookups(&issue, &links, found);
            let memory = Memory { last_report: remembered.last_report, open_intent: intent(issue.id, open) };
            Candidate { issue, signals, event, owners, lookups, memory }
        };
        seen.into_iter().zip(found).map(candidate).collect()
    }
}

/// The creation of an issue whose end is not known, the latest life first.
fn intent(issue: IssueId, open: &Journal) -> Option<OpenIntent> {
    let intents = open.iter().filter(|entry| entry.key.issue == issue).filter_map(|entry| {
        match (&entry.work, &entry.stage) {
            (Work::Create { order }, Stage::Intended | Stage::Sent) => {
                Some(OpenIntent { generation: entry.key.generation, order: order.clone() })
            }
            _ => None,
        }
    });
    intents.max_by_key(|intent| intent.generation)
}

/// The environments to ask for, when it can be told which exist.
fn environments(wanted: &[String], exist: &Looked<Vec<String>>) -> Result<Vec<String>, SetupGap> {
    match exist {
        Looked::Saw(exist) => asked_environments(wanted, exist),
        // Ask for exactly what is configured; Sentry refuses what it does not know.
        Looked::CouldNotLook(_) => Ok(wanted.to_vec()),
    }
}

/// The environments that a sync asks for: those that are wanted and exist, in their own spelling; none means all.
///
/// # Errors
/// The gap, when environments exist and none of them is wanted: nothing is looked at then.
pub fn asked_environments(wanted: &[String], exist: &[String]) -> Result<Vec<String>, SetupGap> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    // Where no event names an environment there is nothing to tell apart.
    if exist.is_empty() {
        return Ok(Vec::new());
    }
    let production = wanted.iter().any(|name| PRODUCTION.contains(&name.to_ascii_lowercase().as_str()));
    let is_wanted = |name: &&String| {
        wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(name))
            || (production && PRODUCTION.contains(&name.to_ascii_lowercase().as_str()))
    };
    let mut names: Vec<String> = exist.iter().filter(is_wanted).cloned().collect();
    names.sort();
    names.dedup();
    if names.is_empty() {
        return Err(SetupGap {
            what: format!(
                "no environment named {} (Sentry knows: {})",
                wanted.join(" or "),
                exist.join(", ")
            ),
            step: "set `sentry.environments` to names that exist, or to an empty list for all".to_owned(),
            cause: None,
        });
    }
    Ok(names)
}

#[cfg(test)]
mod environment_tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn production_is_asked_for_in_every_spelling_that_exists_and_in_no_other() {
        let exist = Looked::Saw(names(&["Production", "live", "staging", "PROD", "product"]));
        assert_eq!(environments(&names(&["production"]), &exist), Ok(names(&["PROD", "Production", "live"])));
    }

    #[test]
    fn an_environment_that_is_not_production_has_no_other_spellings() {
        let exist = Looked::Saw(names(&["production", "Staging"]));
        assert_eq!(environments(&names(&["staging"]), &exist), Ok(names(&["Staging"])));
    }

    #[test]
    fn no_matching_environment_is_a_gap_and_never_a_search_without_a_filter() {
        let gap =
            environments(&names(&["production"]), &Looked::Saw(names(&["qa"]))).expect_err("nothing matches");
        assert!(gap.what.contains("qa"), "{gap:?}");
    }

    #[test]
    fn what_is_configured_is_asked_for_as_it_is_when_the_names_cannot_be_read() {
        let exist = Looked::CouldNotLook(Cause::RateLimited);
        assert_eq!(environments(&names(&["production"]), &exist), Ok(names(&["production"])));
    }
}
