//! Arguments of recording an incident and of playing it again.

use super::{Hearing, Looking};
use crate::config::duration::Span;
use clap::Args;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;

/// `orderly incident record`
#[derive(Debug, Args)]
pub struct Record {
    #[command(flatten)]
    pub looking: Looking,
    /// The incident: `INC-7` or `7`
    #[arg(value_name = "INCIDENT")]
    pub incident: String,
    /// Where it is written: a folder that is empty or not there yet
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// How far back to look for what changed: from 1h to 30d
    #[arg(long, value_name = "SPAN", default_value = "24h")]
    pub back: Span,
    #[command(flatten)]
    pub hearing: Hearing,
}

/// `orderly incident replay`
#[derive(Debug, Args)]
pub struct Replay {
    /// What `orderly incident record` wrote
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// How many times quicker than it happened, or `max`: without waiting [default: 60; max with --json]
    #[arg(long, value_name = "TIMES")]
    pub speed: Option<Speed>,
    #[command(flatten)]
    pub hearing: Hearing,
}

/// How quickly time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// So many times as quickly.
    Times(NonZeroU32),
    /// At once.
    Max,
}

/// A text that is no speed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a speed is a whole number from 1 on, or `max`")]
pub struct NoSpeed;

impl FromStr for Speed {
    type Err = NoSpeed;

    fn from_str(text: &str) -> Result<Self, NoSpeed> {
        match text {
            "max" => Ok(Self::Max),
            number => number.parse().map(Self::Times).map_err(|_| NoSpeed),
        }
    }
}
