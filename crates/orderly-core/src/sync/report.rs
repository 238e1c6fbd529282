//! What a run tells people: the report, always, also when nothing qualified.

mod outcome;

pub use outcome::{ItemOutcome, LinkBackOutcome, WriteOutcome};
