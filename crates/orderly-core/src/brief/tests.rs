use super::*;
use crate::diagnose::{Position, Request, SourceLine, Surroundings};
use crate::ids::IssueId;
use crate::sync::snapshot::Level;
use std::collections::BTreeMap;

fn text(text: &str) -> Untrusted<String> {
    Untrusted::from(text)
}

fn frame(function: &str, file: &str, line: u32, origin: FrameOrigin) -> Frame {
    Frame {
        function: text(function),
        raw_function: None,
        module: None,
        package: None,
        file: Some(text(file)),
        abs_path: None,
        position: Some(Position { line, column: None }),
        origin,
        platform: None,
        context: (line - 3..line + 3)
            .map(|n| SourceLine { line: n, text: text(&format!("line {n}")) })
            .collect(),
    }
}

fn evidence() -> Evidence {
    let at = Timestamp::from_second(1_700_000_000).unwrap();
    let crumb = |n: i64| Breadcrumb {
        at: Timestamp::from_second(1_700_000_000 - n).ok(),
        category: Some(text("http")),
        level: None,
        message: Some(text("GET /cart")),
        data: BTreeMap::from([(text("status_code"), text("200"))]),
    };
    Evidence {
        issue: IssueId(1),
        event: text("0123456789abcdef0123456789abcdef"),
        at,
        platform: text("python"),
        level: Some(Level::Error),
        release: Some(text("shop@1.2.3")),
        dist: None,
        environment: Some(text("production")),
        transaction: Some(text("/checkout")),
        message: None,
        exceptions: vec![Exception {
            kind: text("KeyError"),
            value: text("'total'"),
            module: None,
            mechanism: None,
            frames: vec![
                frame("charge", "app/pay.py", 12, FrameOrigin::InApp),
                frame("dispatch", "flask/app.py", 880, FrameOrigin::Library),
                frame("checkout", "app/views.py", 40, FrameOrigin::InApp),
            ],
        }],
        breadcrumbs: (0..12).rev().map(crumb).collect(),
        request: Some(Request { method: Some(text("POST")), url: text("https://shop.example/checkout") }),
        tags: BTreeMap::from([(text("browser"), text("Chrome 131")), (text("release"), text("shop@1.2.3"))]),
        around: Surroundings { runtime: Some(text("CPython 3.11")), ..Surroundings::default() },
        bundles: Vec::new(),
        left_out: vec!["3 frames far from the crash".to_owned()],
    }
}

#[test]
fn a_crash_is_told_with_what_matters_first() {
    let lines = crash(&text("KeyError: 'total'"), &evidence(), &Scrubber::built_in());
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn no_line_holds_a_control_an_invisible_character_or_a_secret() {
    let mut hostile = evidence();
    let bad = text("a\u{1b}[2J\u{202e}b\u{200b}c\nd password=hunter2secret");
    hostile.exceptions[0].value = bad.clone();
    hostile.exceptions[0].frames[0].function = bad.clone();
    hostile.exceptions[0].frames[0].file = Some(bad.clone());
    hostile.tags.insert(bad.clone(), bad.clone());
    hostile.breadcrumbs[0].message = Some(bad.clone());
    hostile.release = Some(bad.clone());
    for line in crash(&bad, &hostile, &Scrubber::built_in()) {
        assert!(!line.chars().any(|c| c.is_control() || crate::encode::is_invisible(c)), "{line:?}");
        assert!(!line.contains("hunter2secret"), "{line}");
    }
}
