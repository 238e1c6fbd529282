use super::*;
use crate::ids::{IssueId, ProjectSlug, ShortId};
use crate::incident::severity::Touch;
use crate::normal::frame::NormalFrame;
use crate::scrub::Scrubber;
use crate::time::{Seconds, Timestamp};
use crate::untrusted::Untrusted;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

const BINS: usize = 288;
/// The rate rises in this bin: 23 hours and 40 minutes after the window begins.
const RISE: usize = 284;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_100 / 300 * 300 + minute * 60).expect("a time of this century")
}

fn window() -> Window {
    Window { from: at(0), until: at(BINS as i64 * 5), bin: Seconds(300) }
}

fn text(text: &str) -> Untrusted<String> {
    Untrusted::from(text)
}

fn own(place: &str, function: &str, path: &str) -> Own {
    let frame = NormalFrame { place: place.to_owned(), function: function.to_owned() };
    Own { frame, path: Some(path.to_owned()) }
}

fn lead() -> LeadKnown {
    LeadKnown {
        id: IssueId(7),
        short_id: ShortId::new("API-7"),
        project: ProjectSlug::new("api"),
        title: text("KeyError: 'region'"),
        first_seen: at(RISE as i64 * 5),
        first_release: Some(text("api@2.0")),
        events: 60,
        users: 41,
        frames: vec![own("api.tax", "quote", "api/tax.py"), own("api.orders", "create", "api/orders.py")],
    }
}

fn deploy(minute: i64, project: &str, release: &str, files: &[&str]) -> Changed {
    let what = ChangedWhat::Deploy(Deployed {
        release: text(release),
        environment: Some(text("production")),
        projects: vec![ProjectSlug::new(project)],
        commits: vec![text("Tax by region")],
        files: Some(files.iter().map(|file| text(file)).collect()),
    });
    Changed { began: Some(at(minute - 2)), at: at(minute), by: None, what }
}

fn flag(minute: i64, name: &str) -> Changed {
    let what = ChangedWhat::Flag { flag: text(name), action: text("updated") };
    Changed { began: None, at: at(minute), by: Some(text("robin")), what }
}

/// Nothing for a day, then fifteen errors in every five minutes.
fn risen(changes: Vec<Changed>) -> Known {
    let counts = (0..BINS).map(|bin| if bin < RISE { 0 } else { 15 }).collect();
    Known { window: window(), leads: vec![lead()], counts, changes, ..Known::default() }
}

fn found(known: &Known) -> Findings {
    investigate(known, &Scrubber::built_in())
}

fn minute(bin: usize) -> i64 {
    bin as i64 * 5
}

#[test]
fn the_deploy_whose_file_fails_is_named_before_another_of_the_same_minutes() {
    let found = found(&risen(vec![
        deploy(minute(RISE) - 3, "api", "api@2.0", &["api/tax.py"]),
        deploy(minute(RISE) - 2, "search", "search@9", &["search/rank.go"]),
        deploy(minute(40), "api", "api@1.9", &["api/orders.py"]),
    ]));
    assert_eq!((found.named, found.onset), (Named::Change, Some(at(minute(RISE)))), "{found:#?}");
    assert_eq!(found.changes[0].what, "api@2.0 to production");
    assert!(found.changes[0].probability > 0.9, "{:#?}", found.changes);
    let clues: Vec<&Clue> = found.changes[0].clues.iter().map(|(clue, _)| clue).collect();
    assert!(matches!(clues[..], [Clue::Touches { .. }, Clue::FirstSeen { .. }]), "{clues:?}");
    assert!(found.hypotheses[0].evidence[0].contains("the rate rose 3 min after it"), "{found:#?}");
    insta::assert_snapshot!(found.markdown("What is behind INC-1"));
}

#[test]
fn a_deploy_that_nothing_ties_to_the_incident_is_not_blamed_for_its_time_alone() {
    let apart = risen(vec![deploy(minute(RISE) - 2, "search", "search@9", &["search/rank.go"])]);
    let tied = risen(vec![deploy(minute(RISE) - 2, "api", "api@2.0", &["api/tax.py"])]);
    let (apart, tied) = (found(&apart), found(&tied));
    assert_eq!((apart.named, tied.named), (Named::Nothing, Named::Change), "{apart:#?}");
    assert!(apart.changes[0].probability < 0.95 && tied.changes[0].probability > 0.99, "{tied:#?}");
}

#[test]
fn hours_after_the_last_change_none_of_them_is_blamed() {
    let found = found(&risen(vec![
        deploy(minute(RISE) - 140, "api", "api@2.0", &["api/other.py"]),
        flag(minute(RISE) - 300, "dark-mode"),
    ]));
    assert_eq!(found.named, Named::NoneOfThese, "{found:#?}");
    assert!(found.verdict().starts_with("No change explains it"), "{}", found.verdict());
}

