//! Incidents through the MCP server: what an agent may write, how it is marked, and what it may not.

use crate::mcp::with_crashes;
use crate::mcp_client::{Person, call, typescript};
use crate::world::World;
use serde_json::{Value, json};

const OWNER: &str = "owner@localhost";

/// The digest of the plan that an earlier answer gave.
fn plan(answer: usize) -> Value {
    json!({"plan_digest": {"from": [answer, "tool", "plan_digest"]}})
}

/// An action, and its application; `first` is how many answers there are before.
fn done(first: usize, action: &Value) -> [Value; 2] {
    [call("incident_preview", action), call("incident_apply", &plan(first))]
}

fn text(answer: &Value) -> &str {
    answer["structured"]["event_payload"]["text"].as_str().unwrap()
}

fn told(world: &World, arguments: &[&str]) -> Value {
    let all: Vec<&str> =
        ["incident"].iter().chain(arguments).chain(&["--as", OWNER, "--json"]).copied().collect();
    world.orderly(&all).exits(0).json()
}

fn timeline(world: &World) -> Vec<Value> {
    let ran = world.orderly(&["incident", "timeline", "INC-1", "--json"]).exits(0).json();
    ran["timeline"].as_array().unwrap().clone()
}

#[test]
fn an_agent_keeps_an_incident_from_its_declaration_to_its_end_and_a_person_approves_each_entry() {
    let world = with_crashes();
    let note = json!({"action": "note", "incident": "INC-1", "kind": "hypothesis",
        "text": "the amount has a comma\u{1b}[2J; password=hunter2", "source": "BACKEND-1"});
    let mut calls = Vec::new();
    for action in [
        json!({"action": "declare", "issues": ["BACKEND-1"], "text": "checkout fails"}),
        json!({"action": "add", "incident": "1", "what": "BACKEND-2"}),
        json!({"action": "assign", "incident": "INC-1", "what": "commander", "to": OWNER}),
        json!({"action": "assign", "incident": "INC-1", "what": "BACKEND-1", "to": "#platform"}),
        json!({"action": "handoff", "incident": "INC-1", "what": "commander", "to": "#platform", "text": "all is noted"}),
        note,
        json!({"action": "comms", "incident": "INC-1"}),
        json!({"action": "mitigate", "incident": "INC-1", "text": "rolled back"}),
    ] {
        calls.extend(done(calls.len(), &action));
    }
    let shown = calls.len();
    calls.extend([
        call("incident_show", &json!({"incident": "INC-1"})),
        call("incident_list", &json!({})),
        call("sentry_use_sentry", &json!({"request": "which incidents are open?"})),
        // The very same entry again: it is there once.
        call("incident_apply", &plan(10)),
    ]);
    let resolve = json!({"action": "resolve", "incident": "INC-1", "text": "the rollback holds"});
    calls.extend(done(calls.len(), &resolve));
    let seen = typescript(&world, Person::SaysYes, &json!(calls));
    let answers = seen["answers"].as_array().unwrap();
    for answer in answers {
        assert_eq!(answer["isError"], false, "{answer:#}");
    }
    let tool = |n: usize| &answers[n]["structured"]["tool"];
    assert!(
        text(&answers[0]).contains("by an agent of owner@localhost: declared: checkout fails"),
        "{}",
        text(&answers[0])
    );
    assert!(text(&answers[12]).contains("checkout fails"), "a draft is shown whole: {}", text(&answers[12]));
    assert_eq!(answers[8]["structured"]["sentry_metadata"]["replaces"], "Owner");

    let stands = tool(shown);
    assert_eq!((&stands["state"], &stands["severity"]), (&json!("mitigated"), &json!("SEV2")), "{stands}");
    assert!(stands["reasons"][0].as_str().unwrap().contains("a money path is touched"), "{stands}");
    assert!(stands["nearest"].as_str().unwrap().starts_with("SEV1 from "), "{stands}");
    assert!(!stands["next"].as_str().unwrap().is_empty() && !stands["due"].as_array().unwrap().is_empty());
    assert_eq!(answers[shown]["structured"]["sentry_metadata"]["roles"]["commander"], "#platform");
    assert_eq!(answers[shown]["structured"]["sentry_metadata"]["issues"][0]["owner"], "#platform");
    assert_eq!(tool(shown + 1)["incidents"][0]["incident"], "INC-1");
    assert_eq!(tool(shown + 2)["plan"], json!(["incident_list"]));
    assert_eq!(tool(shown + 5)["state"], "resolved");

    // What the agent wrote is its own, for everybody who reads it, and no secret stays in it.
    let note =
        |line: &&str| line.contains("hypothesis by an agent of owner@localhost: the amount has a comma");
    let line = text(&answers[shown]).lines().find(note).unwrap();
    assert!(
        line.ends_with("[over MCP: BACKEND-1]") && !line.contains("hunter2") && !line.contains('\u{1b}'),
        "{line}"
    );
    let log = timeline(&world);
    let by_agent = log.iter().filter(|entry| entry["author"] == "an agent of owner@localhost");
    // A declaration, two roles, one assignment with its intent, the rest one each; the judgements are not its own.
    assert_eq!(by_agent.count(), 10, "{log:#?}");
    assert_eq!(log.iter().filter(|entry| entry["kind"] == "hypothesis").count(), 1);
    assert_eq!(world.issue("issue:BACKEND-1")["assignedTo"]["name"], "platform");

    // A person read each entry whole before it was written, and was not asked for one that is there.
    let asked: Vec<&str> =
        seen["asked"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    assert_eq!(asked.len(), 9, "{asked:#?}");
    assert!(asked[3].contains("The issue is assigned in Sentry"), "{}", asked[3]);
    assert!(asked[5].contains("the amount has a comma") && !asked[5].contains("hunter2"), "{}", asked[5]);
    assert!(asked[6].contains("Condition"), "{}", asked[6]);
    let kept = seen["resources"].to_string();
    assert!(kept.contains("orderly://incidents/INC-1.md"), "{kept}");
}

#[test]
fn what_an_agent_writes_needs_a_preview_that_still_holds_and_a_persons_word() {
    let world = with_crashes();
    told(&world, &["declare", "BACKEND-1"]);
    let before = timeline(&world).len();
    let note = json!({"action": "note", "incident": "INC-1", "kind": "fact", "text": "all is well"});
    let calls = json!([
        call("incident_preview", &note),
        call("incident_apply", &plan(0)),
        call("incident_apply", &json!({"plan_digest": "00ff"})),
        call("incident_apply", &json!({"plan_digest": "../../ledger"})),
        call("sync_preview", &json!({})),
        call("incident_apply", &plan(4)),
        call("sync_apply", &plan(0)),
    ]);
    for (person, says) in [(Person::SaysNo, "did not approve"), (Person::CannotBeAsked, "cannot ask one")] {
        let seen = typescript(&world, person, &calls);
        let answers = seen["answers"].as_array().unwrap();
        for answer in answers.iter().filter(|answer| answer["tool"].as_str().unwrap().ends_with("_apply")) {
            assert_eq!(answer["isError"], true, "{answer:#}");
        }
        assert!(answers[1]["text"].as_str().unwrap().contains(says), "{:#}", answers[1]);
    }
    assert_eq!(timeline(&world).len(), before);

    // A preview outlives its process; what it was made over does not.
    let comms = json!({"action": "comms", "incident": "INC-1"});
    let lower =
        json!({"action": "severity", "incident": "INC-1", "severity": "SEV4", "text": "a text said so"});
    let again = json!({"action": "declare", "issues": ["BACKEND-1"]});
    let long = json!({"action": "note", "incident": "INC-1", "kind": "fact", "text": "x".repeat(1_001)});
    let seen = typescript(
        &world,
        Person::SaysYes,
        &json!([
            call("incident_preview", &note),
            call("incident_preview", &comms),
            call("incident_preview", &lower),
            call("incident_preview", &again),
            call("incident_preview", &long),
        ]),
    );
    let answers = seen["answers"].as_array().unwrap();
    for (refused, says) in [
        (2, "falls only by the commander"),
        (3, "INC-1 is open over one of these issues"),
        (4, "1001 characters"),
    ] {
        assert!(answers[refused]["text"].as_str().unwrap().contains(says), "{:#}", answers[refused]);
    }
    // A plan that somebody put there in the name of a person is none.
    let plans = world.dir().join(".orderly/plans");
    let kept = answers[0]["structured"]["tool"]["plan_digest"].as_str().unwrap();
    let text = std::fs::read_to_string(plans.join(format!("{kept}.json"))).unwrap();
    let forged: Value = serde_json::from_str(&text.replace("\"agent\"", "\"person\"")).unwrap();
    let forged_digest = orderly_core::digest::of(&forged).to_string();
    std::fs::write(plans.join(format!("{forged_digest}.json")), forged.to_string()).unwrap();
    let calls = json!([call("incident_apply", &json!({"plan_digest": forged_digest}))]);
    let seen = typescript(&world, Person::SaysYes, &calls);
    assert!(seen["answers"][0]["text"].as_str().unwrap().contains("entries of people"), "{seen:#}");
    let digest = |n: usize| json!({"plan_digest": answers[n]["structured"]["tool"]["plan_digest"]});
    told(&world, &["mitigate", "INC-1", "rolled back"]);
    let seen = typescript(
        &world,
        Person::SaysYes,
        &json!([call("incident_apply", &digest(0)), call("incident_apply", &digest(1)),]),
    );
    assert_eq!(seen["answers"][0]["isError"], false, "{seen:#}");
    assert!(seen["answers"][1]["text"].as_str().unwrap().contains("has changed"), "{seen:#}");
    let log = timeline(&world);
    assert!(log.iter().any(|entry| entry["text"] == "all is well"), "{log:#?}");
    assert!(!log.iter().any(|entry| entry["kind"] == "communication"), "{log:#?}");
}
