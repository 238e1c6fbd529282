//! From a trace and an event on the wire to what an investigation reads of them.

use orderly_core::ids::ProjectSlug;
use orderly_core::investigate::{Span, Trace, Whole};
use orderly_core::untrusted::Untrusted;
use orderly_engine::ports::investigate::Sampled;
use orderly_wire::sentry::trace::{SampledEvent, TraceItem};

/// Spans of a trace that are read.
const MOST_SPANS: usize = 2_000;

/// What of an event is read. A trace that is none is left out: it would go into a search.
pub(super) fn sampled(event: SampledEvent) -> Sampled {
    let trace = event.contexts.trace.trace_id.map(|id| id.replace('-', "").to_lowercase());
    Sampled {
        trace: trace.filter(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())),
        address: event.user.ip_address.and_then(|address| address.parse().ok()),
        account: event.user.id.map(Untrusted::new),
    }
}

/// A tree of spans as a list, parents before children.
pub(super) fn flat(id: &str, items: &[TraceItem]) -> Trace {
    let mut trace = Trace { id: id.to_owned(), ..Trace::default() };
    let mut open: Vec<(&TraceItem, Option<usize>)> = items.iter().rev().map(|item| (item, None)).collect();
    while let Some((item, parent)) = open.pop() {
        // Errors and the like stand between the spans, and hold nothing.
        if item.event_type == "span" && trace.spans.len() < MOST_SPANS {
            open.extend(item.children.iter().rev().map(|child| (child, Some(trace.spans.len()))));
            trace.spans.push(span(item, parent));
        }
    }
    trace
}

fn span(item: &TraceItem, parent: Option<usize>) -> Span {
    Span {
        parent,
        project: ProjectSlug::new(&item.project_slug),
        transaction: Untrusted::from(item.transaction.as_str()),
        op: Untrusted::from(item.op.as_str()),
        description: Untrusted::from(item.description.as_str()),
        status: Untrusted::from(item.status.as_str()),
        millis: ((item.end_timestamp - item.start_timestamp) * 1000.0).max(0.0),
        whole: if item.is_transaction { Whole::Transaction } else { Whole::Part },
    }
}
