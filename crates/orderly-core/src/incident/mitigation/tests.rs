use super::*;
use crate::answer::Cause;
use crate::fix::Outcome;
use crate::ids::{IssueId, ProjectSlug, ShortId};
use crate::incident::tests::{at, by, declared, key, person, with};
use crate::incident::*;
use crate::investigate::{
    Attack, Changed, ChangedWhat, Deployed, FLAG_LOG, Findings, FlagCount, Interval, Known, LeadKnown, Lift,
    Named, Signal, Strain, Window, Work, investigate,
};
use crate::noise::ReleaseSeen;
use crate::scrub::Scrubber;
use crate::time::{Now, Seconds};
use crate::untrusted::Untrusted;
use proptest::prelude::*;
use std::collections::BTreeSet;

mod trials;

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

fn template(text: &str) -> Template {
    Template::parse(&words(text)).unwrap()
}

fn name(text: &str) -> Value {
    Value::name(&Untrusted::from(text)).unwrap()
}

#[test]
fn a_command_has_a_program_and_known_places_and_is_no_shell() {
    for (command, why) in [
        ("", "names no program"),
        ("{flag} off", "may hold no placeholder"),
        ("/bin/sh -c reboot", "is a shell"),
        ("BASH.exe x", "is a shell"),
        ("flags {name}", "there is no placeholder `{name}`"),
        ("flags {tag.}", "there is no placeholder"),
        ("flags {flag", "without its other one"),
        ("flags {flag}{flag", "without its other one"),
        ("flags flag}", "without its other one"),
        ("block --from={addresses}", "a word by itself"),
    ] {
        let error = Template::parse(&words(command)).unwrap_err().to_string();
        assert!(error.contains(why), "{command}: {error}");
    }
}

#[test]
fn places_are_filled_with_plain_names_and_lists_become_words() {
    let mut values = Values::default();
    values.put(Slot::Flag, name("express-checkout"));
    values.put(Slot::Flag, name("another"));
    for cell in ["cell-1", "cell-3", "cell-1"] {
        values.put(Slot::Tag("cell".to_owned()), name(cell));
    }
    let filled = template("./flags set --name={flag} {{x}} {tag.cell} off").fill(&values).unwrap();
    assert_eq!(filled.words(), words("./flags set --name=express-checkout {x} cell-1 cell-3 off"));
    assert_eq!(filled.to_string(), "./flags set --name=express-checkout '{x}' cell-1 cell-3 off");
    assert_eq!(template("deploy {project} {release}").fill(&values), Err(vec![Slot::Release, Slot::Project]));
    let mut given = Values::default();
    given.put(Slot::Flag, name("other"));
    assert_eq!(template("f {flag}").fill(&given.or(&values)).unwrap().words(), words("f other"));
}

#[test]
fn what_an_event_says_is_no_option_no_path_and_no_program() {
    for hostile in [
        "",
        "-rf",
        "--all",
        "../../etc",
        "a/b",
        "a..b",
        ".hidden",
        "a b",
        "a;reboot",
        "$(reboot)",
        "`x`",
        "a|b",
        "a\nb",
        "a\0b",
        "{flag}",
        "ünicode",
        "a\u{202e}b",
        "~root",
        "@file",
        "*",
    ] {
        assert_eq!(Value::name(&Untrusted::from(hostile)), Err(Unfit), "{hostile:?}");
    }
    assert!(Value::name(&Untrusted::new("a".repeat(201))).is_err());
    for plain in ["checkout-api@1.4.2", "2026.11.1+7f3a", "express-checkout", "cell-1", "Flag:x_y"] {
        assert_eq!(name(plain).as_str(), plain);
    }
}

proptest! {
    #[test]
    fn every_place_stays_one_word_that_is_neither_option_nor_path(text in ".{0,40}") {
        if let Ok(value) = Value::name(&Untrusted::from(text.as_str())) {
            let mut values = Values::default();
            values.put(Slot::Release, value);
            let filled = template("deploy {release}").fill(&values).unwrap();
            prop_assert_eq!(filled.words().len(), 2);
            prop_assert_eq!(filled.to_string().split(' ').count(), 2);
            let word = &filled.words()[1];
            prop_assert!(!word.starts_with('-') && !word.contains('/') && !word.contains('\\') && !word.is_empty());
        }
    }
}

fn option(name: &str, kind: Kind, command: &str) -> Mitigation {
    Mitigation {
        name: name.to_owned(),
        kind,
        command: (kind != Kind::Hotfix).then(|| template(command)),
        reversibility: Reversibility::ByHand,
        time_to_effect: Some(Seconds(300)),
        reach: kind.usual_reach(),
        projects: Vec::new(),
        shown_by: Vec::new(),
    }
}

