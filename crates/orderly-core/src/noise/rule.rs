//! The rules by name, in the order in which they are asked.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A rule that calls an issue noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A commit on HEAD names the issue as fixed, or changed the line that crashed.
    FixedOnHead,
    /// It stayed away since a newer release, longer than luck explains.
    GoneInNewerRelease,
    /// Level below error.
    Level,
    /// Not seen for a week.
    Stale,
    /// One event, and not seen since.
    Fluke,
    /// Only in environments of developers and tests.
    NotProduction,
    /// Code of a browser extension, or what an app around the page injected.
    BrowserExtension,
    /// Code of a known third-party script.
    ThirdPartyScript,
    /// `Script error.`: the browser hides what happened.
    OpaqueScript,
    /// Bots and crawlers.
    Bot,
    /// Requests that somebody gave up waiting for.
    Cancelled,
    /// A browser or app that lost its network.
    ClientNetwork,
    /// Memory ran out.
    OutOfMemory,
    /// Disks and devices.
    Hardware,
    /// One person, one device or one installation.
    OneInstallation,
}

impl Rule {
    /// All of them, in order.
    pub const ALL: [Self; 15] = [
        Self::FixedOnHead,
        Self::GoneInNewerRelease,
        Self::Level,
        Self::Stale,
        Self::Fluke,
        Self::NotProduction,
        Self::BrowserExtension,
        Self::ThirdPartyScript,
        Self::OpaqueScript,
        Self::Bot,
        Self::Cancelled,
        Self::ClientNetwork,
        Self::OutOfMemory,
        Self::Hardware,
        Self::OneInstallation,
    ];

    /// Its name in configuration and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FixedOnHead => "fixed-on-head",
            Self::GoneInNewerRelease => "gone-in-newer-release",
            Self::Level => "level",
            Self::Stale => "stale",
            Self::Fluke => "fluke",
            Self::NotProduction => "not-production",
            Self::BrowserExtension => "browser-extension",
            Self::ThirdPartyScript => "third-party-script",
            Self::OpaqueScript => "opaque-script",
            Self::Bot => "bot",
            Self::Cancelled => "cancelled",
            Self::ClientNetwork => "client-network",
            Self::OutOfMemory => "out-of-memory",
            Self::Hardware => "hardware",
            Self::OneInstallation => "one-installation",
        }
    }

    /// The rule of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
