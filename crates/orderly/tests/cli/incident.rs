//! An incident from its declaration to its resolution, against the embedded servers and their clock.

use crate::world::{Burst, Ran, World, run};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const OWNER: &str = "owner@localhost";

/// A world three hours ago, in which sixty users were served and three of them met an error when paying.
struct Past {
    world: World,
    begin: Timestamp,
}

impl Past {
    fn begin() -> Self {
        let past = Self { world: World::start(), begin: Timestamp::now() - SignedDuration::from_hours(3) };
        past.passes(0);
        past.world.send(Burst { events: 3, ..Burst::default() });
        for user in 0..60 {
            let at = past.world.servers().clock().now().as_second();
            let served = json!({
                "type": "transaction", "transaction": "POST /pay", "platform": "python", "user": {"id": user.to_string()},
                "start_timestamp": at - 1, "timestamp": at, "spans": [],
                "contexts": {"trace": {"trace_id": "a".repeat(32), "span_id": "b".repeat(16), "op": "http.server"}},
            });
            past.world.send_event("backend", served);
        }
        past
    }

    /// The servers' time, so many minutes after the beginning.
    fn passes(&self, minutes: i64) {
        self.world.servers().clock().set(self.at(minutes));
    }

    fn at(&self, minutes: i64) -> Timestamp {
        self.begin + SignedDuration::from_mins(minutes)
    }

    /// `orderly incident …` so many minutes after the beginning.
    fn incident(&self, minutes: i64, arguments: &[&str]) -> Ran {
        let at = self.at(minutes).to_string();
        let mut all = vec!["incident"];
        all.extend(arguments);
        all.extend(["--at", &at]);
        self.world.orderly(&all)
    }

    /// As above, told by the owner, as JSON.
    fn told(&self, minutes: i64, arguments: &[&str]) -> Value {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--as", OWNER, "--json"]).collect();
        self.incident(minutes, &arguments).exits(0).json()["incident"].clone()
    }

    fn more_users(&self) {
        for user in 3..12 {
            let event = json!({
                "platform": "python", "level": "error", "environment": "production", "release": "backend@1.0.0",
                "transaction": "POST /pay", "user": {"id": user.to_string()},
                "exception": {"values": [{"type": "ValueError", "value": "cannot parse amount", "stacktrace": {"frames": [
                    {"filename": "parse_amount/parse_amount.py", "module": "parse_amount.parse_amount",
                     "function": "parse_amount", "lineno": 12, "in_app": true,
                     "context_line": "parse_amount(order)"}
                ]}}]}
            });
            self.world.send_event("backend", event);
        }
    }
}

/// What is open, `!` for what is overdue.
fn due(incident: &Value) -> Vec<String> {
    let duties = incident["duties"].as_array().unwrap().iter();
    duties
        .filter_map(|duty| match duty["standing"].as_str().unwrap() {
            "due" => Some(duty["task"].as_str().unwrap().to_owned()),
            "overdue" => Some(format!("{}!", duty["task"].as_str().unwrap())),
            _ => None,
        })
        .collect()
}

