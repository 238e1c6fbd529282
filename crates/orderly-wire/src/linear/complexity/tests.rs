use super::*;
use proptest::prelude::*;

#[test]
fn a_property_is_a_tenth_an_object_one_and_a_connection_multiplies() {
    for (document, expected) in [
        // One object with one property: 1.1, rounded up.
        ("query { viewer { id } }", 2),
        ("{ viewer { id } }", 2),
        // 1 + 2 × (1 + 0.1): `nodes` is an object.
        ("query { teams(first: 2) { nodes { id } } }", 4),
        // 50 is what a connection answers when it is not told: 1 + 50 × 1.1.
        ("query { teams { nodes { id } } }", 56),
        // Below a connection everything counts, also `pageInfo`: 1 + 10 × (1.1 + 1.1).
        ("query { teams(first: 10) { nodes { id } pageInfo { hasNextPage } } }", 23),
        // Nested: 1 + 3 × (1 + (1 + 4 × 1.1)) = 20.2.
        ("query { teams(first: 3) { nodes { states(first: 4) { nodes { id } } } } }", 21),
        // Braces and `first` inside values are not selections: 1 + 2 × 1.1.
        (
            "query q($f: F = { a: { first: 9 } }) { t(filter: { or: [{ first: 9 }] }, first: 2) { nodes { id } } }",
            4,
        ),
        // Fragments cost where they are spread: 1 + 2 × (1 + 0.2).
        ("fragment f on T { a b } query { t(first: 2) { nodes { ...f } } }", 4),
        ("query { t(first: 2) { nodes { ... on T { a b } } } }", 4),
        // Aliases each cost: 2 × 1.1.
        ("query { a: viewer { id } b: viewer { id } }", 3),
        // A page that is a variable is the largest page.
        ("query q($n: Int) { t(first: $n) { nodes { id } } }", 276),
        // The dearest operation counts.
        ("query a { viewer { id } } query b { teams(first: 2) { nodes { id } } }", 4),
        // A comment and a directive cost nothing.
        ("query { # first: 9\n viewer @include(if: true) { id } }", 2),
    ] {
        assert_eq!(points(document), expected, "{document}");
    }
}

#[test]
fn a_text_that_cannot_be_read_costs_more_than_any_limit() {
    for document in [
        "query { viewer { id }",
        "query { ...missing }",
        "fragment f on T { ...f } query { ...f }",
        "query",
        "}",
        "{ a: }",
    ] {
        assert_eq!(points(document), u64::MAX, "{document}");
    }
}

proptest! {
    #[test]
    fn any_text_is_counted_without_panicking(text in "\\PC*") {
        let _ = points(&text);
    }

    #[test]
    fn any_mix_of_graphqls_own_signs_is_counted_without_panicking(text in "[a-c{}()\\[\\]:,.@$#\" 0-9\n]{0,120}|(\\{ ?a ?){0,60}") {
        let _ = points(&text);
    }
}
