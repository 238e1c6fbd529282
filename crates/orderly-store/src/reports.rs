//! When issues were last reported.

use crate::connection::Connections;
use crate::row::{Columns, micros};
use orderly_core::ids::{Digest, IssueId, OrgSlug, SentryHost};
use orderly_core::sync::snapshot::LastReport;
use orderly_engine::ports::ledger::LedgerError;
use sqlx::query;
use std::collections::BTreeMap;

const TABLE: &str = "ledger_reports";
const KEY: [&str; 3] = ["host", "org", "issue"];

/// Issues that one statement asks for; a shorter list repeats its last issue.
const AT_ONCE: usize = 20;

const LAST: &str = "
    SELECT host, org, issue, at_us, content FROM ledger_reports
    WHERE host = $1 AND org = $2 AND issue IN ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
        $19, $20, $21, $22)";

/// The last one to speak is right, not the one with the highest time: clocks jump.
const REMEMBER: &str = "
    INSERT INTO ledger_reports (host, org, issue, at_us, content) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (host, org, issue) DO UPDATE SET at_us = excluded.at_us, content = excluded.content";

pub(crate) async fn last(
    connections: &Connections,
    host: &SentryHost,
    org: &OrgSlug,
    issues: &[IssueId],
) -> Result<BTreeMap<IssueId, LastReport>, LedgerError> {
    let mut found = BTreeMap::new();
    if issues.is_empty() {
        return Ok(found);
    }
    let mut session = connections.read("read when issues were last reported").await?;
    for some in issues.chunks(AT_ONCE) {
        let mut statement = query(LAST).bind(host.as_str()).bind(org.as_str());
        for issue in some.iter().chain(std::iter::repeat(&some[some.len() - 1])).take(AT_ONCE) {
            statement = statement.bind(issue.to_string());
        }
        for row in session.rows(TABLE, statement).await? {
            let row = Columns::new(&row, TABLE, &KEY);
            let report = LastReport { at: row.time("at_us")?, content: Digest::new(row.text("content")?) };
            found.insert(row.issue("issue")?, report);
        }
    }
    session.done();
    Ok(found)
}

pub(crate) async fn remember(
    connections: &Connections,
    host: &SentryHost,
    org: &OrgSlug,
    reports: &BTreeMap<IssueId, LastReport>,
) -> Result<(), LedgerError> {
    if reports.is_empty() {
        return Ok(());
    }
    let mut session =
        connections.begin(format!("remember what was reported of {} issues", reports.len())).await?;
    // In the order of the map: two runs that remember the same issues never wait for each other in a circle.
    for (issue, report) in reports {
        let statement = query(REMEMBER)
            .bind(host.as_str())
            .bind(org.as_str())
            .bind(issue.to_string())
            .bind(micros(report.at))
            .bind(report.content.as_str());
        session.change(statement).await?;
    }
    session.commit().await
}
