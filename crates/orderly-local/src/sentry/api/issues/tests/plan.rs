//! How the database runs the lists that clients ask for most.

use jiff::SignedDuration;
use sqlx::{AssertSqlSafe, Row};

use super::world::World;
use crate::sentry::api::issues::order::Sort;
use crate::sentry::api::issues::selection::{Period, Selection};
use crate::sentry::search::{Bind, Fragment, Scope, compile, parse};

async fn plan(world: &World, query: &str, sort: Sort) -> Vec<String> {
    let now = world.now();
    let from = now.checked_sub(SignedDuration::from_hours(24 * 90)).unwrap();
    let selection =
        Selection { projects: Vec::new(), environments: None, period: Period { from, until: None, now } };
    let scope = Scope {
        now,
        member: Some(1),
        teams: &[],
        latest_releases: &[],
        environments: None,
        owner_rules: &[],
    };
    let statement = Fragment::new("EXPLAIN QUERY PLAN SELECT issue.id FROM issue WHERE ")
        .then(compile(&parse(query).unwrap(), &scope))
        .sql(" AND ")
        .then(selection.condition(sort))
        .sql(" ORDER BY ")
        .then(sort.order(&selection))
        .sql(" LIMIT 101");
    let mut explain = sqlx::query(AssertSqlSafe(statement.as_sql().to_owned()));
    for bind in statement.binds() {
        explain = match bind {
            Bind::Int(value) => explain.bind(*value),
            Bind::Text(value) => explain.bind(value.clone()),
        };
    }
    let rows = explain.fetch_all(world.servers.pool()).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>("detail")).collect()
}

#[tokio::test]
async fn the_usual_lists_walk_an_index_and_never_sort() {
    let world = World::start().await;
    for (query, sort) in [
        ("is:unresolved", Sort::Date),
        ("", Sort::Date),
        ("is:resolved", Sort::Date),
        ("is:unresolved level:error", Sort::Date),
        ("is:regressed", Sort::Date),
        ("is:escalating", Sort::Date),
        ("issue.priority:high", Sort::Date),
        ("is:unresolved is:for_review", Sort::Date),
        ("is:unresolved", Sort::New),
        ("", Sort::New),
    ] {
        let plan = plan(&world, query, sort).await;
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{query} {sort:?}: {plan:?}");
        assert!(plan[0].contains("USING"), "{query} {sort:?}: {plan:?}");
    }
    world.stop().await;
}
