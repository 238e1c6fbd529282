//! Fingerprints, signatures and hard keys.

use crate::ids::{IssueId, OrgSlug, SentrySite, ShortId};
use crate::sync::fixtures::{event, site, text};
use crate::sync::snapshot::{EventEvidence, FrameOrigin};
use crate::tracked::fingerprint::TitleFingerprint;
use crate::tracked::keys::{self, Mention};
use crate::tracked::stack::{StackSignature, TopFrames, top};

fn print(title: &str) -> TitleFingerprint {
    TitleFingerprint::of(&text(title))
}

#[test]
fn titles_that_differ_only_in_what_varies_share_a_fingerprint() {
    let same = [
        ["Order 1234 not found", "order 99 not  found"],
        [
            "User 0b5e8a3c-9f70-4f1e-8c4a-2d8f0a7b6c5d is locked",
            "User 9c5e8a3c-1f70-4f1e-9c4a-2d8f0a7b6c5f is locked",
        ],
        ["KeyError: 'user_id' in session", "KeyError: 'account' in session"],
        ["cannot open /srv/app/tmp/a.txt for writing", "cannot open /var/data/x/b for writing"],
        ["cannot open C:\\Users\\jane\\a.txt for writing", "cannot open D:\\work\\b for writing"],
        ["GET https://api.example/v1/orders/5 failed", "GET http://other.example/ failed"],
        ["mail to jane@acme.example bounced", "mail to [email] bounced"],
        ["lock taken at 2026-03-01T10:00:00Z by worker", "lock taken at 2025-12-31 23:59:59.123 by worker"],
        ["bad pointer 0xdeadbeef in pool", "bad pointer 0x0 in pool"],
        ["job 8f3a2c91d4 was lost by queue", "job 77aa01bc was lost by queue"],
        ["values [1, 2, 3] are not allowed here", "values [7] are not allowed here"],
        ["token req_01H8XGJ9 was refused by gate", "token req_77ZZZZ12 was refused by gate"],
    ];
    for [a, b] in same {
        assert_eq!(print(a).hex(), print(b).hex(), "{a} | {b}");
    }
    assert_eq!(print("Order 1 not found").hex().len(), 12);
}

#[test]
fn titles_about_different_things_have_different_fingerprints() {
    let different = [
        ["TypeError: cannot read total", "TypeError: cannot read items"],
        ["Utf8Error: invalid sequence", "ValueError: invalid sequence"],
        ["can't open the door", "don't open the door"],
        ["Order 1 not found", "Order not found"],
    ];
    for [a, b] in different {
        assert_ne!(print(a).hex(), print(b).hex(), "{a} | {b}");
    }
}

#[test]
fn the_needle_is_the_longest_fixed_part_in_its_own_spelling() {
    let cases = [
        ("Order 1234 not found in Warehouse", Some("not found in Warehouse")),
        ("KeyError: 'user_id'", Some("KeyError:")),
        ("Timeout after 30s", Some("Timeout after")),
        ("Oops 5", None),
        ("12 34 56", None),
        ("", None),
        ("......... 5", None),
        ("TypeError: it was cut at some long wor...", Some("TypeError: it was cut at some long")),
    ];
    for (title, needle) in cases {
        assert_eq!(print(title).needle(), needle, "{title}");
    }
}

#[test]
fn a_persons_title_with_words_around_holds_the_title_of_the_issue() {
    let ours = print("TypeError: cannot read property 'total' of order 17");
    assert!(ours.is_in(&print("[web] TypeError: Cannot read property \"x\" of order 3 - again!")));
    assert!(!ours.is_in(&print("TypeError: cannot read property")));
    assert!(!print("Oops 5").is_in(&print("Oops 5 and more")), "too little to name anything");
}

#[test]
fn short_ids_match_as_whole_tokens_in_any_case() {
    let cases = [
        ("see ABC-1 for more", Mention::Exact),
        ("abc-1", Mention::Exact),
        ("(ABC-1)", Mention::Exact),
        ("ABC-1.", Mention::Exact),
        ("ABC-1- and more", Mention::Exact),
        ("https://sentry.example/issues/ABC-1/", Mention::Exact),
        ("ABC-12", Mention::Another),
        ("MY-ABC-1", Mention::Another),
        ("XABC-1", Mention::Another),
        ("ABC-1-F", Mention::Another),
        ("ABC-1F", Mention::Another),
        ("ABC-12 and ABC-1", Mention::Exact),
        ("nothing", Mention::None),
        ("ÄABC-1", Mention::Another),
    ];
    for (held, mention) in cases {
        assert_eq!(keys::short_id(held, &ShortId::new("ABC-1")), mention, "{held}");
    }
}

