//! What the structured content of each tool's answers holds: the schema that clients check it against.

use super::tool::Tool;
use rmcp::model::JsonObject;
use serde_json::{Value, json};

/// A field: its name, and what is in it.
type Field = (&'static str, Is);

/// What is in a field.
#[derive(Clone, Copy)]
enum Is {
    /// A text, a time, a digest.
    Text,
    /// A whole number.
    Number,
    /// Yes or no.
    Flag,
    /// Texts.
    Texts,
    /// Values by name.
    Record,
    /// Records, with some of these fields; without names, as a run of the job tells them.
    Rows(&'static [&'static str]),
}

use Is::{Flag, Number, Record, Rows, Text, Texts};

/// An issue, as Sentry counts it.
const ISSUE: &[&str] = &[
    "short_id",
    "project",
    "status",
    "level",
    "priority",
    "events",
    "users",
    "first_seen",
    "last_seen",
    "url",
];
const SYNC: &[Field] = &[
    ("run", Text),
    ("totals", Record),
    ("created_or_linked", Rows(&["issue", "result", "item"])),
    ("setup_gaps", Texts),
];
/// Where a run of repairs stands, and what the next step names.
const FIX: &[Field] = &[
    ("state", Text),
    ("case_digest", Text),
    ("worktree", Text),
    ("attempt", Number),
    ("attempts", Number),
    ("answer_within_seconds", Number),
    ("wrong_before", Text),
    ("receipt_digest", Text),
    ("files", Texts),
    ("checks", Texts),
    ("reproduced", Flag),
    ("commit", Text),
    ("branch", Text),
    ("ended", Rows(&[])),
    ("run", Text),
];
/// How an incident stands.
const STANDS: &[Field] = &[("incident", Text), ("state", Text), ("severity", Text), ("next", Text)];

/// The fields that a tool works out, and those that Sentry keeps; `None`: what other tools have.
fn fields(tool: Tool) -> Option<(Vec<Field>, Vec<Field>)> {
    let with = |common: &[Field], own: &[Field]| [common, own].concat();
    Some(match tool {
        Tool::SearchIssues => (vec![("query", Text), ("cursor", Text)], vec![("issues", Rows(ISSUE))]),
        Tool::GetIssueDetails => {
            let code = [("frames", Texts), ("suspects", Texts), ("suspects_are", Text), ("code", Text)];
            let kept = ISSUE.iter().map(|name| match *name {
                "events" | "users" => (*name, Number),
                "status" => (*name, Record),
                _ => (*name, Text),
            });
            (code.to_vec(), kept.chain([("crashed_at", Text)]).collect())
        }
        Tool::FindTeams => (Vec::new(), vec![("teams", Rows(&["slug", "name"]))]),
        Tool::FindProjects => (Vec::new(), vec![("projects", Rows(&["slug", "platform"]))]),
        Tool::FindReleases => {
            (Vec::new(), vec![("releases", Rows(&["row", "since", "last_event", "projects"]))])
        }
        Tool::SearchEvents => (vec![("fields", Texts), ("cursor", Text)], Vec::new()),
        Tool::SyncPreview => (with(SYNC, &[("plan_digest", Text)]), Vec::new()),
        Tool::SyncApply => (SYNC.to_vec(), Vec::new()),
        Tool::Triage => (
            vec![
                ("table_digest", Text),
                ("totals", Record),
                ("scores", Rows(&["row", "score", "left_to_a_person", "one_unit_with"])),
                ("gaps", Texts),
                ("selection_digest", Text),
                ("kept_in", Text),
            ],
            vec![("rows", Rows(&["row", "short_id", "level", "events", "users", "last_seen", "url"]))],
        ),
        Tool::FixStart | Tool::FixCheck | Tool::FixCommit | Tool::FixResolve => {
            (FIX.to_vec(), vec![("short_ids", Texts), ("url", Text)])
        }
        Tool::IncidentList => (
            vec![
                ("incidents", Rows(&["incident", "state", "severity", "declared_at", "overdue"])),
                ("over", Number),
            ],
            vec![("led_by", Record)],
        ),
        Tool::IncidentShow => (
            with(
                STANDS,
                &[
                    ("reasons", Texts),
                    ("nearest", Text),
                    ("facts", Record),
                    ("declared_at", Text),
                    ("due", Rows(&["text", "due", "overdue"])),
                ],
            ),
            vec![("roles", Record), ("issues", Rows(&["short_id", "project", "owner", "pending"]))],
        ),
        Tool::IncidentApply => (with(STANDS, &[("gaps", Texts)]), Vec::new()),
        Tool::IncidentPreview => (
            vec![
                ("plan_digest", Text),
                ("incident", Text),
                ("severity", Text),
                ("breach", Text),
                ("gaps", Texts),
            ],
            vec![("replaces", Text)],
        ),
        Tool::UseSentry | Tool::More => return None,
    })
}

/// The schema of the structured content.
pub(super) fn schema(tool: Tool) -> JsonObject {
    let (tool_fields, sentry_fields) = fields(tool).map_or_else(
        || (json!({"type": "object"}), json!({"type": "object"})),
        |(tool, sentry)| (record(&tool), record(&sentry)),
    );
    let mut parts = JsonObject::new();
    for (origin, fields) in [("tool", tool_fields), ("sentry_metadata", sentry_fields)] {
        if fields != record(&[]) {
            parts.insert(origin.to_owned(), fields);
        }
    }
    // A fence and a text, the same for every tool.
    parts.insert("event_payload".to_owned(), json!({"type": "object"}));
    parts.insert("next".to_owned(), of(Text));
    let mut schema = JsonObject::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("properties".to_owned(), Value::Object(parts));
    schema
}

fn record(fields: &[Field]) -> Value {
    let properties: JsonObject = fields.iter().map(|(name, is)| ((*name).to_owned(), of(*is))).collect();
    json!({"type": "object", "properties": properties})
}

fn of(is: Is) -> Value {
    match is {
        Text => json!({"type": "string"}),
        Number => json!({"type": "integer"}),
        Flag => json!({"type": "boolean"}),
        Texts => json!({"type": "array", "items": {"type": "string"}}),
        Record => json!({"type": "object"}),
        Rows([]) => json!({"type": "array", "items": {"type": "object"}}),
        Rows(names) => {
            let properties: JsonObject = names.iter().map(|name| ((*name).to_owned(), json!({}))).collect();
            json!({"type": "array", "items": {"properties": properties}})
        }
    }
}
