//! From the words of a configured command to exactly one command. What an investigation found is put into places that the
//! configuration left open, and only where it is a plain name: no shell, no option, no path comes out of it.

use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// Longest value.
const LONGEST: usize = 200;
/// Most values in one place.
const MOST: usize = 20;
/// Programs that read their arguments as a program.
const SHELLS: [&str; 14] = [
    "sh",
    "bash",
    "zsh",
    "dash",
    "ash",
    "ksh",
    "fish",
    "csh",
    "tcsh",
    "cmd",
    "powershell",
    "pwsh",
    "eval",
    "busybox",
];

/// A place in a command.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// The release that is rolled back.
    Release,
    /// The release of the same project before it.
    PreviousRelease,
    /// The flag that is switched off.
    Flag,
    /// The project.
    Project,
    /// The addresses of an attack, each a word.
    Addresses,
    /// The values of a tag that the errors have more often, each a word.
    Tag(String),
}

impl Slot {
    /// Whether it may stand for several words.
    const fn is_list(&self) -> bool {
        matches!(self, Self::Addresses | Self::Tag(_))
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Release => f.write_str("release"),
            Self::PreviousRelease => f.write_str("previous_release"),
            Self::Flag => f.write_str("flag"),
            Self::Project => f.write_str("project"),
            Self::Addresses => f.write_str("addresses"),
            Self::Tag(key) => write!(f, "tag.{key}"),
        }
    }
}

impl FromStr for Slot {
    type Err = BadTemplate;

    fn from_str(text: &str) -> Result<Self, BadTemplate> {
        Ok(match text {
            "release" => Self::Release,
            "previous_release" => Self::PreviousRelease,
            "flag" => Self::Flag,
            "project" => Self::Project,
            "addresses" => Self::Addresses,
            _ => match text.strip_prefix("tag.").filter(|key| !key.is_empty()) {
                Some(key) => Self::Tag(key.to_owned()),
                None => return Err(BadTemplate::Unknown(text.to_owned())),
            },
        })
    }
}

/// A command that is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    /// It is empty.
    #[error("it names no program")]
    NoProgram,
    /// The program itself is left open.
    #[error("the program itself may hold no placeholder")]
    OpenProgram,
    /// It is a shell.
    #[error("`{0}` is a shell, which reads its words as a program: write a script, and name that")]
    Shell(String),
    /// There is no such placeholder.
    #[error(
        "there is no placeholder `{{{0}}}`; there are {{release}}, {{previous_release}}, {{flag}}, {{project}}, \
         {{addresses}} and {{tag.KEY}} (`{{{{` is a brace)"
    )]
    Unknown(String),
    /// A brace is left open.
    #[error("`{0}` has a brace without its other one (`{{{{` and `}}}}` are braces)")]
    Brace(String),
    /// A place for several words is part of a word.
    #[error("{{{0}}} stands for several words, so it has to be a word by itself")]
    PartOfAWord(Slot),
}

/// A command with places that are left open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Vec<Piece>>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Open(Slot),
}

impl Template {
    /// Reads program and arguments as they are configured.
    ///
    /// # Errors
    /// Why they are no command that may be run.
    pub fn parse(words: &[String]) -> Result<Self, BadTemplate> {
        let program = words.first().filter(|program| !program.is_empty()).ok_or(BadTemplate::NoProgram)?;
        let all: Vec<Vec<Piece>> = words.iter().map(|word| pieces(word)).collect::<Result<_, _>>()?;
        if all.first().is_some_and(|word| word.iter().any(|piece| matches!(piece, Piece::Open(_)))) {
            return Err(BadTemplate::OpenProgram);
        }
        let name = program.rsplit(['/', '\\']).next().unwrap_or(program).to_lowercase();
        if SHELLS.contains(&name.strip_suffix(".exe").unwrap_or(&name)) {
            return Err(BadTemplate::Shell(program.clone()));
        }
        for word in &all {
            let list = word.iter().find_map(|piece| match piece {
                Piece::Open(slot) if slot.is_list() => Some(slot),
                _ => None,
            });
            if let Some(slot) = list.filter(|_| word.len() > 1) {
                return Err(BadTemplate::PartOfAWord(slot.clone()));
            }
        }
        Ok(Self(all))
    }

