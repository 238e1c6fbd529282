use super::*;
use crate::answer::{Cause, Looked};
use crate::ids::{IssueId, RunId};
use crate::scrub::Scrubber;
use crate::select::{Held, HeldReason};
use crate::sync::decide::decide;
use crate::sync::fixtures::{
    ago, blind, candidate, completed, issue, item, look, now, own_item, snapshot, text,
};
use crate::sync::machine::{Failure, Stop};
use crate::sync::plan::{Decision, ItemRef, Plan};
use crate::sync::policy::{MaxCreates, SyncPolicy};
use crate::sync::snapshot::{
    Candidate, ExternalLink, ItemState, LinkBackPath, LinkedElsewhere, Signal, Snapshot, TrackedItem,
};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

const HEADINGS: [&str; 6] = [
    "Sentry Linear Backlog Sync",
    "Created Or Linked",
    "Prepared Only",
    "Skipped As Duplicates",
    "Skipped By Policy",
    "Setup Gaps",
];

fn run() -> RunId {
    RunId::new("20260101T000000-1f2e")
}

fn held(id: u64, reason: HeldReason) -> Held {
    let issue = issue(id);
    Held {
        id: issue.id,
        short_id: issue.short_id,
        project: issue.project,
        users: issue.users,
        events: issue.events,
        signals: [Signal::ForReview].into(),
        reason,
    }
}

/// A day with something of everything.
fn day() -> Snapshot {
    let mut regressed = candidate(3);
    regressed.signals.insert(Signal::Regressed);
    let mut to_link = candidate(6);
    to_link.lookups.short_id = look(vec![TrackedItem { title: text("CHECKOUT-6 is broken"), ..item(12) }]);
    let mut back = candidate(7);
    back.lookups.permalink = look(vec![completed(9, own_item(13, &back.issue, 0))]);
    let mut likely = candidate(9);
    likely.lookups.title = look(vec![TrackedItem { title: likely.issue.title.clone(), ..item(14) }]);
    let mut unproven = candidate(12);
    unproven.lookups.short_id = blind();
    let mut declined = candidate(15);
    declined.lookups.permalink =
        look(vec![TrackedItem { state: ItemState::Canceled, ..own_item(15, &declined.issue, 0) }]);
    let mut linked = candidate(18);
    let own = own_item(16, &linked.issue, 0);
    let link =
        ExternalLink { source: "orderly".to_owned(), label: text("PLAT#PLAT-16"), url: own.url.clone() };
    linked.lookups.external_link =
        look(vec![LinkedElsewhere { link: link.clone(), item: Some(own.clone()) }]);
    linked.lookups.permalink = look(vec![own]);
    let mut day = snapshot(vec![
        regressed,
        to_link,
        back,
        likely,
        unproven,
        declined,
        linked,
        candidate(20),
        candidate(21),
    ]);
    day.signals.insert(Signal::Escalating, Looked::CouldNotLook(Cause::RateLimited));
    day.held = vec![
        held(31, HeldReason::Resolved),
        held(32, HeldReason::Archived),
        held(33, HeldReason::BelowNoiseFloor { bound: "1 event in 24h, at least 2 are asked".to_owned() }),
        held(34, HeldReason::Cooldown { reported_at: ago(5) }),
        held(35, HeldReason::AlreadyLinked { link }),
        held(36, HeldReason::PoolFull { pool: 9 }),
    ];
    day
}

fn plan(day: &Snapshot) -> Plan {
    decide(day, &SyncPolicy::default(), now())
}

fn preview(day: &Snapshot) -> Report {
    Report::preview(&run(), &plan(day), &Scrubber::built_in())
}

/// What the machine would say if everything went well, or not.
fn outcomes(
    plan: &Plan,
    write: impl Fn(&Decision, ItemRef) -> WriteOutcome,
    link_back: &LinkBackOutcome,
) -> Vec<ItemOutcome> {
    let writing = plan.entries.iter().filter(|e| e.decision.writes());
    writing
        .zip(40..)
        .map(|(entry, n)| {
            let made = ItemRef::from(&item(n));
            ItemOutcome {
                issue: entry.issue.id,
                write: write(&entry.decision, made),
                link_back: link_back.clone(),
            }
        })
        .collect()
}

