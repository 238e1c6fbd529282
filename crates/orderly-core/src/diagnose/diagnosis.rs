//! What is probably wrong, in four to six sentences.

use super::family::Family;
use crate::encode::terminal;
use crate::scrub::Scrubber;
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A diagnosis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// The sentences, in the order in which they are read.
    pub bullets: Vec<Bullet>,
    /// The kind of failure.
    pub family: Family,
    /// Bug, expected failure, or nothing that this code can do about.
    pub verdict: Verdict,
    /// How large a cure is likely to be.
    pub remedy: Remedy,
}

/// One sentence, and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bullet {
    /// The question that it answers.
    pub about: About,
    /// The sentence: words of ours and text of the event in turn.
    pub says: Vec<Said>,
    /// The evidence; never empty.
    pub cites: Vec<Cite>,
}

/// The question that a bullet answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// What was being done?
    Doing,
    /// Where did it crash?
    Place,
    /// Why?
    Cause,
    /// Is it a bug?
    Verdict,
    /// What would cure it?
    Remedy,
    /// In which surroundings?
    Surroundings,
}

impl About {
    /// What stands before the sentence.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Doing => "Doing",
            Self::Place => "Where",
            Self::Cause => "Why",
            Self::Verdict => "Kind",
            Self::Remedy => "Cure",
            Self::Surroundings => "Around",
        }
    }
}

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// Words of ours.
    Words(String),
    /// Text of the event.
    Event(Untrusted<String>),
}

impl Said {
    /// Words of ours.
    pub fn words(text: &str) -> Self {
        Self::Words(text.to_owned())
    }
}

/// A piece of evidence. Numbers count from 0, in the order of [`super::Evidence`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cite {
    /// An exception of the chain.
    Exception(usize),
    /// A frame of an exception.
    Frame {
        /// Exception.
        exception: usize,
        /// Frame, crash frame 0.
        frame: usize,
    },
    /// A breadcrumb.
    Breadcrumb(usize),
    /// The request.
    Request,
    /// The transaction.
    Transaction,
    /// The logged message.
    Message,
    /// How the SDK came to see an exception.
    Mechanism(usize),
    /// Release, environment, runtime, browser or system.
    Surroundings,
    /// The rule that told the family.
    Rule(String),
    /// That the event holds nothing of this kind.
    Absent(String),
}

impl fmt::Display for Cite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exception(at) => write!(f, "exception {}", at + 1),
            Self::Frame { exception, frame } => {
                write!(f, "frame {} of exception {}", frame + 1, exception + 1)
            }
            Self::Breadcrumb(at) => write!(f, "breadcrumb {}", at + 1),
            Self::Request => f.write_str("request"),
            Self::Transaction => f.write_str("transaction"),
            Self::Message => f.write_str("message"),
            Self::Mechanism(at) => write!(f, "mechanism of exception {}", at + 1),
            Self::Surroundings => f.write_str("surroundings"),
            Self::Rule(name) => write!(f, "rule {name}"),
            Self::Absent(what) => write!(f, "no {what}"),
        }
    }
}

/// Whether there is something to mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A mistake of this code.
    Bug,
    /// A failure that will happen and wants to be handled.
    Expected,
    /// Hardware, other people's code or a machine of a developer: nothing that this code can mend.
    NotActionable,
    /// The evidence does not say.
    Unclear,
}

impl Verdict {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Bug => "real bug",
            Self::Expected => "expected failure",
            Self::NotActionable => "not actionable",
            Self::Unclear => "unclear",
        }
    }
}

/// How large a cure is likely to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// A check at the place of the crash.
    Guard,
    /// A change of how parts work together.
    Structural,
    /// Nothing in this code.
    None,
    /// The evidence does not say.
    Unknown,
}

impl Bullet {
    /// The sentence as one scrubbed line for people and agents, text of the event between backticks, then the evidence.
    pub fn line(&self, scrubber: &Scrubber) -> String {
        let says: String = self.says.iter().map(|said| said.line(scrubber)).collect();
        let cites: Vec<String> = self.cites.iter().map(ToString::to_string).collect();
        format!("{}: {says} [{}]", self.about.word(), cites.join("; "))
    }
}

impl Said {
    /// As a piece of such a line.
    pub(crate) fn line(&self, scrubber: &Scrubber) -> String {
        match self {
            Self::Words(words) => words.clone(),
            Self::Event(text) => {
                let text = terminal::scrubbed_line(&scrubber.scrub(text).capped(LONGEST));
                format!("`{}`", text.replace('`', "'"))
            }
        }
    }
}

/// Characters of the event's text in a sentence.
pub(super) const LONGEST: usize = 160;
