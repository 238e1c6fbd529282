//! Questions about single events, transactions and spans: which columns, which aggregates, which of them.
//!
//! Pure: [`Field`] reads what a client lists, [`filter::compile`] reads what it searches for; both become SQL over one
//! table that is called `event` in the statement, every value bound. `store::explore` runs the statements.
//! Reading order: [`dataset`], [`column`], [`function`], [`field`], [`boolean`], [`filter`], [`outcome`].

pub mod boolean;
pub mod column;
pub mod dataset;
pub mod error;
pub mod field;
pub mod filter;
pub mod function;
pub mod outcome;

#[cfg(test)]
mod tests;

pub use dataset::Dataset;
pub use error::ExploreError;
pub use field::Field;
