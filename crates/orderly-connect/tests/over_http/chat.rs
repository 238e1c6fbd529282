//! Telling people in chat channels, against servers that are strict about what they are sent.

use crate::chat_server::{BOT, CHANNEL, ChatServer, Fault, KEY, SECRET};
use crate::odd_server::Log as Heard;
use crate::support::TestClock;
use orderly_connect::chat::{self, Service};
use orderly_connect::http::Settings;
use orderly_core::answer::Looked;
use orderly_core::ids::{OrgSlug, SentryHost};
use orderly_core::incident::{
    Audience, Author, Channel, ChannelKind, ChannelName, ClockPolicy, Entry, IncidentKey, Log, MessageId,
    PostOrder, TellPlan, What,
};
use orderly_core::scrub::Scrubber;
use orderly_core::sync::snapshot::Assignee;
use orderly_core::time::{Now, Timestamp};
use orderly_engine::ports::incident::{PostReply, Teller};
use secrecy::SecretString;
use std::sync::Arc;
use std::time::Duration;

const KINDS: [ChannelKind; 4] =
    [ChannelKind::Slack, ChannelKind::Discord, ChannelKind::Teams, ChannelKind::Webhook];

fn name() -> ChannelName {
    ChannelName::try_from("ops".to_owned()).expect("a name")
}

