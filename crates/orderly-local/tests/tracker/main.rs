//! The tracker over real HTTP, as a client of Linear would meet it.

mod creating;
mod drift;
mod finding;
mod lifecycle;
mod limits;
mod linking;
mod persistence;
mod refusals;
mod workspace;
mod world;
