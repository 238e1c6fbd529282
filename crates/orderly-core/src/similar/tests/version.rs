//! Thresholds belong to one version of the score: who changes the score raises it.

use crate::calibrate::shipped::SCORE_VERSION;
use crate::normal::platform::Platform;
use crate::similar::{Corpus, Frame, Report, Signature, Thrown, WrittenItem, score};
use crate::sync::snapshot::FrameOrigin;
use crate::untrusted::Untrusted;
use sha2::{Digest as _, Sha256};

/// Platform, type, message, and frames as module and function, the crash last.
type Told = (Platform, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const ERRORS: [Told; 9] = [
    (
        Platform::Python,
        "ValueError",
        "no price for order 812",
        &[("shop.web", "handle"), ("shop.cart", "checkout")],
    ),
    (
        Platform::Python,
        "ValueError",
        "no price for order 7",
        &[("shop.web", "handle"), ("shop.cart", "preview")],
    ),
    (
        Platform::Python,
        "KeyError",
        "'total'",
        &[("shop.web", "handle"), ("shop.mail", "render.<locals>.<lambda>")],
    ),
    (
        Platform::Jvm,
        "java.lang.IllegalStateException",
        "closed",
        &[("com.acme.Cart$Items", "lambda$add$0"), ("com.acme.Cart", "add")],
    ),
    (
        Platform::Jvm,
        "java.io.IOException",
        "closed by peer 10.0.0.7",
        &[("com.acme.Cart", "add"), ("com.acme.Net", "read")],
    ),
    (
        Platform::JavaScript,
        "TypeError",
        "x is undefined",
        &[("webpack:///./src/cart.ts", "Object.addItem"), ("", "<anonymous>")],
    ),
    (
        Platform::Rust,
        "panic",
        "index out of bounds: the len is 3",
        &[("", "shop::cart::Cart<T>::add::{{closure}}"), ("", "shop::cart::Cart<T>::at")],
    ),
    (
        Platform::Go,
        "runtime.Error",
        "nil map",
        &[("acme.com/shop/cart", "(*Cart).Add"), ("acme.com/shop/cart", "(*Cart).Add.func1")],
    ),
    (Platform::Native, "SIGSEGV", "", &[("", "acme::cart::add(int)"), ("", "acme::cart::at(unsigned long)")]),
];

const ITEMS: [(&str, &str); 3] = [
    ("Checkout fails without a price", "Since Monday the total of an order cannot be computed"),
    (
        "No price for an order",
        "Traceback (most recent call last):\n  File \"shop/cart.py\", line 3, in checkout\n    total()\nValueError: no price\n",
    ),
    ("Release notes are too long", ""),
];

#[test]
fn a_change_of_the_score_raises_its_version() {
    let frame = |(module, function): &(&str, &str)| Frame {
        function: Some((*function).into()),
        module: Some((*module).into()),
        file: None,
        origin: FrameOrigin::InApp,
    };
    let error = |(platform, kind, message, frames): &Told| {
        let thrown = Thrown {
            kind: (*kind).into(),
            message: (*message).into(),
            frames: frames.iter().map(frame).collect(),
        };
        Signature::of(&Report { platform: *platform, exceptions: vec![thrown] })
    };
    let item = |(title, body): &(&str, &str)| {
        Signature::of_item(&WrittenItem { title: (*title).into(), body: Untrusted::new((*body).to_owned()) })
    };
    let all: Vec<Signature> = ERRORS.iter().map(error).chain(ITEMS.iter().map(item)).collect();
    let mut corpus = Corpus::default();
    all.iter().for_each(|signature| corpus.add(signature));
    let mut scores = String::new();
    for (nth, asked) in all.iter().enumerate() {
        for known in &all[nth..] {
            scores.push_str(&format!("{:.6} ", score(&corpus, asked, known).value));
        }
    }
    let digest = hex::encode(&Sha256::digest(scores.as_bytes())[..6]);
    assert_eq!(
        (SCORE_VERSION, digest.as_str()),
        (2, "be887dcedd5c"),
        "the score changed: raise SCORE_VERSION, measure the shipped thresholds anew (`orderly eval duplicates`), then \
         pin this digest.\n{scores}"
    );
}
