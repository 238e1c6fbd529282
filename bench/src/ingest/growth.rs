//! The cost of ingest and of the issue list at 10^4, 10^5 and 10^6 events; a tenth of them are issues.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::json;

use super::load::{percentile, saturate};
use super::peers::Server;
use crate::program::Program;
use crate::start::milliseconds;
use crate::table::Row;

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
const EVENTS_PER_ISSUE: usize = 10;
/// Bodies that are made at once.
const CHUNK: usize = 10_000;
const LIST_MS: f64 = 20.0;
const MEMORY_MIB: f64 = 200.0;
const LISTS: [(&str, &str); 4] = [
    ("by date", ""),
    ("by first seen", "&sort=new"),
    ("high priority", "&query=is%3Aunresolved+issue.priority%3Ahigh"),
    ("for review", "&query=is%3Aunresolved+is%3Afor_review"),
];

/// Fills one store step by step and asks it at each step.
///
/// # Errors
/// When something is refused.
pub fn measure(program: &Program) -> Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let server = Server::orderly(program, folder.path(), &[])?;
    let mut rows = Vec::new();
    let mut sent = 0;
    for size in SIZES {
        let started = Instant::now();
        let before = sent;
        while sent < size {
            let bodies: Vec<Vec<u8>> = (sent..sent + CHUNK).map(event).collect();
            saturate(&server.target, &bodies, || Ok(()))?;
            sent += CHUNK;
        }
        // Everything that was taken is filed before this is answered.
        list(&server, "")?;
        let took = started.elapsed() / u32::try_from(sent - before)?;
        rows.push(Row::told(format!("growth: cost of an event up to {size}"), format!("{took:.0?}")));
        let is_last = size == SIZES[SIZES.len() - 1];
        for (name, query) in LISTS {
            let took = milliseconds(list(&server, query)?);
            let what = format!("growth: 100 of {} issues, {name}, {size} events", size / EVENTS_PER_ISSUE);
            rows.push(if is_last {
                Row::at_most(what, took, LIST_MS, " ms")
            } else {
                Row::told(what, format!("{took:.1} ms"))
            });
        }
        if let Some(bytes) = server.memory() {
            let mib = f64::from(u32::try_from(bytes >> 10)?) / 1024.0;
            let what = format!("growth: resident memory at {size} events");
            rows.push(if is_last {
                Row::at_most(what, mib, MEMORY_MIB, " MiB")
            } else {
                Row::told(what, format!("{mib:.0} MiB"))
            });
        }
    }
    Ok(rows)
}

/// The median of some looks at the first page.
fn list(server: &Server, query: &str) -> Result<Duration> {
    let mut spans = Vec::new();
    for _ in 0..11 {
        let started = Instant::now();
        let issues = server.get(&format!("/api/0/organizations/acme/issues/?limit=100{query}"))?;
        spans.push(started.elapsed());
        ensure!(issues.as_array().is_some_and(|issues| issues.len() == 100), "a page has 100 issues");
    }
    Ok(percentile(spans, 0.5))
}

fn event(number: usize) -> Vec<u8> {
    let id = uuid::Uuid::new_v4().simple().to_string();
    let issue = number / EVENTS_PER_ISSUE;
    let event = json!({
        "event_id": id, "platform": "python", "level": if issue.is_multiple_of(7) { "fatal" } else { "error" },
        "environment": "production", "release": format!("shop@1.{}.0", number / 200_000),
        "transaction": format!("POST /{}", issue % 50), "user": {"id": (number % 1000).to_string()},
        "exception": {"values": [{
            "type": "KeyError", "value": format!("no order {issue}"), "mechanism": {"type": "generic", "handled": false},
            "stacktrace": {"frames": [
                {"filename": "web/app.py", "module": "web.app", "function": "serve", "lineno": 10, "in_app": false},
                {"filename": format!("shop/part_{issue}.py"), "module": format!("shop.part_{issue}"),
                 "function": format!("handle_{issue}"), "lineno": 12, "in_app": true, "context_line": "    return orders[key]"},
            ]},
        }]},
    });
    format!("{}\n{}\n{event}\n", json!({"event_id": id}), json!({"type": "event"})).into_bytes()
}
