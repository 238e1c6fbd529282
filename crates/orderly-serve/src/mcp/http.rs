//! Over HTTP on this machine: every request bears a token, and names this machine as its host and, from a browser, as its
//! origin.

use super::server::Server;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use secrecy::{ExposeSecret, SecretString};
use std::io;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;

/// Where the protocol is spoken.
pub const PATH: &str = "/mcp";

/// Serves clients until `stop` resolves; what they have begun is answered first.
///
/// # Errors
/// When the listener can be reached from other machines, or is lost.
pub async fn serve_http(
    server: Server,
    listener: TcpListener,
    token: SecretString,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{address} can be reached from other machines; only this one is served"),
        ));
    }
    let here = [address.to_string(), format!("localhost:{}", address.port())];
    let origins = here.clone().map(|host| format!("http://{host}"));
    let config = StreamableHttpServerConfig::default().with_allowed_hosts(here).with_allowed_origins(origins);
    let sessions = config.cancellation_token.clone();
    let service = StreamableHttpService::new(
        move || Ok(server.clone()),
        Arc::new(LocalSessionManager::default()),
        config,
    );
    let app = Router::new()
        .route_service(PATH, service)
        .layer(middleware::from_fn_with_state(Arc::new(token), bearing));
    let stopped = async move {
        stop.await;
        // Streams that wait for something to be said would keep the server up for ever.
        sessions.cancel();
    };
    axum::serve(listener, app).with_graceful_shutdown(stopped).await
}

/// Lets a request through that bears the token.
async fn bearing(State(token): State<Arc<SecretString>>, request: Request, next: Next) -> Response {
    let borne = request.headers().get(header::AUTHORIZATION).map(header::HeaderValue::as_bytes);
    let borne = borne.and_then(|value| value.strip_prefix(b"Bearer ")).unwrap_or_default();
    if bool::from(borne.ct_eq(token.expose_secret().as_bytes())) {
        return next.run(request).await;
    }
    let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
    (StatusCode::UNAUTHORIZED, challenge, "this server wants its token\n").into_response()
}
