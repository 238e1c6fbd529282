//! What decompression bombs and idle connections cost in memory.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::load::Connection;
use super::peers::Server;
use crate::program::Program;
use crate::start::milliseconds;
use crate::table::Row;

const BOMBS: usize = 64;
const BOMBS_MIB: f64 = 96.0;
const IDLE: usize = 10_000;
/// What a bomb unpacks to: more than the largest envelope.
const UNPACKED: u64 = 220 << 20;

/// Sends bombs of every encoding at once, then opens idle connections, with good traffic beside both.
///
/// # Errors
/// When a bomb is taken or good traffic is not.
pub fn measure(program: &Program) -> Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let server = Server::orderly(program, folder.path(), &[])?;
    good(&server)?;
    let Some(idle) = server.memory() else { return Ok(Vec::new()) };
    let bombs = ["gzip", "deflate", "br", "zstd"].map(pack).into_iter().collect::<Result<Vec<_>>>()?;
    let done = AtomicBool::new(false);
    let (peak, slowest) = std::thread::scope(|scope| -> Result<_> {
        let watch = scope.spawn(|| {
            let (mut peak, mut slowest) = (idle, Duration::ZERO);
            while !done.load(Ordering::Relaxed) {
                peak = peak.max(server.memory().unwrap_or(0));
                let asked = Instant::now();
                if good(&server).is_err() {
                    return None;
                }
                slowest = slowest.max(asked.elapsed());
            }
            Some((peak, slowest))
        });
        let senders: Vec<_> = (0..BOMBS)
            .map(|number| {
                let (encoding, body) = &bombs[number % bombs.len()];
                let server = &server;
                scope.spawn(move || throw(server, encoding, body))
            })
            .collect();
        for sender in senders {
            let Ok(status) = sender.join() else { bail!("a sender panicked") };
            ensure!(matches!(status?, 413), "a bomb was not refused with 413");
        }
        done.store(true, Ordering::Relaxed);
        match watch.join() {
            Ok(Some(seen)) => Ok(seen),
            _ => bail!("good traffic was refused while bombs went off"),
        }
    })?;
    let mut open = Vec::with_capacity(IDLE);
    for _ in 0..IDLE {
        open.push(TcpStream::connect(server.target.address)?);
    }
    good(&server)?;
    let with_idle = server.memory().unwrap_or(0);
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let kinds: Vec<&str> = bombs.iter().map(|(encoding, _)| *encoding).collect();
    Ok(vec![
        Row::told("hurt: memory before", format!("{:.0} MiB", mib(idle))),
        Row::at_most(
            format!("hurt: {BOMBS} bombs at once ({}), memory over idle", kinds.join(", ")),
            mib(peak.saturating_sub(idle)),
            BOMBS_MIB,
            " MiB",
        ),
        Row::told("hurt: slowest good answer meanwhile", format!("{:.0} ms", milliseconds(slowest))),
        Row::told(
            format!("hurt: {IDLE} idle connections, memory over idle"),
            format!("{:.0} MiB", mib(with_idle.saturating_sub(idle))),
        ),
    ])
}

fn good(server: &Server) -> Result<()> {
    let id = uuid::Uuid::new_v4().simple();
    let body = format!("{{\"event_id\":\"{id}\"}}\n{{\"type\":\"event\"}}\n{{\"message\":\"good\"}}\n");
    let (status, _) =
        Connection::open(server.target.address)?.ask(&server.target.request(body.as_bytes()))?;
    ensure!(status == 200, "good traffic was answered with {status}");
    Ok(())
}

fn throw(server: &Server, encoding: &str, body: &[u8]) -> Result<u16> {
    let request = server.target.request(body);
    let at = request.windows(4).position(|part| part == b"\r\n\r\n").unwrap_or(0);
    let header = format!("\r\ncontent-encoding: {encoding}");
    let request = [&request[..at], header.as_bytes(), &request[at..]].concat();
    let mut connection = Connection::open_for(server.target.address, Duration::from_secs(300))?;
    Ok(connection.ask(&request)?.0)
}

/// An envelope with a file of zeros, packed.
fn pack(encoding: &'static str) -> Result<(&'static str, Vec<u8>)> {
    let head = &b"{}\n{\"type\":\"attachment\"}\n"[..];
    let mut plain = head.chain(io::repeat(0).take(UNPACKED));
    let mut packed = Vec::new();
    match encoding {
        "gzip" => {
            let mut encoder = flate2::write::GzEncoder::new(&mut packed, flate2::Compression::fast());
            io::copy(&mut plain, &mut encoder)?;
            encoder.finish()?;
        }
        "deflate" => {
            let mut encoder = flate2::write::ZlibEncoder::new(&mut packed, flate2::Compression::fast());
            io::copy(&mut plain, &mut encoder)?;
            encoder.finish()?;
        }
        "br" => {
            let mut encoder = brotli::CompressorWriter::new(&mut packed, 64 << 10, 1, 24);
            io::copy(&mut plain, &mut encoder)?;
            encoder.flush()?;
        }
        _ => {
            let mut encoder = zstd::stream::write::Encoder::new(&mut packed, 1)?;
            io::copy(&mut plain, &mut encoder)?;
            encoder.finish()?;
        }
    }
    Ok((encoding, packed))
}
