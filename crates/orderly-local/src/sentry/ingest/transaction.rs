//! A transaction made ready for storing: the outermost span and those inside it. Pure.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use orderly_wire::sentry::event_id::EventId;

use super::event::clean_names;
use super::normalize::{Arrival, Normalized, normalize, read_time};
use super::tags::{tags, user_key};
use crate::sentry::grouping::payload::Payload;
use crate::sentry::tree::{Object, Tree};

/// Spans that are kept of one transaction; SDKs stop at as many.
const MOST_SPANS: usize = 1_000;
/// Longest name, operation or description, in characters.
const LONGEST: usize = 512;
/// Data of one span that is kept.
const MOST_DATA: usize = 48;
/// Longest value of it, in characters.
const LONGEST_VALUE: usize = 200;

/// A transaction that only needs the ids of its environment and release.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PreparedTransaction {
    pub id: EventId,
    pub occurred: Timestamp,
    pub name: String,
    pub trace_id: Option<String>,
    pub platform: String,
    pub environment: String,
    pub release: Option<String>,
    pub user_key: Option<String>,
    /// The first one is the transaction itself.
    pub spans: Vec<PreparedSpan>,
}

/// One span.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PreparedSpan {
    pub span_id: String,
    pub parent_span_id: Option<String>,
    pub is_segment: bool,
    pub op: String,
    pub description: String,
    pub status: String,
    pub started: Timestamp,
    pub ended: Timestamp,
    pub tags: BTreeMap<String, String>,
}

impl PreparedTransaction {
    /// Works out everything about a transaction.
    pub(crate) fn new(mut sent: Object<'_>, arrival: Arrival) -> Self {
        let inside = sent.remove("spans");
        let claimed_end = sent.get("timestamp").and_then(read_time);
        let claimed_start = sent.get("start_timestamp").and_then(read_time);
        let Normalized { id, occurred, mut event } = normalize(sent, arrival);
        clean_names(&mut event);
        // A sender whose clock is wrong is filed under our time; how long everything took stays true.
        let shift = claimed_end.map_or(SignedDuration::ZERO, |claimed| occurred.duration_since(claimed));
        let moved = |at: Timestamp| at.checked_add(shift).unwrap_or(occurred);
        let started = claimed_start.map_or(occurred, moved).min(occurred);
        let payload = &Payload::new(&event);
        let trace = |key: &str| payload.text_at(&["contexts", "trace", key]).map(str::to_owned);
        let owned = |key: &str| payload.text(key).map(str::to_owned);
        let name = cut(payload.text("transaction").unwrap_or("<unlabeled transaction>"));
        let op = cut(&trace("op").unwrap_or_default());
        let mut root_tags: BTreeMap<String, String> =
            tags(payload).iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        root_tags.extend(data(payload.at(&["contexts", "trace", "data"])));
        let root = PreparedSpan {
            span_id: trace("span_id").unwrap_or_else(|| id.to_string().chars().take(16).collect()),
            parent_span_id: trace("parent_span_id"),
            is_segment: true,
            op,
            description: name.clone(),
            status: trace("status").unwrap_or_default(),
            started,
            ended: occurred,
            tags: root_tags,
        };
        let mut spans = vec![root];
        let listed = inside.as_ref().map_or(&[][..], Tree::elements);
        let read = |span: &Tree<'_>| read_span(span, &spans[0], moved);
        let read: Vec<PreparedSpan> = listed.iter().take(MOST_SPANS).filter_map(read).collect();
        spans.extend(read);
        Self {
            id,
            occurred,
            name,
            trace_id: trace("trace_id").map(|id| id.replace('-', "").to_lowercase()),
            platform: owned("platform").unwrap_or_default(),
            environment: owned("environment").unwrap_or_default(),
            release: owned("release"),
            user_key: user_key(payload),
            spans,
        }
    }
}

fn read_span(
    span: &Tree<'_>,
    root: &PreparedSpan,
    moved: impl Fn(Timestamp) -> Timestamp,
) -> Option<PreparedSpan> {
    let text = |key: &str| span.get(key)?.spelled().map(Cow::into_owned);
    let time = |key: &str| span.get(key).and_then(read_time).map(&moved);
    let ended = time("timestamp")?;
    let mut tags = data(span.get("data"));
    tags.extend(data(span.get("tags")));
    Some(PreparedSpan {
        span_id: text("span_id")?,
        parent_span_id: text("parent_span_id").or_else(|| Some(root.span_id.clone())),
        is_segment: false,
        op: cut(&text("op").unwrap_or_default()),
        description: cut(&text("description").unwrap_or_default()),
        status: text("status").unwrap_or_default(),
        started: time("start_timestamp").unwrap_or(ended),
        ended,
        tags,
    })
}

fn data(value: Option<&Tree<'_>>) -> BTreeMap<String, String> {
    let sorted: BTreeMap<&str, &Tree<'_>> =
        value.and_then(Tree::as_object).into_iter().flat_map(Object::iter).collect();
    let pair = |(key, value): (&str, &Tree<'_>)| {
        let value: String = value.spelled()?.chars().take(LONGEST_VALUE).collect();
        (key.len() <= LONGEST_VALUE).then(|| (key.to_owned(), value))
    };
    sorted.into_iter().filter_map(pair).take(MOST_DATA).collect()
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}
