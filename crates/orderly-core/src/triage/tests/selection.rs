use crate::ids::{Digest, IssueId, OrgSlug, ProjectSlug, SentrySite, ShortId};
use crate::sync::snapshot::Level;
use crate::time::Timestamp;
use crate::triage::*;

fn site() -> SentrySite {
    SentrySite { base_url: "https://sentry.example".to_owned(), org: OrgSlug::new("acme") }
}

fn chosen(number: u32) -> Chosen {
    let id = IssueId(u64::from(number) + 100);
    Chosen {
        number,
        id,
        short_id: ShortId::new(format!("API-{number}")),
        project: ProjectSlug::new("api"),
        permalink: site().permalink(id),
        title: "KeyError: 'a'".into(),
        platform: Some("python".into()),
        level: Level::Error,
        events: 5,
        users: 2,
        first_seen: Timestamp::UNIX_EPOCH,
        last_seen: Timestamp::UNIX_EPOCH,
    }
}

fn approved() -> ApprovedSelection {
    ApprovedSelection::seal(Selection {
        version: SELECTION_VERSION,
        made_at: Timestamp::UNIX_EPOCH,
        site: site(),
        table: Some(Digest::new("t")),
        units: vec![
            Unit { lead: chosen(2), related: vec![chosen(5)], crash: Some(Digest::new("c")) },
            Unit { lead: chosen(1), related: Vec::new(), crash: None },
        ],
    })
}

#[test]
fn a_stored_selection_is_read_back_as_it_was_approved() {
    let approved = approved();
    assert_eq!(ApprovedSelection::from_json(&approved.to_json(), &site()), Ok(approved));
}

#[test]
fn a_selection_that_somebody_changed_is_refused_and_its_links_are_never_taken_from_the_file() {
    let text = approved().to_json();
    let changed = text.replace("\"id\": 105", "\"id\": 106");
    assert!(matches!(ApprovedSelection::from_json(&changed, &site()), Err(SelectionRefused::Changed { .. })));
    let linked =
        text.replace("https://sentry.example/organizations/acme/issues/105/", "https://evil.example/");
    let read = ApprovedSelection::from_json(&linked, &site()).unwrap();
    assert!(read.get().issues().all(|chosen| chosen.permalink == site().permalink(chosen.id)));
}

#[test]
fn an_approval_holds_for_a_day_and_its_time_cannot_be_changed() {
    let at = |hours: i64| crate::time::Now(Timestamp::from_second(hours * 3600).unwrap());
    assert_eq!(approved().still_holds(at(24)), Ok(()));
    let stale = approved().still_holds(at(25)).unwrap_err().to_string();
    assert!(stale.contains("1970-01-01") && stale.contains("choose again"), "{stale}");
    let later = approved().to_json().replace("1970-01-01", "1970-01-02");
    assert!(matches!(ApprovedSelection::from_json(&later, &site()), Err(SelectionRefused::Changed { .. })));
}

#[test]
fn naming_issues_approves_them_and_those_that_crash_alike_become_one_unit() {
    let same = Some(Digest::new("same"));
    let named =
        vec![(chosen(1), same.clone()), (chosen(2), None), (chosen(3), same.clone()), (chosen(4), None)];
    let now = crate::time::Now(Timestamp::UNIX_EPOCH);
    let approved = ApprovedSelection::named(site(), named, now);
    let units: Vec<Vec<u32>> =
        approved.get().units.iter().map(|unit| unit.issues().map(|issue| issue.number).collect()).collect();
    assert_eq!(units, [vec![1, 3], vec![2], vec![4]], "no trace, no unit");
    assert_eq!(approved.get().units[0].crash, same);
    assert_eq!(ApprovedSelection::from_json(&approved.to_json(), &site()), Ok(approved));
}

#[test]
fn a_selection_of_another_version_or_another_sentry_is_refused() {
    let text = approved().to_json();
    let newer = text.replace("\"version\": 2", "\"version\": 3");
    assert!(matches!(
        ApprovedSelection::from_json(&newer, &site()),
        Err(SelectionRefused::Version { found: 3, known: 2 })
    ));
    let elsewhere = SentrySite { org: OrgSlug::new("other"), ..site() };
    assert!(matches!(
        ApprovedSelection::from_json(&text, &elsewhere),
        Err(SelectionRefused::Elsewhere { .. })
    ));
    assert!(matches!(ApprovedSelection::from_json("{}", &site()), Err(SelectionRefused::Unreadable { .. })));
}

#[test]
fn an_issue_is_named_by_short_id_number_or_address() {
    for (text, name) in [
        ("101", IssueName::Id(IssueId(101))),
        ("backend-3f", IssueName::ShortId(ShortId::new("BACKEND-3F"))),
        (" CHECKOUT-API-3F ", IssueName::ShortId(ShortId::new("CHECKOUT-API-3F"))),
        ("https://sentry.example/organizations/acme/issues/101/?project=1", IssueName::Id(IssueId(101))),
        ("https://sentry.example/issues/101", IssueName::Id(IssueId(101))),
        ("@latest", IssueName::Latest),
        ("@most_frequent", IssueName::MostFrequent),
    ] {
        assert_eq!(IssueName::parse(text, &site()), Ok(name), "{text}");
    }
    for text in [
        "",
        "API",
        "API-",
        "-3",
        "API-3;rm",
        "../API-3",
        "https://sentry.example/organizations/other/issues/101/",
        "https://evil.example/organizations/acme/issues/101/",
        "https://sentry.example/organizations/acme/issues/x/",
        "99999999999999999999999",
    ] {
        assert!(IssueName::parse(text, &site()).is_err(), "{text}");
    }
    let on_saas = SentrySite { base_url: "https://sentry.io".to_owned(), org: OrgSlug::new("acme") };
    assert_eq!(IssueName::parse("https://acme.sentry.io/issues/9/", &on_saas), Ok(IssueName::Id(IssueId(9))));
}
