//! The official clients, unmodified, against the embedded servers: what each one prints and how it ends.
//!
//! They are installed by `cargo xtask setup`, in the versions of `tests/clients/` at the root of the repository.

mod client;
mod linear_sdk;
mod mcp;
mod pages;
mod sdk_node;
mod sdk_python;
mod sentry_cli_npm;
mod sentry_cli_rust;
mod shop;
mod world;
