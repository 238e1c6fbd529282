-- The tracker's records. The columns beside `record` are what the database itself must hold together;
-- `record` is the whole record as JSON.

CREATE TABLE IF NOT EXISTS tracker_api_key (
    key TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    access TEXT NOT NULL CHECK (access IN ('full', 'read'))
);

CREATE TABLE IF NOT EXISTS tracker_sync (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    last_sync_id INTEGER NOT NULL
);
INSERT OR IGNORE INTO tracker_sync (only, last_sync_id) VALUES (1, 0);

CREATE TABLE IF NOT EXISTS tracker_organization (id TEXT PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tracker_user (id TEXT PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tracker_team (id TEXT PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tracker_state (id TEXT PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tracker_label (id TEXT PRIMARY KEY, record TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS tracker_issue (
    id TEXT PRIMARY KEY,
    team_id TEXT NOT NULL REFERENCES tracker_team (id),
    number INTEGER NOT NULL,
    record TEXT NOT NULL,
    UNIQUE (team_id, number)
);

CREATE TABLE IF NOT EXISTS tracker_attachment (
    id TEXT PRIMARY KEY,
    issue_id TEXT NOT NULL REFERENCES tracker_issue (id),
    url TEXT NOT NULL,
    record TEXT NOT NULL,
    UNIQUE (issue_id, url)
);

CREATE TABLE IF NOT EXISTS tracker_comment (
    id TEXT PRIMARY KEY,
    issue_id TEXT NOT NULL REFERENCES tracker_issue (id),
    record TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS tracker_relation (
    id TEXT PRIMARY KEY,
    issue_id TEXT NOT NULL REFERENCES tracker_issue (id),
    related_id TEXT NOT NULL REFERENCES tracker_issue (id),
    record TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS tracker_history (
    id TEXT PRIMARY KEY,
    issue_id TEXT NOT NULL REFERENCES tracker_issue (id),
    record TEXT NOT NULL
);
