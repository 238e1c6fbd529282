use super::network::TOP_LEVEL;
use super::scan::Text;
use super::{Settled, folded, normal, parameterize, replace};
use proptest::prelude::*;

#[test]
fn each_kind_of_value_gets_its_placeholder() {
    let table = [
        ("mail to jane.doe+x@shop.example failed", "mail to <email> failed"),
        ("get https://shop.example/o/7?x=1 failed", "get <url> failed"),
        ("wss://shop.example/live closed", "<url> closed"),
        ("no route to db-1.shop.com, retry", "no route to <hostname>, retry"),
        ("open orders.py", "open orders.py"),
        ("connect 10.0.0.7 refused", "connect <ip> refused"),
        ("connect fe80::1 refused", "connect <ip> refused"),
        ("listen on :: failed", "listen on <ip> failed"),
        ("Cart::total failed", "Cart::total failed"),
        ("trace 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "trace <traceparent>"),
        ("root 1-67891233-abcdef012345678912345678", "root <traceparent>"),
        ("id 6f1ed002-ab59-42f1-9e5f-1a2b3c4d5e6f", "id <uuid>"),
        ("sum 356a192b7913b04c54574d18c28d46e6395428ab", "sum <sha1>"),
        ("sum 0cc175b9c0f1b6a831c399e269772661", "sum <md5>"),
        ("took 35ms, then 1.5s", "took <duration>, then <duration>"),
        ("swift tx274a77a8975c4a66aeb24-0052d95365 lost", "swift <swift_txn_id> lost"),
        ("at 0x7ffe in 9af8c3be and 4500123456", "at <hex> in <hex> and <hex>"),
        ("mixed 9aF8c3Be stays, deadbeef too", "mixed 9aF8c3Be stays, deadbeef too"),
        ("commit 5c28e41 broke it", "commit <git_sha> broke it"),
        ("ratio -0.5 of 3.14", "ratio <float> of <float>"),
        ("order 7 of -12, part a-5", "order <int> of <int>, part a-<int>"),
        ("name='jane' and title=\"x y\"", "name=<quoted_str> and title=<quoted_str>"),
        ("'jane' alone stays", "'jane' alone stays"),
        ("ok=true done=False true", "ok=<bool> done=<bool> true"),
        ("v2 and x86 stay", "v2 and x86 stay"),
    ];
    for (message, expected) in table {
        assert_eq!(parameterize(message), expected, "{message}");
    }
}

#[test]
fn every_spelling_of_a_date_is_one() {
    for date in [
        "Fri, 20 Nov 2026 10:00:00 +0100",
        "Fri, 20 Nov 2026 10:00 GMT",
        "Fri Nov 20, 2026",
        "Nov 20, 2026",
        "Friday, 20-Nov-26 10:00:00 GMT",
        "2026-11-20T10:00:00Z",
        "2026-11-20T10:00:00.123456+01:00",
        "Fri Nov 20 2026 10:00:00 GMT+0100 (Central European Standard Time)",
        "2026-11-20 10:00:00.5+0100",
        "2026-11-20 10:00:00",
        "20261120T100000Z",
        "2026-11-20 10:00",
        "9:05 pm",
        "9:05:30PM",
        "21:05",
        "21:05:30",
        "2026-11-20",
        "Fri Nov 20 10:00:00 2026",
        "20  Nov  2026  10:00  GMT",
        "datetime.datetime(2026, 11, 20, 10, 0)",
    ] {
        assert_eq!(parameterize(&format!("since {date}, still")), "since <date>, still", "{date}");
    }
}

#[test]
fn what_only_looks_like_a_date_is_none() {
    for (message, expected) in [
        ("ratio 9:75", "ratio <int>:<int>"),
        ("at 112:30", "at <int>:<int>"),
        ("datetime.datetime(2026,\n1)", "datetime.datetime(<int>,\n<int>)"),
        ("Mon Jan went away", "Mon Jan went away"),
    ] {
        assert_eq!(parameterize(message), expected, "{message}");
    }
}

#[test]
fn a_host_ends_with_its_first_top_level_domain() {
    assert_eq!(parameterize("to shop.com.au now"), "to <hostname>.au now");
    assert_eq!(parameterize("to SHOP.COM now"), "to <hostname> now");
    assert_eq!(parameterize("to shop.Com now"), "to shop.Com now");
    assert_eq!(parameterize("to shop.company now"), "to shop.company now");
    assert!(TOP_LEVEL.is_sorted());
}

#[test]
fn a_long_number_is_looked_at_once_however_many_places_it_could_begin_at() {
    // One value or none: the shape of the work is seen in that nothing is cut out of the middle.
    let digits = "1".repeat(100_000);
    assert_eq!(parameterize(&digits), digits);
    let labels = "a.".repeat(50_000);
    assert_eq!(parameterize(&labels), labels);
    let calls = "datetime.datetime(".repeat(5_000);
    assert_eq!(parameterize(&calls), calls);
}

/// How often bytes are looked at on the way to both normal forms.
fn looked(message: &str) -> usize {
    let folded = folded(message);
    let (whole, folded) = (Text::new(message), Text::new(&folded));
    replace(&whole, |_| true);
    let mut settled = Settled::new(folded.as_str());
    replace(&folded, |at| !settled.covers(at));
    whole.looked() + folded.looked()
}

/// A piece that comes so often is longer than any hash.
const FEW: usize = 130;

/// Whether a message with a piece sixteen times as often is looked at about sixteen times as often, not 256 times.
fn grows_as_the_message(front: &str, piece: &str, back: &str) -> bool {
    let looked = |times| looked(&[front, &piece.repeat(times), back].concat());
    looked(16 * FEW) <= 18 * looked(FEW) + 20_000
}

#[test]
fn what_never_comes_is_searched_for_once_however_often_it_is_awaited() {
    for (piece, back) in [
        ("datetime.datetime(", ""),
        ("datetime.datetime(", "\n)"),
        ("Fri Nov 20 2026 10:00:00 GMT+0100 (", ""),
        ("a", "@"),
        ("a@", ""),
        ("a.", ""),
        ("a-", ""),
        ("1", ".x"),
        ("1.", "x"),
        ("-1", "x"),
        ("='", ""),
        ("=\"", "'"),
        ("0x", ""),
        ("f", "g"),
        ("f:", ""),
        ("::", "x"),
        ("Jan ", ""),
        ("1 ", ""),
        ("http://", ""),
        ("<", ">"),
    ] {
        assert!(grows_as_the_message("", piece, back), "{piece}{back}");
    }
}

#[test]
fn letters_of_any_script_stay() {
    assert_eq!(parameterize("Größe 7 für 注文 12"), "Größe <int> für 注文 <int>");
    assert_eq!(parameterize("注文12"), "注文12");
}

/// Pieces of which values, and what only looks like values, are made.
fn pieces() -> impl Strategy<Value = String> {
    const PIECES: [&str; 38] = [
        "a",
        "f",
        "5",
        "12",
        "1234567",
        "s",
        "ms",
        "-",
        ".",
        ":",
        "::",
        "/",
        "://",
        "http",
        "@",
        "=",
        "'",
        "\"",
        " ",
        "\n",
        "0x",
        "com",
        "T",
        "Z",
        "Jan ",
        "Mon, ",
        "datetime.datetime(",
        "Fri Nov 20 2026 10:00:00 GMT+0100 ",
        "fe80:",
        "tx",
        "2026-11-20",
        "10:00",
        "<int>",
        "<date>",
        "<",
        "(",
        ")",
        "é",
    ];
    prop::collection::vec(prop::sample::select(PIECES.as_slice()), 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_normal_message_stays_as_it_is(message in pieces()) {
        let once = normal(&message);
        prop_assert_eq!(normal(&once), once);
    }

    #[test]
    fn any_text_has_a_normal_form(message in any::<String>()) {
        let once = normal(&message);
        prop_assert_eq!(normal(&once), once);
        parameterize(&message);
    }
}

proptest! {
    // Each case reads long messages.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_time_for_a_message_grows_as_the_message(front in pieces(), piece in pieces(), back in pieces()) {
        prop_assert!(grows_as_the_message(&front, &piece, &back));
    }
}
