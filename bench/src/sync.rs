//! A sync of the real binary over a pool of 20 issues, against servers that make every request wait.

use crate::chain::{self, Stage};
use crate::program::{Program, Ran, run};
use crate::start::milliseconds;
use crate::table::Row;
use anyhow::{Context, Result, ensure};
use orderly_local::knobs::RecordedRequest;
use orderly_local::{LocalConfig, LocalServers};
use serde_json::{Value, json};
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;

const POOL: u32 = 20;
const EVENTS: u32 = 3;
const LATENCY: Duration = Duration::from_millis(100);
/// Fresh worlds; the median counts.
const WORLDS: usize = 3;

const MOST_TIMES_THE_PATH: f64 = 1.3;
const MOST_REQUESTS: f64 = 60.0;
const MOST_MEMORY_MIB: f64 = 40.0;

/// One run, and what the servers saw of it.
struct Measured {
    ran: Ran,
    sentry: Vec<RecordedRequest>,
    tracker: Vec<RecordedRequest>,
}

/// Measures previews and applied runs.
///
/// # Errors
/// When the servers do not start, or the binary fails or does something else than what is measured.
pub fn measure(program: &Program) -> Result<Vec<Row>> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (mut previews, mut applied) = (Vec::new(), Vec::new());
    for _ in 0..WORLDS {
        let world = World::start(&runtime)?;
        previews.push(world.sync(program, &["sync", "--json"])?);
        applied.push(world.sync(program, &["sync", "--apply", "--json"])?);
        world.stop()?;
    }
    let mut rows = rows("sync", previews)?;
    rows.extend(self::rows("sync --apply", applied)?);
    rows.push(Row::told("model tokens", "0: no part of it calls a model"));
    Ok(rows)
}

fn rows(command: &str, mut runs: Vec<Measured>) -> Result<Vec<Row>> {
    runs.sort_by_key(|run| run.ran.wall);
    let memory = runs.iter().filter_map(|run| run.ran.peak_memory).max();
    let median = runs.swap_remove(WORLDS / 2);
    let all: Vec<RecordedRequest> = median.sentry.iter().chain(&median.tracker).cloned().collect();
    let stages = Stage::prescribed(&all);
    let observed = chain::observed(&all);
    let path = LATENCY.as_secs_f64() * 1000.0 * f64::from(u32::try_from(stages.len())?);
    let wall = milliseconds(median.ran.wall);
    let words: Vec<&str> = stages.iter().map(|stage| stage.word()).collect();
    let seen: Vec<String> = observed.iter().map(|request| chain::short(request)).collect();
    let first_write = all.iter().filter(|r| chain::creates(r)).map(|r| r.started).min();
    let (looks, writes): (Vec<_>, Vec<_>) =
        all.iter().partition(|request| first_write.is_none_or(|first| request.started < first));
    let mut rows = vec![
        Row::told(format!("`{command}`: critical path"), format!("{path} ms ({})", words.join(" -> "))),
        Row::told(
            format!("`{command}`: longest chain in the record"),
            format!("{} requests ({})", observed.len(), seen.join(" -> ")),
        ),
        Row::told(format!("`{command}`: wall time"), format!("{wall:.0} ms")),
        Row::at_most(format!("`{command}`: wall time / critical path"), wall / path, MOST_TIMES_THE_PATH, ""),
        Row::told(
            format!("`{command}`: requests to Sentry / to the tracker"),
            format!("{} / {}", median.sentry.len(), median.tracker.len()),
        ),
        Row::at_most(
            format!("`{command}`: requests for looking at {POOL} issues"),
            f64::from(u32::try_from(looks.len())?),
            MOST_REQUESTS,
            "",
        ),
    ];
    if !writes.is_empty() {
        let items = writes.iter().filter(|request| chain::creates(request)).count();
        rows.push(Row::told(
            format!("`{command}`: requests for creating and linking {items} items"),
            writes.len().to_string(),
        ));
    }
    if let Some(bytes) = memory {
        let mib = f64::from(u32::try_from(bytes / 1024)?) / 1024.0;
        rows.push(Row::at_most(format!("`{command}`: peak memory"), mib, MOST_MEMORY_MIB, " MiB"));
    }
    Ok(rows)
}

