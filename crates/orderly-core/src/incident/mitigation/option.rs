//! What may be done to end an impact, as it is configured.

use super::template::Template;
use crate::ids::ProjectSlug;
use crate::time::Seconds;
use globset::{GlobBuilder, GlobMatcher};
use serde::{Deserialize, Serialize};
use std::fmt;

/// An option: chosen by the configuration, never by an event or an agent.
#[derive(Clone, Debug)]
pub struct Mitigation {
    /// What it is called.
    pub name: String,
    /// What kind of thing it is.
    pub kind: Kind,
    /// Its command; `None`: people do it by hand (a hotfix goes through `orderly fix`).
    pub command: Option<Template>,
    /// How it is taken back.
    pub reversibility: Reversibility,
    /// From its end to the time at which its effect shows; `None`: nobody said.
    pub time_to_effect: Option<Seconds>,
    /// Who feels the option itself.
    pub reach: Reach,
    /// Projects that it is for; empty: any.
    pub projects: Vec<ProjectSlug>,
    /// What an investigation shows where it helps.
    pub shown_by: Vec<Sign>,
}

/// Kinds of options.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The release before goes out again.
    RollBack,
    /// A feature flag is switched off.
    FlagOff,
    /// The code is repaired, and goes out.
    Hotfix,
    /// Something is started again.
    Restart,
    /// There is more of something.
    Scale,
    /// Something is left out, so that the rest works.
    Degrade,
    /// Somebody is kept out.
    Block,
}

impl Kind {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::RollBack => "roll back",
            Self::FlagOff => "flag off",
            Self::Hotfix => "hotfix",
            Self::Restart => "restart",
            Self::Scale => "scale",
            Self::Degrade => "degrade",
            Self::Block => "block",
        }
    }

    /// Who feels it, where nobody said.
    pub const fn usual_reach(self) -> Reach {
        match self {
            Self::Block => Reach::Sources,
            Self::FlagOff => Reach::Feature,
            Self::RollBack | Self::Hotfix | Self::Restart | Self::Scale | Self::Degrade => Reach::Service,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// Who feels an option beside those whom it helps; the smallest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Those who are kept out.
    Sources,
    /// The users of one feature.
    Feature,
    /// The users of a service.
    Service,
    /// Everybody.
    Everyone,
}

impl Reach {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Sources => "the sources that are blocked",
            Self::Feature => "users of one feature",
            Self::Service => "users of a service",
            Self::Everyone => "everybody",
        }
    }
}

/// How an option is taken back; the easiest first.
#[derive(Clone, Debug)]
pub enum Reversibility {
    /// By a command.
    Command(Template),
    /// By people, who know how.
    ByHand,
    /// Not at all, and why not.
    Never(String),
}

impl Reversibility {
    /// Its place among others.
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Command(_) => 0,
            Self::ByHand => 1,
            Self::Never(_) => 2,
        }
    }

    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Command(_) => "by its undo command".to_owned(),
            Self::ByHand => "by hand".to_owned(),
            Self::Never(why) => format!("cannot be taken back: {why}"),
        }
    }
}

/// Something that an investigation shows where an option helps: `span:GLOB` over the operation and description of a span that
/// is in trouble, or `tag:KEY=GLOB` over a tag that the errors have more often.
#[derive(Clone, Debug)]
pub struct Sign {
    /// As it was configured.
    pub text: String,
    /// What is looked at.
    pub kind: SignKind,
    matcher: GlobMatcher,
}

/// What a sign looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignKind {
    /// Spans: operation, a blank, description.
    Span,
    /// A tag.
    Tag(String),
}

impl Sign {
    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let form = || format!("`{text}` is neither `span:GLOB` nor `tag:KEY=GLOB`");
        let (kind, glob) = match text.split_once(':').ok_or_else(form)? {
            ("span", glob) => (SignKind::Span, glob),
            ("tag", rest) => {
                let (key, glob) = rest.split_once('=').ok_or_else(form)?;
                (SignKind::Tag(key.to_owned()), glob)
            }
            _ => return Err(form()),
        };
        if glob.is_empty() || matches!(&kind, SignKind::Tag(key) if key.is_empty()) {
            return Err(form());
        }
        let glob = GlobBuilder::new(glob).case_insensitive(true).build();
        let matcher = glob.map_err(|error| format!("`{text}`: {error}"))?.compile_matcher();
        Ok(Self { text: text.to_owned(), kind, matcher })
    }

    /// Whether a value is what it stands for.
    pub fn is_in(&self, value: &str) -> bool {
        self.matcher.is_match(value)
    }
}
