//! The one way in which Orderly starts git.
//!
//! A call is a subcommand, fixed options, checked values and, after `--`, paths that are taken literally. No shell, no
//! hooks, no pager, no editor, no prompt; the environment is cleared; the user's and the system's configuration are not
//! read, and what the repository's own names as a program is overridden.

use super::failure::GitError;
use super::neutral;
use super::revision::Revision;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The oldest git that knows every option used here.
pub const MINIMUM: &str = "2.40";

/// Longest answer that is read, in bytes, unless a call says otherwise.
const LIMIT: usize = 256 * 1024 * 1024;

/// How long a call may take unless it says otherwise.
const PATIENCE: Duration = Duration::from_secs(120);

/// Git, in one worktree of one repository.
#[derive(Clone, Debug)]
pub struct Git {
    program: PathBuf,
    folder: PathBuf,
    disarmed: Vec<String>,
}

/// What git said.
#[derive(Clone, Debug)]
pub struct Output {
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error, without control characters, cut.
    pub stderr: String,
    status: ExitStatus,
}

impl Output {
    /// The exit status, where git ended by itself.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Standard output as text, with replacement characters where it is none.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

impl Git {
    /// Finds git and the worktree that `folder` is in, and reads which programs its configuration names.
    pub async fn open(folder: &Path) -> Result<Self, GitError> {
        let program = find().ok_or(GitError::NotInstalled)?;
        let git = Self { program, folder: folder.to_owned(), disarmed: Vec::new() };
        // Three questions at once: each costs the start of a process, and none needs another's answer.
        let top = git.call("rev-parse").arg("--show-toplevel").output();
        let (version, top, disarmed) = tokio::join!(git.check_version(), top, git.programs());
        version?;
        let top = top?;
        let path = top.text();
        let path = path.trim_end_matches('\n');
        if top.code() != Some(0) || path.is_empty() {
            return Err(GitError::NoRepository { folder: folder.to_owned(), why: top.stderr });
        }
        let (folder, disarmed) = (PathBuf::from(path), disarmed?);
        Ok(Self { folder, disarmed, ..git })
    }

    /// The same repository seen from another of its worktrees.
    pub async fn in_worktree(&self, folder: &Path) -> Result<Self, GitError> {
        // A worktree may have a configuration of its own.
        let git = Self { folder: folder.to_owned(), disarmed: Vec::new(), ..self.clone() };
        Ok(Self { disarmed: git.programs().await?, ..git })
    }

    /// The top folder of the worktree.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes a worktree of a commit, without a branch.
    pub async fn check_out(&self, at: &Revision, folder: &Path) -> Result<(), GitError> {
        let call = self.call("worktree").args(&["add", "--quiet", "--force", "--detach"]);
        call.folder(folder).revision(at).success().await?;
        Ok(())
    }

