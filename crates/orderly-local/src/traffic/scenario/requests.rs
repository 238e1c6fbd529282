//! One request through the services, and what of it is reported.

use super::services::{Leg, Route};
use super::telling::Setting;
use crate::traffic::deed::{Deed, Sent};
use crate::traffic::event::Scene;
use crate::traffic::{Crash, Seed};
use serde_json::{Value, json};

/// How many of ten thousand parts of requests report their usual hiccup.
const HICCUPS: u64 = 90;

/// A request that is made.
#[derive(Clone, Copy)]
pub(super) struct Request {
    pub route: &'static Route,
    /// When, in seconds since 1970.
    pub at: i64,
    /// Number of the user.
    pub user: u64,
    /// Whether its transactions are reported.
    pub traced: Traced,
}

/// Whether the transactions of a request are reported.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Traced {
    Yes,
    No,
}

/// What became of a request.
pub(super) struct Told {
    pub deeds: Vec<Deed>,
    /// Services that took part, and how it went there.
    pub sessions: Vec<(&'static str, Went)>,
    /// Whether it failed because of the trouble.
    pub struck: bool,
}

/// How a request went in a service.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Went {
    Well,
    Errored,
    Crashed,
}

/// What is known of one part of a request.
struct Part {
    leg: &'static Leg,
    span: String,
    starts: f64,
    ends: f64,
    waits: Vec<(&'static str, &'static str, f64)>,
    failed: bool,
}

/// Plays one request.
pub(super) fn tell(request: Request, setting: &Setting, seed: &mut Seed) -> Told {
    let legs = request.route.legs;
    let strike = setting.strike(request, seed);
    let struck = strike.and_then(|strike| {
        strike.fails.then(|| legs.iter().position(|leg| leg.service == strike.trouble.service)).flatten()
    });
    // A service that fails calls nobody.
    let called = &legs[..struck.map_or(legs.len(), |at| at + 1)];
    let trace = seed.event_id();
    let mut parts: Vec<Part> = Vec::with_capacity(called.len());
    let mut starts = to_f64(request.at);
    let mut own = Vec::with_capacity(called.len());
    for leg in called {
        let usual =
            leg.millis * (60 + seed.below(80) + if seed.below(16) == 0 { seed.below(250) } else { 0 }) / 100;
        let mut waits: Vec<_> = leg
            .waits
            .iter()
            .map(|(op, what)| (*op, *what, to_f64_u(usual) * 0.7 / to_f64_u(leg.waits.len() as u64)))
            .collect();
        let mut millis = usual;
        if let Some(strike) = strike.filter(|strike| strike.trouble.service == leg.service) {
            let slow = strike.slow_millis * (70 + seed.below(60)) / 100;
            let (op, what, times) = strike.trouble.wait;
            let each = to_f64_u(slow) / to_f64_u(times);
            waits.extend((0..times).filter(|_| slow > 0).map(|_| (op, what, each)));
            millis += slow;
        }
        own.push(to_f64_u(millis) / 1000.0);
        parts.push(Part {
            leg,
            span: seed.event_id()[..16].to_owned(),
            starts,
            ends: 0.0,
            waits,
            failed: struck.is_some(),
        });
        starts += to_f64_u(usual) / 3000.0;
    }
    let mut inner_end = 0.0_f64;
    for (part, own) in parts.iter_mut().zip(&own).rev() {
        part.ends = (part.starts + own).max(inner_end + own / 4.0);
        inner_end = part.ends;
    }
    report(request, setting, seed, &trace, &parts, struck)
}

