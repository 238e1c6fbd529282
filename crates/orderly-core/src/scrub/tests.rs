use super::*;
use proptest::prelude::*;

fn scrub(text: &str) -> String {
    Scrubber::new(&[]).unwrap().scrub(&Untrusted::from(text)).0
}

#[test]
fn secrets_of_every_kind_are_taken_out_and_the_rest_stays() {
    let long = |n: usize| "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0".repeat(2)[..n].to_owned();
    let table = [
        (format!("login failed for sntryu_{}", "0af".repeat(21)), "login failed for [token]"),
        (format!("linear said no to lin_api_{}", long(40)), "linear said no to [token]"),
        (format!("push with ghp_{}", long(36)), "push with [token]"),
        ("key AKIAIOSFODNN7EXAMPLE denied".to_owned(), "key [token] denied"),
        ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc".to_owned(), "jwt [token]"),
        (
            "cannot connect to postgres://app:hunter2@db/orders".to_owned(),
            "cannot connect to postgres://[credentials]@db/orders",
        ),
        ("Authorization: Bearer abcdef123456".to_owned(), "Authorization: Bearer [token]"),
        ("bad password='hunter 2' given".to_owned(), "bad password=[secret] given"),
        ("DB_PASSWORD=hunter2 is wrong".to_owned(), "DB_PASSWORD=[secret] is wrong"),
        ("GET /cb?token=abc&x=1".to_owned(), "GET /cb?token=[secret]&x=1"),
        ("no user jane.doe@example.co.uk".to_owned(), "no user [email]"),
        ("card 4111 1111 1111 1111 declined".to_owned(), "card [card] declined"),
        ("iban DE89 3704 0044 0532 0130 00 unknown".to_owned(), "iban [iban] unknown"),
        ("ssn 078-05-1120".to_owned(), "ssn [ssn]"),
        ("peer 192.168.1.20 reset".to_owned(), "peer [ip] reset"),
        ("peer 2001:db8:85a3:0:0:8a2e:370:7334 reset".to_owned(), "peer [ip] reset"),
        ("open /home/jane/app.log".to_owned(), "open /home/[user]/app.log"),
        ("blob 5d41402abc4b2a76b9719d911017c592 missing".to_owned(), "blob [hash] missing"),
        ("pass\u{200b}word=hunter2".to_owned(), "password=[secret]"),
        (format!("opaque {}", long(40)), "opaque [key]"),
    ];
    for (text, wanted) in table {
        assert_eq!(scrub(&text), wanted, "{text}");
    }
}

#[test]
fn titles_without_secrets_stay_as_they_are() {
    let table = [
        "TypeError: Cannot read properties of undefined (reading 'map')",
        "SyntaxError: Unexpected token: 'export'",
        "KeyError: 'customer_id'",
        "OperationalError: connection to server at \"db\" failed: timeout expired",
        "called `Option::unwrap()` on a `None` value",
        "java.lang.NullPointerException at com.example.checkout.PaymentService.charge",
        "Error: version 10.4.2 of schema is newer than 10.4.1",
        "panic: runtime error: index out of range [5] with length 3",
        "HTTPError: 503 Service Unavailable for url /api/orders",
        "AssertionError: expected 3 to equal 4",
        "Order 100045 not found",
        "invalid token: missing field",
        "ConvertThisVeryLongCamelCaseNameOfAClassIntoSomething failed",
    ];
    for title in table {
        assert_eq!(scrub(title), title);
    }
}

#[test]
fn a_release_named_by_a_commit_keeps_its_name() {
    let release = Untrusted::from("shop@2f7a9c1d5e8b4a6c3d0e9f8a7b6c5d4e3f2a1b0c");
    let scrubber = Scrubber::new(&[]).unwrap();
    assert_eq!(&scrubber.scrub_version(&release).0, release.as_raw_str());
}

#[test]
fn own_patterns_are_applied_and_bad_ones_are_named() {
    let scrubber = Scrubber::new(&[r"customer-\d+".to_owned()]).unwrap();
    assert_eq!(scrubber.scrub(&Untrusted::from("no customer-17")).0, "no [redacted]");
    assert!(Scrubber::new(&["(".to_owned()]).unwrap_err().to_string().contains("`(`"));
    assert!(Scrubber::new(&["x*".to_owned()]).is_err());
}

proptest! {
    #[test]
    fn scrubbing_twice_changes_nothing(text in "\\PC{0,80}|[a-z=:@/. 0-9\\[\\]'\"-]{0,60}") {
        let once = scrub(&text);
        prop_assert_eq!(scrub(&once), once);
    }
}
