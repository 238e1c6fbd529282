//! `orderly mcp`: the same jobs for coding agents, over the Model Context Protocol.
//!
//! Reading order: [`run`] -> `desk` (which tool does what) -> `look` (searches), `details` (one issue), `backlog` (the
//! sync), `table` (triage), `repair` (fixes: a run on the `workbench`, whose agent is the client itself: `handover`), `incident`;
//! what previews found is kept by `plans`.

mod backlog;
mod desk;
mod details;
mod handover;
mod http;
mod incident;
mod look;
mod plans;
mod repair;
mod table;
mod workbench;

use super::scope::configure;
use crate::cli::{Global, Mcp};
use crate::failure::{Failure, Kind};
use crate::output::printer::Printer;
use desk::OrderlyDesk;
use orderly_serve::mcp::{Server, serve_stdio};
use std::process::ExitCode;
use std::sync::Arc;

/// Serves the client at standard input and output until it closes, or clients over HTTP until somebody ends it.
///
/// # Errors
/// A usage failure of the configuration, or a client that does not speak the protocol.
pub async fn run(global: &Global, mcp: Mcp, printer: Printer) -> Result<ExitCode, Failure> {
    let config = configure(global, mcp.scope, |_| {})?;
    let desk = Arc::new(OrderlyDesk::new(config, printer)?);
    let server = Server::new(desk.clone(), || *uuid::Uuid::new_v4().as_bytes());
    let served = match mcp.http {
        true => http::serve(&desk.config, server, mcp.port, printer).await,
        false => stdio(server).await,
    };
    desk.workbench.close().await;
    served.map(|()| ExitCode::SUCCESS)
}

async fn stdio(server: Server) -> Result<(), Failure> {
    serve_stdio(server).await.map_err(|error| {
        Failure::new(Kind::Incomplete, "the MCP server stopped")
            .because(&error)
            .hint("an MCP client starts it; `orderly mcp` by hand waits for JSON-RPC on standard input")
    })
}