    /// The places that are left open.
    pub fn slots(&self) -> BTreeSet<&Slot> {
        let pieces = self.0.iter().flatten();
        pieces
            .filter_map(|piece| match piece {
                Piece::Open(slot) => Some(slot),
                Piece::Text(_) => None,
            })
            .collect()
    }

    /// The command with these values in its places.
    ///
    /// # Errors
    /// The places for which there is none.
    pub fn fill(&self, values: &Values) -> Result<Argv, Vec<Slot>> {
        let missing: Vec<Slot> =
            self.slots().into_iter().filter(|slot| values.of(slot).is_empty()).cloned().collect();
        if !missing.is_empty() {
            return Err(missing);
        }
        let mut argv = Vec::with_capacity(self.0.len());
        for word in &self.0 {
            if let [Piece::Open(slot)] = word.as_slice() {
                argv.extend(values.of(slot).iter().map(|value| value.0.clone()));
                continue;
            }
            let filled = word.iter().map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Open(slot) => values.of(slot).first().map_or("", |value| value.0.as_str()),
            });
            argv.push(filled.collect());
        }
        Ok(Argv(argv))
    }
}

fn pieces(word: &str) -> Result<Vec<Piece>, BadTemplate> {
    let lone = || BadTemplate::Brace(word.to_owned());
    let mut found = Vec::new();
    let mut text = String::new();
    let mut rest = word.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '{' | '}' if rest.peek() == Some(&c) => {
                rest.next();
                text.push(c);
            }
            '{' => {
                let mut name = String::new();
                loop {
                    match rest.next() {
                        Some('}') => break,
                        Some(c) => name.push(c),
                        None => return Err(lone()),
                    }
                }
                if !text.is_empty() {
                    found.push(Piece::Text(std::mem::take(&mut text)));
                }
                found.push(Piece::Open(name.parse()?));
            }
            '}' => return Err(lone()),
            c => text.push(c),
        }
    }
    if !text.is_empty() || found.is_empty() {
        found.push(Piece::Text(text));
    }
    Ok(found)
}

/// A value that may stand in a command.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Value(String);

/// A text that may not stand in a command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a value in a command begins with a letter or digit and has at most {LONGEST} letters, digits and `. _ - + @ :` (no `..`)"
)]
pub struct Unfit;

impl Value {
    /// A name: of a release, a flag, a project, a tag.
    ///
    /// # Errors
    /// When it is anything but a plain name.
    pub fn name(text: &Untrusted<String>) -> Result<Self, Unfit> {
        let text = text.as_raw_str();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '@' | ':');
        let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if begins && text.len() <= LONGEST && text.chars().all(plain) && !text.contains("..") {
            return Ok(Self(text.to_owned()));
        }
        Err(Unfit)
    }

    /// An address.
    pub fn address(address: IpAddr) -> Self {
        Self(address.to_string())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What stands in which place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<Slot, Vec<Value>>);

impl Values {
    /// Puts a value into a place, after those that are there; a place for one keeps its first.
    pub fn put(&mut self, slot: Slot, value: Value) {
        let most = if slot.is_list() { MOST } else { 1 };
        let there = self.0.entry(slot).or_default();
        if there.len() < most && !there.contains(&value) {
            there.push(value);
        }
    }

    /// Both; what is here wins over what is there.
    #[must_use]
    pub fn or(mut self, there: &Self) -> Self {
        for (slot, values) in &there.0 {
            self.0.entry(slot.clone()).or_insert_with(|| values.clone());
        }
        self
    }

    /// What stands in a place.
    pub fn of(&self, slot: &Slot) -> &[Value] {
        self.0.get(slot).map_or(&[], Vec::as_slice)
    }
}

/// Program and arguments, as they are handed to the system: no shell reads them. Only [`Template::fill`] makes them, and the
/// log gives them back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Argv(Vec<String>);

impl Argv {
    /// The words.
    pub fn words(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for Argv {
    /// As people would type it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |word: &String| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "._-+@:/=,%".contains(c);
            if !word.is_empty() && word.chars().all(plain) {
                return word.clone();
            }
            format!("'{}'", word.replace('\'', "'\\''"))
        };
        f.write_str(&self.0.iter().map(quoted).collect::<Vec<_>>().join(" "))
    }
}