fn success(decision: &Decision, made: ItemRef) -> WriteOutcome {
    match decision {
        Decision::Link { item, .. } => WriteOutcome::Linked { item: item.clone() },
        Decision::Update { item, .. } => WriteOutcome::Updated { item: item.clone() },
        _ => WriteOutcome::Created { item: made },
    }
}

/// Headings, link targets, and what a report must never hold.
fn read(markdown: &str) -> (Vec<String>, Vec<String>, Vec<String>) {
    let (mut headings, mut links, mut bad) = (Vec::new(), Vec::new(), Vec::new());
    let mut in_heading = false;
    for event in Parser::new_ext(markdown, Options::all()) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                in_heading = true;
                assert_eq!(level, HeadingLevel::H2);
            }
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            Event::Text(text) if in_heading => headings.push(text.to_string()),
            Event::Start(Tag::Link { dest_url, .. }) => links.push(dest_url.to_string()),
            Event::Start(
                tag @ (Tag::Image { .. } | Tag::HtmlBlock | Tag::Emphasis | Tag::Strong | Tag::Strikethrough),
            ) => {
                bad.push(format!("{tag:?}"));
            }
            Event::Html(html) | Event::InlineHtml(html) => bad.push(html.to_string()),
            _ => {}
        }
    }
    (headings, links, bad)
}

#[test]
fn a_preview_shows_what_would_be_done_with_the_exact_text() {
    insta::assert_snapshot!(preview(&day()).markdown());
}

#[test]
fn an_applied_run_shows_what_was_done() {
    let plan = plan(&day());
    let outcomes = outcomes(&plan, success, &LinkBackOutcome::Succeeded);
    insta::assert_snapshot!(
        Report::applied(&run(), &plan, &outcomes, None, &Scrubber::built_in()).markdown()
    );
}

#[test]
fn an_empty_run_says_that_nothing_qualified_and_makes_no_ticket() {
    insta::assert_snapshot!(preview(&snapshot(Vec::new())).markdown());
}

#[test]
fn every_failure_is_named() {
    let all = |why: &str| {
        let why = why.to_owned();
        [
            Failure::Refused(why.clone()),
            Failure::Denied(why.clone()),
            Failure::ForeignItem(why.clone()),
            Failure::IdIgnored(why.clone()),
            Failure::Declined(why.clone()),
            Failure::Superseded(why.clone()),
            Failure::NoAnswer(why),
        ]
    };
    let mut day = snapshot((1..=9).map(candidate).collect());
    day.link_back = LinkBackPath::Unavailable {
        step: "Create an internal integration with the scope `event:write`.".to_owned(),
    };
    let policy = SyncPolicy { max_creates: MaxCreates::try_from(20).unwrap(), ..SyncPolicy::default() };
    let plan = decide(&day, &policy, now());
    let mut failures = all("title `x` is too long <b>for</b> jane@acme.example").into_iter();
    let mut outcomes: Vec<ItemOutcome> = plan
        .entries
        .iter()
        .map(|entry| ItemOutcome {
            issue: entry.issue.id,
            write: match failures.next() {
                Some(failure) => WriteOutcome::Failed { failure },
                None => WriteOutcome::Open {
                    item: Some(ItemRef::from(&item(50))),
                    because: "no reply from the tracker".to_owned(),
                },
            },
            link_back: LinkBackOutcome::Unavailable,
        })
        .collect();
    outcomes[8].link_back = LinkBackOutcome::Failed { why: "403 from Sentry".to_owned() };
    outcomes.push(ItemOutcome {
        issue: IssueId(999),
        write: WriteOutcome::Open { item: None, because: "its issue could not be looked at".to_owned() },
        link_back: LinkBackOutcome::Waiting,
    });
    let stop = Stop::RateLimited { until: Some(ago(-1)) };
    let report = Report::applied(&run(), &plan, &outcomes, Some(&stop), &Scrubber::built_in());
    insta::assert_snapshot!(report.markdown());
}

