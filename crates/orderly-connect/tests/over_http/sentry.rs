//! The Sentry client against the embedded Sentry.

use crate::support::{World, eventually, quick, sentry_at};
use orderly_connect::sentry::{Probe, SentryToken, missing_scopes};
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::{IssueId, OrgSlug, ProjectSlug};
use orderly_core::sync::snapshot::{Assignee, LinkBackPath, OwnerReason, Signal, Status, Unresolved};
use orderly_core::time::Seconds;
use orderly_engine::ports::sentry::{LinkBackOrder, SearchScope, SentryLink, SentryRead};
use orderly_local::knobs::{Effect, Fault, Match};
use reqwest::{Method, StatusCode};
use serde_json::json;

fn everything() -> SearchScope {
    SearchScope { projects: Vec::new(), environments: Vec::new(), window: Seconds::hours(24), limit: 100 }
}

fn saw<T: std::fmt::Debug>(looked: Looked<T>) -> T {
    match looked {
        Looked::Saw(value) => value,
        Looked::CouldNotLook(cause) => panic!("could not look: {cause}"),
    }
}

fn cause<T: std::fmt::Debug>(looked: Looked<T>) -> Cause {
    match looked {
        Looked::Saw(value) => panic!("saw {value:?}"),
        Looked::CouldNotLook(cause) => cause,
    }
}

#[tokio::test]
async fn a_new_error_is_named_by_its_signals_with_everything_that_a_plan_needs() {
    let world = World::start().await;
    for user in 0..3 {
        world.event("backend", json!({"user": {"id": user.to_string(), "email": "a@example.com"}})).await;
    }
    let id = world.only_issue("backend").await;
    let sentry = world.sentry();
    let found = saw(sentry.search(Signal::ForReview, &everything()).await);
    assert!(
        found.request.what.starts_with("GET /api/0/organizations/acme/issues/?query=is%3Aunresolved"),
        "{:?}",
        found.request
    );
    let issue = found.value.iter().find(|issue| issue.id == id).expect("the issue waits for review");
    assert_eq!(issue.project, ProjectSlug::new("backend"));
    assert_eq!(issue.status, Status::Unresolved(Unresolved::New));
    assert_eq!((issue.events, issue.users), (3, 3));
    assert_eq!(issue.error_type.as_ref().map(|t| t.as_raw_str()), Some("ValueError"));
    assert_eq!(issue.trend.iter().sum::<u64>(), 3);
    assert!(issue.short_id.as_str().starts_with("BACKEND-"), "{}", issue.short_id);
    assert_eq!(saw(sentry.search(Signal::HighPriority, &everything()).await).value.len(), 1);
    assert_eq!(saw(sentry.search(Signal::Regressed, &everything()).await).value, []);
    assert_eq!(saw(sentry.search(Signal::Escalating, &everything()).await).value, []);
    world.stop().await;
}

#[tokio::test]
async fn a_resolved_error_that_comes_back_is_named_as_regressed() {
    let world = World::start().await;
    world.event("backend", json!({})).await;
    let id = world.only_issue("backend").await;
    let path = format!("/organizations/acme/issues/{id}/");
    world.api(Method::PUT, &path, Some(json!({"status": "resolved"}))).await;
    world.servers.clock().advance(jiff::SignedDuration::from_mins(5));
    world.event("backend", json!({})).await;
    let sentry = world.sentry();
    let issue = eventually(|| async {
        let found = saw(sentry.search(Signal::Regressed, &everything()).await);
        found.value.into_iter().find(|issue| issue.id == id)
    })
    .await;
    assert_eq!(issue.status, Status::Unresolved(Unresolved::Regressed));
    world.stop().await;
}

