//! What is weighed, and what comes out.

use crate::sync::snapshot::Issue;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// An issue as it is weighed.
#[derive(Clone, Copy, Debug)]
pub struct Weighed<'a> {
    /// The issue.
    pub issue: &'a Issue,
    /// Events a day over the window, oldest first, today last; empty when not answered.
    pub daily: &'a [u64],
    /// Since when the current release of its project is there, when that is known.
    pub current_release: Option<Timestamp>,
}

/// What a part of a score is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// Users in the window.
    Users,
    /// Events in the window.
    Events,
    /// More events lately than before.
    Trend,
    /// Severity.
    Level,
    /// First seen in the current release.
    New,
    /// Was resolved, or escalates.
    Back,
}

impl Factor {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 6] = [Self::Users, Self::Events, Self::Trend, Self::Level, Self::New, Self::Back];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Events => "events",
            Self::Trend => "trend",
            Self::Level => "level",
            Self::New => "new",
            Self::Back => "back",
        }
    }
}

/// Points that each factor gives at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weights {
    /// At 10,000 users.
    pub users: u32,
    /// At 100,000 events.
    pub events: u32,
    /// At eight times as many events a day as before.
    pub trend: u32,
    /// At level fatal.
    pub level: u32,
    /// First seen in the current release.
    pub new: u32,
    /// Regressed.
    pub back: u32,
}

impl Default for Weights {
    fn default() -> Self {
        Self { users: 30, events: 20, trend: 15, level: 10, new: 15, back: 10 }
    }
}

impl Weights {
    /// The weight of a factor.
    pub const fn of(&self, factor: Factor) -> u32 {
        match factor {
            Factor::Users => self.users,
            Factor::Events => self.events,
            Factor::Trend => self.trend,
            Factor::Level => self.level,
            Factor::New => self.new,
            Factor::Back => self.back,
        }
    }
}

/// Points for one factor, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Factor.
    pub factor: Factor,
    /// Points.
    pub points: u32,
    /// Why, in words.
    pub because: String,
}

/// How much an issue weighs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Sum of the parts.
    pub total: u32,
    /// Parts with points, in the order of [`Factor::ALL`].
    pub parts: Vec<Part>,
}

impl Score {
    /// `46: users 19 (74 users), events 12 (950 events), level 6 (error)`.
    pub fn words(&self) -> String {
        let parts: Vec<String> =
            self.parts.iter().map(|p| format!("{} {} ({})", p.factor.word(), p.points, p.because)).collect();
        if parts.is_empty() {
            self.total.to_string()
        } else {
            format!("{}: {}", self.total, parts.join(", "))
        }
    }
}
