//! One form for what compilers, bundlers, runtimes and people write in many: so that equal things compare equal.
//!
//! - [`platform`]: whose habits a name follows.
//! - [`frame`]: stack frames without hashes, counters, generics and build directories.
//! - [`message`]: messages without what varies. [`title`]: titles, from Sentry or from people.
//! - [`pasted`]: stack traces that people pasted into text.
//!
//! Every function here takes any text and takes time linear in it. Normal forms of messages and titles are normal
//! forms of themselves.

pub mod frame;
pub mod message;
pub mod pasted;
pub mod platform;
pub mod title;