    /// Begins a call.
    pub fn call(&self, subcommand: &'static str) -> Call<'_> {
        let mut arguments: Vec<OsString> = vec![subcommand.into()];
        arguments.extend(neutral::guards(subcommand).iter().map(OsString::from));
        Call {
            git: self,
            subcommand,
            arguments,
            paths: Vec::new(),
            input: Vec::new(),
            environment: Vec::new(),
            forgotten: Vec::new(),
            limit: LIMIT,
            patience: PATIENCE,
        }
    }

    fn protect(&self, command: &mut std::process::Command) {
        command.current_dir(&self.folder).env_clear().envs(neutral::SET.iter().copied());
        for name in neutral::PASSED_ON {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.arg("--no-pager");
        for setting in neutral::ALWAYS {
            command.args(["-c", setting]);
        }
        for setting in &self.disarmed {
            command.args(["-c", setting]);
        }
    }

    /// A setting as the user has it for all repositories (`user.name`); the only call that reads their own configuration,
    /// and reading it starts nothing.
    pub async fn user_setting(&self, name: &'static str) -> Result<Option<String>, GitError> {
        let mut call = self.call("config").arg("--get").arg(name);
        let mine = ["HOME", "XDG_CONFIG_HOME"].into_iter().filter_map(|n| Some((n, std::env::var_os(n)?)));
        call.environment.extend(mine);
        call.forgotten.extend(["GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM"]);
        let output = call.output().await?;
        let value = output.text();
        let value = value.trim_end_matches('\n');
        Ok((output.code() == Some(0) && !value.is_empty()).then(|| value.to_owned()))
    }

    async fn check_version(&self) -> Result<(), GitError> {
        let said = self.call("version").success().await?.text();
        let found = said.split_whitespace().nth(2).unwrap_or_default();
        let number = |text: &str| {
            let mut parts = text.split('.').map_while(|part| part.parse::<u32>().ok());
            (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
        };
        if number(found) < number(MINIMUM) {
            return Err(GitError::TooOld {
                found: found.chars().filter(|c| !c.is_control()).take(40).collect(),
            });
        }
        Ok(())
    }

    /// Settings that make harmless which programs the repository's configuration names.
    async fn programs(&self) -> Result<Vec<String>, GitError> {
        let listed =
            self.call("config").args(&["--list", "--includes", "--name-only", "-z"]).success().await?.stdout;
        let names = listed.split(|byte| *byte == 0).filter_map(|name| std::str::from_utf8(name).ok());
        // A name with `=` or a line break cannot be overridden by `-c`: such a repository is not touched at all.
        let mut disarmed = Vec::new();
        for name in names {
            let settings = neutral::disarm(name);
            if !settings.is_empty() && name.contains(['=', '\n']) {
                let why =
                    "its configuration names a program under a name that cannot be overridden".to_owned();
                return Err(GitError::NoRepository { folder: self.folder.clone(), why });
            }
            disarmed.extend(settings);
        }
        disarmed.sort();
        disarmed.dedup();
        Ok(disarmed)
    }
}

/// One call of git, being put together.
#[derive(Debug)]
pub struct Call<'a> {
    git: &'a Git,
    subcommand: &'static str,
    arguments: Vec<OsString>,
    paths: Vec<OsString>,
    input: Vec<u8>,
    environment: Vec<(&'static str, OsString)>,
    forgotten: Vec<&'static str>,
    limit: usize,
    patience: Duration,
}

impl Call<'_> {
    /// A fixed option.
    #[must_use]
    pub fn arg(mut self, option: &'static str) -> Self {
        self.arguments.push(option.into());
        self
    }

    /// Fixed options.
    #[must_use]
    pub fn args(self, options: &[&'static str]) -> Self {
        options.iter().fold(self, |call, option| call.arg(option))
    }

    /// A fixed option with a value, glued with `=` (long) or directly (short), so that the value is never read as an
    /// option.
    #[must_use]
    pub fn value(mut self, option: &'static str, value: impl AsRef<OsStr>) -> Self {
        let mut glued = OsString::from(option);
        if option.starts_with("--") {
            glued.push("=");
        }
        glued.push(value);
        self.arguments.push(glued);
        self
    }

    /// A commit, branch or tag.
    #[must_use]
    pub fn revision(mut self, revision: &Revision) -> Self {
        self.arguments.push(revision.as_str().into());
        self
    }

    /// What `to` has and `from` has not.
    #[must_use]
    pub fn range(mut self, from: &Revision, to: &Revision) -> Self {
        self.arguments.push(format!("{from}..{to}").into());
        self
    }

    /// A file or folder of this machine as a plain argument (`worktree add FOLDER`). Absolute, so it is no option.
    ///
    /// # Panics
    /// If it is not absolute, which is a mistake of the caller.
    #[must_use]
    pub fn folder(mut self, folder: &Path) -> Self {
        assert!(folder.is_absolute(), "a folder is handed to git by its absolute path");
        self.arguments.push(folder.into());
        self
    }

    /// A path in the repository. All of them come after `--` and are taken literally.
    #[must_use]
    pub fn path(mut self, path: impl AsRef<OsStr>) -> Self {
        self.paths.push(path.as_ref().into());
        self
    }

    /// What git reads from its standard input (a commit message with `-F -`, a list of objects).
    #[must_use]
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = bytes.into();
        self
    }

    /// A variable that this call needs: `GIT_AUTHOR_NAME`, `GIT_INDEX_FILE`.
    #[must_use]
    pub fn variable(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// How long it may take.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How much of an answer is read, in bytes; a longer one is a failure.
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Runs it; anything but exit status 0 is an error.
    pub async fn success(self) -> Result<Output, GitError> {
        let what = self.subcommand;
        let output = self.output().await?;
        if output.status.success() {
            return Ok(output);
        }
        Err(GitError::Failed { what, status: output.status.to_string(), why: output.stderr })
    }

    /// Runs it and leaves the exit status to the caller.
    pub async fn output(self) -> Result<Output, GitError> {
        let what = self.subcommand;
        let patience = self.patience;
        tokio::time::timeout(patience, self.run())
            .await
            .unwrap_or(Err(GitError::TooSlow { what, seconds: patience.as_secs() }))
    }

    async fn run(self) -> Result<Output, GitError> {
        let what = self.subcommand;
        let failed = |why| GitError::Io { what, why };
        let mut command = std::process::Command::new(&self.git.program);
        self.git.protect(&mut command);
        command.envs(self.environment).args(&self.arguments);
        for name in self.forgotten {
            command.env_remove(name);
        }
        if !self.paths.is_empty() {
            command.arg("--").args(&self.paths);
        }
        let mut child = tokio::process::Command::from(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let mut stdin = child.stdin.take().expect("its standard input was asked for as a pipe");
        let stdout = child.stdout.take().expect("its standard output was asked for as a pipe");
        let stderr = child.stderr.take().expect("its standard error was asked for as a pipe");
        let input = self.input;
        let feed = async move {
            // A git that ends without reading all of it has said why on its standard error.
            let _closed = stdin.write_all(&input).await;
            drop(stdin);
        };
        let (mut said, mut complaint) = (Vec::new(), Vec::new());
        let most = u64::try_from(self.limit).unwrap_or(u64::MAX).saturating_add(1);
        let mut stdout = stdout.take(most);
        let ((), read, moaned) =
            tokio::join!(feed, stdout.read_to_end(&mut said), read_some(stderr, &mut complaint));
        read.map_err(failed)?;
        moaned.map_err(failed)?;
        if said.len() > self.limit {
            return Err(GitError::TooLong { what, limit: self.limit });
        }
        let status = child.wait().await.map_err(failed)?;
        Ok(Output { stdout: said, stderr: shown(&complaint), status })
    }
}

/// Reads all of a stream and keeps its beginning.
async fn read_some(mut stream: impl tokio::io::AsyncRead + Unpin, kept: &mut Vec<u8>) -> std::io::Result<()> {
    const KEPT: u64 = 8 * 1024;
    (&mut stream).take(KEPT).read_to_end(kept).await?;
    tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
    Ok(())
}

/// What git complained about, in one line without control characters.
fn shown(complaint: &[u8]) -> String {
    let text = String::from_utf8_lossy(complaint);
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    words.join(" ").chars().take(600).collect()
}

/// The absolute path of git, so that no folder of the repository is searched for it.
fn find() -> Option<PathBuf> {
    let name = format!("git{}", std::env::consts::EXE_SUFFIX);
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&name))
        .find(|p| p.is_file())
}

#[cfg(test)]
mod tests;
