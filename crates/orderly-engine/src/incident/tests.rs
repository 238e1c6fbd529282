//! Telling people over a place in memory that loses replies, and a clock that can be moved.

mod world;

use super::{ChannelAt, IncidentError, IncidentJob, IncidentPorts, Reached, TellPorts};
use crate::ports::clock::Clock as _;
use crate::ports::incident::{PostReply, Teller};
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::{IssueId, OrgSlug, ProjectSlug, SentryHost, ShortId};
use orderly_core::incident::{
    Affected, Audience, Author, Channel, ChannelKind, ChannelName, Entry, IncidentKey, IncidentPolicy, Log,
    MessageId, NoteKind, Place, PostOrder, What,
};
use orderly_core::scrub::Scrubber;
use orderly_core::sync::snapshot::Assignee;
use orderly_core::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use world::World;

/// What happens to the next request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is done and answered.
    Answered,
    /// It is done, and the answer is lost.
    ReplyLost,
    /// It never arrives, and nobody knows.
    RequestLost,
    /// It is refused.
    Refused,
}

/// A place that holds messages; `fates` are those of the next writes, then all are answered.
#[derive(Clone, Default)]
struct Board(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    messages: BTreeMap<u32, String>,
    last: u32,
    fates: Vec<Fate>,
    /// Why nothing can be found, if nothing can.
    blind: Option<Cause>,
}

impl Board {
    fn next(&self, fates: &[Fate]) {
        self.0.lock().unwrap().fates = fates.iter().rev().copied().collect();
    }

    fn texts(&self) -> Vec<String> {
        self.0.lock().unwrap().messages.values().cloned().collect()
    }

    fn ids(&self) -> Vec<u32> {
        self.0.lock().unwrap().messages.keys().copied().collect()
    }

    fn write(&self, id: Option<u32>, text: &str) -> PostReply {
        let mut held = self.0.lock().unwrap();
        let fate = held.fates.pop().unwrap_or(Fate::Answered);
        match fate {
            Fate::Refused => return PostReply::Failed("HTTP 400".to_owned()),
            Fate::RequestLost => return PostReply::Unknown("cut".to_owned()),
            Fate::Answered | Fate::ReplyLost => {}
        }
        if id.is_some_and(|id| !held.messages.contains_key(&id)) {
            return PostReply::Gone("deleted".to_owned());
        }
        let id = id.unwrap_or_else(|| {
            held.last += 1;
            held.last
        });
        held.messages.insert(id, text.to_owned());
        match fate {
            Fate::ReplyLost => PostReply::Unknown("cut".to_owned()),
            _ => PostReply::There(MessageId::new(id.to_string()).unwrap()),
        }
    }
}

#[async_trait]
impl Teller for Board {
    async fn post(&self, order: &PostOrder) -> PostReply {
        self.write(None, &order.words.text)
    }

    async fn edit(&self, order: &PostOrder, message: &MessageId) -> PostReply {
        self.write(message.as_str().parse().ok(), &order.words.text)
    }

    async fn find(&self, order: &PostOrder) -> Looked<Option<MessageId>> {
        let held = self.0.lock().unwrap();
        if let Some(cause) = &held.blind {
            return Looked::CouldNotLook(cause.clone());
        }
        let found = held.messages.iter().find(|(_, text)| order.key.marks(text));
        Looked::Saw(found.and_then(|(id, _)| MessageId::new(id.to_string())))
    }
}

const DECLARED: i64 = 1_773_000_000;

impl World {
    /// An incident over one issue.
    fn begin() -> Self {
        let issue = Affected {
            id: IssueId(1),
            short_id: ShortId::new("BACKEND-1"),
            project: ProjectSlug::new("backend"),
            error_type: Some("ValueError".into()),
            first_seen: Timestamp::from_second(DECLARED).unwrap(),
            owner: None,
        };
        let entry = Entry {
            at: Timestamp::from_second(DECLARED).unwrap(),
            author: ana(),
            source: None,
            what: What::Declared { title: "down".into(), issues: vec![issue] },
        };
        let log = Log::begun(key(), entry).unwrap();
        Self { log: Mutex::new(log.entries().to_vec()), seconds: AtomicI64::new(DECLARED + 60) }
    }

