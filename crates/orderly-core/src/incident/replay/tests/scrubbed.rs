//! What may not leave, and does not.

use super::*;

/// Secrets and addresses, as events and people write them.
const CANARIES: [&str; 4] = [
    "jane.doe@example.com",
    "password=hunter2hunter2",
    "198.51.100.7",
    "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6",
];

/// All texts of a value have something in them that may not leave; what is no text stays.
fn poisoned<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T, keep: &[&str]) -> T {
    fn poison(value: &mut serde_json::Value, keep: &[&str]) {
        match value {
            serde_json::Value::String(text) => *text = format!("{text} {}", CANARIES.join(" ")),
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| poison(item, keep)),
            serde_json::Value::Object(fields) => {
                let own = fields.iter_mut().filter(|(name, _)| !keep.contains(&name.as_str()));
                own.for_each(|(_, field)| poison(field, keep));
            }
            _ => {}
        }
    }
    let mut json = serde_json::to_value(value).unwrap();
    poison(&mut json, keep);
    serde_json::from_value(json).unwrap()
}

#[test]
fn no_secret_and_no_address_is_in_any_file() {
    const TYPED: [&str; 16] = [
        "from",
        "until",
        "at",
        "began",
        "first_seen",
        "last_seen",
        "begins",
        "project",
        "projects",
        "short_id",
        "address",
        "sources_before",
        "compared",
        "whole",
        "touches",
        "kind",
    ];
    let seen = Seen {
        fresh: poisoned(&seen().fresh, &TYPED),
        alerts: seen()
            .alerts
            .into_iter()
            .map(|alert| poisoned(&alert, &["id", "projects", "since"]))
            .collect(),
        unseen: vec![Unseen { what: CANARIES[0].to_owned(), cause: Cause::NoReply(CANARIES[2].to_owned()) }],
        ..seen()
    };
    let mut known = poisoned(&known(), &TYPED);
    known.gaps = vec![(CANARIES[1].to_owned(), Cause::Missing(CANARIES[3].to_owned()))];
    known.tags.push(TagCount { key: "user".into(), value: "id:jane".into(), failing: (1, 1), usual: (1, 1) });
    let mut evidence = poisoned(&evidence(), &[&TYPED[..], &["detector", "by"]].concat());
    evidence.patterns[0].kind = CANARIES.join(" ").as_str().into();
    let text = CANARIES.join(" ");
    let everywhere = || Untrusted::new(text.clone());
    let order = FileOrder {
        key: ActionKey { incident: key(), action: 1, team: TeamKey::new("PLAT") },
        item: ItemId(uuid::Uuid::from_u128(7)),
        team_id: "team-1".to_owned(),
        title: text.clone(),
        body: text.clone(),
        priority: 2,
        state: None,
        labels: Vec::new(),
        assignee: Some(text.clone()),
    };
    let item = ItemRef { id: order.item, key: ItemKey::new("PLAT-1"), url: everywhere() };
    let owner =
        Assignee::User { name: "ana@example.com".to_owned(), email: Some("ana@example.com".to_owned()) };
    let action =
        Action { text: everywhere(), owner: owner.clone(), due: at(9000), verify: "\u{200b}".into() };
    let affected = Affected {
        id: IssueId(1),
        short_id: ShortId::new("BACKEND-1"),
        project: ProjectSlug::new("backend"),
        error_type: Some(everywhere()),
        first_seen: at(-10),
        owner: Some(owner.clone()),
    };
    let joined = Affected { id: IssueId(2), ..affected.clone() };
    let issue = IssueId(1);
    let begun = What::Declared { title: everywhere(), issues: vec![affected] };
    let first =
        Entry { author: Author::Person(owner.clone()), source: Some(everywhere()), ..by(0, "ana", begun) };
    let lesson = Lesson::Factor;
    let whats = vec![
        What::Joined { issue: joined },
        What::Rated { severity: Severity::Sev1, why: everywhere() },
        What::Appointed { role: Role::Scribe, to: owner.clone(), brief: None },
        What::Appointed { role: Role::Scribe, to: person("bea"), brief: Some(everywhere()) },
        What::Assigning { issue, to: owner.clone() },
        What::NotAssigned { issue, cause: Cause::NoReply(text.clone()) },
        What::Assigned { issue, to: owner },
        What::Noted { kind: NoteKind::Hypothesis, text: everywhere() },
        What::Informed { says: Says::Scope, text: everywhere() },
        What::Restricted { why: everywhere() },
        What::Mitigated { how: everywhere() },
        What::Resolved { how: everywhere() },
        What::Learned { lesson, text: everywhere(), confirms: Some(9) },
        What::Planned { action },
        What::Filing { order: order.clone() },
        What::NotFiled { action: 1, why: text.clone() },
        What::Filing { order },
        What::Filed { action: 1, item },
        What::Closed { action: 1, evidence: everywhere() },
    ];
    let entries: Vec<Entry> = (1..).zip(whats).map(|(minute, what)| by(minute, "ana", what)).collect();
    let log = with(Log::begun(key(), first).unwrap(), entries);
    let gathered = Gathered { watched: Looked::Saw(seen), known: Looked::Saw(known), evidence };
    let recording = recorded(&log, gathered);
    let files = files(&recording);
    for (file, text) in &files {
        for secret in ["jane", "hunter2", "198.51", "203.0.113", "ghp_", "@example.com", "\"ana@", "id:jane"]
        {
            assert!(!text.contains(secret), "{secret} in {file}: {text}");
        }
    }
    assert_eq!(recording.log().entries().len(), log.entries().len());
    let kinds = |log: &Log| log.entries().iter().map(|one| one.entry.what.kind()).collect::<Vec<_>>();
    assert_eq!(kinds(recording.log()), kinds(&log));
    assert_eq!(read(&files).unwrap(), recording);
}

#[test]
fn people_stay_apart_and_keep_names_that_are_no_addresses() {
    let user = |name: &str, email: Option<&str>| Assignee::User {
        name: name.to_owned(),
        email: email.map(str::to_owned),
    };
    let team = Assignee::Team { slug: "db".to_owned() };
    let log = [
        (user("ana@acme.example", Some("ana@acme.example")), "Ana Ortiz"),
        (user("bob@acme.example", None), "bob"),
        (user("Ana Ortiz", Some("ANA@acme.example")), "Ana Ortiz"),
        (user("bob@other.example", None), "bob (2)"),
        (user("Bea", Some("bea@acme.example")), "Bea"),
        (user("Bea", Some("bea@other.example")), "Bea (2)"),
        (user("@", None), "somebody"),
        (team, "#db"),
    ];
    let cast = people::Cast::of(log.iter().map(|(who, _)| who.clone()), &Scrubber::built_in());
    for (who, called) in &log {
        assert_eq!(cast.called(who).called(), *called, "{who:?}");
    }
}
