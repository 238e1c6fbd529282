//! One story of a ledger, told in memory, on a SQLite file and on PostgreSQL.
//!
//! - [`stories`]: what every ledger does; `stories::of_one` needs nothing but the port, `stories::of_a_place` opens the
//!   same ledger several times and damages it.
//! - `sqlite` and `postgres`: the databases, and what only one of them can suffer.

#![expect(
    clippy::unwrap_used,
    reason = "a story that cannot go on has failed; clippy knows tests only by their attribute"
)]

mod entries;
mod place;
mod postgres;
mod postgres_server;
mod sqlite;
mod stories;
mod wire;
