//! What became of a frame: a place in the repository, or the reason why there is none.

use super::files::RepoPath;
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What became of a frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Mapped {
    /// Its place.
    Found(Located),
    /// Why it has none.
    Missed(Miss),
}

impl Mapped {
    /// The place, if there is one.
    pub const fn found(&self) -> Option<&Located> {
        match self {
            Self::Found(located) => Some(located),
            Self::Missed(_) => None,
        }
    }
}

/// A place in the repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Located {
    /// The tracked file.
    pub path: RepoPath,
    /// Line, from 1; `None` when only the file is known.
    pub line: Option<u32>,
    /// What named the file.
    pub named: Named,
    /// What of its text agrees with the frame.
    pub agreement: Agreement,
}

/// What of a frame named the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Named {
    /// A code mapping.
    CodeMapping,
    /// A source map.
    SourceMap,
    /// The file, as the frame has it.
    File,
    /// The path on the machine of the crash.
    AbsolutePath,
    /// The module, package or class.
    Module,
    /// The function with its modules.
    Function,
    /// The compiled file, whose source has another ending.
    Compiled,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CodeMapping => "by a code mapping",
            Self::SourceMap => "by its source map",
            Self::File => "by its file",
            Self::AbsolutePath => "by its path on the machine of the crash",
            Self::Module => "by its module",
            Self::Function => "by its function's path",
            Self::Compiled => "by its compiled file",
        })
    }
}

/// What of the text of a file agrees with a frame, the most telling first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "agreement", rename_all = "snake_case")]
pub enum Agreement {
    /// The source line that the event carries stands at that line.
    SameLine,
    /// It stands at another line: the file was edited since.
    LineMoved {
        /// Line in the event.
        from: u32,
    },
    /// The function is defined there.
    FunctionDefined,
    /// The function is defined in the file; no line was known or it was one of a compiled file.
    DefinitionOnly,
    /// The package or class is declared there.
    Declared,
    /// Nothing could be compared.
    Unchecked,
    /// The source line that the event carries is nowhere in the file: it was changed since.
    LineGone,
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameLine => f.write_str("the event's source line stands there"),
            Self::LineMoved { from } => write!(f, "the event's source line moved there from line {from}"),
            Self::FunctionDefined => f.write_str("the function is in the file"),
            Self::DefinitionOnly => f.write_str("the line is where the function begins"),
            Self::Declared => f.write_str("the file declares its package or class"),
            Self::Unchecked => f.write_str("only the name fits"),
            Self::LineGone => f.write_str("the event's source line is no longer in the file"),
        }
    }
}

/// Why a frame has no place in the repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Miss {
    /// The frame names neither a file nor a module nor a function.
    Nameless,
    /// It stands in code that no file holds: evaluated, native, inside the runtime.
    Generated {
        /// What stands in for the file.
        what: Untrusted<String>,
    },
    /// It is code of a dependency, of the runtime or of a browser extension.
    Outside {
        /// Its path.
        path: Untrusted<String>,
    },
    /// It is in a bundle, and no source map was found for it.
    Minified {
        /// The bundle.
        bundle: Untrusted<String>,
    },
    /// Its names were shortened by an obfuscator, and no mapping file undoes that.
    Obfuscated,
    /// No tracked file has such a name.
    Untracked {
        /// The name that was looked for.
        name: Untrusted<String>,
    },
    /// A tracked file has its name but stands elsewhere, and its text does not tell whether it is the one.
    Doubtful {
        /// The name that was looked for.
        name: Untrusted<String>,
        /// The file.
        nearest: RepoPath,
    },
    /// Several tracked files fit equally.
    Ambiguous {
        /// The name that was looked for.
        name: Untrusted<String>,
        /// The first of them, in order.
        among: Vec<RepoPath>,
    },
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = crate::encode::terminal::line;
        match self {
            Self::Nameless => f.write_str("the frame names neither a file nor a module"),
            Self::Generated { what } => write!(f, "`{}` is code that stands in no file", show(what)),
            Self::Outside { path } => write!(f, "`{}` is code of a dependency or of the runtime", show(path)),
            Self::Minified { bundle } => {
                write!(f, "`{}` is a bundle, and no source map for it was found", show(bundle))
            }
            Self::Obfuscated => f.write_str("an obfuscator shortened its names; its mapping file is needed"),
            Self::Untracked { name } => write!(f, "no tracked file is called `{}`", show(name)),
            Self::Doubtful { name, nearest } => {
                write!(
                    f,
                    "`{}` is not tracked; `{nearest}` has its name, but its text does not agree",
                    show(name)
                )
            }
            Self::Ambiguous { name, among } => {
                let paths: Vec<String> = among.iter().map(ToString::to_string).collect();
                write!(f, "`{}` may be any of {}", show(name), paths.join(", "))
            }
        }
    }
}