#[test]
fn permalinks_match_on_the_whole_number_the_host_and_the_organization() {
    let cases = [
        ("https://sentry.example/organizations/acme/issues/123/", Mention::Exact),
        ("[x](<https://sentry.example/organizations/acme/issues/123>)", Mention::Exact),
        ("https://SENTRY.example/organizations/acme/issues/123/?project=4", Mention::Exact),
        ("https://sentry.example/issues/123/events/9/", Mention::Exact),
        ("see /issues/123", Mention::Exact),
        ("https://sentry.example/organizations/acme/issues/1234/", Mention::Another),
        ("https://sentry.example/organizations/other/issues/123/", Mention::Another),
        ("https://elsewhere.example/organizations/acme/issues/123/", Mention::Another),
        ("https://sentry.example@evil.example/organizations/acme/issues/123/", Mention::Another),
        ("https://sentry.example/issues/", Mention::None),
    ];
    for (held, mention) in cases {
        assert_eq!(keys::permalink(held, &site(), IssueId(123)), mention, "{held}");
    }
}

#[test]
fn on_sentry_io_sub_domains_and_regions_lead_to_the_same_issue() {
    let site = SentrySite { base_url: "https://sentry.io".to_owned(), org: OrgSlug::new("acme") };
    let cases = [
        ("https://acme.sentry.io/issues/123/", Mention::Exact),
        ("https://sentry.io/organizations/acme/issues/123/", Mention::Exact),
        ("https://us.sentry.io/organizations/acme/issues/123/", Mention::Exact),
        ("https://sentry.io/issues/123/", Mention::Exact),
        ("https://other.sentry.io/issues/123/", Mention::Another),
    ];
    for (held, mention) in cases {
        assert_eq!(keys::permalink(held, &site, IssueId(123)), mention, "{held}");
        assert!(
            site.spellings(IssueId(123))
                .iter()
                .all(|url| keys::permalink(url, &site, IssueId(123)) == Mention::Exact)
        );
    }
}

fn signature(change: impl Fn(&mut EventEvidence)) -> Option<String> {
    let mut event = event("total");
    change(&mut event);
    TopFrames::default().signature(&event)
}

fn named(function: &str) -> Option<String> {
    signature(|event| event.exceptions[0].frames[1].function = text(function))
}

#[test]
fn what_compilers_and_bundlers_add_to_names_does_not_count() {
    let same = [
        ["shop::cart::total::h0123456789abcdef", "shop::cart::total::hfedcba9876543210"],
        ["total::{{closure}}", "total"],
        ["Vec<Option<T>>::push", "Vec<u8>::push"],
        ["Cart.lambda$total$0", "Cart.lambda$total$17"],
        ["<anonymous>", ""],
        ["Object.<anonymous>", "Object.<anonymous>"],
        ["async total", "total"],
        ["total_12", "total_3"],
        ["<lambda>", "<lambda>"],
    ];
    for [a, b] in same {
        assert_eq!(named(a), named(b), "{a} | {b}");
    }
    assert_ne!(named("total"), named("tally"));
    assert_eq!(named("total").map(|hex| hex.len()), Some(12));
}

#[test]
fn lines_and_bundle_hashes_move_and_do_not_count_while_the_exception_type_does() {
    assert_eq!(signature(|_| ()), signature(|e| e.exceptions[0].frames[1].line = Some(7)));
    let bundled = |file: &'static str| {
        signature(move |e| {
            e.exceptions[0].frames[1].module = None;
            e.exceptions[0].frames[1].file = Some(text(file));
        })
    };
    assert_eq!(bundled("https://cdn.example/main.3f2a9c81.js?v=1"), bundled("/static/main.0badcafe.js"));
    assert_ne!(signature(|_| ()), signature(|e| e.exceptions[0].kind = text("KeyError")));
}

#[test]
fn own_frames_come_before_library_frames_and_the_rest_fills_up() {
    let mut event = event("total");
    let frames = &mut event.exceptions[0].frames;
    frames.push(frames[0].clone());
    let origins: Vec<FrameOrigin> = top(frames, 2).map(|frame| frame.origin).collect();
    assert_eq!(origins, [FrameOrigin::InApp, FrameOrigin::Library]);
}

#[test]
fn an_event_without_frames_has_no_signature() {
    assert_eq!(signature(|e| e.exceptions[0].frames.clear()), None);
    assert_eq!(signature(|e| e.exceptions.clear()), None);
}
