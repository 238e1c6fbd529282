//! A fault: which request it waits for, and what happens to that request.

use std::collections::VecDeque;
use std::time::Duration;

use apollo_compiler::ast::{Definition, Document, Selection};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};

use super::record::RecordedRequest;

/// One planned misbehaviour. It is used up after [`Fault::times`] matching requests (once by default).
#[derive(Clone, Debug)]
pub struct Fault {
    matching: Match,
    effect: Effect,
    skip: u32,
    times: u32,
}

/// Which requests a fault waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// Every request.
    Any,
    /// Requests whose path starts with `prefix`, with this method if one is given.
    Path {
        /// The method, or any.
        method: Option<Method>,
        /// The beginning of the path, without the query string.
        prefix: String,
    },
    /// GraphQL requests that ask for this field of the query or mutation root, alone or among others.
    RootField(String),
}

impl Match {
    /// Requests with any method whose path starts with `prefix`.
    pub fn path(prefix: impl Into<String>) -> Self {
        Self::Path { method: None, prefix: prefix.into() }
    }

    /// Requests with this method whose path starts with `prefix`.
    pub fn request(method: Method, prefix: impl Into<String>) -> Self {
        Self::Path { method: Some(method), prefix: prefix.into() }
    }

    /// GraphQL requests that ask for this root field, such as `issueCreate`.
    pub fn root_field(name: impl Into<String>) -> Self {
        Self::RootField(name.into())
    }

    fn matches(&self, request: &RecordedRequest) -> bool {
        match self {
            Self::Any => true,
            Self::Path { method, prefix } => {
                method.as_ref().is_none_or(|method| *method == request.method)
                    && request.path.starts_with(prefix)
            }
            Self::RootField(name) => request.operations.iter().any(|field| field == name),
        }
    }
}

/// What happens to a request that a fault matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The connection closes; the request is never handled.
    DropConnection,
    /// The request is handled to its end, then the connection closes without a byte of the reply.
    DropReply,
    /// The request waits before it is handled.
    DelayBefore(Duration),
    /// The request is handled at once, its reply waits.
    DelayReply(Duration),
    /// The request is not handled; this is sent instead.
    Answer {
        /// Status of the reply.
        status: StatusCode,
        /// Headers of the reply; `content-type` is `text/plain` unless given.
        headers: Vec<(HeaderName, HeaderValue)>,
        /// Body of the reply.
        body: String,
    },
}

impl Effect {
    /// An answer with a body of the given content type.
    ///
    /// # Panics
    /// Never for a content type of visible ASCII, which every content type is.
    pub fn answer(status: StatusCode, content_type: &'static str, body: impl Into<String>) -> Self {
        Self::Answer {
            status,
            headers: vec![(axum::http::header::CONTENT_TYPE, HeaderValue::from_static(content_type))],
            body: body.into(),
        }
    }
}

impl Fault {
    /// A fault for the next request that matches.
    pub fn new(matching: Match, effect: Effect) -> Self {
        Self { matching, effect, skip: 0, times: 1 }
    }

    /// Lets this many matching requests through first.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// Happens to this many matching requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }
}

/// Takes the effect of the first fault in the queue that is due for this request.
pub(super) fn next_effect(faults: &mut VecDeque<Fault>, request: &RecordedRequest) -> Option<Effect> {
    faults.retain(|fault| fault.times > 0);
    let due = faults.iter_mut().position(|fault| {
        let matches = fault.matching.matches(request);
        let due = matches && fault.skip == 0;
        if matches && !due {
            fault.skip -= 1;
        }
        due
    })?;
    let fault = &mut faults[due];
    let effect = fault.effect.clone();
    fault.times -= 1;
    if fault.times == 0 {
        faults.remove(due);
    }
    Some(effect)
}

/// Names of the root fields in the body of a GraphQL request; empty when it is no GraphQL request.
pub(super) fn root_fields(body: &[u8]) -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct Query {
        query: String,
    }
    let Ok(Query { query }) = serde_json::from_slice(body) else {
        return Vec::new();
    };
    let document = match Document::parse(query, "request.graphql") {
        Ok(document) => document,
        Err(broken) => broken.partial,
    };
    document
        .definitions
        .iter()
        .filter_map(|definition| match definition {
            Definition::OperationDefinition(operation) => Some(&operation.selection_set),
            _ => None,
        })
        .flatten()
        .filter_map(|selection| match selection {
            Selection::Field(field) => Some(field.name.to_string()),
            _ => None,
        })
        .collect()
}
