//! How long it takes to find the files and lines of a trace in a big repository, by a process that knows nothing of it.

use crate::start::milliseconds;
use crate::table::Row;
use anyhow::{Context, Result, anyhow, ensure};
use orderly_connect::git::Git;
use orderly_core::answer::Looked;
use orderly_core::diagnose::{Frame, FrameOrigin, Position};
use orderly_core::ids::CommitId;
use orderly_core::normal::platform::Platform;
use orderly_core::source::{Agreement, Traced};
use orderly_core::untrusted::Untrusted;
use orderly_engine::locate::map;
use orderly_engine::ports::code::CodeRead;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// The argument that makes this program find the frames once and say how long it took.
pub const COLD: &str = "frames-cold";

const FILES: usize = 100_000;
const FOLDERS: usize = 5_000;
/// Every so many files one is not yet there in the release, and one is gone on HEAD.
const CHANGED: usize = 100;
const FRAMES: usize = 50;
const RUNS: usize = 9;
const TARGET_MS: f64 = 100.0;

/// Makes the repository, and finds the frames of a crash of its release, which is not HEAD, in fresh processes.
///
/// # Errors
/// When git fails, or a frame is not found.
pub fn measure() -> Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let release = repository(folder.path())?;
    let mut spans = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let output = Command::new(std::env::current_exe()?)
            .arg(COLD)
            .arg(folder.path())
            .arg(&release)
            .stderr(Stdio::inherit())
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let [all, listing] = said.split_whitespace().collect::<Vec<_>>()[..] else {
            return Err(anyhow!("{said:?} is no answer"));
        };
        let span = |text: &str| -> Result<Duration> {
            Ok(Duration::from_micros(text.parse().with_context(|| format!("{text:?} is no number"))?))
        };
        spans.push((span(all)?, span(listing)?));
    }
    spans.sort();
    let (all, listing) = spans[RUNS / 2];
    let what = format!("{FRAMES} frames in {FILES} files, first in a process, median of {RUNS}");
    Ok(vec![
        Row::at_most(what, milliseconds(all), TARGET_MS, " ms"),
        Row::told("... of it until the tracked files were known", format!("{:.0} ms", milliseconds(listing))),
        Row::told("... fastest and slowest", {
            let [fastest, slowest] = [spans[0].0, spans[RUNS - 1].0].map(milliseconds);
            format!("{fastest:.0} ms, {slowest:.0} ms")
        }),
    ])
}

/// Finds the frames once and prints the microseconds that it took, and those until the files were known.
///
/// # Errors
/// As [`measure`].
#[expect(clippy::print_stdout, reason = "the answer to the process that asked")]
pub fn cold(folder: &str, release: &str) -> Result<ExitCode> {
    let frames: Vec<Frame> = (0..FRAMES).map(|nth| frame(nth * (FILES / FRAMES))).collect();
    let traced: Vec<Traced<'_>> =
        frames.iter().map(|frame| Traced { frame, platform: Platform::Jvm, original: None }).collect();
    let release = CommitId::parse(release)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let begun = Instant::now();
    let (listing, mapped) = runtime.block_on(async {
        let git = Git::open(Path::new(folder)).await?;
        let files = match git.tracked(&release).await {
            Looked::Saw(files) => files,
            Looked::CouldNotLook(cause) => return Err(anyhow!("{cause}")),
        };
        let listing = begun.elapsed();
        Ok((listing, map(&git, &release, &traced, &files, &[]).await?))
    })?;
    let all = begun.elapsed();
    for (nth, (mapped, _)) in mapped.iter().enumerate() {
        let place = mapped.found().with_context(|| format!("{mapped:?}"))?;
        ensure!(place.path.as_str() == path(nth * (FILES / FRAMES)), "{place:?} is another file");
        ensure!(place.agreement == Agreement::FunctionDefined, "{place:?} does not agree");
    }
    println!("{} {}", all.as_micros(), listing.as_micros());
    Ok(ExitCode::SUCCESS)
}

/// A file of the release. Namesakes stand in other packages.
fn path(nth: usize) -> String {
    let folder = nth % FOLDERS;
    format!(
        "services/s{}/src/main/java/com/acme/a{}/b{folder}/Part{}.java",
        folder % 40,
        folder % 400,
        nth / 8
    )
}

fn text(nth: usize) -> String {
    let folder = nth % FOLDERS;
    format!(
        "package com.acme.a{}.b{folder};\n\nclass Part{} {{\n  void run() {{\n    step();\n  }}\n}}\n",
        folder % 400,
        nth / 8
    )
}

fn frame(nth: usize) -> Frame {
    let folder = nth % FOLDERS;
    let text = |text: String| Some(Untrusted::new(text));
    Frame {
        function: Untrusted::from("run"),
        raw_function: None,
        module: text(format!("com.acme.a{}.b{folder}.Part{}", folder % 400, nth / 8)),
        package: None,
        file: text(format!("Part{}.java", nth / 8)),
        abs_path: None,
        position: Some(Position { line: 5, column: None }),
        origin: FrameOrigin::InApp,
        platform: None,
        context: Vec::new(),
    }
}

/// Makes a repository of two commits with an index, as after a clone, and names the first of them: the release.
fn repository(folder: &Path) -> Result<String> {
    git(folder, &["init", "--quiet", "--initial-branch=main"], &[])?;
    let mut told = String::new();
    let commit = |told: &mut String| {
        let _ =
            write!(told, "commit refs/heads/main\ncommitter A <a@acme.example> 1700000000 +0000\ndata 0\n");
    };
    let file = |told: &mut String, nth: usize| {
        let text = text(nth);
        let _ = write!(told, "M 100644 inline {}\ndata {}\n{text}\n", path(nth), text.len());
    };
    commit(&mut told);
    (0..FILES).filter(|nth| nth % CHANGED != 1).for_each(|nth| file(&mut told, nth));
    commit(&mut told);
    (0..FILES).filter(|nth| nth % CHANGED == 1).for_each(|nth| file(&mut told, nth));
    for nth in (0..FILES).filter(|nth| nth % CHANGED == 0) {
        let _ = writeln!(told, "D {}", path(nth));
    }
    git(folder, &["fast-import", "--quiet"], told.as_bytes())?;
    git(folder, &["read-tree", "HEAD"], &[])?;
    Ok(git(folder, &["rev-parse", "HEAD^"], &[])?.trim().to_owned())
}

fn git(folder: &Path, arguments: &[&str], input: &[u8]) -> Result<String> {
    let mut started = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("git cannot be started")?;
    started.stdin.take().context("git has no input")?.write_all(input)?;
    let output = started.wait_with_output()?;
    ensure!(output.status.success(), "git {arguments:?}: {}", output.status);
    Ok(String::from_utf8(output.stdout)?)
}
