//! Is an issue tracked already? Six provers answer in order; only six times "absent" makes an [`AbsenceProof`].

mod decide;
pub mod fingerprint;
mod proof;
pub mod stack;
#[cfg(test)]
mod tests;

pub use decide::{Verdict, judge};
pub use proof::{AbsenceProof, Finding, ProofRecord, Prover, ProverResult};
