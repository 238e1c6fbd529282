use super::order::fitting;
use super::*;
use crate::ids::IssueId;
use crate::incident::audience::Audience;
use crate::incident::tests::{assessed, at, by, declared, key, with};
use crate::incident::{Author, ClockPolicy, Draft, Entry, IncidentView, Log, Refused, Says, What};
use crate::scrub::Scrubber;
use crate::time::Now;

fn channel(name: &str, kind: ChannelKind, audience: Audience) -> Channel {
    Channel { name: ChannelName::try_from(name.to_owned()).unwrap(), kind, audience }
}

fn plan(log: &Log, channels: &[Channel], minutes: i64) -> TellPlan {
    let now = Now(at(minutes));
    TellPlan::of(log.incident(), channels, &ClockPolicy::default(), &Scrubber::built_in(), (now, now))
}

/// `issue 1: post`, `ops: edit 7`, in the order of the plan; what is held with its reason.
fn steps(plan: &TellPlan) -> Vec<String> {
    let name = |place: &Place| match place {
        Place::Issue(issue) => format!("issue {issue}"),
        Place::Channel(name) => name.to_string(),
    };
    let orders = plan.orders.iter().map(|order| {
        let step = match &order.step {
            PostStep::Post => "post".to_owned(),
            PostStep::Edit { message } => format!("edit {message}"),
            PostStep::Find { .. } => "find".to_owned(),
        };
        format!("{}: {step} #{} v{}", name(&order.key.place), order.key.message, order.version)
    });
    let held = plan.held.iter().map(|(place, held)| format!("{}: {held:?}", name(place)));
    orders.chain(held).collect()
}

fn orderly(minutes: i64, what: What) -> Entry {
    Entry { at: at(minutes), author: Author::Orderly, source: None, what }
}

fn posting(minutes: i64, plan: &TellPlan) -> Entry {
    by(minutes, "ana", What::Posting { orders: plan.orders.clone() })
}

fn posted(minutes: i64, order: &PostOrder, id: &str) -> Entry {
    let message = MessageId::new(id).unwrap();
    orderly(minutes, What::Posted { place: order.key.place.clone(), version: order.version, message })
}

fn failed(minutes: i64, order: &PostOrder) -> Entry {
    let (place, why) = (order.key.place.clone(), "HTTP 500".to_owned());
    orderly(minutes, What::NotPosted { place, version: order.version, why })
}

fn all_kinds() -> Vec<Channel> {
    [ChannelKind::Slack, ChannelKind::Discord, ChannelKind::Teams, ChannelKind::Webhook]
        .map(|kind| channel(kind.word(), kind, Audience::Open))
        .to_vec()
}

