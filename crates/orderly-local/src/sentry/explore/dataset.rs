//! What can be asked about.

use std::str::FromStr;

use super::error::ExploreError;
use crate::sentry::search::Fragment;

/// A kind of stored thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dataset {
    /// Error events.
    Errors,
    /// Transactions: the outermost spans.
    Transactions,
    /// Every span, transactions included.
    Spans,
    /// Something that clients ask about and this server takes but does not keep: there is none of it.
    Absent,
}

impl Dataset {
    /// The word in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Errors => "errors",
            Self::Transactions => "transactions",
            Self::Spans => "spans",
            Self::Absent => "logs",
        }
    }

    /// `table AS event`
    pub(crate) const fn source(self) -> &'static str {
        match self {
            Self::Errors | Self::Absent => "event",
            Self::Transactions | Self::Spans => "span AS event",
        }
    }

    /// The condition that holds for all of its rows.
    pub(crate) fn condition(self) -> Fragment {
        match self {
            Self::Errors | Self::Spans => Fragment::new("1"),
            Self::Transactions => Fragment::new("event.is_segment = 1"),
            Self::Absent => Fragment::new("0"),
        }
    }

    /// Whether rows have a duration.
    pub const fn is_timed(self) -> bool {
        matches!(self, Self::Transactions | Self::Spans)
    }
}

impl FromStr for Dataset {
    type Err = ExploreError;

    fn from_str(text: &str) -> Result<Self, ExploreError> {
        Ok(match text {
            "errors" | "discover" | "events" | "issuePlatform" => Self::Errors,
            "transactions" | "metricsEnhanced" | "metrics" | "generic_metrics" => Self::Transactions,
            "spans" | "spansMetrics" | "spansIndexed" | "events_analytics_platform" => Self::Spans,
            "logs" | "ourlogs" | "profiles" | "profile_functions" | "tracemetrics" | "uptime_results"
            | "replays" => Self::Absent,
            other => return Err(ExploreError::UnknownDataset(other.to_owned())),
        })
    }
}
