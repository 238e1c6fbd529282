//! Surfaces for programs. They show what the jobs decided and did; they decide nothing themselves.
//!
//! - [`mcp`]: the tools, prompts and resources that a coding agent gets, over a [`mcp::Desk`] that answers.

#![forbid(unsafe_code)]

pub mod mcp;
