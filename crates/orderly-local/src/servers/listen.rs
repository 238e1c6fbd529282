//! One listening server on 127.0.0.1: binding, serving, stopping.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tower_service::Service;

use crate::error::LocalError;
use crate::knobs::{self, Knobs};

/// How long a stop waits for requests that are being handled.
const GRACE: Duration = Duration::from_secs(2);

/// Connections that are open at the same time; more wait to be accepted until one ends.
const MOST_CONNECTIONS: usize = 16_000;

/// How long a connection may be open without sending the head of a request: longer than clients keep idle ones.
const HEAD_WITHIN: Duration = Duration::from_secs(120);

/// Bytes that are read from a connection before they are wanted, and the longest head of a request.
const READ_AHEAD: usize = 32 << 10;

/// How long accepting rests after the system refused it, as it does when too many files are open.
const REST: Duration = Duration::from_millis(50);

/// A port that is taken and not served yet.
#[derive(Debug)]
pub(super) struct Bound {
    side: &'static str,
    listener: TcpListener,
    address: SocketAddr,
}

impl Bound {
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Takes a port of 127.0.0.1; 0 takes any free one.
pub(super) async fn bind(side: &'static str, port: u16) -> Result<Bound, LocalError> {
    let failed = |source| LocalError::Bind { side, port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok(Bound { side, listener, address })
}

/// A server that answers.
#[derive(Debug)]
pub(super) struct Running {
    side: &'static str,
    shutdown: Option<oneshot::Sender<()>>,
    task: JoinHandle<std::io::Result<()>>,
}

/// What answers the requests of one side; it is always ready.
pub(super) trait Answers:
    Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static
{
}

impl<S> Answers for S where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// Serves, with the knobs in front of everything, if there are any.
pub(super) fn serve(bound: Bound, answers: impl Answers, knobs: Option<&Knobs>) -> Running {
    let (shutdown, asked) = oneshot::channel::<()>();
    let task = match knobs {
        Some(knobs) => {
            let knobs = from_fn_with_state(knobs.clone(), knobs::apply);
            let steered = Router::new().fallback_service(answers).layer(knobs);
            tokio::spawn(accept(bound.listener, steered, asked))
        }
        None => tokio::spawn(accept(bound.listener, answers, asked)),
    };
    Running { side: bound.side, shutdown: Some(shutdown), task }
}

/// Accepts until it is asked to stop, and then waits for the requests that are being handled.
async fn accept(
    listener: TcpListener,
    answers: impl Answers,
    mut asked: oneshot::Receiver<()>,
) -> std::io::Result<()> {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    // Aborts what it holds when it is dropped.
    let mut connections = JoinSet::new();
    loop {
        let place = Arc::clone(&room).acquire_owned().await.map_err(std::io::Error::other)?;
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // A dropped sender means the same as a message: nobody wants this server any more.
            _ = &mut asked => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) => {
                let connection = connection(stream, answers.clone(), &graceful);
                connections.spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(REST).await;
            }
        }
    }
    drop(listener);
    graceful.shutdown().await;
    Ok(())
}

fn connection<A: Answers>(
    stream: TcpStream,
    answers: A,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + Send + use<A> {
    // Small answers go out at once: waiting to fill a packet would add 40 ms to every exchange.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection stays without TCP_NODELAY");
    }
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN).max_buf_size(READ_AHEAD);
    let service = service_fn(move |request| answers.clone().call(Request::map(request, Body::new)));
    let served = builder.serve_connection(TokioIo::new(stream), service);
    let watched = graceful.watch(served);
    async move {
        if let Err(error) = watched.await {
            tracing::debug!(%error, "a connection ended badly");
        }
    }
}

impl Running {
    /// Stops accepting, waits a moment for requests that are being handled, then cuts the rest off.
    pub(super) async fn stop(mut self) -> Result<(), LocalError> {
        drop(self.shutdown.take());
        if let Ok(ended) = tokio::time::timeout(GRACE, &mut self.task).await {
            return outcome(self.side, ended);
        }
        self.task.abort();
        let _ = (&mut self.task).await;
        Ok(())
    }

    /// Resolves when the server stops on its own.
    pub(super) async fn ended(&mut self) -> Result<(), LocalError> {
        let ended = (&mut self.task).await;
        outcome(self.side, ended)?;
        Err(LocalError::Stopped { side: self.side, reason: "nobody asked it to".to_owned() })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn outcome(
    side: &'static str,
    ended: Result<std::io::Result<()>, tokio::task::JoinError>,
) -> Result<(), LocalError> {
    let stopped = |reason: String| LocalError::Stopped { side, reason };
    ended.map_err(|error| stopped(error.to_string()))?.map_err(|error| stopped(error.to_string()))
}
