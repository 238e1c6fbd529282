//! Builders, a seeded world and the simulator that drives the real sync core. Tests only.
//!
//! - [`dice`]: where every choice of a schedule comes from: a seed, or a script for exhaustive enumeration.
//! - [`world`]: a Sentry, a tracker, people and a ledger, all in memory and deterministic.
//! - [`ports`]: the same world behind the engine's ports, for tests of the jobs.
//! - [`sim`]: runs of the real core in that world, with lost, late, repeated and reordered replies, crashes, lost
//!   commits, two runners, rate limits and clock jumps; its checks; and the planted bugs that it must find.

pub mod dice;
pub mod ports;
pub mod sim;
pub mod world;
