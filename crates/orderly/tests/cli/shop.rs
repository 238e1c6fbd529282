//! Small programs with a repository each: they die of a real bug, and tell Sentry of it through the SDK of their language.

use crate::world::World;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(120);

/// A program: what it is made of, how it dies, and what mends it.
pub struct Story {
    /// Its folder of the fixtures. Beside it `NAME.patch` mends it.
    pub name: &'static str,
    /// Adds what a clone of it finds installed.
    pub prepare: fn(&Path),
    /// Builds what is checked out there, and gives the program that is to run.
    pub program: fn(&Path) -> Command,
    /// What it says as it dies.
    pub dies_of: &'static str,
    /// Title of the issue.
    pub title: &'static str,
    /// File and line of the crash.
    pub at: &'static str,
    /// Settings of `[fix]`.
    pub settings: &'static str,
    /// What the patch changes: the source, then its test.
    pub changes: [&'static str; 2],
}

impl Story {
    /// Path of the patch that mends it.
    pub fn patch(&self) -> String {
        fixture(&format!("{}.patch", self.name)).display().to_string()
    }
}

/// A repository with a program, in a world that has heard nothing of it yet.
pub struct Shop {
    pub world: World,
    pub story: &'static Story,
    pub apart: bool,
}

impl Shop {
    /// The program of a story with an agent by script: a file of the fixtures, and its arguments. `more` goes into `[fix]`.
    pub fn of(story: &'static Story, agent: &str, arguments: &[&str], more: &str) -> Self {
        let world = World::start();
        let shop = Self { world, story, apart: bubblewrap_works() };
        copy(&fixture(story.name), shop.dir());
        let script = fixture(agent).display().to_string();
        let command: Vec<&str> = ["python3", &script].into_iter().chain(arguments.iter().copied()).collect();
        shop.world.write(
            "orderly.toml",
            &format!(
                "{}\n[fix]\nsandbox = \"{}\"\n{}\n{more}\n\n[fix.agents.script]\ncommand = {}\nreadable = {}\n",
                shop.world.config(),
                if shop.apart { "required" } else { "off" },
                story.settings,
                json!(command),
                json!([script, story.patch(), "gate"]),
            ),
        );
        let ignored = [
            ".orderly/",
            "orderly.toml",
            ".env",
            "gate/",
            "__pycache__/",
            "node_modules",
            "dist/",
            "target/",
        ];
        shop.world.write(".gitignore", &ignored.join("\n"));
        std::fs::create_dir(shop.dir().join("gate")).unwrap();
        (story.prepare)(shop.dir());
        shop.git(&["init", "--quiet", "--initial-branch=main"]);
        shop.git(&["config", "user.name", "Ada"]);
        shop.git(&["config", "user.email", "ada@shop.example"]);
        shop.commit("A shop");
        shop.git(&["tag", "v1.0.0"]);
        shop
    }

    pub fn dir(&self) -> &Path {
        self.world.dir()
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(self.dir())
            .env("HOME", self.dir())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "-m", message]);
    }

    /// Adds the example agent of the Agent Client Protocol, which cargo builds along with the tests: `--agent protocol` takes
    /// these steps.
    pub fn speak(&self, steps: &Value) {
        let agent = Path::new(env!("CARGO_BIN_EXE_orderly")).with_file_name("examples").join("acp_agent");
        assert!(agent.is_file(), "build it: cargo build --package orderly --example acp_agent");
        let script = self.dir().join("gate/steps.json");
        std::fs::write(&script, steps.to_string()).unwrap();
        let config = std::fs::read_to_string(self.dir().join("orderly.toml")).unwrap();
        let command = json!([agent, script]);
        let table =
            format!("[fix.agents.protocol]\nkind = \"acp\"\ncommand = {command}\nreadable = {command}\n");
        self.world.write("orderly.toml", &format!("{config}\n{table}"));
    }

    /// Runs the program, which dies and tells Sentry of it through the official SDK.
    pub fn crash_in(&self, release: &str, ago: u32) {
        let dsn = &self.world.servers().ready().sentry.projects[0].dsn;
        let output = (self.story.program)(self.dir())
            .current_dir(self.dir())
            .env_clear()
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("SENTRY_DSN", dsn)
            .env("SENTRY_RELEASE", release)
            .env("SENTRY_ENVIRONMENT", "production")
            .env("AGO", ago.to_string())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(self.story.dies_of), "{said}");
    }

    pub fn issue(&self, short: &str) -> Value {
        let found = self.world.issues(&format!("issue:{short}"));
        found.first().cloned().unwrap_or_else(|| panic!("no issue {short}"))
    }

    pub fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// The page of active runs.
    pub fn page(&self) -> String {
        std::fs::read_to_string(self.dir().join(".orderly/active-runs.md")).unwrap_or_default()
    }
}

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// A file of the folder into which `cargo xtask setup` installs official clients and compilers.
pub fn installed(file: &str) -> PathBuf {
    let clients = std::env::var_os("ORDERLY_CLIENTS_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/clients"), PathBuf::from);
    let path = clients.join(file);
    assert!(path.exists(), "{} is not there: run `cargo xtask setup`", path.display());
    std::path::absolute(path).unwrap()
}

/// A step of a build, in the environment of the test.
pub fn build(dir: &Path, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(dir);
    command
}

/// Runs a command that has to succeed.
pub fn succeed(mut command: Command) {
    let output =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; run `cargo xtask setup`"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &place);
        } else {
            std::fs::copy(entry.path(), place).unwrap();
        }
    }
}

/// Some machines do not let anybody make a sandbox; what needs one is then not looked at.
pub fn bubblewrap_works() -> bool {
    let arguments = ["--unshare-all", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "true"];
    Command::new("bwrap").args(arguments).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Waits for a condition.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
