//! What Sentry and Linear say on the wire, and nothing else: shapes, encodings and texts.
//!
//! - [`sentry`]: DSN, envelope, Link header, and the JSON of the web API.
//! - [`linear`]: GraphQL documents, the shapes they answer with, and how errors look.
//!
//! Never here: HTTP, decisions.

pub mod linear;
pub mod sentry;
