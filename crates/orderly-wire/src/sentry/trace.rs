//! A trace, and what an investigation reads of one event.

use super::tolerant;
use serde::Deserialize;

/// A span of a trace, with those that are part of it. Errors stand between them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct TraceItem {
    /// `span` or `error`; others are left alone.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub event_type: String,
    /// Slug of its project.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub project_slug: String,
    /// The transaction that it is part of.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub transaction: String,
    /// Operation.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub op: String,
    /// What it did.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub description: String,
    /// How it ended, where the server says so.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub status: String,
    /// When it began, in seconds since 1970.
    #[serde(default)]
    pub start_timestamp: f64,
    /// When it ended.
    #[serde(default)]
    pub end_timestamp: f64,
    /// Whether it is a transaction itself.
    #[serde(default, deserialize_with = "tolerant::flag")]
    pub is_transaction: bool,
    /// What it holds.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub children: Vec<TraceItem>,
}

/// An event of a list that was asked for whole: its trace and where it came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct SampledEvent {
    /// Who met it.
    #[serde(default, deserialize_with = "tolerant::part_or_default")]
    pub user: SampledUser,
    /// Contexts.
    #[serde(default, deserialize_with = "tolerant::part_or_default")]
    pub contexts: SampledContexts,
}

/// Who met an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct SampledUser {
    /// Id.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub id: Option<String>,
    /// Address.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub ip_address: Option<String>,
}

/// The contexts that are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct SampledContexts {
    /// Its place in a trace.
    #[serde(default, deserialize_with = "tolerant::part_or_default")]
    pub trace: SampledTrace,
}

/// A place in a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct SampledTrace {
    /// The trace.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub trace_id: Option<String>,
}
