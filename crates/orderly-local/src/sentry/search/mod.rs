//! The issue search: `is:unresolved !level:info age:-24h error.type:[TypeError, KeyError] "some text"`.
//!
//! [`parse`] turns the text into a [`Query`] without looking at any data; [`compile`] turns that into one SQL
//! condition over the table `issue`, every value bound, never spliced. Reading order: [`lexer`], [`key`],
//! [`value`], [`query`], [`compile`].
//!
//! A search speaks about issues: `release:1.0 os:linux` asks for issues that have been seen in 1.0 and have been
//! seen on Linux, not necessarily in the same event. `!key:value` asks for issues with at least one event that
//! does not have the value.

pub mod compile;
mod error;
pub mod event;
pub mod fragment;
pub mod key;
mod lexer;
mod parse;
pub mod query;
pub mod terms;
pub mod value;

#[cfg(test)]
mod tests;

pub use compile::{Scope, compile};
pub use error::SearchError;
pub use event::compile_for_events;
pub use fragment::{Bind, Fragment};
pub use parse::parse;
pub use query::{Filter, Polarity, Query, Term};