fn hostile() -> Snapshot {
    let titles = [
        "[pay](https://evil.example) | ![x](https://evil.example/x.png)",
        "x\n## Created Or Linked\n| a | b | c | d | e |",
        "<img src=x onerror=alert(1)> <!-- `` ` --> password=hunter2hunter2",
        "\u{1b}[2J\u{202e}@everyone PLAT-99 #12 ~~~\n~~~\n",
    ];
    let candidates = titles.iter().zip([3_u64, 6, 9, 12]).map(|(title, id)| {
        let mut c: Candidate = candidate(id);
        c.issue.title = text(title);
        c.lookups.owner.answer = Looked::CouldNotLook(Cause::NoReply((*title).to_owned()));
        c
    });
    let mut all: Vec<Candidate> = candidates.collect();
    all[0].lookups.owner = look(Vec::new());
    let mut evil = item(66);
    evil.title = text("CHECKOUT-6");
    evil.url = text("https://linear.example/acme/issue/PLAT-66/pay)[x](https://evil.example");
    all[1].lookups.short_id = look(vec![evil]);
    snapshot(all)
}

#[test]
fn hostile_titles_are_shown_and_do_nothing() {
    let markdown = preview(&hostile()).markdown();
    let (headings, links, bad) = read(&markdown);
    assert_eq!(headings, HEADINGS);
    assert_eq!(bad, Vec::<String>::new());
    let known = ["https://sentry.example", "https://linear.example/acme/issue/PLAT-66"];
    for link in &links {
        assert!(
            known.contains(&link.as_str())
                || link.starts_with("https://sentry.example/organizations/acme/issues/"),
            "{link}"
        );
    }
    assert!(!markdown.contains("hunter2"));
    insta::assert_snapshot!(markdown);
}

#[test]
fn the_headings_are_always_the_same_in_the_same_order() {
    let plan = plan(&day());
    let applied = outcomes(&plan, success, &LinkBackOutcome::Off);
    let reports = [
        preview(&day()),
        preview(&snapshot(Vec::new())),
        Report::applied(&run(), &plan, &applied, None, &Scrubber::built_in()),
        Report::applied(&run(), &plan, &[], Some(&Stop::Interrupted), &Scrubber::built_in()),
    ];
    for report in reports {
        let markdown = report.markdown();
        let ours: Vec<&str> = markdown.lines().filter_map(|l| l.strip_prefix("## ")).collect();
        assert_eq!(ours, HEADINGS);
        let table = markdown.contains("| Issue | Project | Signal | Linear Result | Link-Back Status |");
        assert_eq!(table, !report.created_or_linked.is_empty());
    }
}

#[test]
fn nothing_is_lost_between_plan_and_report_and_what_was_hidden_is_counted() {
    let day = day();
    let report = preview(&day);
    let skipped: usize = report.skipped_by_policy.iter().map(|g| g.issues.len()).sum();
    let shown = report.created_or_linked.len()
        + report.prepared_only.len()
        + report.skipped_as_duplicates.len()
        + skipped;
    assert_eq!(shown, day.candidates.len() + day.held.len());
    assert_eq!(
        (report.totals.held_back, report.totals.held_back_users, report.totals.held_back_events),
        (6, 84, 720)
    );
    let kinds: Vec<&str> = report.skipped_by_policy.iter().map(|g| g.kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "Resolved",
            "Archived",
            "Below the noise floor",
            "Unchanged since the last report",
            "Already linked",
            "Pool full"
        ]
    );
}

#[test]
fn the_json_reads_back_and_renders_the_same() {
    let report = preview(&day());
    let json = serde_json::to_string(&report).unwrap();
    let read: Report = serde_json::from_str(&json).unwrap();
    assert_eq!(read.markdown(), report.markdown());
    assert_eq!(read, report);
}

#[test]
fn a_run_that_stopped_early_names_what_the_next_one_finishes() {
    let report = Report::applied(&run(), &plan(&day()), &[], Some(&Stop::Interrupted), &Scrubber::built_in());
    assert!(report.created_or_linked.iter().all(|row| matches!(row.result, RowResult::Open { .. })));
    assert_eq!(report.stopped.as_deref(), Some("it was interrupted"));
}
