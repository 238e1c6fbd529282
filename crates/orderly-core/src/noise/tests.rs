use super::*;
use crate::answer::{Cause, Looked};
use crate::diagnose::{Evidence, Exception, Frame, FrameOrigin, Request, Said, Surroundings};
use crate::ids::{CommitId, IssueId, ShortId};
use crate::source::TrackedFiles;
use crate::sync::fixtures::{ago, issue, now, text};
use crate::sync::snapshot::{Issue, Level};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn frame(file: &str, origin: FrameOrigin) -> Frame {
    Frame {
        function: text("f"),
        raw_function: None,
        module: None,
        package: None,
        file: None,
        abs_path: Some(text(file)),
        position: None,
        origin,
        platform: None,
        context: Vec::new(),
    }
}

fn evidence(kind: &str, value: &str, frames: Vec<Frame>) -> Evidence {
    Evidence {
        issue: IssueId(1),
        event: text("e"),
        at: ago(1),
        platform: text("javascript"),
        level: None,
        release: Some(text("web@1")),
        dist: None,
        environment: None,
        transaction: None,
        message: None,
        exceptions: vec![Exception {
            kind: text(kind),
            value: text(value),
            module: None,
            mechanism: None,
            frames,
        }],
        breadcrumbs: Vec::new(),
        request: None,
        tags: BTreeMap::new(),
        around: Surroundings { browser: Some(text("Chrome 131")), ..Surroundings::default() },
        bundles: Vec::new(),
        left_out: Vec::new(),
    }
}

fn own() -> Vec<Frame> {
    vec![frame("https://shop.example/app.js", FrameOrigin::InApp)]
}

fn closer(evidence: Evidence, spread: &[(&str, &[(&str, u64)])]) -> Closer {
    let tag = |(key, values): &(&str, &[(&str, u64)])| {
        let top: Vec<_> = values.iter().map(|(value, count)| (text(value), *count)).collect();
        let total = top.iter().map(|(_, count)| count).sum();
        (text(key), TagSpread { distinct: top.len() as u64, total, top })
    };
    Closer { evidence: Looked::Saw(evidence), spread: Looked::Saw(Spread(spread.iter().map(tag).collect())) }
}

fn quiet() -> Issue {
    let mut issue = issue(1);
    (issue.events, issue.users) = (6, 2);
    issue
}

fn rule(issue: &Issue, closer: Option<&Closer>) -> Option<Rule> {
    let subject = Subject { issue, platform: None, closer, releases: None, head: None };
    match judge(subject, &NoisePolicy::default(), now()) {
        Judged::Hidden(noise) => Some(noise.rule),
        Judged::Signal => None,
        Judged::Kept { despite } => panic!("kept despite {despite:?}"),
    }
}

#[test]
fn what_the_list_alone_tells_is_told_with_its_bounds() {
    let with = |change: fn(&mut Issue)| {
        let mut issue = quiet();
        change(&mut issue);
        rule(&issue, None)
    };
    assert_eq!(with(|_| ()), None);
    assert_eq!(with(|i| i.level = Level::Warning), Some(Rule::Level));
    assert_eq!(with(|i| i.last_seen = ago(7 * 24)), None);
    assert_eq!(with(|i| i.last_seen = ago(7 * 24 + 1)), Some(Rule::Stale));
    assert_eq!(with(|i| i.last_seen = ago(73)), None);
    assert_eq!(with(|i| (i.events, i.last_seen) = (1, ago(73))), Some(Rule::Fluke));
    assert_eq!(with(|i| (i.events, i.last_seen) = (1, ago(71))), None);
    assert_eq!(with(|i| i.title = text("Script error.")), Some(Rule::OpaqueScript));
    assert_eq!(with(|i| i.error_type = Some(text("MemoryError"))), Some(Rule::OutOfMemory));
    assert_eq!(with(|i| i.error_value = Some(text("No space left on device"))), Some(Rule::Hardware));
    assert_eq!(with(|i| i.error_type = Some(text("CancelledError"))), Some(Rule::Cancelled));
}

#[test]
fn what_a_closer_look_tells_hides_only_what_has_no_own_code() {
    let of = |evidence: Evidence, spread: &[(&str, &[(&str, u64)])]| {
        rule(&quiet(), Some(&closer(evidence, spread)))
    };
    let extension = vec![frame("chrome-extension://abc/x.js", FrameOrigin::InApp)];
    assert_eq!(of(evidence("TypeError", "x is null", extension), &[]), Some(Rule::BrowserExtension));
    let tag = || frame("https://www.googletagmanager.com/gtm.js", FrameOrigin::Library);
    assert_eq!(of(evidence("TypeError", "x is null", vec![tag()]), &[]), Some(Rule::ThirdPartyScript));
    let called = vec![tag(), frame("https://shop.example/app.js", FrameOrigin::InApp)];
    assert_eq!(of(evidence("TypeError", "x is null", called), &[]), None, "own code called it");
    let near = vec![frame("https://notgoogletagmanager.com/a.js", FrameOrigin::Library)];
    assert_eq!(of(evidence("TypeError", "x is null", near), &[]), None);
    assert_eq!(of(evidence("TypeError", "Failed to fetch", own()), &[]), Some(Rule::ClientNetwork));
    let mut on_server = evidence("Error", "connect ECONNREFUSED", own());
    on_server.around = Surroundings::default();
    assert_eq!(of(on_server, &[]), None, "a server that cannot reach another is no noise");
}