#[test]
fn an_incident_is_led_from_its_declaration_to_its_resolution() {
    let past = Past::begin();
    let declared = past.told(1, &["declare", "BACKEND-1"]);
    assert_eq!((&declared["id"], &declared["severity"]), (&json!("INC-1"), &json!("SEV2")), "{declared}");
    assert_eq!(declared["title"], "ValueError in backend");
    assert_eq!((&declared["facts"]["users"], &declared["facts"]["active_users"]), (&json!(3), &json!(60)));
    assert!(declared["reasons"][0].as_str().unwrap().starts_with("a money path is touched"), "{declared}");
    assert_eq!(declared["nearest"], "SEV1 from 6 users on (10 % of 60), now 3");

    // Nobody has told anybody.
    let shown = past.incident(7, &["show", "INC-1", "--json"]).exits(0).json()["incident"].clone();
    assert_eq!(due(&shown), ["commander!", "notice!", "scope", "mitigation"]);
    let shown = past.incident(7, &["show", "1"]).exits(0).stdout;
    assert!(
        shown.contains("OVERDUE since") && shown.contains("tell people that there is an incident"),
        "{shown}"
    );

    // It grows: the severity rises by itself.
    past.passes(8);
    past.more_users();
    let worse = past.told(9, &["severity", "INC-1"]);
    assert_eq!((&worse["severity"], &worse["facts"]["users"]), (&json!("SEV1"), &json!(12)), "{worse}");

    // Commander and sole mender are two people.
    past.told(10, &["assign", "INC-1", "commander", OWNER]);
    let refused = past.incident(10, &["assign", "INC-1", "operations", OWNER, "--as", OWNER]).exits(4);
    assert!(refused.stderr.contains("the commander may not be the only one who mends"), "{}", refused.stderr);
    let nobody = past.incident(10, &["assign", "INC-1", "operations", "#platfrom", "--as", OWNER]).exits(2);
    assert!(nobody.stderr.contains("did you mean `#platform`?"), "{}", nobody.stderr);
    past.told(11, &["assign", "INC-1", "operations", "#platform"]);
    past.told(11, &["assign", "INC-1", "scribe", "#platform"]);
    past.incident(11, &["handoff", "INC-1", "comms", OWNER, "none yet", "--as", OWNER]).exits(4);
    past.told(11, &["assign", "INC-1", "comms", "#platform"]);
    past.told(12, &["handoff", "INC-1", "scribe", OWNER, "all is noted until now"]);

    // Only the commander lowers it, and the same numbers do not undo that.
    let lower = ["severity", "INC-1", "SEV3", "--why", "a rare payment method"];
    let refused = past.incident(13, &[&lower[..], &["--as", "bea@example.com"]].concat()).exits(4);
    assert!(refused.stderr.contains("severity falls only by the commander"), "{}", refused.stderr);
    assert_eq!(past.told(13, &lower)["severity"], "SEV3");
    assert_eq!(past.told(14, &["severity", "INC-1"])["severity"], "SEV3");

    past.told(20, &["mitigate", "INC-1", "rolled back to 0.9"]);
    past.told(
        21,
        &["note", "INC-1", "the amount has a comma", "--kind", "hypothesis", "--source", "logs of 10:02"],
    );
    past.told(40, &["resolve", "INC-1", "the rollback holds"]);
    let over = past.incident(41, &["severity", "INC-1", "SEV2", "--why", "again", "--as", OWNER]).exits(4);
    assert!(over.stderr.contains("declare a new incident"), "{}", over.stderr);

    let open = past.incident(42, &["list"]).exits(0).stdout;
    assert!(open.starts_with("No incident is open. 1 are over"), "{open}");
    let all = past.incident(42, &["list", "--all", "--json"]).exits(0).json();
    assert_eq!(all["incidents"][0]["resolved_at"], past.at(40).to_string());

    let page = past.incident(42, &["timeline", "INC-1"]).exits(0).stdout;
    for words in [
        "declared: ValueError in backend (BACKEND-1 (ValueError))",
        "takes over as scribe: all is noted until now",
        "severity set to SEV3: a rare payment method",
        "| hypothesis | the amount has a comma | owner\\@localhost | logs of 10:02 |",
        "resolved: the rollback holds",
    ] {
        assert!(page.contains(words), "{words} in {page}");
    }
    let timeline = past.incident(42, &["timeline", "INC-1", "--json"]).exits(0).json()["timeline"].clone();
    let kinds: Vec<_> =
        timeline.as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    for kind in ["fact", "hypothesis", "decision", "action"] {
        assert!(kinds.contains(&kind), "{kind} in {kinds:?}");
    }
}

