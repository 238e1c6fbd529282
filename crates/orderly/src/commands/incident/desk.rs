//! Where incidents are handled: the adapters, who tells and when it was, and how it is shown.

use super::told;
use crate::cli::Global;
use crate::cli::incident::{Looking, Telling};
use crate::clients;
use crate::clock::SystemClock;
use crate::commands::scope::configure;
use crate::config::Config;
use crate::failure::{Failure, Kind};
use crate::ledger;
use crate::output::printer::{Format, Printer};
use orderly_connect::sentry::SentryClient;
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::{Digest, SentrySite};
use orderly_core::incident::mitigation::TrialView;
use orderly_core::incident::{
    Affected, Author, ClockPolicy, Incident, IncidentKey, IncidentView, Log, named,
};
use orderly_core::investigate::{Findings, Known, investigate};
use orderly_core::scrub::Scrubber;
use orderly_core::sync::snapshot::Assignee;
use orderly_core::time::{Now, Seconds};
use orderly_core::triage::IssueName;
use orderly_core::watch::WatchPolicy;
use orderly_engine::incident::{Gaps, IncidentError, IncidentJob, IncidentPorts};
use orderly_engine::investigate::{InvestigateJob, InvestigatePorts};
use orderly_engine::ports::clock::Clock as _;
use orderly_engine::ports::sentry::SentryRead as _;
use orderly_engine::sync::asked_environments;
use orderly_engine::watch::{WatchJob, WatchPorts};
use orderly_store::SqlLedger;
use serde_json::json;
use std::process::ExitCode;
use std::sync::Arc;

/// Clocks of machines differ; what is further ahead has not happened.
const AHEAD: i64 = 60;

/// The desk.
pub(in crate::commands) struct Desk {
    config: Arc<Config>,
    site: SentrySite,
    sentry: SentryClient,
    ledger: SqlLedger,
    scrubber: Scrubber,
    author: Option<String>,
    now: Now,
}

impl Desk {
    /// Opens it for somebody who tells something.
    pub(super) async fn open(global: &Global, telling: &Telling) -> Result<Self, Failure> {
        Ok(Self { author: telling.author.clone(), ..Self::look(global, &telling.looking).await? })
    }

    /// Opens it for somebody who looks.
    pub(super) async fn look(global: &Global, looking: &Looking) -> Result<Self, Failure> {
        let config = configure(global, looking.scope.clone(), |_| {})?;
        let present = SystemClock.now();
        let now = looking.at.map_or(present, Now);
        if now.0.as_second() > present.0.as_second() + AHEAD {
            return Err(Failure::new(Kind::Usage, format!("{} has not come yet", now.0))
                .hint("--at says when something happened"));
        }
        Self::over(Arc::new(config), now).await
    }

    /// Opens it for somebody whose configuration is read already.
    pub(in crate::commands) async fn over(config: Arc<Config>, now: Now) -> Result<Self, Failure> {
        let site = config.settings.site()?;
        let scrubber = Scrubber::new(&config.settings.policy.redact)
            .map_err(|error| Failure::new(Kind::Usage, error.to_string()))?;
        let sentry = clients::sentry(&config).await?;
        let ledger = ledger::open(&config).await?;
        Ok(Self { config, site, sentry, ledger, scrubber, author: None, now })
    }