#[test]
fn what_is_sent_follows_from_what_became_of_the_last() {
    let channels = all_kinds();
    let start = with(declared("down"), [assessed(0, 31)]);
    let first = plan(&start, &channels, 1);
    let post = |name: &str| format!("{name}: post #1 v1");
    assert_eq!(
        steps(&first),
        ["issue 1", "issue 2", "slack", "discord", "teams", "webhook"].map(post).to_vec()
    );
    let sent = with(start, [posting(1, &first)]);

    // Nobody answered. What cannot be looked for is not repeated, until there is something else to tell.
    assert_eq!(
        steps(&plan(&sent, &channels, 2)),
        [
            "issue 1: find #1 v2",
            "issue 2: find #1 v2",
            "slack: find #1 v2",
            "webhook: post #1 v2",
            "discord: Unsettled",
            "teams: Unsettled"
        ]
    );
    let news = by(3, "ana", What::Mitigated { how: "rolled back".into() });
    let other = with(sent.clone(), [news.clone()]);
    assert_eq!(
        steps(&plan(&other, &channels, 3))[3..],
        ["discord: post #2 v2", "teams: post #2 v2", "webhook: post #1 v2"]
    );

    // All arrived: the same is not said again, something else is an edit where that can be.
    let there = with(sent.clone(), first.orders.iter().map(|order| posted(2, order, "7")));
    let later = plan(&there, &channels, 1);
    assert!(later.orders.is_empty() && later.held.iter().all(|(_, held)| *held == Held::Said), "{later:?}");
    let changed = with(there, [news]);
    assert_eq!(
        steps(&plan(&changed, &channels, 3)),
        [
            "issue 1: edit 7 #1 v2",
            "issue 2: edit 7 #1 v2",
            "slack: edit 7 #1 v2",
            "discord: edit 7 #1 v2",
            "teams: post #2 v2",
            "webhook: post #1 v2"
        ]
    );

    // An edit that failed, and one that nobody answered, are made again.
    let edit = plan(&changed, &channels, 3);
    let unanswered = with(changed, [posting(3, &edit)]);
    assert_eq!(steps(&plan(&unanswered, &channels, 4))[0], "issue 1: edit 7 #1 v3");
    let refused = with(unanswered, edit.orders.iter().map(|order| failed(4, order)));
    assert_eq!(steps(&plan(&refused, &channels, 4))[0], "issue 1: edit 7 #1 v3");

    // Nothing arrived: all of it is tried again.
    let lost = with(sent, first.orders.iter().map(|order| failed(2, order)));
    assert!(steps(&plan(&lost, &channels, 2)).iter().all(|step| step.ends_with("post #1 v2")));
}

#[test]
fn only_when_people_hear_again_changes_teams_is_not_told_twice_and_the_approval_stays() {
    let channels = [
        channel("teams", ChannelKind::Teams, Audience::Open),
        channel("slack", ChannelKind::Slack, Audience::Open),
    ];
    let start = with(declared("down"), [assessed(0, 31)]);
    let first = plan(&start, &channels, 1);
    assert_eq!(first.digest(), plan(&start, &channels, 2).digest());
    let told = with(start, [posting(1, &first)]);
    let told = with(told, first.orders.iter().map(|order| posted(1, order, "7")));
    let told = with(told, [by(1, "ana", What::Informed { says: Says::Scope, text: "told".into() })]);
    let next = plan(&told, &channels, 5);
    assert_ne!(first.draft.next, next.draft.next);
    assert_eq!(
        steps(&next),
        ["issue 1: edit 7 #1 v2", "issue 2: edit 7 #1 v2", "slack: edit 7 #1 v2", "teams: Said"]
    );
    assert_ne!(first.digest(), next.digest(), "an approval holds for one telling");
}

#[test]
fn a_rolling_update_names_what_was_done_before_the_last_one() {
    let done = by(2, "ana", What::Mitigated { how: "rolled back".into() });
    let informed = by(3, "ana", What::Informed { says: Says::Scope, text: "told".into() });
    let log = with(declared("down"), [assessed(0, 31), done, informed]);
    let (clock, scrubber, now) = (ClockPolicy::default(), Scrubber::built_in(), Now(at(4)));
    assert!(Draft::of(log.incident(), &clock, &scrubber, now).actions.is_empty());
    let rolling = Draft::rolling(log.incident(), &clock, &scrubber, now);
    assert!(rolling.actions[0].ends_with("rolled back"), "{rolling:?}");
    assert!(rolling.plain().contains("Actions:\n• ") && rolling.markdown().contains("Actions:\n- "));
}

#[test]
fn a_restricted_incident_is_told_in_restricted_channels_alone() {
    let channels = [
        channel("ops", ChannelKind::Slack, Audience::Open),
        channel("security", ChannelKind::Slack, Audience::Restricted),
    ];
    let open = with(declared("down"), [assessed(0, 31)]);
    assert_eq!(plan(&open, &channels, 1).orders.len(), 4);
    let planned_before = posting(3, &plan(&open, &channels, 1));
    let log = with(open, [by(2, "ana", What::Restricted { why: "an attack".into() })]);
    assert_eq!(
        steps(&plan(&log, &channels, 3)),
        ["security: post #1 v1", "issue 1: Restricted", "issue 2: Restricted", "ops: Restricted"]
    );
    assert_eq!(log.incident().after(&planned_before), Err(Refused::Restricted), "the log has it from nobody");
}

