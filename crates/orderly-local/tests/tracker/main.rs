//! The tracker over real HTTP, as a client of Linear would meet it.

mod creating;
mod drift;
mod finding;
mod lifecycle;
mod limits;
mod linking;
mod pages;
mod persistence;
mod refusals;
mod workspace;
#[expect(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]
mod world;
