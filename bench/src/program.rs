//! The binary that is measured: `orderly` as users build it.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The built binary.
pub struct Program {
    path: PathBuf,
}

/// A run of the binary.
pub struct Ran {
    /// From starting the process to its end.
    pub wall: Duration,
    /// The most memory that it ever held, in bytes; `None` where the system does not say.
    pub peak_memory: Option<u64>,
    /// What it printed.
    pub stdout: String,
}

impl Program {
    /// Builds it with optimisations, and finds out where it is.
    ///
    /// # Errors
    /// When it does not build.
    pub fn build() -> Result<Self> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        let arguments =
            ["build", "--release", "--package", "orderly", "--message-format", "json-render-diagnostics"];
        let output = Command::new(cargo)
            .args(arguments)
            .stderr(Stdio::inherit())
            .output()
            .context("cargo cannot be started to build `orderly`")?;
        if !output.status.success() {
            bail!("`orderly` does not build");
        }
        let messages = String::from_utf8_lossy(&output.stdout);
        let path = messages.lines().find_map(executable).context("cargo did not say where `orderly` is")?;
        Ok(Self { path })
    }

    /// A command in a folder, with a cleared environment.
    pub fn command(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.path);
        command.args(arguments).current_dir(folder).env_clear().env("HOME", folder).stdin(Stdio::null());
        command
    }
}

fn executable(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    let is_binary = message["target"]["kind"].as_array()?.iter().any(|kind| kind == "bin");
    let path = message["executable"].as_str()?;
    (is_binary && message["target"]["name"] == "orderly").then(|| PathBuf::from(path))
}

/// Runs a command to its end, and watches its memory.
///
/// # Errors
/// When it cannot be started, or fails.
pub fn run(mut command: Command) -> Result<Ran> {
    let started = Instant::now();
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} cannot be started", command.get_program().display()))?;
    let id = child.id();
    let ending = std::thread::spawn(move || {
        let output = child.wait_with_output();
        (output, started.elapsed())
    });
    // The high-water mark only grows, so the last reading before the end is the peak, give or take the last moment.
    let mut peak_memory = None;
    while !ending.is_finished() {
        peak_memory = peak_memory.max(high_water_mark(id));
        std::thread::sleep(Duration::from_millis(2));
    }
    let Ok((output, wall)) = ending.join() else { bail!("the process could not be waited for") };
    let Output { status, stdout, stderr } = output.context("the process could not be waited for")?;
    let stdout = String::from_utf8_lossy(&stdout).into_owned();
    if !status.success() {
        bail!("{command:?} ended with {status}:\n{stdout}\n{}", String::from_utf8_lossy(&stderr));
    }
    Ok(Ran { wall, peak_memory, stdout })
}

/// Resident memory of this process, in bytes; `None` where the system does not say.
pub fn memory_now() -> Option<u64> {
    memory(std::process::id(), "VmRSS:")
}

/// `VmHWM` of a process: the peak of its resident memory.
pub fn high_water_mark(process: u32) -> Option<u64> {
    memory(process, "VmHWM:")
}

fn memory(process: u32, kind: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(kind))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
