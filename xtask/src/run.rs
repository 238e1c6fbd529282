//! Running programs and telling about it.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Root of the workspace.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or(here.clone(), PathBuf::from)
}

/// Tells something.
pub fn say(text: &str) {
    // Nobody may be reading; that is no reason to stop.
    drop(writeln!(std::io::stdout().lock(), "{text}"));
}

/// A command in the root of the workspace.
pub fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    // What cargo says of this program: `ring`, and all that needs it, would be built anew for whoever calls cargo by hand.
    let told = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for name in std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).filter(|name| told(name))
    {
        command.env_remove(name);
    }
    command
}

/// Runs a step: says what it is, shows what it prints, and how long it took.
pub fn step(name: &str, command: &mut Command) -> Result<()> {
    timed(name, || {
        let status = command.status().with_context(|| format!("{name}: {command:?} cannot be started"))?;
        if !status.success() {
            bail!("{name} failed: {command:?} ended with {status}");
        }
        Ok(())
    })
}

/// Runs a step and hands every line of its stderr to `look` while showing it.
pub fn step_watched(name: &str, command: &mut Command, mut look: impl FnMut(&str)) -> Result<()> {
    timed(name, || {
        let mut child = command
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{name}: {command:?} cannot be started"))?;
        let stderr = child.stderr.take().context("stderr was piped")?;
        for line in BufReader::new(stderr).lines() {
            let line = line?;
            look(&line);
            drop(writeln!(std::io::stderr().lock(), "{line}"));
        }
        let status = child.wait()?;
        if !status.success() {
            bail!("{name} failed: {command:?} ended with {status}");
        }
        Ok(())
    })
}

fn timed(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    say(&format!("== {name}"));
    let start = Instant::now();
    work()?;
    say(&format!("== {name}: done in {:.1} s", start.elapsed().as_secs_f64()));
    Ok(())
}

/// Whether a program answers to `--version`.
pub fn answers(program: &str, arguments: &[&str]) -> bool {
    command(program, arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
