//! Answers that no honest server gives: redirects that want the token elsewhere, pages instead of JSON, answers that
//! end early, never, or are too large.

use crate::odd_server::{Log, Manner, Odd, TOKEN, http, json};
use crate::support::{TestClock, quick, sentry_at, tracker_at};
use crate::tracker::{order, proof, team};
use orderly_connect::http::{BadOrigin, Origin, Settings, SetupError};
use orderly_connect::linear::{LinearClient, LinearSettings, LinearToken};
use orderly_connect::sentry::{Probe, SentryClient, SentrySettings, SentryToken};
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::{IssueId, ItemId, OrgSlug};
use orderly_core::sync::plan::CommentOrder;
use orderly_core::sync::snapshot::{Creation, LinkBackPath, RepeatedIds, Signal, TrackerFacts};
use orderly_core::time::Seconds;
use orderly_engine::ports::sentry::{LinkBackOrder, SearchScope, SentryLink, SentryRead};
use orderly_engine::ports::tracker::{
    CreateReply, TrackerCreate, TrackerLink, TrackerRead, TrackerUndo, WriteReply,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

fn everything() -> SearchScope {
    SearchScope { projects: Vec::new(), environments: Vec::new(), window: Seconds::hours(24), limit: 100 }
}

fn link() -> LinkBackOrder {
    LinkBackOrder {
        issue: IssueId(1),
        installation: "abc".into(),
        web_url: "https://linear.app/acme/issue/PLAT-1".into(),
        project: "PLAT".into(),
        identifier: "PLAT-1".into(),
    }
}

fn facts() -> TrackerFacts {
    TrackerFacts {
        team: team(),
        team_id: "t".into(),
        initial_state: None,
        reopen_state: None,
        labels: BTreeMap::new(),
        people: BTreeMap::new(),
        creation: Creation::Allowed,
        repeated_ids: RepeatedIds::Refused,
        other_teams: BTreeMap::new(),
    }
}

fn text<T: std::fmt::Debug>(looked: Looked<T>) -> String {
    match looked {
        Looked::Saw(value) => panic!("saw {value:?}"),
        Looked::CouldNotLook(cause) => cause.to_string(),
    }
}

/// Every method of both clients once; all must fail. Gives what they say.
async fn every_call(url: &str) -> Vec<String> {
    let clock = Arc::new(TestClock::default());
    let sentry = sentry_at(url, TOKEN, clock.clone());
    let probe = Probe::new(url, &SentryToken::new(TOKEN), quick(), clock.clone()).expect("a probe");
    let tracker = tracker_at(&format!("{url}/graphql"), TOKEN, clock.clone());
    let org = OrgSlug::new("acme");
    let item = ItemId(uuid::Uuid::from_u128(1));
    let order = order(1, &facts());
    let comment = CommentOrder { id: uuid::Uuid::from_u128(2), item, body: "b".into() };
    let unavailable = |path| match path {
        LinkBackPath::Unavailable { step } => step,
        other => panic!("{other:?}"),
    };
    let unknown = |reply: WriteReply| match reply {
        WriteReply::Unknown(why) => why,
        other => panic!("{other:?}"),
    };
    let error = |result: Result<(), Cause>| result.expect_err("no success").to_string();
    vec![
        text(sentry.environments().await),
        text(sentry.search(Signal::Regressed, &everything()).await),
        text(sentry.issue(IssueId(1), &everything()).await),
        text(sentry.latest_event(IssueId(1)).await),
        text(sentry.external_links(IssueId(1)).await),
        unavailable(sentry.link_back_path().await),
        error(sentry.link_back(&link()).await),
        text(probe.identity().await),
        text(probe.organizations().await),
        text(probe.projects(&org).await),
        text(probe.installations(&org).await),
        text(probe.project_of_key("k").await),
        text(tracker.facts(&team(), &[]).await),
        text(tracker.item(item).await),
        match tracker.create(&order, &proof(&order.key)).await {
            CreateReply::Unknown(why) => why,
            other => panic!("{other:?}"),
        },
        unknown(tracker.attach(&order.attach).await),
        unknown(tracker.comment(&comment).await),
        unknown(tracker.move_to(item, "s").await),
        unknown(tracker.relate(item, item).await),
        error(tracker.trash(item).await),
        error(tracker.detach(item, "u").await),
        text(tracker.touched_since(item, "2026-11-21T09:00:00Z".parse().expect("a time")).await),
    ]
}

#[tokio::test]
async fn a_redirect_is_never_followed_and_no_token_reaches_another_host() {
    let elsewhere = Odd::start(json("[]")).await;
    let port = elsewhere.address.port();
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        for target in [
            format!("http://127.0.0.1:{port}/"),
            format!("http://localhost:{port}/"),
            format!("http://user@127.0.0.1:{port}/"),
            format!("http://2130706433:{port}/"),
            format!("//127.0.0.1:{port}/"),
        ] {
            let server = Odd::start(http(status, &format!("location: {target}\r\n"), "")).await;
            for said in every_call(&server.url()).await {
                assert!(
                    said.contains("redirect") && said.contains(status.split(' ').next().expect("a number")),
                    "{said}"
                );
                assert!(!said.contains(TOKEN) && !said.contains(&target), "{said}");
            }
            let heard = server.heard();
            assert!(heard.iter().all(|request| request.contains(TOKEN)), "the pinned host gets the token");
        }
    }
    assert_eq!(elsewhere.heard(), [""; 0], "the other host heard nothing at all");
}

