//! Kinds of failure: what they mean, and what usually cures them.

use super::diagnosis::{Remedy, Verdict};
use serde::{Deserialize, Serialize};

/// A kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// A value was absent and used as if it were there.
    NullAccess,
    /// An absent value or an error was unwrapped.
    Unwrap,
    /// A position outside of a list, slice or text.
    Index,
    /// A key that a map does not hold.
    Key,
    /// A value of another type than the code expects.
    Type,
    /// A cell that was borrowed already.
    Borrow,
    /// A lock whose owner panicked, or that two hold at once.
    Lock,
    /// Something was changed while others worked with it.
    Race,
    /// A number outside of its range, or divided by zero.
    Arithmetic,
    /// Calls without end.
    Recursion,
    /// Bytes that are no text, or text cut inside a character.
    Encoding,
    /// Text that is not what a parser reads.
    Parse,
    /// A value that a check refused.
    Validation,
    /// A check of the program's own assumptions.
    Assertion,
    /// A wait that was too long.
    Timeout,
    /// All connections, threads or handles were taken.
    Exhausted,
    /// The other side could not be reached, or went away.
    Connection,
    /// The other side answered with an error.
    Remote,
    /// A database refused what would break its rules.
    Constraint,
    /// Something is not allowed.
    Permission,
    /// A file, page or record is not there.
    Missing,
    /// Parts of different versions met.
    VersionSkew,
    /// Somebody gave up waiting.
    Cancelled,
    /// Memory ran out.
    Memory,
    /// A disk or device failed or was full.
    Hardware,
    /// Code that is not ours: extensions, injected and third-party scripts.
    Foreign,
    /// None of these.
    Unknown,
}

/// What is known of a family.
pub(super) struct Meaning {
    /// Why such a failure happens, as the end of a sentence.
    pub(super) why: &'static str,
    pub(super) verdict: Verdict,
    pub(super) remedy: Remedy,
    /// What cures it, as a sentence.
    pub(super) cure: &'static str,
}

