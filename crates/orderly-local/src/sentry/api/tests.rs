//! The web API over real HTTP, on an ephemeral store.

mod access;
mod committers;
mod harness;
mod releases;
mod shapes;
mod writes;