#[tokio::test]
async fn the_addresses_in_a_link_header_are_not_followed_either() {
    let elsewhere = Odd::start(json("[]")).await;
    let away = format!("{}/api/0/organizations/?cursor=0:100:0", elsewhere.url());
    let next = format!("link: <{away}>; rel=\"next\"; results=\"true\"; cursor=\"0:100:0\"\r\n");
    let server = Odd::start(http("200 OK", &format!("content-type: application/json\r\n{next}"), "[]")).await;
    let probe = Probe::new(&server.url(), &SentryToken::new(TOKEN), quick(), Arc::new(TestClock::default()))
        .expect("a probe");
    assert_eq!(probe.organizations().await, Looked::CouldNotLook(Cause::MorePages), "it never ends");
    let heard = server.heard();
    assert!(
        heard.len() > 1 && heard[1].starts_with("GET /api/0/organizations/?per_page=100&cursor=0%3A100%3A0 "),
        "{}",
        heard[1]
    );
    assert_eq!(elsewhere.heard(), [""; 0]);
}

#[tokio::test]
async fn a_page_instead_of_json_is_named_with_what_to_check() {
    let server = Odd::start(http(
        "200 OK",
        "content-type: text/html\r\n",
        "<html><title>Sign in \u{1b}[2J</title></html>",
    ))
    .await;
    for said in every_call(&server.url()).await {
        assert!(
            said.contains("a web page") && (said.contains("sentry.url") || said.contains("tracker.url")),
            "{said}"
        );
        assert!(
            !said.contains("Sign in") && !said.contains('\u{1b}'),
            "nothing of the page is repeated: {said}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_no_json_or_not_all_of_it_is_no_answer() {
    let cut =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n[{\"id\": \"1\""
            .to_vec();
    for (manner, expected) in [
        (json("[{\"id\": \"1\", \"ti"), "ends too early"),
        (json("[{\"id\": \"1\"},"), "ends too early"),
        (json("hello"), "no JSON"),
        (json("[{\"title\": \"secret-title\"}]"), "shape"),
        (Manner::Bytes(cut), "ended before the answer was complete"),
        (Manner::Bytes(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()), ""),
        (Manner::Bytes(Vec::new()), ""),
    ] {
        let server = Odd::start(manner).await;
        let sentry = sentry_at(&server.url(), TOKEN, Arc::new(TestClock::default()));
        let said = text(sentry.search(Signal::Regressed, &everything()).await);
        assert!(said.contains(expected) && said.contains("GET /api/0/organizations/acme/issues/"), "{said}");
        assert!(!said.contains("secret-title"), "{said}");
        let order = order(1, &facts());
        let tracker = tracker_at(&format!("{}/graphql", server.url()), TOKEN, Arc::new(TestClock::default()));
        let reply = tracker.create(&order, &proof(&order.key)).await;
        assert!(matches!(reply, CreateReply::Unknown(_)), "{reply:?}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let server = Odd::start(json(&format!("[\"{}\"]", "x".repeat(200_000)))).await;
    let settings = Settings { max_body: 100_000, ..quick() };
    let sentry = SentrySettings {
        url: server.url(),
        org: OrgSlug::new("acme"),
        token: SentryToken::new(TOKEN),
        link_app: None,
        http: settings,
    };
    let sentry = SentryClient::new(sentry, Arc::new(TestClock::default())).expect("a client");
    let said = text(sentry.latest_event(IssueId(1)).await);
    assert!(said.contains("larger than 100000 bytes"), "{said}");
    assert_eq!(server.heard().len(), 1, "it would be as large again");
}

#[tokio::test]
async fn a_small_answer_that_unpacks_to_a_huge_one_is_cut_off() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut packer, &vec![b' '; 64 << 20]).expect("memory");
    let body = packer.finish().expect("memory");
    assert!(body.len() < 100_000, "it is small on the wire");
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n";
    let mut bytes = format!("{head}content-length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend(body);
    let server = Odd::start(Manner::Bytes(bytes)).await;
    let sentry = sentry_at(&server.url(), TOKEN, Arc::new(TestClock::default()));
    let said = text(sentry.latest_event(IssueId(1)).await);
    assert!(said.contains("larger than"), "{said}");
}

#[tokio::test]
async fn no_token_is_logged_even_at_the_finest_level() {
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let redirect = http("302 Found", "location: http://127.0.0.1:1/\r\n", "");
    for manner in [redirect, http("200 OK", "content-type: text/html\r\n", "<html>")] {
        let server = Odd::start(manner).await;
        let _ = every_call(&server.url()).await;
    }
    let text = log.text();
    assert!(text.contains("answered") && text.contains("issueCreate"), "the log was written: {text}");
    assert!(!text.contains(TOKEN), "{text}");
}

#[tokio::test]
async fn silence_ends_in_time_and_a_creation_into_silence_is_unknown() {
    let server = Odd::start(Manner::Silence).await;
    let settings = Settings { timeout: Duration::from_millis(200), ..quick() };
    let settings = LinearSettings {
        url: format!("{}/graphql", server.url()),
        token: LinearToken::new(TOKEN),
        http: settings,
    };
    let tracker = LinearClient::new(settings, Arc::new(TestClock::default())).expect("a client");
    let order = order(1, &facts());
    let reply = tracker.create(&order, &proof(&order.key)).await;
    assert!(matches!(&reply, CreateReply::Unknown(why) if why.contains("in time")), "{reply:?}");
    assert_eq!(server.heard().len(), 1, "sent once");
    let said = text(tracker.item(order.item).await);
    assert!(said.contains("in time"), "{said}");
    assert_eq!(server.heard().len(), 4, "a read is asked three times in all");
}

#[tokio::test]
async fn a_host_that_nobody_answers_at_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let clock = Arc::new(TestClock::default());
    let sentry = sentry_at(&format!("http://{address}"), TOKEN, clock.clone());
    let said = text(sentry.environments().await);
    assert!(said.contains(&address.to_string()) && said.contains("no connection"), "{said}");
    assert_eq!(clock.waits(), 4, "environments and projects, twice more each");
}

#[tokio::test]
async fn an_oauth_token_travels_as_bearer_and_a_key_bare_and_sentrys_as_bearer() {
    for (token, expected) in [
        ("lin_api_k", "authorization: lin_api_k\r\n"),
        ("lin_oauth_k", "authorization: Bearer lin_oauth_k\r\n"),
    ] {
        let server = Odd::start(json("{\"data\": null}")).await;
        let tracker = tracker_at(&format!("{}/graphql", server.url()), token, Arc::new(TestClock::default()));
        let _ = tracker.item(ItemId(uuid::Uuid::from_u128(1))).await;
        assert!(server.heard()[0].contains(expected), "{}", server.heard()[0]);
    }
    let server = Odd::start(json("[]")).await;
    let sentry = sentry_at(&server.url(), TOKEN, Arc::new(TestClock::default()));
    let _ = sentry.environments().await;
    assert!(
        server.heard()[0].contains(&format!("authorization: Bearer {TOKEN}\r\n")),
        "{}",
        server.heard()[0]
    );
}

#[test]
fn a_client_is_not_made_for_an_address_or_token_that_could_leak() {
    let clock = || Arc::new(TestClock::default());
    let sentry = |url: &str, token: &str| {
        let settings = SentrySettings {
            url: url.into(),
            org: OrgSlug::new("acme"),
            token: SentryToken::new(token),
            link_app: None,
            http: quick(),
        };
        SentryClient::new(settings, clock()).err()
    };
    assert!(matches!(
        sentry("http://sentry.io", TOKEN),
        Some(SetupError::Origin(BadOrigin::Insecure { .. }))
    ));
    for token in ["", "  ", "a\nb", "a\r\nX-Evil: 1"] {
        let error = sentry("http://127.0.0.1:1", token).expect("no client");
        assert!(matches!(error, SetupError::Token { setting: "SENTRY_AUTH_TOKEN" }), "{error}");
    }
    assert!(
        sentry("http://127.0.0.1:1", "token\n").is_none(),
        "a line break at the end of a file is no part of it"
    );
    assert!(Origin::parse("tracker.url", "http://127.0.0.1:1/graphql").is_ok());
}
