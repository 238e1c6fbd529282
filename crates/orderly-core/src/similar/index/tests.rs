use super::*;
use crate::normal::platform::Platform;
use crate::similar::{Corpus, Frame, Report, Thrown, WrittenItem, score};
use crate::sync::snapshot::FrameOrigin;
use crate::untrusted::Untrusted;
use proptest::prelude::*;

/// Few words, so that much is alike.
const WORDS: [&str; 12] =
    ["cart", "total", "price", "send", "mail", "read", "order", "item", "save", "load", "stock", "user"];

fn error(frames: &[Vec<usize>], said: &[usize]) -> Signature {
    let name = |words: &Vec<usize>| words.iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join("_");
    let frame = |words| Frame {
        function: Some(Untrusted::new(name(words))),
        module: Some("shop".into()),
        file: None,
        origin: FrameOrigin::InApp,
    };
    let message = said.iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join(" ");
    Signature::of(&Report {
        platform: Platform::Python,
        exceptions: vec![Thrown {
            kind: "ValueError".into(),
            message: Untrusted::new(message),
            frames: frames.iter().map(frame).collect(),
        }],
    })
}

fn written(words: &[usize]) -> Signature {
    let title = words.iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join(" ");
    Signature::of_item(&WrittenItem { title: Untrusted::new(title), body: "".into() })
}

fn signature() -> impl Strategy<Value = Signature> {
    let said = || proptest::collection::vec(0..WORDS.len(), 0..4);
    let frames = proptest::collection::vec(proptest::collection::vec(0..WORDS.len(), 1..4), 0..18);
    prop_oneof![
        4 => (frames, said()).prop_map(|(frames, said)| error(&frames, &said)),
        1 => proptest::collection::vec(0..WORDS.len(), 0..8).prop_map(|words| written(&words)),
    ]
}

/// The answer of a comparison with everything.
fn compared_with_all(known: &[(usize, Signature)], asked: &Signature, order: Order) -> BTreeMap<usize, f64> {
    let mut corpus = Corpus::default();
    known.iter().for_each(|(_, signature)| corpus.add(signature));
    let mut scores: BTreeMap<usize, f64> = BTreeMap::new();
    for (at, (item, signature)) in known.iter().enumerate() {
        let since = (known.len() - 1 - at) as f64 / known.len() as f64;
        let recency = if order == Order::OfOccurrence { (-RECENT * since).exp() } else { 1.0 };
        let best = scores.entry(*item).or_default();
        *best = best.max(score(&corpus, asked, signature).value * recency);
    }
    scores
}

fn check(index: &Index<usize>, known: &[(usize, Signature)], asked: &Signature, most: usize) {
    for at_least in [0.0, 0.3, 0.8] {
        check_from(index, known, asked, most, at_least);
    }
}

fn check_from(
    index: &Index<usize>,
    known: &[(usize, Signature)],
    asked: &Signature,
    most: usize,
    at_least: f64,
) {
    let all = compared_with_all(known, asked, index.order);
    let found = index.nearest(asked, most, at_least);
    let counts = |score: &f64| *score > 0.0 && *score >= at_least;
    let mut expected: Vec<f64> = all.values().copied().filter(counts).collect();
    expected.sort_by(|a, b| b.total_cmp(a));
    expected.truncate(most);
    let scores: Vec<f64> = found.iter().map(|one| one.score).collect();
    assert_eq!(scores.len(), expected.len(), "{scores:?} {expected:?}");
    for (score, expected) in scores.iter().zip(&expected) {
        assert!((score - expected).abs() < 1e-9, "{scores:?} {expected:?}");
    }
    for one in &found {
        assert!((all[&one.item] - one.score).abs() < 1e-9, "{found:?} {all:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_answer_is_that_of_a_comparison_with_everything(
        known in proptest::collection::vec((0_usize..30, signature()), 1..60),
        asked in signature(),
        most in 1_usize..12,
    ) {
        for order in [Order::Arbitrary, Order::OfOccurrence] {
            let mut index = Index::new(order);
            known.iter().for_each(|(item, signature)| index.insert(*item, signature));
            check(&index, &known, &asked, most);
        }
    }

    #[test]
    fn what_was_forgotten_is_as_if_it_had_never_been_there(
        known in proptest::collection::vec((0_usize..12, signature()), 1..40),
        forgotten in 0_usize..12,
        asked in signature(),
    ) {
        let mut index = Index::default();
        known.iter().for_each(|(item, signature)| index.insert(*item, signature));
        index.remove(&forgotten);
        let rest: Vec<_> = known.iter().filter(|(item, _)| *item != forgotten).cloned().collect();
        check(&index, &rest, &asked, 5);
        // The places are taken again.
        let again: Vec<_> = known.iter().filter(|(item, _)| *item == forgotten).cloned().collect();
        again.iter().for_each(|(item, signature)| index.insert(*item, signature));
        prop_assert_eq!(index.known.len(), known.len());
        check(&index, &[rest, again].concat(), &asked, 5);
    }
}

#[test]
fn lists_that_very_many_are_in_are_left_out_without_losing_an_answer() {
    let common = || vec![vec![0], vec![1], vec![2]];
    let known: Vec<(usize, Signature)> = (0..900)
        .map(|n| {
            let mut frames = common();
            frames.push(vec![3 + n % 9, 3 + n / 9 % 9, 3 + n / 81 % 9, 3 + n / 7 % 9]);
            (n, error(&frames, &[n % 12]))
        })
        .collect();
    let mut index = Index::default();
    known.iter().for_each(|(item, signature)| index.insert(*item, signature));
    for asked in [&known[5].1, &known[777].1, &error(&common(), &[1]), &error(&[vec![4, 5]], &[2])] {
        check(&index, &known, asked, 10);
    }
}
