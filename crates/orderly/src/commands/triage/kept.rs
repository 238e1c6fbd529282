//! What triage writes down: the page of the day (`TRIAGE-20261121.md` and the same as JSON, which is what is read again)
//! and approved selections. One run at a time changes them.

use crate::commands::reports::{private_dir, write_private};
use crate::config::Config;
use crate::failure::{Failure, Kind};
use orderly_core::ids::{Digest, SentrySite};
use orderly_core::scrub::Scrubber;
use orderly_core::time::{Now, Timestamp};
use orderly_core::triage::{ApprovedSelection, DIGITS, Day, SelectionRefused};
use serde::Deserialize;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Changes the page of today; returns its path.
///
/// # Errors
/// Names the file that cannot be read or written.
pub fn update_day(
    config: &Config,
    site: &SentrySite,
    now: Now,
    scrubber: &Scrubber,
    change: impl FnOnce(&mut Day),
) -> Result<PathBuf, Failure> {
    let dir = folder(config)?;
    let _alone = alone(&dir)?;
    let page = dir.join(format!("TRIAGE-{}.md", Day::name(now.0)));
    let stored = page.with_extension("json");
    let mut day = match std::fs::read_to_string(&stored) {
        Ok(text) => Day::from_json(&text, site).map_err(|error| {
            Failure::new(Kind::Incomplete, format!("{} is not added to", stored.display()))
                .because(&error)
                .hint("move the file away to begin the day anew")
        })?,
        Err(error) if error.kind() == ErrorKind::NotFound => Day::new(now.0, site.clone()),
        Err(error) => return Err(lost(&stored, &error)),
    };
    change(&mut day);
    // The JSON is what counts: a page without it would forget what it shows.
    replace(&stored, &day.to_json())?;
    replace(&page, &day.markdown(scrubber))?;
    Ok(page)
}

/// Keeps an approved selection under its digest; returns the path.
///
/// # Errors
/// Names the file that cannot be written.
pub fn keep_selection(config: &Config, selection: &ApprovedSelection) -> Result<PathBuf, Failure> {
    let path = selection_file(&folder(config)?, &selection.digest());
    replace(&path, &selection.to_json())?;
    Ok(path)
}

/// Reads a kept selection: this file, or the one that was approved last today.
///
/// # Errors
/// A usage failure when there is none or it is unreadable; a refusal when it was changed, is stale or for another Sentry.
pub fn selection(
    config: &Config,
    file: Option<&Path>,
    site: &SentrySite,
    now: Now,
) -> Result<ApprovedSelection, Failure> {
    let path = match file {
        Some(path) => path.to_owned(),
        None => latest_selection(config, now)?,
    };
    let text = std::fs::read_to_string(&path).map_err(|error| {
        Failure::new(Kind::Usage, format!("{} cannot be read", path.display())).because(&error)
    })?;
    let approved = ApprovedSelection::from_json(&text, site)
        .and_then(|approved| approved.still_holds(now).map(|()| approved));
    approved.map_err(|error| {
        let kind = match &error {
            SelectionRefused::Unreadable { .. } | SelectionRefused::Version { .. } => Kind::Usage,
            SelectionRefused::Changed { .. }
            | SelectionRefused::Stale { .. }
            | SelectionRefused::Elsewhere { .. } => Kind::Refused,
        };
        Failure::new(kind, format!("{} is not worked on", path.display())).because(&error)
    })
}

/// Reads the selection that was kept under a digest.
///
/// # Errors
/// As [`selection`]; a refusal when nothing was approved under exactly this digest.
pub fn selection_of(
    config: &Config,
    digest: &str,
    site: &SentrySite,
    now: Now,
) -> Result<ApprovedSelection, Failure> {
    let unknown = || Failure::new(Kind::Refused, "nothing was approved under this digest");
    let digest = Digest::parse(digest).ok_or_else(unknown)?;
    let path = selection_file(&folder(config)?, &digest);
    if !path.is_file() {
        return Err(unknown());
    }
    let approved = selection(config, Some(&path), site, now)?;
    if approved.digest() == digest { Ok(approved) } else { Err(unknown()) }
}

fn selection_file(dir: &Path, digest: &Digest) -> PathBuf {
    let name: String = digest.as_str().chars().take(DIGITS).collect();
    dir.join(format!("selection-{name}.json"))
}

/// The selection of today that says it is the latest; whether it may say so is checked when it is read.
fn latest_selection(config: &Config, now: Now) -> Result<PathBuf, Failure> {
    #[derive(Deserialize)]
    struct Dated {
        selection: Made,
    }
    #[derive(Deserialize)]
    struct Made {
        made_at: Timestamp,
    }
    let dir = folder(config)?;
    let entries = std::fs::read_dir(&dir).map_err(|error| lost(&dir, &error))?;
    let selections = entries.flatten().map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("selection-") && name.ends_with(".json")
    });
    let dated = selections.filter_map(|path| {
        let dated: Dated = serde_json::from_str(&std::fs::read_to_string(&path).ok()?).ok()?;
        Some((dated.selection.made_at, path))
    });
    let today = dated.filter(|(made_at, _)| Day::name(*made_at) == Day::name(now.0));
    today.max().map(|(_, path)| path).ok_or_else(|| {
        Failure::new(Kind::Usage, "nothing was approved today")
            .hint("choose with `orderly triage top`, or name a kept selection: `orderly fix --approved FILE`")
    })
}

fn folder(config: &Config) -> Result<PathBuf, Failure> {
    let state = config.state_dir();
    let dir = state.join("triage");
    private_dir(&state).and_then(|()| private_dir(&dir)).map_err(|error| lost(&dir, &error))?;
    Ok(dir)
}

/// Waits for the run that changes the folder now. The lock goes with the file that is returned.
fn alone(dir: &Path) -> Result<File, Failure> {
    let path = dir.join(".lock");
    let lock = File::options().create(true).append(true).open(&path).and_then(|file| {
        file.lock()?;
        Ok(file)
    });
    lock.map_err(|error| lost(&path, &error))
}

/// Writes beside the file and puts it in its place, so that nobody reads half of it.
fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let beside = path.with_extension("new");
    write_private(&beside, text)
        .and_then(|()| std::fs::rename(&beside, path))
        .map_err(|error| lost(path, &error))
}

fn lost(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Kind::Incomplete, format!("{} cannot be kept", path.display())).because(error)
}