#[tokio::test]
async fn searches_keep_to_projects_environments_and_limit() {
    let world = World::start().await;
    world.event("backend", json!({"environment": "production"})).await;
    world.event("frontend", json!({"environment": "staging", "level": "error"})).await;
    let backend = world.only_issue("backend").await;
    let frontend = world.only_issue("frontend").await;
    let sentry = world.sentry();
    let mut environments = saw(sentry.environments().await);
    environments.sort();
    assert_eq!(environments, ["production", "staging"]);
    let ids = |scope: SearchScope| {
        let sentry = &sentry;
        async move {
            let mut ids: Vec<IssueId> =
                saw(sentry.search(Signal::ForReview, &scope).await).value.iter().map(|i| i.id).collect();
            ids.sort();
            ids
        }
    };
    assert_eq!(ids(everything()).await, [backend, frontend]);
    let projects = vec![ProjectSlug::new("frontend")];
    assert_eq!(ids(SearchScope { projects, ..everything() }).await, [frontend]);
    let environments = vec!["production".to_owned()];
    assert_eq!(ids(SearchScope { environments, ..everything() }).await, [backend]);
    assert_eq!(ids(SearchScope { limit: 1, ..everything() }).await.len(), 1);

    let typo = SearchScope { projects: vec![ProjectSlug::new("bakcend")], ..everything() };
    let Cause::Missing(text) = cause(sentry.search(Signal::ForReview, &typo).await) else {
        panic!("it is missing")
    };
    assert!(text.contains("nearest is `backend`"), "{text}");
    let projects =
        world.servers.sentry_knobs().requests().iter().filter(|r| r.path.ends_with("/projects/")).count();
    assert_eq!(projects, 1, "the ids of projects are asked once a run");
    world.stop().await;
}

#[tokio::test]
async fn the_latest_event_shows_frames_and_nothing_private() {
    let world = World::start().await;
    let private = json!({
        "user": {"email": "ada@example.com", "ip_address": "10.1.2.3"}, "extra": {"note": "secret-extra"},
        "request": {"url": "https://shop.example/?token=secret-token", "headers": {"Cookie": "secret-cookie"}},
        "breadcrumbs": {"values": [{"message": "secret-crumb"}]}, "server_name": "secret-host",
        "tags": {"own": "secret-tag"}
    });
    world.event("backend", private).await;
    let id = world.only_issue("backend").await;
    let sentry = world.sentry();
    let event = saw(sentry.latest_event(id).await);
    assert_eq!(event.release.as_ref().map(|r| r.as_raw_str()), Some("shop@1.0.0"));
    assert_eq!(event.environment.as_ref().map(|e| e.as_raw_str()), Some("production"));
    assert_eq!(event.platform.as_raw_str(), "python");
    let frames: Vec<&str> = event.exceptions[0].frames.iter().map(|f| f.function.as_raw_str()).collect();
    assert_eq!(frames, ["pay", "handle"]);
    assert_eq!(event.exceptions[0].frames[0].line, Some(42));
    let kept = serde_json::to_string(&event).expect("writable");
    for private in ["secret", "ada@example.com", "10.1.2.3", "4111"] {
        assert!(!kept.contains(private), "{private} in {kept}");
    }
    assert!(matches!(cause(sentry.latest_event(IssueId(999_999)).await), Cause::NoInput(_)));
    world.stop().await;
}

#[tokio::test]
async fn an_issue_is_read_by_id_and_one_that_does_not_exist_is_none() {
    let world = World::start().await;
    world.event("backend", json!({})).await;
    let id = world.only_issue("backend").await;
    let sentry = world.sentry();
    let issue = saw(sentry.issue(id, &everything()).await).expect("it exists");
    assert_eq!((issue.id, issue.events), (id, 1));
    assert_eq!(saw(sentry.issue(IssueId(999_999), &everything()).await), None);
    world.stop().await;
}

#[tokio::test]
async fn owners_are_named_with_their_reason_in_two_requests_for_all_issues() {
    let world = World::start().await;
    let rules = json!({"raw": "path:shop/* mina@localhost #platform\n"});
    world.api(Method::PUT, "/projects/acme/backend/ownership/", Some(rules)).await;
    for n in 0..3 {
        world.event("backend", json!({"fingerprint": [n.to_string()]})).await;
    }
    let sentry = world.sentry();
    let issues = eventually(|| async {
        let found = saw(sentry.search(Signal::ForReview, &everything()).await).value;
        (found.len() == 3).then_some(found)
    })
    .await;
    world.servers.sentry_knobs().forget_requests();
    for issue in &issues {
        let clues = saw(sentry.owners(issue).await);
        let ruled: Vec<&Assignee> =
            clues.iter().filter(|c| c.reason == OwnerReason::OwnershipRule).map(|c| &c.owner).collect();
        assert!(
            ruled.contains(&&Assignee::User {
                name: "Mina Okafor".into(),
                email: Some("mina@localhost".into())
            }),
            "{clues:?}"
        );
        assert!(ruled.contains(&&Assignee::Team { slug: "platform".into() }), "{clues:?}");
    }
    assert_eq!(world.servers.sentry_knobs().request_count(), 2, "members and teams, once each");
    world.stop().await;
}

