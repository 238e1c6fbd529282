//! `orderly locate ISSUE`: the code that crashed.

use super::scope::configure;
use crate::cli::{Global, Locate};
use crate::clients;
use crate::failure::{Failure, Kind};
use crate::output::printer::{Format, Printer};
use orderly_connect::git::{Git, GitError};
use orderly_connect::source_maps::SourceMaps;
use orderly_core::answer::Cause;
use orderly_core::encode::terminal;
use orderly_core::source::Mapped;
use orderly_core::triage::IssueName;
use orderly_engine::locate::{Base, LocateError, LocateJob, Location, Place};
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Where builds leave their source maps.
const BUILDS: [&str; 5] = ["dist", "build", "out", "public", ".next"];
/// Suspects that are shown.
const MOST_SUSPECTS: usize = 5;

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
    let maps = SourceMaps::find(&folders(locate.maps, &git));
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
        Format::Json => printer.json(&location)?,
        Format::Text => printer.data(&page(&location))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The folders that were named, or those where builds of the repository usually are.
fn folders(named: Vec<PathBuf>, git: &Git) -> Vec<PathBuf> {
    if named.is_empty() { BUILDS.iter().map(|name| git.folder().join(name)).collect() } else { named }
}

fn no_code(error: &GitError) -> Failure {
    Failure::new(Kind::Usage, "there is no repository to look into")
        .because(error)
        .hint("run it inside of the repository, or name one with --repo")
}

fn failed(error: &LocateError) -> Failure {
    let kind = match error {
        LocateError::NoIssue => Kind::Usage,
        LocateError::Sentry(Cause::Access(_)) => Kind::Access,
        LocateError::Sentry(_) | LocateError::Code(_) => Kind::Incomplete,
    };
    let hint = match kind {
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
    line(&format!("{}: {}", location.short_id, base(location)));
    line(&format!("\nOwn frames, crash first ({} of libraries left out)", location.library_frames));
    if location.frames.is_empty() {
        line("  none: the event has no frame of own code");
    }
    for place in &location.frames {
        line(&format!("  {}", frame(place)));
    }
    line(&format!("\nSuspects{}", if location.claimed.is_some() { "" } else { " (too weak to name one)" }));
    for suspect in location.suspicion.suspects.iter().take(MOST_SUSPECTS) {
        let reasons: Vec<String> = suspect.reasons.iter().take(3).map(ToString::to_string).collect();
        let path = terminal::visible(&suspect.path);
        line(&format!("  {:>3.0} %  {path}: {}", suspect.probability * 100.0, reasons.join(", ")));
    }
    line(&format!("  {:>3.0} %  in none of these files", location.suspicion.elsewhere * 100.0));
    if !location.commits.is_empty() {
        line("\nCommits that wrote these lines last");
    }
    for commit in &location.commits {
        let lines: Vec<String> =
            commit.lines.iter().map(|(path, number)| format!("{path}:{number}")).collect();
        let day = commit.at.strftime("%Y-%m-%d");
        let summary = terminal::visible(&commit.summary);
        line(&format!("  {} {day} {summary} ({})", commit.commit.short(), lines.join(", ")));
    }
    for text in &location.texts {
        line(&format!("\nIts message stands at {}:{}: {}", text.path, text.line, terminal::line(&text.text)));
    }
    for gap in &location.gaps {
        line(&format!("\nnot looked at: {}", terminal::visible(gap)));
    }
    page
}

fn base(location: &Location) -> String {
    let release = location.release.as_ref().map(terminal::line);
    match (&location.base, release) {
        (Base::Release { commit, named }, Some(release)) => {
            let named = terminal::visible(named);
            format!("crashed in {release}, which is commit {} (by `{named}`)", commit.short())
        }
        (_, Some(release)) => {
            format!("no commit or tag here is called {release}; looked into {} (HEAD)", location.head.short())
        }
        (_, None) => format!("the event names no release; looked into {} (HEAD)", location.head.short()),
    }
}

fn frame(place: &Place) -> String {
    let function = terminal::line(&place.function);
    let mut text = String::new();
    let written = match &place.mapped {
        Mapped::Found(at) => {
            let line = at.line.map_or_else(|| "?".to_owned(), |line| line.to_string());
            write!(text, "{}:{line} {function} ({}, {})", at.path, at.named, at.agreement)
        }
        Mapped::Missed(miss) => write!(text, "- {function} ({miss})"),
    };
    written.expect("writing to a text does not fail");
    if let Some(presence) = &place.presence {
        text.push_str(": ");
        text.push_str(&presence.to_string());
    }
    text
}
