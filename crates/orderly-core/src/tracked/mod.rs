//! Is an issue tracked already? Six provers answer in order; only six times "absent" makes an [`AbsenceProof`].

mod alike;
mod decide;
pub mod fingerprint;
pub mod keys;
mod life;
mod proof;
mod provers;
pub mod stack;
#[cfg(test)]
mod tests;

pub use alike::Alike;
pub(crate) use alike::of_issues;
pub use decide::{CameBack, Judgement, Question, StackEvidence, Verdict, judge, signature};
pub use proof::{AbsenceProof, Finding, ProofRecord, Prover, ProverResult, SetAside, SetAsideBecause};
pub use provers::culprit;
