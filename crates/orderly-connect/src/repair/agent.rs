//! Who makes the change: any command that takes a case file, or a person in an editor.

use super::program::{Ended, Limits, Program};
use super::sandbox::{Network, Sandbox, SandboxSettings};
use async_trait::async_trait;
use orderly_engine::ports::repair::{Agent, Trouble};
use std::path::Path;

/// Where a command's arguments hold this, the path of the case file is put; otherwise it reads it from its standard input.
const PLACEHOLDER: &str = "{case}";

/// How a command is handed the case file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// On its standard input.
    Input,
    /// As a file, whose path stands in its arguments.
    File,
}

impl Hand {
    /// As the arguments ask for it.
    pub fn of(argv: &[String]) -> Self {
        if argv.iter().any(|argument| argument.contains(PLACEHOLDER)) { Self::File } else { Self::Input }
    }
}

/// Any program: a coding agent, an own script.
#[derive(Debug)]
pub struct CommandAgent {
    /// How it is called in the configuration.
    pub name: String,
    /// Program and arguments; no shell.
    pub argv: Vec<String>,
    /// How it is kept apart.
    pub sandbox: Sandbox,
    /// What it may see.
    pub settings: SandboxSettings,
    /// Whether it may use the network.
    pub network: Network,
    /// Limits of one attempt.
    pub limits: Limits,
}

impl CommandAgent {
    /// The program in its sandbox.
    pub(super) fn program(
        &self,
        argv: &[String],
        folder: &Path,
        settings: &SandboxSettings,
        input: Vec<u8>,
    ) -> Program {
        Program {
            argv: self.sandbox.wrap(argv, folder, settings, self.network),
            folder: folder.to_owned(),
            environment: self.sandbox.environment(settings),
            input,
        }
    }
}

#[async_trait]
impl Agent for CommandAgent {
    fn name(&self) -> &str {
        &self.name
    }

    async fn ask(&self, folder: &Path, case_file: &str) -> Result<String, Trouble> {
        let mut settings = self.settings.clone();
        let mut argv = self.argv.clone();
        let mut kept = None;
        if Hand::of(&argv) == Hand::File {
            let file = CaseOnDisk::write(folder, case_file)?;
            let path = file.0.display().to_string();
            for argument in &mut argv {
                *argument = argument.replace(PLACEHOLDER, &path);
            }
            settings.readable.push(file.0.clone());
            kept = Some(file);
        }
        let input = if kept.is_some() { Vec::new() } else { case_file.as_bytes().to_vec() };
        let program = self.program(&argv, folder, &settings, input);
        let ended = program.run(self.limits).await;
        drop(kept);
        let name = &self.name;
        match ended {
            Ended::Exited { code: Some(0), printed } => Ok(String::from_utf8_lossy(&printed).into_owned()),
            Ended::Exited { code: Some(code), .. } => {
                Err(Trouble(format!("{name} ended with exit code {code}")))
            }
            Ended::Exited { code: None, .. } => Err(Trouble(format!("{name} was ended by a signal"))),
            Ended::TooLong { .. } => {
                Err(Trouble(format!("{name} was stopped after {} s", self.limits.time.as_secs())))
            }
            Ended::TooLoud { .. } => {
                Err(Trouble(format!("{name} was stopped after printing {} bytes", self.limits.output)))
            }
            Ended::NotStarted { why } => Err(Trouble(format!("{name} could not be started: {why}"))),
        }
    }
}

/// A person: the case file opens in their editor, they change the worktree, and write the last lines into the file.
#[derive(Debug)]
pub struct EditorAgent {
    /// The editor and its arguments.
    pub argv: Vec<String>,
}

const FORM: &str = "\n<!-- Change the files in the folder below, then complete these lines, save and close.\n     Leave all three \
                    empty to give this attempt up. -->\n\nRoot cause:\nFix:\nDecline:\n";

#[async_trait]
impl Agent for EditorAgent {
    fn name(&self) -> &str {
        "a person"
    }

    async fn ask(&self, folder: &Path, case_file: &str) -> Result<String, Trouble> {
        let form = format!("{case_file}\n## Folder\n\n`{}`\n{FORM}", folder.display());
        let file = CaseOnDisk::write(folder, &form)?;
        let (name, arguments) =
            self.argv.split_first().ok_or_else(|| Trouble("no editor is named".to_owned()))?;
        let status = tokio::process::Command::new(name)
            .args(arguments)
            .arg(&file.0)
            .current_dir(folder)
            .kill_on_drop(true)
            .status()
            .await
            .map_err(|error| Trouble(format!("the editor {name} cannot be started: {error}")))?;
        if !status.success() {
            return Err(Trouble(format!("the editor {name} ended with {status}")));
        }
        let text = std::fs::read_to_string(&file.0)
            .map_err(|error| Trouble(format!("the edited case file cannot be read: {error}")))?;
        // What the event said stands before the form, and is no answer.
        Ok(text.rsplit_once("-->").map_or_else(String::new, |(_, answer)| answer.to_owned()))
    }
}

/// A case file beside the worktree, gone when it is dropped.
struct CaseOnDisk(std::path::PathBuf);

impl CaseOnDisk {
    fn write(folder: &Path, text: &str) -> Result<Self, Trouble> {
        let path = folder.with_file_name("case.md");
        let lost = |error: std::io::Error| Trouble(format!("{} cannot be written: {error}", path.display()));
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(lost)?;
        std::io::Write::write_all(&mut file, text.as_bytes()).map_err(lost)?;
        Ok(Self(path))
    }
}

impl Drop for CaseOnDisk {
    fn drop(&mut self) {
        // It holds nothing that the journal lacks; the folder goes with the case.
        let _gone = std::fs::remove_file(&self.0);
    }
}
