//! What a world looks like afterwards, and what people do in it.

use crate::world::{Burst, World};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Row};
use std::path::{Path, PathBuf};

/// The headings of a report, in order.
pub const HEADINGS: [&str; 6] = [
    "## Sentry Linear Backlog Sync",
    "## Created Or Linked",
    "## Prepared Only",
    "## Skipped As Duplicates",
    "## Skipped By Policy",
    "## Setup Gaps",
];

/// Results of the rows that were or would be written.
pub fn results(report: &Value) -> Vec<String> {
    let rows = report["created_or_linked"].as_array().unwrap();
    rows.iter().map(|row| row["result"]["result"].as_str().unwrap().to_owned()).collect()
}

/// The reasons of what is only prepared.
pub fn reasons(rows: &Value) -> Vec<String> {
    rows.as_array().unwrap().iter().map(|row| row["because"].as_str().unwrap().to_owned()).collect()
}

impl World {
    /// So many different issues, each with three events.
    pub fn crashes(&self, count: usize) {
        // Problems that nobody would take for one another.
        const CRASHES: [(&str, &str, &str); 10] = [
            ("alpha", "KeyError", "alpha is gone"),
            ("bravo", "TimeoutError", "no answer of bravo within ten seconds"),
            ("charlie", "ZeroDivisionError", "division by zero in charlie"),
            ("delta", "UnicodeDecodeError", "invalid continuation byte: delta"),
            ("echo", "PermissionError", "not allowed to open echo"),
            ("foxtrot", "AttributeError", "'NoneType' object has no attribute foxtrot"),
            ("golf", "RecursionError", "maximum depth exceeded while golf was compared"),
            ("hotel", "MemoryError", "hotel does not fit"),
            ("india", "ImportError", "cannot import name india"),
            ("juliett", "AssertionError", "juliett must be sorted"),
        ];
        for (function, kind, message) in &CRASHES[..count] {
            self.send(Burst { message, function, kind, ..Burst::default() });
        }
    }

    /// The only issue that a search names.
    pub fn issue(&self, query: &str) -> Value {
        let mut found = self.issues(query);
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    /// Changes an issue as a person would.
    pub fn change_issue(&self, id: &Value, change: Value) {
        self.sentry(Method::PUT, &format!("issues/{}/", id.as_str().unwrap()), Some(change));
    }

    /// Links of an issue, as Sentry keeps them.
    pub fn external_issues(&self, id: &Value) -> Vec<Value> {
        let path = format!("issues/{}/external-issues/", id.as_str().unwrap());
        self.sentry(Method::GET, &path, None).as_array().unwrap().clone()
    }

    /// Files an item by hand; returns its id.
    pub fn file(&self, title: &str, description: &str) -> String {
        let team = self.tracker("{teams{nodes{id}}}", json!({}))["teams"]["nodes"][0]["id"].clone();
        let query = "mutation($input:IssueCreateInput!){issueCreate(input:$input){success issue{id}}}";
        let input = json!({"teamId": team, "title": title, "description": description});
        let made = self.tracker(query, json!({"input": input}));
        made["issueCreate"]["issue"]["id"].as_str().unwrap().to_owned()
    }

    /// Moves an item to its team's state of this kind.
    pub fn move_item(&self, id: &str, kind: &str) {
        let states = self.tracker("{workflowStates{nodes{id type}}}", json!({}));
        let states = states["workflowStates"]["nodes"].as_array().unwrap().clone();
        let state = states.iter().find(|state| state["type"] == kind).unwrap();
        let query =
            "mutation($id:String!,$input:IssueUpdateInput!){issueUpdate(id:$id,input:$input){success}}";
        drop(self.tracker(query, json!({"id": id, "input": {"stateId": state["id"]}})));
    }

    /// Puts an item into the trash.
    pub fn trash_item(&self, id: &str) {
        let query = "mutation($id:String!){issueDelete(id:$id){success}}";
        drop(self.tracker(query, json!({"id": id})));
    }

    /// What Sentry says of its issues, without what links back are allowed to change.
    pub fn issues_without_links(&self) -> Vec<Value> {
        let mut issues = self.issues("");
        for issue in &mut issues {
            issue.as_object_mut().unwrap().retain(|key, _| {
                [
                    "id",
                    "status",
                    "substatus",
                    "priority",
                    "assignedTo",
                    "numComments",
                    "isBookmarked",
                    "inbox",
                ]
                .contains(&key.as_str())
            });
        }
        issues
    }

    /// How often the tracker was asked for this root field.
    pub fn asked(&self, field: &str) -> usize {
        let requests = self.servers().tracker_knobs().requests();
        requests.iter().flat_map(|request| &request.operations).filter(|name| *name == field).count()
    }

    /// The ledger's file.
    pub fn ledger(&self) -> PathBuf {
        self.dir().join(".orderly/ledger.db")
    }

    /// The first column of what a query of the ledger gives, as text.
    pub fn ledger_says(&self, query: &'static str) -> Vec<String> {
        sqlite(self, &self.ledger(), query)
    }

    /// Everything that Orderly wrote down in the project: ledger, reports, plans.
    pub fn written(&self) -> String {
        let mut text = String::new();
        let mut folders = vec![self.dir().join(".orderly")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    text.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap()));
                }
            }
        }
        text
    }

    /// Both tokens.
    pub fn tokens(&self) -> [String; 2] {
        let ready = self.servers().ready();
        [ready.sentry.token.clone(), ready.tracker.token.clone()]
    }
}

/// Runs a statement on a SQLite file; returns the first column as text.
pub fn sqlite(world: &World, path: &Path, query: &'static str) -> Vec<String> {
    world.runtime().block_on(async {
        let options =
            SqliteConnectOptions::new().filename(path).busy_timeout(std::time::Duration::from_secs(30));
        let mut connection = options.connect().await.unwrap();
        let rows = sqlx::query(query).fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        let text = |row: &sqlx::sqlite::SqliteRow| match row.try_get::<String, _>(0) {
            Ok(text) => text,
            Err(_) => row.get::<i64, _>(0).to_string(),
        };
        rows.iter().map(text).collect()
    })
}
