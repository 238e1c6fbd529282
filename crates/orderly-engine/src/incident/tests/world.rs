//! A world with a ledger and a clock, in which nothing can be looked at.

use crate::ports::clock::Clock;
use crate::ports::crash::CrashRead;
use crate::ports::flags::{FlagRead, FlagSwitched};
use crate::ports::incident::{Appended, IncidentLedger, PeopleRead, SentryAssign};
use crate::ports::ledger::LedgerError;
use crate::ports::look::{EventPage, EventSearch, LookRead, ProjectSeen, TeamSeen};
use crate::ports::triage::{IssuePage, PageCursor, TriageRead, TriageScope};
use crate::ports::watch::{HoursScope, WatchRead};
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::diagnose::Evidence;
use orderly_core::ids::{CommitId, IssueId, OrgSlug, ProjectSlug, SentryHost, SentrySite};
use orderly_core::incident::{IncidentKey, Log, Logged};
use orderly_core::noise::{ReleaseSeen, Spread};
use orderly_core::source::CodeMapping;
use orderly_core::sync::snapshot::{Assignee, Issue};
use orderly_core::time::{Now, Seconds, Timestamp};
use orderly_core::triage::IssueName;
use orderly_core::untrusted::Untrusted;
use orderly_core::watch::{Hour, Part, SentryAlert};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

/// The world.
pub(super) struct World {
    pub log: Mutex<Vec<Logged>>,
    pub seconds: AtomicI64,
}

fn blind<T>() -> Looked<T> {
    Looked::CouldNotLook(Cause::NoInput("a world without Sentry".to_owned()))
}

#[async_trait]
impl IncidentLedger for World {
    async fn append(&self, _: &IncidentKey, logged: &Logged, _: Now) -> Result<Appended, LedgerError> {
        let mut log = self.log.lock().unwrap();
        if logged.sequence as usize != log.len() + 1 {
            return Ok(Appended::Taken);
        }
        log.push(logged.clone());
        Ok(Appended::Added)
    }

    async fn incident_log(&self, key: &IncidentKey) -> Result<Option<Log>, LedgerError> {
        Ok(Log::read(key.clone(), self.log.lock().unwrap().clone()).ok())
    }

    async fn incident_numbers(&self, _: &SentryHost, _: &OrgSlug) -> Result<Vec<u32>, LedgerError> {
        Ok(vec![1])
    }
}

#[async_trait]
impl Clock for World {
    fn now(&self) -> Now {
        Now(Timestamp::from_second(self.seconds.load(Ordering::SeqCst)).unwrap())
    }

    async fn sleep_until(&self, _: Timestamp) {}
}

#[async_trait]
impl CrashRead for World {
    fn site(&self) -> SentrySite {
        SentrySite { base_url: "https://sentry.example".to_owned(), org: OrgSlug::new("acme") }
    }

    async fn named(&self, _: &IssueName, _: Seconds) -> Looked<Option<Issue>> {
        blind()
    }

    async fn latest_crash(&self, _: IssueId) -> Looked<Evidence> {
        blind()
    }

    async fn release_commits(&self, _: &Untrusted<String>) -> Looked<Vec<CommitId>> {
        blind()
    }

    async fn code_mappings(&self, _: IssueId) -> Looked<Vec<CodeMapping>> {
        blind()
    }
}

#[async_trait]
impl LookRead for World {
    async fn issues(&self, _: &str, _: &TriageScope, _: Option<&PageCursor>) -> Looked<IssuePage> {
        blind()
    }

    async fn events(&self, _: &EventSearch, _: Option<&PageCursor>) -> Looked<EventPage> {
        blind()
    }

    async fn teams(&self) -> Looked<Vec<TeamSeen>> {
        blind()
    }

    async fn projects(&self) -> Looked<Vec<ProjectSeen>> {
        blind()
    }
}

#[async_trait]
impl TriageRead for World {
    async fn access(&self, _: &[ProjectSlug]) -> Looked<()> {
        blind()
    }

    async fn unresolved(&self, _: &TriageScope, _: Option<&PageCursor>) -> Looked<IssuePage> {
        blind()
    }

    async fn spread(&self, _: IssueId) -> Looked<Spread> {
        blind()
    }

    async fn releases(&self, _: &[ProjectSlug]) -> Looked<Vec<ReleaseSeen>> {
        blind()
    }
}

#[async_trait]
impl WatchRead for World {
    async fn errors(&self, _: &HoursScope) -> Looked<Vec<Hour>> {
        blind()
    }

    async fn failures(&self, _: &HoursScope) -> Looked<Vec<Part>> {
        blind()
    }

    async fn slower(&self, _: &HoursScope, _: u64) -> Looked<BTreeMap<i64, u64>> {
        blind()
    }

    async fn durations(&self, _: &HoursScope) -> Looked<BTreeMap<ProjectSlug, f64>> {
        blind()
    }

    async fn crashes(&self, _: &HoursScope) -> Looked<BTreeMap<ProjectSlug, Vec<Part>>> {
        blind()
    }

    async fn alerts(&self, _: &[ProjectSlug]) -> Looked<Vec<SentryAlert>> {
        blind()
    }
}

#[async_trait]
impl FlagRead for World {
    async fn flags(&self, _: Seconds) -> Looked<Vec<FlagSwitched>> {
        blind()
    }
}

#[async_trait]
impl PeopleRead for World {
    async fn people(&self) -> Looked<Vec<Assignee>> {
        blind()
    }
}

#[async_trait]
impl SentryAssign for World {
    async fn assign(&self, _: IssueId, _: &Assignee) -> Result<(), Cause> {
        Err(Cause::NoInput("a world without Sentry".to_owned()))
    }
}