/// One of each kind.
fn options() -> Vec<Mitigation> {
    vec![
        option("rollback", Kind::RollBack, "deploy {project} {previous_release}"),
        option("flag", Kind::FlagOff, "flags off {flag}"),
        option("fix", Kind::Hotfix, ""),
        option("restart", Kind::Restart, "restart {project}"),
        option("scale", Kind::Scale, "scale {project}"),
        option("drain", Kind::Degrade, "drain {tag.cell}"),
        option("block", Kind::Block, "edge block {addresses}"),
    ]
}

fn lead() -> LeadKnown {
    LeadKnown {
        id: IssueId(1),
        short_id: ShortId::new("BACKEND-1"),
        project: ProjectSlug::new("backend"),
        title: "KeyError".into(),
        first_seen: at(0),
        first_release: Some("backend@1.5.0".into()),
        events: 90,
        users: 40,
        frames: Vec::new(),
    }
}

/// A rise at minute 0, after a release and a flag.
fn known(changes: Vec<Changed>) -> Known {
    let window = Window { from: at(-600), until: at(30), bin: Seconds(300) };
    let mut counts = vec![1; 120];
    counts.extend([30; 6]);
    Known { window, leads: vec![lead()], counts, changes, ..Known::default() }
}

fn deploy(minute: i64, release: &str) -> Changed {
    let deployed = Deployed {
        release: release.into(),
        environment: Some("production".into()),
        projects: vec![ProjectSlug::new("backend")],
        commits: Vec::new(),
        files: None,
    };
    Changed { began: None, at: at(minute), by: None, what: ChangedWhat::Deploy(deployed) }
}

fn flag(minute: i64, name: &str) -> Changed {
    let what = ChangedWhat::Flag { flag: name.into(), action: "updated".into() };
    Changed { began: None, at: at(minute), by: None, what }
}

fn found(known: &Known) -> Findings {
    investigate(known, &Scrubber::built_in())
}

fn releases() -> Vec<ReleaseSeen> {
    let release = |version: &str, minute: i64, project: &str| ReleaseSeen {
        version: version.into(),
        since: at(minute),
        projects: BTreeSet::from([ProjectSlug::new(project)]),
        last_event: None,
    };
    vec![
        release("backend@1.3.0", -9000, "backend"),
        release("backend@1.4.0", -3000, "backend"),
        release("web@9.0.0", -10, "web"),
        release("backend@1.5.0", -2, "backend"),
    ]
}

fn compared(log: &Log, found: &Findings) -> Vec<Compared> {
    let options = options();
    let over = Comparison {
        incident: log.incident(),
        options: &options,
        found,
        releases: &releases(),
        given: &Values::default(),
    };
    compare(over, &Scrubber::built_in())
}

fn line(one: &Compared) -> (&str, Strength, Option<&str>) {
    (&one.name, one.evidence.strength, one.command.as_deref())
}

#[test]
fn a_release_that_is_named_is_rolled_back_first_to_the_one_before_it() {
    let found = found(&known(vec![deploy(-2, "backend@1.5.0"), flag(-300, "dark-mode")]));
    assert_eq!(found.named, Named::Change, "{found:#?}");
    let all = compared(&declared("down"), &found);
    let rollback = ("rollback", Strength::Named, Some("deploy backend backend@1.4.0"));
    assert_eq!(line(&all[0]), rollback, "{all:#?}");
    let last: Vec<&str> = all
        .iter()
        .filter(|one| one.evidence.strength == Strength::Against)
        .map(|one| one.name.as_str())
        .collect();
    assert!(last.contains(&"flag") && last.contains(&"block"), "{all:#?}");
    assert!(all[0].evidence.reason.contains("backend@1.5.0 is named as the cause"), "{:?}", all[0].evidence);
}

#[test]
fn a_flag_that_is_named_is_switched_off_first() {
    let mut known = known(vec![flag(0, "express"), deploy(-40, "backend@1.5.0")]);
    known.leads[0].first_release = None;
    known.flags = vec![FlagCount { flag: "express".into(), failing: (45, 0), others: (9, 11) }];
    let all = compared(&declared("down"), &found(&known));
    assert_eq!(line(&all[0]), ("flag", Strength::Named, Some("flags off express")), "{all:#?}");
}

