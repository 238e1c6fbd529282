//! One listening server on 127.0.0.1: binding, serving, stopping.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::error::LocalError;
use crate::knobs::{self, Knobs};

/// How long a stop waits for requests that are being handled.
const GRACE: Duration = Duration::from_secs(2);

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

/// Serves the router with the knobs in front of everything.
pub(super) fn serve(bound: Bound, router: Router, knobs: &Knobs) -> Running {
    let router = router.layer(from_fn_with_state(knobs.clone(), knobs::apply));
    // Small answers go out at once: waiting to fill a packet would add 40 ms to every exchange.
    let listener = bound.listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection stays without TCP_NODELAY");
        }
    });
    let (shutdown, asked) = oneshot::channel::<()>();
    let served = axum::serve(listener, router).with_graceful_shutdown(async {
        // A dropped sender means the same as a message: nobody wants this server any more.
        let _ = asked.await;
    });
    let task = tokio::spawn(async move { served.await });
    Running { side: bound.side, shutdown: Some(shutdown), task }
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
