//! Reports are files that people keep: `.orderly/reports/SYNC-<run>.md` and the same as JSON.

use crate::failure::{Failure, Kind};
use orderly_core::sync::report::Report;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Keeps a report in both forms; returns the path of the Markdown.
///
/// # Errors
/// Names the file that cannot be written.
pub fn keep(state_dir: &Path, report: &Report) -> Result<PathBuf, Failure> {
    let dir = state_dir.join("reports");
    private_dir(state_dir).and_then(|()| private_dir(&dir)).map_err(|error| lost(&dir, &error))?;
    let path = dir.join(format!("SYNC-{}.md", report.run));
    let json = serde_json::to_string_pretty(report).map_err(|error| {
        Failure::new(Kind::Incomplete, "the report cannot be written as JSON").because(&error)
    })?;
    write_private(&path, &report.markdown()).map_err(|error| lost(&path, &error))?;
    let json_path = path.with_extension("json");
    write_private(&json_path, &json).map_err(|error| lost(&json_path, &error))?;
    Ok(path)
}

/// Keeps a text among the reports; returns its path.
///
/// # Errors
/// Names the file that cannot be written.
pub fn keep_text(state_dir: &Path, name: &str, text: &str) -> Result<PathBuf, Failure> {
    let dir = state_dir.join("reports");
    private_dir(state_dir).and_then(|()| private_dir(&dir)).map_err(|error| lost(&dir, &error))?;
    let path = dir.join(name);
    write_private(&path, text).map_err(|error| lost(&path, &error))?;
    Ok(path)
}

fn lost(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Kind::Incomplete, format!("the report cannot be kept in {}", path.display())).because(error)
}

/// A folder that only its owner may enter; it may be there already.
///
/// # Errors
/// The system's.
pub fn private_dir(dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Writes a file that only its owner may read.
///
/// # Errors
/// The system's.
pub fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
