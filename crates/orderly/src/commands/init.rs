//! `orderly init`: writes orderly.toml by looking around, and shows it before it is written. With `--agent` it writes the
//! configuration of a coding agent instead (`agent`).

mod agent;

use crate::access;
use crate::cli::{Global, Init};
use crate::clients;
use crate::commands::ask;
use crate::config::FILE_NAME;
use crate::config::secret::{self, Credential};
use crate::discover::{self, Findings};
use crate::failure::{Failure, Kind};
use crate::output::printer::{Format, Printer};
use orderly_connect::linear::LinearToken;
use orderly_connect::sentry::{Probe, SentryToken};
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::OrgSlug;
use secrecy::ExposeSecret;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

/// What was found out, each with where it came from.
struct Draft {
    sentry_url: Told<String>,
    org: Option<Told<String>>,
    projects: Vec<String>,
    tracker_url: String,
    team: Option<Told<String>>,
    open: Vec<String>,
}

/// A value and its source.
struct Told<T> {
    value: T,
    from: String,
}

impl<T> Told<T> {
    fn new(value: T, from: impl Into<String>) -> Self {
        Self { value, from: from.into() }
    }
}

/// Looks around, shows the file, writes it.
pub async fn run(global: &Global, init: Init, printer: Printer) -> Result<ExitCode, Failure> {
    if let Some(client) = init.agent {
        return agent::run(global, init, client, printer);
    }
    let dir = std::env::current_dir()
        .map_err(|error| Failure::new(Kind::Usage, "the current folder cannot be read").because(&error))?;
    let path = global.config.clone().unwrap_or_else(|| dir.join(FILE_NAME));
    if path.exists() && !init.force {
        return Err(Failure::new(Kind::Usage, format!("{} exists", path.display()))
            .hint("--force replaces it; `orderly doctor` checks it"));
    }
    let draft = look(&dir, &init, printer).await?;
    let text = draft.text();
    if printer.format() == Format::Text {
        printer.data(&draft.told(&path, &text, printer))?;
    }
    let written = init.yes || ask::yes(&format!("Write {}?", path.display()))?;
    if written {
        std::fs::write(&path, &text).map_err(|error| {
            Failure::new(Kind::Incomplete, format!("{} cannot be written", path.display())).because(&error)
        })?;
    }
    if printer.format() == Format::Json {
        printer.json(&json!({"path": path, "written": written, "file": text, "open": draft.open}))?;
    } else if written {
        printer.note(&format!("{} is written. Next: orderly doctor", path.display()));
    } else {
        printer.note("Nothing is written; `orderly init --yes` writes it.");
    }
    Ok(ExitCode::SUCCESS)
}

async fn look(dir: &Path, init: &Init, printer: Printer) -> Result<Draft, Failure> {
    let findings = discover::look_around(dir).await;
    for dsn in &findings.dsns {
        printer.note(&format!(
            "found a DSN of project {} on {} in {}",
            dsn.project_id,
            dsn.server,
            dsn.place.display()
        ));
    }
    let sentry_url = server(&findings);
    let mut draft = Draft {
        org: init.scope.org.clone().map(|org| Told::new(org, "--org or SENTRY_ORG")),
        projects: init.scope.projects.clone(),
        tracker_url: std::env::var("LINEAR_API_URL")
            .unwrap_or_else(|_| "https://api.linear.app/graphql".to_owned()),
        team: init.scope.team.clone().map(|team| Told::new(team, "--team")),
        open: Vec::new(),
        sentry_url,
    };
    match access::sentry_found(&draft.sentry_url.value, dir).await {
        Some(found) => {
            printer.note(&format!("found a Sentry token: {}", found.place));
            let token = SentryToken::new(found.secret.expose_secret());
            draft.ask_sentry(&clients::sentry_probe(&draft.sentry_url.value, &token)?, &findings).await;
        }
        None => {
            draft.org = draft.org.or_else(|| from_sentryclirc(&findings));
            draft.open.push(Credential::Sentry.step().to_owned());
        }
    }
    match secret::find(Credential::Linear, dir) {
        Some(found) => {
            printer.note(&format!("found a Linear key: {}", found.place));
            draft.ask_tracker(&LinearToken::new(found.secret.expose_secret())).await?;
        }
        None => draft.open.push(Credential::Linear.step().to_owned()),
    }
    if draft.org.is_none() {
        draft.open.push("write the organization's slug as `org` under [sentry]".to_owned());
    }
    if draft.team.is_none() {
        draft.open.push("write the team's key as `team` under [tracker]".to_owned());
    }
    Ok(draft)
}

/// Which Sentry: what the environment says, what its clients use, where the code sends its events, sentry.io.
fn server(findings: &Findings) -> Told<String> {
    if let Ok(url) = std::env::var("SENTRY_URL") {
        return Told::new(url.trim_end_matches('/').to_owned(), "SENTRY_URL");
    }
    if let Some((file, url)) = findings.sentryclirc.iter().find_map(|file| Some((file, file.url.clone()?))) {
        return Told::new(url, file.path.display().to_string());
    }
    let servers: BTreeSet<&str> = findings.dsns.iter().map(|dsn| dsn.server.as_str()).collect();
    if let (1, Some(dsn)) = (servers.len(), findings.dsns.first()) {
        return Told::new(dsn.server.clone(), format!("the DSN in {}", dsn.place.display()));
    }
    match findings.login.as_ref().and_then(|login| Some((login, login.host.clone()?))) {
        Some((login, host)) => {
            Told::new(host.trim_end_matches('/').to_owned(), login.path.display().to_string())
        }
        None => Told::new("https://sentry.io".to_owned(), "the default"),
    }
}

