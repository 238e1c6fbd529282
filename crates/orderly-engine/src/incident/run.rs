//! The job: each step reads the log, checks what is to happen against it, and writes it down before anything else does.

use super::count::Counting;
use crate::ports::clock::Clock;
use crate::ports::crash::CrashRead;
use crate::ports::flags::FlagRead;
use crate::ports::incident::{Appended, IncidentLedger, PeopleRead, SentryAssign};
use crate::ports::ledger::LedgerError;
use crate::ports::look::LookRead;
use crate::ports::triage::TriageRead;
use crate::ports::watch::WatchRead;
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::{IssueId, SentrySite};
use orderly_core::incident::severity::assess;
use orderly_core::incident::{
    Affected, Author, Entry, IncidentKey, IncidentPolicy, Log, Refused, Stale, What, named, same,
};
use orderly_core::sync::snapshot::{Assignee, Issue};
use orderly_core::time::Timestamp;
use orderly_core::triage::IssueName;
use orderly_core::untrusted::Untrusted;

/// How often an entry is tried again when others write at the same time.
const TRIES: u32 = 20;

/// Exactly what incidents may use.
#[derive(Clone, Copy)]
pub struct IncidentPorts<'a> {
    /// Reads single issues.
    pub crash: &'a dyn CrashRead,
    /// Counts events.
    pub look: &'a dyn LookRead,
    /// Says how events spread over tags.
    pub tags: &'a dyn TriageRead,
    /// Counts over time.
    pub counts: &'a dyn WatchRead,
    /// Says when flags were switched.
    pub flags: &'a dyn FlagRead,
    /// Says whom Sentry knows.
    pub people: &'a dyn PeopleRead,
    /// Assigns issues.
    pub assign: &'a dyn SentryAssign,
    /// Keeps the logs.
    pub ledger: &'a dyn IncidentLedger,
    /// Says when an entry is written.
    pub clock: &'a dyn Clock,
}

/// Incidents of one organization.
#[derive(Clone, Copy)]
pub struct IncidentJob<'a> {
    /// What it may use.
    pub ports: IncidentPorts<'a>,
    /// How incidents are handled.
    pub policy: &'a IncidentPolicy,
    /// When what is told happened.
    pub at: Timestamp,
}

/// What an incident begins with.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// What it is called; `None`: after its leading issue.
    pub title: Option<String>,
    /// Its issues, as they were named and as they are read.
    pub issues: Vec<(String, IssueName)>,
    /// Who declares it.
    pub author: Author,
}

/// What somebody tells.
#[derive(Clone, Debug)]
pub struct Told {
    /// Who.
    pub author: Author,
    /// What it rests on.
    pub source: Option<String>,
    /// What.
    pub what: What,
}

/// What could not be looked at, with the cause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gaps(pub Vec<(String, Cause)>);

/// Why a step could not be made.
#[derive(Debug, thiserror::Error)]
pub enum IncidentError {
    /// There is no such incident.
    #[error("there is no {0}")]
    NoIncident(IncidentKey),
    /// There is no such issue.
    #[error("no issue is named `{0}`")]
    NoIssue(String),
    /// Sentry knows no such member or team.
    #[error("Sentry knows no member or team `{name}`")]
    Nobody {
        /// As it was named.
        name: String,
        /// Whom it knows.
        known: Vec<String>,
    },
    /// Sentry could not be asked.
    #[error("{what} could not be read")]
    Sentry {
        /// What was asked.
        what: String,
        /// Why not.
        cause: Cause,
    },
    /// The entry is refused.
    #[error("{key}: {why}")]
    Refused {
        /// The incident.
        key: IncidentKey,
        /// Why.
        why: Refused,
    },
    /// The plan is none any more.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// The log could not be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Others wrote all the time.
    #[error("{0} was written to by others again and again; try again")]
    Busy(IncidentKey),
}

