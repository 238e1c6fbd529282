use super::*;
use crate::normal::platform::Platform;
use crate::sync::snapshot::FrameOrigin;
use crate::untrusted::Untrusted;

fn error(message: &str, functions: &[&str]) -> Signature {
    let frame = |function: &&str| Frame {
        function: Some((*function).into()),
        module: Some("shop.cart".into()),
        file: None,
        origin: FrameOrigin::InApp,
    };
    Signature::of(&Report {
        platform: Platform::Python,
        exceptions: vec![Thrown {
            kind: "ValueError".into(),
            message: message.into(),
            frames: functions.iter().map(frame).collect(),
        }],
    })
}

#[test]
fn an_error_is_nearest_to_itself_and_far_from_a_stranger() {
    let mut index = Index::default();
    index.insert("totals", error("no price for order 7", &["checkout", "total", "price_of"]));
    index.insert("mail", error("cannot reach the mail server", &["send_mail", "connect"]));
    let found = index.nearest(&error("no price for order 12", &["checkout", "total", "price_of"]), 10);
    assert_eq!(found[0].item, "totals");
    assert!(found[0].score > 0.99, "{found:?}");
    assert!(found.iter().skip(1).all(|other| other.score < 0.5), "{found:?}");
}

#[test]
fn a_forgotten_item_leaves_nothing_behind() {
    let mut index = Index::default();
    index.insert(1, error("x", &["a", "b"]));
    index.remove(&1);
    assert_eq!(index.corpus(), &Corpus::default());
    assert!(index.nearest(&error("x", &["a", "b"]), 10).is_empty());
}

#[test]
fn a_stored_signature_reads_back_the_same() {
    let signature = error("no price for order 7", &["checkout", "total"]);
    let stored = serde_json::to_string(&signature).unwrap();
    assert_eq!(serde_json::from_str::<Signature>(&stored).unwrap(), signature);
}

#[test]
fn a_stack_trace_pasted_into_an_item_is_compared_as_one() {
    let body = "Seen this morning:\n\nTraceback (most recent call last):\n  File \"shop/cart.py\", line 3, in checkout\n    \
                total()\n  File \"shop/cart.py\", line 9, in total\n    price_of()\nValueError: no price for order 7\n";
    let item = WrittenItem { title: "Checkout breaks".into(), body: Untrusted::new(body.to_owned()) };
    let written = Signature::of_item(&item);
    assert_eq!(written.facts().kind, "ValueError");
    assert_eq!(written.facts().frames.len(), 2);
    let known = error("no price for order 9", &["checkout", "total"]);
    assert_eq!(explain(&Corpus::default(), &written, &known).frames.len(), 2);
}