#[test]
fn two_who_tell_at_once_do_not_tell_twice() {
    let log = with(declared("down"), [assessed(0, 31)]);
    let (one, other) = (plan(&log, &[], 1), plan(&log, &[], 1));
    let log = with(log, [posting(1, &one)]);
    assert!(matches!(log.incident().after(&posting(1, &other)), Err(Refused::Already { .. })));
    // Once the second has looked for it, the late answer of the first is not taken for the second's.
    let second = plan(&log, &[], 2);
    let log = with(log, [posting(2, &second)]);
    assert!(log.incident().after(&posted(2, &one.orders[0], "7")).is_err());
    let log = with(log, [posted(3, &second.orders[0], "7"), failed(3, &second.orders[1])]);
    assert!(log.incident().after(&posted(3, &second.orders[0], "8")).is_err());
    let now = Now(at(3));
    let view = IncidentView::of(log.incident(), &ClockPolicy::default(), &Scrubber::built_in(), now);
    let told: Vec<_> = view.told.iter().map(|at| (at.place.as_str(), at.problem.as_deref())).collect();
    assert_eq!(told, [("on BACKEND-1", None), ("on BACKEND-2", Some("HTTP 500"))]);
    let stranger = Place::Issue(IssueId(9));
    let mut order = plan(&log, &[], 4).orders[0].clone();
    order.key.place = stranger;
    let entry = by(4, "ana", What::Posting { orders: vec![order] });
    assert_eq!(log.incident().after(&entry), Err(Refused::NoSuchIssue { issue: IssueId(9) }));
}

#[test]
fn a_message_in_the_place_of_one_that_is_gone_has_a_marker_of_its_own() {
    let log = with(declared("down"), [assessed(0, 31)]);
    let order = plan(&log, &[], 1).orders[0].clone();
    let anew = order.clone().anew();
    assert!(order.key.marks(&order.words.text) && anew.key.marks(&anew.words.text));
    assert!(!anew.key.marks(&order.words.text) && !order.key.marks(&anew.words.text));
    assert_ne!(order.key.id(), anew.key.id());
    assert!(PostKey::is_update(&order.words.text, &key()));
    assert!(!PostKey::is_update("an update of orderly", &key()));
}

#[test]
fn words_fit_where_they_go() {
    let long: String = (0..200).map(|line| format!("- line {line}\n")).collect();
    for (text, most) in [(long.as_str(), 200), (&"x".repeat(500), 100), (&"😀".repeat(60), 100), ("a\nb", 10)]
    {
        let fits = fitting(text, most);
        assert!(fits.encode_utf16().count() <= most, "{fits}");
    }
    assert_eq!(fitting("a\nb\n", 10), "a\nb");
    assert!(fitting(&long, 200).ends_with("more lines"), "{}", fitting(&long, 200));
    assert_eq!(fitting(&"\\*".repeat(50), 12), r"\*\*\*\*\*…");
    let log = with(declared(&"long ".repeat(200)), [assessed(0, 31)]);
    for order in plan(&log, &all_kinds(), 1).orders {
        assert!(order.words.headline.encode_utf16().count() <= 150, "{}", order.words.headline);
    }
}

#[test]
fn names_and_ids_that_nobody_issued_are_none() {
    for bad in ["", "Ops", "a b", "../x", &"x".repeat(41)] {
        assert!(ChannelName::try_from(bad.to_owned()).is_err(), "{bad}");
        assert!(serde_json::from_value::<ChannelName>(bad.into()).is_err(), "{bad}");
    }
    for bad in ["", "../1", "1/2", "a b", "1?x", &"9".repeat(101)] {
        assert_eq!(MessageId::new(bad), None, "{bad}");
    }
    assert!(MessageId::new("C012:1712.000100").is_some());
}