#[test]
fn a_flag_that_failing_requests_had_on_is_named_and_one_that_they_had_like_others_is_doubted() {
    let mut known = risen(vec![flag(minute(RISE), "express"), flag(minute(RISE) - 1, "dark-mode")]);
    known.flags = vec![
        FlagCount { flag: text("express"), failing: (45, 0), others: (9, 11) },
        FlagCount { flag: text("dark-mode"), failing: (22, 23), others: (10, 10) },
    ];
    let found = found(&known);
    assert_eq!(
        (found.named, found.changes[0].what.as_str()),
        (Named::Change, "express updated"),
        "{found:#?}"
    );
    assert!(found.flags[0].odds.low > 1.0 && found.flags[1].odds.low < 1.0, "{:#?}", found.flags);
}

#[test]
fn ratios_and_odds_have_the_intervals_of_their_formulas() {
    // 90 of 100 against 40 of 100.
    let lift = ratio((90, 100), (40, 100), 1.96);
    assert!((lift.value - 90.5 / 40.5).abs() < 1e-9);
    assert!((1.7..1.9).contains(&lift.low) && (2.7..3.0).contains(&lift.high), "{lift:?}");
    let odds = odds((45, 0), (9, 11), 1.96);
    assert!(odds.value > 100.0 && odds.low > 1.0 && odds.high > 1_000.0, "{odds:?}");
    assert!(lift::odds((0, 0), (0, 0), 1.96).low < 1.0);
}

#[test]
fn tags_are_told_when_the_errors_surely_have_them_more_often() {
    let mut known = risen(Vec::new());
    let tag = |key: &str, value: &str, failing, usual| TagCount {
        key: text(key),
        value: text(value),
        failing: (failing, 100),
        usual: (usual, 200),
    };
    known.compared = Compared::Transactions;
    known.tags = vec![
        tag("cell", "cell-0", 55, 40),
        tag("region", "eu", 60, 118),
        tag("user", "id:7", 90, 1),
        tag("browser", "rare", 5, 0),
    ];
    let found = found(&known);
    let told: Vec<&str> = found.lifts.iter().map(|lift| lift.value.as_str()).collect();
    assert_eq!(told, ["cell-0"]);
}

fn neighbour(project: &str, traces: &[&str], frames: Vec<Own>) -> Neighbour {
    Neighbour {
        id: IssueId(9),
        short_id: ShortId::new("WEB-9"),
        project: ProjectSlug::new(project),
        title: text("ApiError"),
        events: 12,
        shared_traces: traces.iter().map(|trace| (*trace).to_owned()).collect(),
        frames,
    }
}

#[test]
fn joins_show_their_key_traces_frames_releases_and_what_follows_with_a_lag() {
    let mut known = risen(Vec::new());
    known.trace_ids = vec!["a".repeat(32), "b".repeat(32)];
    known.neighbours = vec![
        neighbour("web", &[&"a".repeat(32)], Vec::new()),
        neighbour("jobs", &[], vec![own("api.tax", "quote", "api/tax.py")]),
        neighbour("apart", &[], vec![own("else", "where", "else/where.py")]),
    ];
    let events = BTreeMap::from([(ProjectSlug::new("api"), 60), (ProjectSlug::new("worker"), 5)]);
    known.shared_releases = vec![SharedRelease { release: text("2026.11.1"), events }];
    // A second service follows two bins later; a third has its own rhythm.
    let wave = |bin: usize| 4 + 12 * u64::from(bin % 9 < 3);
    known.counts = (0..BINS).map(wave).collect();
    let follows = (0..BINS).map(|bin| wave((bin + 9 - 2) % 9) + (bin % 2) as u64).collect();
    let apart = (0..BINS).map(|bin| ((bin * 7919) % 13) as u64).collect();
    known.by_project =
        BTreeMap::from([(ProjectSlug::new("cart"), follows), (ProjectSlug::new("mail"), apart)]);
    let joins = found(&known).joins;
    let told: Vec<(&str, &str)> = joins
        .iter()
        .map(|join| {
            let key = match join.key {
                JoinKey::Trace { .. } => "trace",
                JoinKey::Frame { .. } => "frame",
                JoinKey::Release { .. } => "release",
                JoinKey::Together { lag, .. } => {
                    if lag == 600 {
                        "600 s later"
                    } else {
                        "another lag"
                    }
                }
            };
            (join.project.as_str(), key)
        })
        .collect();
    let expected = [("web", "trace"), ("jobs", "frame"), ("worker", "release"), ("cart", "600 s later")];
    assert_eq!(told, expected, "{joins:#?}");
}

