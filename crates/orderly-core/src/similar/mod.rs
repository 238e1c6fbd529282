//! Is this error like one that is known?
//!
//! - [`report`]: an error, and an item that a person wrote, as they come.
//! - [`signature`]: what of them is compared. [`corpus`]: how common each part is among what is known.
//! - [`score()`]: how alike two signatures are, and what each part of them contributed.
//! - [`Index`]: known items, asked with a report; it answers with ranked candidates.

pub mod corpus;
pub mod index;
pub mod report;
pub mod score;
pub mod signature;
#[cfg(test)]
mod tests;

pub use corpus::Corpus;
pub use index::{Candidate, Index};
pub use report::{Frame, Report, Thrown, WrittenItem};
pub use score::{Evidence, Explanation, Score, explain, score};
pub use signature::{Key, Signature};
