//! `orderly locate ISSUE`: the code that crashed.

use super::scope::configure;
use crate::cli::{Global, Locate};
use crate::clients;
use crate::config::Config;
use crate::failure::{Failure, Kind};
use crate::output::printer::{Format, Printer};
use orderly_connect::git::{Git, GitError};
use orderly_connect::source_maps::SourceMaps;
use orderly_core::answer::Cause;
use orderly_core::encode::terminal;
use orderly_core::locate::{Base, Location, page as words};
use orderly_core::triage::IssueName;
use orderly_engine::locate::{LocateError, LocateJob};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Finds the code of an issue's latest crash, and prints it.
///
/// # Errors
/// A wrong name, a folder without a repository, or a Sentry that cannot be asked.
pub async fn run(global: &Global, locate: Locate, printer: Printer) -> Result<ExitCode, Failure> {
    let config = configure(global, locate.scope, |_| {})?;
    let site = config.settings.site()?;
    let name = IssueName::parse(&locate.issue, &site)
        .map_err(|error| Failure::new(Kind::Usage, "the issue is not named").because(&error))?;
    let folder = locate.repo.unwrap_or_else(|| config.dir.clone());
    let git = Git::open(&folder).await.map_err(|error| no_code(&error))?;
    let maps = if locate.maps.is_empty() { maps(&config) } else { SourceMaps::find(&locate.maps) };
    let sentry = clients::sentry(&config).await?;
    let job = LocateJob {
        sentry: &sentry,
        code: &git,
        maps: &maps,
        mappings: &config.settings.code_mappings,
        window: config.settings.policy.window,
    };
    let location = job.run(&name).await.map_err(|error| failed(&error))?;
    match printer.format() {
        Format::Json => {
            let mut told = json!(location);
            told["on_head"] = json!(location.on_head());
            printer.json(&told)?;
        }
        Format::Text => printer.data(&page(&location))?,
    }
    if let Some(folder) = locate.checkout {
        check_out(&git, &location, &folder, printer).await?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A worktree of the commit that crashed.
async fn check_out(git: &Git, location: &Location, folder: &Path, printer: Printer) -> Result<(), Failure> {
    let Base::Release { commit, .. } = &location.base else {
        return Err(Failure::new(
            Kind::Incomplete,
            "no commit of its release is known here, so nothing is checked out",
        )
        .hint("tag the commits of releases, or tell Sentry which they are"));
    };
    let failed = |error: &dyn std::error::Error| {
        Failure::new(Kind::Incomplete, format!("{} cannot hold the code that crashed", folder.display()))
            .because(error)
    };
    let folder = std::path::absolute(folder).map_err(|error| failed(&error))?;
    git.check_out(&commit.into(), &folder).await.map_err(|error| failed(&error))?;
    let folder = folder.display();
    printer
        .note(&format!("the code that crashed is in {folder}; `git worktree remove {folder}` takes it away"));
    Ok(())
}

/// Source maps where the configuration says that they are.
pub(super) fn maps(config: &Config) -> SourceMaps {
    let places: Vec<PathBuf> = config.settings.maps.iter().map(|place| config.dir.join(place)).collect();
    SourceMaps::find(&places)
}

fn no_code(error: &GitError) -> Failure {
    Failure::new(Kind::Usage, "there is no repository to look into")
        .because(error)
        .hint("run it inside of the repository, or name one with --repo")
}

fn failed(error: &LocateError) -> Failure {
    let kind = match error {
        LocateError::NoIssue | LocateError::Code(Cause::NoInput(_)) => Kind::Usage,
        LocateError::Sentry(Cause::Access(_)) => Kind::Access,
        LocateError::Sentry(_) | LocateError::Code(_) => Kind::Incomplete,
    };
    let hint = match kind {
        _ if matches!(error, LocateError::Code(_)) => {
            "it must be a git repository with a commit; --repo names another one"
        }
        Kind::Access => "`orderly doctor` checks the token and its scopes",
        Kind::Usage => "`orderly locate @latest` takes the unresolved issue that was seen last",
        Kind::Incomplete | Kind::Refused => "run it again; it reads only",
    };
    Failure::new(kind, "the code of the issue was not found").because(error).hint(hint)
}

/// The answer for people.
fn page(location: &Location) -> String {
    let mut page = String::new();
    let mut line = |text: &str| {
        page.push_str(text);
        page.push('\n');
    };
    line(&format!("{}: {}", location.short_id, words::base(location)));
    line(&format!("On HEAD: {}", location.on_head()));
    line(&format!("\nOwn frames, crash first ({} of libraries left out)", location.library_frames));
    if location.frames.is_empty() {
        line("  none: the event has no frame of own code");
    }
    for place in &location.frames {
        line(&format!("  {}", words::frame(place)));
    }
    line(&format!("\nSuspects{}", if location.claimed.is_some() { "" } else { " (too weak to name one)" }));
    for suspect in words::suspects(location) {
        line(&format!("  {suspect}"));
    }
    if !location.commits.is_empty() {
        line("\nCommits that wrote these lines last");
    }
    for commit in &location.commits {
        line(&format!("  {}", words::commit(commit)));
    }
    for text in &location.texts {
        line(&format!("\nIts message stands at {}:{}: {}", text.path, text.line, terminal::line(&text.text)));
    }
    for gap in &location.gaps {
        line(&format!("\nnot looked at: {}", terminal::visible(gap)));
    }
    page
}
