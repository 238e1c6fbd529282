mod version;

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
    index.insert("totals", &error("no price for order 7", &["checkout", "total", "price_of"]));
    index.insert("mail", &error("cannot reach the mail server", &["send_mail", "connect"]));
    let found = index.nearest(&error("no price for order 12", &["checkout", "total", "price_of"]), 10, 0.0);
    assert_eq!(found[0].item, "totals");
    assert!(found[0].score > 0.99, "{found:?}");
    assert!(found.iter().skip(1).all(|other| other.score < 0.2), "{found:?}");
}

#[test]
fn a_forgotten_item_leaves_nothing_behind() {
    let mut index = Index::default();
    index.insert(1, &error("x", &["a", "b"]));
    index.remove(&1);
    assert!(index.nearest(&error("x", &["a", "b"]), 10, 0.0).is_empty());
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

#[test]
fn a_message_that_differs_speaks_against_stacks_that_end_in_the_same_place() {
    let corpus = Corpus::default();
    let stack = ["handle", "validate", "reject"];
    let asked = error("quantity must be positive", &stack);
    let value = |known: &Signature| score(&corpus, &asked, known).value;
    let same = value(&error("quantity must be positive", &stack));
    let other_message = value(&error("unknown voucher code", &stack));
    let other_stack = value(&error("quantity must be positive", &["import_stock", "read_lines"]));
    assert!(same > 0.99, "{same}");
    assert!(other_message < 0.6 * same, "{other_message}");
    assert!(other_stack < other_message, "{other_stack}");
}

#[test]
fn frames_that_share_words_are_alike_and_the_explanation_names_them() {
    let known = error("no price", &["checkout", "removeDomainMarker"]);
    let explanation =
        explain(&Corpus::default(), &error("no price", &["checkout", "removeRangeMarker"]), &known);
    let told: Vec<(String, String, bool)> = explanation
        .frames
        .iter()
        .map(|matched| (matched.asked.to_string(), matched.known.to_string(), matched.likeness == 1.0))
        .collect();
    let told: Vec<(&str, &str, bool)> =
        told.iter().map(|(a, b, same)| (a.as_str(), b.as_str(), *same)).collect();
    assert_eq!(
        told,
        [
            ("shop.cart.removeRangeMarker", "shop.cart.removeDomainMarker", false),
            ("shop.cart.checkout", "shop.cart.checkout", true)
        ]
    );
    let Parts::Stacks { stack, said, factor } = explanation.score.parts else { panic!("{explanation:?}") };
    assert_eq!((said, factor), (1.0, 1.0));
    assert!((explanation.score.value - stack).abs() < 1e-12 && stack > 0.7, "{stack}");
    let added: f64 = explanation.frames.iter().map(|matched| matched.adds).sum();
    assert!((added - stack).abs() < 1e-12, "{explanation:?}");
}

#[test]
fn what_everything_has_in_common_says_little() {
    let mut corpus = Corpus::default();
    let run = |function: &str| error("failed", &["main_loop", "dispatch", function]);
    let (asked, known) = (run("paint"), run("save"));
    let before = score(&corpus, &asked, &known).value;
    for n in 0..50 {
        corpus.add(&run(&format!("step_{n}")));
    }
    let after = score(&corpus, &asked, &known).value;
    assert!(after < 0.8 * before, "{before} -> {after}");
}

#[test]
fn where_order_says_something_the_later_of_two_equals_comes_first() {
    let mut index = Index::new(Order::OfOccurrence);
    for item in ["old", "other", "young"] {
        let functions = if item == "other" { ["x", "y"] } else { ["checkout", "total"] };
        index.insert(item, &error("no price", &functions));
    }
    let found = index.nearest(&error("no price", &["checkout", "total"]), 2, 0.0);
    assert_eq!(found.iter().map(|one| one.item).collect::<Vec<_>>(), ["young", "old"]);
}

#[test]
fn items_without_a_stack_are_compared_by_what_they_say() {
    let written = |title: &str, body: &str| {
        Signature::of_item(&WrittenItem { title: title.into(), body: Untrusted::new(body.to_owned()) })
    };
    let mut index = Index::default();
    index.insert(1, &written("Checkout fails without a price", "Since Monday the total cannot be computed"));
    index.insert(2, &written("Release notes are too long", "Tidy them up"));
    let found = index.nearest(&error("checkout total has no price", &["checkout"]), 10, 0.0);
    assert_eq!(found[0].item, 1);
    assert!(matches!(
        score(&Corpus::default(), &error("no price", &["checkout"]), &written("No price", "")).parts,
        Parts::Texts { .. }
    ));
}

proptest::proptest! {
    #[test]
    fn a_score_lies_between_nothing_and_one_and_does_not_care_who_is_asked(
        a in proptest::collection::vec("[a-zA-Z_]{1,9}", 0..20),
        b in proptest::collection::vec("[a-zA-Z_]{1,9}", 0..20),
        said in "[a-z0-9 ]{0,30}",
    ) {
        let names = |list: &[String]| error(&said, &list.iter().map(String::as_str).collect::<Vec<_>>());
        let (x, y) = (names(&a), names(&b));
        let mut corpus = Corpus::default();
        corpus.add(&x);
        let (one, two) = (score(&corpus, &x, &y).value, score(&corpus, &y, &x).value);
        proptest::prop_assert!((0.0..=1.0).contains(&one));
        proptest::prop_assert!((one - two).abs() < 1e-9);
        if !a.is_empty() {
            proptest::prop_assert!(score(&corpus, &x, &x).value > 0.999);
        }
    }
}
