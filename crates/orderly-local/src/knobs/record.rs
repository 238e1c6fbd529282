//! What a server remembers of the requests it got.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::extract::Request;
use axum::http::{Method, StatusCode};

use super::Shared;

/// A long-running server keeps only this many requests.
const KEPT: usize = 10_000;

/// Longer paths and queries are cut: they are whatever somebody sends.
const LONGEST: usize = 4 << 10;

/// One request as the server saw it.
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    /// Its method.
    pub method: Method,
    /// Its path without the query string.
    pub path: String,
    /// Its query string as sent.
    pub query: Option<String>,
    /// The root fields it asks for, in order and with repetitions, when it is a GraphQL request.
    pub operations: Vec<String>,
    /// When it arrived.
    pub started: Instant,
    /// When its reply was ready or its connection ended; `None` while it is being handled.
    pub ended: Option<Instant>,
    /// The status answered; `None` while it is being handled, and when no reply was sent.
    pub status: Option<StatusCode>,
}

impl RecordedRequest {
    pub(super) fn of(request: &Request, operations: Vec<String>) -> Self {
        Self {
            method: request.method().clone(),
            path: cut(request.uri().path()),
            query: request.uri().query().map(cut),
            operations,
            started: Instant::now(),
            ended: None,
            status: None,
        }
    }
}

/// Addresses are ASCII.
fn cut(text: &str) -> String {
    text.get(..LONGEST).unwrap_or(text).to_owned()
}

#[derive(Debug, Default)]
pub(super) struct Record {
    kept: VecDeque<(u64, RecordedRequest)>,
    next: u64,
    total: u64,
    in_flight: usize,
    max_in_flight: usize,
}

impl Record {
    pub(super) fn start(&mut self, request: RecordedRequest) -> u64 {
        let number = self.next;
        self.next += 1;
        self.total += 1;
        self.in_flight += 1;
        self.max_in_flight = self.max_in_flight.max(self.in_flight);
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back((number, request));
        number
    }

    fn end(&mut self, number: u64, status: Option<StatusCode>) {
        self.in_flight -= 1;
        if let Ok(at) = self.kept.binary_search_by_key(&number, |(number, _)| *number) {
            let request = &mut self.kept[at].1;
            request.ended = Some(Instant::now());
            request.status = status;
        }
    }

    pub(super) fn requests(&self) -> Vec<RecordedRequest> {
        self.kept.iter().map(|(_, request)| request.clone()).collect()
    }

    pub(super) fn total(&self) -> u64 {
        self.total
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    pub(super) fn max_in_flight(&self) -> usize {
        self.max_in_flight
    }

    pub(super) fn forget(&mut self) {
        self.kept.clear();
        self.total = 0;
        self.max_in_flight = self.in_flight;
    }
}

/// Ends the record of one request when it is dropped, however the request ended.
pub(super) struct InFlight {
    shared: Arc<Mutex<Shared>>,
    number: u64,
    status: Option<StatusCode>,
}

impl InFlight {
    pub(super) fn new(shared: Arc<Mutex<Shared>>, number: u64) -> Self {
        Self { shared, number, status: None }
    }

    pub(super) fn answered(mut self, status: StatusCode) {
        self.status = Some(status);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).record.end(self.number, self.status);
    }
}