#[test]
fn what_spreads_over_real_users_too_is_not_hidden() {
    let of = |spread: &[(&str, &[(&str, u64)])]| {
        let mut issue = quiet();
        issue.users = 1;
        rule(&issue, Some(&closer(evidence("TypeError", "x is null", own()), spread)))
    };
    assert_eq!(of(&[("environment", &[("dev", 4), ("Test", 2)])]), Some(Rule::NotProduction));
    assert_eq!(of(&[("environment", &[("dev", 4), ("production", 2)])]), None);
    assert_eq!(of(&[("environment", &[("dev", 4)])]), None, "two events named no environment");
    assert_eq!(of(&[("browser.name", &[("Googlebot", 6)])]), Some(Rule::Bot));
    assert_eq!(of(&[("browser.name", &[("Googlebot", 5), ("Chrome", 1)])]), None);
    assert_eq!(of(&[("user", &[("id:1", 6)])]), Some(Rule::OneInstallation));
    assert_eq!(of(&[("install_id", &[("a", 6)])]), Some(Rule::OneInstallation));
    assert_eq!(of(&[("install_id", &[("a", 3), ("b", 3)]), ("user", &[("id:1", 6)])]), None);
}

#[test]
fn one_event_on_the_developers_own_machine_is_hidden() {
    for (url, expected) in [
        ("http://localhost:3000/cart", Some(Rule::NotProduction)),
        ("http://127.0.0.1/", Some(Rule::NotProduction)),
        ("http://shop.test/", Some(Rule::NotProduction)),
        ("https://localhost.shop.example/", None),
        ("https://shop.example/?x=http://localhost/", None),
    ] {
        let mut evidence = evidence("TypeError", "x is null", own());
        evidence.request = Some(Request { method: None, url: text(url) });
        let mut issue = quiet();
        issue.events = 1;
        assert_eq!(rule(&issue, Some(&closer(evidence, &[]))), expected, "{url}");
    }
}

fn release(version: &str, hours: i64, last_event: Option<i64>) -> ReleaseSeen {
    ReleaseSeen {
        version: text(version),
        since: ago(hours),
        projects: BTreeSet::new(),
        last_event: last_event.map(ago),
    }
}

#[test]
fn an_error_that_a_newer_release_does_not_have_is_gone_once_luck_is_unlikely() {
    let mut issue = quiet();
    // Six events in 50 hours, then a release 48 hours ago.
    (issue.first_seen, issue.last_seen) = (ago(98), ago(49));
    let closer = closer(evidence("TypeError", "x is null", own()), &[]);
    let judged = |issue: &Issue, releases: &[ReleaseSeen]| {
        let subject =
            Subject { issue, platform: None, closer: Some(&closer), releases: Some(releases), head: None };
        judge(subject, &NoisePolicy::default(), now())
    };
    let (old, new) = (release("web@1", 200, Some(49)), release("web@2", 48, Some(1)));
    let Judged::Hidden(noise) = judged(&issue, &[new.clone(), old.clone()]) else { panic!("it is gone") };
    assert_eq!(noise.rule, Rule::GoneInNewerRelease);
    assert_eq!(noise.because[1], Said::Event(text("web@2")));
    let silent = release("web@2", 48, None);
    assert_eq!(
        judged(&issue, &[silent, old.clone()]),
        Judged::Signal,
        "a release nobody runs proves nothing"
    );
    let young = release("web@2", 20, Some(1));
    assert_eq!(judged(&issue, &[young, old.clone()]), Judged::Signal, "too short to tell");
    issue.last_seen = ago(2);
    assert_eq!(judged(&issue, &[new, old]), Judged::Signal, "seen since");
}

#[test]
fn a_commit_that_names_the_issue_hides_it_unless_a_later_release_has_the_error() {
    let closer = closer(evidence("TypeError", "x is null", own()), &[]);
    let head = HeadFix {
        commit: CommitId::parse(&"a".repeat(40)).unwrap(),
        told_by: HeadFixToldBy::Message { at: ago(30) },
    };
    let judged = |releases: &[ReleaseSeen]| {
        let issue = quiet();
        let subject = Subject {
            issue: &issue,
            platform: None,
            closer: Some(&closer),
            releases: Some(releases),
            head: Some(&head),
        };
        judge(subject, &NoisePolicy::default(), now())
    };
    assert!(
        matches!(judged(&[release("web@1", 40, None)]), Judged::Hidden(noise) if noise.rule == Rule::FixedOnHead)
    );
    assert_eq!(judged(&[release("web@1", 20, None)]), Judged::Signal, "it did not hold");
}

