//! What a run tells people: the report, always, also when nothing qualified.
//!
//! [`Report`] is the documented JSON; [`Report::markdown`] renders the same content and nothing else.

mod build;
mod markdown;
mod model;
mod outcome;
#[cfg(test)]
mod tests;

pub use model::{
    HeldBack, IssueLine, ItemLine, LinkBackStatus, ProofLine, REPORT_VERSION, Report, ReportKind, Row,
    RowResult, SkippedGroup, Totals, UnsentRow,
};
pub use outcome::{ItemOutcome, LinkBackOutcome, WriteOutcome};
