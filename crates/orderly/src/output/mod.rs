//! Everything that is printed goes through here: data to stdout, everything else to stderr.

pub mod printer;
pub mod progress;
pub mod style;
pub mod table;
pub mod terminal;
