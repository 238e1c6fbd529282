//! Every field of the schema is served: each is asked for, each filter field is used, and our own client's texts fit.

use apollo_compiler::response::JsonMap;
use apollo_compiler::schema::{ExtendedType, InputObjectType, Type};
use serde_json::{Value, json};
use sqlx::sqlite::SqlitePoolOptions;

use super::gate::Tolerance;
use super::http::schema;
use super::*;
use crate::clock::Clock;

async fn tracker() -> Tracker {
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    let seed = TrackerSeed {
        organization: "acme".into(),
        team: "PLAT".into(),
        base_url: "http://127.0.0.1:9".into(),
    };
    let tracker = Tracker::open(pool, Clock::new(), seed).await.unwrap();
    tracker.set_limits(Limits {
        requests_per_hour: u32::MAX,
        complexity_per_request: u32::MAX,
        complexity_per_hour: u32::MAX,
        ..Limits::default()
    });
    tracker
}

async fn ask(tracker: &Tracker, query: &str) -> Value {
    let body = json!({ "query": query }).to_string();
    let answer = tracker.answer_for_tests(&body).await;
    assert!(answer.get("errors").is_none(), "{query}\n{answer:#}");
    answer["data"].clone()
}

/// A selection of every field of a type, down to `depth`.
fn selection(type_name: &str, depth: usize) -> String {
    let schema = schema();
    let Some(ExtendedType::Object(object)) = schema.types.get(type_name) else { return String::new() };
    let mut fields = vec!["__typename".to_owned()];
    for (name, definition) in &object.fields {
        let inner = definition.ty.inner_named_type();
        match schema.types.get(inner) {
            Some(ExtendedType::Object(_)) if depth > 0 => {
                fields.push(format!("{name} {}", selection(inner, depth - 1)));
            }
            Some(ExtendedType::Object(_)) => {}
            _ => fields.push(name.to_string()),
        }
    }
    format!("{{ {} }}", fields.join(" "))
}

#[tokio::test]
async fn every_field_of_every_object_has_a_value_of_its_type() {
    let tracker = tracker().await;
    let found =
        ask(&tracker, "{ teams { nodes { id } } issueLabels { nodes { id } } users { nodes { id } } }").await;
    let first = |list: &str| found[list]["nodes"][0]["id"].as_str().unwrap().to_owned();
    let (team, label, user) = (first("teams"), first("issueLabels"), first("users"));
    let create = |title: &str, extra: &str| {
        format!(
            "issueCreate(input: {{ teamId: \"{team}\", title: \"{title}\" {extra} }}) {}",
            selection("IssuePayload", 2)
        )
    };
    let made = ask(
        &tracker,
        &format!(
            "mutation {{ a: {} b: {} }}",
            create("first one", &format!("description: \"d\" priority: 2 labelIds: [\"{label}\"] assigneeId: \"{user}\" estimate: 3 dueDate: \"2030-01-31\"")),
            create("second", "parentId: \"PLAT-1\"")
        ),
    )
    .await;
    assert_eq!(made["a"]["issue"]["identifier"], "PLAT-1");
    let batch = ask(
        &tracker,
        &format!(
            "mutation {{ issueBatchCreate(input: {{ issues: [{{ teamId: \"{team}\", title: \"t\" }}, {{ teamId: \"{team}\", title: \"u\" }}] }}) {} }}",
            selection("IssueBatchPayload", 2)
        ),
    )
    .await;
    assert_eq!(batch["issueBatchCreate"]["issues"][1]["identifier"], "PLAT-4");
    let linked = ask(
        &tracker,
        &format!(
            r#"mutation {{
                attachmentCreate(input: {{ issueId: "PLAT-1", url: "https://x/1", title: "t", metadata: {{ n: 1 }} }}) {}
                commentCreate(input: {{ issueId: "PLAT-1", body: "b" }}) {}
                issueRelationCreate(input: {{ issueId: "PLAT-1", relatedIssueId: "PLAT-2", type: blocks }}) {}
                issueLabelCreate(input: {{ name: "new", teamId: "{team}" }}) {}
                issueUpdate(id: "PLAT-1", input: {{ title: "changed", priority: 1, description: null, assigneeId: null, removedLabelIds: ["{label}"] }}) {}
                issueArchive(id: "PLAT-2") {}
                issueUnarchive(id: "PLAT-2") {}
            }}"#,
            selection("AttachmentPayload", 2),
            selection("CommentPayload", 2),
            selection("IssueRelationPayload", 2),
            selection("IssueLabelPayload", 2),
            selection("IssuePayload", 2),
            selection("IssueArchivePayload", 2),
            selection("IssueArchivePayload", 2),
        ),
    )
    .await;
    let id = |mutation: &str, entity: &str| linked[mutation][entity]["id"].as_str().unwrap().to_owned();
    let state = found_state(&tracker).await;
    for root in [
        format!("viewer {}", selection("User", 2)),
        format!("organization {}", selection("Organization", 2)),
        format!("rateLimitStatus {}", selection("RateLimitPayload", 2)),
        format!("team(id: \"{team}\") {}", selection("Team", 2)),
        format!("workflowState(id: \"{state}\") {}", selection("WorkflowState", 2)),
        format!("issueLabel(id: \"{label}\") {}", selection("IssueLabel", 2)),
        format!("user(id: \"{user}\") {}", selection("User", 2)),
        format!("issue(id: \"PLAT-1\") {}", selection("Issue", 2)),
        format!(
            "attachment(id: \"{}\") {}",
            id("attachmentCreate", "attachment"),
            selection("Attachment", 2)
        ),
        format!(
            "attachmentIssue(id: \"{}\") {}",
            id("attachmentCreate", "attachment"),
            selection("Issue", 1)
        ),
        format!("comment(id: \"{}\") {}", id("commentCreate", "comment"), selection("Comment", 2)),
        format!(
            "issueRelation(id: \"{}\") {}",
            id("issueRelationCreate", "issueRelation"),
            selection("IssueRelation", 2)
        ),
        format!("searchIssues(term: \"changed\") {}", selection("IssueSearchPayload", 2)),
        format!("semanticSearch(query: \"changed\") {}", selection("SemanticSearchPayload", 2)),
        format!("attachmentsForURL(url: \"https://x/1\") {}", selection("AttachmentConnection", 2)),
        "__schema { types { name } }".to_owned(),
    ] {
        let answer = ask(&tracker, &format!("{{ {root} }}")).await;
        assert!(answer.is_object(), "{root}");
    }
    for (list, of) in [
        ("teams", "Team"),
        ("workflowStates", "WorkflowState"),
        ("issueLabels", "IssueLabel"),
        ("users", "User"),
        ("issues", "Issue"),
        ("issueSearch", "Issue"),
        ("attachments", "Attachment"),
        ("comments", "Comment"),
        ("issueRelations", "IssueRelation"),
        ("projects", "Project"),
        ("cycles", "Cycle"),
    ] {
        ask(&tracker, &format!("{{ {list} {} }}", selection(&format!("{of}Connection"), 2))).await;
    }
    assert_eq!(tracker.dropped_fields().len(), 0);
}

