use super::rules::every;
use super::*;
use crate::ids::IssueId;
use crate::scrub::Scrubber;
use crate::time::Timestamp;
use crate::untrusted::Untrusted;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn text(text: &str) -> Untrusted<String> {
    Untrusted::from(text)
}

fn frame(function: &str, origin: FrameOrigin) -> Frame {
    Frame {
        function: text(function),
        raw_function: None,
        module: Some(text("app.pay")),
        package: None,
        file: Some(text("app/pay.py")),
        abs_path: None,
        position: Some(Position { line: 12, column: None }),
        origin,
        platform: None,
        context: vec![SourceLine { line: 12, text: text("  amount = row['amount']") }],
    }
}

fn exception(kind: &str, value: &str, handled: Handled) -> Exception {
    Exception {
        kind: text(kind),
        value: text(value),
        module: None,
        mechanism: Some(Mechanism { kind: text("generic"), handled }),
        frames: vec![frame("lib", FrameOrigin::Library), frame("charge", FrameOrigin::InApp)],
    }
}

fn evidence(platform: &str, exceptions: Vec<Exception>) -> Evidence {
    Evidence {
        issue: IssueId(1),
        event: text("0123456789abcdef0123456789abcdef"),
        at: Timestamp::UNIX_EPOCH,
        platform: text(platform),
        level: None,
        release: Some(text("shop@2.4.0")),
        dist: None,
        environment: Some(text("production")),
        transaction: Some(text("POST /pay")),
        message: None,
        exceptions,
        breadcrumbs: Vec::new(),
        request: None,
        tags: BTreeMap::new(),
        around: Surroundings::default(),
        bundles: Vec::new(),
        left_out: Vec::new(),
    }
}

fn lines(diagnosis: &Diagnosis) -> String {
    let scrubber = Scrubber::built_in();
    diagnosis.bullets.iter().map(|bullet| bullet.line(&scrubber) + "\n").collect()
}

#[test]
fn each_platform_tells_its_failures_by_family() {
    let cases = [
        ("rust", "panic", "called `Option::unwrap()` on a `None` value", Family::Unwrap),
        ("native", "panic", "called `Result::unwrap()` on an `Err` value: Os { code: 2 }", Family::Unwrap),
        ("rust", "panic", "called `Result::unwrap()` on an `Err` value: PoisonError { .. }", Family::Lock),
        ("rust", "panic", "index out of bounds: the len is 3 but the index is 7", Family::Index),
        ("rust", "panic", "byte index 1 is not a char boundary; it is inside 'ü'", Family::Encoding),
        ("rust", "panic", "already borrowed: BorrowMutError", Family::Borrow),
        ("rust", "panic", "attempt to subtract with overflow", Family::Arithmetic),
        ("javascript", "TypeError", "Cannot read properties of undefined (reading 'id')", Family::NullAccess),
        ("javascript", "TypeError", "null is not an object (evaluating 'a.b')", Family::NullAccess),
        ("node", "Error", "connect ECONNREFUSED 127.0.0.1:5432", Family::Connection),
        ("javascript", "ChunkLoadError", "Loading chunk 7 failed.", Family::VersionSkew),
        ("javascript", "AbortError", "signal is aborted without reason", Family::Cancelled),
        (
            "javascript",
            "SyntaxError",
            "Unexpected token '<', \"<!DOCTYPE\" is not valid JSON",
            Family::VersionSkew,
        ),
        ("python", "KeyError", "'amount'", Family::Key),
        ("python", "AttributeError", "'NoneType' object has no attribute 'total'", Family::NullAccess),
        ("python", "UnicodeDecodeError", "'utf-8' codec can't decode byte 0xff", Family::Encoding),
        ("python", "TimeoutError", "QueuePool limit of size 5 overflow 10 reached", Family::Exhausted),
        ("python", "sqlalchemy.exc.IntegrityError", "duplicate key value", Family::Constraint),
        ("java", "java.lang.NullPointerException", "", Family::NullAccess),
        ("java", "NoSuchMethodError", "com.shop.Cart.total()", Family::VersionSkew),
        ("java", "java.util.ConcurrentModificationException", "", Family::Race),
        (
            "go",
            "runtime.errorString",
            "invalid memory address or nil pointer dereference",
            Family::NullAccess,
        ),
        ("go", "*url.Error", "Get \"x\": context deadline exceeded", Family::Timeout),
        ("ruby", "NoMethodError", "undefined method `id' for nil", Family::NullAccess),
        ("csharp", "System.NullReferenceException", "Object reference not set", Family::NullAccess),
        ("other", "Error", "write: no space left on device", Family::Hardware),
        ("python", "PermissionError", "[Errno 13] Permission denied: '/etc/x'", Family::Permission),
        ("go", "*fs.PathError", "open x: no such file or directory", Family::Missing),
    ];
    for (platform, kind, value, family) in cases {
        let found = family_of(&evidence(platform, vec![exception(kind, value, Handled::No)]));
        assert_eq!(found.map(|found| found.family), Some(family), "{platform} {kind} {value}");
    }
}

