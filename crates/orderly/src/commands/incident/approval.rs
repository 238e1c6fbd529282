//! Whether a person has seen exactly what would be done, and wants it.

use super::desk::{names, shown};
use super::told;
use crate::commands::ask;
use crate::failure::{Failure, Kind};
use crate::output::printer::Printer;
use orderly_core::ids::Digest;

/// What is to be approved.
pub(super) struct Approval<'a> {
    /// Of exactly that.
    pub digest: Digest,
    /// `Tell people in 3 places?`
    pub question: &'a str,
    /// What whoever does not want it now can do it for later: `to tell them`.
    pub later: &'a str,
    /// What it would be: `told`.
    pub done: &'a str,
    /// The command that shows it: `orderly incident tell INC-1`.
    pub command: &'a str,
}

impl Approval<'_> {
    /// Whether it is wanted: a digest that somebody said is that of what would be done now; without one, whoever sits at
    /// the terminal is asked.
    ///
    /// # Errors
    /// When the digest is another one by now.
    pub(super) fn is_given(&self, said: Option<&str>, printer: Printer) -> Result<bool, Failure> {
        let Self { digest, question, later, done, command } = self;
        let Some(said) = said else {
            let yes = ask::yes(question)?;
            if !yes {
                printer.note(&format!("{later}: {command} --approve {}", shown(digest)));
            }
            return Ok(yes);
        };
        if names(said, digest) {
            return Ok(true);
        }
        let what = format!("what would be {done} is no longer what has the digest {}", told::name(said));
        Err(Failure::new(Kind::Refused, what).hint(format!("`{command}` shows what it is now")))
    }
}
