//! A small repository that crashes in two ways, for tests of what becomes of crashes.

use crate::world::World;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

pub const CRASHES: &str =
    "def total(orders):\n    return orders[0]\n\n\ndef mean(orders):\n    return sum(orders) / len(orders)\n";
/// An agent that mends whichever function the case is about, and keeps what it was told.
pub const AGENT: &str = r#"
import pathlib, re, sys
case = sys.stdin.read()
orders = pathlib.Path("orders.py")
text = orders.read_text()
if "IndexError" in case:
    text = text.replace("    return orders[0]\n", "    return orders[0] if orders else 0\n")
else:
    text = text.replace("    return sum(orders) / len(orders)\n", "    return sum(orders) / len(orders) if orders else 0\n")
orders.write_text(text)
crashed = re.search(r"to read only: `(.*)`", case)
if crashed:
    seen = pathlib.Path(crashed.group(1), "orders.py").read_text()
    print("It was", len(seen.splitlines()), "lines.")
if "BOTH" in case:
    print("told of both")
print("Root cause: no orders")
print("Fix: nothing comes to 0, after " + (str(len(seen.splitlines())) if crashed else "no") + " lines that crashed")
"#;

/// A repository in a world, with an agent that runs without a sandbox.
pub struct Repo {
    pub world: World,
}

impl Repo {
    pub fn with(agent: &str, more: &str) -> Self {
        let world = World::start();
        let repo = Self { world };
        repo.world.write("orders.py", CRASHES);
        repo.world.write("agent.py", agent);
        repo.world.write(".gitignore", ".orderly/\norderly.toml\nagent.py\n");
        let agent = repo.dir().join("agent.py");
        let config = format!(
            "{}\n[fix]\nsandbox = \"off\"\nchecks = [[\"python3\", \"-m\", \"py_compile\", \"orders.py\"]]\ntries = 1\n{more}\n\n[fix.agents.script]\ncommand = {}\n",
            repo.world.config(),
            json!(["python3", agent.display().to_string()]),
        );
        repo.world.write("orderly.toml", &config);
        repo.git(&["init", "--quiet", "--initial-branch=main"]);
        repo.commit("Orders");
        repo.git(&["tag", "v1.0.0"]);
        repo
    }

    pub fn dir(&self) -> &Path {
        self.world.dir()
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@shop.example"])
            .args(arguments)
            .current_dir(self.dir())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
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

    /// An event of a function of `orders.py`. Sentry groups by the fingerprint.
    pub fn crash(&self, kind: &str, message: &str, line: u32, fingerprint: &str) {
        let function = if line < 4 { "total" } else { "mean" };
        let context = CRASHES.lines().nth(line as usize - 1).unwrap();
        self.world.send_event(
            "backend",
            json!({
                "platform": "python", "level": "error", "release": "shop@1.0.0", "environment": "production",
                "fingerprint": [fingerprint],
                "exception": {"values": [{"type": kind, "value": message, "stacktrace": {"frames": [
                    {"filename": "orders.py", "abs_path": "/srv/shop/orders.py", "function": function, "lineno": line,
                     "context_line": context, "in_app": true}
                ]}}]}
            }),
        );
    }

    /// Tells Sentry of a release.
    pub fn release(&self, version: &str, more: Value) {
        let mut release = json!({"version": version, "projects": ["backend"]});
        release.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.world.sentry(reqwest::Method::POST, "releases/", Some(release));
    }

    /// Changes the ledger, which no command could: what was done is done.
    pub fn ledger(&self, change: &str) {
        let script =
            "import sqlite3, sys\nwith sqlite3.connect(sys.argv[1]) as ledger: ledger.execute(sys.argv[2])";
        let file = self.dir().join(".orderly/ledger.db");
        let done = Command::new("python3").args(["-c", script]).arg(file).arg(change).status().unwrap();
        assert!(done.success());
    }

    pub fn status(&self, short: &str) -> String {
        let issue = self.world.issue(&format!("issue:{short}"));
        issue["status"].as_str().unwrap().to_owned()
    }

    pub fn page_of_the_day(&self) -> String {
        let folder = std::fs::read_dir(self.dir().join(".orderly/triage")).unwrap();
        let page: PathBuf = folder
            .map(|entry| entry.unwrap().path())
            .find(|path| path.extension().is_some_and(|ending| ending == "md"))
            .unwrap();
        std::fs::read_to_string(page).unwrap()
    }
}

/// The dispositions of a run, case by case.
pub fn ends(report: &Value) -> Vec<(&str, &str)> {
    let cases = report["cases"].as_array().unwrap().iter();
    cases.map(|case| (case["short_id"].as_str().unwrap(), case["disposition"].as_str().unwrap())).collect()
}
