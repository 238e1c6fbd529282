//! From the evidence of a crash to a diagnosis in a few sentences, each citing what it rests on.
//!
//! Reading order: [`Evidence`] (`evidence.rs`: what the latest event tells) -> [`diagnose`] (`decide.rs`: the sentences) ->
//! [`Family`] (`family.rs`: kinds of failure and what usually cures them), told by the rules in `rules.rs` and `rules/` ->
//! [`Diagnosis`] (`diagnosis.rs`). [`EventWords`] (`words.rs`) writes what an event said for every surface.

mod decide;
mod diagnosis;
mod doing;
mod evidence;
mod family;
mod rules;
#[cfg(test)]
mod tests;
mod words;

pub use decide::diagnose;
pub use diagnosis::{About, Bullet, Cite, Diagnosis, Remedy, Said, Verdict};
pub use evidence::{
    Breadcrumb, Bundle, Evidence, Exception, Frame, FrameOrigin, Handled, Mechanism, Position, Request,
    SourceLine, Surroundings,
};
pub use family::Family;
pub(crate) use rules::family_of_words;
pub use rules::{Found, family_of};
pub use words::EventWords;