    fn passes(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    fn job<'a>(&'a self, policy: &'a IncidentPolicy) -> IncidentJob<'a> {
        let ports = IncidentPorts {
            crash: self,
            look: self,
            tags: self,
            counts: self,
            flags: self,
            people: self,
            assign: self,
            ledger: self,
            clock: self,
        };
        IncidentJob { ports, policy, at: self.now().0 }
    }

    async fn note(&self, text: &str) {
        let policy = IncidentPolicy::default();
        let what = What::Noted { kind: NoteKind::Action, text: text.into() };
        self.job(&policy).tell(&key(), super::Told { author: ana(), source: None, what }).await.unwrap();
    }

    /// Tells people what there is to tell, and gives what became of it: the issue first, then the channels.
    async fn tell(&self, comments: &Board, channels: &[(&str, ChannelKind, &Board)]) -> Vec<Reached> {
        let channels: Vec<ChannelAt> = channels
            .iter()
            .map(|(name, kind, board)| ChannelAt {
                channel: channel(name, *kind),
                teller: Ok(Box::new((*board).clone())),
            })
            .collect();
        self.tell_in(comments, &channels).await.unwrap().into_iter().map(|(_, reached)| reached).collect()
    }

    async fn tell_in(
        &self,
        comments: &Board,
        channels: &[ChannelAt],
    ) -> Result<Vec<(Place, Reached)>, IncidentError> {
        let policy = IncidentPolicy::default();
        let (job, scrubber) = (self.job(&policy), Scrubber::built_in());
        let plan = job.tell_plan(&job.log(&key()).await?, channels, &scrubber);
        let ports = TellPorts { comments, channels };
        job.tell_people(ports, &key(), &plan, &ana(), &scrubber).await
    }

    fn informed(&self) -> usize {
        let log = self.log.lock().unwrap();
        log.iter().filter(|logged| matches!(logged.entry.what, What::Informed { .. })).count()
    }
}

fn channel(name: &str, kind: ChannelKind) -> Channel {
    Channel { name: ChannelName::try_from(name.to_owned()).unwrap(), kind, audience: Audience::Open }
}

fn key() -> IncidentKey {
    IncidentKey { host: SentryHost::new("sentry.example"), org: OrgSlug::new("acme"), number: 1 }
}

fn ana() -> Author {
    Author::Person(Assignee::User { name: "ana".to_owned(), email: None })
}

#[tokio::test]
async fn an_update_is_one_comment_that_is_edited() {
    let (world, board) = (World::begin(), Board::default());
    for number in 1..=3 {
        world.note(&format!("step {number}")).await;
        assert!(matches!(world.tell(&board, &[]).await[..], [Reached::There(_)]));
        world.passes(60);
    }
    let texts = board.texts();
    assert_eq!(texts.len(), 1, "{texts:#?}");
    assert!(texts[0].contains("step 1") && texts[0].contains("step 3"), "{}", texts[0]);
    assert_eq!(world.informed(), 3);
}

#[tokio::test]
async fn a_lost_reply_never_makes_a_second_message() {
    for (fates, told) in [
        (&[Fate::ReplyLost][..], 1),
        (&[Fate::RequestLost], 0),
        (&[Fate::RequestLost, Fate::ReplyLost], 0),
        (&[Fate::Answered, Fate::ReplyLost], 1),
        (&[Fate::Answered, Fate::RequestLost], 1),
    ] {
        let (world, board) = (World::begin(), Board::default());
        board.next(fates);
        let first = world.tell(&board, &[]).await;
        let there = first.iter().filter(|reached| matches!(reached, Reached::There(_))).count();
        assert_eq!(there, told, "{fates:?} {first:?}");
        for number in 0..4 {
            world.passes(61);
            world.note(&format!("news {number}")).await;
            world.tell(&board, &[]).await;
        }
        let texts = board.texts();
        assert!(matches!(&texts[..], [text] if text.contains("news 3")), "{fates:?} {texts:#?}");
    }
}

#[tokio::test]
async fn what_may_still_be_under_way_is_waited_for() {
    let (world, board) = (World::begin(), Board::default());
    board.next(&[Fate::RequestLost]);
    assert!(matches!(world.tell(&board, &[]).await[..], [Reached::Unknown(_)]));
    world.passes(30);
    let early = world.tell(&board, &[]).await;
    assert!(matches!(&early[..], [Reached::Unknown(why)] if why.contains("on its way")), "{early:?}");
    assert_eq!(board.texts().len(), 0);
    world.passes(61);
    assert!(matches!(world.tell(&board, &[]).await[..], [Reached::There(_)]));
    assert_eq!((board.texts().len(), world.informed()), (1, 1));
}

#[tokio::test]
async fn what_could_not_be_looked_for_is_found_later_however_late() {
    let (world, board) = (World::begin(), Board::default());
    board.next(&[Fate::ReplyLost]);
    board.0.lock().unwrap().blind = Some(Cause::RateLimited);
    assert!(matches!(world.tell(&board, &[]).await[..], [Reached::Unknown(_)]));
    world.passes(600);
    assert!(matches!(world.tell(&board, &[]).await[..], [Reached::Unknown(_)]));
    board.0.lock().unwrap().blind = None;
    world.passes(600);
    assert!(matches!(world.tell(&board, &[]).await[..], [Reached::There(_)]));
    assert_eq!(board.ids(), [1]);
}

#[tokio::test]
async fn a_deleted_message_is_told_anew_once() {
    let (world, board) = (World::begin(), Board::default());
    world.tell(&board, &[]).await;
    board.0.lock().unwrap().messages.clear();
    for _ in 0..3 {
        world.note("news").await;
        assert!(matches!(world.tell(&board, &[]).await[..], [Reached::There(_)]));
    }
    assert_eq!(board.ids(), [2]);
}

#[tokio::test]
async fn one_place_that_fails_holds_nobody_up_and_is_tried_again() {
    let (world, board) = (World::begin(), Board::default());
    let (ops, chat) = (Board::default(), Board::default());
    ops.next(&[Fate::Refused]);
    let channels = [("ops", ChannelKind::Slack, &ops), ("chat", ChannelKind::Discord, &chat)];
    let first = world.tell(&board, &channels).await;
    assert!(matches!(&first[..], [Reached::There(_), Reached::Failed(_), Reached::There(_)]), "{first:?}");
    assert_eq!((board.texts().len(), chat.texts().len(), world.informed()), (1, 1, 1));
    let second = world.tell(&board, &channels).await;
    assert!(second.iter().all(|reached| matches!(reached, Reached::There(_))), "{second:?}");
    assert_eq!((board.ids(), ops.ids(), chat.ids()), (vec![1], vec![1], vec![1]));

    // A channel without its variable is one that fails; the intent and the failure are in the log.
    let missing = [ChannelAt {
        channel: channel("lost", ChannelKind::Teams),
        teller: Err("LOST_URL is not set".to_owned()),
    }];
    world.note("news").await;
    let reached = world.tell_in(&board, &missing).await.unwrap();
    assert_eq!(reached[1].1, Reached::Failed("LOST_URL is not set".to_owned()));
    let log = Log::read(key(), world.log.lock().unwrap().clone()).unwrap();
    let page = log.markdown(&Scrubber::built_in(), Audience::Open);
    assert!(page.contains("people could not be told in lost: LOST\\_URL is not set"), "{page}");
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_not_repeated_until_there_is_something_else_to_tell() {
    for kind in [ChannelKind::Discord, ChannelKind::Teams] {
        let (world, board, chat) = (World::begin(), Board::default(), Board::default());
        chat.next(&[Fate::ReplyLost]);
        chat.0.lock().unwrap().blind = Some(Cause::NoInput("a webhook".to_owned()));
        world.tell(&board, &[("chat", kind, &chat)]).await;
        world.passes(600);
        let again = world.tell(&board, &[("chat", kind, &chat)]).await;
        assert_eq!((again.len(), chat.texts().len()), (1, 1), "only the comment");
        world.note("news").await;
        world.tell(&board, &[("chat", kind, &chat)]).await;
        assert_eq!(chat.texts().len(), 2);
    }
}

#[tokio::test]
async fn a_plan_that_went_stale_tells_nobody() {
    let (world, board) = (World::begin(), Board::default());
    let policy = IncidentPolicy::default();
    let (job, scrubber) = (world.job(&policy), Scrubber::built_in());
    let plan = job.tell_plan(&job.log(&key()).await.unwrap(), &[], &scrubber);
    world.note("news").await;
    let ports = TellPorts { comments: &board, channels: &[] };
    let stale = job.tell_people(ports, &key(), &plan, &ana(), &scrubber).await;
    assert!(matches!(stale, Err(IncidentError::Stale(_))), "{stale:?}");
    assert_eq!(board.texts(), Vec::<String>::new());
}
