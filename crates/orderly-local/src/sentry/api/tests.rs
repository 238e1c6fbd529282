//! The web API over real HTTP, on an ephemeral store.

mod access;
mod harness;
mod releases;
mod shapes;
mod writes;
