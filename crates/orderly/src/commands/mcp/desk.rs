//! Which tool does what, and what has to be true before it does.

use super::workbench::Workbench;
use super::{backlog, details, incident, look, repair, table};
use crate::commands::skills;
use crate::config::Config;
use crate::config::file::Approval;
use crate::failure::{Failure, Kind};
use crate::output::printer::Printer;
use async_trait::async_trait;
use orderly_core::scrub::Scrubber;
use orderly_serve::mcp::{Answer, Call, Consent, Desk, Kept, Outcome, Refusal, Skill, plan};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Calls that one plain request may become.
const MOST_CALLS: usize = 3;

/// The jobs of this program, for an agent.
pub(super) struct OrderlyDesk {
    pub config: Arc<Config>,
    pub scrubber: Scrubber,
    pub printer: Printer,
    pub workbench: Workbench,
}

impl OrderlyDesk {
    /// A desk over a configuration.
    ///
    /// # Errors
    /// A usage failure for a pattern that cannot be used.
    pub fn new(config: Config, printer: Printer) -> Result<Self, Failure> {
        let scrubber = Scrubber::new(&config.settings.policy.redact)
            .map_err(|error| Failure::new(Kind::Usage, error.to_string()))?;
        Ok(Self { config: Arc::new(config), scrubber, printer, workbench: Workbench::default() })
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
            Call::IncidentList(wanted) => incident::list(self, &wanted).await,
            Call::IncidentShow(wanted) => incident::show(self, &wanted).await,
            Call::IncidentPreview(wanted) => incident::preview(self, wanted).await,
            Call::UseSentry(_)
            | Call::SyncApply(_)
            | Call::IncidentApply(_)
            | Call::Triage(_)
            | Call::FixStart(_)
            | Call::FixCheck(_)
            | Call::FixCommit(_)
            | Call::FixResolve(_)
            | Call::More(_) => Err(Refusal::new("this tool is not one that only reads")),
        }
    }

    /// Carries out the plan of a request in plain words, and shows it.
    async fn use_sentry(&self, request: &str) -> Result<Answer, Refusal> {
        let projects = look::slugs(self).await?;
        let mut calls = plan(request, &projects);
        let left_out = calls.split_off(calls.len().min(MOST_CALLS));
        let mut whole = Answer::default();
        let mut steps = Vec::new();
        for call in calls {
            let step = call.tool().name();
            let answer = self.read(call).await?;
            whole.summary.push_str(&format!("`{step}`\n\n{}\n\n", answer.summary));
            add(&mut whole.tool, answer.tool, steps.len());
            add(&mut whole.sentry, answer.sentry, steps.len());
            whole.lists.extend(answer.lists);
            whole.event.extend(answer.event);
            steps.push(Value::from(step));
        }
        whole.tool.insert("plan".to_owned(), steps.into());
        if !left_out.is_empty() {
            let names: Vec<&str> = left_out.iter().map(|call| call.tool().name()).collect();
            whole.summary.push_str(&format!(
                "Not called for want of room: {}. Ask for less at once.",
                names.join(", ")
            ));
            whole.tool.insert("left_out".to_owned(), names.into());
        }
        whole.summary.truncate(whole.summary.trim_end().len());
        Ok(whole)
    }

    /// What is in a folder, newest first.
    fn kept(&self, folder: &Folder) -> Vec<Kept> {
        let Ok(entries) = std::fs::read_dir(self.config.state_dir().join(folder.name)) else {
            return Vec::new();
        };
        let dated = entries.flatten().filter_map(|entry| {
            let changed = entry.metadata().and_then(|about| about.modified()).ok()?;
            Some((changed, entry.file_name().into_string().ok()?))
        });
        let mut dated: Vec<_> = dated.filter(|(_, name)| name.ends_with(folder.ending)).collect();
        dated.sort_unstable_by(|a, b| b.cmp(a));
        let kept = |(_, name): (_, String)| Kept { uri: folder.uri() + &name, name, kind: folder.kind };
        dated.into_iter().map(kept).collect()
    }
}

#[async_trait]
impl Desk for OrderlyDesk {
    async fn answer(&self, call: Call, consent: Consent) -> Result<Outcome, Refusal> {
        match call {
            Call::UseSentry(wanted) => self.use_sentry(&wanted.request).await.map(Outcome::Done),
            Call::SyncApply(wanted) => backlog::apply(self, &wanted.plan_digest, consent).await,
            Call::Triage(wanted) => table::triage(self, wanted, consent).await,
            Call::FixStart(wanted) => repair::start(self, &wanted.selection_digest).await,
            Call::FixCheck(wanted) => repair::check(self, &wanted).await,
            Call::FixCommit(wanted) => repair::commit(self, &wanted.receipt_digest, consent).await,
            Call::FixResolve(wanted) => repair::resolve(self, &wanted.commit, consent).await,
            Call::IncidentApply(wanted) => incident::apply(self, &wanted.plan_digest, consent).await,
            reads => self.read(reads).await.map(Outcome::Done),
        }
    }

    fn told(&self, skill: Skill) -> String {
        skills::text(&self.config.dir, skill)
    }

    async fn resources(&self) -> Vec<Kept> {
        let mut all: Vec<Kept> = FOLDERS.iter().flat_map(|folder| self.kept(folder)).collect();
        all.extend(incident::pages(self).await);
        all
    }

    async fn resource(&self, uri: &str) -> Option<String> {
        if let Some(page) = uri.strip_prefix(incident::PAGES) {
            return incident::page(self, page).await;
        }
        let (folder, name) =
            FOLDERS.iter().find_map(|folder| Some((folder, uri.strip_prefix(&folder.uri())?)))?;
        // Only what was listed is read: no name leads out of the folder.
        let listed = self.kept(folder).iter().any(|kept| kept.name == name);
        listed.then(|| std::fs::read_to_string(self.config.state_dir().join(folder.name).join(name)).ok())?
    }
}

/// Adds the fields of a further answer; where they have the names of those before, together under a name of their own.
fn add(all: &mut Map<String, Value>, fields: Map<String, Value>, answers: usize) {
    if fields.keys().any(|name| all.contains_key(name)) {
        all.insert(format!("answer_{}", answers + 1), fields.into());
    } else {
        all.extend(fields);
    }
}

/// A folder whose files can be read whole.
struct Folder {
    name: &'static str,
    ending: &'static str,
    kind: &'static str,
}

const FOLDERS: [Folder; 2] = [
    Folder { name: "reports", ending: ".md", kind: "text/markdown" },
    Folder { name: "plans", ending: ".json", kind: "application/json" },
];

impl Folder {
    fn uri(&self) -> String {
        format!("orderly://{}/", self.name)
    }
}

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
