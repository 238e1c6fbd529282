//! What an official SDK sends, recorded once and sent again under new ids.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The recorded bodies, each with the places of its event's id.
pub struct Envelopes {
    bodies: Vec<Body>,
}

struct Body {
    bytes: Vec<u8>,
    ids: Vec<usize>,
}

const ID: usize = 32;

impl Envelopes {
    /// Lets the SDK for Python report its errors to a listener of our own.
    ///
    /// # Errors
    /// When the SDK is not installed.
    pub fn record() -> Result<Self> {
        let python = clients().join("py/bin/python");
        ensure!(python.exists(), "{} is missing: `cargo xtask setup` installs it", python.display());
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let dsn = format!("http://recorder@{}/1", listener.local_addr()?);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk_envelopes.py");
        let mut child = Command::new(python).arg(script).env("SENTRY_DSN", dsn).spawn()?;
        listener.set_nonblocking(true)?;
        let mut bodies = Vec::new();
        loop {
            match listener.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(false)?;
                    receive(stream, &mut bodies)?;
                }
                Err(_) if child.try_wait()?.is_some() => break,
                Err(_) => std::thread::sleep(std::time::Duration::from_millis(5)),
            }
        }
        let bodies: Vec<Body> = bodies.into_iter().filter_map(Body::of_event).collect();
        ensure!(bodies.len() >= 100, "the SDK sent {} errors", bodies.len());
        Ok(Self { bodies })
    }

    /// One of them, under an id of its own.
    pub fn fresh(&self, number: usize) -> Vec<u8> {
        let body = &self.bodies[number % self.bodies.len()];
        let id = uuid::Uuid::new_v4().simple().to_string();
        let mut bytes = body.bytes.clone();
        for at in &body.ids {
            bytes[*at..at + ID].copy_from_slice(id.as_bytes());
        }
        bytes
    }

    /// Their mean size, in bytes.
    pub fn mean_size(&self) -> usize {
        self.bodies.iter().map(|body| body.bytes.len()).sum::<usize>() / self.bodies.len()
    }
}

impl Body {
    /// `None` when it carries no event.
    fn of_event(bytes: Vec<u8>) -> Option<Self> {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mark = "\"event_id\":\"";
        let start = text.find(mark)? + mark.len();
        let id = text.get(start..start + ID)?;
        text.contains("\"exception\"").then_some(())?;
        let ids = text.match_indices(id).map(|(at, _)| at).collect();
        Some(Self { bytes, ids })
    }
}

/// Folder of the official clients, as the tests have them.
pub fn clients() -> PathBuf {
    std::env::var_os("ORDERLY_CLIENTS_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/clients"), PathBuf::from)
}

/// Answers every request of a connection and keeps its body.
fn receive(stream: TcpStream, bodies: &mut Vec<Vec<u8>>) -> Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        let mut is_first = true;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if line.trim().is_empty() && !is_first {
                break;
            }
            is_first = false;
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().context("a content length")?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        bodies.push(body);
        reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")?;
    }
}
