//! Stories by name: days of several services with their usual noise, and one thing that goes wrong.
//!
//! Reading order: [`Scenario`] here, [`troubles`] (what goes wrong, and what people do about it), [`services`] (who
//! answers which request), [`requests`] (one request, and what of it is reported), [`telling`] (hour by hour), and
//! [`truth`], the answer sheet.

mod requests;
mod services;
mod telling;
mod troubles;
mod truth;

pub use truth::{Cause, Measure, Truth};

use super::deed::Hour;
use super::shop;
use std::fmt;
use std::str::FromStr;

/// A story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// A day with everything that a backlog meets.
    Shop,
    /// A gateway times out for two of five users.
    ApiOutage,
    /// A database pool runs dry, slowly.
    PoolExhaustion,
    /// A release breaks the checkout.
    BadDeploy,
    /// A feature flag breaks the checkout for those who have it.
    BadFlag,
    /// Somebody tries passwords.
    AuthAttack,
    /// A week in which nothing goes wrong.
    Quiet,
}

/// What happens, hour by hour, and the truth about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// The hours, oldest first.
    pub hours: Vec<Hour>,
    /// The number of the first hour that is worth watching live; all before it is history.
    pub live_from: u32,
    /// What happened.
    pub truth: Truth,
}

/// No story has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no traffic called `{0}`; choose one of {names}", names = Scenario::names())]
pub struct UnknownScenario(String);

impl Scenario {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Shop,
        Self::ApiOutage,
        Self::PoolExhaustion,
        Self::BadDeploy,
        Self::BadFlag,
        Self::AuthAttack,
        Self::Quiet,
    ];

    /// What it is called on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shop => "shop",
            Self::ApiOutage => "api-outage",
            Self::PoolExhaustion => "pool-exhaustion",
            Self::BadDeploy => "bad-deploy",
            Self::BadFlag => "bad-flag",
            Self::AuthAttack => "auth-attack",
            Self::Quiet => "quiet",
        }
    }

    /// Slugs of the projects that take part.
    #[must_use]
    pub fn projects(self) -> Vec<&'static str> {
        match self {
            Self::Shop => shop::PROJECTS.to_vec(),
            _ => services::SERVICES.iter().map(|service| service.slug).collect(),
        }
    }

    /// How many hours are played.
    #[must_use]
    pub const fn hours(self) -> u32 {
        match self {
            Self::Shop => shop::HOURS,
            Self::Quiet => 7 * 24,
            _ => telling::HOURS,
        }
    }

    /// The story. `start` is when its first hour begins, in seconds since 1970; the same numbers tell the same story.
    #[must_use]
    pub fn story(self, seed: u64, start: i64) -> Story {
        match self {
            Self::Shop => Story {
                hours: shop::day(seed, start),
                live_from: shop::BEFORE,
                truth: Truth::without_incident(self, seed, start),
            },
            _ => telling::tell(self, seed, start),
        }
    }

    fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scenario {
    type Err = UnknownScenario;

    fn from_str(text: &str) -> Result<Self, UnknownScenario> {
        Self::ALL
            .into_iter()
            .find(|scenario| scenario.name() == text)
            .ok_or_else(|| UnknownScenario(text.to_owned()))
    }
}

#[cfg(test)]
mod tests;
