//! Running a program within its limits: an environment of its own, a time, an amount of output, and an end of its whole
//! family.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout};

/// Limits of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long it may take.
    pub time: Duration,
    /// How many bytes it may print, both streams together.
    pub output: usize,
}

/// A program that is ready to be started.
#[derive(Clone, Debug)]
pub struct Program {
    /// Program and arguments; no shell.
    pub argv: Vec<OsString>,
    /// Folder it works in.
    pub folder: PathBuf,
    /// Its whole environment.
    pub environment: Vec<(OsString, OsString)>,
    /// What it reads from its standard input.
    pub input: Vec<u8>,
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself; without a code when a signal ended it.
    Exited {
        /// Exit code.
        code: Option<i32>,
        /// What it printed.
        printed: Vec<u8>,
    },
    /// It was stopped when its time was over.
    TooLong {
        /// What it had printed.
        printed: Vec<u8>,
    },
    /// It was stopped because it printed too much.
    TooLoud {
        /// The beginning of it.
        printed: Vec<u8>,
    },
    /// It could not be started.
    NotStarted {
        /// Why.
        why: String,
    },
}

/// A program at work, with what leads to it and from it.
pub(super) struct Started {
    /// The process.
    pub child: tokio::process::Child,
    /// It and all that it started.
    pub family: Family,
    /// Its standard input.
    pub stdin: ChildStdin,
    /// Its standard output.
    pub stdout: ChildStdout,
    /// Its standard error.
    pub stderr: ChildStderr,
}

impl Program {
    /// Starts it; what it is to read from its standard input is not written yet.
    ///
    /// # Errors
    /// Why it could not be started.
    pub(super) fn start(&self) -> Result<Started, String> {
        let (name, arguments) = self.argv.split_first().ok_or("no program is named")?;
        let mut command = tokio::process::Command::new(name);
        command
            .args(arguments)
            .current_dir(&self.folder)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(|error| format!("{}: {error}", name.display()))?;
        let family = Family::of(&child);
        let stdin = child.stdin.take().expect("its standard input was asked for as a pipe");
        let stdout = child.stdout.take().expect("its standard output was asked for as a pipe");
        let stderr = child.stderr.take().expect("its standard error was asked for as a pipe");
        Ok(Started { child, family, stdin, stdout, stderr })
    }

    /// Runs it to its end, or stops it and everything that it started.
    pub async fn run(self, limits: Limits) -> Ended {
        let Started { mut child, family, mut stdin, stdout, stderr } = match self.start() {
            Ok(started) => started,
            Err(why) => return Ended::NotStarted { why },
        };
        let input = self.input;
        let feed = async move {
            // A program that ends without reading all of it may do so.
            let _closed = stdin.write_all(&input).await;
            drop(stdin);
        };
        let (mut said, mut complained) = (Vec::new(), Vec::new());
        let ended = {
            let hearing = async {
                let both = async {
                    tokio::join!(
                        hear(stdout, &mut said, limits.output),
                        hear(stderr, &mut complained, limits.output)
                    )
                };
                tokio::join!(feed, both).1
            };
            tokio::pin!(hearing);
            let work = async {
                tokio::select! {
                    heard = &mut hearing => match heard {
                        (Heard::All, Heard::All) => End::Exited(child.wait().await.ok().and_then(|status| status.code())),
                        _ => End::TooLoud,
                    },
                    status = child.wait() => {
                        // What it left behind would keep the pipes open.
                        family.end();
                        let rest = tokio::time::timeout(Duration::from_secs(2), &mut hearing).await;
                        match rest {
                            Ok((Heard::TooMuch, _) | (_, Heard::TooMuch)) => End::TooLoud,
                            _ => End::Exited(status.ok().and_then(|status| status.code())),
                        }
                    }
                }
            };
            tokio::time::timeout(limits.time, work).await.unwrap_or(End::TooLong)
        };
        family.end();
        said.extend(complained);
        let loud = said.len() > limits.output;
        said.truncate(limits.output);
        let printed = said;
        match ended {
            End::TooLong => Ended::TooLong { printed },
            End::Exited(code) if !loud => Ended::Exited { code, printed },
            End::TooLoud | End::Exited(_) => Ended::TooLoud { printed },
        }
    }
}

enum End {
    Exited(Option<i32>),
    TooLong,
    TooLoud,
}

/// Whether a stream kept to its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// It did, and has ended.
    All,
    /// It did not.
    TooMuch,
}

/// Keeps what a stream says, up to a limit.
pub(super) async fn hear(stream: impl AsyncRead + Unpin, kept: &mut Vec<u8>, most: usize) -> Heard {
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    // A stream that breaks has said all it will.
    let _broken = stream.take(limit).read_to_end(kept).await;
    if kept.len() > most { Heard::TooMuch } else { Heard::All }
}

/// A program and everything it started that did not leave its group. Dropping it ends them all.
pub(super) struct Family {
    #[cfg(unix)]
    group: Option<rustix::process::Pid>,
}

impl Family {
    fn of(child: &tokio::process::Child) -> Self {
        #[cfg(unix)]
        {
            let id = child.id().and_then(|id| i32::try_from(id).ok());
            Self { group: id.and_then(rustix::process::Pid::from_raw) }
        }
        #[cfg(not(unix))]
        Self {}
    }

    pub fn end(&self) {
        #[cfg(unix)]
        if let Some(group) = self.group {
            // Nobody left is the usual answer.
            let _gone = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        self.end();
    }
}
