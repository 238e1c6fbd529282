//! Ingest: how fast envelopes of an official SDK are taken, grouped and stored, beside other local servers; what it
//! costs as the store grows; what hostile traffic costs.

mod answer;
mod bugsink;
pub mod envelopes;
mod growth;
mod hurt;
mod load;
mod peers;

use anyhow::Result;

use self::bugsink::Bugsink;
use self::envelopes::Envelopes;
use self::load::{paced, percentile, saturate};
use self::peers::Server;
use crate::program::Program;
use crate::start::milliseconds;
use crate::table::Row;

/// Envelopes of one run.
const ENVELOPES: usize = 20_000;
/// Envelopes before it, for a server that has just started.
const WARM: usize = 2_000;
/// Runs of each server; they take turns, and the best of each counts.
const ROUNDS: usize = 3;
/// How many times faster than `sentry local serve`.
const TIMES_SENTRY_LOCAL: f64 = 2.0;
/// How many times faster than Bugsink.
const TIMES_BUGSINK: f64 = 10.0;
/// Envelopes for Bugsink, before and in its one run.
const FOR_BUGSINK: [usize; 2] = [50, 500];
/// 99th percentile of the answers at half of the highest rate.
const P99_MS: f64 = 20.0;

/// Compares the servers.
///
/// # Errors
/// When one of them does not start or does not take what it is sent.
pub fn measure(program: &Program) -> Result<Vec<Row>> {
    let envelopes = Envelopes::record()?;
    let some = |count: usize| (0..count).map(|number| envelopes.fresh(number)).collect::<Vec<_>>();
    let (mut own, mut other, mut p99) = (0.0_f64, 0.0_f64, f64::INFINITY);
    for _ in 0..ROUNDS {
        let folder = tempfile::tempdir()?;
        let orderly = Server::orderly(program, folder.path(), &[])?;
        saturate(&orderly.target, &some(WARM), || Ok(()))?;
        // The time ends when the issues hold all of them.
        let filed = || orderly.get("/api/0/organizations/acme/issues/?limit=1").map(drop);
        let rate = saturate(&orderly.target, &some(ENVELOPES), filed)?;
        own = own.max(rate);
        let waits = paced(&orderly.target, &some(ENVELOPES / 2), rate / 2.0)?;
        p99 = p99.min(milliseconds(percentile(waits, 0.99)));
        drop(orderly);
        let sentry = Server::sentry_local()?;
        saturate(&sentry.target, &some(WARM), || Ok(()))?;
        other = other.max(saturate(&sentry.target, &some(ENVELOPES), || Ok(()))?);
    }
    let size = envelopes.mean_size();
    let mut rows = vec![
        Row::told("ingest: mean size of an envelope of the SDK", format!("{size} bytes")),
        Row::told("ingest: `orderly local`, grouped and on disk", format!("{own:.0}/s")),
        Row::told("ingest: `sentry local serve`, in memory", format!("{other:.0}/s")),
        Row::at_least("ingest: times `sentry local serve`", own / other, TIMES_SENTRY_LOCAL, "x"),
        Row::at_most("ingest: 99th percentile at half the rate", p99, P99_MS, " ms"),
    ];
    rows.extend(beside_bugsink(&some, own)?);
    Ok(rows)
}

/// The same envelopes for Bugsink, beside what `orderly local` took of them each second.
fn beside_bugsink(some: &dyn Fn(usize) -> Vec<Vec<u8>>, own: f64) -> Result<Vec<Row>> {
    let name = "ingest: Bugsink behind gunicorn, digested";
    let Some(bugsink) = Bugsink::start()? else {
        return Ok(vec![Row::told(name, format!("not installed: `{}`", bugsink::INSTALL))]);
    };
    let [warm, sent] = FOR_BUGSINK;
    saturate(&bugsink.target, &some(warm), || bugsink.digested(warm))?;
    let rate = saturate(&bugsink.target, &some(sent), || bugsink.digested(warm + sent))?;
    Ok(vec![
        Row::told(name, format!("{rate:.0}/s")),
        Row::at_least("ingest: times Bugsink", own / rate, TIMES_BUGSINK, "x"),
    ])
}

/// What events and issues cost as they grow in number.
///
/// # Errors
/// As [`measure`].
pub fn growth(program: &Program) -> Result<Vec<Row>> {
    growth::measure(program)
}

/// What hostile traffic costs in memory.
///
/// # Errors
/// As [`measure`].
pub fn hurt(program: &Program) -> Result<Vec<Row>> {
    hurt::measure(program)
}
