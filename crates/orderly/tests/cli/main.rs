//! Whole jobs through the real binary, against the embedded servers over real HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod acp;
mod approved;
mod bad_input;
#[expect(dead_code, reason = "the tests of the clients need more of it")]
#[path = "../../../orderly-connect/tests/over_http/chat_server.rs"]
mod chat_server;
mod demo;
mod fix;
mod history_undo;
mod incident;
mod incident_mitigation;
mod incident_review;
mod incident_tell;
mod init_doctor;
mod kill;
mod local;
mod locate;
mod look;
mod mcp;
mod mcp_client;
mod mcp_every_tool;
mod mcp_http;
mod mcp_incident;
mod mitigated;
#[cfg(target_os = "linux")]
mod obedient;
mod own_history;
mod plan;
mod played;
mod policies;
mod postgres;
mod practice;
mod repaired;
mod repo;
mod scenarios;
mod screen;
mod shop;
mod shown;
mod stopping;
mod sync;
mod triage;
mod untrusted;
mod watch;
mod world;
