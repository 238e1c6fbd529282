use super::*;

fn url(text: &str) -> SecretUrl {
    SecretUrl::parse(text).unwrap()
}

#[test]
fn a_location_never_shows_a_password() {
    for text in [
        "postgres://orderly:hunter2@db.example:5433/ledger",
        "postgres://orderly@db.example:5433/ledger?password=hunter2",
        "postgresql://orderly:hunter2@db.example/ledger?sslmode=require&options=-c%20x%3Dhunter2",
        "postgres://orderly:hun%74er2@db.example/ledger",
    ] {
        let location = LedgerLocation::Database(url(text));
        for shown in [format!("{location}"), format!("{location:?}"), format!("{location:#?}")] {
            assert!(!shown.contains("hunter2") && !shown.contains("hun%74er2"), "{shown}");
            assert!(shown.contains("orderly@db.example"), "{shown}");
            assert!(shown.contains("/ledger"), "{shown}");
        }
    }
}

#[test]
fn a_text_of_the_driver_loses_the_password_in_every_spelling() {
    for text in ["postgres://o:p%40ss+word@h/d", "postgres://o@h/d?password=p%40ss%2Bword"] {
        let shown = url(text).hide_in("cannot use p@ss+word here".to_owned());
        assert_eq!(shown, "cannot use [password] here", "{text}");
    }
    assert_eq!(url("postgres://o:p%40ss+word@h/d").hide_in("at p%40ss+word".to_owned()), "at [password]");
    assert_eq!(url("postgres://o@h/d").hide_in("nothing to hide".to_owned()), "nothing to hide");
}

#[test]
fn an_address_that_is_not_of_a_database_is_refused_without_repeating_it() {
    let cases = [
        ("hunter2", BadDatabaseUrl::NotAUrl(url::ParseError::RelativeUrlWithoutBase)),
        ("mysql://o:hunter2@h/d", BadDatabaseUrl::Scheme),
        ("hunter2:secret", BadDatabaseUrl::Scheme),
        ("postgres://o@h/d?pasword=hunter2", BadDatabaseUrl::Parameter("pasword".to_owned())),
    ];
    for (text, expected) in cases {
        let refused = SecretUrl::parse(text).unwrap_err();
        assert_eq!(refused, expected, "{text}");
        assert!(!refused.to_string().contains("hunter2"), "{refused}");
    }
}

#[test]
fn a_socket_and_a_plain_file_are_shown_as_they_are_named() {
    let socket = LedgerLocation::Database(url("postgres:///ledger?host=/run/postgresql"));
    assert_eq!(socket.to_string(), "postgres:///ledger");
    assert_eq!(LedgerLocation::File("a/b.db".into()).to_string(), "a/b.db");
    assert_eq!(LedgerLocation::Memory.to_string(), "in memory");
}
