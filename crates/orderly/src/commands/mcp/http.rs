//! `orderly mcp --http`: the token, the address, and serving until somebody ends it.

use crate::commands::interrupted;
use crate::commands::reports::{private_dir, write_private};
use crate::config::Config;
use crate::failure::{Failure, Kind};
use crate::output::printer::{Format, Printer};
use orderly_serve::mcp::{PATH, Server, serve_http};
use secrecy::SecretString;
use serde_json::json;
use std::path::Path;
use tokio::net::TcpListener;

/// The variable that may hold the token.
const VARIABLE: &str = "ORDERLY_MCP_TOKEN";

/// The least characters of a token that is no guess.
const LEAST: usize = 32;

/// Serves clients on a port of this machine.
///
/// # Errors
/// A token that is none, a port that is taken.
pub(super) async fn serve(
    config: &Config,
    server: Server,
    port: u16,
    printer: Printer,
) -> Result<(), Failure> {
    let (token, place) = token(config)?;
    let taken = |error: std::io::Error| {
        Failure::new(Kind::Usage, format!("port {port} of this machine cannot be served"))
            .because(&error)
            .hint("choose another one with --port, or 0")
    };
    let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(taken)?;
    let address = listener.local_addr().map_err(taken)?;
    let url = format!("http://{address}{PATH}");
    match printer.format() {
        Format::Json => printer.json(&json!({"url": url, "token": place}))?,
        Format::Text => printer.data(&format!("{url}\nAuthorization: Bearer, with the token of {place}"))?,
    }
    serve_http(server, listener, token, interrupted())
        .await
        .map_err(|error| Failure::new(Kind::Incomplete, "the MCP server stopped").because(&error))
}

/// The token and where it is: the environment, or a file that only its owner reads, made on first use.
fn token(config: &Config) -> Result<(SecretString, String), Failure> {
    if let Ok(token) = std::env::var(VARIABLE) {
        return checked(&token, VARIABLE).map(|token| (token, VARIABLE.to_owned()));
    }
    let path = config.state_dir().join("mcp-token");
    let lost = |error: &std::io::Error| {
        Failure::new(Kind::Incomplete, format!("{} cannot be kept", path.display())).because(error)
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let text = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
            let dir = path.parent().unwrap_or(Path::new("."));
            private_dir(dir).and_then(|()| write_private(&path, &text)).map_err(|error| lost(&error))?;
            text
        }
        Err(error) => return Err(lost(&error)),
    };
    let place = path.display().to_string();
    checked(text.trim(), &place).map(|token| (token, place))
}

fn checked(token: &str, place: &str) -> Result<SecretString, Failure> {
    if token.len() >= LEAST && token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(SecretString::from(token));
    }
    Err(Failure::new(
        Kind::Usage,
        format!("the token of {place} is none: {LEAST} visible characters or more"),
    )
    .hint("`openssl rand -hex 32` makes one"))
}
