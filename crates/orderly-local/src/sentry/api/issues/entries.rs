//! The parts of an event as the web API shows them: `[{"type": .., "data": ..}]` with camel-case names, where SDKs
//! write snake case. Whatever has an odd shape is shown as absent.

use serde_json::{Map, Value, json};
use url::Url;

use super::render::object;

/// The entries of an event in canonical form.
pub(super) fn entries(event: &Map<String, Value>) -> Vec<Value> {
    let shown = [
        ("exception", event.get("exception").map(exception)),
        ("stacktrace", event.get("stacktrace").map(stacktrace)),
        ("threads", event.get("threads").map(threads)),
        ("message", event.get("logentry").map(message)),
        ("breadcrumbs", event.get("breadcrumbs").map(breadcrumbs)),
        ("request", event.get("request").map(request)),
        ("debugmeta", event.get("debug_meta").filter(|meta| meta.is_object()).cloned()),
    ];
    shown
        .into_iter()
        .filter_map(|(kind, data)| Some(json!({"type": kind, "data": data.filter(|data| !data.is_null())?})))
        .collect()
}

fn values(part: &Value) -> impl Iterator<Item = &Value> {
    part.get("values").and_then(Value::as_array).into_iter().flatten()
}

/// A field of the part, null when it is missing.
fn at(part: &Value, key: &str) -> Value {
    part.get(key).cloned().unwrap_or_default()
}

fn exception(part: &Value) -> Value {
    let shown: Vec<Value> = values(part)
        .map(|exception| {
            json!({
                "type": at(exception, "type"),
                "value": at(exception, "value"),
                "module": at(exception, "module"),
                "threadId": at(exception, "thread_id"),
                "mechanism": at(exception, "mechanism"),
                "stacktrace": exception.get("stacktrace").map(stacktrace),
                "rawStacktrace": exception.get("raw_stacktrace").map(stacktrace),
            })
        })
        .collect();
    let has_system_frames = shown.iter().any(|exception| {
        exception.pointer("/stacktrace/hasSystemFrames").and_then(Value::as_bool) == Some(true)
    });
    json!({"values": shown, "hasSystemFrames": has_system_frames, "excOmitted": null})
}

fn stacktrace(part: &Value) -> Value {
    let Some(frames) = part.get("frames").and_then(Value::as_array) else { return Value::Null };
    let frames: Vec<Value> = frames.iter().filter(|frame| frame.is_object()).map(frame).collect();
    let in_app = frames.iter().filter(|frame| frame["inApp"] == true).count();
    json!({
        "hasSystemFrames": in_app > 0 && in_app < frames.len(),
        "frames": frames,
        "framesOmitted": at(part, "frames_omitted"),
        "registers": at(part, "registers"),
    })
}

fn frame(frame: &Value) -> Value {
    let mut shown = object(json!({
        "filename": at(frame, "filename"),
        "absPath": at(frame, "abs_path"),
        "module": at(frame, "module"),
        "package": at(frame, "package"),
        "platform": at(frame, "platform"),
        "function": at(frame, "function"),
        "rawFunction": at(frame, "raw_function"),
        "symbol": at(frame, "symbol"),
        "symbolAddr": at(frame, "symbol_addr"),
        "instructionAddr": at(frame, "instruction_addr"),
    }));
    shown.extend(object(json!({
        "lineNo": at(frame, "lineno"),
        "colNo": at(frame, "colno"),
        "inApp": frame.get("in_app").and_then(Value::as_bool).unwrap_or(false),
        "context": context(frame),
        "vars": at(frame, "vars"),
        "errors": null,
        "lock": at(frame, "lock"),
        "trust": null,
        "sourceLink": null,
    })));
    shown.into()
}

/// `[[line number, source], ..]` from the lines before, at and after the frame's line.
fn context(frame: &Value) -> Vec<(i64, String)> {
    let (Some(line), Some(source)) =
        (frame.get("lineno").and_then(Value::as_i64), frame.get("context_line").and_then(Value::as_str))
    else {
        return Vec::new();
    };
    let lines = |key: &str| -> Vec<&str> {
        let lines = frame.get(key).and_then(Value::as_array);
        lines.into_iter().flatten().map(|line| line.as_str().unwrap_or_default()).collect()
    };
    let before = lines("pre_context");
    let first = line.saturating_sub(i64::try_from(before.len()).unwrap_or(0));
    let all = before.into_iter().chain([source]).chain(lines("post_context"));
    (first..).zip(all.map(str::to_owned)).collect()
}

fn threads(part: &Value) -> Value {
    let shown: Vec<Value> = values(part)
        .map(|thread| {
            json!({
                "id": at(thread, "id"),
                "name": at(thread, "name"),
                "crashed": thread.get("crashed").and_then(Value::as_bool).unwrap_or(false),
                "current": thread.get("current").and_then(Value::as_bool).unwrap_or(false),
                "state": at(thread, "state"),
                "stacktrace": thread.get("stacktrace").map(stacktrace),
                "rawStacktrace": thread.get("raw_stacktrace").map(stacktrace),
            })
        })
        .collect();
    json!({"values": shown})
}

fn message(part: &Value) -> Value {
    json!({
        "formatted": at(part, "formatted"),
        "message": at(part, "message"),
        "params": at(part, "params"),
    })
}

fn breadcrumbs(part: &Value) -> Value {
    let shown: Vec<Value> = values(part)
        .map(|crumb| {
            json!({
                "timestamp": crumb_time(crumb.get("timestamp")),
                "type": crumb.get("type").and_then(Value::as_str).unwrap_or("default"),
                "category": at(crumb, "category"),
                "level": crumb.get("level").and_then(Value::as_str).unwrap_or("info"),
                "message": at(crumb, "message"),
                "data": at(crumb, "data"),
                "event_id": at(crumb, "event_id"),
            })
        })
        .collect();
    json!({"values": shown})
}

