//! The embedded tracker: Linear's GraphQL interface on `POST /graphql`, over SQLite, and pages to read for people.
//!
//! A request passes `server` (who, how often, how costly), `gate` (is the document acceptable), `run` (its root
//! fields, then its answer). Queries are answered by `query` with `filter`, `page` and `search`; mutations are decided
//! by `mutate` as a list of changes, committed by `store`, applied to `world`; `render` lays records out as the
//! objects of the schema in `schema/`.

mod access;
mod behaviour;
mod call;
mod complexity;
mod filter;
mod gate;
mod http;
mod limits;
mod markdown;
mod model;
mod mutate;
mod page;
mod pages;
mod problem;
mod query;
mod render;
mod run;
mod scene;
#[cfg(test)]
mod schema_tests;
mod search;
mod seed;
mod server;
mod store;
mod world;

pub use access::Access;
pub use behaviour::{Behaviour, RepeatedIds};
pub use http::Tracker;
pub use limits::Limits;
pub use seed::TrackerSeed;
