//! The web API over real HTTP, on an ephemeral store.

mod access;
mod changes;
mod committers;
mod harness;
mod releases;
mod shapes;
mod writes;