impl Family {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NullAccess => "absent value used",
            Self::Unwrap => "unwrapped absence or error",
            Self::Index => "index out of range",
            Self::Key => "missing key",
            Self::Type => "wrong type",
            Self::Borrow => "double borrow",
            Self::Lock => "poisoned or double lock",
            Self::Race => "changed while in use",
            Self::Arithmetic => "arithmetic",
            Self::Recursion => "endless recursion",
            Self::Encoding => "encoding",
            Self::Parse => "unreadable input",
            Self::Validation => "refused value",
            Self::Assertion => "assertion",
            Self::Timeout => "timeout",
            Self::Exhausted => "pool exhausted",
            Self::Connection => "connection",
            Self::Remote => "error of another service",
            Self::Constraint => "database constraint",
            Self::Permission => "permission",
            Self::Missing => "missing resource",
            Self::VersionSkew => "version skew",
            Self::Cancelled => "cancelled",
            Self::Memory => "out of memory",
            Self::Hardware => "hardware",
            Self::Foreign => "foreign code",
            Self::Unknown => "unknown",
        }
    }

    pub(super) const fn meaning(self) -> Meaning {
        use Remedy::{Guard, Structural};
        use Verdict::{Bug, Expected, NotActionable, Unclear};
        let (why, verdict, remedy, cure) = match self {
            Self::NullAccess => (
                "a value that is absent here was used as if it were there",
                Bug,
                Guard,
                "Check for the absent value where it is used, and decide what its absence means there.",
            ),
            Self::Unwrap => (
                "an absent value or an error was unwrapped, which ends the thread",
                Bug,
                Guard,
                "Handle the other case instead of unwrapping: return the error, or a value that stands for it.",
            ),
            Self::Index => (
                "a position lies outside of what it points into",
                Bug,
                Guard,
                "Check the length before, or ask with a method that answers when nothing is there.",
            ),
            Self::Key => (
                "the key is not in the map",
                Bug,
                Guard,
                "Ask with a default, or decide what a missing key means here.",
            ),
            Self::Type => (
                "a value has another type than the code expects",
                Bug,
                Guard,
                "Check or convert the value where it enters.",
            ),
            Self::Borrow => (
                "a cell was borrowed while another borrow of it was alive",
                Bug,
                Structural,
                "End the first borrow before the second begins: copy out what is needed, or split the cell.",
            ),
            Self::Lock => (
                "a lock was poisoned by a panic elsewhere, or is taken twice",
                Bug,
                Structural,
                "Find what panicked or waits while it holds the lock; hold it for less, and take locks in one order.",
            ),
            Self::Race => (
                "something was changed while other code was working with it",
                Bug,
                Structural,
                "Work on a copy, or let one place own every change.",
            ),
            Self::Arithmetic => (
                "a number left its range, or was divided by zero",
                Bug,
                Guard,
                "Check the operands before, or use arithmetic that reports overflow.",
            ),
            Self::Recursion => (
                "calls nested without end until the stack was full",
                Bug,
                Structural,
                "Give the recursion an end, or walk with a list of what is left to do.",
            ),
            Self::Encoding => (
                "bytes were read in an encoding that they are not in, or a text was cut inside a character",
                Bug,
                Guard,
                "Name the encoding and decide what happens to bytes that are none; cut texts at characters.",
            ),
            Self::Parse => (
                "an input is not what the parser reads",
                Expected,
                Guard,
                "Treat unreadable input as an answer: report where it came from, and go on without it.",
            ),
            Self::Validation => (
                "a value was refused by a check",
                Unclear,
                Guard,
                "Refuse the value where it enters, with an answer to whoever sent it.",
            ),
            Self::Assertion => (
                "an assumption of the program does not hold",
                Bug,
                Structural,
                "Find who broke the assumption; the assertion only shows it.",
            ),
            Self::Timeout => (
                "an answer did not come in time",
                Expected,
                Guard,
                "Handle the timeout: try again within bounds, or answer that it is not available now.",
            ),
            Self::Exhausted => (
                "every connection, thread or handle of a limited set was taken",
                Bug,
                Structural,
                "Look for what is taken and not given back, then for calls that hold it while they wait; only then raise the limit.",
            ),
            Self::Connection => (
                "the other side could not be reached or went away",
                Expected,
                Guard,
                "Handle the lost connection: try again within bounds, or answer that it is not available now.",
            ),
            Self::Remote => (
                "another service answered with an error",
                Expected,
                Guard,
                "Handle the answer by its status, and tell a mistake of ours from trouble of theirs.",
            ),
            Self::Constraint => (
                "a database refused a change that would break its rules",
                Bug,
                Structural,
                "Check before writing within one transaction, or treat the refusal as the answer that it is.",
            ),
            Self::Permission => (
                "the action is not allowed to this process or account",
                Expected,
                Guard,
                "Ask before acting or handle the refusal; if it should be allowed, the deployment has to change.",
            ),
            Self::Missing => (
                "a file, page or record is not there",
                Expected,
                Guard,
                "Handle the absence where it is opened or loaded.",
            ),
            Self::VersionSkew => (
                "parts of different versions met, as while a release replaces another",
                Unclear,
                Structural,
                "Keep both versions working while one replaces the other; reload a page whose parts are gone.",
            ),
            Self::Cancelled => (
                "whoever asked gave up waiting",
                Expected,
                Guard,
                "Do not report a request that its caller cancelled.",
            ),
            Self::Memory => (
                "memory ran out",
                Unclear,
                Structural,
                "Look at what grows: read large inputs piece by piece, and bound caches and queues.",
            ),
            Self::Hardware => (
                "a disk or device failed or was full",
                NotActionable,
                Remedy::None,
                "Nothing in this code causes it; handle it only where work would be lost.",
            ),
            Self::Foreign => (
                "the failing code is not this project's",
                NotActionable,
                Remedy::None,
                "Ignore it, or filter it before it is sent.",
            ),
            Self::Unknown => (
                "the type and message belong to no family that is known",
                Unclear,
                Remedy::Unknown,
                "Read the frames: the evidence does not say how large a cure is.",
            ),
        };
        Meaning { why, verdict, remedy, cure }
    }
}
