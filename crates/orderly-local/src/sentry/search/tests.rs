use jiff::SignedDuration;
use proptest::prelude::*;

use super::query::{
    Column, Handled, IssueName, NumberColumn, Person, Presence, ReleaseName, State, TermKey, TimeColumn,
};
use super::value::{Comparison, NumberTest, Pattern, TimeTest, duration, moment};
use super::*;
use crate::sentry::model::{Priority, Status, Substatus};

fn texts(values: &[&str]) -> Vec<Pattern> {
    values.iter().map(|value| Pattern::parse(value)).collect()
}

fn only(text: &str) -> Term {
    let mut terms = parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).terms;
    assert_eq!(terms.len(), 1, "{text}: {terms:?}");
    terms.remove(0)
}

#[test]
fn every_key_is_understood_with_its_own_kind_of_value() {
    let hours = SignedDuration::from_hours;
    let table: Vec<(&str, Filter)> = vec![
        ("is:unresolved", Filter::State(vec![State::Status(Status::Unresolved)])),
        ("is:archived", Filter::State(vec![State::Status(Status::Ignored)])),
        ("is:ignored", Filter::State(vec![State::Status(Status::Ignored)])),
        ("is:muted", Filter::State(vec![State::Status(Status::Ignored)])),
        ("is:regressed", Filter::State(vec![State::Substatus(Substatus::Regressed)])),
        ("is:for_review", Filter::State(vec![State::ForReview])),
        (
            "is:[new, escalating]",
            Filter::State(vec![State::Substatus(Substatus::New), State::Substatus(Substatus::Escalating)]),
        ),
        ("is:linked", Filter::State(vec![State::Linked])),
        ("is:unassigned", Filter::State(vec![State::Unassigned])),
        (
            "issue:SHOP-API-1A",
            Filter::Issue(vec![IssueName::Short { project: "shop-api".into(), counter: 42 }]),
        ),
        ("issue.id:12", Filter::Issue(vec![IssueName::Id(12)])),
        ("issue.priority:[high,medium]", Filter::Priority(vec![Priority::High, Priority::Medium])),
        ("issue.category:error", Filter::Category(texts(&["error"]))),
        ("issue.type:error", Filter::Column(Column::Kind, texts(&["error"]))),
        ("assigned:me", Filter::Assigned(vec![Person::Me])),
        ("assigned:[me, none]", Filter::Assigned(vec![Person::Me, Person::Nobody])),
        ("assigned:#Core", Filter::Assigned(vec![Person::Team("core".into())])),
        (
            "assigned_or_suggested:a@b.example",
            Filter::AssignedOrSuggested(vec![Person::Named("a@b.example".into())]),
        ),
        ("bookmarks:me", Filter::Bookmarks(vec![Person::Me])),
        ("age:-24h", Filter::Time(TimeColumn::FirstSeen, TimeTest::Within(hours(24)))),
        ("firstSeen:+7d", Filter::Time(TimeColumn::FirstSeen, TimeTest::Before(hours(168)))),
        (
            "lastSeen:-30m",
            Filter::Time(TimeColumn::LastSeen, TimeTest::Within(SignedDuration::from_mins(30))),
        ),
        (
            "timesSeen:>100",
            Filter::Number(NumberColumn::TimesSeen, NumberTest { comparison: Comparison::Above, value: 100 }),
        ),
        (
            "times_seen:<=2k",
            Filter::Number(
                NumberColumn::TimesSeen,
                NumberTest { comparison: Comparison::AtMost, value: 2000 },
            ),
        ),
        (
            "userCount:5",
            Filter::Number(NumberColumn::UserCount, NumberTest { comparison: Comparison::Equal, value: 5 }),
        ),
        ("firstRelease:1.0", Filter::FirstRelease(vec![ReleaseName::Version(Pattern::parse("1.0"))])),
        ("release:latest", Filter::Release(vec![ReleaseName::Latest])),
        (
            "release:[latest, 1.*]",
            Filter::Release(vec![ReleaseName::Latest, ReleaseName::Version(Pattern::parse("1.*"))]),
        ),
        ("level:[error,fatal]", Filter::Column(Column::Level, texts(&["error", "fatal"]))),
        ("environment:production", Filter::Environment(texts(&["production"]))),
        ("project:backend", Filter::Project(texts(&["backend"]))),
        ("error.type:TypeError", Filter::TermValue(TermKey::ErrorType, texts(&["TypeError"]))),
        ("error.handled:true", Filter::Handled(Handled::Yes)),
        ("error.handled:0", Filter::Handled(Handled::No)),
        ("error.unhandled:1", Filter::Handled(Handled::No)),
        ("stack.filename:*/views.py", Filter::TermValue(TermKey::StackFilename, texts(&["*/views.py"]))),
        ("title:\"two words\"", Filter::Column(Column::Title, texts(&["two words"]))),
        ("message:timeout", Filter::Message(texts(&["timeout"]))),
        ("has:release", Filter::Has(Presence::Release)),
        ("has:url", Filter::Has(Presence::Tag("url".into()))),
        ("user.email:a@b.example", Filter::TermValue(TermKey::UserEmail, texts(&["a@b.example"]))),
        ("user:\"id:42\"", Filter::User(texts(&["id:42"]))),
        ("transaction:/checkout", Filter::Tag("transaction".into(), texts(&["/checkout"]))),
        ("tags[level]:x", Filter::Tag("level".into(), texts(&["x"]))),
        ("tags[cart size,number]:3", Filter::Tag("cart size".into(), texts(&["3"]))),
        ("\"my tag\":x", Filter::Tag("my tag".into(), texts(&["x"]))),
        ("customer:\"\"", Filter::Tag("customer".into(), texts(&[""]))),
        ("message:f(x)", Filter::Message(texts(&["f(x)"]))),
        ("message:>5", Filter::Message(texts(&[">5"]))),
        ("message:\"say \\\"hi\\\"\"", Filter::Message(texts(&["say \"hi\""]))),
    ];
    for (text, filter) in table {
        assert_eq!(only(text), Term { polarity: Polarity::Is, filter: filter.clone() }, "{text}");
        assert_eq!(only(&format!("!{text}")), Term { polarity: Polarity::IsNot, filter }, "!{text}");
    }
}

