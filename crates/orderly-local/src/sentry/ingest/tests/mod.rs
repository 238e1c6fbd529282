//! Ingest over real HTTP: what SDKs send, what becomes of it, what it does to issues.

mod filing;
mod prepared;
mod sdk;
mod states;
mod wire;
pub(crate) mod world;
