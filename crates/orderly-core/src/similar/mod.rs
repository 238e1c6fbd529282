//! Is this error like one that is known?
//!
//! - [`report`]: an error, and an item that a person wrote, as they come.
//! - [`signature`]: what of them is compared, in `parts`. [`corpus`]: how common each part is among what is known.
//! - [`score()`]: how alike two signatures are, and why; from `stack` and `text`, by the numbers in [`weights`].
//! - [`Index`]: known items, asked with a report; it answers with ranked candidates.

pub mod corpus;
pub mod index;
mod parts;
pub mod report;
pub mod score;
pub mod signature;
mod stack;
#[cfg(test)]
mod tests;
mod text;
pub mod weights;

pub use corpus::{Commonness, Corpus, Together};
pub use index::{Candidate, Index, Order};
pub use parts::Key;
pub use report::{Frame, Report, Thrown, WrittenItem};
pub use score::{Explanation, MatchedFrame, Parts, Score, explain, score, text_likeness};
pub use signature::{Facts, PlacedFrame, Signature};
