//! Sends requests as fast as they are answered, or at a pace, over connections that are kept.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::answer::Answer;

/// Connections that send at the same time.
const CONNECTIONS: usize = 24;

/// Where requests go.
#[derive(Clone)]
pub struct Target {
    /// The server.
    pub address: SocketAddr,
    /// Path and query of the envelope endpoint.
    pub path: String,
}

/// One kept connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Target {
    /// A whole request with an envelope.
    pub fn request(&self, body: &[u8]) -> Vec<u8> {
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/x-sentry-envelope\r\ncontent-length: {}\r\n\r\n",
            self.path,
            self.address,
            body.len()
        );
        [head.as_bytes(), body].concat()
    }
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn open(address: SocketAddr) -> Result<Self> {
        Self::open_for(address, Duration::from_secs(30))
    }

    /// Connects, to wait so long for answers.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn open_for(address: SocketAddr, patience: Duration) -> Result<Self> {
        let stream = TcpStream::connect(address).with_context(|| format!("nobody listens at {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(patience))?;
        Ok(Self { stream, buffer: vec![0; 64 << 10] })
    }

    /// Sends a request and reads its answer: the status and the body.
    ///
    /// # Errors
    /// When the connection breaks.
    pub fn ask(&mut self, request: &[u8]) -> Result<(u16, Vec<u8>)> {
        self.stream.write_all(request)?;
        let mut answer = Answer::default();
        loop {
            let read = self.stream.read(&mut self.buffer)?;
            ensure!(read > 0, "the connection was closed");
            if let Some(whole) = answer.take(&self.buffer[..read])? {
                return Ok(whole);
            }
        }
    }
}

/// Sends all of them as fast as they are answered, and then does what is left; how many a second were taken and done
/// with. One thread sends over all connections, because what sending costs is taken from the server on the same machine.
///
/// # Errors
/// When one is not taken.
pub fn saturate(target: &Target, bodies: &[Vec<u8>], then: impl FnOnce() -> Result<()>) -> Result<f64> {
    let requests: Vec<Vec<u8>> = bodies.iter().map(|body| target.request(body)).collect();
    let next = AtomicUsize::new(0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let started = Instant::now();
    let sending = (0..CONNECTIONS).map(|_| send_next(target.address, &requests, &next));
    runtime.block_on(futures::future::try_join_all(sending))?;
    then()?;
    Ok(f64::from(u32::try_from(bodies.len())?) / started.elapsed().as_secs_f64())
}

/// Sends the next one over a connection of its own, until there is none.
async fn send_next(address: SocketAddr, requests: &[Vec<u8>], next: &AtomicUsize) -> Result<()> {
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 16 << 10];
    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
        stream.write_all(request).await?;
        let mut answer = Answer::default();
        let whole = loop {
            let read = stream.read(&mut buffer).await?;
            ensure!(read > 0, "the connection was closed");
            if let Some(whole) = answer.take(&buffer[..read])? {
                break whole;
            }
        };
        taken(whole)?;
    }
    Ok(())
}

/// Sends them at so many a second, whether or not those before were answered; how long each waited from its time on.
///
/// # Errors
/// When one is not taken.
pub fn paced(target: &Target, bodies: &[Vec<u8>], rate: f64) -> Result<Vec<Duration>> {
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    on_connections(target, |connection| {
        let mut waits = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(body) = bodies.get(number) else { return Ok(waits) };
            let due = started + Duration::from_secs_f64(f64::from(u32::try_from(number)?) / rate);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            taken(connection.ask(&target.request(body))?)?;
            waits.push(due.elapsed());
        }
    })
}

fn taken((status, body): (u16, Vec<u8>)) -> Result<()> {
    if !(200..300).contains(&status) {
        bail!("an envelope was answered with {status}: {}", String::from_utf8_lossy(&body));
    }
    Ok(())
}

fn on_connections<T: Send>(
    target: &Target,
    work: impl Fn(&mut Connection) -> Result<Vec<T>> + Sync,
) -> Result<Vec<T>> {
    let mut connections =
        (0..CONNECTIONS).map(|_| Connection::open(target.address)).collect::<Result<Vec<_>>>()?;
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            connections.iter_mut().map(|connection| scope.spawn(|| work(connection))).collect();
        let mut all = Vec::new();
        for thread in threads {
            match thread.join() {
                Ok(done) => all.extend(done?),
                Err(_) => bail!("a sender panicked"),
            }
        }
        Ok(all)
    })
}

/// The value below which this share of the durations lies.
pub fn percentile(mut spans: Vec<Duration>, share: f64) -> Duration {
    spans.sort_unstable();
    let last = spans.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index"
    )]
    let at = (last as f64 * share).round() as usize;
    spans.get(at).copied().unwrap_or_default()
}
