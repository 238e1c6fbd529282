//! Refuses requests that name another host than this machine, or that pages of others send: a web page that rebinds
//! its DNS name to 127.0.0.1 arrives with its own name in `Host`, and any page with its own in `Origin`.

use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::ApiError;

/// Middleware: 403 unless `Host` is a loopback name, with any port.
pub async fn loopback_only(request: Request, next: Next) -> Response {
    match check_host(&request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Whether `Host` is a loopback name, with any port.
///
/// # Errors
/// When it is not.
pub fn check_host(request: &Request) -> Result<(), ApiError> {
    let host = request.headers().get(HOST).and_then(|value| value.to_str().ok());
    if host.is_some_and(is_loopback) {
        return Ok(());
    }
    Err(ApiError::Refused("This server answers to the host names 127.0.0.1 and localhost only.".to_owned()))
}

/// Middleware for everything but ingest: 403 when the request comes from a page that this machine does not serve.
pub async fn own_pages_only(request: Request, next: Next) -> Response {
    let mut origins = request.headers().get_all(ORIGIN).iter();
    if origins.all(|origin| origin.to_str().is_ok_and(is_own_origin)) {
        next.run(request).await
    } else {
        ApiError::Refused("Pages of other hosts may send events here, and nothing else.".to_owned())
            .into_response()
    }
}

/// Whether an `Origin` value is a page of this machine.
fn is_own_origin(origin: &str) -> bool {
    origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")).is_some_and(is_loopback)
}

/// Whether a `Host` value names this machine.
pub fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => return matches!(rest.split_once(']'), Some(("::1", port)) if is_port_suffix(port)),
        None => match host.split_once(':') {
            Some((_, port)) if !is_port(port) => return false,
            Some((name, _)) => name,
            None => host,
        },
    };
    name == "127.0.0.1" || name.eq_ignore_ascii_case("localhost")
}

fn is_port_suffix(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(is_port)
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::{is_loopback, is_own_origin};

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for host in ["127.0.0.1", "127.0.0.1:9000", "localhost", "LOCALHOST:1", "[::1]", "[::1]:80"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in
            ["", "evil.example", "127.0.0.1.evil.example", "localhost.evil:80", "127.0.0.1:x", "[::1]x"]
        {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn only_pages_of_this_machine_are_its_own() {
        for origin in ["http://127.0.0.1:9000", "http://localhost", "https://localhost:8443"] {
            assert!(is_own_origin(origin), "{origin}");
        }
        for origin in
            ["null", "", "https://evil.example", "http://127.0.0.1.evil.example", "file://127.0.0.1"]
        {
            assert!(!is_own_origin(origin), "{origin}");
        }
    }
}