impl IncidentJob<'_> {
    /// Declares an incident and judges it for the first time.
    ///
    /// # Errors
    /// When an issue cannot be read, or the ledger fails.
    pub async fn declare(&self, declaration: Declaration) -> Result<(Log, Gaps), IncidentError> {
        let what = self.declared(declaration.title, &declaration.issues).await?;
        let log = self.begin(self.entry(declaration.author, None, what)).await?;
        self.assess(log.incident().key()).await
    }

    /// The issues of these names, each once.
    ///
    /// # Errors
    /// When one does not exist or cannot be read.
    pub async fn issues(&self, named: &[(String, IssueName)]) -> Result<Vec<Affected>, IncidentError> {
        let mut issues: Vec<Affected> = Vec::new();
        for (text, name) in named {
            let issue = affected(self.issue(text, name).await?);
            if !issues.iter().any(|known| known.id == issue.id) {
                issues.push(issue);
            }
        }
        Ok(issues)
    }

    /// Another issue joins, and the incident is judged again.
    ///
    /// # Errors
    /// When the issue cannot be read, the entry is refused, or the ledger fails.
    pub async fn add(
        &self,
        key: &IncidentKey,
        issue: (&str, &IssueName),
        author: Author,
    ) -> Result<(Log, Gaps), IncidentError> {
        let what = self.joined(issue).await?;
        self.tell(key, Told { author, source: None, what }).await?;
        self.assess(key).await
    }

    /// Counts and judges; the log has the result when it differs from the last one.
    ///
    /// # Errors
    /// When the ledger fails. What cannot be counted is a gap.
    pub async fn assess(&self, key: &IncidentKey) -> Result<(Log, Gaps), IncidentError> {
        let log = self.log(key).await?;
        let (entry, gaps) = self.judged(&log).await;
        match entry {
            Some(entry) => Ok((self.append(key, entry).await?, gaps)),
            None => Ok((log, gaps)),
        }
    }

    /// Counts and judges; the entry that says so when it differs from the last one.
    pub(super) async fn judged(&self, log: &Log) -> (Option<Entry>, Gaps) {
        let counting = Counting {
            look: self.ports.look,
            tags: self.ports.tags,
            touching: &self.policy.touching,
            window: self.policy.window,
            at: self.at,
        };
        let mut gaps = Gaps::default();
        let facts = counting.facts(log.incident(), &mut gaps).await;
        if facts.users.is_none() && facts.events.is_none() {
            // Nothing was counted: that is no judgement.
            return (None, gaps);
        }
        let assessment = assess(&facts, &self.policy.severity);
        if log.incident().assessment().is_some_and(|(_, last)| *last == assessment) {
            return (None, gaps);
        }
        let source = Some(format!("events of the issues in Sentry, {} until {}", facts.window, self.at));
        (Some(self.entry(Author::Orderly, source, What::Assessed { assessment })), gaps)
    }

    /// Writes down what somebody tells.
    ///
    /// # Errors
    /// When the entry is refused, or the ledger fails.
    pub async fn tell(&self, key: &IncidentKey, told: Told) -> Result<Log, IncidentError> {
        self.append(key, self.entry(told.author, told.source, told.what)).await
    }

    /// Writes down what Orderly itself found, each thing once: what the log says already is not said again.
    ///
    /// # Errors
    /// When an entry is refused, or the ledger fails.
    pub async fn found(
        &self,
        key: &IncidentKey,
        source: &str,
        found: Vec<What>,
    ) -> Result<Log, IncidentError> {
        let mut log = self.log(key).await?;
        for what in found {
            if !log.entries().iter().any(|logged| logged.entry.what == what) {
                let entry = self.entry(Author::Orderly, Some(source.to_owned()), what);
                log = self.append(key, entry).await?;
            }
        }
        Ok(log)
    }

    /// Assigns an issue in Sentry: the intent is in the log before, and what came of it after.
    ///
    /// # Errors
    /// When the entry is refused, or the ledger fails. What Sentry refuses is in the log.
    pub async fn assign(
        &self,
        key: &IncidentKey,
        issue: IssueId,
        to: &Assignee,
        author: Author,
    ) -> Result<Log, IncidentError> {
        self.assigned(key, issue, to, self.entry(author, None, What::Assigned { issue, to: to.clone() }))
            .await
    }

    /// The same, with the entry that says that it was done.
    pub(super) async fn assigned(
        &self,
        key: &IncidentKey,
        issue: IssueId,
        to: &Assignee,
        done: Entry,
    ) -> Result<Log, IncidentError> {
        let log = self.log(key).await?;
        // What would be refused afterwards is not done.
        log.incident().after(&done).map_err(|why| IncidentError::Refused { key: key.clone(), why })?;
        let what = What::Assigning { issue, to: to.clone() };
        self.append(key, Entry { what, ..done.clone() }).await?;
        match self.ports.assign.assign(issue, to).await {
            Ok(()) => self.append(key, done).await,
            Err(cause) => {
                self.append(key, self.entry(Author::Orderly, None, What::NotAssigned { issue, cause })).await
            }
        }
    }

    /// The member or team that a text names: an e-mail, a name, `#team`.
    ///
    /// # Errors
    /// When Sentry knows nobody of that name, or cannot be asked.
    pub async fn who(&self, text: &str) -> Result<Assignee, IncidentError> {
        let people = match self.ports.people.people().await {
            Looked::Saw(people) => people,
            Looked::CouldNotLook(cause) => {
                return Err(IncidentError::Sentry { what: "whom Sentry knows".to_owned(), cause });
            }
        };
        let wanted = named(text);
        match people.iter().find(|who| same(who, &wanted)) {
            Some(who) => Ok(who.clone()),
            None => Err(IncidentError::Nobody {
                name: text.to_owned(),
                known: people.iter().map(Assignee::called).collect(),
            }),
        }
    }

    /// The logs of every incident, oldest first.
    ///
    /// # Errors
    /// When the ledger fails.
    pub async fn logs(&self) -> Result<Vec<Log>, IncidentError> {
        let SentrySite { ref org, .. } = self.ports.crash.site();
        let numbers = self.ports.ledger.incident_numbers(&self.ports.crash.site().host(), org).await?;
        let mut all = Vec::with_capacity(numbers.len());
        for number in numbers {
            all.push(self.log(&self.key(number)).await?);
        }
        Ok(all)
    }

    /// The log of an incident.
    ///
    /// # Errors
    /// When there is none, or the ledger fails.
    pub async fn log(&self, key: &IncidentKey) -> Result<Log, IncidentError> {
        let log = self.ports.ledger.incident_log(key).await?;
        log.ok_or_else(|| IncidentError::NoIncident(key.clone()))
    }

    /// The incident of a number.
    pub fn key(&self, number: u32) -> IncidentKey {
        let site = self.ports.crash.site();
        IncidentKey { host: site.host(), org: site.org, number }
    }

    /// A declaration over issues as they are now.
    pub(super) async fn declared(
        &self,
        given: Option<String>,
        named: &[(String, IssueName)],
    ) -> Result<What, IncidentError> {
        let issues = self.issues(named).await?;
        let title = given.map_or_else(|| title(&issues), Untrusted::new);
        Ok(What::Declared { title, issues })
    }

    /// That an issue joins, as it is now.
    pub(super) async fn joined(&self, (text, name): (&str, &IssueName)) -> Result<What, IncidentError> {
        Ok(What::Joined { issue: affected(self.issue(text, name).await?) })
    }

    async fn issue(&self, text: &str, name: &IssueName) -> Result<Issue, IncidentError> {
        match self.ports.crash.named(name, self.policy.window).await {
            Looked::Saw(Some(issue)) => Ok(issue),
            Looked::Saw(None) => Err(IncidentError::NoIssue(text.to_owned())),
            Looked::CouldNotLook(cause) => {
                Err(IncidentError::Sentry { what: format!("issue `{text}`"), cause })
            }
        }
    }

    /// Begins a log under the next free number.
    pub(super) async fn begin(&self, entry: Entry) -> Result<Log, IncidentError> {
        let site = self.ports.crash.site();
        let mut key = self.key(1);
        for _ in 0..TRIES {
            let numbers = self.ports.ledger.incident_numbers(&site.host(), &site.org).await?;
            key.number = numbers.last().map_or(1, |last| last.saturating_add(1));
            let log = Log::begun(key.clone(), entry.clone())
                .map_err(|why| IncidentError::Refused { key: key.clone(), why })?;
            if self.ports.ledger.append(&key, log.last(), self.ports.clock.now()).await? == Appended::Added {
                return Ok(log);
            }
        }
        Err(IncidentError::Busy(key))
    }

    /// Appends an entry; when another was quicker, it is judged again after that one.
    pub(super) async fn append(&self, key: &IncidentKey, entry: Entry) -> Result<Log, IncidentError> {
        self.append_while(key, entry, |_| Ok(())).await
    }

    /// The same, for as long as the log is as it has to be.
    pub(super) async fn append_while(
        &self,
        key: &IncidentKey,
        entry: Entry,
        holds: impl Fn(&Log) -> Result<(), IncidentError> + Send + Sync,
    ) -> Result<Log, IncidentError> {
        let log = self.log(key).await?;
        let made = |log: Log| {
            holds(&log)?;
            log.and(entry.clone()).map(Some).map_err(|why| IncidentError::Refused { key: key.clone(), why })
        };
        Ok(self.append_made(log, made).await?.0)
    }

    /// Appends what is made of the log, if anything is; when another was quicker, it is made of the log after that.
    /// Gives the log and how many entries are new.
    pub(super) async fn append_made(
        &self,
        mut log: Log,
        made: impl Fn(Log) -> Result<Option<Log>, IncidentError> + Send + Sync,
    ) -> Result<(Log, u32), IncidentError> {
        let key = log.incident().key().clone();
        for _ in 0..TRIES {
            let Some(next) = made(log.clone())? else { return Ok((log, 0)) };
            if self.ports.ledger.append(&key, next.last(), self.ports.clock.now()).await? == Appended::Added {
                return Ok((next, 1));
            }
            log = self.log(&key).await?;
        }
        Err(IncidentError::Busy(key))
    }

    pub(super) fn entry(&self, author: Author, source: Option<String>, what: What) -> Entry {
        Entry { at: self.at, author, source: source.map(Untrusted::new), what }
    }
}

fn affected(issue: Issue) -> Affected {
    Affected {
        id: issue.id,
        short_id: issue.short_id,
        project: issue.project,
        error_type: issue.error_type,
        first_seen: issue.first_seen,
        owner: issue.assignee,
    }
}

/// `ValueError in backend`.
fn title(issues: &[Affected]) -> Untrusted<String> {
    match issues.first() {
        Some(Affected { error_type: Some(kind), project, .. }) => {
            kind.clone().map(|kind| format!("{kind} in {project}"))
        }
        Some(Affected { project, .. }) => Untrusted::new(format!("errors in {project}")),
        None => Untrusted::from("an incident without an issue"),
    }
}
