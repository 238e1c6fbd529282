//! The MCP server over HTTP: both official SDKs, and who is refused.

use crate::mcp_client::{Person, Sdk, Serving};
use crate::world::{Burst, World, run};
use serde_json::json;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

/// The head of the answer to a first request with these headers, and the connection.
fn begin(serving: &Serving, method: &str, host: &str, more: &[(&str, &str)]) -> (String, TcpStream) {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}});
    let body = if method == "POST" { body.to_string() } else { String::new() };
    let mut request = format!(
        "{method} /mcp HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in more {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut stream = TcpStream::connect(serving.authority()).unwrap();
    stream.write_all(format!("{request}\r\n{body}").as_bytes()).unwrap();
    let head = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
    (head.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n"), stream)
}

#[test]
fn both_official_sdks_read_and_write_over_http_and_nobody_else_is_let_in() {
    let world = World::start();
    world.send(Burst { events: 9, ..Burst::default() });
    let serving = Serving::start(&world);
    let calls = json!([
        {"tool": "sync_preview", "arguments": {}},
        {"tool": "sync_apply", "arguments": {"plan_digest": {"from": [0, "tool", "plan_digest"]}}},
        {"tool": "sentry_get_issue_details", "arguments": {"issue": "BACKEND-1"}},
    ]);
    let seen = Sdk::TypeScript.drive(&world, Person::SaysYes, &calls, Some(&serving));
    for answer in seen["answers"].as_array().unwrap() {
        assert_eq!(answer["isError"], false, "{answer:#}");
    }
    assert_eq!(seen["asked"].as_array().unwrap().len(), 1, "{:#}", seen["asked"]);
    assert_eq!(world.own_items().len(), 1);
    let calls = json!([{"tool": "sentry_find_projects", "arguments": {}}]);
    let seen = Sdk::Python.drive(&world, Person::CannotBeAsked, &calls, Some(&serving));
    assert_eq!(
        seen["answers"][0]["structured"]["sentry_metadata"]["projects"][0]["slug"], "backend",
        "{seen:#}"
    );

    let (host, right) = (serving.authority().to_owned(), format!("Bearer {}", serving.token));
    let port = host.rsplit(':').next().unwrap();
    let (local, own) = (format!("localhost:{port}"), format!("http://{host}"));
    let bearing = |token: &str| vec![("Authorization".to_owned(), token.to_owned())];
    let with = |origin: &str| [bearing(&right), vec![("Origin".to_owned(), origin.to_owned())]].concat();
    let upper = format!("Bearer {}", serving.token.to_uppercase());
    for (what, method, host, headers, wanted) in [
        ("the right token", "POST", host.as_str(), bearing(&right), 200),
        ("the other name of this machine", "POST", &local, bearing(&right), 200),
        ("its own origin", "POST", &host, with(&own), 200),
        ("no token", "POST", &host, Vec::new(), 401),
        ("another token", "POST", &host, bearing(&upper), 401),
        ("a part of the token", "POST", &host, bearing(&right[..right.len() - 1]), 401),
        ("another scheme", "POST", &host, bearing(&serving.token), 401),
        ("a foreign host", "POST", "evil.example", bearing(&right), 403),
        ("another port", "POST", "127.0.0.1:1", bearing(&right), 403),
        ("a foreign origin", "POST", &host, with("https://evil.example"), 403),
        ("an origin of another port", "POST", &host, with("http://127.0.0.1:1"), 403),
        ("an origin of nobody", "POST", &host, with("null"), 403),
    ] {
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let (head, _) = begin(&serving, method, host, &headers);
        assert!(head.starts_with(&format!("HTTP/1.1 {wanted} ")), "{what}: {head}");
    }
}

#[test]
fn the_token_is_kept_for_its_owner_alone_and_a_guess_is_no_token() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::start();
    let serving = Serving::start(&world);
    let kept = world.dir().join(".orderly/mcp-token");
    assert_eq!(kept.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(serving.token.len(), 64);
    let mut command = world.command(&["mcp", "--http", "--port", "0"]);
    command.env("ORDERLY_MCP_TOKEN", "hunter2");
    assert!(!run(command).exits(2).stderr.contains("hunter2"));
}

#[test]
fn ctrl_c_ends_it_also_while_a_client_listens() {
    let world = World::start();
    let mut serving = Serving::start(&world);
    let (host, bearer) = (serving.authority().to_owned(), format!("Bearer {}", serving.token));
    let (head, _first) = begin(&serving, "POST", &host, &[("Authorization", &bearer)]);
    let id = |line: &str| line.strip_prefix("mcp-session-id: ").map(str::to_owned);
    let session = head.lines().find_map(id).unwrap();
    let headers = [("Authorization", bearer.as_str()), ("Mcp-Session-Id", &session)];
    let (head, _listening) = begin(&serving, "GET", &host, &headers);
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert!(serving.interrupt().success());
}