#[test]
fn an_issue_is_assigned_in_sentry_only_once_somebody_confirmed_it() {
    let past = Past::begin();
    past.told(1, &["declare", "BACKEND-1"]);
    let assign = ["assign", "INC-1", "BACKEND-1", "#platform"];
    let assignee = || past.world.issue("issue:BACKEND-1")["assignedTo"].clone();
    let writes = || {
        let requests = past.world.servers().sentry_knobs().requests();
        requests.iter().filter(|request| request.method == "PUT").count()
    };
    let refused = past.incident(2, &[&assign[..], &["--as", OWNER]].concat()).exits(4);
    assert!(refused.stderr.contains("nobody confirmed it"), "{}", refused.stderr);
    assert_eq!((assignee(), writes()), (Value::Null, 0));

    let owned = past.told(3, &[&assign[..], &["--yes"]].concat());
    assert_eq!(owned["issues"][0]["owner"], "#platform");
    assert_eq!((assignee()["name"].as_str(), writes()), (Some("platform"), 1));
    let other = past.incident(3, &["assign", "INC-1", "BACKEND-9", "#platform", "--as", OWNER]).exits(2);
    assert!(other.stderr.contains("is no issue of INC-1"), "{}", other.stderr);

    // At SEV1 the commander does not become the only owner: nothing is sent.
    past.told(4, &["assign", "INC-1", "commander", OWNER]);
    past.told(5, &["severity", "INC-1", "SEV1", "--why", "nobody can pay"]);
    past.incident(6, &["assign", "INC-1", "BACKEND-1", OWNER, "--yes", "--as", OWNER]).exits(4);
    assert_eq!(writes(), 1);
}

#[test]
fn people_are_told_a_draft_that_somebody_has_seen() {
    let past = Past::begin();
    past.told(1, &["declare", "BACKEND-1", "--title", "checkout fails, password=hunter2"]);
    let drafted = past.incident(3, &["comms", "INC-1", "--json"]).exits(0).json();
    let text = drafted["markdown"].as_str().unwrap();
    assert!(
        text.contains("3 of 60 users met an error") && text.contains("operations lead: nobody yet"),
        "{text}"
    );
    assert!(!text.contains("hunter2"), "{text}");
    let digest = drafted["digest"].as_str().unwrap();
    past.incident(3, &["comms", "INC-1", "--given", "0123456789ab", "--as", OWNER]).exits(4);
    let given = past.told(4, &["comms", "INC-1", "--given", &digest[..12]]);
    assert_eq!(due(&given), ["commander", "update", "mitigation"]);
    past.told(5, &["note", "INC-1", "restarted the workers", "--kind", "action"]);
    let stale = past.incident(6, &["comms", "INC-1", "--given", digest, "--as", OWNER]).exits(4);
    assert!(stale.stderr.contains("no longer the one"), "{}", stale.stderr);
    let next = past.incident(6, &["comms", "INC-1"]).exits(0);
    assert!(next.stdout.contains("restarted the workers"), "{}", next.stdout);
    let late = past.incident(30, &["show", "INC-1", "--json"]).exits(0).json()["incident"].clone();
    assert_eq!(due(&late), ["commander!", "update!", "mitigation"]);
}

#[test]
fn what_cannot_be_counted_is_said_and_wrong_names_are_refused() {
    let past = Past::begin();
    let declared = past.incident(1, &["declare", "--title", "the site is slow", "--as", OWNER]).exits(0);
    assert!(
        declared.stdout.contains("nobody has judged it yet; it is taken for the worst"),
        "{}",
        declared.stdout
    );
    assert!(
        declared.stderr.contains("not counted: errors and users: nothing to look with"),
        "{}",
        declared.stderr
    );
    let joined = past.told(2, &["add", "INC-1", "BACKEND-1"]);
    assert_eq!(
        (&joined["severity"], &joined["issues"][0]["short_id"]),
        (&json!("SEV2"), &json!("BACKEND-1"))
    );

    for wrong in [
        &["show", "INC-7"][..],
        &["show", "the last one"],
        &["declare"],
        &["declare", "BACKEND-9"],
        &["handoff", "INC-1", "boss", OWNER, "x"],
        &["severity", "INC-1", "SEV9", "--why", "x"],
        &["show", "INC-1", "--at", "2999-01-01T00:00:00Z"],
    ] {
        let mut arguments = vec!["incident"];
        arguments.extend(wrong);
        let ran = past.world.orderly(&arguments).exits(2);
        assert!(!ran.stderr.is_empty(), "{wrong:?}");
    }
    let mut nameless = past.world.command(&["incident", "note", "INC-1", "x"]);
    nameless.env_remove("USER");
    assert!(run(nameless).exits(2).stderr.contains("ORDERLY_AS"));
}
