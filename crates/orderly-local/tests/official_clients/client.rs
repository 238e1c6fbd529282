//! Running an installed client: a cleared environment, a throw-away home, everything it said.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;

/// Longer than any client waits for an answer; only a client that hangs gets here.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a client ended and what it printed.
#[derive(Debug)]
pub struct Outcome {
    pub command: String,
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    /// The same, after making sure that the client was content.
    #[track_caller]
    pub fn success(self) -> Outcome {
        assert_eq!(self.code, Some(0), "{self}");
        self
    }

    /// Makes sure that the client printed each of the texts.
    #[track_caller]
    pub fn says(self, texts: &[&str]) -> Outcome {
        for text in texts {
            assert!(self.stdout.contains(text) || self.stderr.contains(text), "no {text:?} in {self}");
        }
        self
    }

    /// Makes sure that the client ended with this code.
    #[track_caller]
    pub fn ends_with(self, code: i32) -> Outcome {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// The JSON that the client printed.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error}) from {self}"))
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Outcome { command, code, stdout, stderr } = self;
        write!(f, "`{command}` ended with {code:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}

/// The folder that `cargo xtask setup` installs into.
pub fn folder() -> PathBuf {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/clients");
    std::env::var_os("ORDERLY_CLIENTS_DIR").map_or_else(default, PathBuf::from)
}

/// A file of the folder; the test ends with one clear line when it is missing.
#[track_caller]
pub fn installed(path: &str) -> PathBuf {
    let file = folder().join(path);
    assert!(
        file.exists(),
        "{} is missing: run `cargo xtask setup` to install the official clients",
        file.display()
    );
    file
}

/// A client to run: a program, an environment that holds nothing else, and an empty home.
#[derive(Debug)]
pub struct Client {
    program: PathBuf,
    first: Vec<String>,
    environment: Vec<(String, String)>,
    home: tempfile::TempDir,
}

impl Client {
    /// Runs `program` with `first` before all other arguments.
    pub fn new(program: impl Into<PathBuf>, first: &[&str]) -> Client {
        let first = first.iter().map(|argument| (*argument).to_owned()).collect();
        let home = tempfile::tempdir().expect("a temporary folder can be made");
        Client { program: program.into(), first, environment: Vec::new(), home }
    }

    /// A client that `node` runs from the installed packages.
    pub fn node(script: &str) -> Client {
        let script = installed(script);
        Client::new("node", &[&script.display().to_string()])
    }

    /// Sets a variable of the client's environment.
    pub fn with(mut self, name: &str, value: &str) -> Client {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The client's empty working folder.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Runs it to its end.
    pub async fn run(&self, arguments: &[&str]) -> Outcome {
        self.run_with_input(arguments, "").await
    }

    /// Runs it to its end with this text on its standard input.
    pub async fn run_with_input(&self, arguments: &[&str], input: &str) -> Outcome {
        let mut command = Command::new(&self.program);
        command
            .args(&self.first)
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home())
            .env("NO_COLOR", "1")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.home())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let shown = format!("{} {}", self.program.display(), arguments.join(" "));
        let mut child =
            command.spawn().unwrap_or_else(|error| panic!("`{shown}` cannot be started: {error}"));
        if let Some(mut stdin) = child.stdin.take() {
            // A client that reads nothing closes the pipe early.
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stdin, input.as_bytes()).await;
        }
        let ended = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
        let ended = ended.unwrap_or_else(|_| panic!("`{shown}` did not end within {PATIENCE:?}"));
        let output = ended.unwrap_or_else(|error| panic!("`{shown}` cannot be waited for: {error}"));
        Outcome {
            command: shown,
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}