#[test]
fn the_deepest_cause_tells_the_family_and_the_sentence_says_what_it_surfaced_as() {
    let chain = vec![
        exception("ServiceError", "charge failed", Handled::No),
        exception("RetryError", "gave up", Handled::Unknown),
        exception("KeyError", "'amount'", Handled::Unknown),
    ];
    let diagnosis = diagnose(&evidence("python", chain));
    assert_eq!(
        (diagnosis.family, diagnosis.verdict, diagnosis.remedy),
        (Family::Key, Verdict::Bug, Remedy::Guard)
    );
    insta::assert_snapshot!(lines(&diagnosis), @r"
    Doing: It was running `POST /pay`. [transaction]
    Where: `charge` in `app/pay.py`, line 12, which reads `amount = row['amount']`. [frame 2 of exception 3]
    Why: `KeyError` says `'amount'`: the key is not in the map. It surfaced as `ServiceError`, 2 exceptions further out. [exception 3; exception 1; rule python/key]
    Kind: A real bug: nobody caught it (missing key). [mechanism of exception 1; frame 2 of exception 3]
    Cure: Probably a guard at that place. Ask with a default, or decide what a missing key means here. [rule python/key; frame 2 of exception 3]
    Around: Seen in release `shop@2.4.0`, environment `production`. [surroundings]
    ");
}

#[test]
fn the_last_telling_steps_are_told_without_what_people_typed_into_addresses() {
    let crumb = |category: &str, message: Option<&str>, data: &[(&str, &str)]| Breadcrumb {
        at: None,
        category: Some(text(category)),
        level: None,
        message: message.map(text),
        data: data.iter().map(|(key, value)| (text(key), text(value))).collect(),
    };
    let mut evidence = evidence("javascript", vec![exception("TypeError", "x is null", Handled::No)]);
    evidence.request = Some(Request { method: None, url: text("https://shop.example/cart") });
    evidence.breadcrumbs = vec![
        crumb("navigation", None, &[("from", "/"), ("to", "/old?token=1")]),
        crumb("navigation", None, &[("from", "/"), ("to", "/cart?q=jane@shop.example")]),
        crumb("console", Some("noise"), &[]),
        crumb("ui.click", Some("button.pay"), &[]),
        crumb("fetch", None, &[("method", "POST"), ("url", "/api/pay?card=4111"), ("status_code", "500")]),
    ];
    let line = doing::doing(&evidence).line(&Scrubber::built_in());
    insta::assert_snapshot!(line, @"Doing: It was about the request `https://shop.example/cart`; before: navigation to `/cart`, then `ui.click` `button.pay`, then request `POST` `/api/pay` answered `500`. [request; breadcrumb 2; breadcrumb 4; breadcrumb 5]");
}

#[test]
fn without_own_code_at_the_crash_nothing_is_called_a_bug() {
    let mut foreign = exception("TypeError", "x is null", Handled::No);
    foreign.frames = vec![frame("lib", FrameOrigin::Library)];
    let diagnosis = diagnose(&evidence("javascript", vec![foreign]));
    assert_eq!((diagnosis.verdict, diagnosis.remedy), (Verdict::Unclear, Remedy::Unknown));
    let injected = exception("Error", "Extension context invalidated.", Handled::No);
    let diagnosis = diagnose(&evidence("javascript", vec![injected]));
    assert_eq!((diagnosis.verdict, diagnosis.remedy), (Verdict::NotActionable, Remedy::None));
}

#[test]
fn rules_have_names_of_their_own_and_texts_in_lower_case() {
    let mut names = BTreeSet::new();
    for rule in every() {
        assert!(names.insert(rule.name), "{} is there twice", rule.name);
        assert!(!rule.kinds.is_empty() || !rule.says.is_empty(), "{} matches everything", rule.name);
        assert!(rule.says.iter().all(|text| *text == text.to_lowercase()), "{}", rule.name);
    }
}

proptest! {
    #[test]
    fn every_diagnosis_has_four_to_six_sentences_and_each_cites_what_is_there(
        platform in "(rust|javascript|python|java|go|ruby|x)",
        chain in proptest::collection::vec(("(panic|TypeError|KeyError|E)", "(x is null|on a `none` value|\\PC{0,20})", 0..3_usize), 0..4),
        crumbs in 0..4_usize,
        message in proptest::option::of("timeout|\\PC{0,10}"),
    ) {
        let exceptions = chain.iter().map(|(kind, value, frames)| Exception {
            frames: (0..*frames).map(|at| frame("f", if at == 1 { FrameOrigin::InApp } else { FrameOrigin::Library })).collect(),
            ..exception(kind, value, Handled::Unknown)
        });
        let mut evidence = evidence(&platform, exceptions.collect());
        evidence.transaction = None;
        evidence.message = message.as_deref().map(text);
        evidence.breadcrumbs = (0..crumbs)
            .map(|_| Breadcrumb { at: None, category: None, level: None, message: Some(text("m")), data: BTreeMap::new() })
            .collect();
        let diagnosis = diagnose(&evidence);
        prop_assert!((4..=6).contains(&diagnosis.bullets.len()));
        for bullet in &diagnosis.bullets {
            prop_assert!(!bullet.cites.is_empty() && !bullet.says.is_empty());
            for cite in &bullet.cites {
                let there = match cite {
                    Cite::Exception(at) | Cite::Mechanism(at) => *at < evidence.exceptions.len(),
                    Cite::Frame { exception, frame } => evidence.exceptions[*exception].frames.len() > *frame,
                    Cite::Breadcrumb(at) => *at < evidence.breadcrumbs.len(),
                    Cite::Message => evidence.message.is_some(),
                    Cite::Request => evidence.request.is_some(),
                    Cite::Transaction => evidence.transaction.is_some(),
                    Cite::Surroundings | Cite::Rule(_) | Cite::Absent(_) => true,
                };
                prop_assert!(there, "{cite}");
            }
            let line = bullet.line(&Scrubber::built_in());
            prop_assert!(line.chars().all(|c| !c.is_control()));
        }
    }
}
