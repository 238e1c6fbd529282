use sqlx::SqlitePool;
use sqlx::sqlite::SqlitePoolOptions;

use super::*;
use crate::sentry::search::{Bind, SearchError, compile_for_events, parse};

async fn database() -> SqlitePool {
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    sqlx::raw_sql(include_str!("../../schema.sql")).execute(&pool).await.unwrap();
    pool
}

fn rule(subject: OwnerSubject, pattern: &str) -> OwnerRule {
    OwnerRule { project: 1, subject, pattern: Pattern::parse(pattern), members: vec![1], teams: vec![2] }
}

async fn runs(pool: &SqlitePool, text: &str) -> Result<(), String> {
    let rules = [
        rule(OwnerSubject::Path, "src/*"),
        rule(OwnerSubject::Module, "app.*"),
        rule(OwnerSubject::Url, "*"),
        rule(OwnerSubject::Tag("browser".into()), "x"),
    ];
    for environments in [None, Some(&[1, 2][..]), Some(&[][..])] {
        let scope = Scope {
            now: Timestamp::now(),
            member: Some(1),
            teams: &[1, 2],
            latest_releases: &[7],
            environments,
            owner_rules: &rules,
        };
        let condition = compile(&parse(text).map_err(|error| error.to_string())?, &scope);
        let sql = format!("SELECT issue.id FROM issue WHERE {}", condition.as_sql());
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql.clone()));
        for bind in condition.binds() {
            query = match bind {
                Bind::Int(value) => query.bind(*value),
                Bind::Text(value) => query.bind(value.clone()),
            };
        }
        query.fetch_all(pool).await.map_err(|error| format!("{error}: {sql}"))?;
    }
    Ok(())
}

#[tokio::test]
async fn every_filter_compiles_to_sql_that_the_schema_accepts() {
    let pool = database().await;
    let filters = [
        "",
        "is:unresolved",
        "is:[regressed, escalating]",
        "is:for_review",
        "is:assigned",
        "is:unassigned",
        "is:linked",
        "is:unlinked",
        "some words*",
        "title:x",
        "title:x*",
        "culprit:\"\"",
        "level:error",
        "logger:x",
        "platform:python",
        "issue.type:error",
        "issue.category:error",
        "issue:ABC-1",
        "issue:3",
        "issue.priority:[high,low]",
        "assigned:[me, my_teams, none, #core, bob]",
        "assigned_or_suggested:me",
        "assigned_or_suggested:[my_teams, none, #core, bob]",
        "bookmarks:me",
        "subscribed:bob",
        "age:-24h",
        "lastSeen:+1d",
        "event.timestamp:>2024-01-01",
        "timesSeen:>=10",
        "userCount:<3",
        "firstRelease:1.0",
        "firstRelease:latest",
        "firstRelease:\"\"",
        "release:1.*",
        "release:[latest, \"\"]",
        "release:\"\"",
        "regressed_in_release:1.0",
        "environment:production",
        "environment:\"\"",
        "project:[backend, 3]",
        "error.handled:1",
        "error.unhandled:1",
        "error.type:X*",
        "error.value:x",
        "error.value:\"\"",
        "stack.filename:a",
        "stack.module:b",
        "stack.function:c",
        "user:\"id:1\"",
        "user.id:1",
        "user.email:x",
        "user.username:x",
        "user.ip:10.0.0.1",
        "id:0123456789abcdef0123456789abcdef",
        "trace:abc",
        "custom:x",
        "custom:[x, \"\", y*]",
        "has:release",
        "has:firstRelease",
        "has:environment",
        "has:assigned",
        "has:user",
        "has:culprit",
        "has:error.type",
        "has:custom",
    ];
    for filter in filters {
        runs(&pool, filter).await.unwrap();
        if !filter.is_empty() && filter != "some words*" {
            runs(&pool, &format!("!{filter}")).await.unwrap();
        }
    }
}

#[tokio::test]
async fn filters_on_events_compile_and_filters_on_issues_are_refused_by_name() {
    let pool = database().await;
    let filters = [
        "",
        "words",
        "title:x",
        "culprit:x*",
        "level:error",
        "logger:x",
        "platform:y",
        "event.type:error",
        "environment:production",
        "release:1.*",
        "release:latest",
        "release:\"\"",
        "project:1",
        "error.handled:1",
        "error.unhandled:1",
        "error.type:x",
        "error.value:x",
        "stack.filename:x",
        "stack.function:x",
        "user:\"id:1\"",
        "user.id:1",
        "user.email:*@b.example",
        "id:abc",
        "trace:abc",
        "custom:x",
        "custom:\"\"",
        "has:custom",
        "has:release",
        "has:user",
        "has:environment",
        "timestamp:-24h",
        "!custom:x",
    ];
    for text in filters {
        let condition = compile_for_events(&parse(text).unwrap(), Timestamp::now()).unwrap();
        let sql = format!("SELECT event.id FROM event WHERE {}", condition.as_sql());
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql.clone()));
        for bind in condition.binds() {
            query = match bind {
                Bind::Int(value) => query.bind(*value),
                Bind::Text(value) => query.bind(value.clone()),
            };
        }
        query.fetch_all(&pool).await.unwrap_or_else(|error| panic!("{error}: {sql}"));
    }
    for text in ["is:unresolved", "assigned:me", "timesSeen:>1", "age:-1d", "firstRelease:1"] {
        let refused = compile_for_events(&parse(text).unwrap(), Timestamp::now());
        assert!(matches!(refused, Err(SearchError::NotOfEvents(_))), "{text}");
    }
}

#[tokio::test]
async fn hostile_values_stay_values() {
    let pool = database().await;
    for value in ["'; DROP TABLE issue; --", "\\", "%", "_", "?", "$1", "' OR 1=1", "\u{0}", "*'*"] {
        let quoted = format!("\"{value}\"");
        for key in ["title", "custom", "release", "assigned", "error.type", "tags['; --]", "project"] {
            let _ = runs(&pool, &format!("{key}:{quoted} {value}")).await;
        }
    }
    sqlx::query("SELECT COUNT(*) FROM issue").fetch_one(&pool).await.unwrap();
}