#[test]
fn where_no_change_explains_it_what_is_seen_decides_and_changes_are_not_taken_back() {
    let mut found = found(&known(Vec::new()));
    found.changes = super::tests::found(&known(vec![deploy(-2, "backend@1.5.0")])).changes;
    found.named = Named::NoneOfThese;
    found.lifts = ["cell-1", "cell-3"]
        .map(|value| Lift {
            key: "cell".to_owned(),
            value: value.to_owned(),
            share: 0.5,
            usual: 0.2,
            lift: Interval { value: 2.5, low: 2.0, high: 3.0 },
        })
        .to_vec();
    let all = compared(&declared("down"), &found);
    assert_eq!(line(&all[0]), ("drain", Strength::Plausible, Some("drain cell-1 cell-3")), "{all:#?}");
    assert!(all.iter().any(|one| line(one).0 == "rollback" && one.evidence.strength == Strength::Against));

    // What is configured as a sign outweighs what only helps in general.
    found.work = vec![Work {
        project: ProjectSlug::new("backend"),
        transaction: "POST /pay".to_owned(),
        op: "db.pool".to_owned(),
        description: "wait for a connection".to_owned(),
        traces: 4,
        of: 8,
        example: "a".repeat(32),
        millis: 8000.0,
        share: 0.8,
        strain: Strain::Waits,
    }];
    let mut options = options();
    options[4].shown_by = vec![Sign::parse("span:db.pool*").unwrap()];
    options[5].shown_by = vec![Sign::parse("tag:region=eu*").unwrap()];
    let log = declared("down");
    let over = Comparison {
        incident: log.incident(),
        options: &options,
        found: &found,
        releases: &[],
        given: &Values::default(),
    };
    let all = compare(over, &Scrubber::built_in());
    assert_eq!((all[0].name.as_str(), all[0].evidence.strength), ("scale", Strength::Shown), "{all:#?}");
    let drain = all.iter().find(|one| one.name == "drain").unwrap();
    assert_eq!(drain.evidence.strength, Strength::Unknown);
    for wrong in ["pool", "span:", "tag:cell", "tag:=x", "span:[", "error:x"] {
        assert!(Sign::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn an_attack_is_blocked_at_its_addresses() {
    let mut found = found(&known(Vec::new()));
    found.named = Named::Attack;
    found.attack = Some(Attack {
        touched: "transaction:*login*".to_owned(),
        known: 100,
        addresses: 2,
        leading: vec![("203.0.113.7".parse().unwrap(), 60), ("2001:db8::1".parse().unwrap(), 40)],
        accounts: 90,
        signals: vec![Signal::ManyAccounts { each: 45.0 }, Signal::NewAddresses { share: 1.0 }],
    });
    let all = compared(&declared("logins fail"), &found);
    assert_eq!(
        line(&all[0]),
        ("block", Strength::Named, Some("edge block 203.0.113.7 2001:db8::1")),
        "{all:#?}"
    );
}

#[test]
fn a_name_that_is_not_plain_leaves_its_place_open_until_a_person_fills_it() {
    let mut known = known(vec![deploy(-2, "backend@1.5.0;reboot")]);
    known.leads[0].first_release = Some("backend@1.5.0;reboot".into());
    let found = found(&known);
    let mut options = options();
    options[0].command = Some(template("undeploy {release}"));
    let log = declared("down");
    let mut given = Values::default();
    let all = |given: &Values| {
        let over =
            Comparison { incident: log.incident(), options: &options, found: &found, releases: &[], given };
        compare(over, &Scrubber::built_in()).into_iter().find(|one| one.name == "rollback").unwrap()
    };
    let open = all(&given);
    assert_eq!((open.order, open.missing), (None, vec!["release".to_owned()]));
    given.put(Slot::Release, name("backend-1.5.0"));
    assert_eq!(all(&given).command.as_deref(), Some("undeploy backend-1.5.0"));
}

#[test]
fn among_equals_what_is_easily_taken_back_then_what_shows_sooner_comes_first() {
    let found = found(&known(Vec::new()));
    let mut options: Vec<Mitigation> =
        ["a", "b", "c", "d"].map(|name| option(name, Kind::Scale, "scale up")).to_vec();
    options[0].reversibility = Reversibility::Never("data is gone".to_owned());
    options[1].time_to_effect = None;
    options[3].reversibility = Reversibility::Command(template("scale down"));
    options[3].time_to_effect = Some(Seconds::hours(1));
    let log = declared("down");
    let over = Comparison {
        incident: log.incident(),
        options: &options,
        found: &found,
        releases: &[],
        given: &Values::default(),
    };
    let all = compare(over, &Scrubber::built_in());
    let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["d", "c", "b", "a"]);
    assert_eq!(all[0].undo_command.as_deref(), Some("scale down"));
}

#[test]
fn a_gap_is_no_evidence() {
    let mut known = known(Vec::new());
    known.gaps = vec![(FLAG_LOG.to_owned(), Cause::RateLimited)];
    let all = compared(&declared("down"), &found(&known));
    let flag = all.iter().find(|one| one.name == "flag").unwrap();
    assert_eq!(flag.evidence.strength, Strength::Unknown, "{flag:?}");
    known.gaps.clear();
    let all = compared(&declared("down"), &found(&known));
    let flag = all.iter().find(|one| one.name == "flag").unwrap();
    assert_eq!(flag.evidence.strength, Strength::Against, "{flag:?}");
}