/// What would be told of an incident whose every text wants to be more than text.
fn order(kind: ChannelKind, done: &str) -> PostOrder {
    let at = Timestamp::from_second(1_773_000_000).expect("a time");
    let entry = |what| Entry {
        at,
        author: Author::Person(Assignee::User { name: "ana".into(), email: None }),
        source: None,
        what,
    };
    let hostile = "<!channel> @everyone @here <@U1> [a](https://evil.example) **b** `c` :fire: \u{202e}& ";
    let key = IncidentKey { host: SentryHost::new("sentry.example"), org: OrgSlug::new("acme"), number: 7 };
    let declared = entry(What::Declared { title: hostile.repeat(4).as_str().into(), issues: Vec::new() });
    let mut log = Log::begun(key, declared).expect("a log");
    for number in 0..5 {
        let how = format!("{done} {number} {}", hostile.repeat(6));
        log = log.and(entry(What::Mitigated { how: how.as_str().into() })).expect("an entry");
    }
    let channel = Channel { name: name(), kind, audience: Audience::Open };
    let plan = TellPlan::of(
        log.incident(),
        &[channel],
        &ClockPolicy::default(),
        &Scrubber::built_in(),
        (Now(at), Now(at)),
    );
    plan.orders.into_iter().next().expect("one order")
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

fn service(server: &ChatServer, kind: ChannelKind) -> Service {
    match kind {
        ChannelKind::Slack => {
            Service::Slack { url: server.url(""), channel: CHANNEL.into(), token: secret(BOT) }
        }
        ChannelKind::Discord => {
            let address = secret(&server.url(&format!("/api/webhooks/1/{SECRET}?thread_id=7")));
            Service::Discord { address }
        }
        ChannelKind::Teams => {
            Service::Teams { address: secret(&server.url(&format!("/workflows/invoke?sig={SECRET}"))) }
        }
        ChannelKind::Webhook => {
            Service::Webhook { address: secret(&server.url(&format!("/hook/{SECRET}"))), key: secret(KEY) }
        }
    }
}

fn teller(server: &ChatServer, kind: ChannelKind) -> Box<dyn Teller> {
    let limits = Settings { timeout: Duration::from_millis(500), ..chat::limits() };
    chat::teller(&name(), service(server, kind), limits, Arc::<TestClock>::default()).expect("a teller")
}

fn id(reply: &PostReply) -> MessageId {
    match reply {
        PostReply::There(id) => id.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_update_is_one_message_that_is_edited_where_that_can_be() {
    for kind in KINDS {
        let server = ChatServer::start().await;
        let teller = teller(&server, kind);
        let first = order(kind, "first");
        let message = id(&teller.post(&first).await);
        let second = PostOrder { version: 2, ..order(kind, "second") };
        let edited = teller.edit(&second, &message).await;
        let held = server.messages();
        assert_eq!(held.len(), 1, "{kind:?}");
        let text = held[0].body.to_string();
        if kind == ChannelKind::Teams {
            assert!(matches!(edited, PostReply::Failed(_)) && text.contains("first 0"), "{edited:?}");
        } else {
            assert_eq!(id(&edited), message, "{kind:?}");
            assert!(text.contains("second 0") && !text.contains("first 0"), "{text}");
        }
        assert!(!text.contains('\u{202e}'), "{text}");
    }
}

#[tokio::test]
async fn a_message_that_is_gone_is_told_from_a_channel_that_is_gone() {
    for kind in [ChannelKind::Slack, ChannelKind::Discord] {
        let server = ChatServer::start().await;
        let teller = teller(&server, kind);
        let message = id(&teller.post(&order(kind, "first")).await);
        server.lock().messages.clear();
        let edited = teller.edit(&order(kind, "second"), &message).await;
        assert!(matches!(edited, PostReply::Gone(_)), "{kind:?} {edited:?}");
        server.next(Fault::Status(404, ""));
        let edited = teller.edit(&order(kind, "second"), &message).await;
        assert!(matches!(edited, PostReply::Failed(_)), "{kind:?} {edited:?}");
    }
}

#[tokio::test]
async fn what_may_have_happened_is_told_from_what_has_not() {
    for kind in KINDS {
        for (fault, failed) in [
            (Fault::Status(400, ""), true),
            (Fault::Status(401, ""), true),
            (Fault::Status(403, ""), true),
            (Fault::Status(410, ""), true),
            (Fault::Status(503, ""), true),
            (Fault::Status(429, "retry-after: 3600"), true),
            (Fault::Status(302, "location: http://127.0.0.1:9/elsewhere"), true),
            (Fault::Status(500, ""), false),
            (Fault::Status(502, ""), false),
            (Fault::CutAfter, false),
            (Fault::Silence, false),
        ] {
            let server = ChatServer::start().await;
            server.next(fault.clone());
            let reply = teller(&server, kind).post(&order(kind, "x")).await;
            match (&reply, failed) {
                (PostReply::Failed(why), true) | (PostReply::Unknown(why), false) => {
                    for canary in [SECRET, KEY, BOT, "canary-said"] {
                        assert!(!why.contains(canary), "{kind:?} {fault:?}: {why}");
                    }
                }
                _ => panic!("{kind:?} {fault:?}: {reply:?}"),
            }
            assert_eq!(server.heard(), 1, "{kind:?} {fault:?}: a write is sent once");
        }
    }
}

#[tokio::test]
async fn a_short_wait_that_was_asked_for_is_kept() {
    for kind in KINDS {
        let server = ChatServer::start().await;
        server.next(Fault::Status(429, "retry-after: 2"));
        id(&teller(&server, kind).post(&order(kind, "x")).await);
        assert_eq!((server.heard(), server.messages().len()), (2, 1), "{kind:?}");
    }
}

#[tokio::test]
async fn nobody_listens_so_nothing_was_sent() {
    for kind in KINDS {
        let server = ChatServer::start().await;
        let teller = teller(&server, kind);
        drop(server);
        tokio::task::yield_now().await;
        let reply = teller.post(&order(kind, "x")).await;
        assert!(matches!(reply, PostReply::Failed(_) | PostReply::Unknown(_)), "{kind:?} {reply:?}");
    }
}

#[tokio::test]
async fn slack_finds_the_message_whose_reply_was_lost_among_others() {
    let server = ChatServer::start().await;
    let teller = teller(&server, ChannelKind::Slack);
    let mine = order(ChannelKind::Slack, "mine");
    assert_eq!(teller.find(&mine).await, Looked::Saw(None));
    server.next(Fault::CutAfter);
    assert!(matches!(teller.post(&mine).await, PostReply::Unknown(_)));
    let mut other = order(ChannelKind::Slack, "other");
    other.key.message = 2;
    for _ in 0..3 {
        id(&teller.post(&other).await);
    }
    let Looked::Saw(Some(found)) = teller.find(&mine).await else { panic!("it is there") };
    assert_eq!(found.as_str(), format!("{CHANNEL}:1773000000.000001"));
    server.next(Fault::Says("{\"ok\": false, \"error\": \"missing_scope\"}"));
    let lacks = teller.find(&mine).await;
    assert!(lacks.cause().is_some_and(|cause| cause.to_string().contains("channels:history")), "{lacks:?}");
}

#[tokio::test]
async fn errors_that_slack_answers_with_200_are_errors() {
    for (said, kind) in [
        ("channel_not_found", "Failed"),
        ("is_archived", "Failed"),
        ("invalid_auth", "Failed"),
        ("internal_error", "Unknown"),
        ("edit_window_closed", "Gone"),
    ] {
        let server = ChatServer::start().await;
        let body: &'static str =
            Box::leak(format!("{{\"ok\": false, \"error\": \"{said}\"}}").into_boxed_str());
        server.next(Fault::Says(body));
        let reply = teller(&server, ChannelKind::Slack).post(&order(ChannelKind::Slack, "x")).await;
        let told = format!("{reply:?}");
        assert!(told.starts_with(kind) && told.contains(said), "{told}");
    }
    let server = ChatServer::start().await;
    server.next(Fault::Says("{\"ok\": false, \"error\": \"<!channel> canary-said\"}"));
    let reply = teller(&server, ChannelKind::Slack).post(&order(ChannelKind::Slack, "x")).await;
    assert!(!format!("{reply:?}").contains("canary-said"), "{reply:?}");
}

#[tokio::test]
async fn teams_says_with_success_that_it_delivered_nothing() {
    let server = ChatServer::start().await;
    server.next(Fault::Says("Webhook message delivery failed with error: HTTP error 429"));
    let reply = teller(&server, ChannelKind::Teams).post(&order(ChannelKind::Teams, "x")).await;
    assert!(matches!(reply, PostReply::Failed(_)), "{reply:?}");
}

#[tokio::test]
async fn a_webhook_that_is_sent_twice_keeps_the_newest_version() {
    let server = ChatServer::start().await;
    let teller = teller(&server, ChannelKind::Webhook);
    let one = order(ChannelKind::Webhook, "one");
    let two = PostOrder { version: 2, ..order(ChannelKind::Webhook, "two") };
    for order in [&one, &two, &one, &two] {
        id(&teller.post(order).await);
    }
    let held = server.messages();
    assert_eq!((held.len(), held[0].body["version"].as_u64()), (1, Some(2)));
    assert_eq!(held[0].id, one.key.id().to_string());
}

#[test]
fn addresses_that_are_none_are_refused_without_being_repeated() {
    for bad in [
        "canary-77",
        "",
        "http://chat.example/canary-77",
        "ftp://127.0.0.1/canary-77",
        "https://user:canary-77@chat.example/x",
        "https://chat.example/x#canary-77",
        "javascript:canary-77",
    ] {
        let service = Service::Discord { address: secret(bad) };
        let refused = chat::teller(&name(), service, chat::limits(), Arc::<TestClock>::default());
        let why = refused.err().map(|error| format!("{error} {error:?}")).expect(bad);
        assert!(!why.contains("canary-77"), "{why}");
    }
    let service =
        Service::Slack { url: "http://slack.example".into(), channel: CHANNEL.into(), token: secret(BOT) };
    assert!(chat::teller(&name(), service, chat::limits(), Arc::<TestClock>::default()).is_err());
}

#[test]
fn no_secret_reaches_the_log() {
    let log = Heard::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    tracing::subscriber::with_default(subscriber, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            for kind in KINDS {
                let server = ChatServer::start().await;
                server.next(Fault::CutAfter);
                let teller = teller(&server, kind);
                teller.post(&order(kind, "x")).await;
                let message = id(&teller.post(&order(kind, "x")).await);
                teller.edit(&order(kind, "y"), &message).await;
            }
        });
    });
    let text = log.text();
    assert!(text.contains("answered"), "something was logged");
    for canary in [SECRET, KEY, BOT] {
        assert!(!text.contains(canary), "{canary} in {text}");
    }
}
