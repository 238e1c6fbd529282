//! Which tool does what, and what has to be true before it does.

use super::{backlog, details, look, table};
use crate::config::Config;
use crate::config::file::Approval;
use crate::failure::{Failure, Kind};
use crate::output::printer::Printer;
use async_trait::async_trait;
use orderly_core::scrub::Scrubber;
use orderly_serve::mcp::{Answer, Call, Consent, Desk, Kept, Outcome, Refusal, plan};
use std::path::PathBuf;

/// Calls that one plain request may become.
const MOST_CALLS: usize = 3;

/// The jobs of this program, for an agent.
pub(super) struct OrderlyDesk {
    pub config: Config,
    pub scrubber: Scrubber,
    pub printer: Printer,
}

impl OrderlyDesk {
    /// A desk over a configuration.
    ///
    /// # Errors
    /// A usage failure for a pattern that cannot be used.
    pub fn new(config: Config, printer: Printer) -> Result<Self, Failure> {
        let scrubber = Scrubber::new(&config.settings.policy.redact)
            .map_err(|error| Failure::new(Kind::Usage, error.to_string()))?;
        Ok(Self { config, scrubber, printer })
    }

    /// Whether a person must approve what an agent asks for.
    pub fn asks_a_person(&self) -> bool {
        self.config.settings.mcp_approval == Approval::Person
    }

    /// Answers what reads only.
    async fn read(&self, call: Call) -> Result<Answer, Refusal> {
        match call {
            Call::SearchIssues(search) => look::issues(self, search).await,
            Call::GetIssueDetails(wanted) => details::of(self, &wanted.issue).await,
            Call::FindTeams(wanted) => look::teams(self, wanted.name.as_deref()).await,
            Call::FindProjects(wanted) => look::projects(self, wanted.name.as_deref()).await,
            Call::FindReleases(wanted) => look::releases(self, wanted).await,
            Call::SearchEvents(search) => look::events(self, search).await,
            Call::SyncPreview(_) => backlog::preview(self).await,
            Call::UseSentry(_) | Call::SyncApply(_) | Call::Triage(_) | Call::More(_) => {
                Err(Refusal::new("this tool is not one that only reads"))
            }
        }
    }

    /// Carries out the plan of a request in plain words, and shows it.
    async fn use_sentry(&self, request: &str) -> Result<Answer, Refusal> {
        let projects = look::slugs(self).await?;
        let mut calls = plan(request, &projects);
        calls.truncate(MOST_CALLS);
        let mut whole = Answer::default();
        let mut steps = Vec::new();
        for call in calls {
            let step = call.tool().name();
            let answer = self.read(call).await?;
            whole.summary.push_str(&format!("`{step}`\n\n{}\n\n", answer.summary));
            whole.tool.extend(answer.tool);
            whole.sentry.extend(answer.sentry);
            whole.event.extend(answer.event);
            steps.push(serde_json::Value::from(step));
        }
        whole.tool.insert("plan".to_owned(), steps.into());
        whole.summary.truncate(whole.summary.trim_end().len());
        Ok(whole)
    }

    fn reports(&self) -> PathBuf {
        self.config.state_dir().join("reports")
    }
}

#[async_trait]
impl Desk for OrderlyDesk {
    async fn answer(&self, call: Call, consent: Consent) -> Result<Outcome, Refusal> {
        match call {
            Call::UseSentry(wanted) => self.use_sentry(&wanted.request).await.map(Outcome::Done),
            Call::SyncApply(wanted) => backlog::apply(self, &wanted.plan_digest, consent).await,
            Call::Triage(wanted) => table::triage(self, wanted, consent).await,
            reads => self.read(reads).await.map(Outcome::Done),
        }
    }

    fn resources(&self) -> Vec<Kept> {
        let Ok(entries) = std::fs::read_dir(self.reports()) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.retain(|name| name.ends_with(".md"));
        // Names begin with the time of their run.
        names.sort_unstable_by(|a, b| b.cmp(a));
        let kept = |name: String| Kept { uri: format!("{REPORTS}{name}"), name, kind: "text/markdown" };
        names.into_iter().map(kept).collect()
    }

    fn resource(&self, uri: &str) -> Option<String> {
        let name = uri.strip_prefix(REPORTS)?;
        // Only what was listed is read: no name leads out of the folder.
        self.resources()
            .iter()
            .any(|kept| kept.name == name)
            .then(|| std::fs::read_to_string(self.reports().join(name)).ok())?
    }
}

const REPORTS: &str = "orderly://reports/";

/// A failure of a command, as an agent is told it: our words, the causes, the next step.
pub(super) fn refusal(failure: &Failure) -> Refusal {
    let mut what = failure.message.clone();
    for cause in &failure.causes {
        what.push_str("\nbecause: ");
        what.push_str(cause);
    }
    let refusal = Refusal::new(what);
    match failure.hints.first() {
        Some(hint) => refusal.hint(hint),
        None => refusal,
    }
}