fn report(
    request: Request,
    setting: &Setting,
    seed: &mut Seed,
    trace: &str,
    parts: &[Part],
    struck: Option<usize>,
) -> Told {
    let mut deeds = Vec::new();
    let mut sessions = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let leg = part.leg;
        let hiccup = seed.below(10_000) < HICCUPS;
        let crash = match struck {
            Some(at) if at == number => setting.trouble().map(|trouble| trouble.crash),
            Some(_) => leg.passes_on,
            None if hiccup => Some(leg.hiccup),
            None => None,
        };
        sessions.push((leg.service, went(leg, crash.as_ref(), struck)));
        if let Some(mut crash) = crash {
            crash.transaction = leg.transaction;
            deeds.push(error(&crash, request, setting, seed, (trace, &part.span), part.ends));
        }
        if request.traced == Traced::Yes {
            let parent = number.checked_sub(1).map(|outer| parts[outer].span.as_str());
            let next = parts.get(number + 1);
            deeds.push(transaction(part, next, request, setting, seed, (trace, parent)));
        }
    }
    Told { deeds, sessions, struck: struck.is_some() }
}

fn went(leg: &Leg, crash: Option<&Crash>, struck: Option<usize>) -> Went {
    match (crash, struck) {
        (Some(_), Some(_)) if leg.service == "storefront" => Went::Crashed,
        (Some(crash), _) if crash.level == "error" => Went::Errored,
        _ => Went::Well,
    }
}

/// An error of a service, at a time, under a trace.
pub(super) fn error(
    crash: &Crash,
    request: Request,
    setting: &Setting,
    seed: &mut Seed,
    (trace, span): (&str, &str),
    at: f64,
) -> Deed {
    let second = request.at;
    let release = setting.release(crash.project, second);
    let scene = Scene { at, release: &release, environment: "production", user: request.user };
    let (id, mut payload) = crash.event(seed, scene);
    payload["contexts"] = json!({
        "trace": {"trace_id": trace, "span_id": span, "op": "function", "status": "internal_error"},
        "flags": {"values": setting.flags(request.user, second)},
    });
    payload["tags"]["cell"] = json!(format!("cell-{}", request.user % 5));
    #[expect(clippy::cast_possible_truncation, reason = "seconds of this century")]
    let at = at as i64;
    Deed::Event(Sent { project: crash.project, id, at, payload })
}

fn transaction(
    part: &Part,
    next: Option<&Part>,
    request: Request,
    setting: &Setting,
    seed: &mut Seed,
    (trace, parent): (&str, Option<&str>),
) -> Deed {
    let leg = part.leg;
    let id = seed.event_id();
    let status = if part.failed { "internal_error" } else { "ok" };
    let mut at = part.starts;
    let mut spans: Vec<Value> = Vec::with_capacity(part.waits.len() + 1);
    let mut span = |op: &str, what: &str, from: f64, to: f64, status: &str| {
        let id = seed.event_id();
        spans.push(json!({
            "span_id": &id[..16], "parent_span_id": part.span, "trace_id": trace, "op": op, "description": what,
            "start_timestamp": from, "timestamp": to, "status": status,
        }));
    };
    for (op, what, millis) in &part.waits {
        let to = at + millis / 1000.0;
        span(op, what, at, to, "ok");
        at = to;
    }
    if let Some(next) = next {
        span("http.client", next.leg.transaction, next.starts, next.ends, status);
    }
    let payload = json!({
        "type": "transaction",
        "event_id": id,
        "platform": leg.language.platform(),
        "release": setting.release(leg.service, request.at),
        "environment": "production",
        "transaction": leg.transaction,
        "transaction_info": {"source": "route"},
        "start_timestamp": part.starts,
        "timestamp": part.ends,
        "user": {"id": request.user.to_string()},
        "tags": {"cell": format!("cell-{}", request.user % 5)},
        "contexts": {
            "trace": {"trace_id": trace, "span_id": part.span, "parent_span_id": parent, "op": leg.op, "status": status},
            "flags": {"values": setting.flags(request.user, request.at)},
        },
        "spans": spans,
    });
    #[expect(clippy::cast_possible_truncation, reason = "seconds of this century")]
    let at = part.ends as i64;
    Deed::Transaction(Sent { project: leg.service, id, at, payload })
}

#[expect(clippy::cast_precision_loss, reason = "seconds of this century fit into 53 bits")]
pub(super) fn to_f64(second: i64) -> f64 {
    second as f64
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds and counts of one request")]
fn to_f64_u(number: u64) -> f64 {
    number as f64
}