async fn found_state(tracker: &Tracker) -> String {
    let found = ask(tracker, "{ workflowStates { nodes { id } } }").await;
    found["workflowStates"]["nodes"][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_field_of_every_filter_can_be_used() {
    let tracker = tracker().await;
    let schema = schema();
    let mut used = 0;
    for (list, filter) in [
        ("issues", "IssueFilter"),
        ("attachments", "AttachmentFilter"),
        ("comments", "CommentFilter"),
        ("issueLabels", "IssueLabelFilter"),
        ("workflowStates", "WorkflowStateFilter"),
        ("teams", "TeamFilter"),
        ("users", "UserFilter"),
    ] {
        let mut samples = Vec::new();
        collect(&schema, schema.get_input_object(filter).unwrap(), 2, &mut samples);
        for sample in samples {
            ask(&tracker, &format!("{{ {list}(filter: {sample}) {{ nodes {{ id }} }} }}")).await;
            used += 1;
        }
    }
    assert!(used > 500, "{used}");
}

/// For every field of an input object, the literal that uses only this field.
fn collect(
    schema: &apollo_compiler::Schema,
    input: &InputObjectType,
    depth: usize,
    samples: &mut Vec<String>,
) {
    for (name, field) in &input.fields {
        let inner = field.ty.inner_named_type();
        let list = matches!(*field.ty, Type::List(_) | Type::NonNullList(_));
        let wrap = |value: &str| {
            if list { format!("{{ {name}: [{value}] }}") } else { format!("{{ {name}: {value} }}") }
        };
        match schema.types.get(inner) {
            Some(ExtendedType::InputObject(nested)) if depth > 0 => {
                let mut inside = Vec::new();
                collect(schema, nested, depth - 1, &mut inside);
                samples.extend(inside.iter().map(|value| wrap(value)));
            }
            Some(ExtendedType::InputObject(_)) => samples.push(wrap("{}")),
            _ => samples.push(wrap(match inner.as_str() {
                "Boolean" => "true",
                "Float" | "Int" => "3",
                "DateTimeOrDuration" => "\"-P1D\"",
                _ => "\"x\"",
            })),
        }
    }
}

#[test]
fn the_texts_of_our_own_client_are_valid_and_cost_what_it_thinks() {
    use orderly_wire::linear::documents::{self, Page, Part, SlotShape, TrackedShape};
    let schema = schema();
    let tracked = |slots: usize, page| {
        let slot = SlotShape { spellings: 6, soft: Part::Asked };
        documents::tracked(&TrackedShape {
            slots: vec![slot; slots],
            page,
            own: Part::Asked,
            linked: Part::Asked,
        })
    };
    let mut texts: Vec<String> = documents::ALL.iter().map(|(_, text)| (*text).to_owned()).collect();
    texts.extend([tracked(1, Page::Usual), tracked(3, Page::Usual), tracked(1, Page::Wide)]);
    for text in texts {
        let admitted = gate::admit(&schema, &text, &JsonMap::new(), Tolerance::Strict);
        let document = admitted.unwrap_or_else(|problem| panic!("{problem:?}\n{text}")).document;
        let operation = document.operations.iter().next().unwrap();
        let points = complexity::cost(&document, operation, &JsonMap::new());
        assert_eq!(points, orderly_wire::linear::complexity::points(&text), "{text}");
    }
}
