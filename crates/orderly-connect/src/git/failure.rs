//! Why git could not do something.

use std::path::PathBuf;

/// A call of git that did not work.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// No git on this machine.
    #[error("no `git` is on the PATH; install git {} or newer", super::command::MINIMUM)]
    NotInstalled,
    /// Too old to be trusted with what is asked of it.
    #[error("git {found} is too old; install {} or newer", super::command::MINIMUM)]
    TooOld {
        /// What it called itself.
        found: String,
    },
    /// The folder is in no repository (or in one that git refuses because somebody else owns it).
    #[error("{} is not in a git repository that git trusts: {why}", folder.display())]
    NoRepository {
        /// The folder.
        folder: PathBuf,
        /// What git said.
        why: String,
    },
    /// It could not be started or talked to.
    #[error("`git {what}` could not be run: {why}")]
    Io {
        /// The subcommand.
        what: &'static str,
        /// The failure.
        why: std::io::Error,
    },
    /// It ended with a failure.
    #[error("`git {what}` failed ({status}): {why}")]
    Failed {
        /// The subcommand.
        what: &'static str,
        /// Its exit status.
        status: String,
        /// What it said, without control characters, cut.
        why: String,
    },
    /// It took too long and was stopped.
    #[error("`git {what}` was stopped after {seconds} s; is the repository on a slow disk, or locked?")]
    TooSlow {
        /// The subcommand.
        what: &'static str,
        /// How long it was given.
        seconds: u64,
    },
    /// It said more than is read.
    #[error("`git {what}` answered more than {limit} bytes")]
    TooLong {
        /// The subcommand.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// It said what no git says.
    #[error("`git {what}` answered something unreadable: {why}")]
    Unreadable {
        /// The subcommand.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
}