#[test]
fn a_commit_that_changed_the_line_that_crashed_hides_the_issue_with_its_place() {
    let path = TrackedFiles::of(["web/cart.ts"]).tracked("web/cart.ts").unwrap();
    let told_by = HeadFixToldBy::Line { path, line: 7 };
    let head = HeadFix { commit: CommitId::parse(&"a".repeat(40)).unwrap(), told_by };
    let issue = quiet();
    let subject = Subject { issue: &issue, platform: None, closer: None, releases: None, head: Some(&head) };
    let Judged::Hidden(noise) = judge(subject, &NoisePolicy::default(), now()) else { panic!("it is fixed") };
    let said =
        "web/cart.ts:7, which crashed, was changed by aaaaaaaaaaaa, which no release with the crash has";
    assert_eq!((noise.rule, noise.because), (Rule::FixedOnHead, vec![Said::Words(said.to_owned())]));
}

#[test]
fn high_volume_and_many_users_are_never_noise() {
    for (events, users, hidden) in [(999, 49, true), (1000, 0, false), (3, 50, false)] {
        let mut issue = quiet();
        (issue.events, issue.users, issue.level) = (events, users, Level::Info);
        let subject = Subject { issue: &issue, platform: None, closer: None, releases: None, head: None };
        let judged = judge(subject, &NoisePolicy::default(), now());
        assert_eq!(matches!(judged, Judged::Hidden(_)), hidden, "{events} events, {users} users");
        assert_eq!(matches!(judged, Judged::Kept { .. }), !hidden);
    }
}

#[test]
fn a_rule_that_is_off_hides_nothing_and_what_could_not_be_looked_at_hides_nothing() {
    let mut issue = quiet();
    issue.level = Level::Warning;
    let policy = NoisePolicy { off: BTreeSet::from([Rule::Level]), ..NoisePolicy::default() };
    let blind = Closer {
        evidence: Looked::CouldNotLook(Cause::RateLimited),
        spread: Looked::CouldNotLook(Cause::RateLimited),
    };
    let subject = Subject { issue: &issue, platform: None, closer: Some(&blind), releases: None, head: None };
    assert_eq!(judge(subject, &policy, now()), Judged::Signal);
}

#[test]
fn rules_are_found_by_their_names() {
    for rule in Rule::ALL {
        assert_eq!(Rule::named(rule.name()), Some(rule));
        assert_eq!(serde_json::to_string(&rule).unwrap(), format!("\"{}\"", rule.name()));
    }
    assert_eq!(Rule::named("levels"), None);
}

#[test]
fn a_commit_fixes_what_it_says_it_fixes_until_it_is_reverted() {
    let commit = |digit: &str, message: &str| Committed {
        commit: CommitId::parse(&digit.repeat(40)).unwrap(),
        at: ago(5),
        message: message.to_owned(),
    };
    let issues: BTreeSet<ShortId> =
        ["API-1", "API-12", "WEB-3", "WEB-4", "WEB-5", "WEB-6"].map(ShortId::new).into_iter().collect();
    // The latest first.
    let history = [
        commit("f", "Revert \"fix(sentry): WEB-4 — no price\"\n\nThis reverts commit 3."),
        commit("e", "Look into WEB-5\n\nIt is not fixed, see WEB-5."),
        commit("d", "fix(sentry): WEB-4 — no price"),
        commit("c", "Guard the cart\n\nSentry: WEB-3 — https://sentry.example/issues/3"),
        commit("b", "Cart\n\nFixes: api-12."),
        commit("a", "fixed API-12 (first try)"),
        commit("9", "prefix WEB-6 with zeros"),
    ];
    let fixes = fixed_by(&history, &issues);
    let found: Vec<_> =
        fixes.iter().map(|(issue, fix)| (issue.as_str(), &fix.commit.as_str()[..1])).collect();
    assert_eq!(found, [("API-12", "b"), ("WEB-3", "c")]);
}

proptest! {
    #[test]
    fn any_text_is_judged_without_failing(
        file in "\\PC{0,30}|https?://[a-z@:.\\[\\]]{0,12}/x", url in "\\PC{0,20}|http://[a-z.@:\\[\\]]{0,10}", value in "\\PC{0,40}",
    ) {
        let mut evidence = evidence("E", &value, vec![frame(&file, FrameOrigin::Library)]);
        evidence.request = Some(Request { method: None, url: text(&url) });
        let mut issue = quiet();
        issue.events = 1;
        let closer = closer(evidence, &[]);
        let subject = Subject { issue: &issue, platform: None, closer: Some(&closer), releases: None, head: None };
        drop(judge(subject, &NoisePolicy::default(), now()));
    }
}
