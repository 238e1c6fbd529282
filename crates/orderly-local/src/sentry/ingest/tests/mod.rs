//! Ingest over real HTTP: what SDKs send, what becomes of it, what it does to issues.

mod dictionary;
mod filing;
mod hurt;
mod journal;
mod prepared;
mod retention;
mod sdk;
mod states;
mod wire;
pub(crate) mod world;
