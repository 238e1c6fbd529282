//! Stored events.

use sqlx::SqliteConnection;

use crate::sentry::ingest::event::PreparedEvent;

/// Events are small and many: the fastest level already takes away most.
const COMPRESSION: i32 = 1;

/// No stored payload is larger than this once unpacked; ingest refuses events long before.
const LARGEST_PAYLOAD: usize = 16 << 20;

/// The canonical JSON of an event (see `ingest::normalize`) as it is stored in `event.payload`.
///
/// # Errors
/// When the compressor fails, which only a lack of memory makes it do.
pub fn encode_payload(json: &[u8]) -> std::io::Result<Vec<u8>> {
    zstd::bulk::compress(json, COMPRESSION)
}

/// The canonical JSON of an event from `event.payload`.
///
/// # Errors
/// When the bytes are not what [`encode_payload`] wrote.
pub fn decode_payload(stored: &[u8]) -> std::io::Result<Vec<u8>> {
    zstd::bulk::decompress(stored, LARGEST_PAYLOAD)
}

/// Where an event belongs.
#[derive(Debug, Clone, Copy)]
pub struct Filing {
    /// Row id of its project.
    pub project: i64,
    /// Row id of its issue.
    pub issue: i64,
    /// Row id of its environment.
    pub environment: i64,
    /// Row id of its release.
    pub release: Option<i64>,
}

/// Whether the project already has an event of this id.
///
/// # Errors
/// When the database refuses.
pub async fn exists(
    connection: &mut SqliteConnection,
    project: i64,
    event: &PreparedEvent,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM event WHERE project_id = $1 AND event_id = $2)")
        .bind(project)
        .bind(event.id.to_string())
        .fetch_one(connection)
        .await
}

/// Stores an event whose id its project does not have yet.
///
/// # Errors
/// When the database refuses.
pub async fn insert(
    connection: &mut SqliteConnection,
    event: &PreparedEvent,
    filing: Filing,
) -> Result<(), sqlx::Error> {
    let tags: Vec<(&String, &String)> = event.tags.iter().collect();
    let hashes: Vec<&str> = event.hashes.all().collect();
    let row = sqlx::query(
        "INSERT INTO event (event_id, project_id, issue_id, kind, occurred_at, received_at, title, message, culprit,
                            location, level, platform, environment_id, release_id, transaction_name, user_key,
                            handled, trace_id, has_attachment, metadata_json, tags_json, hashes_json, size, payload)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                 EXISTS (SELECT 1 FROM attachment WHERE project_id = $2 AND event_id = $1), $19, $20, $21, $22, $23)",
    )
    .bind(event.id.to_string())
    .bind(filing.project)
    .bind(filing.issue)
    .bind(event.headline.kind)
    .bind(event.occurred.as_microsecond())
    .bind(event.received.as_microsecond())
    .bind(&event.headline.title)
    .bind(&event.message)
    .bind(&event.culprit)
    .bind(event.headline.location.as_deref())
    .bind(event.level)
    .bind(&event.platform)
    .bind(filing.environment)
    .bind(filing.release)
    .bind(event.transaction.as_deref())
    .bind(event.user_key.as_deref())
    .bind(event.handled)
    .bind(event.trace_id.as_deref())
    .bind(as_json(&event.headline.metadata))
    .bind(as_json(&tags))
    .bind(as_json(&hashes))
    .bind(i64::try_from(event.size).unwrap_or(i64::MAX))
    .bind(event.payload.as_slice())
    .execute(&mut *connection)
    .await?
    .last_insert_rowid();
    if !event.flags.is_empty() {
        sqlx::query(
            "INSERT INTO event_flag (event_row, flag, result) SELECT $1, value ->> 0, value ->> 1 FROM json_each($2)",
        )
        .bind(row)
        .bind(as_json(&event.flags))
        .execute(connection)
        .await?;
    }
    Ok(())
}

/// JSON text of a value made of texts, lists and maps.
pub(crate) fn as_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("texts, lists and maps with text keys can be written as JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_reads_back_and_foreign_bytes_are_an_error() {
        let json = br#"{"a":[1,2,3],"b":"text"}"#.repeat(100);
        let stored = encode_payload(&json).unwrap();
        assert!(stored.len() < json.len());
        assert_eq!(decode_payload(&stored).unwrap(), json);
        assert!(decode_payload(b"not zstd").is_err());
    }
}