/// SDKs write seconds since 1970 or RFC 3339; the API writes RFC 3339.
fn crumb_time(time: Option<&Value>) -> Value {
    match time {
        Some(Value::Number(number)) => {
            let at =
                number.as_f64().and_then(|seconds| jiff::SignedDuration::try_from_secs_f64(seconds).ok());
            let at = at.and_then(|since| jiff::Timestamp::UNIX_EPOCH.checked_add(since).ok());
            json!(at)
        }
        Some(Value::String(text)) => match crate::sentry::search::value::moment(text) {
            Some(at) => json!(at),
            None => json!(text),
        },
        _ => Value::Null,
    }
}

fn request(part: &Value) -> Value {
    // Clients take the address for an absolute one or none.
    let url = part.get("url").and_then(Value::as_str).filter(|url| Url::parse(url).is_ok());
    let headers = pairs(part.get("headers"));
    let content_type = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    json!({
        "method": at(part, "method"),
        "url": url,
        "query": query(part.get("query_string")),
        "data": at(part, "data"),
        "inferredContentType": content_type.map(|(_, value)| value),
        "headers": headers,
        "cookies": pairs(part.get("cookies")),
        "env": at(part, "env"),
        "fragment": at(part, "fragment"),
        "apiTarget": at(part, "api_target"),
    })
}

/// Key and value from an object or from a list of pairs.
fn pairs(part: Option<&Value>) -> Vec<(String, Value)> {
    match part {
        Some(Value::Object(fields)) => {
            fields.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
        }
        Some(Value::Array(pairs)) => pairs
            .iter()
            .filter_map(|pair| {
                Some((pair.get(0)?.as_str()?.to_owned(), pair.get(1).cloned().unwrap_or_default()))
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn query(part: Option<&Value>) -> Vec<(String, Value)> {
    match part {
        Some(Value::String(text)) => url::form_urlencoded::parse(text.trim_start_matches('?').as_bytes())
            .map(|(key, value)| (key.into_owned(), Value::String(value.into_owned())))
            .collect(),
        other => pairs(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(event: Value) -> Vec<Value> {
        entries(event.as_object().unwrap())
    }

    #[test]
    fn frames_have_numbered_source_lines_and_camel_case_names() {
        let shown = of(
            json!({"exception": {"values": [{"type": "E", "value": "v", "stacktrace": {"frames": [
                {"filename": "lib.py", "in_app": false},
                {"filename": "app.py", "abs_path": "/srv/app.py", "lineno": 3, "colno": 9, "function": "f", "in_app": true,
                 "pre_context": ["one", "two"], "context_line": "three", "post_context": ["four"], "vars": {"x": "1"}},
            ]}}]}}),
        );
        let data = &shown[0]["data"];
        assert_eq!(shown[0]["type"], "exception");
        assert_eq!(data["hasSystemFrames"], true);
        let frame = &data["values"][0]["stacktrace"]["frames"][1];
        assert_eq!(frame["context"], json!([[1, "one"], [2, "two"], [3, "three"], [4, "four"]]));
        assert_eq!(
            (&frame["absPath"], &frame["lineNo"], &frame["colNo"], &frame["inApp"], &frame["vars"]["x"]),
            (&json!("/srv/app.py"), &json!(3), &json!(9), &json!(true), &json!("1"))
        );
        assert_eq!(data["values"][0]["stacktrace"]["frames"][0]["context"], json!([]));
    }

    #[test]
    fn a_request_shows_pairs_and_only_an_absolute_address() {
        let request = |value: Value| of(json!({"request": value}))[0]["data"].clone();
        let shown = request(json!({
            "url": "https://shop.example/pay", "query_string": "a=1&b=%20", "headers": {"Content-Type": "text/plain"},
            "cookies": [["sid", "x"]],
        }));
        assert_eq!(shown["url"], "https://shop.example/pay");
        assert_eq!(shown["query"], json!([["a", "1"], ["b", " "]]));
        assert_eq!(shown["headers"], json!([["Content-Type", "text/plain"]]));
        assert_eq!(shown["inferredContentType"], "text/plain");
        assert_eq!(shown["cookies"], json!([["sid", "x"]]));
        assert_eq!(request(json!({"url": "/pay"}))["url"], Value::Null);
    }

    #[test]
    fn breadcrumb_times_are_rfc_3339_whatever_the_sdk_writes() {
        let shown = of(json!({"breadcrumbs": {"values": [
            {"timestamp": 1_700_000_000.5, "message": "a"}, {"timestamp": "2024-01-01T00:00:00"}, {"timestamp": {}},
        ]}}));
        let times: Vec<_> =
            shown[0]["data"]["values"].as_array().unwrap().iter().map(|c| &c["timestamp"]).collect();
        assert_eq!(times, [&json!("2023-11-14T22:13:20.5Z"), &json!("2024-01-01T00:00:00Z"), &Value::Null]);
    }

    #[test]
    fn odd_shapes_are_absent_and_never_panic() {
        for odd in [json!(3), json!("x"), json!([1]), json!({"values": 3}), json!({"frames": 7}), Value::Null]
        {
            let event = json!({
                "exception": odd, "stacktrace": odd, "threads": odd, "logentry": odd, "breadcrumbs": odd, "request": odd,
                "debug_meta": odd,
            });
            for entry in of(event) {
                assert!(entry["data"].is_object(), "{entry}");
            }
        }
        assert!(of(json!({})).is_empty());
    }
}