fn from_sentryclirc(findings: &Findings) -> Option<Told<String>> {
    findings
        .sentryclirc
        .iter()
        .find_map(|file| Some(Told::new(file.org.clone()?, file.path.display().to_string())))
}

impl Draft {
    async fn ask_sentry(&mut self, probe: &Probe, findings: &Findings) {
        let mut projects = BTreeSet::new();
        for dsn in findings.dsns.iter().filter(|dsn| dsn.server == self.sentry_url.value) {
            if let Looked::Saw(Some(project)) = probe.project_of_key(&dsn.public_key).await {
                let from = format!("the DSN in {}", dsn.place.display());
                self.org =
                    self.org.take().or_else(|| project.org.map(|org| Told::new(org.to_string(), from)));
                projects.insert(project.slug.to_string());
            }
        }
        self.org = self.org.take().or_else(|| from_sentryclirc(findings));
        match probe.organizations().await {
            Looked::Saw(seen) => {
                self.choose_organization(&seen.iter().map(|org| org.slug.clone()).collect::<Vec<_>>());
            }
            Looked::CouldNotLook(cause) => self.open.push(step(&cause)),
        }
        if self.projects.is_empty() {
            projects.extend(findings.sentryclirc.iter().find_map(|file| file.project.clone()));
            self.projects = projects.into_iter().collect();
        }
    }

    fn choose_organization(&mut self, seen: &[OrgSlug]) {
        let names: Vec<&str> = seen.iter().map(OrgSlug::as_str).collect();
        match &self.org {
            None if seen.len() == 1 => {
                self.org = Some(Told::new(names[0].to_owned(), "the only one that the token sees"));
            }
            None => self.open.push(format!("choose an organization with --org: {}", names.join(", "))),
            Some(org) if !names.contains(&org.value.as_str()) => {
                self.open.push(format!(
                    "the token does not see the organization `{}`; it sees: {}",
                    org.value,
                    names.join(", ")
                ));
            }
            Some(_) => {}
        }
    }

    async fn ask_tracker(&mut self, token: &LinearToken) -> Result<(), Failure> {
        match clients::tracker_probe(&self.tracker_url, token)?.workspace().await {
            Looked::CouldNotLook(cause) => self.open.push(step(&cause)),
            Looked::Saw(workspace) => {
                let keys: Vec<&str> = workspace.teams.iter().map(|team| team.key.as_str()).collect();
                match &self.team {
                    None if keys.len() == 1 => {
                        self.team = Some(Told::new(keys[0].to_owned(), "the only team that the key sees"));
                    }
                    None => self.open.push(format!("choose a team with --team: {}", keys.join(", "))),
                    Some(team) if !keys.contains(&team.value.as_str()) => {
                        self.open.push(format!(
                            "there is no team `{}`; there are: {}",
                            team.value,
                            keys.join(", ")
                        ));
                    }
                    Some(_) => {}
                }
            }
        }
        Ok(())
    }

    /// The file: only what differs from the defaults, and the scope.
    fn text(&self) -> String {
        let mut document = toml_edit::DocumentMut::new();
        let mut sentry = toml_edit::Table::new();
        if self.sentry_url.value != "https://sentry.io" {
            sentry["url"] = toml_edit::value(&self.sentry_url.value);
        }
        if let Some(org) = &self.org {
            sentry["org"] = toml_edit::value(&org.value);
        }
        if !self.projects.is_empty() {
            sentry["projects"] = toml_edit::value(self.projects.iter().collect::<toml_edit::Array>());
        }
        let mut tracker = toml_edit::Table::new();
        if self.tracker_url != "https://api.linear.app/graphql" {
            tracker["url"] = toml_edit::value(&self.tracker_url);
        }
        if let Some(team) = &self.team {
            tracker["team"] = toml_edit::value(&team.value);
        }
        document["sentry"] = toml_edit::Item::Table(sentry);
        document["tracker"] = toml_edit::Item::Table(tracker);
        document.to_string()
    }

    fn told(&self, path: &Path, text: &str, printer: Printer) -> String {
        let style = printer.style();
        let mut lines = vec![
            style.strong(&path.display().to_string()),
            String::new(),
            text.trim_end().to_owned(),
            String::new(),
        ];
        let sources = [
            Some(("url", &self.sentry_url)),
            self.org.as_ref().map(|o| ("org", o)),
            self.team.as_ref().map(|t| ("team", t)),
        ];
        lines.extend(
            sources
                .into_iter()
                .flatten()
                .map(|(name, told)| style.dim(&format!("{name}: from {}", told.from))),
        );
        lines.extend(self.open.iter().map(|step| format!("{} {step}", style.command("→"))));
        lines.join("\n")
    }
}

fn step(cause: &Cause) -> String {
    cause.to_string()
}
