//! Arguments of what ends the impact of an incident.

use super::{Looking, Of};
use crate::config::duration::Span;
use clap::{Args, ValueEnum};
use orderly_core::incident::mitigation::{Expected, Slot, Value};
use orderly_core::untrusted::Untrusted;
use std::str::FromStr;

/// `orderly incident options`
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    pub looking: Looking,
    /// The incident: `INC-7` or `7`
    #[arg(value_name = "INCIDENT")]
    pub incident: String,
    #[command(flatten)]
    pub filling: Filling,
}

/// Where the places of commands are filled from.
#[derive(Clone, Debug, Args)]
pub struct Filling {
    /// What stands in a place of the commands, as in previous_release=1.4.1; wins over what was found
    #[arg(long = "with", value_name = "PLACE=VALUE")]
    pub with: Vec<Filled>,
    /// How far back to look for what changed: from 1h to 30d
    #[arg(long, value_name = "SPAN", default_value = "24h")]
    pub back: Span,
}

/// `orderly incident try`
#[derive(Debug, Args)]
pub struct Try {
    #[command(flatten)]
    pub of: Of,
    /// Name of the option
    #[arg(value_name = "OPTION")]
    pub option: String,
    /// What is expected, as in 'below 5/h by 30m' (also `/min`): measured afterwards, never changed
    #[arg(long, value_name = "EXPECTATION")]
    pub expect: Expect,
    #[command(flatten)]
    pub filling: Filling,
    /// Run exactly what was shown with this digest
    #[arg(long, value_name = "DIGEST")]
    pub approve: Option<String>,
}

/// `orderly incident tried`
#[derive(Debug, Args)]
pub struct Tried {
    #[command(flatten)]
    pub of: Of,
    /// Number of the trial
    #[arg(value_name = "TRIAL")]
    pub trial: u32,
    /// What became of it
    #[arg(value_name = "BECAME")]
    pub became: BecameWord,
    /// How you know
    #[arg(value_name = "TEXT")]
    pub how: String,
}

/// What became of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BecameWord {
    /// It is done
    Done,
    /// It was not done
    NotDone,
    /// It was done, and taken back by hand
    TakenBack,
}

/// `orderly incident undo`
#[derive(Debug, Args)]
pub struct TakeBack {
    #[command(flatten)]
    pub of: Of,
    /// Number of the trial [default: the last one that is in force]
    #[arg(value_name = "TRIAL")]
    pub trial: Option<u32>,
    /// Run exactly what was shown with this digest
    #[arg(long, value_name = "DIGEST")]
    pub approve: Option<String>,
}

/// `orderly incident effect`
#[derive(Debug, Args)]
pub struct Effect {
    #[command(flatten)]
    pub looking: Looking,
    /// The incident: `INC-7` or `7`
    #[arg(value_name = "INCIDENT")]
    pub incident: String,
    /// Number of the trial [default: the last one that is in force]
    #[arg(value_name = "TRIAL")]
    pub trial: Option<u32>,
    #[command(flatten)]
    pub filling: Filling,
}

/// A place of a command with what stands in it.
#[derive(Clone, Debug)]
pub struct Filled(pub Slot, pub Value);

impl FromStr for Filled {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (place, value) = text.split_once('=').ok_or("write PLACE=VALUE, as in previous_release=1.4.1")?;
        let slot: Slot = place.trim().parse().map_err(|error| format!("{error}"))?;
        let value = match (&slot, value.parse()) {
            (Slot::Addresses, Ok(address)) => Value::address(address),
            _ => Value::name(&Untrusted::from(value)).map_err(|error| error.to_string())?,
        };
        Ok(Self(slot, value))
    }
}

/// An expectation as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expect(pub Expected);

impl FromStr for Expect {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no expectation: write `below 5/h by 30m` (or `/min`)");
        let rest = text.trim();
        let rest = rest.strip_prefix("below ").or_else(|| rest.strip_prefix("at most ")).ok_or_else(wrong)?;
        let (rate, span) = rest.split_once(" by ").ok_or_else(wrong)?;
        let (number, times) = match rate.trim().split_once('/') {
            Some((number, "h")) => (number, 1),
            Some((number, "min")) => (number, 60),
            _ => return Err(wrong()),
        };
        let number: u64 = number.trim().parse().map_err(|_| wrong())?;
        let at_most = number.checked_mul(times).ok_or_else(wrong)?;
        let within: Span = span.parse()?;
        Ok(Self(Expected { at_most, within: within.0 }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orderly_core::time::Seconds;

    #[test]
    fn expectations_are_read_as_people_write_them() {
        for (text, at_most, within) in [
            ("below 5/h by 30m", 5, 1800),
            (" at most 0/h by 2h ", 0, 7200),
            ("below 2/min by 10m", 120, 600),
        ] {
            let expected = Expected { at_most, within: Seconds(within) };
            assert_eq!(text.parse(), Ok(Expect(expected)), "{text}");
        }
        for wrong in [
            "",
            "5/h",
            "below 5/h",
            "below 5 by 30m",
            "below -1/h by 30m",
            "below 5/s by 3m",
            "above 5/h by 3m",
        ] {
            assert!(wrong.parse::<Expect>().unwrap_err().contains("below 5/h by 30m"), "{wrong}");
        }
        assert!("below 5/h by tea".parse::<Expect>().is_err());
    }

    #[test]
    fn what_a_person_fills_in_is_a_plain_name_in_a_known_place() {
        for good in ["release=web@1.4", "tag.cell=cell-1", "addresses=2001:db8::1", "addresses=203.0.113.7"] {
            assert!(good.parse::<Filled>().is_ok(), "{good}");
        }
        for wrong in ["release", "name=x", "release=-f", "release=../x", "flag=a b", "flag="] {
            assert!(wrong.parse::<Filled>().is_err(), "{wrong}");
        }
    }
}
