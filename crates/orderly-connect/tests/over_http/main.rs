//! The real clients over real HTTP: against the embedded servers, and against answers that no honest server gives.

mod budget;
mod chat;
mod chat_server;
mod documents;
mod odd;
mod odd_server;
mod sentry;
mod support;
mod tracker;
mod tracker_find;