#[tokio::test]
async fn a_link_is_written_read_back_and_written_again_without_a_second_one() {
    let world = World::start().await;
    world.event("backend", json!({})).await;
    let id = world.only_issue("backend").await;
    let sentry = world.sentry();
    let LinkBackPath::Installation { uuid, app } = sentry.link_back_path().await else {
        panic!("an app is installed")
    };
    assert_eq!(app, "orderly");
    let order = LinkBackOrder {
        issue: id,
        installation: uuid,
        web_url: "http://127.0.0.1:7/acme/issue/PLAT-1/x".into(),
        project: "PLAT".into(),
        identifier: "PLAT-1".into(),
    };
    assert_eq!(saw(sentry.external_links(id).await).value, []);
    assert_eq!(sentry.link_back(&order).await, Ok(()));
    assert_eq!(sentry.link_back(&order).await, Ok(()));
    let links = saw(sentry.external_links(id).await).value;
    assert_eq!(links.len(), 1);
    assert_eq!((links[0].source.as_str(), links[0].label.as_raw_str()), ("orderly", "PLAT#PLAT-1"));
    assert_eq!(links[0].url.as_raw_str(), order.web_url);
    let listed = saw(sentry.search(Signal::ForReview, &everything()).await).value;
    assert_eq!(listed[0].links, links, "the list tells the same link once");

    let wrong = LinkBackOrder { issue: IssueId(999_999), ..order };
    assert!(matches!(sentry.link_back(&wrong).await, Err(Cause::Missing(_))));
    world.stop().await;
}

