use jiff::Timestamp;
use proptest::prelude::*;

use super::boolean::{self, Tree};
use super::field::{Order, alias};
use super::filter;
use super::outcome::percentile;
use super::{Dataset, Field};

fn tree(text: &str) -> String {
    fn show(tree: &Tree) -> String {
        let list = |branches: &[Tree]| branches.iter().map(show).collect::<Vec<_>>().join(" ");
        match tree {
            Tree::All(branches) => format!("(all {})", list(branches)),
            Tree::Any(branches) => format!("(any {})", list(branches)),
            Tree::Term(term) => term.clone(),
        }
    }
    boolean::parse(text).map_or_else(|error| error.to_string(), |tree| show(&tree))
}

#[test]
fn and_binds_tighter_than_or_and_parentheses_bind_tightest() {
    let cases = [
        ("a:1 b:2", "(all a:1 b:2)"),
        ("a:1 AND b:2 OR c:3", "(any (all a:1 b:2) c:3)"),
        ("a:1 (b:2 OR !c:3)", "(all a:1 (any b:2 !c:3))"),
        ("count():>5 p95(span.duration, 1):>1s", "(all count():>5 p95(span.duration, 1):>1s)"),
        ("title:\"a ) OR b\" x:[a, b]", "(all title:\"a ) OR b\" x:[a, b])"),
        ("foo()", "foo()"),
    ];
    for (text, expected) in cases {
        assert_eq!(tree(text), expected, "{text}");
    }
}

#[test]
fn what_does_not_balance_is_refused_with_a_reason() {
    for text in ["(a:1", "a:1)", "a:1 AND", "OR a:1", "()", "a:\"x", "a:[1", &"(".repeat(100)] {
        assert!(tree(text).starts_with("The query cannot be read"), "{text}: {}", tree(text));
    }
}

#[test]
fn a_value_never_becomes_sql() {
    let hostile = "'; DROP TABLE event; --";
    for text in [
        format!("title:\"{hostile}\""),
        format!("tags[{hostile}]:x"),
        format!("\"{hostile}\""),
        format!("flags[\"{hostile}\"]:true"),
        "count_if(level,equals,'; DROP):>1".to_owned(),
    ] {
        let filter = filter::compile(Dataset::Errors, &text, Timestamp::UNIX_EPOCH).unwrap();
        assert!(!filter.rows.as_sql().contains("DROP"), "{text}");
        assert!(filter.groups.iter().all(|test| !test.function.sql.as_sql().contains("DROP")), "{text}");
    }
    assert!(Field::parse(Dataset::Errors, hostile).is_err());
}

#[test]
fn functions_that_make_no_sense_are_refused_by_name() {
    for text in ["count_if(level)", "failure_rate()", "nope()", "percentile(span.duration,2)", "p95("] {
        let error = Field::parse(Dataset::Errors, text).unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    }
    for text in
        ["p95()", "failure_rate()", "apdex(300)", "avg(span.duration)", "sum(measurements.lcp)", "tpm()"]
    {
        assert!(Field::parse(Dataset::Spans, text).is_ok(), "{text}");
    }
}

#[test]
fn a_sort_key_may_be_written_in_both_ways() {
    let fields = [
        Field::parse(Dataset::Errors, "title").unwrap(),
        Field::parse(Dataset::Errors, "count_unique(user)").unwrap(),
    ];
    for text in ["-count_unique(user)", "-count_unique_user"] {
        assert_eq!(Order::parse(&fields, text).unwrap().field, 1, "{text}");
    }
    assert!(Order::parse(&fields, "-count()").is_err());
    assert_eq!(alias("p95(span.duration)"), "p95_span_duration");
}

#[test]
fn percentiles_lie_between_neighbours() {
    let values: Vec<f64> = (1..=100).map(f64::from).collect();
    for (share, expected) in [(0.0, 1.0), (0.5, 50.5), (0.95, 95.05), (1.0, 100.0)] {
        assert!((percentile(values.clone(), share).unwrap() - expected).abs() < 1e-9, "{share}");
    }
    assert_eq!(percentile(Vec::new(), 0.5), None);
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,60}") {
        let _ = filter::compile(Dataset::Errors, &text, Timestamp::UNIX_EPOCH);
        let _ = filter::compile(Dataset::Spans, &text, Timestamp::UNIX_EPOCH);
        let _ = Field::parse(Dataset::Spans, &text);
    }
}

#[test]
fn a_function_of_numbers_over_text_is_refused_in_sentrys_words() {
    for (dataset, text, column) in [
        (Dataset::Errors, "p95(title)", "title"),
        (Dataset::Errors, "avg(level)", "level"),
        (Dataset::Errors, "sum(tags[tier])", "tags[tier]"),
        (Dataset::Errors, "max(message)", "message"),
        (Dataset::Transactions, "p50(transaction)", "transaction"),
        (Dataset::Spans, "percentile(span.op, 0.9)", "span.op"),
    ] {
        let function = text.split('(').next().unwrap();
        let refused = Field::parse(dataset, text).unwrap_err().to_string();
        assert_eq!(refused, format!("{function}: column argument invalid: {column} is not a numeric column"));
    }
    // The data of a span may be numbers.
    assert!(Field::parse(Dataset::Spans, "avg(tags[cache.item_size,number])").is_ok());
}
