//! Issues over real HTTP: events go in by the ingest endpoint, everything else by the web API.

mod around;
mod changes;
mod events;
mod list;
mod plan;
mod search;
mod shape;
mod world;