/// Servers with a pool of issues, and a project that is pointed at them.
struct World<'a> {
    runtime: &'a Runtime,
    servers: LocalServers,
    folder: TempDir,
}

impl<'a> World<'a> {
    fn start(runtime: &'a Runtime) -> Result<Self> {
        let servers = runtime.block_on(LocalServers::start(LocalConfig::default()))?;
        let world = Self { runtime, servers, folder: tempfile::tempdir()? };
        let ready = world.servers.ready();
        let config = format!(
            "[sentry]\nurl = \"{}\"\norg = \"{}\"\n\n[tracker]\nurl = \"{}\"\nteam = \"{}\"\n",
            ready.sentry.url, ready.sentry.org, ready.tracker.url, ready.tracker.team
        );
        std::fs::write(world.folder.path().join("orderly.toml"), config)?;
        runtime.block_on(world.fill())?;
        world.servers.sentry_knobs().set_latency(LATENCY);
        world.servers.tracker_knobs().set_latency(LATENCY);
        Ok(world)
    }

    /// Sends the events of the pool through the ingest endpoint.
    async fn fill(&self) -> Result<()> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let sentry = &self.servers.ready().sentry;
        for number in 0..POOL {
            let project = &sentry.projects[number as usize % sentry.projects.len()];
            let url = format!("{}/api/{}/envelope/", sentry.url, project.id);
            for user in 0..EVENTS {
                let id = uuid::Uuid::new_v4().simple().to_string();
                let head = json!({"event_id": id, "dsn": project.dsn});
                let body = format!("{head}\n{}\n{}\n", json!({"type": "event"}), event(&id, number, user));
                client.post(&url).body(body).send().await?.error_for_status()?;
            }
        }
        Ok(())
    }

    fn sync(&self, program: &Program, arguments: &[&str]) -> Result<Measured> {
        let (sentry, tracker) = (self.servers.sentry_knobs(), self.servers.tracker_knobs());
        sentry.forget_requests();
        tracker.forget_requests();
        let ready = self.servers.ready();
        let mut command = program.command(self.folder.path(), arguments);
        command.env("SENTRY_AUTH_TOKEN", &ready.sentry.token).env("LINEAR_API_KEY", &ready.tracker.token);
        let ran = run(command)?;
        let report: Value = serde_json::from_str(&ran.stdout).context("the report is no JSON")?;
        let looked_at = sentry.requests().iter().filter(|r| r.path.ends_with("/events/latest/")).count();
        ensure!(looked_at == POOL as usize, "{looked_at} of {POOL} issues were looked at: {report}");
        Ok(Measured { ran, sentry: sentry.requests(), tracker: tracker.requests() })
    }

    fn stop(self) -> Result<()> {
        self.runtime.block_on(self.servers.stop())?;
        Ok(())
    }
}

/// An event with a stack of the usual depth; each number is an issue of its own.
fn event(id: &str, number: u32, user: u32) -> Value {
    // Words, because a title's fingerprint takes numbers out.
    let name: String = number.to_string().bytes().map(|digit| char::from(b'a' + digit - b'0')).collect();
    let library = |depth: u32| json!({"filename": "lib/web.py", "module": "web", "function": format!("layer_{depth}"), "lineno": depth + 1, "in_app": false});
    let own = json!({
        "filename": format!("app/{name}.py"), "module": format!("app.{name}"), "function": format!("handle_{name}"),
        "lineno": 12, "in_app": true, "context_line": format!("    return orders[{name}]"),
        "pre_context": ["def handle(order):", "    # what a customer asked for"], "post_context": [""],
    });
    let frames: Vec<Value> = (0..30).map(library).chain([own]).collect();
    json!({
        "event_id": id, "platform": "python", "level": "error", "environment": "production", "release": "shop@1.4.2",
        "transaction": format!("POST /{name}"), "user": {"id": user.to_string()},
        "exception": {"values": [{
            "type": "KeyError", "value": format!("no order called {name}{name} for the customer"),
            "mechanism": {"type": "generic", "handled": false}, "stacktrace": {"frames": frames},
        }]},
    })
}