fn span(parent: Option<usize>, op: &str, what: &str, status: &str, millis: f64) -> Span {
    Span {
        parent,
        project: ProjectSlug::new("api"),
        transaction: text("POST /pay"),
        op: text(op),
        description: text(what),
        status: text(status),
        millis,
        whole: if parent.is_none() { Whole::Transaction } else { Whole::Part },
    }
}

#[test]
fn traces_show_waits_for_a_pool_loops_of_queries_and_where_requests_break() {
    let mut spans = vec![
        span(None, "http.server", "POST /pay", "internal_error", 10_000.0),
        span(Some(0), "db.pool", "wait for a connection", "ok", 8_000.0),
        span(Some(0), "http.client", "POST /charge", "internal_error", 500.0),
    ];
    spans.extend((0..24).map(|_| span(Some(0), "db", "SELECT * FROM tax WHERE region = %s", "ok", 20.0)));
    let mut known = risen(Vec::new());
    known.traces = vec![Trace { id: "a".repeat(32), spans }];
    let told: Vec<(String, Strain)> =
        found(&known).work.into_iter().map(|work| (work.op, work.strain)).collect();
    let expected = [
        ("db.pool".to_owned(), Strain::Waits),
        ("db".to_owned(), Strain::Repeats { times: 24 }),
        ("http.client".to_owned(), Strain::Fails),
    ];
    assert_eq!(told, expected);
}

#[test]
fn many_accounts_from_few_new_addresses_are_an_attack_and_people_who_forgot_their_password_are_none() {
    let address = |number: u8| IpAddr::V4(Ipv4Addr::new(203, 0, 113, number));
    let of = |number: u8, account: usize| Source {
        address: address(number),
        account: Some(text(&account.to_string())),
    };
    let mut known = risen(Vec::new());
    known.touches = BTreeMap::from([(Touch::Security, "transaction:*login*".to_owned())]);
    known.sources = (0..100).map(|try_| of((try_ % 10) as u8, try_)).collect();
    let attacked = found(&known);
    assert_eq!(attacked.named, Named::Attack, "{attacked:#?}");
    assert!(attacked.hypotheses[0].text.starts_with("an attack"));
    known.sources = (0..100).map(|one| of(one as u8, one)).collect();
    known.sources_before = (0..80).map(address).collect();
    assert_eq!(found(&known).named, Named::NoneOfThese);
    known.touches.clear();
    assert_eq!(found(&known).attack, None);
}

#[test]
fn hostile_titles_stay_text() {
    let mut known =
        risen(vec![deploy(minute(RISE) - 2, "api", "a\u{1b}[2J](http://x)|\n# y", &["api/tax.py"])]);
    known.leads[0].title = text("![x](http://evil.example/a.png)\n<script>|");
    let page = found(&known).markdown("t");
    assert!(!page.contains('\u{1b}') && !page.contains("![x]") && !page.contains("<script>"), "{page}");
    assert_eq!(page.lines().filter(|line| line.starts_with("# ")).count(), 1, "{page}");
}

#[test]
fn a_window_has_whole_bins_and_knows_the_place_of_a_time() {
    let window = Window::before(at(7), Seconds::hours(24));
    assert_eq!((window.until, window.bin, window.begins(287)), (at(5), Seconds(300), at(0)));
    assert_eq!(window.bin_of(at(2)), Some((287, 0.4)));
    assert_eq!((window.bin_of(at(5)), window.bin_of(at(-1500))), (None, None));
    assert_eq!(Window::before(at(7), Seconds::days(7)).bin, Seconds(1800));
    assert_eq!(Window::before(at(7), Seconds::days(30)).bin, Seconds(3600));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn probabilities_sum_to_one_and_the_order_of_the_changes_decides_nothing(
        minutes in proptest::collection::vec(-100..1500_i64, 0..6),
        counts in proptest::collection::vec(0..40_u64, BINS),
    ) {
        let changes: Vec<Changed> = minutes
            .iter()
            .enumerate()
            .map(|(place, minute)| deploy(*minute, if place % 2 == 0 { "api" } else { "web" }, &place.to_string(), &[]))
            .collect();
        let mut known = risen(changes);
        known.counts = counts;
        let one = found(&known);
        known.changes.reverse();
        let other = found(&known);
        let sum = |found: &Findings| found.changes.iter().map(|change| change.probability).sum::<f64>();
        prop_assert!(sum(&one) <= 1.0 + 1e-9);
        prop_assert!((sum(&one) - sum(&other)).abs() < 1e-9);
        prop_assert_eq!(one.named, other.named);
    }
}
