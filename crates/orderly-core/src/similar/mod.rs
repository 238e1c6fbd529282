//! Is this error like one that is known? Reports go into an [`Index`]; asked with another report it answers with ranked
//! candidates.

mod index;
mod report;

pub use index::{Candidate, Index};
pub use report::{Frame, Report, Thrown};