#[test]
fn neighbouring_words_are_one_phrase_and_filters_stand_between_phrases() {
    let query = parse("  connection   reset is:unresolved by \"the peer\" https://host/x ").unwrap();
    let expected = [
        Filter::Message(texts(&["connection reset"])),
        Filter::State(vec![State::Status(Status::Unresolved)]),
        Filter::Message(texts(&["by the peer https://host/x"])),
    ];
    assert_eq!(query.terms.into_iter().map(|term| term.filter).collect::<Vec<_>>(), expected);
    assert_eq!(parse("").unwrap(), Query::default());
}

#[test]
fn what_cannot_be_searched_is_refused_with_a_reason() {
    let table = [
        ("is:unresolved OR is:resolved", "no OR operator"),
        ("level:error AND level:fatal", "no AND operator"),
        ("(is:unresolved)", "no parentheses"),
        ("a ) b", "no parentheses"),
        ("is:", "has no value"),
        ("level:[error,]", "has no value"),
        ("level:[error", "not closed"),
        ("\"open", "not closed"),
        ("title:\"open", "not closed"),
        ("title:\"a\"b", "space is missing"),
        ("is:sleeping", "expected a status"),
        ("issue:banana", "short id"),
        ("issue.priority:urgent", "high, medium or low"),
        ("age:24h", "-24h (within)"),
        ("age:-24x", "-24h (within)"),
        ("lastSeen:[-1h,-2h]", "-24h (within)"),
        ("timesSeen:many", "whole number"),
        ("timesSeen:>99999999999b", "whole number"),
        ("error.handled:maybe", "true or false"),
        ("assigned:#", "#team"),
    ];
    for (text, part) in table {
        let error = parse(text).expect_err(text).to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
    assert_eq!(parse(&"x".repeat(4097)), Err(SearchError::TooLong));
}

#[test]
fn an_unknown_key_names_the_nearest_one() {
    let table = [
        ("levl", Some("level")),
        ("is_", Some("is")),
        ("timesseen", Some("timesSeen")),
        ("error.typ", Some("error.type")),
        ("custmer", Some("customer")),
        ("zzzzzzzzzz", None),
    ];
    for (key, nearest) in table {
        let error = SearchError::unknown_key(key, ["customer"]);
        let SearchError::UnknownKey { nearest: found, .. } = &error else { panic!("{error}") };
        assert_eq!(found.as_deref(), nearest, "{key}");
    }
}

#[test]
fn wildcards_match_any_text_and_an_escaped_star_matches_a_star() {
    let table = [
        ("abc", "abc", true),
        ("abc", "ABC", false),
        ("a*c", "aXXC", true),
        ("a*c", "ac", true),
        ("a*c", "ab", false),
        ("*mid*", "a MIDdle", true),
        ("*a*b*a*", "xaxbxax", true),
        ("*a*b*a*", "xaxb", false),
        ("a\\*b", "a*b", true),
        ("a\\*b", "axb", false),
        ("aa*aa", "aaa", false),
        ("*", "", true),
    ];
    for (pattern, text, expected) in table {
        assert_eq!(Pattern::parse(pattern).matches(text), expected, "{pattern} on {text}");
    }
    assert_eq!(Pattern::parse("50%_\\x*").like(), "50\\%\\_\\\\x%");
}

#[test]
fn times_are_ranges_around_the_present_or_absolute_ones() {
    let now = moment("2024-05-10T12:00:00Z").unwrap();
    let micro = SignedDuration::from_micros(1);
    let at = |text: &str| moment(text).unwrap();
    let table = [
        ("-24h", Some(at("2024-05-09T12:00:00Z")), None),
        ("+7d", None, Some(at("2024-05-03T12:00:00Z") + micro)),
        ("2024-05-01", Some(at("2024-05-01T00:00:00Z")), Some(at("2024-05-02T00:00:00Z"))),
        (">2024-05-01", Some(at("2024-05-01T00:00:00Z") + micro), None),
        (">=2024-05-01T10:00:00", Some(at("2024-05-01T10:00:00Z")), None),
        ("<2024-05-01T10:00:00+02:00", None, Some(at("2024-05-01T08:00:00Z"))),
        ("<=2024-05-01", None, Some(at("2024-05-01T00:00:00Z") + micro)),
        ("2024-05-01T10:00:00Z", Some(at("2024-05-01T09:55:00Z")), Some(at("2024-05-01T10:05:00Z"))),
    ];
    for (text, from, until) in table {
        assert_eq!(TimeTest::parse(text).map(|test| test.range(now)), Some((from, until)), "{text}");
    }
    for text in ["", "-", "-h", "--1h", "2024-13-01", ">", "yesterday", "-1.5h", "-9999999999999999d"] {
        assert_eq!(TimeTest::parse(text), None, "{text}");
    }
    assert_eq!(duration("2w"), Some(SignedDuration::from_hours(336)));
    assert_eq!(duration("é"), None);
}

#[test]
fn only_the_review_queue_may_be_sorted_by_inbox() {
    for text in ["is:unresolved is:for_review", "is:for_review", "is:for_review assigned:me age:-24h"] {
        assert!(parse(text).unwrap().is_review_queue(), "{text}");
    }
    for text in
        ["", "is:unresolved", "is:for_review level:error", "!is:for_review", "is:for_review is:resolved"]
    {
        assert!(!parse(text).unwrap().is_review_queue(), "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,200}") {
        let _ = parse(&text);
    }

    #[test]
    fn no_text_of_search_characters_makes_the_parser_panic(text in r#"[a-c:!\[\]"\\(),*<>+\-0-9dh .#é]{0,60}"#) {
        let _ = parse(&text);
    }

    #[test]
    fn a_quoted_value_comes_back_as_it_was(value in r"[^\\*]{0,40}") {
        let text = format!("title:\"{}\"", value.replace('"', "\\\""));
        let term = only(&text);
        prop_assert_eq!(term.filter, Filter::Column(Column::Title, vec![Pattern::literal(&value)]));
    }

    #[test]
    fn a_pattern_matches_what_was_put_in_for_its_stars(pieces in prop::collection::vec("[a-z%_]{0,5}", 1..5), fill in "[a-z]{0,5}") {
        prop_assert!(Pattern::parse(&pieces.join("*")).matches(&pieces.join(&fill)));
    }
}