    /// The job over it.
    pub(in crate::commands) fn job(&self) -> IncidentJob<'_> {
        let ports = IncidentPorts {
            crash: &self.sentry,
            look: &self.sentry,
            tags: &self.sentry,
            counts: &self.sentry,
            flags: &self.sentry,
            people: &self.sentry,
            assign: &self.sentry,
            ledger: &self.ledger,
            clock: &SystemClock,
        };
        IncidentJob { ports, policy: &self.config.settings.incident, at: self.now.0 }
    }

    /// The Sentry that it looks at.
    pub(super) const fn sentry(&self) -> &SentryClient {
        &self.sentry
    }

    /// The settings.
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// What looks for what is behind an incident, as far back as this.
    pub(super) fn investigation(&self, back: Seconds) -> InvestigateJob<'_> {
        let ports = InvestigatePorts { read: &self.sentry, look: &self.sentry, crash: &self.sentry };
        InvestigateJob { ports, touching: &self.config.settings.incident.touching, at: self.now.0, back }
    }

    /// A watch over the projects of the settings.
    pub(super) fn watch<'a>(&'a self, environments: &'a [String]) -> WatchJob<'a> {
        let ports = WatchPorts { counts: &self.sentry, look: &self.sentry, triage: &self.sentry };
        WatchJob {
            ports,
            projects: &self.config.settings.projects,
            environments,
            policy: WatchPolicy::default(),
        }
    }

    /// The environments that a watch looks at.
    pub(super) async fn environments(&self) -> Result<Vec<String>, Cause> {
        match self.sentry.environments().await {
            Looked::Saw(exist) => asked_environments(&self.config.settings.triage.environments, &exist)
                .map_err(|gap| Cause::Missing(gap.what)),
            Looked::CouldNotLook(cause) => Err(cause),
        }
    }

    /// Counts errors over time.
    pub(super) const fn read(&self) -> &SentryClient {
        &self.sentry
    }

    /// When it is.
    pub(in crate::commands) const fn now(&self) -> Now {
        self.now
    }

    /// What is due when.
    pub(super) fn clock(&self) -> &ClockPolicy {
        &self.config.settings.incident.clock
    }

    /// What takes secrets out.
    pub(in crate::commands) const fn scrubber(&self) -> &Scrubber {
        &self.scrubber
    }

    /// Who tells.
    pub(super) fn author(&self) -> Result<Author, Failure> {
        self.teller().map(Author::Person)
    }

    /// An agent of whoever runs this.
    pub(in crate::commands) fn agent(&self) -> Result<Author, Failure> {
        self.teller().map(Author::Agent)
    }

    fn teller(&self) -> Result<Assignee, Failure> {
        let of_machine =
            || ["ORDERLY_AS", "USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
        let name = self.author.clone().or_else(of_machine).filter(|name| !name.trim().is_empty());
        name.map(|name| named(&name)).ok_or_else(|| {
            Failure::new(Kind::Usage, "nobody knows who tells this")
                .hint("say it with --as you@example.com, or set ORDERLY_AS")
        })
    }

    /// The incident that a text names.
    pub(in crate::commands) fn key(&self, text: &str) -> Result<IncidentKey, Failure> {
        let number = IncidentKey::number(text).map_err(|error| {
            Failure::new(Kind::Usage, format!("`{}` names no incident", told::name(text))).because(&error)
        })?;
        Ok(self.job().key(number))
    }

    /// The issue that a text names.
    pub(in crate::commands) fn issue(&self, text: &str) -> Result<IssueName, Failure> {
        IssueName::parse(text, &self.site)
            .map_err(|error| Failure::new(Kind::Usage, "the issue is not named").because(&error))
    }

    /// The issues that texts name, each with its text.
    pub(in crate::commands) fn issues(
        &self,
        texts: Vec<String>,
    ) -> Result<Vec<(String, IssueName)>, Failure> {
        texts.into_iter().map(|text| self.issue(&text).map(|name| (text, name))).collect()
    }

    /// What is behind issues, as far back as this: what is known, and what it comes to.
    pub(super) async fn findings(
        &self,
        issues: &[Affected],
        back: Seconds,
    ) -> Result<(Known, Findings), Failure> {
        let known = self.investigation(back).known(issues).await;
        let known = known.map_err(|cause| unread("the errors could not be counted", &cause))?;
        let found = investigate(&known, self.scrubber());
        Ok((known, found))
    }

    /// The log of the incident that a text names; the last thing that is asked of the ledger.
    pub(in crate::commands) async fn log(&self, text: &str) -> Result<Log, Failure> {
        let key = self.key(text)?;
        self.closed(self.job().log(&key).await).await
    }

    /// The incident as it is shown.
    pub(in crate::commands) fn view(&self, incident: &Incident) -> IncidentView {
        IncidentView::of(incident, self.clock(), &self.scrubber, self.now)
    }

    /// Closes the ledger, and shows the incident that something was done to.
    pub(super) async fn done(
        &self,
        result: Result<(Log, Gaps), IncidentError>,
        printer: Printer,
    ) -> Result<ExitCode, Failure> {
        let (log, gaps) = self.closed(result).await?;
        self.tell(&log, &gaps, printer)
    }

    /// Shows an incident, always with what is due.
    pub(super) fn tell(&self, log: &Log, gaps: &Gaps, printer: Printer) -> Result<ExitCode, Failure> {
        let view = self.view(log.incident());
        match printer.format() {
            Format::Json => {
                let gaps: Vec<_> =
                    gaps.0.iter().map(|(what, cause)| json!({"what": what, "cause": cause})).collect();
                let trials = TrialView::all(log.incident(), &self.scrubber);
                printer.json(&json!({"incident": view, "trials": trials, "gaps": gaps}))?;
            }
            Format::Text => {
                let mut text = told::incident(&view, printer.style());
                for trial in TrialView::all(log.incident(), &self.scrubber) {
                    text.push_str(&format!("\ntrial {}: {}", trial.number, trial.text));
                }
                printer.data(&text)?;
                for (what, cause) in &gaps.0 {
                    printer.note(&format!("not counted: {what}: {cause}"));
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Closes the ledger, and says what came of it.
    pub(in crate::commands) async fn closed<T>(
        &self,
        result: Result<T, IncidentError>,
    ) -> Result<T, Failure> {
        self.close().await;
        or(result)
    }

    /// Closes the ledger: nothing more is asked of it.
    pub(super) async fn close(&self) {
        self.ledger.close().await;
    }
}

/// What is shown of a digest: enough to name it.
pub(super) fn shown(digest: &Digest) -> &str {
    digest.as_str().get(..12).unwrap_or(digest.as_str())
}

/// Whether a text names this digest: its beginning does.
pub(super) fn names(said: &str, digest: &Digest) -> bool {
    said.len() >= 8 && digest.as_str().starts_with(said)
}

/// The issue of an incident that a text names.
pub(in crate::commands) fn issue_of(log: &Log, text: &str, name: &IssueName) -> Result<Affected, Failure> {
    let owned = log.incident().issues().iter().find(|owned| match name {
        IssueName::Id(id) => owned.issue.id == *id,
        IssueName::ShortId(short) => owned.issue.short_id == *short,
        IssueName::Latest | IssueName::MostFrequent => false,
    });
    owned.map(|owned| owned.issue.clone()).ok_or_else(|| {
        let key = log.incident().key();
        Failure::new(Kind::Usage, format!("`{}` is no issue of {key}", told::name(text)))
            .hint(format!("`orderly incident add {key} {}` makes it one", told::name(text)))
    })
}

/// What an error means for the command.
pub(in crate::commands) fn or<T>(result: Result<T, IncidentError>) -> Result<T, Failure> {
    result.map_err(|error| match &error {
        IncidentError::Ledger(error) => ledger::failed(error),
        IncidentError::Sentry { what, cause } => unread(&format!("{what} could not be read"), cause),
        IncidentError::NoIncident(_) => {
            Failure::new(Kind::Usage, error.to_string()).hint("`orderly incident list --all` lists them")
        }
        IncidentError::NoIssue(_) => Failure::new(Kind::Usage, error.to_string()),
        IncidentError::Nobody { name, known } => nobody(name, known),
        IncidentError::Refused { .. } | IncidentError::Stale(_) => {
            Failure::new(Kind::Refused, error.to_string())
        }
        IncidentError::Busy(_) => Failure::new(Kind::Incomplete, error.to_string()),
    })
}

/// A Sentry that does not answer as it should.
pub(super) fn unread(what: &str, cause: &Cause) -> Failure {
    let kind = if matches!(cause, Cause::Access(_)) { Kind::Access } else { Kind::Incomplete };
    Failure::new(kind, format!("{what}: {cause}")).hint("`orderly doctor` checks the token and its scopes")
}

fn nobody(name: &str, known: &[String]) -> Failure {
    let failure = Failure::new(Kind::Usage, format!("Sentry knows no member or team `{}`", told::name(name)));
    match crate::config::typo::nearest(name, known.iter().map(String::as_str)) {
        Some(near) => failure.hint(format!("did you mean `{}`?", told::name(near))),
        None => failure.hint("name a member by e-mail or name, a team as `#slug`"),
    }
}