#[tokio::test]
async fn a_link_whose_reply_is_lost_is_sent_once_and_settled_by_looking() {
    let world = World::start().await;
    world.event("backend", json!({})).await;
    let id = world.only_issue("backend").await;
    let sentry = world.sentry();
    let LinkBackPath::Installation { uuid, .. } = sentry.link_back_path().await else {
        panic!("an app is installed")
    };
    let order = LinkBackOrder {
        issue: id,
        installation: uuid,
        web_url: "http://127.0.0.1:7/acme/issue/PLAT-1/x".into(),
        project: "PLAT".into(),
        identifier: "PLAT-1".into(),
    };
    let knobs = world.servers.sentry_knobs();
    let post = || Match::request(Method::POST, "/api/0/sentry-app-installations/");
    let sent = || {
        knobs
            .requests()
            .iter()
            .filter(|r| r.method == Method::POST && r.path.contains("installations"))
            .count()
    };
    knobs.inject(Fault::new(post(), Effect::DropConnection));
    assert!(matches!(sentry.link_back(&order).await, Err(Cause::NoReply(_))), "it never arrived");
    assert_eq!(sent(), 1, "a write is not sent again");
    knobs.inject(Fault::new(post(), Effect::DropReply));
    assert_eq!(sentry.link_back(&order).await, Ok(()), "it is there");
    assert_eq!(sent(), 2);
    knobs.inject(Fault::new(
        post(),
        Effect::answer(StatusCode::FORBIDDEN, "application/json", r#"{"detail":"no"}"#),
    ));
    let Err(Cause::Access(text)) = sentry.link_back(&order).await else { panic!("it was refused") };
    assert!(text.contains("`event:write`") && text.contains("no"), "{text}");
    world.stop().await;
}

#[tokio::test]
async fn a_read_is_asked_again_after_a_fault_and_not_after_a_refusal() {
    let world = World::start().await;
    let sentry = world.sentry();
    let knobs = world.servers.sentry_knobs();
    let environments = || Match::path("/api/0/organizations/acme/environments/");
    let busy = || Effect::answer(StatusCode::SERVICE_UNAVAILABLE, "text/html", "<html>busy</html>");
    knobs.inject(Fault::new(environments(), busy()).times(2));
    assert_eq!(saw(sentry.environments().await), [""; 0]);
    assert_eq!(world.clock.waits(), 2);
    knobs.inject(Fault::new(environments(), Effect::DropConnection).times(1));
    assert_eq!(saw(sentry.environments().await), [""; 0]);
    assert_eq!(world.clock.waits(), 3);
    knobs.inject(Fault::new(environments(), busy()).times(3));
    let Cause::NoReply(text) = cause(sentry.environments().await) else { panic!("no reply") };
    assert!(text.contains("HTTP 503") && text.contains("/environments/"), "{text}");
    assert_eq!(world.clock.waits(), 5);
    knobs.inject(Fault::new(
        environments(),
        Effect::answer(StatusCode::BAD_REQUEST, "application/json", "{}"),
    ));
    assert!(matches!(cause(sentry.environments().await), Cause::NoReply(_)));
    assert_eq!(world.clock.waits(), 5, "a refusal is final");
    let slow_down = Effect::Answer {
        status: StatusCode::TOO_MANY_REQUESTS,
        headers: vec![(reqwest::header::RETRY_AFTER, "3600".parse().expect("a header"))],
        body: r#"{"detail":"slow down"}"#.into(),
    };
    knobs.inject(Fault::new(environments(), slow_down));
    assert_eq!(cause(sentry.environments().await), Cause::RateLimited);
    assert_eq!(world.clock.waits(), 5, "an hour is not waited for");
    world.stop().await;
}

#[tokio::test]
async fn a_token_that_is_unknown_or_too_weak_is_an_access_gap_with_its_step() {
    let world = World::start().await;
    let ready = &world.servers.ready().sentry;
    let stranger = sentry_at(&ready.url, "wrong-token-1234", world.clock.clone());
    let Cause::Access(text) = cause(stranger.search(Signal::Regressed, &everything()).await) else {
        panic!("no access")
    };
    assert!(text.contains("SENTRY_AUTH_TOKEN") && !text.contains("wrong-token-1234"), "{text}");
    let LinkBackPath::Unavailable { step } = stranger.link_back_path().await else { panic!("no path") };
    assert!(step.contains("SENTRY_AUTH_TOKEN"), "{step}");
    let forbidden = Effect::answer(
        StatusCode::FORBIDDEN,
        "application/json",
        r#"{"detail":"You do not have permission"}"#,
    );
    world
        .servers
        .sentry_knobs()
        .inject(Fault::new(Match::path("/api/0/organizations/acme/issues/"), forbidden));
    let Cause::Access(text) = cause(world.sentry().search(Signal::Regressed, &everything()).await) else {
        panic!("no access")
    };
    assert!(text.contains("`event:read`"), "{text}");
    world.stop().await;
}

#[tokio::test]
async fn a_probe_tells_who_the_token_is_and_what_there_is() {
    let world = World::start().await;
    let ready = world.servers.ready().sentry.clone();
    let probe = Probe::new(&ready.url, &SentryToken::new(&ready.token), quick(), world.clock.clone())
        .expect("a probe");
    let identity = saw(probe.identity().await);
    assert_eq!(missing_scopes(&identity.scopes), []);
    assert_eq!(identity.user.as_deref(), Some("owner@localhost"));
    let ahead = identity.clock_ahead.expect("the server says its time");
    assert!(ahead.abs() < 3600, "{ahead}");
    let acme = OrgSlug::new("acme");
    let organizations = saw(probe.organizations().await);
    assert_eq!((organizations[0].slug.clone(), organizations[0].region_url.clone()), (acme.clone(), None));
    let mut slugs: Vec<String> =
        saw(probe.projects(&acme).await).into_iter().map(|p| p.slug.to_string()).collect();
    slugs.sort();
    assert_eq!(slugs, ["backend", "frontend"]);
    assert_eq!(saw(probe.installations(&acme).await)[0].app, "orderly");
    let dsn: orderly_wire::sentry::dsn::Dsn = ready.projects[1].dsn.parse().expect("a DSN");
    let project = saw(probe.project_of_key(dsn.public_key()).await).expect("the key's project");
    assert_eq!((project.slug.as_str(), project.org), ("frontend", Some(acme)));
    let stranger =
        Probe::new(&ready.url, &SentryToken::new("nobody"), quick(), world.clock.clone()).expect("a probe");
    assert!(matches!(cause(stranger.identity().await), Cause::Access(_)));
    world.stop().await;
}
