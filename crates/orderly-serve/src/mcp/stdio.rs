//! Over standard input and output, as clients start a server.

use super::server::Server;
use rmcp::ServiceExt as _;

/// The server ended before its client did.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The two could not agree on how to speak.
    #[error("the client and this server did not agree on how to speak")]
    Start(#[source] Box<rmcp::service::ServerInitializeError>),
    /// The server's task was lost.
    #[error("the server stopped in the middle of its work")]
    Lost(#[source] tokio::task::JoinError),
}

/// Serves the client at the other end until it closes.
///
/// # Errors
/// When it does not speak the protocol.
pub async fn serve_stdio(server: Server) -> Result<(), ServeError> {
    let running =
        server.serve(rmcp::transport::stdio()).await.map_err(|error| ServeError::Start(Box::new(error)))?;
    running.waiting().await.map(drop).map_err(ServeError::Lost)
}
